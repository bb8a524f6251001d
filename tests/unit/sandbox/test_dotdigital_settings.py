"""What no source settles is a setting: the other answer can be had, and the usual one comes back."""

from __future__ import annotations

from typing import Any

import pytest

from sfdd_declare.sandbox.settings import KINDS
from tests.unit.sandbox.dotdigital_side import DotdigitalSide

IMPORT = "/contacts/v3/import"


def settings(dotdigital: DotdigitalSide, **values: Any) -> None:
    dotdigital.control("PUT", "settings", {f"dotdigital.{name}": value for name, value in values.items()})


def row(email: str) -> dict[str, Any]:
    return {"matchIdentifier": "email", "identifiers": {"email": email}}


def test_a_call_may_have_another_tier_code_and_size(dotdigital: DotdigitalSide) -> None:
    before = dotdigital.start_import([row("a@example.org"), row("b@example.org")])
    assert (before.status_code, before.headers["X-RateLimit-Scope"]) == (202, "lowCallRate")
    settings(dotdigital, calls={f"PUT {IMPORT}": {"tier": "high", "most": 1, "status": 200}})
    refused = dotdigital.start_import([row("a@example.org"), row("b@example.org")])
    assert (refused.status_code, refused.json()["errorCode"]) == (400, "contacts:badRequest")
    taken = dotdigital.start_import([row("c@example.org")])
    assert (taken.status_code, taken.headers["X-RateLimit-Scope"]) == (200, "highCallRate")
    settings(dotdigital, calls={"PUT /v2/contacts/suppress-contacts": {"most": 1}})
    many = dotdigital.http.put("/v2/contacts/suppress-contacts", json=[{"id": 1}, {"id": 2}])
    assert (many.status_code, "1 entries" in many.json()["message"]) == (400, True)


def test_a_bad_row_may_refuse_its_import(dotdigital: DotdigitalSide) -> None:
    rows = [row("a@example.org"), {"matchIdentifier": "email", "identifiers": {"email": 5}}]
    assert dotdigital.start_import(rows).status_code == 202
    settings(dotdigital, import_refuses_bad_rows=True)
    refused = dotdigital.start_import(rows)
    assert (refused.status_code, [one["item"] for one in refused.json()["details"]]) == (400, ["contacts[1]"])


def test_a_data_field_in_use_may_be_a_conflict(dotdigital: DotdigitalSide) -> None:
    dotdigital.a_field("TIER")
    settings(dotdigital, field_dependencies={"TIER": [{"id": 1, "name": "Gala", "type": "Segment"}]})
    kept = dotdigital.http.delete("/v2/data-fields/TIER")
    assert (kept.status_code, kept.json()["result"]) == (200, False)
    settings(dotdigital, field_in_use_is_conflict=True)
    assert dotdigital.http.delete("/v2/data-fields/TIER").status_code == 409
    settings(dotdigital, field_dependencies=None)
    assert dotdigital.http.delete("/v2/data-fields/TIER").status_code == 200


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("dotdigital.pagesize", 5),
        ("dotdigital.page_size", "5"),
        ("dotdigital.page_size", -1),
        ("dotdigital.binned_lookup", True),
        ("dotdigital.calls", 5),
        ("dotdigital.calls", {"GET /contacts/v3": {"tiers": "low"}}),
        ("dotdigital.accounts", [{"user": "a"}]),
        ("dotdigital.watchdog", "false"),
        ("salesforce.record_counts", 7),
        ("salesforce.locator_seconds", "x"),
        ("sandbox.seeded", {}),
    ],
)
def test_a_wrong_setting_is_refused_and_none_of_its_body_is_set(
    dotdigital: DotdigitalSide, name: str, value: Any
) -> None:
    refused = dotdigital.http.put("/__sandbox__/settings", json={"dotdigital.text_limit": 7, name: value})
    assert (refused.status_code, name in refused.json()["error"]) == (400, True)
    assert dotdigital.control("GET", "settings") == {}
    assert dotdigital.control("PUT", "settings", {name: None} if name in KINDS else {}) == {}
