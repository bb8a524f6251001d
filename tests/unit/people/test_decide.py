"""The whole walk: values and their problems, moves, counts, samples, order, and what an unchanged world says."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pytest

from sfdd_declare.model.errors import BugError, DeclareError
from sfdd_declare.model.mapping import ConflictRule, DataFieldType, Direction, OnBlank
from sfdd_declare.people.decide import ORDER
from sfdd_declare.people.engine import Engine
from sfdd_declare.people.spool import RunDirectory
from tests.unit.people.worlds import LEAD, Decision, World, a_field, a_set, a_world, decided, h

FIELDS = (
    a_field(0, "NAME"),
    a_field(1, "SIZE", kind=DataFieldType.NUMERIC),
    a_field(2, "SEEN", kind=DataFieldType.DATE),
    a_field(3, "VIP", kind=DataFieldType.BOOLEAN),
    a_field(4, "KEPT", on_blank=OnBlank.KEEP),
    a_field(5, "BOTH", direction=Direction.TWO_WAY, conflict=ConflictRule.SALESFORCE),
    a_field(6, "BACK", direction=Direction.DOTDIGITAL_TO_SALESFORCE),
    a_field(7, "STAGE", choices=("Hot", "Cold")),
)
GOOD = ("Ada", "1.5", "2026-03-01", "true", "k", "b", "c", "Hot")


@cache
def story() -> Decision:
    world = a_world(*FIELDS)
    world.samples = 99
    world.record("003-new", "new@x.com", *GOOD)
    world.record("003-old", "old@x.com", *GOOD)
    world.contact(1, "old@x.com", "Eve", None, "2026-03-01", "false", "k", "other", "other", "Lukewarm")
    world.pair("003-old", 1, "old@x.com", "Eve", None, "2026-03-01", "false", "k", "b", "c", "Hot")
    world.record("003-blank", "blank@x.com", None, None, None, "true", None)
    world.contact(2, "blank@x.com", "Eve", "2", None, "true", "k")
    world.pair("003-blank", 2, "blank@x.com", "Eve", None, None, "true", "k")
    world.record("003-bad", "bad@x.com", "x" * 1001, "many", "2026-02-31", "maybe", "fits")
    world.record("003-digits", "digits@x.com", "Bo", "1234567890123456789")
    world.record("003-bad-old", "bad.old@x.com", "Bo", "0.1234567891")
    world.contact(3, "bad.old@x.com", "Al", "1")
    world.record("003-long", "y" * 260 + "@x.com", "Bo")
    for row in world.rows["records.main.contact"]:
        world.member(row["sf_id"])
    return decided(world)


def values(sf_id: str) -> dict[str, tuple[Any, ...]]:
    rows = story().rows(sf_id=sf_id, aspect="value")
    return {row["field"]: (row["decision"], row["old"], row["new"], row["reason"]) for row in rows}


def test_VAL_3_values_are_filled_and_replaced_with_the_base_they_lead_to() -> None:
    assert values("003-old") == {
        "NAME": ("overwrite", "Eve", "Ada", "VAL-3"),
        "SIZE": ("fill", None, "1.5", "VAL-3"),
        "VIP": ("overwrite", "false", "true", "VAL-3"),
        "STAGE": ("overwrite", "Lukewarm", "Hot", "VAL-3"),
        "Both": ("overwrite", "b", "other", "VAL-6"),
        "Back": ("overwrite", "c", "other", "VAL-3"),
    }
    [row] = story().rows(sf_id="003-old", field="NAME")
    assert (row["expect_s"], row["expect_d"], row["contact_id"]) == (h("Ada"), h("Ada"), 1)


def test_VAL_4_VAL_5_a_blank_travels_only_where_it_may() -> None:
    assert values("003-blank") == {"NAME": ("blank", "Eve", None, "VAL-4")}
    kept = {row["field"]: (row["expect_s"], row["expect_d"]) for row in story().moved(sf_id="003-blank")}
    assert kept["Kept"] == (h(None), None)
    assert "Size" not in kept  # its base says so already


def test_VAL_20_a_new_contact_takes_every_value_towards_dotdigital() -> None:
    assert values("003-new") == {
        name: ("fill", None, value, "VAL-20")
        for name, value in zip(
            ("NAME", "SIZE", "SEEN", "VIP", "KEPT", "BOTH", "STAGE"), (*GOOD[:6], GOOD[7]), strict=True
        )
    }


def test_VAL_23_a_value_its_target_cannot_hold_is_a_problem_and_its_neighbours_go() -> None:
    problems = {row["field"]: row["decision"] for row in story().rows(sf_id="003-bad", aspect="problem")}
    assert problems == {
        "NAME": "text_too_long",
        "SIZE": "not_a_number",
        "SEEN": "not_a_date",
        "VIP": "not_a_boolean",
    }
    assert set(values("003-bad")) == {"KEPT"}
    assert [row["decision"] for row in story().rows(sf_id="003-digits", aspect="problem")] == ["too_many_digits"]
    assert set(values("003-bad-old")) == {"NAME"}


def test_VAL_23_an_address_beyond_the_limit_is_named() -> None:
    [row] = story().rows(sf_id="003-long")
    assert (row["aspect"], row["field"], row["decision"]) == ("problem", "email", "email_too_long")


def test_problems_are_no_operation_and_wait_for_a_human() -> None:
    assert {operation for operation, _ in story().answer.operations} == {"import:main", "update_records:main"}
    [held] = [held for held in story().answer.people.held if held.reason == "VAL-23"]
    assert (held.people, held.headline) == (4, True)


def test_values_towards_salesforce_are_rows_of_their_own_operation_with_the_base_they_lead_to() -> None:
    rows = story().rows(operation="update_records:main")
    assert {(row["sf_id"], row["field"], row["contact_id"]) for row in rows} == {
        ("003-old", "Both", 1),
        ("003-old", "Back", 1),
    }
    assert {(row["expect_s"], row["expect_d"]) for row in rows} == {(h("other"), h("other"))}


def test_fields_are_counted_by_the_side_they_are_written_to() -> None:
    counts = {c.salesforce_field: c for c in story().answer.people.fields if c.record_type == "contact"}
    both = counts["Both"]
    assert (both.to_dotdigital, both.to_salesforce, both.overwritten) == (1, 1, 1)
    assert (counts["Back"].to_dotdigital, counts["Back"].to_salesforce) == (0, 1)


def test_overwrites_are_counted_by_person_for_the_guard() -> None:
    assert story().answer.overwrites == (("main", 3),)
    assert dict(story().answer.people.scope) == {"main": 6}


def test_fields_are_counted() -> None:
    by_name = {count.data_field: count for count in story().answer.people.fields if count.record_type == "contact"}
    name = by_name["NAME"]
    assert (name.to_dotdigital, name.overwritten, name.blanked, name.carriers) == (5, 2, 1, 5)


def test_totals_count_every_person_once() -> None:
    totals = story().answer.people.totals
    assert (totals.add, totals.update, totals.remove) == (6, 3, 0)


def test_rows_are_sorted_and_their_digests_are_those_of_their_operation() -> None:
    keys = [tuple(row[name] or "\U0010ffff" for name in ORDER[:4]) for row in story().changes]
    assert keys == sorted(keys)
    (operation, rows), _ = story().answer.operations
    own = story().rows(operation=operation)
    assert (rows.rows, rows.people) == (len(own), len({row["person"] for row in own}))
    assert sum(count for _, count in rows.counts) == rows.rows
    assert len(rows.digest) == 64


def test_samples_are_masked_but_for_flags_and_choices() -> None:
    shown = {(s.person, s.field): (s.old, s.new) for s in story().answer.people.samples}
    assert shown["003-new", "NAME"] == (None, "A•••")
    assert shown["003-old", "STAGE"] == ("L•••", "Hot")
    assert shown["003-old", "VIP"] == ("false", "true")
    assert shown["003-new", "SIZE"] == (None, "•••")
    people = story().answer.people
    assert str(people.samples[0].email).endswith("•••@x.com")
    assert not people.revealed


def test_samples_are_in_clear_where_a_terminal_asked_for_them() -> None:
    world = a_world(a_field(0, "NAME"))
    world.reveal = True
    world.record("003", "ada@x.com", "Ada")
    world.member("003")
    people = decided(world).answer.people
    assert people.revealed
    assert {(s.email, s.new) for s in people.samples if s.field == "NAME"} == {("ada@x.com", "Ada")}


def test_no_more_people_are_sampled_than_asked_for() -> None:
    world = a_world()
    for number in range(20):
        world.record(f"003{number:02}", f"p{number}@x.com", "a", "b")
        world.member(f"003{number:02}")
    assert len({sample.person for sample in decided(world).answer.people.samples}) == 5


def a_settled_world() -> World:
    """Everything is as the last run left it."""
    world = a_world(*FIELDS)
    for number in range(1, 9):
        email, sf_id, out = f"p{number}@x.com", f"003{number}", number % 4 == 0
        kept = None if number % 3 else "only there"
        world.record(sf_id, email, *GOOD[:4], kept and None, *GOOD[5:], opted_out=out)
        world.member(sf_id)
        channel = "suppressed" if out else "subscribed"
        world.contact(number, email, *GOOD[:4], kept, *GOOD[5:], channel=channel, books=["news"])
        base = (*GOOD[:4], None, *GOOD[5:])
        world.pair(sf_id, number, email, *base, dotdigital=(*GOOD[:4], kept, *GOOD[5:]), out_s=out, out_d=out)
        world.membership(number, "wanted,on,ours" if number % 2 else "wanted,on")
    return world


def test_an_unchanged_world_gives_no_change_and_no_move() -> None:
    found = decided(a_settled_world())
    assert (found.changes, found.moves) == ([], [])
    assert found.answer.operations == ()
    assert found.answer.people.moves == 0


def test_one_edit_is_one_row() -> None:
    world = a_settled_world()
    world.rows["records.main.contact"][4]["c0"] = world.rows["records.main.contact"][4]["r0"] = "Grace"

    found = decided(world)

    assert [(row["sf_id"], row["field"], row["old"], row["new"]) for row in found.changes] == [
        ("0035", "NAME", "Ada", "Grace")
    ]
    assert found.moves == []


def test_INV_6_order_and_parts_of_the_input_do_not_matter() -> None:
    answers = []
    for seed in (None, 1, 2):
        world = a_settled_world()
        world.record("003-new", "new@x.com", *GOOD)
        world.member("003-new")
        world.record("0031", "p1@x.com", "Grace", modified=3)
        found = decided(world, seed=seed)
        answers.append((found.answer, found.changes, found.moves))

    assert answers[0] == answers[1] == answers[2]
    assert answers[0][1]


def test_an_empty_question_has_an_empty_answer() -> None:
    found = decided(World())
    assert (found.changes, found.moves, found.answer.operations) == ([], [], ())


def test_selected_records_become_members_and_are_wanted_by_what_they_get() -> None:
    world = a_world()
    world.links[0] = replace(world.links[0], statuses=("Sent",))
    for sf_id, status in (("003-default", None), ("003-planned", "Planned"), ("003-there", None)):
        world.record(sf_id, f"{sf_id}@x.com", "a")
        world.selected(sf_id, status=status)
    world.member("003-there", status="Planned")
    world.record("00Q-converted", "c@x.com", record_type=LEAD, converted=True)
    world.selected("00Q-converted", record_type=LEAD)

    found = decided(world, seed=3)

    assert {row["sf_id"]: row["new"] for row in found.rows(operation="members:spring")} == {
        "003-default": "Sent",
        "003-planned": "Planned",
    }
    assert [(r["sf_id"], r["field"]) for r in found.rows(aspect="list")] == [("003-default", "")]
    assert found.answer.people.totals.members == 2


def test_BASE_3_fields_of_one_name_and_another_form_are_compared_each_in_its_own() -> None:
    world = a_world()
    number = a_field(0, "SIZE", kind=DataFieldType.NUMERIC)
    as_text = replace(number, form=a_field(0).form)
    world.rules(sets=(a_set(number), a_set(as_text, record_type=LEAD)))
    world.record("0031", "ada@x.com", "1.5")
    world.member("0031")
    world.contact(1, "ada@x.com", "1.5", "1.50")

    assert decided(world).rows(aspect="value") == []


def spelt(world: World, **raw: str) -> None:
    """How Salesforce spells the values of the last record."""
    world.rows["records.main.contact"][-1].update(raw)


def test_VAL_21_what_is_sent_has_no_white_space_around_it_so_that_nothing_is_cut() -> None:
    world = a_world()
    spaces = "".join(chr(c) for c in range(0x3001) if chr(c).isspace())
    world.record("0031", "ada@x.com", "Ada L", "x" * 1000)
    spelt(world, r0=f"{spaces}Ada L{spaces}", r1="x" * 1000 + " ")
    world.member("0031")

    assert [row["new"] for row in decided(world).rows(aspect="value")] == ["Ada L", "x" * 1000]


def test_VAL_23_a_number_is_sent_with_the_digits_of_its_form() -> None:
    world = a_world(a_field(0, "SIZE", kind=DataFieldType.NUMERIC))
    world.record("0031", "ada@x.com", "0.12")
    spelt(world, r0="0.1234567890123")
    world.record("0032", "eve@x.com", "0.12")
    spelt(world, r0="0.1234567890123")
    world.contact(1, "eve@x.com", "3")
    world.member("0031")
    world.member("0032")

    assert [row["new"] for row in decided(world).rows(aspect="value")] == ["0.12", "0.12"]


def test_engine_errors_leave_without_their_words(tmp_path: Path) -> None:
    def fail(error: Exception) -> None:
        with Engine(RunDirectory(tmp_path), "1 GB"):
            raise error

    with pytest.raises(BugError, match="SFDD-E9904") as bug:
        fail(duckdb.ParserException("… 'test key' …"))
    assert "test key" not in str(bug.value)
    with pytest.raises(DeclareError) as full:
        fail(duckdb.OutOfMemoryException("ada@x.com"))
    assert (full.value.id, full.value.hint) == ("SFDD-E4010", "engine.memory_limit")
