"""The v3 bulk import: job behaviour, verdicts per row, and the switches it obeys."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.sandbox.dotdigital_side import DotdigitalSide, a_row, codes


def test_import_is_not_finished_at_first_and_has_no_effect_before(dotdigital: DotdigitalSide) -> None:
    started = dotdigital.start_import([a_row()])
    assert (started.status_code, list(started.json())) == (202, ["importId"])
    path = f"/contacts/v3/import/{started.json()['importId']}"
    first = dotdigital.http.get(path).json()
    assert first == {"importId": started.json()["importId"], "status": "NotFinished"}
    second = dotdigital.http.get(path).json()
    assert second["status"] == "Finished"
    assert second["created"] == [
        {"contactId": dotdigital.contact()["contactId"], "identifiers": {"email": "ada@example.org"}}
    ]
    assert dotdigital.http.get(path).json() == second


def test_every_job_says_not_finished_once_though_it_has_run(dotdigital: DotdigitalSide) -> None:
    started = dotdigital.start_import([a_row()])
    for _ in range(3):
        dotdigital.http.get("/v2/account-info")
    path = f"/contacts/v3/import/{started.json()['importId']}"
    assert [dotdigital.http.get(path).json()["status"] for _ in range(2)] == ["NotFinished", "Finished"]


def test_job_settings_make_an_import_slower(dotdigital: DotdigitalSide) -> None:
    dotdigital.control("PUT", "settings", {"dotdigital.job_ticks": 3})
    started = dotdigital.start_import([a_row()])
    path = f"/contacts/v3/import/{started.json()['importId']}"
    statuses = [dotdigital.http.get(path).json()["status"] for _ in range(4)]
    assert statuses == ["NotFinished"] * 3 + ["Finished"]


def test_mixed_import_tells_created_updated_and_failed_rows_apart(dotdigital: DotdigitalSide) -> None:
    known = dotdigital.a_contact("bo@example.org")
    result = dotdigital.imported(
        a_row("ada@example.org"), a_row("BO@example.org"), a_row("x@@y"), a_row("Ada@Example.org")
    )
    assert [row["identifiers"]["email"] for row in result["created"]] == ["ada@example.org"]
    assert result["updated"] == [{"contactId": known, "identifiers": {"email": "bo@example.org"}}]
    assert codes(result) == ["invalidEmail", "duplicateIdentifier"]
    assert result["failures"][0]["identifiers"] == {"email": "x@@y"}
    assert result["summary"] == {
        "newContacts": 1,
        "updatedContacts": 1,
        "invalidEntries": 1,
        "globallySuppressed": 0,
        "duplicateIdentifiers": 1,
    }


def test_null_clears_absent_keeps(dotdigital: DotdigitalSide) -> None:
    dotdigital.a_contact(dataFields={"FIRSTNAME": "Ada", "LASTNAME": "L", "POSTCODE": "AB1"})
    dotdigital.imported(a_row(dataFields={"FIRSTNAME": None, "postcode": "AB2"}))
    shown = dotdigital.contact()["dataFields"]
    assert (shown["firstname"], shown["lastname"], shown["postcode"]) == (None, "L", "AB2")


@pytest.mark.parametrize(
    ("option", "expected"),
    [
        ("overwrite", ("New", None, "AB1")),
        ("overwriteIfNotEmpty", ("New", "L", "AB1")),
        ("overwriteIfEmpty", ("Old", "L", "AB1")),
    ],
)
def test_merge_options(dotdigital: DotdigitalSide, option: str, expected: tuple[Any, ...]) -> None:
    dotdigital.a_contact(dataFields={"FIRSTNAME": "Old", "LASTNAME": "L"})
    values = {"FIRSTNAME": "New", "LASTNAME": None, "POSTCODE": "AB1"}
    dotdigital.imported(a_row(dataFields=values), mergeOption=option)
    shown = dotdigital.contact()["dataFields"]
    assert (shown["firstname"], shown["lastname"], shown["postcode"]) == expected


@pytest.mark.parametrize(
    ("kind", "given", "read"),
    [
        ("Numeric", 1.5, 1.5),
        ("Numeric", "12.50", 12.5),
        ("Numeric", 100, 100),
        ("Boolean", False, False),
        ("Boolean", "True", True),
        ("Date", "2026-03-01", "2026-03-01T00:00:00Z"),
        ("Date", "2026-03-01T12:00:00+02:00", "2026-03-01T10:00:00Z"),
        ("Date", "", None),
        ("String", "  Ärger  ", "Ärger"),
        ("String", 5, "5"),
    ],
)
def test_values_are_stored_by_type(dotdigital: DotdigitalSide, kind: str, given: object, read: object) -> None:
    dotdigital.a_field("F", kind)
    assert codes(dotdigital.imported(a_row(dataFields={"F": given}))) == []
    assert dotdigital.contact()["dataFields"]["f"] == read


def test_numbers_keep_all_their_digits(dotdigital: DotdigitalSide) -> None:
    dotdigital.a_field("F", "Numeric")
    number = "123456789012345678.123456789"
    dotdigital.imported(a_row(dataFields={"F": number}))
    answer = dotdigital.http.get("/contacts/v3/email/ada@example.org")
    assert f'"f":{number}' in answer.text


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        ("Numeric", "one"),
        ("Numeric", 10**18),
        ("Numeric", "0.1234567891"),
        ("Numeric", True),
        ("Boolean", 1),
        ("Date", "soon"),
        ("Date", 5),
        ("String", ["x"]),
        ("String", "x" * 1001),
    ],
)
def test_value_that_does_not_fit_fails_its_row_alone(dotdigital: DotdigitalSide, kind: str, given: object) -> None:
    dotdigital.a_field("F", kind)
    result = dotdigital.imported(a_row(dataFields={"F": given}), a_row("bo@example.org"))
    assert codes(result) == ["InvalidContact"]
    assert [row["identifiers"]["email"] for row in result["created"]] == ["bo@example.org"]


@pytest.mark.parametrize(
    ("switches", "given", "read"),
    [
        ({"overlong": "cut"}, "x" * 1001, "x" * 1000),
        ({"alters_on_write": "nothing"}, " x ", " x "),
        ({"blank_string": "blank"}, "", ""),
        ({"blank_string": "null"}, "  ", None),
        ({}, "x" * 600, "x" * 500),
        ({"alters_on_write": "nothing"}, "x" * 600, "x" * 600),
    ],
    ids=["cut", "untrimmed", "blank", "null", "silently-cut", "unaltered"],
)
def test_text_switches(dotdigital: DotdigitalSide, switches: dict[str, str], given: str, read: str | None) -> None:
    dotdigital.control("PUT", "switches", switches)
    if len(given) == 600:
        dotdigital.control("PUT", "settings", {"dotdigital.cut_at": 500})
    dotdigital.imported(a_row(dataFields={"FIRSTNAME": given}))
    assert dotdigital.contact()["dataFields"]["firstname"] == read


@pytest.mark.parametrize(("switch", "failures"), [("fail", ["InvalidContact"]), ("ignore", [])])
def test_unknown_field(dotdigital: DotdigitalSide, switch: str, failures: list[str]) -> None:
    dotdigital.control("PUT", "switches", {"unknown_field": switch})
    result = dotdigital.imported(a_row(dataFields={"NONE": 1, "FIRSTNAME": "Ada"}))
    assert codes(result) == failures
    assert len(result["created"]) == 1 - len(failures)


def test_status_absent_subscribes_the_new_and_leaves_the_known(dotdigital: DotdigitalSide) -> None:
    dotdigital.a_contact("bo@example.org", status="unsubscribed")
    number = dotdigital.a_list()
    rows = [
        a_row(email, lists=[number], dataFields={"FIRSTNAME": "X"}) for email in ("ada@example.org", "bo@example.org")
    ]
    dotdigital.imported(*rows)
    assert (dotdigital.status(), dotdigital.status("bo@example.org")) == ("subscribed", "unsubscribed")
    assert dotdigital.contact("bo@example.org")["dataFields"]["firstname"] == "X"
    assert dotdigital.contact("bo@example.org")["lists"][0]["status"] == "suppressed"


def test_subscribed_sent_outright_resubscribes(dotdigital: DotdigitalSide) -> None:
    dotdigital.a_contact(status="unsubscribed")
    dotdigital.imported(a_row(channelProperties={"email": {"status": "subscribed"}}))
    assert dotdigital.status() == "subscribed"


@pytest.mark.parametrize(
    ("switch", "sent", "status", "failures"),
    [
        ("refused", "suppressed", "subscribed", ["InvalidContactStatus"]),
        ("refused", "unsubscribed", "unsubscribed", []),
        ("accepted", "suppressed", "suppressed", []),
    ],
)
def test_new_contact_with_a_status(
    dotdigital: DotdigitalSide, switch: str, sent: str, status: str, failures: list[str]
) -> None:
    dotdigital.control("PUT", "switches", {"new_contact_status_suppressed": switch})
    result = dotdigital.imported(a_row(channelProperties={"email": {"status": sent}}))
    assert len(result["created"]) == 1
    assert codes(result) == failures
    assert dotdigital.status() == status


def test_known_contact_can_be_suppressed_but_a_reason_is_never_replaced(dotdigital: DotdigitalSide) -> None:
    dotdigital.a_contact("a@example.com")
    dotdigital.a_contact("b@example.com", status="ispComplained")
    suppress = {"email": {"status": "suppressed"}}
    rows = [a_row(f"{name}@example.com", channelProperties=suppress) for name in "ab"]
    assert codes(dotdigital.imported(*rows)) == []
    assert dotdigital.status("a@example.com") == "suppressed"
    assert dotdigital.status("b@example.com") == "ispComplained"


@pytest.mark.parametrize(("switch", "status"), [("yes", "subscribed"), ("no", "suppressed")])
@pytest.mark.parametrize("was_removed", [False, True], ids=["still-on-it", "taken-off-since"])
def test_list_opt_out_meets_an_import_naming_the_list(
    dotdigital: DotdigitalSide, switch: str, status: str, was_removed: bool
) -> None:
    dotdigital.control("PUT", "switches", {"import_clears_list_optout": switch})
    number = dotdigital.a_list()
    dotdigital.a_contact(lists=[number])
    dotdigital.act("list_unsubscribe", email="ada@example.org", list=number)
    if was_removed:
        dotdigital.act("remove_from_list", email="ada@example.org", list=number)
    dotdigital.imported(a_row(dataFields={"FIRSTNAME": "Ada"}))
    lists = dotdigital.contact()["lists"]
    assert [each["status"] for each in lists] == ([] if was_removed else ["suppressed"])
    dotdigital.imported(a_row(lists=[number]))
    assert [each["status"] for each in dotdigital.contact()["lists"]] == [status]
    assert dotdigital.history(kind="list_member")[-1]["new"] == status


@pytest.mark.parametrize(("switch", "failures"), [("yes", []), ("no", ["InvalidContact"])])
def test_binned_contact_is_restored_by_the_switch(dotdigital: DotdigitalSide, switch: str, failures: list[str]) -> None:
    dotdigital.control("PUT", "switches", {"import_undeletes_binned": switch})
    number = dotdigital.a_contact()
    dotdigital.act("delete_contact", email="ada@example.org")
    result = dotdigital.imported(a_row())
    assert codes(result) == failures
    found = dotdigital.http.get(f"/contacts/v3/contactId/{number}").status_code
    assert found == (404 if failures else 200)


@pytest.mark.parametrize(("switch", "moves"), [("no", False), ("yes", True)])
def test_import_that_only_adds_to_a_list_moves_updated_by_the_switch(
    dotdigital: DotdigitalSide, switch: str, moves: bool
) -> None:
    dotdigital.control("PUT", "switches", {"list_join_bumps_updated": switch})
    number = dotdigital.a_list()
    dotdigital.a_contact()
    before = dotdigital.contact()["updated"]
    dotdigital.control("PUT", "clock", {"advance_seconds": 60})
    dotdigital.imported(a_row(lists=[number]))
    assert (dotdigital.contact()["updated"] > before) is moves
    dotdigital.imported(a_row(dataFields={"FIRSTNAME": None}))
    assert dotdigital.contact()["updated"] > before


def test_rename_by_contact_id_keeps_the_contact(dotdigital: DotdigitalSide) -> None:
    number = dotdigital.a_contact(dataFields={"FIRSTNAME": "Ada"})
    row = {"matchIdentifier": "contactId", "identifiers": {"contactId": number, "email": "new@example.org"}}
    result = dotdigital.imported(row)
    assert result["updated"] == [{"contactId": number, "identifiers": {"email": "new@example.org"}}]
    assert dotdigital.contact("new@example.org")["dataFields"]["firstname"] == "Ada"
    assert dotdigital.http.get("/contacts/v3/email/ada@example.org").status_code == 404


def test_address_freed_by_an_earlier_row_can_be_taken_by_a_later_one(dotdigital: DotdigitalSide) -> None:
    first, second = dotdigital.a_contact("a@example.com"), dotdigital.a_contact("b@example.com")
    by_id = "contactId"
    rows = [
        {"matchIdentifier": by_id, "identifiers": {by_id: first, "email": "c@example.com"}},
        {"matchIdentifier": by_id, "identifiers": {by_id: second, "email": "a@example.com"}},
    ]
    assert codes(dotdigital.imported(*rows)) == []
    assert dotdigital.contact("a@example.com")["contactId"] == second


def test_rename_to_a_taken_address_or_of_an_unknown_contact_fails(dotdigital: DotdigitalSide) -> None:
    number = dotdigital.a_contact("a@example.com")
    dotdigital.a_contact("b@example.com")
    by_id = "contactId"
    result = dotdigital.imported(
        {"matchIdentifier": by_id, "identifiers": {by_id: number, "email": "b@example.com"}},
        {"matchIdentifier": by_id, "identifiers": {by_id: 5, "email": "c@example.com"}},
    )
    assert codes(result) == ["duplicateIdentifier", "InvalidContactId"]
    assert dotdigital.contact("a@example.com")["contactId"] == number


def test_row_with_an_unknown_list_is_both_done_and_failed(dotdigital: DotdigitalSide) -> None:
    number = dotdigital.a_list()
    result = dotdigital.imported(a_row(lists=[number, 999_999]))
    assert len(result["created"]) == 1
    assert codes(result) == ["InvalidAddressBookIds"]
    assert dotdigital.on_list(number) == ["ada@example.org"]


def test_globally_suppressed_addresses_and_domains_fail(dotdigital: DotdigitalSide) -> None:
    settings = {
        "dotdigital.globally_suppressed": ["Ada@example.org"],
        "dotdigital.suppressed_domains": ["example.net"],
    }
    dotdigital.control("PUT", "settings", settings)
    result = dotdigital.imported(a_row(), a_row("bo@example.net"), a_row("cy@example.com"))
    assert codes(result) == ["globallySuppressed", "SuppressedByDomain"]
    assert result["summary"]["globallySuppressed"] == 1


@pytest.mark.parametrize(
    ("row", "failure"),
    [
        ({"matchIdentifier": "email"}, "NoValidIdentifiers"),
        ({"matchIdentifier": "email", "identifiers": {"contactId": 5}}, "NoValidIdentifiers"),
        ({"matchIdentifier": "shoeSize", "identifiers": {"email": "a@example.com"}}, "InvalidMatchIdentifier"),
        ({"matchIdentifier": "contactId", "identifiers": {"contactId": "5"}}, "InvalidContactId"),
        ({"matchIdentifier": "mobileNumber", "identifiers": {"mobileNumber": "x"}}, "InvalidPhoneNumber"),
        (a_row("a@b"), "invalidEmail"),
        (a_row("a b@example.com"), "invalidEmail"),
        (a_row(f"{'a' * 250}@example.com"), "invalidEmail"),
        (a_row(lists=[]), "ApiSchemaViolation"),
        (a_row(lists=list(range(1, 102))), "ApiSchemaViolation"),
        (a_row(lists=["901"]), "ApiSchemaViolation"),
        (a_row(dataFields=[{"key": "FIRSTNAME", "value": "x"}]), "ApiSchemaViolation"),
        (a_row(channelProperties={"email": {"status": "binned"}}), "InvalidContactStatus"),
        (a_row(channelProperties={"email": []}), "ApiSchemaViolation"),
        (a_row(Lists=[901]), "ApiSchemaViolation"),
        (5, "ApiSchemaViolation"),
    ],
)
def test_malformed_row_fails_alone(dotdigital: DotdigitalSide, row: Any, failure: str) -> None:
    result = dotdigital.imported(row, a_row("good@example.com"))
    assert codes(result) == [failure]
    assert len(result["created"]) == 1


def test_write_enums_are_taken_in_any_case_and_read_in_their_own(dotdigital: DotdigitalSide) -> None:
    email = {"status": "Unsubscribed", "optInType": "VERIFIEDDOUBLE", "emailType": "PlainText"}
    dotdigital.imported(a_row(channelProperties={"email": email}))
    shown = dotdigital.contact()["channelProperties"]["email"]
    assert shown == {"status": "unsubscribed", "optInType": "VerifiedDouble", "emailType": "PlainText"}


def test_enforced_double_opt_in_makes_new_contacts_pending(dotdigital: DotdigitalSide) -> None:
    dotdigital.control("PUT", "settings", {"dotdigital.enforce_double_opt_in": True})
    dotdigital.a_contact("bo@example.org")
    dotdigital.imported(a_row(), a_row("bo@example.org"))
    assert (dotdigital.status(), dotdigital.status("bo@example.org")) == ("pendingOptIn", "subscribed")


@pytest.mark.parametrize(
    ("settings", "status"),
    [
        ({"dotdigital.watchdog": True}, "RejectedByWatchdog"),
        ({"dotdigital.contact_allowance": 0}, "ExceedsAllowedContactLimit"),
    ],
)
def test_import_refused_as_a_whole_changes_nothing(
    dotdigital: DotdigitalSide, settings: dict[str, Any], status: str
) -> None:
    dotdigital.control("PUT", "settings", settings)
    result = dotdigital.imported(a_row())
    assert set(result) == {"importId", "status"}
    assert result["status"] == status
    assert dotdigital.page()["_items"] == []


def test_failed_job_changes_nothing(dotdigital: DotdigitalSide) -> None:
    dotdigital.control("POST", "faults", {"kind": "job_failed", "path": "import"})
    assert dotdigital.imported(a_row())["status"] == "Failed"
    assert dotdigital.page()["_items"] == []


def test_twenty_sixth_active_import_is_refused(dotdigital: DotdigitalSide) -> None:
    answers = [dotdigital.start_import([a_row(f"p{n}@example.com")]) for n in range(26)]
    assert [answer.status_code for answer in answers] == [202] * 25 + [429]
    assert answers[25].json()["errorCode"] == "contacts:tooManyActiveImports"
    dotdigital.http.get("/v2/account-info")
    assert dotdigital.start_import([a_row()]).status_code == 202


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "contacts:noContactsSpecified"),
        ({"contacts": []}, "contacts:noContactsSpecified"),
        ({"contacts": [{"matchIdentifier": "email"}]}, "contacts:badRequest"),
        ({"contacts": [a_row()], "mergeOption": "Overwrite"}, "contacts:badRequest"),
    ],
)
def test_import_body_is_checked_at_once(dotdigital: DotdigitalSide, body: dict[str, Any], code: str) -> None:
    refused = dotdigital.http.put("/contacts/v3/import", json=body)
    assert (refused.status_code, refused.json()["errorCode"]) == (400, code)


def test_too_large_a_body_is_refused(dotdigital: DotdigitalSide) -> None:
    dotdigital.control("PUT", "settings", {"dotdigital.import_max_bytes": 100})
    rows = [a_row(f"p{n}@example.com") for n in range(5)]
    assert dotdigital.start_import(rows).status_code == 400
