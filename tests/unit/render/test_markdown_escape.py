"""Whatever comes from data is code in Markdown, and the code shows it whole."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings

from sfdd_declare.model.drift import Drift, DriftKind, Ignored, MoreDrift, PeopleDrift, System, ThingDrift
from sfdd_declare.model.errors import ConfigError, ErrorList, Position, RemoteError
from sfdd_declare.model.operation import Action, Cause, FieldChange
from sfdd_declare.model.visible import safe
from sfdd_declare.render.markdown import Place, drift_markdown, error_markdown, outcome_markdown, plan_markdown
from sfdd_declare.render.markdown.budget import COMMENT, MINIMUM
from sfdd_declare.render.markdown.drift import drift_fingerprint
from sfdd_declare.render.markdown.escape import VALUE, code, cut, head, link, prose, row
from sfdd_declare.render.words import BLANK
from tests.golden.builders import HEADER
from tests.unit.render.markdown_reading import (
    ANY_TEXT,
    CANARY,
    FIXED,
    a_hostile_outcome,
    a_hostile_place,
    a_hostile_plan,
    is_harmless,
    marker_of,
    read,
)

PLACE = Place("crm", "production")


def an_error(text):
    where = Position(text, 3, 4, text)
    remote = RemoteError("SFDD-E2001", text, code=text, status=500, detail=text + "\n" + text, where=text, hint=text)
    return ErrorList((ConfigError("SFDD-E1001", text, where=where, hint=text), remote))


@given(ANY_TEXT)
def test_a_code_span_shows_the_whole_text_on_a_line_and_in_a_cell(text):
    expected = cut(safe(text), VALUE) or BLANK
    assert read(f"x {code(text)} y").codes == (expected,)
    cell = "\n".join((*head(("a", "b")), row((code(text), code("end")))))
    assert read(cell).codes == (expected, "end")


@pytest.mark.parametrize("text", FIXED)
def test_a_plan_of_hostile_text_is_harmless(text):
    seen = is_harmless(plan_markdown(a_hostile_plan(text), PLACE))
    assert sum(CANARY in each for each in seen.codes) > 60


@settings(max_examples=25, deadline=None)
@given(ANY_TEXT)
def test_a_plan_of_any_text_is_harmless(text):
    is_harmless(plan_markdown(a_hostile_plan(text), PLACE))


@settings(max_examples=25, deadline=None)
@given(ANY_TEXT)
def test_an_outcome_of_any_text_is_harmless(text):
    is_harmless(outcome_markdown(a_hostile_outcome(text), PLACE))


@settings(max_examples=25, deadline=None)
@given(ANY_TEXT)
def test_errors_of_any_text_are_harmless(text):
    seen = is_harmless(error_markdown(an_error(CANARY + text), PLACE))
    assert any(CANARY in each for each in seen.codes)


@settings(max_examples=25, deadline=None)
@given(ANY_TEXT)
def test_a_place_of_any_text_is_harmless_and_its_marker_is_json(text):
    place = a_hostile_place(CANARY + text)
    for body in (
        plan_markdown(a_hostile_plan(text), place),
        outcome_markdown(a_hostile_outcome(text), place),
        error_markdown(an_error(text), place),
    ):
        is_harmless(body)
        said = marker_of(body)
        assert (CANARY + text).startswith(said["config"])
        assert len(said["config"]) >= min(80, len(text)) // 2


@pytest.mark.parametrize("name", ["crm-uk", "-->", "<!-- a", "größe --!> x"])
def test_the_marker_holds_every_name_whole_and_cannot_be_closed_by_it(name):
    body = plan_markdown(a_hostile_plan("x"), Place(name, name, head=name))
    first = body.splitlines()[0]
    assert first.count("-->") == first.count("<!--") == 1
    assert "--" not in first.removeprefix("<!--").removesuffix("-->")
    said = marker_of(body)
    assert (said["v"], said["kind"], said["config"], said["env"], said["head"]) == (1, "plan", name, name, name)
    assert said["truncated"] is False


def test_what_is_not_known_is_null_in_the_marker():
    said = marker_of(error_markdown(an_error("x"), Place("crm")))
    assert said == {
        "v": 1,
        "kind": "plan",
        "config": "crm",
        "env": None,
        "head": None,
        "fingerprint": None,
        "truncated": False,
        "state": "failed",
    }


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "https://a.example/x)[y](http://evil.example",
        "https://a.example/ @team",
        "https://a.example/<b>",
        "https://user@evil.example/",
        "https://a.example/" + "x" * 300,
    ],
)
def test_only_a_plain_address_becomes_a_link(address):
    assert read(link(address, "run 1")).links == ()
    assert read(link("https://a.example/runs/4711?pr=3", "run 1")).links == ("https://a.example/runs/4711?pr=3",)


def test_words_of_ours_stay_bare_and_all_others_become_code():
    said = "Run `sfdd apply --allow x` for 1,204 people (34.6%), blocked by max_removals."
    assert prose(said) == "Run `sfdd apply --allow x` for 1,204 people (34.6%), blocked by `max_removals`."


def test_a_summary_cannot_carry_what_a_reason_says():
    seen = read(prose("2 @team <b>x</b> [a](http://evil.example) `b`c` held"))
    assert seen.texts.split() == ["2", "held"]


def a_hostile_drift(text):
    line = Ignored(text, text, date(2026, 3, 1), text)
    thing = ThingDrift(
        text, text, System.SALESFORCE, Action.UPDATE, (FieldChange(text, text, text, Cause.DRIFT),), text, text, 3
    )
    group = PeopleDrift(DriftKind.VALUE, text, System.DOTDIGITAL, 2, text, text, text, text)
    more = MoreDrift(DriftKind.VALUE, text, 10, 1200, text)
    return Drift(
        HEADER,
        (thing, replace(thing, ignored=line)),
        (group, replace(group, ignored=line)),
        (more, replace(more, ignored=line)),
        a_hostile_plan(text).operations,
        unread=(text,),
        expired=(line,),
        warnings=(text,),
    )


@settings(max_examples=25, deadline=None)
@given(ANY_TEXT)
def test_drift_of_any_text_is_harmless_and_obeys_the_least_budget(text):
    drift = a_hostile_drift(text)
    is_harmless(drift_markdown(drift, PLACE))
    many = replace(drift, things=drift.things * 300, people=drift.people * 300, more=drift.more * 300)
    for budget in (MINIMUM, COMMENT):
        body = drift_markdown(many, PLACE, budget)
        assert budget.holds(body)
        assert "**Shortened:**" in body
        assert "Drift:" in body


def test_the_same_drift_has_the_same_fingerprint_until_it_changes():
    drift = a_hostile_drift("x")
    same = replace(drift, pending=(), warnings=("other",), header=replace(HEADER, serial=99))
    assert drift_fingerprint(drift) == drift_fingerprint(same) != ""
    assert drift_fingerprint(replace(drift, people=())) != drift_fingerprint(drift)
    assert drift_fingerprint(replace(drift, things=(), people=(), more=())) == ""
