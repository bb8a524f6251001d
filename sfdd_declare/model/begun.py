"""Probes that have begun: remembered before they make anything, and forgotten once all of it is removed.

Every name of a throw-away thing follows from the probe's token. So one that was killed leaves nothing that the next
one could not find.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import chain

BEGUN = "probing:"


@dataclass(frozen=True, slots=True)
class Begun:
    """A probe on one account, or on the org. `of` is the vendor's own id of it, `domain` where the contacts are."""

    account: str  # a key; empty for the org
    token: str
    domain: str
    at: str  # ISO, UTC
    of: str


def begun(marks: Mapping[str, str]) -> tuple[Begun, ...]:
    """Those that the marks hold, the oldest of each account first; what cannot be read is none."""
    held = ((mark.removeprefix(BEGUN), text) for mark, text in marks.items() if mark.startswith(BEGUN))
    return tuple(chain.from_iterable(_read(account, text) for account, text in held))


def marks_of(every: Iterable[Begun], accounts: Iterable[str]) -> dict[str, str]:
    """How the state keeps them: a mark for each of the accounts, of which one without a probe is empty."""
    texts: dict[str, list[str]] = {key: [] for key in accounts}
    for one in every:
        texts.setdefault(one.account, []).append("|".join((one.token, one.domain, one.at, one.of)))
    return {f"{BEGUN}{key}": ";".join(each) for key, each in texts.items()}


def _read(account: str, text: str) -> tuple[Begun, ...]:
    parts = (one.split("|") for one in text.split(";"))
    return tuple(Begun(account, *each) for each in parts if len(each) == len(("token", "domain", "at", "of")))
