"""The VAL table, line by line."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from sfdd_declare.model.mapping import ConflictRule, Direction, OnBlank
from sfdd_declare.people.asked import load
from sfdd_declare.people.columns import HELD
from sfdd_declare.people.engine import Engine
from sfdd_declare.people.spool import RunDirectory
from tests.unit.people.worlds import a_world, h

TO_D, TO_S, BOTH = Direction.SALESFORCE_TO_DOTDIGITAL, Direction.DOTDIGITAL_TO_SALESFORCE, Direction.TWO_WAY
NOW_S, NOW_D, STAYS, IS_HELD = "now s", "now d", None, "held"

#: id, direction, Salesforce, Dotdigital, base of both (None: none, "": blank), rules -> rule, side written, next bases
CASES: tuple[tuple[Any, ...], ...] = (
    ("VAL_1_equal_without_base", TO_D, "a", "a", (None, None), {}, "VAL-1", None, NOW_S, NOW_D),
    ("VAL_1_both_moved_to_the_same", BOTH, "b", "b", ("a", "a"), {}, "VAL-1", None, NOW_S, NOW_D),
    ("VAL_1_both_blank", TO_D, None, None, (None, None), {}, "VAL-1", None, NOW_S, NOW_D),
    ("VAL_2_neither_moved", TO_D, "a", "A", ("a", "A"), {}, "VAL-2", None, STAYS, STAYS),
    ("VAL_3_fills_a_blank", TO_D, "a", None, (None, None), {}, "VAL-3", "d", NOW_S, NOW_S),
    ("VAL_3_overwrites_without_base", TO_D, "a", "b", (None, None), {}, "VAL-3", "d", NOW_S, NOW_S),
    ("VAL_3_source_moved", TO_D, "b", "a", ("a", "a"), {}, "VAL-3", "d", NOW_S, NOW_S),
    ("VAL_3_a_hand_edit_of_the_target_is_undone", TO_D, "a", "b", ("a", "a"), {}, "VAL-3", "d", NOW_S, NOW_S),
    ("VAL_3_the_other_way", TO_S, "b", "a", ("a", "a"), {}, "VAL-3", "s", NOW_D, NOW_D),
    ("VAL_4_a_blank_is_carried", TO_D, None, "a", ("a", "a"), {}, "VAL-4", "d", NOW_S, NOW_S),
    ("VAL_4_the_other_way", TO_S, "a", None, ("a", "a"), {}, "VAL-4", "s", NOW_D, NOW_D),
    ("VAL_5_kept_by_on_blank", TO_D, None, "a", ("a", "a"), {"on_blank": OnBlank.KEEP}, "VAL-5", None, NOW_S, STAYS),
    ("VAL_5_never_held_it", TO_D, None, "a", (None, None), {}, "VAL-5", None, NOW_S, STAYS),
    ("VAL_5_was_blank_in_the_base", TO_D, None, "a", ("", ""), {}, "VAL-5", None, NOW_S, STAYS),
    ("VAL_5_the_other_way", TO_S, "a", None, (None, None), {}, "VAL-5", None, STAYS, NOW_D),
    ("VAL_6_salesforce_moved", BOTH, "b", "a", ("a", "a"), {}, "VAL-6", "d", NOW_S, NOW_S),
    ("VAL_6_dotdigital_moved", BOTH, "a", "b", ("a", "a"), {}, "VAL-6", "s", NOW_D, NOW_D),
    ("VAL_7_propagates", BOTH, None, "a", ("a", "a"), {}, "VAL-7", "d", NOW_S, NOW_S),
    ("VAL_7_keeps", BOTH, "a", None, ("a", "a"), {"on_blank": OnBlank.KEEP}, "VAL-7", None, STAYS, NOW_D),
    ("VAL_8_salesforce_blank", BOTH, None, "b", ("a", "a"), {}, "VAL-8", "s", NOW_D, NOW_D),
    ("VAL_8_dotdigital_blank", BOTH, "b", None, ("a", "a"), {}, "VAL-8", "d", NOW_S, NOW_S),
    ("VAL_9_salesforce_wins", BOTH, "b", "c", ("a", "a"), {}, "VAL-9", "d", NOW_S, NOW_S),
    (
        *("VAL_9_dotdigital_wins", BOTH, "b", "c", ("a", "a"), {"conflict": ConflictRule.DOTDIGITAL}),
        *("VAL-9", "s", NOW_D, NOW_D),
    ),
    ("VAL_9_skipped", BOTH, "b", "c", ("a", "a"), {"conflict": ConflictRule.SKIP}, "VAL-9", None, STAYS, STAYS),
    ("VAL_10_no_ping_pong", BOTH, "a", "A", ("a", "A"), {}, "VAL-10", None, STAYS, STAYS),
    ("VAL_11_fills_salesforce", BOTH, None, "b", (None, None), {}, "VAL-11", "s", NOW_D, NOW_D),
    ("VAL_11_fills_dotdigital", BOTH, "b", None, (None, None), {}, "VAL-11", "d", NOW_S, NOW_S),
    ("VAL_12_as_a_conflict", BOTH, "b", "c", (None, None), {}, "VAL-12", "d", NOW_S, NOW_S),
    ("VAL_12_held_on_a_first_run", BOTH, "b", "c", (None, None), {"first_run": True}, "VAL-12", None, IS_HELD, IS_HELD),
    ("VAL_21_never_blanked", TO_D, None, "a", ("a", "a"), {"d_nullable": False}, "VAL-5", None, NOW_S, STAYS),
    ("VAL_21_never_blanked_back", BOTH, "a", None, ("a", "a"), {"s_nullable": False}, "VAL-7", None, STAYS, NOW_D),
)


CELL = ("kind", "account", "record_type", "sf_id", "contact_id", "field", "c_s", "c_d", "b_s", "b_d")
FLAGS = ("is_refused", "by_us", "fresh_s", "fresh_d", "is_new_writer")


@cache
def results() -> dict[str, dict[str, Any]]:
    """All lines in one table, each a field of its own: the rules run once. They keep what there is
    something to say about.
    """
    defaults = {"conflict": ConflictRule.SALESFORCE, "on_blank": OnBlank.PROPAGATE, "retyped": "", "renewed": False}
    defaults |= {"s_nullable": True, "d_nullable": True, "first_run": False, "form": "text", "is_lossy": False}
    with TemporaryDirectory() as folder, Engine(RunDirectory(Path(folder)), "1GB") as engine:
        engine.make_tables()
        load(engine, a_world().question())
        engine.clear("fields")
        for number, (name, direction, s, d, (base_s, base_d), rules, *_) in enumerate(CASES):
            of_field = defaults | {"direction": direction} | rules | {"field": number}
            of_field |= {"account": "main", "record_type": "contact"}
            engine.insert("fields", tuple(of_field), [tuple(of_field.values())])
            hashes = [None if base is None else h(base) for base in (base_s, base_d)]
            cell = ("pair", "main", "contact", name, 1, number, s, d, *hashes, *(False for _ in FLAGS))
            engine.insert("raw_cells", (*CELL, *FLAGS), [cell])
        engine.run("values")
        return {row["sf_id"]: row for row in engine.rows("SELECT * FROM judged")}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0])
def test_line(case: tuple[Any, ...]) -> None:
    name, _, s, d, _, _, rule, to, next_s, next_d = case
    hashes = {NOW_S: h(s), NOW_D: h(d), STAYS: None, IS_HELD: HELD}

    found = results().get(name)

    if found is None:  # as the base says
        assert (rule, to, next_s, next_d) in {(silent, None, STAYS, STAYS) for silent in ("VAL-2", "VAL-10")}
        return
    assert (found["rule"], found["aim"]) == (rule, to)
    assert (found["next_s"], found["next_d"]) == (hashes[next_s], hashes[next_d])


def test_every_rule_of_the_table_has_a_line() -> None:
    assert {case[6] for case in CASES} == {f"VAL-{number}" for number in range(1, 13)}
