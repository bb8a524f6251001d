"""Faults and control routes as a client meets them."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx
import pytest

from sfdd_declare.sandbox import faults
from sfdd_declare.sandbox.server import Running
from tests.unit.sandbox.dotdigital_side import DotdigitalSide, a_row

FIELDS = "/v2/data-fields"
NEW_LIST = {"name": "Autumn"}


def names(dotdigital: DotdigitalSide) -> list[str]:
    return [book["name"] for book in dotdigital.http.get("/v2/address-books").json()]


def test_status_fault_hits_only_the_nth_matching_request(dotdigital: DotdigitalSide) -> None:
    rule = {"kind": "status", "status": 503, "path": "data-fields$", "nth": 2, "method": "GET"}
    dotdigital.control("POST", "faults", rule)
    dotdigital.http.get("/v2/address-books")
    assert [dotdigital.http.get(FIELDS).status_code for _ in range(3)] == [200, 503, 200]
    assert dotdigital.control("GET", "faults")[0]["seen"] == 3


def test_fault_of_the_other_system_does_not_hit(dotdigital: DotdigitalSide) -> None:
    dotdigital.control("POST", "faults", {"kind": "status", "system": "salesforce"})
    assert dotdigital.http.get(FIELDS).status_code == 200


def test_status_fault_carries_its_body(dotdigital: DotdigitalSide) -> None:
    body = {"message": "Busy. ERROR_ADDRESSBOOK_IN_USE"}
    dotdigital.control("POST", "faults", {"kind": "status", "status": 400, "body": body})
    response = dotdigital.http.get(FIELDS)
    assert (response.status_code, response.json()) == (400, body)


def test_connection_dropped_before_has_no_effect(dotdigital: DotdigitalSide) -> None:
    dotdigital.control("POST", "faults", {"kind": "reset_before", "method": "POST"})
    with pytest.raises(httpx.TransportError):
        dotdigital.http.post("/v2/address-books", json=NEW_LIST)
    assert "Autumn" not in names(dotdigital)


def test_connection_dropped_after_has_its_effect(dotdigital: DotdigitalSide) -> None:
    dotdigital.control("POST", "faults", {"kind": "reset_after", "method": "POST"})
    with pytest.raises(httpx.TransportError):
        dotdigital.http.post("/v2/address-books", json=NEW_LIST)
    assert "Autumn" in names(dotdigital)
    requests = dotdigital.control("GET", "requests")
    assert [row["status"] for row in requests if row["method"] == "POST"] == [0]


@pytest.mark.parametrize(("kind", "is_made"), [("hang_before", False), ("hang_after", True)])
def test_a_request_that_hangs_is_never_answered(dotdigital: DotdigitalSide, kind: str, is_made: bool) -> None:
    dotdigital.control("POST", "faults", {"kind": kind, "method": "POST", "seconds": 60})
    with pytest.raises(httpx.ReadTimeout):
        dotdigital.http.post("/v2/address-books", json=NEW_LIST, timeout=0.3)
    while not any(row["method"] == "POST" for row in dotdigital.control("GET", "requests")):
        time.sleep(0.01)  # the client gave up before the server had the request
    assert ("Autumn" in names(dotdigital)) is is_made


@pytest.mark.parametrize(("kind", "status"), [("reset_before", 0), ("reset_after", 0), ("truncate", 200)])
def test_a_request_without_a_whole_answer_is_in_the_log_when_its_client_learns_of_it(
    sandbox: Running, dotdigital: DotdigitalSide, monkeypatch: pytest.MonkeyPatch, kind: str, status: int
) -> None:
    monkeypatch.setattr(faults, "NOTICE", 0.5)
    dotdigital.control("POST", "faults", {"kind": kind})
    with pytest.raises(httpx.TransportError):
        dotdigital.http.get(FIELDS)
    with sandbox.world.lock:
        found = sandbox.world.db.execute("SELECT status FROM requests").fetchall()
    assert [row["status"] for row in found] == [status]


def test_truncated_answer_breaks_off(dotdigital: DotdigitalSide) -> None:
    dotdigital.control("POST", "faults", {"kind": "truncate"})
    with pytest.raises(httpx.RemoteProtocolError):
        dotdigital.http.get(FIELDS)
    assert dotdigital.http.get(FIELDS).status_code == 200


def test_html_fault_answers_with_a_page(dotdigital: DotdigitalSide) -> None:
    dotdigital.control("POST", "faults", {"kind": "html", "status": 502})
    response = dotdigital.http.get(FIELDS)
    assert response.status_code == 502
    assert response.headers["content-type"].startswith("text/html")


def test_latency_fault_delays_every_time_with_times_zero(dotdigital: DotdigitalSide) -> None:
    dotdigital.control("POST", "faults", {"kind": "latency", "seconds": 0.15, "times": 0})
    for _ in range(2):
        begun = time.monotonic()
        assert dotdigital.http.get(FIELDS).status_code == 200
        assert time.monotonic() - begun >= 0.15


def test_watchdog_fault_rejects_the_import_as_a_whole(dotdigital: DotdigitalSide) -> None:
    dotdigital.control("POST", "faults", {"kind": "watchdog", "path": "import$"})
    result = dotdigital.imported(a_row())
    assert result["status"] == "RejectedByWatchdog"
    assert dotdigital.http.get("/contacts/v3/email/ada@example.org").status_code == 404


@pytest.mark.parametrize(
    "rule",
    [{}, {"kind": "nonsense"}, {"kind": "status", "path": "("}, {"kind": "status", "nth": "x"}, {"odd": 1}],
    ids=["empty", "kind", "path", "nth", "key"],
)
def test_senseless_rule_is_refused(dotdigital: DotdigitalSide, rule: dict[str, object]) -> None:
    assert dotdigital.http.post("/__sandbox__/faults", json=rule).status_code == 400
    assert dotdigital.control("GET", "faults") == []


def test_counters_name_templates_and_leave_control_out(dotdigital: DotdigitalSide) -> None:
    dotdigital.http.get("/v2/contacts/ada@example.org")
    dotdigital.http.get("/v2/contacts/5")
    dotdigital.http.get("/v2/no-such-thing")
    dotdigital.control("GET", "switches")
    counters = dotdigital.control("GET", "counters")
    expected = {"GET (unknown)": 1, "GET /v2/contacts/{key}": 2}
    assert counters["dotdigital"] == {"total": 3, "by_template": expected}
    assert counters["salesforce"]["total"] == 0
    assert dotdigital.control("POST", "counters/reset")["dotdigital"]["total"] == 0


def test_both_systems_tell_the_sandbox_time_in_their_date_header(sandbox: Running, dotdigital: DotdigitalSide) -> None:
    at = "2026-03-01T12:00:00Z"
    dotdigital.control("PUT", "clock", {"at": at, "frozen": True})
    for url in (sandbox.salesforce_url, sandbox.dotdigital_url):
        shown = parsedate_to_datetime(httpx.get(f"{url}/v2/server-time").headers["date"])
        assert shown == datetime(2026, 3, 1, 12, tzinfo=UTC)
    moved = dotdigital.control("PUT", "clock", {"advance_seconds": 900})
    assert moved == {"now": "2026-03-01T12:15:00.000Z", "frozen": True}


def test_switches_are_set_by_mode_and_by_name_or_not_at_all(dotdigital: DotdigitalSide) -> None:
    set_ = dotdigital.control("PUT", "switches", {"mode": "lucky", "overlong": "fail"})
    assert (set_["overlong"], set_["unknown_field"]) == ("fail", "ignore")
    wrong = dotdigital.http.put("/__sandbox__/switches", json={"unknown_field": "fail", "overlong": "?"})
    assert wrong.status_code == 400
    assert dotdigital.control("GET", "switches")["unknown_field"] == "ignore"


def test_settings_are_read_back_and_removed_with_null(dotdigital: DotdigitalSide) -> None:
    assert dotdigital.control("PUT", "settings", {"dotdigital.page_size": 3}) == {"dotdigital.page_size": 3}
    assert dotdigital.control("PUT", "settings", {"dotdigital.page_size": None}) == {}


@pytest.mark.parametrize("content", [b"{", b"3"], ids=["no-json", "no-object"])
@pytest.mark.parametrize(
    ("method", "path"),
    [("PUT", "switches"), ("PUT", "clock"), ("PUT", "settings"), ("POST", "faults"), ("POST", "dotdigital/act")],
)
def test_control_answers_malformed_bodies_with_400(
    dotdigital: DotdigitalSide, method: str, path: str, content: bytes
) -> None:
    assert dotdigital.http.request(method, f"/__sandbox__/{path}", content=content).status_code == 400


def test_world_is_reset_over_http(dotdigital: DotdigitalSide) -> None:
    dotdigital.a_list()
    dotdigital.control("POST", "reset")
    assert names(dotdigital) == ["Test"]
    assert dotdigital.http.get("/v2/account-info").status_code == 200
