"""`--base` over HTTP: a proposal is judged by the limits of its base, and what it loosens is told first."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.e2e.hands import campaign, flat, writes
from tests.e2e.stage import CONFIG, Ended, Stage, buyers

SCHEMAS = Path(__file__).parents[2] / "schemas"
GUARDED = CONFIG.replace("'Buyers'\"}", "'Buyers'\"}\n      mode: exact") + "guards: {max_removals: 5%}\n"
FEWER = "Department = 'Buyers' AND LastName != 'Last0' AND LastName != 'Last1' AND LastName != 'Last2'"
PREVENT = ("removals: managed}", "removals: managed, lifecycle: {prevent_destroy: true}, on_destroy: delete}")
PLAN = "spring.sfddplan"


def base(stage: Stage, text: str = GUARDED) -> str:
    """The base branch's checkout beside the proposal's."""
    folder = stage.folder.parent / "main"
    folder.mkdir(exist_ok=True)
    (folder / "sfdd.yaml").write_text(text)
    return str(folder)


@pytest.fixture
def merged(stage: Stage) -> Stage:
    """Twelve buyers are on the book; the base lets few of them be removed."""
    buyers(stage.world, 12)
    stage.write(GUARDED)
    base(stage)
    stage.apply()
    return stage


def proposal(stage: Stage) -> None:
    """Three of twelve leave, and the guard is to look away."""
    stage.write(GUARDED.replace("Department = 'Buyers'", FEWER).replace("5%", "100%"))


def planned(stage: Stage, *flags: str) -> Ended:
    ended = stage.sfdd("plan", "--base", "../main", *flags)
    assert ended.code == 0, ended.text
    return ended


def document(stage: Stage, *flags: str) -> Any:
    found = json.loads(planned(stage, "--json", *flags).out)
    schema = json.loads((SCHEMAS / "plan.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator(schema).validate(found)
    return found


def test_a_guard_that_the_proposal_opens_blocks_as_in_the_base(merged: Stage) -> None:
    proposal(merged)
    assert not json.loads(merged.sfdd("plan", "--json").out)["blocked"]  # on its own word nothing holds it back
    before = writes(merged)
    found = document(merged)
    assert {(one["guard"], one["limit"]) for one in found["blocked"]} == {("max_removals", "5%")}
    assert found["loosened"] == [
        {"address": "", "key": "guards.max_removals", "base": "5%", "proposed": "100%", "judged": "5%"}
    ]
    text = flat(planned(merged, "--markdown", "comment.md").out)
    headline = "guards.max_removals 5% → 100%: judged with 5%; the new limit holds once merged"
    assert headline in text
    assert text.index("Look at this first") < text.index(headline) < text.index("max_removals address_book.spring")
    comment = (merged.folder / "comment.md").read_text()
    (first,) = [line for line in comment.splitlines() if line.startswith("> 1. ")]
    assert first == (
        "> 1. **Limits that this change loosens:** `guards.max_removals` `5%` → `100%`: judged with `5%`; "
        "the new limit holds once merged"
    )
    assert writes(merged) == before


def test_a_proposal_that_only_loosens_a_limit_says_so_although_nothing_changes(merged: Stage) -> None:
    merged.write(GUARDED.replace("5%", "100%"))
    out = flat(planned(merged, "--markdown", "comment.md").out)
    assert out.startswith("No changes.")
    assert "guards.max_removals 5% → 100%" in out
    assert "Limits that this change loosens" in (merged.folder / "comment.md").read_text()
    drift = merged.sfdd("drift", "--base", "../main", "--markdown", "issue.md")
    assert drift.code == 0, drift.text
    assert "guards.max_removals 5% → 100%" in flat(drift.out)
    assert "Limits that this change loosens" in (merged.folder / "issue.md").read_text()
    assert json.loads(merged.sfdd("drift", "--base", "../main", "--json").out)["loosened"][0]["judged"] == "5%"


def test_a_stricter_guard_of_the_proposal_holds_at_once(merged: Stage) -> None:
    base(merged, GUARDED.replace("5%", "100%"))
    merged.write(GUARDED.replace("Department = 'Buyers'", FEWER))
    found = document(merged)
    assert found["loosened"] == []
    assert {one["limit"] for one in found["blocked"]} == {"5%"}
    own = json.loads(merged.sfdd("plan", "--json").out)
    assert found["fingerprint"] == own["fingerprint"]  # where nothing is loosened, the token is the merged one's


def test_a_plan_file_approves_what_the_base_lets_through_and_its_apply_breaks_on_nothing(merged: Stage) -> None:
    proposal(merged)
    buyers(merged.world, 1, start=20)
    planned(merged, "--out", PLAN)
    assert "guards.max_removals 5% → 100%" in flat(merged.sfdd("show", PLAN).out)
    ended = merged.sfdd("apply", PLAN)
    assert ended.code in (0, 5), ended.text
    assert merged.lists_of("buyer20@example.com") == ["Spring book"]
    assert merged.lists_of("buyer0@example.com") == ["Spring book"]  # was shown as blocked, so nobody approved it
    assert "3 to remove" in merged.sfdd("plan").out  # the merged limit lets the next plan have it


def test_set_up_that_the_base_held_back_is_held_back_by_the_plan_file_and_the_rest_is_done(merged: Stage) -> None:
    protected = GUARDED.replace("guards: {", "guards: {protect: [data_field.main.OLD], ")
    old = protected.replace("{type: string}\n", "{type: string}\n    OLD: {type: string, on_destroy: delete}\n", 1)
    merged.write(old)
    merged.apply()
    base(merged, old)
    merged.write(GUARDED.replace("name: Spring book", "name: Summer book"))
    planned(merged, "--out", PLAN, "--confirm", "OLD")
    ended = merged.sfdd("apply", PLAN)
    assert ended.code == 5, ended.text
    assert "blocked by protect" in flat(ended.out)
    assert merged.lists_of("buyer1@example.com") == ["Summer book"]
    following = merged.sfdd("plan", "--detailed-exitcode")
    assert "Plan: 0 to add, 0 to change, 1 to destroy." in following.out


@pytest.mark.parametrize("was_applied", [True, False])
def test_a_thing_whose_protection_goes_with_it_is_still_protected(merged: Stage, was_applied: bool) -> None:
    """Also where the protection is merged but not applied, so that the state knows nothing of it."""
    protected = GUARDED.replace(*PREVENT)
    base(merged, protected)
    if was_applied:
        merged.write(protected)
    else:
        merged.write(GUARDED.replace("removals: managed}", "removals: managed, on_destroy: delete}"))
    merged.apply()
    head, _, tail = CONFIG.partition("address_books:\n")
    merged.write(head + tail.partition("\n")[2].partition("links:")[0])
    ended = merged.sfdd("plan", "--base", "../main")
    assert ended.code == 1, ended.text
    assert "SFDD-E4005" in ended.err
    assert "the base declares it so" in flat(ended.err)
    assert merged.sfdd("plan").code == (1 if was_applied else 0)


def test_a_thing_that_would_be_replaced_is_still_protected(merged: Stage) -> None:
    field = "{type: string}\n    SCORE: {type: string, lifecycle: {prevent_destroy: true}}"
    protected = GUARDED.replace("{type: string}", field)
    base(merged, protected)
    merged.write(protected)
    merged.apply()
    merged.write(GUARDED.replace("{type: string}", "{type: string}\n    SCORE: {type: numeric}"))
    assert merged.sfdd("plan").code == 0
    ended = merged.sfdd("plan", "--base", "../main")
    assert (ended.code, "SFDD-E4005" in ended.err) == (1, True), ended.text


def test_drift_that_the_proposal_wants_to_ignore_is_drift(merged: Stage) -> None:
    merged.admin("update", "Campaign", campaign(merged, "Spring launch")["Id"], Name="Summer launch")
    merged.write(GUARDED.replace("name: Spring launch", "name: Spring launch\n    lifecycle: {ignore_changes: [name]}"))
    assert merged.sfdd("drift").code == 0
    ended = merged.sfdd("drift", "--base", "../main")
    assert ended.code == 2, ended.text
    assert "campaign.spring lifecycle.ignore_changes none → name: judged with none" in flat(ended.out)


def test_an_ignore_file_that_the_proposal_brings_ignores_nothing_yet(merged: Stage) -> None:
    merged.marketer("set_field", email="buyer1@example.com", field="JOB_TITLE", value="Queen")
    (merged.folder / "drift").mkdir()
    (merged.folder / "drift" / "known.yaml").write_text(
        "- {address: field_mapping.main.contacts.Title, reason: mine, until: 2999-01-01}\n"
    )
    assert merged.sfdd("drift", "--ignore", "drift/known.yaml").code == 0
    ended = merged.sfdd("drift", "--ignore", "drift/known.yaml", "--base", "../main")
    assert ended.code == 2, ended.text
    assert "field_mapping.main.contacts.Title --ignore not ignored → until 2999-01-01" in flat(ended.out)


def test_a_base_that_does_not_parse_is_an_error_at_its_place(merged: Stage) -> None:
    base(merged, GUARDED + "guards: [\n")
    ended = merged.sfdd("plan", "--base", "../main", "--markdown", "comment.md")
    assert ended.code == 1, ended.text
    assert "../main/sfdd.yaml:" in ended.err
    assert "SFDD-E10" in ended.err
    assert "main/sfdd.yaml" in (merged.folder / "comment.md").read_text()


def test_a_base_that_is_not_there_is_a_mistake_on_the_command_line(merged: Stage) -> None:
    for command in ("plan", "drift"):
        ended = merged.sfdd(command, "--base", "../nowhere")
        assert (ended.code, "SFDD-E9044" in ended.err, "--base DIR" in ended.err) == (1, True, True), ended.text


def test_the_base_needs_no_credentials_of_its_own(merged: Stage) -> None:
    base(merged, GUARDED.replace("${env:DD_PASSWORD}", "${env:NOT_SET_ANYWHERE}").replace("DD_USER", "NOR_THIS"))
    assert document(merged)["loosened"] == []


def test_apply_takes_no_base(merged: Stage) -> None:
    ended = merged.sfdd("apply", "--base", "../main")
    assert (ended.code, "SFDD-E9002" in ended.err) == (1, True)
