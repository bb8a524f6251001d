"""`status` and `history` as documents: valid, null where something is not known, and of links only what is known."""

from __future__ import annotations

import pytest

from sfdd_declare.render.machine.history import history_document
from sfdd_declare.render.machine.status import status_document
from tests.golden import status_cases
from tests.unit.render.test_machine_plan import written


@pytest.mark.parametrize("case", status_cases.STANDINGS, ids=lambda case: case.__name__)
def test_every_standing_fits_its_schema(case):
    found = written(status_document(case()))
    assert (found["kind"], found["format_version"]) == ("status", "1.0")
    assert [link["link"] for link in found["links"]] == [link.link for link in case().links]


def test_runs_fit_their_schema_and_each_says_how_it_ended():
    found = written(history_document(status_cases.runs()))
    assert [run["result"] for run in found["runs"]] == [
        "under way",
        "done",
        "in part",
        "failed",
        "interrupted",
        "done",
    ]
    assert written(history_document((status_cases.hostile_run(),)))["runs"][0]["result"] == "failed"


def test_what_is_not_known_is_null_and_never_nought():
    under_way, done, _, failed, interrupted, bare = written(history_document(status_cases.runs()))["runs"]
    for run in (under_way, failed, interrupted):
        names = ("done", "opted_out", "setup", "written", "failed", "left_out")
        assert {run["details"][name] for name in names} == {None}
        assert run["details"]["planned"]["add"] == 13
    assert (done["details"]["failed"], done["details"]["done"]["leads"], done["seconds"]) == (4, 2, 75.0)
    assert (bare["details"], under_way["finished"], under_way["seconds"]) == (None, None, None)
    assert (done["details"]["links"], done["details"]["dotdigital_calls"]) == (None, {"used": 12, "left": None})


def test_a_link_without_a_run_has_no_numbers_and_one_by_hand_no_turn():
    _, behind, first, by_hand = written(status_document(status_cases.waiting()))["links"]
    assert (first["members"], first["last_run"], first["last_success"]) == (None, None, None)
    assert (by_hand["next_run"], first["next_run"]) == (None, "2026-03-02T17:01:00+00:00")
    assert behind["members"]["others"] == {"no address": 70, "shadowed": 6}
    assert behind["oldest_change"] == "2026-02-28T13:41:00+00:00"
