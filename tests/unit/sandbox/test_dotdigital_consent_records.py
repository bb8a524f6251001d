"""Consent records: what v3 rows and the calls of v2 bring, how it is told, and what is no record."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.sandbox.dotdigital_side import DotdigitalSide, a_row, codes
from tests.unit.sandbox.fuzz_dotdigital import CONSENT

RECORD = {
    "text": "Yes, a monthly newsletter",
    "dateTimeConsented": "2026-01-26T21:29:00Z",
    "url": "https://example.org/sign-up",
    "ipAddress": "2001:db8::1",
    "userAgent": "Mozilla/5.0",
}
PATH = "/contacts/v3/email/ada@example.org"
FIELDS = [{"key": key, "value": value} for key, value in CONSENT.items()]
NOW = "2030-03-01T12:00:00.000Z"


@pytest.fixture
def side(dotdigital: DotdigitalSide) -> DotdigitalSide:
    dotdigital.control("PUT", "clock", {"at": NOW, "frozen": True})
    return dotdigital


def records(side: DotdigitalSide) -> list[dict[str, str]]:
    found: list[dict[str, str]] = side.contact()["consentRecords"]
    return found


def another(text: str) -> dict[str, str]:
    return {**RECORD, "text": text}


def test_a_new_contact_brings_its_records(side: DotdigitalSide) -> None:
    body = {"identifiers": {"email": "ada@example.org"}, "consentRecords": [RECORD]}
    made = side.http.post("/contacts/v3", json=body).json()
    shown = {**RECORD, "dateTimeConsented": "2026-01-26T21:29:00.000Z", "dateTimeCreated": NOW}
    assert made["consentRecords"] == [shown]
    (item,) = side.page(include="consentRecords")["_items"]
    assert item["consentRecords"] == [shown]
    (entry,) = side.history(kind="consent")
    assert (entry["record"], entry["new"]) == (str(made["contactId"]), shown)


def test_records_gather_and_the_same_is_kept_once(side: DotdigitalSide) -> None:
    side.imported(a_row(consentRecords=[RECORD, another("Two")]))
    side.control("PUT", "clock", {"advance_seconds": 60})
    side.http.patch(PATH, json={"consentRecords": [another("Two"), another("Three")]}).raise_for_status()
    assert [each["text"] for each in records(side)] == [RECORD["text"], "Two", "Three"]
    assert len({each["dateTimeCreated"] for each in records(side)}) == 2


def test_a_put_keeps_records_and_takes_none(side: DotdigitalSide) -> None:
    side.imported(a_row(consentRecords=[RECORD]))
    body = {"identifiers": {"email": "ada@example.org"}, "consentRecords": [another("Two")]}
    side.http.put(PATH, json=body).raise_for_status()
    side.http.put(PATH, json={**body, "consentRecords": "no"}).raise_for_status()
    assert [each["text"] for each in records(side)] == [RECORD["text"]]


MALFORMED: list[Any] = [
    *([], [RECORD] * 6, None, RECORD, ["a"]),
    *([{**RECORD, "more": "a"}], [{key: value for key, value in RECORD.items() if key != "userAgent"}]),
    *([{**RECORD, key: ""}] for key in RECORD),
    *([{**RECORD, "dateTimeConsented": "yesterday"}], [{**RECORD, "text": 1}]),
    *([{**RECORD, "url": "example.org"}], [{**RECORD, "url": "http://["}], [{**RECORD, "ipAddress": "127.0.0"}]),
]


@pytest.mark.parametrize("wrong", MALFORMED)
def test_an_import_saves_the_contact_and_tells_that_its_records_are_none(side: DotdigitalSide, wrong: Any) -> None:
    result = side.imported(a_row(consentRecords=wrong), a_row("bo@example.org", consentRecords=[RECORD] * 5))
    assert codes(result) == ["consentRecordsNotApplied"]
    assert result["failures"][0]["identifiers"] == {"email": "ada@example.org"}
    assert (result["summary"]["newContacts"], result["summary"]["invalidEntries"]) == (2, 0)
    assert records(side) == []


@pytest.mark.parametrize("wrong", MALFORMED)
def test_a_single_call_refuses_them(side: DotdigitalSide, wrong: Any) -> None:
    refused = side.http.patch(PATH, json={"consentRecords": wrong})
    assert (refused.status_code, refused.json()["errorCode"]) == (400, "contacts:badRequest")
    assert side.http.get(PATH).status_code == 404


def with_consent(side: DotdigitalSide, fields: Any = FIELDS, *, ending: str = "", **more: Any) -> Any:
    contact = {"email": "ada@example.org", "dataFields": [{"key": "FIRSTNAME", "value": "Ada"}]}
    body = {"contact": contact, "consentFields": [{"fields": fields}], **more}
    return side.http.post(f"/v2/contacts/with-consent{ending}", json=body)


def test_version_2_writes_a_contact_with_consent_and_reads_both(side: DotdigitalSide) -> None:
    made = with_consent(side)
    assert made.status_code == 201
    (told,) = made.json()["consentFields"]
    assert (told["id"], [each["key"] for each in told["fields"]]) == (None, list(CONSENT))
    for key in ("ada@example.org", made.json()["contact"]["id"]):
        found = side.http.get(f"/v2/contacts/{key}/with-consent").json()
        (told,) = found["consentFields"]
        assert told["id"].startswith("01/03/2026 00:00:00 (")
        values = {each["key"]: each["value"] for each in told["fields"]}
        stored = {**CONSENT, "DATETIMECONSENTED": "2026-03-01T00:00:00.000Z", "DATETIMECREATED": NOW}
        assert (found["contact"]["email"], values) == ("ada@example.org", stored)
    assert [each["ipAddress"] for each in records(side)] == ["127.0.0.1"]
    assert side.http.get("/v2/contacts/bo@example.org/with-consent").status_code == 404


def test_version_2_writes_consent_and_preferences_in_one_call(side: DotdigitalSide) -> None:
    category, events = side.http.get("/v2/preferences").json()
    chosen = [{"id": events["id"], "isPreference": True, "isOptedIn": True}]
    made = with_consent(side, ending="-and-preferences", preferences=chosen)
    assert made.status_code == 201
    assert [each.get("isOptedIn") for each in made.json()["preferences"]] == [None, True]
    inside = [{"id": category["preferences"][0]["id"], "isPreference": True, "isOptedIn": True}]
    body = {
        "Contact": {"Email": "eve@example.org"},
        "ConsentFields": [{"fields": FIELDS}],
        "Preferences": [{"id": category["id"], "isPreference": False, "preferences": inside}],
    }
    path = f"/v2/contacts/{made.json()['contact']['id']}/with-consent-and-preferences"
    changed = side.http.put(path, json=body).json()
    assert changed["contact"]["email"] == "eve@example.org"
    assert [each["privateName"] for each in side.contact("eve@example.org")["preferences"]] == [
        *("Events", "Weekly digest")
    ]
    assert side.http.put("/v2/contacts/1/with-consent-and-preferences", json=body).status_code == 404


@pytest.mark.parametrize("wrong", [None, [], FIELDS[1:], [*FIELDS, {"key": "COLOUR", "value": "a"}], ["a"], "a"])
def test_version_2_refuses_what_is_no_record(side: DotdigitalSide, wrong: Any) -> None:
    for ending in ("", "-and-preferences"):
        refused = with_consent(side, wrong, ending=ending)
        assert (refused.status_code, refused.json()["message"].split()[-1]) == (400, "ERROR_CONTACT_INVALID")
    assert side.http.get(PATH).status_code == 404


def test_whoever_is_out_is_not_written_to_with_consent(side: DotdigitalSide) -> None:
    side.a_contact(status="unsubscribed")
    refused = with_consent(side)
    assert (refused.status_code, refused.json()["message"].split()[-1]) == (400, "ERROR_CONTACT_SUPPRESSED")
    assert records(side) == []


def test_a_collection_of_version_2_brings_records_under_either_name(side: DotdigitalSide) -> None:
    values = dict(zip(("text", "datetime", "url", "ip", "useragent"), CONSENT.values(), strict=True))
    bare = [{"key": f"consent{key}", "value": value} for key, value in values.items()]
    contacts = [
        {"email": "ada@example.org", "consentFields": bare},
        {"email": "bo@example.org", "consentFields": [{"fields": FIELDS}]},
        {"email": "cy@example.org", "consentFields": bare[1:]},
    ]
    job = side.http.post("/v2/contacts/import-collection", json={"contacts": contacts}).json()["id"]
    for _ in range(3):
        side.http.get(f"/v2/contacts/import/{job}")
    report = side.http.get(f"/v2/contacts/import/{job}/report").json()
    assert (report["newContacts"], report["failures"]) == (3, 1)
    told = [side.contact(f"{name}@example.org")["consentRecords"] for name in ("ada", "bo", "cy")]
    assert told[0] == told[1]
    assert (told[0][0]["text"], told[2]) == ("Yes", [])


def test_records_go_with_the_recycle_bin(side: DotdigitalSide) -> None:
    side.imported(a_row(consentRecords=[RECORD]))
    side.http.delete(PATH).raise_for_status()
    side.control("PUT", "clock", {"advance_seconds": 31 * 86_400})
    side.page()
    with side.world.lock:
        assert side.world.db.execute("SELECT COUNT(*) FROM dd_consent").fetchone()[0] == 0
