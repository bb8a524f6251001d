"""The oracle's values: the VAL table for one field of one person, and what a data field cannot hold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation

from sfdd_declare.model.mapping import ConflictRule, DataFieldType, Direction, FormKind, MappedField, OnBlank


@dataclass(frozen=True)
class Written:
    """What is remembered of our last writes of one field: on which sides it was in the last write, nobody having read
    it since (`unread`), which side altered it, and whether our user was the last to modify the record.
    """

    last: frozenset[str]
    unread: frozenset[str]
    altered: frozenset[str]
    by_us: bool


def echo(
    hash_: Callable[[str | None], str],
    mapped: MappedField,
    s: str | None,
    d: str | None,
    base: tuple[str | None, str | None],
    *,
    written: Written,
) -> str | None:
    """BASE-5: the side whose difference is its own doing, `held` when it is so the second time, None for an edit."""
    if s == d or base[0] is None or base[0] != base[1]:
        return None
    moved = {side for side, value in (("s", s), ("d", d)) if hash_(value) != base[0]}
    if len(moved) != 1:
        return None
    (side,) = moved
    if side not in written.last:
        return None
    if side in written.altered:
        return "held"
    its_own = written.by_us if side == "s" else alters(mapped.form.kind, s, d)
    return side if side in written.unread and its_own else None


def alters(kind: FormKind, ours: str | None, theirs: str | None) -> bool:
    """Whether Dotdigital could have made the one of the other: re-cased, cut at a limit, rounded."""
    if ours is None or theirs is None:
        return False
    if kind in (FormKind.TEXT, FormKind.SET):
        is_cut = len(theirs) >= 100 and ours.lower().startswith(theirs.lower())
        return ours.lower() == theirs.lower() or is_cut
    if kind is FormKind.DECIMAL:
        try:
            left, right = Decimal(ours), Decimal(theirs)
        except InvalidOperation:
            return False
        places, before = (len(text.partition(".")[2]) for text in (theirs, ours))
        return places < before and 2 * abs(left - right) <= Decimal(1).scaleb(-places)
    return kind is FormKind.DATETIME and theirs in (f"{ours[:16]}:00Z", f"{ours[:10]}T00:00:00Z")


def val(
    hash_: Callable[[str | None], str],
    mapped: MappedField,
    s: str | None,
    d: str | None,
    base: tuple[str | None, str | None],
    *,
    is_first: bool,
) -> tuple[str | None, str, str | None, str | None]:
    """The VAL table: (side to write, rule, next base of Salesforce, next base of Dotdigital); None = stays."""
    mapping = mapped.mapping
    base_s, base_d = base
    now_s, now_d = hash_(s), hash_(d)
    s_moved = s is not None if base_s is None else now_s != base_s
    d_moved = d is not None if base_d is None else now_d != base_d
    propagate = mapping.on_blank is OnBlank.PROPAGATE
    can_be_blank = {
        "d": mapped.data_field_type is not DataFieldType.BOOLEAN,
        "s": mapped.nillable and mapped.salesforce_type != "boolean",
    }

    def write(side: str | None, rule: str) -> tuple[str | None, str, str | None, str | None]:
        if side is None:
            return None, rule, None, None
        value = now_s if side == "d" else now_d
        return side, rule, value, value

    def keep(side: str, rule: str) -> tuple[str | None, str, str | None, str | None]:
        return None, rule, now_s if side == "s" else None, now_d if side == "d" else None

    if s == d:
        return None, "VAL-1", now_s, now_d
    if mapping.direction is not Direction.TWO_WAY:
        source, target = ("s", "d") if mapping.direction is Direction.SALESFORCE_TO_DOTDIGITAL else ("d", "s")
        value, before = (s, base_s) if source == "s" else (d, base_d)
        if not s_moved and not d_moved:
            return None, "VAL-2", None, None
        if value is not None:
            return write(target, "VAL-3")
        if before is not None and before != hash_(None) and propagate and can_be_blank[target]:
            return write(target, "VAL-4")
        return keep(source, "VAL-5")
    loser = {ConflictRule.SALESFORCE: "d", ConflictRule.DOTDIGITAL: "s"}.get(mapping.conflict)
    blank_side = "s" if s is None else "d"
    if base_s is not None and base_d is not None:
        if s_moved != d_moved:
            mover, other = ("s", "d") if s_moved else ("d", "s")
            if (s if mover == "s" else d) is not None:
                return write(other, "VAL-6")
            return write(other, "VAL-7") if propagate and can_be_blank[other] else keep(mover, "VAL-7")
        if s_moved and (s is None or d is None):
            return write(blank_side, "VAL-8")
        return write(loser, "VAL-9") if s_moved else (None, "VAL-10", None, None)
    if s is None or d is None:
        return write(blank_side, "VAL-11")
    return write(None if is_first else loser, "VAL-12")


def misfit(kind: DataFieldType, form: str | None, raw: str | None) -> str | None:
    """VAL-23: why a data field of this type cannot hold the value."""
    if form is None:
        return None
    if kind is DataFieldType.NUMERIC:
        whole, _, fraction = form.lstrip("-").partition(".")
        if not whole.isdecimal() or ("." in form and not fraction.isdecimal()):
            return "not_a_number"
        return "too_many_digits" if len(whole) > 18 or len(fraction) > 9 else None
    if kind is DataFieldType.DATE:
        shapes = ("%Y-%m-%d", "%Y-%m-%dT%H:%M:%SZ")
        return None if any(_reads(form, shape) for shape in shapes) else "not_a_date"
    if kind is DataFieldType.BOOLEAN:
        return None if form in ("true", "false") else "not_a_boolean"
    return "text_too_long" if len(raw or "") > 1000 else None


def _reads(text: str, shape: str) -> bool:
    try:
        return datetime.strptime(text, shape).strftime(shape) == text
    except ValueError:
        return False
