"""The oracle's values: the VAL table for one field of one person, and what its target cannot hold."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal, InvalidOperation

from sfdd_declare.model.mapping import ConflictRule, DataFieldType, Direction, Flow, FormKind, MappedField, OnBlank

#: What the base holds of two filled values that differed on the first run, and that nobody has decided about.
HELD = "f" * 16
AS_FORM = (FormKind.DECIMAL, FormKind.DATE, FormKind.DATETIME, FormKind.BOOL, FormKind.SET)

Base = tuple[str | None, str | None]
Result = tuple[str | None, str, str | None, str | None]


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


def settle(
    hash_: Callable[[str | None], str],
    mapped: MappedField,
    s: str | None,
    d: str | None,
    base: Base,
    *,
    is_first: bool,
    accepts: bool,
) -> Result:
    """One field of one person, with what the first run held (RUN-1) and an old direction owes (BASE-7)."""
    was_held = HELD in base
    if was_held or mapped.renewed or mapped.retyped:
        base = (None, None)
    holds = (is_first or was_held or bool(mapped.retyped)) and not accepts
    now = mapped.mapping.flow
    if is_cut(mapped, s):
        now = replace(now, direction=Direction.SALESFORCE_TO_DOTDIGITAL)
    if mapped.before is not None and None not in base:
        then = replace(mapped.before, direction=now.direction) if is_cut(mapped, s) else mapped.before
        owed = val(hash_, mapped, then, s, d, base=base, holds=holds)
        source_moved = {"d": hash_(s) != base[0], "s": hash_(d) != base[1], None: False}[owed[0]]
        if source_moved:
            return owed[0], "BASE-7", owed[2], owed[3]
    return val(hash_, mapped, now, s, d, base=base, holds=holds)


def is_cut(mapped: MappedField, s: str | None) -> bool:
    """VAL-22: declared lossy, and longer than a data field can be."""
    return mapped.mapping.lossy and len(s or "") > 1000


def val(
    hash_: Callable[[str | None], str],
    mapped: MappedField,
    mapping: Flow,
    s: str | None,
    d: str | None,
    *,
    base: Base,
    holds: bool,
) -> Result:
    """The VAL table: (side to write, rule, next base of Salesforce, next base of Dotdigital); None = stays."""
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
    return (None, "VAL-12", HELD, HELD) if holds else write(loser, "VAL-12")


def sent_to_salesforce(mapped: MappedField, form: str | None, raw: str | None) -> str | None:
    """What is written for a value that was read in Dotdigital."""
    return form if mapped.form.kind in AS_FORM or raw is None else raw.strip()


def misfit_there(mapped: MappedField, form: str | None, sent: str | None) -> str | None:
    """VAL-23: why the Salesforce field cannot hold the value."""
    if form is None or sent is None:
        return None
    kind = mapped.form.kind
    if kind is FormKind.DECIMAL:
        return _misfit_number(mapped, form)
    if kind in (FormKind.DATE, FormKind.DATETIME):
        if misfit(DataFieldType.DATE, form, form):
            return "not_a_date"
        return None if 1700 <= int(form[:4]) <= 4000 else "date_out_of_range"
    if kind is FormKind.BOOL:
        return None if form in ("true", "false") else "not_a_boolean"
    if len(sent) > mapped.salesforce_length:
        return "text_too_long"
    parts = form.split(";") if kind is FormKind.SET else [form]
    if mapped.restricted and not all(part in mapped.choices for part in parts):
        return "not_in_picklist"
    return "invalid_email" if mapped.salesforce_type == "email" and not is_address(form) else None


def is_address(text: str) -> bool:
    """What Salesforce takes as an email address."""
    return re.fullmatch(r"[^@\s,;<>()\"\\]+@[^@\s,;<>()\"\\.]+(\.[^@\s,;<>()\"\\.]+)+", text) is not None


def _misfit_number(mapped: MappedField, form: str) -> str | None:
    whole, _, fraction = form.lstrip("-").partition(".")
    if not whole.isdecimal() or ("." in form and not fraction.isdecimal()):
        return "not_a_number"
    is_beyond = mapped.salesforce_type == "int" and (fraction != "" or abs(int(form)) > 2**31 - 1)
    return "too_many_digits" if is_beyond or len(whole) > (mapped.salesforce_digits or 99) else None


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
        return None if any(reads(form, shape) for shape in shapes) else "not_a_date"
    if kind is DataFieldType.BOOLEAN:
        return None if form in ("true", "false") else "not_a_boolean"
    return "text_too_long" if len(raw or "") > 1000 else None


def reads(text: str, shape: str) -> bool:
    """Whether the text is a moment in exactly this shape."""
    try:
        return datetime.strptime(text, shape).strftime(shape) == text
    except ValueError:
        return False
