"""Ids behind the names that `leads.defaults` may hold: queues and users as owners, record types of leads."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from sfdd_declare.model import limits
from sfdd_declare.salesforce.client import Client, SubReply, SubRequest, strange
from sfdd_declare.salesforce.query import uri
from sfdd_declare.salesforce.soql import chunks, quoted, select

Reference = tuple[str, str]


class _Record(msgspec.Struct):
    Id: str


class _Page(msgspec.Struct):
    records: list[_Record]


def named_ids(client: Client, references: Iterable[Reference]) -> dict[Reference, tuple[str, ...]]:
    """Every id that fits a (field of Lead, words) pair, sorted. One call for up to five pairs."""
    found: dict[Reference, tuple[str, ...]] = {}
    by_query = {_query(*reference): reference for reference in references}
    for group in chunks(by_query, limits.COMPOSITE_QUERIES):
        labels = {soql: f"n{number}" for number, soql in enumerate(group)}
        parts = [SubRequest(label, uri(soql)) for soql, label in labels.items()]
        answers = client.composite(parts, template="composite query")
        for soql, label in labels.items():
            if error := answers[label].error("query (names)"):
                raise error
            found[by_query[soql]] = tuple(sorted(_ids(answers[label])))
    return found


def _ids(answer: SubReply) -> list[str]:
    try:
        return [record.Id for record in msgspec.json.decode(answer.body, type=_Page).records]
    except msgspec.DecodeError as error:
        raise strange("query (names)", answer.status, str(error)) from None


def _query(field: str, words: str) -> str:
    kind, _, name = words.partition(":")
    if field == "RecordTypeId":
        active = "SobjectType = 'Lead' AND IsActive = true"
        return select(("Id",), "RecordType", f"{active} AND {_either(('Name', 'DeveloperName'), words)}")
    if kind == "queue":
        return select(("Id",), "Group", f"Type = 'Queue' AND {_either(('Name', 'DeveloperName'), name)}")
    return select(("Id",), "User", f"IsActive = true AND {_either(('Username', 'Name'), name)}")


def _either(fields: tuple[str, str], text: str) -> str:
    wanted = quoted(text.strip())
    return f"({fields[0]} = {wanted} OR {fields[1]} = {wanted})"
