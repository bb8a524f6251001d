"""What is assumed of the vendors (RUN-7): the cautious value, unless `sfdd probe` found another one where it matters.

What was found is kept in marks of the state, each with its date and the id of the account or org it was found on. It
counts there alone: the same key may lead to another account by now.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from sfdd_declare.model.begun import Begun
from sfdd_declare.model.rules import ASSUMPTIONS, Assumption

PROBED = "probed"
_BY_NAME: Mapping[str, Assumption] = {one.name: one for one in ASSUMPTIONS}


@dataclass(frozen=True, slots=True)
class Found:
    """One answer of a vendor. `account` is a key, empty for the org; `of` is the vendor's own id of either.

    Without a value it is an answer that proved nothing, and takes the place of an earlier one.
    """

    name: str
    account: str
    value: str
    at: str  # ISO, UTC
    of: str

    @property
    def mark(self) -> tuple[str, str]:
        """How the state keeps it."""
        return f"{PROBED}:{self.account}:{self.name}", f"{self.value}|{self.at}|{self.of}"


@dataclass(frozen=True, slots=True)
class Line:
    """An assumption and what is known of it on one account, or on the org. `why`: what kept it from being settled."""

    assumption: Assumption
    account: str
    value: str = ""  # empty: not known
    at: str = ""
    why: str = ""

    @property
    def is_settled(self) -> bool:
        return bool(self.value) and not self.why


@dataclass(frozen=True, slots=True)
class LeftBehind:
    """A throw-away thing that could not be removed, and how to remove it by hand."""

    what: str
    name: str
    id: str  # the vendor's; empty where it is not known
    why: str
    way: str


@dataclass(frozen=True, slots=True)
class Probed:
    """What `sfdd probe` has to say. `calls`: made by it, to (Salesforce, Dotdigital)."""

    lines: tuple[Line, ...]
    left: tuple[LeftBehind, ...] = ()
    calls: tuple[int, int] = (0, 0)
    unfinished: tuple[Begun, ...] = ()  # earlier probes whose things are still there

    @property
    def is_settled(self) -> bool:
        return not self.left and all(line.is_settled for line in self.lines)


@dataclass(frozen=True, slots=True)
class Intent:
    """What a probe is going to make, and where: said before anything is."""

    accounts: tuple[str, ...]
    left_out: tuple[tuple[str, str], ...]  # accounts that are not touched, and why
    of_salesforce: bool
    domain: str
    names: tuple[str, ...]  # of assumptions
    unfinished: tuple[Begun, ...] = ()  # earlier probes whose things are removed as well


@dataclass(frozen=True, slots=True)
class Hands:
    """Whoever runs a probe: does what no call can do, and is told what comes of it."""

    by_hand: Callable[[str], bool]
    """Asks for something to be done in Dotdigital; False when nobody is there, or nobody did it."""
    tell: Callable[[str], None]
    left_behind: Callable[[tuple[LeftBehind, ...]], None]
    """Told however the probe ends."""


def value_of(name: str, marks: Mapping[str, str], *, account: str = "", of: str, unknown: str = "") -> str:
    """The one way to ask: the value found on the account (or org) with the id `of`, else the cautious one.

    `unknown` stands in for the cautious one where a rule of its own says what is done while nobody knows.
    """
    known = next((one for one in found(marks) if (one.name, one.account, one.of) == (name, account, of)), None)
    return known.value if known and known.value else unknown or _BY_NAME[name].cautious


def found(marks: Mapping[str, str]) -> tuple[Found, ...]:
    """Every answer that the marks hold; what cannot be read, or is no value that the assumption can have, is none."""
    answers = []
    for mark, text in marks.items():
        kind, _, rest = mark.partition(":")
        account, _, name = rest.rpartition(":")
        value, _, more = text.partition("|")
        at, _, of = more.partition("|")
        if kind == PROBED and name in _BY_NAME and (not value or _BY_NAME[name].takes(value)):
            answers.append(Found(name, account, value, at, of))
    return tuple(answers)


def lines(
    marks: Mapping[str, str], accounts: Iterable[str], names: Iterable[str] = (), ids: Mapping[str, str] | None = None
) -> tuple[Line, ...]:
    """A line for each assumption on each account, and for those of the org; of `names` alone where there are some.

    `ids`: of accounts and, by the empty key, of the org, where they are known: answers of others are passed over.
    """
    known = {(one.account, one.name): one for one in found(marks) if ids is None or ids.get(one.account) == one.of}
    wanted = tuple(names) or tuple(_BY_NAME)
    every = tuple(accounts)
    shown = []
    for one in ASSUMPTIONS:
        for key in ("",) if one.of_salesforce else every:
            if one.name in wanted:
                answer = known.get((key, one.name))
                shown.append(Line(one, key, answer.value, answer.at) if answer else Line(one, key))
    return tuple(shown)
