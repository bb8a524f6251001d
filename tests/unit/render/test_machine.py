"""The other documents and the stream of events: valid, masked, without credentials."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import jsonschema
import pytest
from pydantic import SecretStr

from sfdd_declare.model.errors import ConfigError, Denied, ErrorList, Position
from sfdd_declare.model.explanation import (
    AccountView,
    BookView,
    ChangeView,
    ContactView,
    Explanation,
    RecordView,
)
from sfdd_declare.model.ports import Event
from sfdd_declare.model.privacy import Personal, Sort
from sfdd_declare.model.state import Bound, LedgerEntry, Resource, RunRecord, StateHeader
from sfdd_declare.render.machine.error import error_document
from sfdd_declare.render.machine.events import Stream
from sfdd_declare.render.machine.explain import explain_document
from sfdd_declare.render.machine.ledger import ledger_document
from sfdd_declare.render.machine.schema import DocumentKind, schema
from sfdd_declare.render.machine.state import resources_document, state_document
from tests.unit.render.test_machine_plan import CANARY, written


def test_one_error_is_a_list_of_one():
    error = Denied("SFDD-E2101", "wrong password", code="INVALID_LOGIN", status=400, where="salesforce", hint="auth")
    found = written(error_document(error))
    (failure,) = found["errors"]
    assert found["exit_code"] == 1
    assert (failure["id"], failure["summary"], failure["hint"]) == ("SFDD-E2101", "wrong password", "auth")
    assert (failure["code"], failure["status"]) == ("INVALID_LOGIN", 400)
    assert failure["where"] == {"text": "salesforce", "file": None, "line": None, "col": None}


def test_several_errors_stand_in_the_order_of_their_places_without_the_lines_there():
    later = ConfigError("SFDD-E1102", "second", where=Position("sfdd.yaml", 9, 1, CANARY))
    sooner = ConfigError("SFDD-E1101", "first", where=Position("sfdd.yaml", 3, 7, CANARY), detail="more")
    found = written(error_document(ErrorList((later, sooner))))
    assert [failure["summary"] for failure in found["errors"]] == ["first", "second"]
    assert found["errors"][0]["where"] == {"text": "sfdd.yaml:3:7", "file": "sfdd.yaml", "line": 3, "col": 7}
    assert CANARY not in json.dumps(found)


def test_the_ledger_counts_what_waits_and_what_is_parked():
    def entry(record, *, parked):
        return LedgerEntry("main", record, "Title", "TOO_LONG", "too long", 2, "2026-03-01", "2026-03-02", parked)

    found = written(ledger_document((entry("003B", parked=True), entry("003A", parked=False))))
    assert (found["kind"], found["waiting"], found["parked"]) == ("errors", 1, 1)
    assert [problem["record"] for problem in found["problems"]] == ["003A", "003B"]
    assert written(ledger_document(()))["problems"] == []


def explanation(aspect="value"):
    mail, text = Personal(f"{CANARY}@example.com", Sort.EMAIL), Personal(CANARY)
    return Explanation(
        (
            AccountView(
                "main",
                (RecordView("003A", "contact", mail, False, False, 7, True, True, ""),),
                (ContactView(7, mail, "subscribed", False),),
                (BookView("newsletter", "spring", True, True, "on", "MEM-3", ""),),
                (ChangeView("003A", aspect, "Title", text, Personal(None), "fill", "VAL-3", True),),
            ),
            AccountView("other", (), (), (), ()),
        )
    )


@pytest.mark.parametrize("aspect", ["value", "list"])
def test_an_explanation_is_masked_and_leaves_out_accounts_that_know_nobody(aspect):
    found = written(explain_document(explanation(aspect)))
    assert CANARY not in json.dumps(found)
    (account,) = found["accounts"]
    assert account["records"][0]["email"] == account["contacts"][0]["email"] == "z•••@example.com"
    assert account["changes"][0]["old"] == ("z•••" if aspect == "value" else None)
    assert account["changes"][0]["new"] is None
    assert account["books"][0]["rule"] == "MEM-3"


def shown(place="/x/state.db"):
    started = datetime(2026, 3, 2, tzinfo=UTC)
    header = StateHeader("a1b2", 7, 3, SecretStr(CANARY), bound=Bound("00D", (("main", "4711"),)))
    runs = (RunRecord("r2", started, None, "3f9c", ""), RunRecord("r1", started, started, "3f9c", "done"))
    return written(state_document(place, header, runs, ("/x/state.db.1",), taken_over=False))


def test_the_state_shows_its_identity_and_no_key():
    found = shown()
    assert CANARY not in json.dumps(found)
    assert found["resources"] is None
    state = found["state"]
    assert (state["lineage"], state["serial"], state["accounts"]) == ("a1b2", 7, {"main": "4711"})
    assert [run["finished"] for run in state["runs"]] == [None, "2026-03-02T00:00:00+00:00"]


def test_what_is_managed_is_listed_by_address_without_what_was_applied():
    found = written(
        resources_document((Resource("link.b.c", applied={"x": CANARY}), Resource("campaign.a", salesforce_id="701")))
    )
    assert found["state"] is None
    assert [each["address"] for each in found["resources"]] == ["campaign.a", "link.b.c"]
    assert [each["salesforce_id"] for each in found["resources"]] == ["701", None]
    assert CANARY not in json.dumps(found)


@pytest.mark.parametrize("kind", [kind for kind in DocumentKind if kind is not DocumentKind.EVENTS])
def test_a_schema_names_its_kind_and_takes_names_of_later_versions(kind):
    found = schema(kind)
    assert found["properties"]["kind"]["const"] == kind.value
    assert "additionalProperties" not in found
    assert set(found["required"]) == set(found["properties"])


def test_events_are_a_line_each_and_the_first_names_the_format():
    lines = []
    with Stream(lines.append, "sfdd 0.1.0") as stream:
        stream.watch(Event("read", "contacts\n\u202e", 3, 9, salesforce_calls=2))
        stream.pause()
    assert [line.count("\n") for line in lines] == [1, 1, 1]
    assert "".join(lines).replace("\n", "").isprintable()
    first, event, last = map(json.loads, lines)
    assert first == {"type": "version", "format_version": "1.0", "tool": "sfdd 0.1.0"}
    assert event == {
        "type": "progress", "phase": "read", "name": "contacts\n\u202e", "done": 3, "total": 9,
        "salesforce_calls": 2, "dotdigital_calls": 0,
    }  # fmt: skip
    assert last == {"type": "end", "failed": False}


def test_each_line_of_a_stream_is_valid_and_another_one_is_not():
    lines = []
    with Stream(lines.append, "sfdd 0.1.0") as stream:
        stream.watch(Event("read", "contacts", 3, 9))
    check = jsonschema.Draft202012Validator(schema(DocumentKind.EVENTS))
    messages = [json.loads(line) for line in lines]
    assert [list(check.iter_errors(message)) for message in messages] == [[], [], []]
    assert list(check.iter_errors(messages[1] | {"later": 1})) == []
    for wrong in ({"type": "unknown"}, messages[1] | {"done": "3"}, {"type": "end"}):
        assert list(check.iter_errors(wrong))


def test_the_last_event_tells_of_a_failure():
    lines = []
    with pytest.raises(KeyError), Stream(lines.append, "sfdd 0.1.0"):
        raise KeyError(CANARY)
    assert json.loads(lines[-1]) == {"type": "end", "failed": True}
    assert CANARY not in "".join(lines)
