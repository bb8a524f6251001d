"""The table of limits that judge a plan, and how each is compared: what is stricter, of a base and a proposal.

A row says which of two values is the stricter one. A limit is loosened when the stricter one is not what is proposed:
so what cannot be compared counts as loosened. What is no limit (`removals`, `consent`, directions, `on_delete`) is not
here: it says what is to be done, is shown as such, and is judged by these.

| Limit | Stricter |
|---|---|
| `max_overwrites`, `max_removals`, `plan_tolerance` | the smaller; of a share and a number both hold; 0 is 0% |
| `max_new_records` | the smaller |
| `protect` | what either protects |
| `prevent_destroy` | true |
| `ignore_changes` | what both ignore: everything else is looked at |
| `on_destroy` | `forget` |
| `daily_call_budget` | the smaller; without one nothing is stricter |
| `double_opt_in` | not declared, which holds every creation; then `enforced`, which asks once; then `not_enforced` |
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Generic, Protocol, TypeVar

from sfdd_declare.model.declared import Account, DoubleOptIn, Guards, Lifecycle, Limit, OnDestroy, Salesforce
from sfdd_declare.model.loosened import Loosened

T = TypeVar("T")
V = TypeVar("V")
N = TypeVar("N", int, float)

PROTECT = "guards.protect"
PREVENT_DESTROY, IGNORE_CHANGES = "lifecycle.prevent_destroy", "lifecycle.ignore_changes"

#: How each looser word follows the stricter one.
_DOUBLE_OPT_IN = (None, DoubleOptIn.ENFORCED, DoubleOptIn.NOT_ENFORCED)
_ON_DESTROY = (OnDestroy.FORGET, OnDestroy.DELETE)


class Row(Protocol[T]):
    """One limit of a value that holds several."""

    @property
    def key(self) -> str: ...

    def judge(self, base: T, proposed: T) -> tuple[T, tuple[Loosened, ...]]:
        """The proposed value with the limit that judges in it, and what was loosened."""
        ...


@dataclass(frozen=True, slots=True)
class One(Generic[T, V]):
    """A limit that is one value. `stricter` takes the base's first; what is as strict as that is left as proposed."""

    key: str
    read: Callable[[T], V]
    write: Callable[[T, V], T]
    stricter: Callable[[V, V], V]
    words: Callable[[V], str] = str

    def judge(self, base: T, proposed: T) -> tuple[T, tuple[Loosened, ...]]:
        before, after = self.read(base), self.read(proposed)
        judged = self.stricter(before, after)
        if judged == after:
            return proposed, ()
        said = (self.words(before), self.words(after), self.words(judged))
        return self.write(proposed, judged), (Loosened("", self.key, *said),)


@dataclass(frozen=True, slots=True)
class Protect:
    """`protect`, of which each address is a limit."""

    key: str = PROTECT

    def judge(self, base: Guards, proposed: Guards) -> tuple[Guards, tuple[Loosened, ...]]:
        lost = tuple(dict.fromkeys(one for one in base.protect if one not in proposed.protect))
        said = tuple(Loosened(str(one), self.key, "true", "false", "true") for one in lost)
        return (replace(proposed, protect=(*proposed.protect, *lost)) if lost else proposed), said


def share(base: Limit, proposed: Limit) -> Limit:
    """Of a share and a number neither is stricter for any number of people: both hold."""
    if _is_zero(proposed):
        return proposed
    if _is_zero(base):
        return base
    both = Limit(smaller(base.percent, proposed.percent), smaller(base.count, proposed.count))
    return proposed if both == proposed else both


def smaller(base: N | None, proposed: N | None) -> N | None:
    """Of two numbers; None is no limit at all."""
    if base is None or proposed is None:
        return proposed if base is None else base
    return min(base, proposed)


def _is_zero(limit: Limit) -> bool:
    return 0 in (limit.percent, limit.count)


def _fewer(base: int | None, proposed: int | None) -> int | None:
    return smaller(base, proposed)


def _calls(salesforce: Salesforce) -> int | None:
    return salesforce.daily_call_budget


def _by_rank(ranks: tuple[V, ...]) -> Callable[[V, V], V]:
    return lambda base, proposed: min(proposed, base, key=ranks.index)


def _both(base: tuple[str, ...], proposed: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for name in proposed if name in base)


def _yes_no(value: bool) -> str:
    return str(value).lower()


def _names(names: Iterable[str]) -> str:
    return ", ".join(names) or "none"


GUARDS: tuple[Row[Guards], ...] = (
    One("guards.max_overwrites", lambda g: g.max_overwrites, lambda g, v: replace(g, max_overwrites=v), share),
    One("guards.max_removals", lambda g: g.max_removals, lambda g, v: replace(g, max_removals=v), share),
    One("guards.max_new_records", lambda g: g.max_new_records, lambda g, v: replace(g, max_new_records=v), min),
    One("guards.plan_tolerance", lambda g: g.plan_tolerance, lambda g, v: replace(g, plan_tolerance=v), share),
    Protect(),
)

LIFECYCLE: tuple[Row[Lifecycle], ...] = (
    One(
        PREVENT_DESTROY,
        lambda rules: rules.prevent_destroy,
        lambda rules, value: replace(rules, prevent_destroy=value),
        lambda base, proposed: base or proposed,
        _yes_no,
    ),
    One(
        IGNORE_CHANGES,
        lambda rules: rules.ignore_changes,
        lambda rules, value: replace(rules, ignore_changes=value),
        _both,
        _names,
    ),
    One(
        "on_destroy",
        lambda rules: rules.on_destroy,
        lambda rules, value: replace(rules, on_destroy=value),
        _by_rank(_ON_DESTROY),
    ),
)

ACCOUNT: tuple[Row[Account], ...] = (
    One(
        "double_opt_in",
        lambda account: account.double_opt_in,
        lambda account, value: replace(account, double_opt_in=value),
        _by_rank(_DOUBLE_OPT_IN),
        lambda value: "not declared" if value is None else value.value,
    ),
)

SALESFORCE: tuple[Row[Salesforce], ...] = (
    One(
        "salesforce.daily_call_budget",
        _calls,
        lambda salesforce, value: replace(salesforce, daily_call_budget=value),
        _fewer,
        lambda value: "no limit" if value is None else str(value),
    ),
)


def judge(rows: Iterable[Row[T]], base: T, proposed: T, address: str = "") -> tuple[T, tuple[Loosened, ...]]:
    """The proposed value with the stricter of both limits in each row, and every limit that was loosened."""
    found: list[Loosened] = []
    for row in rows:
        proposed, loosened = row.judge(base, proposed)
        found += (replace(one, address=one.address or address) for one in loosened)
    return proposed, tuple(found)
