"""Addresses: the stable names of declared things, as written in YAML and printed in plans.

`campaign.spring_launch`, `address_book.newsletter`, `data_field.main.JOB_TITLE`,
`field_mapping.main.contacts.FirstName`, `link.spring_launch.newsletter`, `account.main`, `registry.salesforce`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """The kinds of things that have an address."""

    ACCOUNT = "account"
    REGISTRY = "registry"
    CAMPAIGN = "campaign"
    ADDRESS_BOOK = "address_book"
    DATA_FIELD = "data_field"
    FIELD_MAPPING = "field_mapping"
    LINK = "link"


@dataclass(frozen=True, slots=True, order=True)
class Address:
    """One declared thing. `parts` are the YAML keys that lead to it."""

    kind: Kind
    parts: tuple[str, ...]

    def __str__(self) -> str:
        return ".".join((self.kind.value, *self.parts))

    @classmethod
    def parse(cls, text: str) -> Address:
        """Read the printed form; raises ValueError when the kind is unknown or a part is empty."""
        kind, *parts = text.split(".")
        if not parts or not all(parts):
            raise ValueError(text)
        return cls(Kind(kind), tuple(parts))


def campaign(key: str) -> Address:
    return Address(Kind.CAMPAIGN, (key,))


def address_book(key: str) -> Address:
    return Address(Kind.ADDRESS_BOOK, (key,))


def data_field(account: str, name: str) -> Address:
    return Address(Kind.DATA_FIELD, (account, name))


def field_mapping(account: str, section: str, salesforce_field: str) -> Address:
    return Address(Kind.FIELD_MAPPING, (account, section, *salesforce_field.split(".")))


def link(campaign_key: str, book_key: str) -> Address:
    return Address(Kind.LINK, (campaign_key, book_key))


def account(key: str) -> Address:
    return Address(Kind.ACCOUNT, (key,))


REGISTRY = Address(Kind.REGISTRY, ("salesforce",))
