"""Our own OpenAPI description of the sandbox account, made from its table of calls."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass

from sfdd_declare.sandbox.dotdigital.app import INFO
from sfdd_declare.sandbox.dotdigital.offers import OFFERS
from tests.unit.sandbox.dotdigital_side import DotdigitalSide, a_row
from tests.unit.sandbox.fuzz_shapes import (
    DATES,
    SCALAR,
    TEXT,
    Schema,
    document,
    nullable,
    operation,
    plain,
    several,
    some,
    thing,
    word,
)

_EMAILS = ("ada@example.org", "bo@example.org", "x@@y", "ADA@EXAMPLE.ORG", "ä@exämple.org")
_FILES = (b"Email,TIER\nada@example.org,gold\n", b"Email\n", b"\xff\xfe\x00", b'Email\n"a', b"TIER\na\n", b"\x00\n")

CONSENT = {
    "TEXT": "Yes",
    "DATETIMECONSENTED": "2026-03-01T00:00:00Z",
    "URL": "https://example.org/sign-up",
    "IPADDRESS": "127.0.0.1",
    "USERAGENT": "Mozilla/5.0",
}
SUBSCRIPTION = {
    "name": "Contacts",
    "status": "active",
    "subscribedEventTypes": [{"eventType": "contact.updated"}, {"eventType": "contact.membershipUpdated"}],
    "alertsConfiguration": {"alertChannels": "none"},
}


@dataclass(frozen=True, slots=True)
class Known:
    """What is there: an address book, a contact, a category with a preference in it, a subscription, and jobs."""

    book: int
    contact: int
    category: int
    preference: int
    subscription: int
    jobs: tuple[str, ...]


def furnish(side: DotdigitalSide) -> Known:
    """An account with a little of everything."""
    book = side.a_list()
    side.a_field()
    side.http.post("/configuration/v3/customIdentifiers", json={"name": "sf-contact-id"})
    contact = side.a_contact(lists={book: "subscribed"})
    side.a_contact("bo@example.org", status="unsubscribed")
    jobs = (
        side.start_import([a_row()]).json()["importId"],
        side.http.post("/contacts/v3/delete", json=[{"email": "no@example.org"}]).json()["deleteId"],
        side.http.post(f"/v2/address-books/{book}/contacts/delete", json=[contact]).json()["id"],
        side.http.post("/v2/contacts/import-collection", json={"contacts": [{"email": "cy@example.org"}]}).json()["id"],
    )
    tree = side.http.get("/v2/preferences").json()
    category = next(each for each in tree if each["preferences"])
    inside = category["preferences"][0]["id"]
    subscription = side.http.post("/events/v3/export/subscriptions", json=SUBSCRIPTION).json()["id"]
    return Known(book, contact, category["id"], inside, subscription, jobs)


def calls() -> Iterator[tuple[str, str]]:
    """Method and template of every call."""
    yield INFO
    for offer in OFFERS:
        yield offer.method, offer.path


def names(known: Known) -> dict[str, tuple[str, ...]]:
    """What stands in paths, by the name of the parameter; the first two of each are there."""
    numbers = ("0", "-1", "9" * 25)
    return {
        "book": (str(known.book), str(known.book), *numbers),
        "contact": (str(known.contact), str(known.contact), *numbers),
        "preference": (str(known.preference), str(known.category), *numbers),
        "campaign": ("7", *numbers),
        "subscription": (str(known.subscription), str(known.subscription), *numbers),
        "job": (*known.jobs, *numbers),
        "key": (str(known.contact), *_EMAILS),
        "date": (*DATES, "2026-03-01T00:00:00.1234567Z", "9999-12-31", "0000-00-00"),
        "option": ("0", "1", "2", "3", "-1"),
        "name": ("TIER", "sf-contact-id", "FIRSTNAME", "Nope"),
        "identifier": ("email", "contactId", "mobileNumber", "sf-contact-id", "nope"),
        "value": ("ada@example.org", str(known.contact), *_EMAILS, "447700900123", "9" * 25, "a/b"),
    }


def openapi(known: Known) -> Schema:
    """The description of every call."""
    bodies = _bodies(known)
    paths: dict[str, dict[str, Schema]] = {}
    for method, template in calls():
        path = plain(template)
        for place, name in (("address-books", "book"), ("contacts", "contact"), (r"contacts(?:/v3)?/\w+", "job")):
            path = re.sub(f"(/{place})/{{id}}", rf"\1/{{{name}}}", path)
        body = next((body for key, body in bodies.items() if _is_for(key, method, template)), None)
        made = operation(path, _query(known, template), body, "application/json")
        paths.setdefault(path, {})[method.lower()] = made
    return document(paths)


def _is_for(key: str, method: str, template: str) -> bool:
    wanted, _, ending = key.partition(" ")
    return method == wanted and template.endswith(ending)


def _query(known: Known, template: str) -> dict[str, Schema]:
    if template == "/contacts/v3":
        since = word(*(f"gte::{date}" for date in (*DATES, "0000-00-00T00:00:00Z", "2026-02-30T00:00:00.000Z")))
        return {
            "limit": word("1", "0", "5000", "9" * 25, "²"),
            "marker": word("", "TVE9PQ==", "TVRJd01RPT0=", "é"),
            "data-fields": word("TIER", "[[ALL]]", "Nope|TIER"),
            "include": word("lists|channelProperties|preferences", "nope"),
            "~listId": word(str(known.book), "9" * 25),
            "~created": since,
            "~modified": since,
        }
    if template.startswith("/events/"):
        points = word("", "MTow", "MTo=", "é", "a", "LTE6MA==")
        return {"limit": word("1", "0", "5000", "²"), "marker": word("", "TVE9PQ==", "é"), "checkPoint": points}
    if template.startswith("/contacts/v3"):
        return {"merge-option": word("overwrite", "overwrite-if-empty", "overwrite-if-not-empty")}
    return {
        "select": word("1", "0", "1000", "²"),
        "skip": word("0", "1", "-1"),
        "withFullData": word("true", "nope"),
    } | {"minContactId": word("0", "²")}


def _bodies(known: Known) -> dict[str, Schema]:
    """By method and the end of the template; the first that fits is taken."""
    number: Schema = some(known.contact, known.book, 10**25)
    email = some(*_EMAILS)
    pairs = nullable(several(thing(key=word("TIER", "Preference:Events"), value=some("gold", "True", None))))
    kinds = {"optInType": word("Single", "Double"), "emailType": word("Html", "PlainText")}
    consent = several(
        {
            "anyOf": [
                thing(key=word("TEXT", "consentip"), value=some("a", "127.0.0.1")),
                thing(fields=nullable(several(thing(key=word("TEXT", "URL"), value=some("a"))))),
                {"const": {"fields": [{"key": key, "value": value} for key, value in CONSENT.items()]}},
            ]
        }
    )
    flat = thing(("email",), id=number, email=email, dataFields=pairs, **kinds)
    agreeing = thing(("email",), **flat["properties"], consentFields=nullable(consent))
    reference = thing(id=number, email=email)
    again = thing(("unsubscribedContact",), unsubscribedContact=flat, preferredLocale=TEXT)
    file = thing(fileName=word("c.csv", "c.xls"), data=word(*(base64.b64encode(each).decode() for each in _FILES)))
    collection = thing(
        addressBookIds=nullable(several(number)),
        mergeOption=some(0, 1, 2, 3),
        contacts=several(agreeing),
    )
    row = _row(known, number, email)
    rows = thing(("contacts",), mergeOption=word("overwrite", "overwriteIfEmpty"), contacts=several(row))
    named = thing(email=email, contactId=number, mobileNumber=some("447700900123"))
    choice = thing(("id",), id=some(known.preference, known.category), isPreference=some(True), isOptedIn=some(True))
    choices = several(thing(("id",), **choice["properties"], preferences=nullable(several(nullable(choice)))))
    with_both = thing(("contact",), contact=flat, consentFields=consent, preferences=choices)
    wanted = thing(field=word("$.status"), matchPattern=word("[", "[!a]*"), caseSensitive=some(True))
    kind = thing(("eventType",), eventType=some("contact.updated"), filters=nullable(several(nullable(wanted), 6)))
    subscription = thing(
        tuple(SUBSCRIPTION),
        name=some("Others", "Contacts"),
        status=some("active", "inactive"),
        subscribedEventTypes=several(nullable(kind)),
        alertsConfiguration=nullable(thing(alertChannels=some("none", "email"), email=some("ada@example.org"))),
    )
    taste = thing(
        ("publicName", "privateName"),
        id=some(known.preference),
        publicName=some("News"),
        privateName=some("news"),
        isPreference=some(True),
        order=some("top", 0),
        isPublic=some(True),
        categoryId=some(known.category),
    )
    return {
        "POST /subscriptions": subscription,
        "PUT /{subscription}": subscription,
        "POST /with-consent": thing(("contact",), contact=flat, consentFields=consent),
        "POST /with-consent-and-preferences": with_both,
        "PUT /with-consent-and-preferences": with_both,
        "POST /v2/preferences": taste,
        "PUT /preferences/{preference}": taste,
        "PUT /{key}/preferences": choices,
        "POST /contacts/delete": several(number),
        "POST /v3/delete": several(named),
        "POST /contacts/import-collection": collection,
        "POST /contacts/import": file,
        "POST /with-merge-option/{option}": file,
        "PUT /v3/import": rows,
        "POST /contacts/resubscribe": again,
        "POST /resubscribe-with-no-challenge": again,
        "POST /unsubscribe": thing(("email",), email=email),
        "PUT /suppress-contacts": several(reference),
        "GET /retrieve-collection": thing(contacts=several(reference), withFullData=some(True)),
        "POST /address-books": thing(("name",), name=some("Spring"), visibility=word("Private", "Public", "nope")),
        "PUT /address-books/{id}": thing(("name",), name=some("Spring"), visibility=word("Private", "Public")),
        "POST /data-fields": thing(
            ("name", "type"),
            name=word("TIER", "SCORE", "id", "a" * 21),
            type=word("String", "Numeric", "Date", "Boolean"),
            visibility=word("Private"),
            defaultValue=SCALAR,
        ),
        "POST /customIdentifiers": thing(name=some("sf-contact-id", "sf-lead-id")),
        "POST /contacts/v3": row,
        "PUT /{value:path}": row,
        "PATCH /{value:path}": row,
        "POST /contacts": flat,
        "PUT /contacts/{id}": flat,
    }


def _row(known: Known, number: Schema, email: Schema) -> Schema:
    channel = thing(
        status=word("subscribed", "unsubscribed", "suppressed"),
        emailType=word("html", "PlainText"),
        optInType=word("single", "verifiedDouble"),
        resubscribeOptions=thing(resubscribeWithNoChallenge=some(True), preferredLocale=TEXT),
    )
    choice = thing(id=some(known.preference), isOptedIn=some(True))
    consent = thing(
        ("text", "dateTimeConsented", "url", "ipAddress", "userAgent"),
        text=some("a"),
        dateTimeConsented=word(*DATES),
        url=some("https://example.org", "http://[", "a"),
        ipAddress=some("127.0.0.1", "::1"),
        userAgent=some("a"),
    )
    fields: Schema = {"type": "object", "properties": {"TIER": some("gold", None), "FIRSTNAME": some("Ada")}}
    return thing(
        ("identifiers", "matchIdentifier"),
        matchIdentifier=word("email", "contactId", "sf-contact-id"),
        identifiers=thing(
            email=email, contactId=number, mobileNumber=some("447700900123"), **{"sf-contact-id": some("003")}
        ),
        dataFields=nullable({**fields, "additionalProperties": False}),
        lists=nullable(several(some(known.book))),
        channelProperties=nullable(thing(email=nullable(channel), sms=some(None))),
        preferences=nullable(several(nullable(choice))),
        consentRecords=nullable(several(consent, 6)),
    )
