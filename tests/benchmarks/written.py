"""The invented people as files: what both systems answer, byte by byte, and what the state and small reads know."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa

from sfdd_declare.model.canonical import keyed_hash
from sfdd_declare.people import columns
from sfdd_declare.people.spool import RunDirectory
from tests.benchmarks.invented import ACCOUNT, BOOK, FIELDS, HASH_KEY, LAST_RUN, Person, Since, mapping_sets

CAMPAIGN_ID, LIST_ID = "701000000000001AAA", 1234
SALESFORCE_PAGE, DOTDIGITAL_PAGE = 50_000, 5_000
_OUT = {"salesforce": (Since.OPTED_OUT_IN_SALESFORCE, Since.OUT_FOR_LONG)}
_OUT["dotdigital"] = (Since.OPTED_OUT_IN_DOTDIGITAL, Since.OUT_FOR_LONG)

Rows = list[dict[str, Any]]


def write_salesforce(everybody: Sequence[Person], paths: Sequence[str], folder: Path) -> int:
    """Bulk results with these columns; returns how many members are in them."""
    folder.mkdir(parents=True)
    members = [person for person in everybody if person.since is not Since.WAS_REMOVED]
    for page, some in enumerate(_pages(members, SALESFORCE_PAGE)):
        with (folder / f"{page:06d}.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\n")
            writer.writerow(paths)
            for person in some:
                held = _member(person)
                writer.writerow([held.get(path, "") or "" for path in paths])
    return len(members)


def _member(person: Person) -> dict[str, str | None]:
    kind = "Lead" if person.is_lead else "Contact"
    record = {
        "Id": person.sf_id,
        "Email": person.email.upper() if person.number % 10 == 0 else person.email,
        "HasOptedOutOfEmail": str(person.since in _OUT["salesforce"]).lower(),
        "LastModifiedDate": "2025-01-01T00:00:00.000Z",
        "LastModifiedById": f"005{person.number % 40:012d}AAA",
        "IsConverted": "false",
        **{name: value for (name, *_), value in zip(FIELDS, person.salesforce, strict=True)},
    }
    member = {"Id": f"00v{person.number:012d}AAA", "CampaignId": CAMPAIGN_ID, f"{kind}Id": person.sf_id}
    return member | {"Status": "Sent"} | {f"{kind}.{name}": value for name, value in record.items()}


def write_dotdigital(everybody: Sequence[Person], folder: Path) -> int:
    """Pages of the account's contacts; returns how many contacts are in them."""
    folder.mkdir(parents=True)
    contacts = [person for person in everybody if person.since is not Since.JOINED]
    pages = list(_pages(contacts, DOTDIGITAL_PAGE))
    for number, some in enumerate(pages):
        more = {"next": {"marker": f"m{number}"}} if number + 1 < len(pages) else {}
        page = {"_items": [_contact(person) for person in some], "_links": more}
        (folder / f"{number:06d}.json").write_text(json.dumps(page, ensure_ascii=False), encoding="utf-8")
    return len(contacts)


def _contact(person: Person) -> dict[str, Any]:
    held: dict[str, Any] = {name: value for (_, name, *_), value in zip(FIELDS, person.dotdigital, strict=True)}
    held |= {"SCORE": float(held["SCORE"]), "LAST_SEEN": f"{held['LAST_SEEN']}T00:00:00Z"}
    is_out, is_off = person.since in _OUT["dotdigital"], person.since in (Since.LEFT, Since.OUT_FOR_LONG)
    return {
        "contactId": person.contact_id,
        "status": "subscribed",
        "created": "2023-03-04T10:00:00.000Z",
        "updated": "2024-05-06T07:08:09.000Z",
        "identifiers": {"email": person.email.upper() if person.number % 11 == 0 else person.email},
        "dataFields": held,
        "channelProperties": {"email": {"status": "unsubscribed" if is_out else "subscribed", "emailType": "html"}},
        "lists": [] if is_off else [{"id": LIST_ID, "status": "subscribed"}],
    }


def write_known(everybody: Sequence[Person], spool: RunDirectory) -> None:
    """The base, the memberships, and the opt-outs and fates that other reads would have found."""
    paired = [person for person in everybody if person.since is not Since.JOINED]
    for mapping in mapping_sets():
        base = [_base(person) for person in paired if person.kind is mapping.record_type]
        _write(spool, columns.base(ACCOUNT, mapping.record_type), columns.base_schema(mapping), base)
    _write(spool, columns.memberships(ACCOUNT), columns.MEMBERSHIPS, [_membership(person) for person in paired])
    ticked = [_ids(person) for person in everybody if person.since in _OUT["salesforce"]]
    _write(spool, columns.OPTED_OUT_DATASET, columns.OPTED_OUT, ticked)
    news = {"reason": "unsubscribed", "removed": "2026-01-01T00:00:00Z"}
    left = [_ids(person) | news for person in everybody if person.since is Since.OPTED_OUT_IN_DOTDIGITAL]
    _write(spool, columns.suppressed(ACCOUNT), columns.SUPPRESSED, left)
    fates = [_ids(person) | {"fate": "there"} for person in everybody if person.since is Since.WAS_REMOVED]
    _write(spool, columns.FATES_DATASET, columns.FATES, fates)


def _ids(person: Person) -> dict[str, Any]:
    names = {"record_type": person.kind.value, "sf_id": person.sf_id, "contact_id": person.contact_id}
    return names | {"email_key": person.email}


def _base(person: Person) -> dict[str, Any]:
    address, is_out = keyed_hash(HASH_KEY, person.email), person.since is Since.OUT_FOR_LONG
    row: dict[str, Any] = _ids(person) | {"email_s": address, "email_d": address, "out_s": is_out, "out_d": is_out}
    row["wrote_d"] = LAST_RUN
    for index, value in enumerate(person.known):
        row[f"bs{index}"] = row[f"bd{index}"] = keyed_hash(HASH_KEY, value or "")
        row[f"m{index}"] = 0
    return row


def _membership(person: Person) -> dict[str, Any]:
    is_out = person.since is Since.OUT_FOR_LONG
    on = {"wanted": True, "on_book": not is_out, "added_by_us": not is_out, "list_optout": is_out}
    names = {"account": ACCOUNT, "address_book": BOOK, "contact_id": person.contact_id}
    return names | on | {"left": False, "forget": False}


def _write(spool: RunDirectory, dataset: str, schema: pa.Schema, rows: Rows) -> None:
    with spool.sink(dataset, schema) as sink:
        sink.write(pa.RecordBatch.from_pylist(rows, schema=schema))


def _pages(everybody: Iterable[Person], size: int) -> Iterable[list[Person]]:
    left = iter(everybody)
    while page := list(islice(left, size)):
        yield page
