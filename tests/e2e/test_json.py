"""`--json` over HTTP: the documents of one life, each valid, none with anybody in clear."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.e2e.canaries import ACCOUNT, Secrets, leaks, mail, people, prepare
from tests.e2e.stage import Stage

SCHEMAS = Path(__file__).parents[2] / "schemas"


@pytest.fixture
def secrets(stage: Stage) -> Secrets:
    return prepare(stage)


def the_document(stage: Stage, secrets: Secrets, kind: str, *line: str, code: int = 0) -> Any:
    """What a command prints, once it is one valid document that shows nobody."""
    ended = stage.sfdd(*line, "--json")
    assert ended.code == code, ended.text
    assert leaks(stage, secrets, ended.text) == [], ended.text
    found = json.loads(ended.out)
    assert found["kind"] == kind
    schema = json.loads((SCHEMAS / f"{kind}.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator(schema).validate(found)
    return found


def test_a_life_in_documents(stage: Stage, secrets: Secrets) -> None:
    (bad,) = people(stage, 1, start=30, Title="Zqtitle" * 9)
    stage.world.set_setting("dotdigital.text_limit", 50)

    valid = the_document(stage, secrets, "validate", "validate")
    assert valid["declared"]["links"] == 1

    plan = the_document(stage, secrets, "plan", "plan", "--samples", "100")
    assert (plan["applyable"], plan["complete"]) == (True, True)
    assert plan["summary"]["people"]["add"] == 21
    assert "link.spring.spring" in {operation["address"] for operation in plan["operations"]}
    assert "•••" in json.dumps(plan["people"]["samples"], ensure_ascii=False)

    applied = the_document(stage, secrets, "apply", "apply", "--auto-approve", "--expect", plan["token"], code=6)
    assert applied["plan"]["fingerprint"] == plan["fingerprint"]
    assert applied["outcome"]["exit_code"] == 6
    assert applied["outcome"]["people"]["add"] == 21 - len(applied["outcome"]["problems"])
    assert [problem["record"] for problem in applied["outcome"]["problems"]] == [bad]

    ledger = the_document(stage, secrets, "errors", "errors")
    assert [problem["record"] for problem in ledger["problems"]] == [bad]

    state = the_document(stage, secrets, "state", "state", "show")["state"]
    assert state["lineage"] == applied["plan"]["header"]["lineage"]
    assert [run["fingerprint"] for run in state["runs"]] == [plan["fingerprint"]]
    listed = the_document(stage, secrets, "state", "state", "list")["resources"]
    assert {"campaign.spring", "address_book.spring"} <= {each["address"] for each in listed}

    (person,) = the_document(stage, secrets, "explain", "explain", mail(1))["accounts"]
    assert [book["is_on"] for book in person["books"]] == [True]

    idle = the_document(stage, secrets, "plan", "plan")
    assert {operation["task"] for operation in idle["operations"]} <= {"import_contacts"}  # the bad row is tried again

    synced = the_document(stage, secrets, "apply", "sync", "--auto-approve", "spring", code=1)
    assert synced["outcome"]["problems"]


def test_a_delta_is_not_complete(stage: Stage, secrets: Secrets) -> None:
    for flags in (("--allow", "max_overwrites"), ()):
        stage.apply("--delta", *flags)
        stage.control("PUT", "clock", {"advance_seconds": 700})  # past the overlap of two reads
    found = the_document(stage, secrets, "plan", "plan", "--delta")
    assert (found["complete"], bool(found["people"]["since"])) == (False, True)


def test_an_error_is_a_document(stage: Stage, secrets: Secrets) -> None:
    stage.overrides["DD_PASSWORD"] = "wrong"
    (failure,) = the_document(stage, secrets, "error", "plan", code=1)["errors"]
    assert failure["status"] == 401
    assert failure["hint"]


def test_events_tell_nobody(stage: Stage, secrets: Secrets) -> None:
    ended = stage.sfdd("apply", "--auto-approve", "--json", "--events", "--allow", "max_overwrites")
    assert ended.code == 0, ended.text
    events = [json.loads(line) for line in ended.err.splitlines()]
    assert (events[0]["type"], events[-1]) == ("version", {"type": "end", "failed": False})
    check = jsonschema.Draft202012Validator(json.loads((SCHEMAS / "events.schema.json").read_text()))
    assert [error.message for event in events for error in check.iter_errors(event)] == []
    assert {"read", "stage", "operation"} <= {event["phase"] for event in events[1:-1]}
    assert leaks(stage, secrets, ended.text) == []


def test_drift_is_told_without_anybodys_values(stage: Stage, secrets: Secrets) -> None:
    stage.apply("--allow", "max_overwrites")
    edited = {"email": mail(1), "field": "JOB_TITLE", "value": "Zqtitle by hand"}
    stage.marketer("set_field", account=ACCOUNT, **edited)
    (group,) = the_document(stage, secrets, "drift", "drift", code=2)["people"]
    assert (group["value"], group["people"]) == ("Z•••", 1)
    assert leaks(stage, secrets, stage.sfdd("drift").text) == []
