"""Writing campaigns and their member statuses.

A campaign has no natural key, so a creation whose answer got lost is looked for before it is repeated. A new campaign
comes with the statuses Sent and Responded, so a status to be created may have to be updated instead.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from sfdd_declare.model.errors import Denied, RemoteError, Terminal
from sfdd_declare.model.operation import Action, Operation
from sfdd_declare.model.ports import Batch, ItemResult, Results
from sfdd_declare.model.state import Scalar
from sfdd_declare.salesforce import errors
from sfdd_declare.salesforce.client import Client, decoded
from sfdd_declare.salesforce.gone import deleted_among
from sfdd_declare.salesforce.query import rows
from sfdd_declare.salesforce.references import body_of, payload_of
from sfdd_declare.salesforce.soql import in_list, quoted, select
from sfdd_declare.wire.http import encoded
from sfdd_declare.wire.pacing import is_uncertain

_ATTEMPTS = 4
_WAIT_SECONDS = 2.0

_STATUS_COLUMNS = {
    "Id": "id",
    "CampaignId": "reference",
    "Label": "string",
    "IsDefault": "boolean",
    "HasResponded": "boolean",
    "SortOrder": "int",
}

Write = Callable[[Operation], ItemResult]


class _Created(msgspec.Struct):
    id: str


class CampaignWriter:
    """Carries out CAMPAIGN: create, update, delete."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def send(self, batch: Batch, on_job: Callable[[str], None], on_progress: Callable[[int], None]) -> Results:
        """One call per campaign. What Salesforce refuses becomes a result; an outage is raised."""
        del on_job

        def write(operation: Operation) -> ItemResult:
            if operation.action is Action.DELETE:
                return _delete(self._client, "Campaign", operation)
            body = body_of(operation, batch.ids)
            if operation.prior_id:
                return _update(self._client, "Campaign", operation, body)
            return ItemResult(operation.id, ok=True, live_id=self._create(body, set(batch.ids.values())))

        return _each(batch, write, on_progress)

    def _create(self, body: Mapping[str, Scalar], known: set[str]) -> str:
        since = self._client.server_time()
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                return _insert(self._client, "Campaign", body)
            except RemoteError as error:
                if not is_uncertain(error):
                    raise
                self._client.pause(_WAIT_SECONDS * attempt)  # it may still be at it
                found = self._made_by_us(str(body.get("Name", "")), since, known)
                if found:
                    return found
                if attempt == _ATTEMPTS:
                    raise
        raise AssertionError("the last attempt returns or raises")

    def _made_by_us(self, name: str, since: str, known: set[str]) -> str:
        terms = (f"Name = {quoted(name)}", f"CreatedById = {quoted(self._client.session.user_id)}")
        where = " AND ".join((*terms, f"CreatedDate >= {since}"))
        found = rows(self._client, select(("Id",), "Campaign", where), {"Id": "id"})
        return next((str(row["Id"]) for row in found if row["Id"] not in known), "")


class StatusWriter:
    """Carries out CAMPAIGN_STATUS. Remembers the statuses it has read or written, by campaign."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._known: dict[str, list[dict[str, Scalar]]] = {}

    def send(self, batch: Batch, on_job: Callable[[str], None], on_progress: Callable[[int], None]) -> Results:
        """One call per status, and one per campaign to see what is there."""
        del on_job

        def write(operation: Operation) -> ItemResult:
            campaign = str(payload_of(operation, batch.ids)["campaign"])
            try:
                return self._write(operation, campaign, body_of(operation, batch.ids))
            finally:
                if operation.action is not Action.CREATE:
                    self._known.pop(campaign, None)

        return _each(batch, write, on_progress)

    def _write(self, operation: Operation, campaign: str, body: dict[str, Scalar]) -> ItemResult:
        if operation.action is Action.DELETE:
            return _delete(self._client, "CampaignMemberStatus", operation)
        if operation.prior_id:
            return _update(self._client, "CampaignMemberStatus", operation, _without_demotion(body))
        label = str(dict(operation.payload)["label"])
        for _ in range(_ATTEMPTS):
            present = self._present(campaign, label)
            if present is not None:
                return self._align(operation, campaign, present, body)
            try:
                record_id = _insert(self._client, "CampaignMemberStatus", self._new(campaign, label, body))
            except RemoteError as error:
                self._known.pop(campaign, None)
                if not (is_uncertain(error) or error.code == errors.DUPLICATE):
                    raise
                last = error
                self._client.pause(_WAIT_SECONDS)
                continue
            self._known.pop(campaign, None)  # a new default has taken the mark from another status
            return ItemResult(operation.id, ok=True, live_id=record_id)
        raise last

    def _align(
        self, operation: Operation, campaign: str, present: Mapping[str, Scalar], body: Mapping[str, Scalar]
    ) -> ItemResult:
        """A status that is there already gets what differs."""
        differing = _without_demotion({name: value for name, value in body.items() if present.get(name) != value})
        record_id = str(present["Id"])
        if not differing:
            return ItemResult(operation.id, ok=True, live_id=record_id, already=True)
        self._client.send(
            "PATCH",
            f"sobjects/CampaignMemberStatus/{record_id}",
            template="sobjects/CampaignMemberStatus/{id}",
            json=encoded(differing),
            idempotent=True,
        )
        self._known.pop(campaign, None)
        return ItemResult(operation.id, ok=True, live_id=record_id)

    def _present(self, campaign: str, label: str) -> dict[str, Scalar] | None:
        wanted = label.casefold()
        return next((s for s in self._statuses(campaign) if str(s["Label"]).casefold() == wanted), None)

    def _statuses(self, campaign: str) -> list[dict[str, Scalar]]:
        if campaign not in self._known:
            soql = select(tuple(_STATUS_COLUMNS), "CampaignMemberStatus", in_list("CampaignId", (campaign,)))
            self._known[campaign] = rows(self._client, soql, _STATUS_COLUMNS)
        return self._known[campaign]

    def _new(self, campaign: str, label: str, body: Mapping[str, Scalar]) -> dict[str, Scalar]:
        orders = [int(str(status["SortOrder"] or 0)) for status in self._statuses(campaign)]
        return {"CampaignId": campaign, "Label": label, "SortOrder": max(orders, default=0) + 1, **body}


def _without_demotion(body: Mapping[str, Scalar]) -> dict[str, Scalar]:
    """A campaign always has one default status: it moves when another becomes it, and is never taken away."""
    return {name: value for name, value in body.items() if not (name == "IsDefault" and value is False)}


def _each(batch: Batch, write: Write, on_progress: Callable[[int], None]) -> Results:
    items = []
    for operation in batch.operations:
        try:
            items.append(write(operation))
        except Terminal as error:
            if isinstance(error, Denied) and error.code == errors.EXPIRED:
                raise
            items.append(
                ItemResult(operation.id, ok=False, code=error.code or error.id, message=error.summary, hint=error.hint)
            )
        on_progress(len(items))
    return Results(items=tuple(items))


def _insert(client: Client, sobject: str, body: Mapping[str, Scalar]) -> str:
    path = f"sobjects/{sobject}"
    reply = client.send("POST", path, template=path, json=encoded(dict(body)), idempotent=False)
    return decoded(reply, _Created).id


def _update(client: Client, sobject: str, operation: Operation, body: Mapping[str, Scalar]) -> ItemResult:
    if body:
        client.send(
            "PATCH",
            f"sobjects/{sobject}/{operation.prior_id}",
            template=f"sobjects/{sobject}/{{id}}",
            json=encoded(dict(body)),
            idempotent=True,
        )
    return ItemResult(operation.id, ok=True, live_id=operation.prior_id, already=not body)


def _delete(client: Client, sobject: str, operation: Operation) -> ItemResult:
    path = f"sobjects/{sobject}/{operation.prior_id}"
    try:
        client.send("DELETE", path, template=f"sobjects/{sobject}/{{id}}", idempotent=True)
    except Terminal as error:
        doubtful = (operation.prior_id,) if error.code == errors.HIDDEN_OR_GONE else ()
        if error.code not in errors.GONE_CODES and not deleted_among(client, sobject, doubtful):
            raise
        return ItemResult(operation.id, ok=True, live_id=operation.prior_id, already=True)
    return ItemResult(operation.id, ok=True, live_id=operation.prior_id)
