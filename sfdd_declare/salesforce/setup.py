"""The set-up half of the org: campaigns with their statuses, and our registry rows, in one composite of at most five
queries. Implements `model.ports.SalesforceSetup`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import msgspec

from sfdd_declare.model import limits, registry
from sfdd_declare.model.ids import SalesforceId
from sfdd_declare.model.live import FirstLook, LiveCampaign, LiveStatus, ObjectInfo, RegistryRow, SalesforceLive
from sfdd_declare.model.ports import SetupQuestion
from sfdd_declare.model.state import Scalar
from sfdd_declare.salesforce import states
from sfdd_declare.salesforce.client import Client, SubReply, SubRequest
from sfdd_declare.salesforce.describe import describes, describes_and
from sfdd_declare.salesforce.named import named_ids
from sfdd_declare.salesforce.query import next_page, restarting, uri
from sfdd_declare.salesforce.soql import chunks, in_list, select

#: Objects whose describes set-up and checks need, besides those of the people.
OBJECTS: tuple[str, ...] = ("Campaign", "CampaignMember", "CampaignMemberStatus", *registry.OBJECTS)

_STATUS_FIELDS = ("Id", "CampaignId", "Label", "IsDefault", "HasResponded", "SortOrder")
_CAMPAIGN_FIELDS = ("Id", "Name", "CreatedById")
_COUNTS = ("NumberOfContacts", "NumberOfLeads")
_ROW_FIELDS = ("Id", registry.EXTERNAL_ID, "LastModifiedById", "LastModifiedDate")

#: Either of these lets a user deploy.
_DEPLOY_RIGHTS = ("PermissionsModifyMetadata", "PermissionsModifyAllData")

_RIGHTS = "UserPermissionAccess"
_STATE = registry.STATE

Record = dict[str, Any]
Describes = Mapping[str, ObjectInfo | None]


class _Page(msgspec.Struct):
    records: list[Record]
    done: bool
    totalSize: int = 0
    nextRecordsUrl: str | None = None


@dataclass(slots=True)
class _Found:
    """Everything the queries gave, by query."""

    records: dict[str, list[Record]] = field(default_factory=dict)
    complete: bool = True

    def of(self, label: str) -> list[Record]:
        return self.records.get(label, [])


class Setup:
    """Reads describes and set-up."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def describes(self, names: tuple[str, ...]) -> Mapping[str, ObjectInfo | None]:
        """One call for up to 25 objects; None for one that is not there or not visible."""
        return describes(self._client, names)

    def first_look(self, names: tuple[str, ...], *, registry: bool) -> FirstLook:
        """One call: the describes, and with the `registry` who has a state here and whether we may deploy."""
        if not registry:
            return FirstLook(describes(self._client, names))
        parts = (states.question(), SubRequest(_RIGHTS, uri(select(_DEPLOY_RIGHTS, _RIGHTS))))
        found, answers = describes_and(self._client, names, parts)
        has_states = is_deployed(found, (_STATE,))
        rows = states.read_states(self._client, answers["states"]) if has_states else None
        return FirstLook(found, rows, _may_deploy(answers[_RIGHTS]))

    def setup(self, question: SetupQuestion, look: FirstLook) -> SalesforceLive:
        """One call, plus one per further page, plus one for names. `look` must hold the describes of OBJECTS."""
        has_registry = question.registry and is_deployed(look.describes, registry.DECLARED)
        queries = _campaign_queries(question, look.describes)
        if has_registry:
            queries |= {name: select((*_ROW_FIELDS, *registry.FIELDS[name]), name) for name in registry.DECLARED}
        found = restarting(lambda: self._read(queries))
        rows = tuple(_registry_rows(found)) if has_registry else ()
        session = self._client.session
        return SalesforceLive(
            org_id=session.org_id,
            user_id=session.user_id,
            username=session.username,
            describes=look.describes,
            campaigns=_campaigns(found, question.campaign_fields),
            registry=tuple(row for row in rows if row.lineage == question.lineage) if has_registry else None,
            may_deploy=look.may_deploy,
            calls_left=self._client.calls_left,
            complete=found.complete,
            references=named_ids(self._client, question.references),
            other_lineages=tuple(row for row in rows if row.lineage != question.lineage),
            states=look.states,
        )

    def user_names(self, users: tuple[str, ...]) -> Mapping[str, str]:
        """Names of users by id, as far as they are visible. One call for up to two hundred."""
        found: dict[str, str] = {}
        for group in chunks(sorted(set(users)), limits.COLLECTION_ROWS):
            rows = self._read({"users": select(("Id", "Name"), "User", in_list("Id", group))}).of("users")
            found |= {row["Id"]: row["Name"] for row in rows}
        return found

    def _read(self, queries: Mapping[str, str]) -> _Found:
        found = _Found()
        if not queries:
            return found
        labels = {label: f"q{number}" for number, label in enumerate(queries)}
        parts = [SubRequest(labels[label], uri(soql)) for label, soql in queries.items()]
        answers = self._client.composite(parts, template="composite query")
        for label in queries:
            self._collect(found, label, answers[labels[label]])
        return found

    def _collect(self, found: _Found, label: str, answer: SubReply) -> None:
        if (error := answer.error(f"query {label}")) is not None:
            raise error
        page = msgspec.json.decode(answer.body, type=_Page)
        records = list(page.records)
        while not page.done and page.nextRecordsUrl:
            page = msgspec.json.decode(next_page(self._client, page.nextRecordsUrl).body, type=_Page)
            records.extend(page.records)
        found.records[label] = records
        found.complete = found.complete and len(records) == page.totalSize


def _may_deploy(answer: SubReply) -> bool:
    """Whether the user has a right to deploy. Not every user may ask for their rights."""
    if answer.error(f"query {_RIGHTS}") is not None:
        return True
    records = msgspec.json.decode(answer.body, type=_Page).records
    return not records or any(records[0].get(right) for right in _DEPLOY_RIGHTS)


def is_deployed(describes: Describes, objects: tuple[str, ...] = registry.OBJECTS) -> bool:
    """Whether these objects of the registry are there with every field visible and writable."""
    for name in objects:
        info = describes.get(name)
        if info is None or not (info.createable and info.updateable and info.deletable):
            return False
        if not all(field in info.fields for field in (registry.EXTERNAL_ID, *registry.FIELDS[name])):
            return False
    return True


def _campaign_queries(question: SetupQuestion, describes: Describes) -> dict[str, str]:
    terms = []
    if question.campaign_ids:
        terms.append(in_list("Id", question.campaign_ids))
    if question.campaign_names:
        terms.append(in_list("Name", question.campaign_names))
    if not terms:
        return {}
    where = " OR ".join(terms)
    info = describes.get("Campaign")
    visible = set(info.fields) if info else set()
    wanted = [name for name in (*_COUNTS, *question.campaign_fields) if name in visible]
    inner = select(("Id",), "Campaign", where)
    return {
        "campaigns": select((*_CAMPAIGN_FIELDS, *wanted), "Campaign", where),
        "statuses": select(_STATUS_FIELDS, "CampaignMemberStatus", f"CampaignId IN ({inner})"),
    }


def _campaigns(found: _Found, fields: tuple[str, ...]) -> tuple[LiveCampaign, ...]:
    statuses: dict[str, list[LiveStatus]] = defaultdict(list)
    for record in found.of("statuses"):
        statuses[record["CampaignId"]].append(_status(record))
    return tuple(
        LiveCampaign(
            id=SalesforceId(record["Id"]),
            name=record["Name"],
            fields={name: scalar(record[name]) for name in fields if name in record},
            statuses=tuple(sorted(statuses[record["Id"]], key=lambda status: (status.sort_order, status.label))),
            members=sum(int(record.get(name) or 0) for name in _COUNTS),
            created_by=record.get("CreatedById") or "",
        )
        for record in sorted(found.of("campaigns"), key=lambda record: record["Id"])
    )


def _status(record: Record) -> LiveStatus:
    return LiveStatus(
        id=SalesforceId(record["Id"]),
        label=record["Label"],
        is_default=bool(record["IsDefault"]),
        has_responded=bool(record["HasResponded"]),
        sort_order=int(record["SortOrder"] or 0),
    )


def _registry_rows(found: _Found) -> list[RegistryRow]:
    rows = []
    for sobject in registry.DECLARED:
        for record in found.of(sobject):
            lineage, key = registry.split_external_id(record[registry.EXTERNAL_ID] or "")
            if not lineage:
                continue  # made by hand, without an external id: nobody's
            rows.append(
                RegistryRow(
                    id=SalesforceId(record["Id"]),
                    sobject=sobject,
                    lineage=lineage,
                    key=key,
                    fields={name: scalar(record.get(name)) for name in registry.FIELDS[sobject]},
                    modified_by=record.get("LastModifiedById") or "",
                    modified_at=str(scalar(record.get("LastModifiedDate")) or ""),
                )
            )
    return sorted(rows, key=lambda row: (row.sobject, row.lineage, row.key))


def scalar(value: Any) -> Scalar:
    """A field's value as set-up compares it: datetimes in UTC to the second, blank text as None."""
    if not isinstance(value, str):
        return value if isinstance(value, bool | int | float) else None
    if len(value) >= 24 and value[10:11] == "T" and value[-5] in "+-" and value[-4:].isdigit():
        return datetime.fromisoformat(value).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return value or None
