"""Bulk API 2.0 behind the public command line: the same plan as the ordinary way, for fewer calls."""

from __future__ import annotations

import re
from typing import Any

import pytest

from sfdd_declare.model import limits
from sfdd_declare.salesforce import jobs
from tests.e2e.stage import CONFIG, Stage, buyers

PEOPLE = 2_000


def plan(stage: Stage) -> tuple[str, dict[str, int]]:
    """What a plan says, and the Salesforce calls it took."""
    stage.forget_calls()
    ended = stage.sfdd("plan")
    assert ended.code == 0, ended.text
    calls: dict[str, Any] = stage.calls()["salesforce"]["by_template"]
    return re.sub(r"Planning\s+used.*?Left\s+today:[^.]*\.", "", ended.out, flags=re.DOTALL), {
        template.replace("/services/data/{version}/", ""): number for template, number in calls.items()
    }


def people_of_all_sorts(stage: Stage) -> None:
    """A set-up that stands, with 2,000 members, and then changes that every kind of value takes part in."""
    made = buyers(stage.world, PEOPLE)
    stage.apply()
    for number, values in enumerate(
        (
            {"Title": 'Head of "Sales", EMEA'},
            {"Title": "two\nlines"},
            {"Title": ""},
            {"FirstName": "Zoë \u202e"},
            {"HasOptedOutOfEmail": True},
            {"Email": None},
            {"Email": "Renamed@Example.com"},
        )
    ):
        stage.admin("update", "Contact", made[number * 7], **values)
    buyers(stage.world, 5, start=PEOPLE)


def test_two_thousand_members_read_by_bulk_give_the_plan_of_the_ordinary_way(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    people_of_all_sorts(stage)
    stage.control("PUT", "settings", {"salesforce.page_size": 200})
    ordinary, calls = plan(stage)
    assert "POST jobs/query" not in calls
    monkeypatch.setattr(limits, "BULK_READ_ROWS", 1_000)
    bulk, bulk_calls = plan(stage)
    assert bulk == ordinary
    assert "5 to add, 5 to update" in bulk
    # members and the selection: a first page, a job, two polls and a page of results each
    assert bulk_calls["POST jobs/query"] == 2
    assert bulk_calls["GET jobs/query/{id}"] == 4
    assert bulk_calls["GET jobs/query/{id}/results"] == 2
    assert calls["GET query/{locator}"] >= 2 * (PEOPLE // 200 - 1)
    assert bulk_calls.get("GET query/{locator}", 0) == 0
    assert sum(bulk_calls.values()) <= 4 + 2 * 5 + 2


def test_an_apply_that_reads_by_bulk_converges(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "BULK_READ_ROWS", 100)
    monkeypatch.setattr(limits, "BULK_PAGE", 90)
    stage.control("PUT", "settings", {"salesforce.page_size": 50})
    buyers(stage.world, 300)
    stage.apply()
    assert stage.sfdd("plan", "--detailed-exitcode").code == 0
    assert stage.calls()["salesforce"]["by_template"]["POST /services/data/{version}/jobs/query"] >= 3
    assert "Spring book" in stage.lists_of("buyer299@example.com")


@pytest.mark.parametrize("fault", ["job_failed", "lost_locator"])
def test_trouble_with_a_job_changes_nothing_about_the_people(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    buyers(stage.world, 300)
    stage.apply()
    monkeypatch.setattr(limits, "BULK_READ_ROWS", 100)
    stage.control("PUT", "settings", {"salesforce.page_size": 50})
    stage.control("POST", "faults", {"kind": fault, "system": "salesforce", "path": "jobs/query"})
    assert stage.sfdd("plan", "--detailed-exitcode").code == 0


def test_a_job_that_outlives_its_run_is_waited_for_by_the_next(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "BULK_WRITE_ROWS", 2)
    stage.control("PUT", "settings", {"salesforce.bulk_polls": 2})
    buyers(stage.world, 5)
    with monkeypatch.context() as patch:
        patch.setattr(jobs, "JOB_PATIENCE", 0.0)
        ended = stage.sfdd("apply", "--auto-approve")
    assert ended.code == 6, ended.text
    assert stage.lists_of("buyer0@example.com") == []
    stage.forget_calls()
    stage.apply()
    calls = stage.calls()["salesforce"]["by_template"]
    assert calls["GET /services/data/{version}/jobs/ingest/{id}"] >= 1
    assert "POST /services/data/{version}/jobs/ingest" not in calls
    assert stage.lists_of("buyer0@example.com") == ["Spring book"]
    assert stage.sfdd("plan", "--detailed-exitcode").code == 0


@pytest.mark.parametrize(
    "auth",
    [
        "{method: refresh_token, client_id: sandbox-client, refresh_token: '${env:SECRET}'}",
        "{method: client_credentials, client_id: sandbox-client, client_secret: '${env:SECRET}'}",
    ],
    ids=["refresh token", "client credentials"],
)
def test_every_login_applies_and_survives_the_end_of_its_session(stage: Stage, auth: str) -> None:
    secret = "5Aep861sandbox.integration" if "refresh" in auth else "sandbox-secret"
    stage.overrides |= {"SECRET": secret, "LOGIN": stage.running.salesforce_url}
    own = f'auth: {auth}\n  login_url: "${{env:LOGIN}}"'
    stage.write(CONFIG.replace("auth: {method: access_token}", own))
    buyers(stage.world, 3)
    rule = {"kind": "expired_session", "system": "salesforce", "path": "composite/sobjects", "nth": 2}
    stage.control("POST", "faults", rule)
    ended = stage.apply()
    assert stage.sfdd("plan", "--detailed-exitcode").code == 0
    assert stage.calls()["salesforce"]["by_template"]["POST /services/oauth2/token"] == 3  # one more in the middle
    assert secret not in ended.text
