"""What a check of the configuration found, as code hosts show it: each at a place in the repository."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from sfdd_declare.model.errors import DeclareError


class Level(StrEnum):
    """How bad it is. An error ends every command; a note says what this version leaves out."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Finding:
    """One problem. Texts may repeat names of the configuration, which a stranger may have chosen."""

    rule: str
    """Id of the error or warning."""
    level: Level
    summary: str
    hint: str
    file: str
    """From the root of the repository, with forward slashes."""
    line: int
    """Counts from 1; 1 where it is about a whole file."""
    col: int
    """Counts from 1, in characters."""
    subject: tuple[str, ...]
    """The keys that lead to what it is about: the same wherever that stands in the file. Never shown, only digested."""


@dataclass(frozen=True, slots=True)
class Findings:
    """Everything that one check found, in the order of the places."""

    found: tuple[Finding, ...]
    scope: tuple[str, ...] = ()
    """What was checked: folder and environment, where they are not the usual ones."""
    error: DeclareError | None = None
    """What ends the command."""
