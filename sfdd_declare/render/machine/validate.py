"""A valid configuration as a document; a wrong one is an error's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sfdd_declare.model.declared import Desired
from sfdd_declare.render.machine.document import FORMAT_VERSION, LeftOut, Shape, left_out


@dataclass(frozen=True, slots=True)
class Declared(Shape):
    """How many things the configuration declares."""

    accounts: int
    campaigns: int
    address_books: int
    data_fields: int
    field_mappings: int
    links: int


@dataclass(frozen=True, slots=True)
class ValidateDocument(Shape):
    """What a valid configuration declares: `sfdd validate --json`."""

    format_version: str
    """`1.0`. Names may be added in 1.1; readers ignore those they do not know, and refuse 2.0."""
    kind: Literal["validate"]
    valid: Literal[True]
    """A configuration that is not valid gives a document of the kind `error`."""
    config_digest: str
    """Digest of the configuration, secrets left out."""
    declared: Declared
    warnings: tuple[str, ...]
    not_applied: tuple[LeftOut, ...]
    """Declared, but not carried out by this version."""


def validate_document(desired: Desired) -> ValidateDocument:
    declared = Declared(
        accounts=len(desired.accounts),
        campaigns=len(desired.campaigns),
        address_books=len(desired.address_books),
        data_fields=len(desired.data_fields),
        field_mappings=len(desired.mappings),
        links=len(desired.links),
    )
    left = left_out(desired.not_applied)
    return ValidateDocument(FORMAT_VERSION, "validate", True, desired.digest, declared, desired.warnings, left)
