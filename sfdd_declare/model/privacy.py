"""Field classes and masking: personal data is masked when a value is built, and in clear only for who asked for it.

Every value of a person's field is personal. Where a value is kept in clear until it is shown it is a Personal, whose
`str()` and `repr()` are masked, so that a log line or an exception cannot show it by accident; `reveal()` is called by
the terminal renderer alone, on a TTY, on request.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Sort(StrEnum):
    """What a personal value is, as far as masking cares."""

    EMAIL = "email"
    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    FLAG = "flag"  # booleans are shown
    CHOICE = "choice"  # active picklist values are shown


DOTS = "•••"


def mask(text: str | None, sort: Sort) -> str | None:
    """The masked form: `a•••@example.com`, first character + `•••`, `•••`; flags, choices and blanks are unchanged."""
    if text is None or text == "" or sort in (Sort.FLAG, Sort.CHOICE):
        return text
    if sort is Sort.EMAIL:
        local, at, domain = text.rpartition("@")
        return f"{local[:1]}{DOTS}@{domain}" if at else text[:1] + DOTS
    if sort is Sort.TEXT:
        return text[:1] + DOTS
    return DOTS


@dataclass(frozen=True, slots=True)
class Personal:
    """One personal value."""

    value: str | None
    sort: Sort = Sort.TEXT

    def __str__(self) -> str:
        return mask(self.value, self.sort) or ""

    def __repr__(self) -> str:
        return f"Personal({self})"

    def reveal(self) -> str | None:
        return self.value
