"""The three-way comparison of one thing's attributes: desired, base (as last applied) and live (design: set-up)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sfdd_declare.model.operation import Cause, FieldChange
from sfdd_declare.model.state import Scalar


@dataclass(frozen=True, slots=True)
class Difference:
    """Changed attributes in declared order, how many managed ones are in step, and which drifted but are ignored."""

    changes: tuple[FieldChange, ...]
    unchanged: int
    ignored: tuple[str, ...] = ()

    @property
    def is_drift(self) -> bool:
        """Everything that differs was changed by hand."""
        return bool(self.changes) and all(change.cause is Cause.DRIFT for change in self.changes)


def cause_of(want: Scalar, base: Scalar, live: Scalar, *, known: bool) -> Cause:
    """Why `want` and `live` differ. Without a base the configuration is taken to be what is new."""
    if not known or same(base, live):
        return Cause.CONFIG
    return Cause.DRIFT if same(base, want) else Cause.BOTH


def same(left: Scalar, right: Scalar) -> bool:
    """Equality of attributes: blank text and null are one thing, and so are line ends; white space around a text does
    not count, because not every vendor keeps it; numbers compare as numbers.
    """
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, int | float) and isinstance(right, int | float):
        return float(left) == float(right)
    return _plain(left) == _plain(right)


def _plain(value: Scalar) -> Scalar:
    return value.replace("\r\n", "\n").strip() or None if isinstance(value, str) else value


def compare(
    want: Mapping[str, Scalar],
    base: Mapping[str, Scalar],
    live: Mapping[str, Scalar],
    *,
    ignore: Collection[str] = (),
) -> Difference:
    """Compare what is managed. An ignored attribute that drifted is left as it is live."""
    changes: list[FieldChange] = []
    ignored: list[str] = []
    unchanged = 0
    for name, value in want.items():
        if same(value, live.get(name)):
            unchanged += 1
            continue
        cause = cause_of(value, base.get(name), live.get(name), known=name in base)
        if name in ignore and cause is not Cause.CONFIG:
            ignored.append(name)
            continue
        changes.append(FieldChange(name, live.get(name), value, cause=cause, known=not _is_reference(value)))
    return Difference(tuple(changes), unchanged, tuple(ignored))


def created(want: Mapping[str, Scalar]) -> tuple[FieldChange, ...]:
    """The attributes of a thing that does not exist yet; references to other new things are known after apply."""
    return tuple(FieldChange(name, None, value, known=not _is_reference(value)) for name, value in want.items())


def _is_reference(value: Scalar) -> bool:
    return isinstance(value, str) and value.startswith(("@campaign.", "@address_book."))
