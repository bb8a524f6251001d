"""v2's bulk imports: files and JSON, merge options, reports and faults, and who is not written to."""

from __future__ import annotations

import base64
import csv
import io
from typing import Any

import httpx
import pytest

from tests.unit.sandbox.dotdigital_side import DotdigitalSide, a_row

ALL = "/v2/contacts/import"


def code(response: httpx.Response) -> str:
    assert response.status_code in (400, 404), response.text
    return str(response.json()["message"]).rpartition(" ")[2]


def in_json(text: str, name: str = "people.csv") -> dict[str, str]:
    return {"fileName": name, "data": base64.b64encode(text.encode()).decode()}


def finished(side: DotdigitalSide, started: httpx.Response, *, status: str = "Finished") -> str:
    assert started.status_code == 202, started.text
    assert started.json()["status"] == "NotFinished"
    path = f"/v2/contacts/import/{started.json()['id']}"
    seen = [side.http.get(path).json()["status"] for _ in range(3)]
    assert (seen[0], seen[-1]) == ("NotFinished", status)
    return path


def report(side: DotdigitalSide, path: str) -> dict[str, int]:
    counts: dict[str, int] = side.http.get(f"{path}/report").json()
    return {name: count for name, count in counts.items() if count}


def faults(side: DotdigitalSide, path: str) -> list[list[str]]:
    content = side.http.get(f"{path}/report-faults").content
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


def test_file_in_json_writes_contacts_to_a_list(dotdigital: DotdigitalSide) -> None:
    book = dotdigital.a_list()
    text = "EMAIL,FirstName,OptInType,Unheard\r\nada@example.org,Ada,Double,x\r\nbo@example.org,,,\r\n"
    path = finished(dotdigital, dotdigital.http.post(f"/v2/address-books/{book}/contacts/import", json=in_json(text)))
    assert report(dotdigital, path) == {"newContacts": 2}
    assert dotdigital.on_list(book) == ["ada@example.org", "bo@example.org"]
    ada = dotdigital.contact()
    assert (ada["dataFields"]["firstname"], ada["channelProperties"]["email"]["optInType"]) == ("Ada", "Double")


def test_file_as_multipart_is_taken_with_a_byte_order_mark(dotdigital: DotdigitalSide) -> None:
    content = "\ufeffEmail,LASTNAME\nada@example.org,Öz\n".encode()
    path = finished(dotdigital, dotdigital.http.post(ALL, files={"file": ("people.csv", content)}))
    assert report(dotdigital, path) == {"newContacts": 1}
    assert dotdigital.contact()["dataFields"]["lastname"] == "Öz"


@pytest.mark.parametrize(
    ("option", "first"),
    [("", None), ("/with-merge-option/0", None), ("/with-merge-option/1", "old"), ("/with-merge-option/2", "old")],
)
def test_merge_option_decides_about_blank_cells(dotdigital: DotdigitalSide, option: str, first: str | None) -> None:
    dotdigital.a_contact(dataFields={"FIRSTNAME": "old"})
    text = "Email,FIRSTNAME,LASTNAME\nada@example.org,,new\n"
    path = finished(dotdigital, dotdigital.http.post(ALL + option, json=in_json(text)))
    assert report(dotdigital, path) == {"updatedContacts": 1}
    held = dotdigital.contact()["dataFields"]
    assert (held["firstname"], held["lastname"]) == (first, "new")


def test_merge_option_2_fills_only_what_is_empty(dotdigital: DotdigitalSide) -> None:
    dotdigital.a_contact(dataFields={"FIRSTNAME": "old"})
    text = "Email,FIRSTNAME,LASTNAME\nada@example.org,new,new\n"
    finished(dotdigital, dotdigital.http.post(f"{ALL}/with-merge-option/2", json=in_json(text)))
    held = dotdigital.contact()["dataFields"]
    assert (held["firstname"], held["lastname"]) == ("old", "new")
    assert code(dotdigital.http.post(f"{ALL}/with-merge-option/3", json=in_json(text))) == "ERROR_PARAMETER_INVALID"


def test_rows_that_fail_are_counted_and_told_with_their_reason(dotdigital: DotdigitalSide) -> None:
    dotdigital.control("PUT", "settings", {"dotdigital.globally_suppressed": ["gone@example.org"]})
    for name, status in (
        ("a", "unsubscribed"),
        ("b", "hardBounced"),
        ("c", "ispComplained"),
        ("d", "suppressed"),
        ("e", "directComplaint"),
    ):
        dotdigital.a_contact(f"{name}@example.org", status=status, dataFields={"FIRSTNAME": "old"})
    names = ["a", "b", "c", "d", "e", "gone", "new", "new"]
    text = "Email,FIRSTNAME\n" + "".join(f"{name}@example.org,new\n" for name in names) + "x@@y,new\n"
    path = finished(dotdigital, dotdigital.http.post(ALL, json=in_json(text)))
    assert report(dotdigital, path) == {
        "newContacts": 1,
        **dict.fromkeys(("unsubscribed", "hardBounced", "ispComplaints", "suppressedContacts", "blocked"), 1),
        **dict.fromkeys(("globallySuppressed", "duplicateEmails", "invalidEntries"), 1),
    }
    rows = faults(dotdigital, path)
    assert rows[0] == ["Reason", "Email", "FIRSTNAME"]
    assert sorted(rows[1:]) == sorted(
        [
            ["Unsubscribed", "a@example.org", "new"],
            ["Hard Bounced", "b@example.org", "new"],
            ["Isp Complaints", "c@example.org", "new"],
            ["Suppressed by you", "d@example.org", "new"],
            ["Blocked", "e@example.org", "new"],
            ["Globally Suppressed", "gone@example.org", "new"],
            ["Duplicate", "new@example.org", "new"],
            ["Invalid Entries", "x@@y", "new"],
        ]
    )
    assert dotdigital.contact("a@example.org")["dataFields"]["firstname"] == "old"
    assert dotdigital.status("a@example.org") == "unsubscribed"


@pytest.mark.parametrize("switch", ["yes", "no"])
def test_opt_out_of_a_list_outlives_an_import(dotdigital: DotdigitalSide, switch: str) -> None:
    dotdigital.control("PUT", "switches", {"import_clears_list_optout": switch})
    first, second = dotdigital.a_list(), dotdigital.a_list("Autumn")
    dotdigital.a_contact(optouts=[first])
    body = {"addressBookIds": [first, second], "mergeOption": 0, "contacts": [{"email": "ada@example.org"}]}
    path = finished(dotdigital, dotdigital.http.post("/v2/contacts/import-collection", json=body))
    assert report(dotdigital, path) == {"updatedContacts": 1, "unsubscribed": 1}
    assert [(each["id"], each["status"]) for each in dotdigital.contact()["lists"]] == [(second, "subscribed")]
    only = {**body, "addressBookIds": [first]}
    path = finished(dotdigital, dotdigital.http.post("/v2/contacts/import-collection", json=only))
    assert report(dotdigital, path) == {"unsubscribed": 1}
    assert faults(dotdigital, path)[1:] == [["Unsubscribed", "ada@example.org"]]


def test_collection_takes_values_and_keys_in_any_case(dotdigital: DotdigitalSide) -> None:
    people: list[Any] = [{"Email": "ada@example.org", "DataFields": [{"Key": "firstname", "Value": "Ada"}]}, 3, {}]
    body = {"Contacts": people, "MergeOption": "OnlyOverwriteIfNotEmpty"}
    path = finished(dotdigital, dotdigital.http.post("/v2/contacts/import-collection", json=body))
    assert report(dotdigital, path) == {"newContacts": 1, "invalidEntries": 2}
    assert dotdigital.contact()["dataFields"]["firstname"] == "Ada"


def test_report_is_not_there_before_the_import_is_done(dotdigital: DotdigitalSide) -> None:
    started = dotdigital.http.post(ALL, json=in_json("Email\nada@example.org\n")).json()["id"]
    assert code(dotdigital.http.get(f"{ALL}/{started}/report")) == "ERROR_IMPORT_REPORT_NOT_FOUND"
    for part in ("report", "report-faults"):
        assert code(dotdigital.http.get(f"{ALL}/no-such-import/{part}")) == "ERROR_IMPORT_NOT_FOUND"
    assert code(dotdigital.http.get(f"{ALL}/no-such-import")) == "ERROR_IMPORT_NOT_FOUND"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (in_json("Name\nAda\n"), "ERROR_NO_EMAIL_COLUMN"),
        (in_json("Email\na@b.de\n", "people.xlsx"), "ERROR_IMPORT_UNSUPPORTED_FORMAT"),
        (in_json("Email\na@b.de\n", ""), "ERROR_MALFORMED_REQUEST"),
        ({"fileName": "people.csv", "data": "###"}, "ERROR_MALFORMED_REQUEST"),
        ({"fileName": "people.csv"}, "ERROR_MALFORMED_REQUEST"),
        ([], "ERROR_MALFORMED_REQUEST"),
    ],
)
def test_what_is_no_file_of_contacts_is_refused(dotdigital: DotdigitalSide, body: Any, expected: str) -> None:
    assert code(dotdigital.http.post(ALL, json=body)) == expected


@pytest.mark.parametrize("name", ["people.xls", "People.XLSX"])
@pytest.mark.parametrize("place", ["", "/with-merge-option/1"])
def test_an_excel_file_is_refused_as_a_format_and_starts_nothing(
    dotdigital: DotdigitalSide, name: str, place: str
) -> None:
    book = dotdigital.a_list()
    for path in (ALL, f"/v2/address-books/{book}/contacts/import"):
        refused = dotdigital.http.post(path + place, files={"file": (name, b"Email\nada@example.org\n")})
        assert code(refused) == "ERROR_IMPORT_UNSUPPORTED_FORMAT"
    with dotdigital.world.lock:
        assert dotdigital.world.db.execute("SELECT COUNT(*) FROM dd_job").fetchone()[0] == 0


def test_multipart_without_a_file_is_refused(dotdigital: DotdigitalSide) -> None:
    nameless = b'--b\r\nContent-Disposition: form-data; name="file"\r\n\r\nEmail\r\n\r\n--b--\r\n'
    for content in (nameless, b"", b"--b", b"nothing"):
        headers = {"Content-Type": "multipart/form-data; boundary=b"}
        refused = dotdigital.http.post(ALL, content=content, headers=headers)
        assert (refused.status_code, "file must be valid" in refused.json()["message"]) == (400, True)
    assert dotdigital.http.post(ALL, content=b"x", headers={"Content-Type": "multipart/form-data"}).status_code == 400


def test_file_that_is_no_csv_ends_as_such(dotdigital: DotdigitalSide) -> None:
    body = {"fileName": "people.csv", "data": base64.b64encode(b"Email\n\xff\xfe\n").decode()}
    finished(dotdigital, dotdigital.http.post(ALL, json=body), status="InvalidFileFormat")


def test_watchdog_refuses_an_import_as_a_whole(dotdigital: DotdigitalSide) -> None:
    dotdigital.control("PUT", "settings", {"dotdigital.watchdog": True})
    started = dotdigital.http.post(ALL, json=in_json("Email\nada@example.org\n"))
    path = finished(dotdigital, started, status="RejectedByWatchdog")
    assert code(dotdigital.http.get(f"{path}/report")) == "ERROR_IMPORT_REPORT_NOT_FOUND"
    assert dotdigital.http.get("/v2/contacts/count").text == "0"


def test_25_imports_may_be_active_whichever_version_they_came_by(dotdigital: DotdigitalSide) -> None:
    text = in_json("Email\nada@example.org\n")
    for number in range(25):
        started = dotdigital.http.post(ALL, json=text) if number % 2 else dotdigital.start_import([a_row()])
        assert started.status_code == 202
    assert code(dotdigital.http.post(ALL, json=text)) == "ERROR_IMPORT_TOOMANYACTIVEIMPORTS"
    refused = dotdigital.start_import([a_row()])
    assert (refused.status_code, refused.json()["errorCode"]) == (429, "contacts:tooManyActiveImports")


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"3", b"null", b"[null]", b"{}"])
def test_malformed_bodies_are_refused(dotdigital: DotdigitalSide, content: bytes) -> None:
    for path in (ALL, "/v2/contacts/import-collection"):
        assert dotdigital.http.post(path, content=content).status_code == 400
