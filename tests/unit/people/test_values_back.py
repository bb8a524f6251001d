"""Values towards Salesforce: what is written for each type, what is refused, and what the base remembers of it."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from sfdd_declare.model.mapping import (
    ConflictRule,
    DataFieldType,
    Direction,
    Flow,
    Form,
    FormKind,
    MappedField,
    OnBlank,
)
from sfdd_declare.people.columns import HELD
from tests.unit.people.worlds import CONTACT, LEAD, Decision, World, a_field, a_set, a_world, decided, h

BACK, BOTH = Direction.DOTDIGITAL_TO_SALESFORCE, Direction.TWO_WAY
NUMERIC, DATE, BOOLEAN = DataFieldType.NUMERIC, DataFieldType.DATE, DataFieldType.BOOLEAN
BEYOND = ("2147483648", "2147483648")
SET, MOMENT = Form(FormKind.SET), Form(FormKind.DATETIME)


def back(name: str, kind: DataFieldType = DataFieldType.STRING, type: str = "string", **more: Any) -> MappedField:
    extra = {key: more.pop(key) for key in ("salesforce_length", "salesforce_digits", "restricted") if key in more}
    return replace(a_field(0, name, kind=kind, direction=BACK, salesforce_type=type, **more), **extra)


#: field, value in Dotdigital (form, raw) -> what is written, or the code of the problem
CASES: dict[str, tuple[MappedField, tuple[str, str], str]] = {
    "text is trimmed": (back("TEXT"), ("a b", "  a b "), "a b"),
    "text that is too long": (back("SHORT", salesforce_length=3), ("abcd", "abcd"), "!text_too_long"),
    "text that just fits": (back("FITS", salesforce_length=4), ("abcd", "abcd"), "abcd"),
    "a number has the digits of its form": (back("SIZE", NUMERIC, "currency"), ("1.5", "1.500"), "1.5"),
    "no number": (back("NAN", NUMERIC, "double"), ("n/a", "n/a"), "!not_a_number"),
    "number out of range": (back("MANY", NUMERIC, "double", salesforce_digits=3), ("1000", "1000"), "!too_many_digits"),
    "negative number in range": (back("LESS", NUMERIC, "double", salesforce_digits=3), ("-999", "-999"), "-999"),
    "largest int": (back("INT", NUMERIC, "int", salesforce_digits=10), ("2147483647", "2147483647"), "2147483647"),
    "beyond int": (
        back("INTS", NUMERIC, "int", salesforce_digits=10),
        ("2147483648", "2147483648"),
        "!too_many_digits",
    ),
    "a date loses its time": (back("DAY", DATE, "date"), ("2026-03-01", "2026-03-01T00:00:00Z"), "2026-03-01"),
    "a moment is UTC": (
        *(back("MOMENT", DATE, "datetime", form=MOMENT), ("2026-03-01T09:00:00Z", "2026-03-01T10:00:00+01:00")),
        "2026-03-01T09:00:00Z",
    ),
    "no date": (back("SOON", DATE, "date"), ("soon", "soon"), "!not_a_date"),
    "no such day": (back("FEB", DATE, "date"), ("2026-02-31", "2026-02-31"), "!not_a_date"),
    "before Salesforce's time": (back("OLD", DATE, "date"), ("1600-01-01", "1600-01-01"), "!date_out_of_range"),
    "boolean": (back("VIP", BOOLEAN, "boolean"), ("false", "False"), "false"),
    "no boolean": (back("MAYBE", BOOLEAN, "boolean"), ("maybe", "maybe"), "!not_a_boolean"),
    "restricted picklist": (back("STAGE", choices=("Hot", "Cold")), ("Hot", "Hot"), "Hot"),
    "not in the restricted picklist": (back("STAGES", choices=("Hot", "Cold")), ("hot", "hot"), "!not_in_picklist"),
    "an open picklist takes anything": (
        *(back("OPEN", choices=("Hot", "Cold"), restricted=False), ("Tepid", "Tepid")),
        "Tepid",
    ),
    "multi-picklist as a set": (
        *(back("TAGS", form=SET, choices=("A", "B.", "C|")), ("A;B.;C|", "C|; B.;A")),
        "A;B.;C|",
    ),
    "one part is not in it": (back("BAD", form=SET, choices=("A", "B.")), ("A;Bx", "A;Bx"), "!not_in_picklist"),
    "address": (back("MAIL", type="email"), ("a@b.co", "a@b.co"), "a@b.co"),
    "no address": (back("NOMAIL", type="email"), ("a@b", "a@b"), "!invalid_email"),
}


@cache
def written() -> Decision:
    fields = [replace(field, index=i) for i, (field, *_) in enumerate(CASES.values())]
    world = a_world(*fields, leads=False)
    world.record("0031", "ada@x.com")
    world.member("0031")
    world.contact(1, "ada@x.com", *(form for _, (form, _), _ in CASES.values()))
    world.rows["contacts.main"][-1] |= {f"r{i}": raw for i, (_, (_, raw), _) in enumerate(CASES.values())}
    return decided(world)


@pytest.mark.parametrize("name", CASES)
def test_VAL_23_every_type_is_written_as_it_takes_it_or_refused_by_name(name: str) -> None:
    field, _, expected = CASES[name]
    [row] = written().rows(field=field.mapping.salesforce_field)
    assert (f"!{row['decision']}" if row["aspect"] == "problem" else row["new"]) == expected
    assert row["reason"] == ("VAL-23" if expected.startswith("!") else "VAL-3")


def one_person(field: MappedField, s: str | None, d: str | None, *base: str | None) -> World:
    world = a_world(field, leads=False)
    world.record("0031", "ada@x.com", s)
    world.member("0031")
    world.contact(1, "ada@x.com", d)
    if base:
        world.pair("0031", 1, "ada@x.com", base[0], dotdigital=base[1:] or None)
    return world


def values(decision: Decision) -> list[tuple[Any, ...]]:
    return [(r["operation"], r["old"], r["new"], r["reason"]) for r in decision.rows(aspect="value")]


def test_VAL_21_a_required_field_is_never_blanked() -> None:
    field = replace(a_field(0, direction=BACK), nillable=False)
    assert values(decided(one_person(field, "a", None, "a"))) == []


def test_VAL_22_a_text_that_is_cut_only_goes_towards_dotdigital_and_is_settled_as_it_was_cut() -> None:
    field, text = a_field(0, direction=BOTH, lossy=True), "x" * 999 + " y" + "z" * 500
    [row] = decided(one_person(field, text, None)).rows(aspect="value")
    assert (row["new"], row["expect_s"], row["expect_d"]) == ("x" * 999, h(text), h("x" * 999))
    assert values(decided(one_person(field, text, "x" * 999, text, "x" * 999))) == []
    edited = decided(one_person(field, text, "edited", text, "x" * 999))
    assert values(edited) == [("import:main", "edited", "x" * 999, "VAL-3")]


def test_a_data_field_that_is_made_anew_blanks_nothing() -> None:
    field = replace(a_field(0, direction=BOTH, on_blank=OnBlank.PROPAGATE), renewed=True)
    assert values(decided(one_person(field, "a", None, "a"))) == [("import:main", None, "a", "VAL-11")]


def test_RUN_1_a_conflict_of_the_first_run_is_remembered_as_held_and_is_no_base() -> None:
    world = one_person(a_field(0, direction=BOTH), "a", "b")
    world.rules(first_run=(CONTACT,))
    first = decided(world)
    [move] = first.moved(aspect="value")
    assert (move["decision"], move["expect_s"], move["expect_d"]) == ("held", HELD, HELD)
    assert first.held() == {"conflicts held since the first sync": 1}


@pytest.mark.parametrize(
    ("s", "d", "accepts", "expected"),
    [
        ("a", "b", False, []),
        ("new", "b", False, []),
        ("a", "b", True, [("import:main", "b", "a", "VAL-12")]),
        (None, "b", False, [("update_records:main", None, "b", "VAL-11")]),
        ("b", "b", False, []),
    ],
)
def test_RUN_1_what_is_held_waits_in_every_later_run(
    s: str | None, d: str, accepts: bool, expected: list[tuple[Any, ...]]
) -> None:
    world = one_person(a_field(0, direction=BOTH), s, d, "a")
    world.rows["base.main.contact"][-1] |= {"bs0": HELD, "bd0": HELD}
    world.accept_first_sync = accepts
    found = decided(world)
    assert values(found) == expected
    assert found.held().get("conflicts held since the first sync", 0) == int(s not in (None, d) and not accepts)
    assert [move["expect_s"] for move in found.moved(aspect="value")] == ([h("b")] if s == d else [])


def test_BASE_7_what_the_old_direction_owed_goes_first_and_only_that() -> None:
    old = Flow(Direction.SALESFORCE_TO_DOTDIGITAL, ConflictRule.SALESFORCE, OnBlank.PROPAGATE)
    field = a_field(0, direction=BACK, before=old)
    assert values(decided(one_person(field, "b", "a", "a"))) == [("import:main", "a", "b", "BASE-7")]
    assert values(decided(one_person(field, "a", "b", "a"))) == [("update_records:main", "a", "b", "VAL-3")]
    assert values(decided(one_person(field, "a", "b"))) == [("update_records:main", "a", "b", "VAL-3")]


def test_BASE_1_a_new_writer_inherits_the_base_of_the_contact() -> None:
    world = a_world(a_field(0, "TITLE"))
    world.rules(sets=(a_set(a_field(0, "OTHER"), a_field(1, "TITLE")), a_set(a_field(0, "TITLE"), record_type=LEAD)))
    world.record("00Q1", "ada@x.com", "Countess", record_type=LEAD)
    world.pair("00Q1", 1, "ada@x.com", "Countess", record_type=LEAD)
    world.record("0031", "ada@x.com", None, None)
    world.member("0031")
    world.contact(1, "ada@x.com", None, "Countess")
    found = decided(world)
    assert values(found) == [("import:main", "Countess", None, "VAL-4")]


def test_BASE_1_an_inherited_base_that_decides_nothing_is_kept_for_the_new_writer() -> None:
    world = a_world(a_field(0, "TITLE"))
    world.record("00Q1", "ada@x.com", "a", record_type=LEAD)
    world.pair("00Q1", 1, "ada@x.com", "a", record_type=LEAD, dotdigital=("A",))
    world.record("0031", "ada@x.com", "a")
    world.member("0031")
    world.contact(1, "ada@x.com", "A")
    found = decided(world)
    assert values(found) == []
    [move] = found.moved(aspect="value")
    assert (move["sf_id"], move["expect_s"], move["expect_d"]) == ("0031", h("a"), h("A"))


def test_conflicts_are_counted_by_who_won() -> None:
    fields = [a_field(i, direction=BOTH, conflict=rule) for i, rule in enumerate(ConflictRule)]
    world = a_world(*fields, leads=False)
    world.record("0031", "ada@x.com", "s", "s", "s")
    world.member("0031")
    world.contact(1, "ada@x.com", "d", "d", "d")
    world.pair("0031", 1, "ada@x.com", "b", "b", "b")
    found = decided(world)
    counts = [(c.salesforce_won, c.dotdigital_won, c.conflicts_held) for c in found.answer.people.fields]
    assert counts == [(1, 0, 0), (0, 1, 0), (0, 0, 1)]
    assert (found.answer.people.totals.conflicts, found.held()["conflicts held"]) == (1, 1)
    assert found.answer.overwrites == (("main", 1),)
