"""Plain requests, written like the vendor's documented examples, and answers that its published description allows."""

from __future__ import annotations

import base64
import json
from collections import Counter
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx
import jsonschema
import pytest
from vcr.serializers.yamlserializer import deserialize

from sfdd_declare.sandbox.server import Running
from tests.clients import dotdigital_description as d
from tests.live.ends import CASSETTES

JANE, JOHN = "jane.doe@emailsim.io", "john.doe@emailsim.io"


class Account:
    """An API user who checks every answer."""

    def __init__(self, running: Running) -> None:
        access = running.access
        self.http = httpx.Client(
            base_url=running.dotdigital_url, auth=(access.user, access.password), timeout=120, verify=False
        )

    def ask(self, method: str, path: str, schema: d.Schema | None, *, status: int = 200, **more: Any) -> Any:
        if status < 300 and (method, path.rstrip("/")) in d.REQUESTS:
            jsonschema.validate(more["json"], d.REQUESTS[method, path.rstrip("/")])
        reply = self.http.request(method, path, **more)
        wanted = (200, 201) if status == 200 else (status,)  # the vendor's own descriptions differ here
        assert reply.status_code in wanted, reply.text
        if schema is None:
            assert reply.content == b""
            return None
        jsonschema.validate(reply.json(), schema)
        return reply.json()

    def finished(self, path: str, schema: d.Schema) -> Any:
        for _ in range(50):
            found = self.ask("GET", path, schema)
            if found["status"] not in ("NotFinished", "NotStarted"):
                return found
        raise AssertionError("it does not end")


def test_what_our_client_says_is_allowed() -> None:
    """Every body that it sent in the recorded conversations."""
    checked: Counter[str] = Counter()
    for path in sorted(CASSETTES.glob("dotdigital_*.yaml")):
        for one in deserialize(path.read_text())["interactions"]:
            asked = one["request"]
            if not asked["body"]:
                continue
            target = urlsplit(asked["uri"]).path
            known = (s for (how, end), s in d.REQUESTS.items() if how == asked["method"] and target.endswith(end))
            jsonschema.validate(json.loads(asked["body"]), next(known))
            checked[f"{asked['method']} {target.rsplit('/', 1)[-1]}"] += 1
    assert set(checked) == {
        *("PUT import", "POST address-books", "POST data-fields", "PUT suppress-contacts", "POST delete")
    }


@pytest.fixture
def account(sandbox: Running) -> Iterator[Account]:
    found = Account(sandbox)
    yield found
    found.http.close()


@pytest.fixture
def book(account: Account) -> int:
    body = {"name": "Spring gala", "visibility": "Private"}
    return int(account.ask("POST", "/v2/address-books", d.BOOK, json=body)["id"])


@pytest.fixture
def names(account: Account) -> None:
    """The data fields of the vendor's examples."""
    found = {one["name"].upper() for one in account.ask("GET", "/v2/data-fields", d.a_list(d.FIELD))}
    for name in ("FIRSTNAME", "LASTNAME", "GENDER"):
        if name not in found:
            account.http.post("/v2/data-fields", json={"name": name, "type": "String", "visibility": "Private"})


def test_one_contact_from_its_creation_to_its_end(account: Account, names: None, book: int) -> None:
    body = {
        "identifiers": {"email": JANE, "mobileNumber": "447123123123"},
        "dataFields": {"firstName": "Jane", "lastName": "Doe", "gender": "female"},
        "channelProperties": {"email": {"emailType": "html", "optInType": "single"}},
        "lists": [book],
    }
    made = account.ask("POST", "/contacts/v3", d.CONTACT, status=201, json=body)
    account.ask("POST", "/contacts/v3", d.ERROR, status=409, json=body)
    account.ask("GET", f"/contacts/v3/email/{JANE}", d.CONTACT)
    account.ask("GET", "/contacts/v3/mobileNumber/447123123123/", d.CONTACT)
    account.ask("GET", "/contacts/v3/email/unknown@emailsim.io", d.ERROR, status=404)
    account.ask("GET", "/contacts/v3/contactId/nobody", d.ERROR, status=400)
    changed = account.ask("PATCH", f"/contacts/v3/email/{JANE}", d.CONTACT, json={"dataFields": {"gender": None}})
    assert changed["contactId"] == made["contactId"]
    replaced = {"identifiers": {"email": JANE}, "dataFields": {"firstName": "Janet"}}
    account.ask("PUT", f"/contacts/v3/contactId/{made['contactId']}", d.CONTACT, json=replaced)
    account.ask("POST", "/contacts/v3", d.ERROR, status=400, content=b"{", headers={"content-type": "application/json"})
    account.ask("DELETE", f"/contacts/v3/contactId/{made['contactId']}", d.DELETED)


def test_contacts_in_pages(account: Account, names: None, book: int) -> None:
    for email in (JANE, JOHN):
        body = {"identifiers": {"email": email}, "lists": [book], "dataFields": {"firstName": "J"}}
        account.ask("POST", "/contacts/v3", d.CONTACT, status=201, json=body)
    asked = {"~listId": book, "limit": 1, "data-fields": "FIRSTNAME|LASTNAME", "include": "channelProperties|lists"}
    first = account.ask("GET", "/contacts/v3/", d.PAGE, params=asked)
    more = account.ask("GET", "/contacts/v3", d.PAGE, params=asked | {"marker": first["_links"]["next"]["marker"]})
    assert [one["identifiers"]["email"] for one in first["_items"] + more["_items"]] == [JANE, JOHN]
    account.ask("GET", "/contacts/v3", d.PAGE, params={"~modified": "gte::2021-12-17T00:00:00Z"})
    since = {"~created": "gte::2021-12-17T00:00:00Z", "data-fields": "[[ALL]]"}
    account.ask("GET", "/contacts/v3", d.PAGE, params=since)
    account.ask("GET", "/contacts/v3", d.ERROR, status=400, params={"~modified": "2022-08-01T00:00:00Z"})
    account.ask("GET", "/contacts/v3", d.ERROR, status=400, params={"limit": 5001})


def test_an_import_with_failures(account: Account, names: None) -> None:
    body = {
        "mergeOption": "overwrite",
        "contacts": [
            {
                "matchIdentifier": "email",
                "identifiers": {"email": JANE},
                "dataFields": {"firstName": "Jane", "lastName": "Doe", "gender": "female"},
            },
            {
                "matchIdentifier": "mobileNumber",
                "identifiers": {"email": JOHN, "mobileNumber": "447123123123"},
                "dataFields": {"firstName": "John", "lastName": "Doe", "gender": "male"},
                "channelProperties": {"email": {"emailType": "Html"}},
            },
            {"matchIdentifier": "email", "identifiers": {"email": "bob@emailsim@io.com"}},
            {"matchIdentifier": "contactId", "identifiers": {"contactId": 123456, "email": "new@emailsim.io"}},
        ],
    }
    job = account.ask("PUT", "/contacts/v3/import", d.IMPORT_ACCEPTED, status=202, json=body)["importId"]
    found = account.finished(f"/contacts/v3/import/{job}", d.IMPORT)
    assert (found["status"], len(found["created"])) == ("Finished", 2)
    assert "bob@emailsim@io.com" in [one["identifiers"].get("email") for one in found["failures"]]
    account.ask("GET", "/contacts/v3/import/d7de900d-d337-43f6-b1e1-c8ec73e1a434", d.ERROR, status=404)
    account.ask("PUT", "/contacts/v3/import", d.ERROR, status=400, json={"contacts": []})


def test_a_deletion_of_many(account: Account) -> None:
    made = account.ask("POST", "/contacts/v3", d.CONTACT, status=201, json={"identifiers": {"email": JANE}})
    account.ask("POST", "/contacts/v3", d.CONTACT, status=201, json={"identifiers": {"email": JOHN}})
    who = [{"contactId": made["contactId"]}, {"email": JOHN}, {"email": "unknown@emailsim.io"}]
    job = account.ask("POST", "/contacts/v3/delete", d.DELETION_ACCEPTED, status=202, json=who)["deleteId"]
    found = account.finished(f"/contacts/v3/delete/{job}", d.DELETION)
    assert (found["summary"]["deletedContacts"], found["summary"]["unknownContacts"]) == (2, 1)
    account.ask("POST", "/contacts/v3/delete", d.ERROR, status=400, json=[])


def test_the_account_and_its_set_up(account: Account, book: int) -> None:
    account.ask("GET", "/v2/account-info", d.ACCOUNT)
    assert "T" in account.http.get("/v2/server-time").json()
    account.ask("GET", "/v2/address-books?select=1000&skip=0", d.a_list(d.BOOK, minItems=1))
    account.ask("GET", "/v2/address-books?select=1001", d.OLD_ERROR, status=400)
    account.ask("PUT", f"/v2/address-books/{book}", d.BOOK, json={"name": "Autumn gala", "visibility": "Public"})
    account.ask("GET", f"/v2/address-books/{book}/", d.BOOK)
    account.ask("POST", "/v2/address-books", d.OLD_ERROR, status=400, json={"name": "autumn GALA"})
    account.ask("GET", "/v2/address-books/999999", d.OLD_ERROR, status=404)
    for path in ("/v2/segments", "/v2/programs", "/v2/campaigns"):
        assert account.http.get(path).json() == []
    account.ask("DELETE", f"/v2/address-books/{book}", None, status=204)


def test_old_contacts(account: Account, names: None, book: int) -> None:
    body = {
        "Email": JANE,
        "OptInType": "Single",
        "EmailType": "Html",
        "DataFields": [{"Key": "FIRSTNAME", "Value": "Jane"}],
    }
    made = account.ask("POST", f"/v2/address-books/{book}/contacts", d.OLD_CONTACT, json=body)
    number = made["id"]
    account.ask("GET", f"/v2/contacts/{JANE}", d.OLD_CONTACT)
    account.ask("PUT", f"/v2/contacts/{number}", d.OLD_CONTACT, json={"email": JANE, "dataFields": []})
    account.ask("GET", f"/v2/contacts/{number}/address-books", d.a_list(d.BOOK, minItems=1))
    account.ask("GET", f"/v2/address-books/{book}/contacts/?withFullData=true", d.a_list(d.OLD_CONTACT, minItems=1))
    account.ask("GET", "/v2/contacts/modified-since/2016-01-01", d.a_list(d.OLD_CONTACT, minItems=1))
    account.ask("GET", "/v2/contacts/created-since/2016-01-01T00:00:00Z", d.a_list(d.OLD_CONTACT, minItems=1))
    account.ask("GET", "/v2/contacts/count", d.NUMBER)
    account.ask("GET", "/v2/contacts/unknown@emailsim.io", d.OLD_ERROR, status=404)
    account.ask("DELETE", f"/v2/address-books/{book}/contacts/{number}", None, status=204)
    account.ask("DELETE", f"/v2/contacts/{number}", None, status=204)


def test_opt_outs_and_the_way_back(account: Account, book: int) -> None:
    for email in (JANE, JOHN):
        account.ask("POST", f"/v2/address-books/{book}/contacts", d.OLD_CONTACT, json={"email": email})
    account.ask("POST", "/v2/contacts/unsubscribe", d.REMOVAL, json={"email": JANE})
    who = [{"email": JOHN}, {"email": "unknown@emailsim.io"}]
    found = account.ask("PUT", "/v2/contacts/suppress-contacts", d.SUPPRESSED, json=who)
    assert (len(found["suppressed"]), found["notFound"][0]["email"]) == (1, "unknown@emailsim.io")
    for path in ("suppressed-since", "unsubscribed-since"):
        account.ask("GET", f"/v2/contacts/{path}/2016-01-01", d.a_list(d.REMOVAL, minItems=1))
    body = {
        "unsubscribedContact": {"email": JANE, "dataFields": []},
        "preferredLocale": "en-EN",
        "returnUrlToUseIfChallenged": "https://example.com",
    }
    account.ask("POST", "/v2/contacts/resubscribe-with-no-challenge", d.RESUBSCRIBED, json=body)
    account.ask("GET", f"/v2/contacts/{JANE}", d.OLD_CONTACT)


def test_preferences_and_who_opts_in(account: Account) -> None:
    names = {"publicName": "Preferred contact method", "privateName": "Preferred contact method"}
    group = account.ask("POST", "/v2/preferences", d.PREFERENCE, json=names)
    inside = {"publicName": "Email", "privateName": "Email", "isPreference": True, "isPublic": True, "order": 0}
    email = account.ask("POST", "/v2/preferences", d.PREFERENCE, json=inside | {"categoryId": group["id"]})
    body = {"identifiers": {"email": JANE}, "preferences": [{"id": email["id"], "isOptedIn": True}]}
    made = account.ask("POST", "/contacts/v3", d.CONTACT, status=201, json=body)
    assert [each["id"] for each in made["preferences"]] == [email["id"]]
    out = [{"id": email["id"], "isPreference": True, "isOptedIn": False}]
    choice = [{"id": group["id"], "isPreference": False, "preferences": out}]
    jsonschema.validate(choice, d.CHOOSE)
    account.ask("PUT", f"/v2/contacts/{JANE}/preferences", None, json=choice)
    account.ask("GET", f"/v2/contacts/{made['contactId']}/preferences", d.PREFERENCES)
    account.ask("GET", "/v2/preferences/modified-since/2016-01-01", d.PREFERENCES)
    assert account.ask("GET", f"/v2/contacts/with-preference/{email['id']}", d.a_list(d.OLD_REFERENCE)) == []
    account.ask("PUT", f"/v2/preferences/{email['id']}", d.PREFERENCE, json=inside | {"id": email["id"]})
    account.ask("GET", "/v2/preferences", d.PREFERENCES)
    assert account.http.delete(f"/v2/preferences/{group['id']}").text.endswith("deleted successfully")


def test_consent_in_both_frameworks(account: Account, names: None) -> None:
    record = {
        "text": "Yes, I would like to receive a monthly newsletter",
        "dateTimeConsented": "2023-01-26T21:29:00Z",
        "url": "http://www.example.com/signup",
        "ipAddress": "129.168.0.2",
        "userAgent": "Mozilla/5.0 (X11; OpenBSD i386)",
    }
    body = {"identifiers": {"email": JANE}, "consentRecords": [record]}
    account.ask("POST", "/contacts/v3", d.CONTACT, status=201, json=body)
    found = account.ask("GET", f"/v2/contacts/{JANE}/with-consent", d.OLD_CONSENT)
    assert found["consentFields"][0]["fields"][0] == {"key": "TEXT", "value": record["text"]}
    old = ("consenttext", "consentdatetime", "consenturl", "consentip", "consentuseragent")
    values = ["Your consent text goes here.", "2020-01-01 09:40:18.527000+00:00", *list(record.values())[2:]]
    fields = [{"key": key, "value": value} for key, value in zip(old, values, strict=True)]
    contact = {"email": JOHN, "optInType": "Unknown", "emailType": "Html", "dataFields": []}
    both: dict[str, Any] = {"contact": contact, "consentFields": [{"fields": fields}]}
    account.ask("POST", "/v2/contacts/with-consent", d.OLD_CONSENT, json=both)
    both["preferences"] = []
    made = account.ask("POST", "/v2/contacts/with-consent-and-preferences", d.OLD_CONSENT, json=both)
    path = f"/v2/contacts/{made['contact']['id']}/with-consent-and-preferences"
    account.ask("PUT", path, d.OLD_CONSENT, json=both)


def test_events_of_a_subscription(account: Account) -> None:
    kinds = [{"eventType": "contact.created"}, {"eventType": "interaction.unsubscribe"}]
    body: dict[str, Any] = {
        "name": "Contact events",
        "status": "active",
        "subscribedEventTypes": kinds,
        "alertsConfiguration": {"alertChannels": "emailAndInApp", "email": "alerts@emailsim.io"},
    }
    path = "/events/v3/export/subscriptions"
    number = account.ask("POST", path, d.SUBSCRIPTION, status=201, json=body)["id"]
    account.ask("POST", path, d.ERROR, status=409, json=body)
    account.ask("GET", path, d.SUBSCRIPTIONS, params={"limit": 2000})
    account.ask("POST", "/contacts/v3", d.CONTACT, status=201, json={"identifiers": {"email": JANE}})
    found = account.ask("GET", f"/events/v3/export/{number}", d.EVENTS, params={"limit": 2000})
    assert [each["type"] for each in found["events"]] == ["contact.created"]
    point = {"checkPoint": found["checkPoint"]}
    assert account.ask("GET", f"/events/v3/export/{number}", d.EVENTS, params=point)["events"] == []
    account.ask("GET", f"/events/v3/export/{number}", d.ERROR, status=400, params={"checkPoint": "XXXXYYYYY"})
    account.ask("PUT", f"{path}/{number}", d.SUBSCRIPTION, json=body | {"status": "inactive"})
    account.ask("GET", f"/events/v3/export/{number}", d.ERROR, status=409)
    account.ask("DELETE", f"{path}/{number}", None, status=204)
    account.ask("GET", f"{path}/{number}", d.ERROR, status=404)


def test_an_old_import(account: Account, names: None, book: int) -> None:
    lines = f"Email,FIRSTNAME\r\n{JANE},Jane\r\nno-address,Bob\r\n".encode()
    body = {"fileName": "c.csv", "data": base64.b64encode(lines).decode()}
    path = f"/v2/address-books/{book}/contacts/import"
    job = account.ask("POST", path, d.OLD_IMPORT, status=202, json=body)["id"]
    assert account.finished(f"/v2/contacts/import/{job}", d.OLD_IMPORT)["status"] == "Finished"
    report = account.ask("GET", f"/v2/contacts/import/{job}/report", d.OLD_REPORT)
    assert (report["newContacts"], report["invalidEntries"]) == (1, 1)
    faults = account.http.get(f"/v2/contacts/import/{job}/report-faults").content.decode("utf-8-sig").splitlines()
    assert (faults[0].split(",")[:2], len(faults)) == (["Reason", "Email"], 2)
