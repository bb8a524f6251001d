"""Address books: the Writers of `address_book` and `remove_from_list`.

Creating a list is the one call here that is not idempotent: when its reply is lost, the list is looked for by name
before anything is sent again. Everything else may be repeated. A removal is a job; its rows are done when it completed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from sfdd_declare.dotdigital import jobs
from sfdd_declare.dotdigital.changes import each, new_values, not_for
from sfdd_declare.dotdigital.client import Client
from sfdd_declare.dotdigital.setup import address_book_named
from sfdd_declare.model.errors import NotFound, Transient
from sfdd_declare.model.operation import Action, Operation
from sfdd_declare.model.ports import Batch, ItemResult, PersonResult, RemovalRow, Results
from sfdd_declare.wire.pacing import is_uncertain

REMOVAL_CHUNK = 5000
"""Contacts taken off a list by one job; no source tells the most that it takes."""
_ALL = "/v2/address-books"
_ONE = "/v2/address-books/{id}"


class _Book(msgspec.Struct):
    id: int
    name: str = ""
    visibility: str = ""


class AddressBookWriter:
    """Implements `model.ports.Writer`: create, rename, change visibility, delete."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def send(self, batch: Batch, on_job: Callable[[str], None], on_progress: Callable[[int], None]) -> Results:
        """No job is started, so `on_job` is never called."""
        del on_job
        return each(batch, self._carry_out, on_progress)

    def _carry_out(self, operation: Operation) -> ItemResult:
        if operation.action is Action.CREATE:
            return self._create(operation)
        if operation.action is Action.UPDATE:
            return self._update(operation)
        if operation.action is Action.DELETE:
            return self._delete(operation)
        raise not_for(operation, "An address book")

    def _create(self, operation: Operation) -> ItemResult:
        wanted = new_values(operation)
        body = _body(str(wanted["name"]), wanted.get("visibility"))
        try:
            made = self._post(body)
        except Transient as error:
            if not is_uncertain(error):
                raise
            found = address_book_named(self._client, str(wanted["name"]))
            made = _Book(found.id) if found else self._post(body)
        return ItemResult(operation.id, ok=True, live_id=str(made.id))

    def _post(self, body: bytes) -> _Book:
        return self._client.decoded("POST", _ALL, _Book, json=body, idempotent=False)

    def _update(self, operation: Operation) -> ItemResult:
        """The call replaces name and visibility together, so what does not change is read first."""
        wanted = new_values(operation)
        path = f"{_ALL}/{operation.prior_id}"
        if not {"name", "visibility"} <= wanted.keys():
            present = self._client.decoded("GET", path, _Book, template=_ONE)
            wanted = {"name": present.name, "visibility": present.visibility, **wanted}
        self._client.send("PUT", path, template=_ONE, json=_body(str(wanted["name"]), wanted["visibility"]))
        return ItemResult(operation.id, ok=True, live_id=operation.prior_id)

    def _delete(self, operation: Operation) -> ItemResult:
        try:
            self._client.send("DELETE", f"{_ALL}/{operation.prior_id}", template=_ONE)
        except NotFound:
            return ItemResult(operation.id, ok=True, live_id=operation.prior_id, already=True)
        return ItemResult(operation.id, ok=True, live_id=operation.prior_id)


class RemovalWriter:
    """Implements `model.ports.Writer`: takes contacts off lists. The vendor passes over who is not on the list."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def send(self, batch: Batch, on_job: Callable[[str], None], on_progress: Callable[[int], None]) -> Results:
        """One job per 5,000 contacts of a list, each ended before the next begins (WIRE-2)."""
        by_book: dict[str, list[RemovalRow]] = {}
        for row in batch.rows:
            if isinstance(row, RemovalRow):
                by_book.setdefault(row.address_book, []).append(row)
        results: list[PersonResult] = []
        for key, rows in by_book.items():
            list_id = batch.ids[f"@address_book.{key}"]
            for start in range(0, len(rows), REMOVAL_CHUNK):
                chunk = rows[start : start + REMOVAL_CHUNK]
                status = self._remove(list_id, [row.contact_id for row in chunk], on_job)
                results += [_removed(row, status) for row in chunk]
                on_progress(len(results))
        return Results(people=tuple(results))

    def _remove(self, list_id: str, contact_ids: list[int], on_job: Callable[[str], None]) -> str:
        """The case-folded status of the ended job. Older servers do it at once, without a body."""
        reply = jobs.when_free(
            self._client,
            lambda: self._client.send(
                "POST",
                f"{_ALL}/{list_id}/contacts/delete",
                template="/v2/address-books/{id}/contacts/delete",
                json=msgspec.json.encode(contact_ids),
            ),
        )
        if not reply.body.strip():
            return jobs.COMPLETED
        answer: dict[str, Any] = self._client.decode(reply, dict[str, Any])
        deletion_id, status = jobs.deletion_status(answer)
        if not deletion_id or status == jobs.COMPLETED:
            return status
        on_job(jobs.deletion_name(deletion_id))
        return jobs.await_deletion(self._client, deletion_id)


def _body(name: str, visibility: object) -> bytes:
    return msgspec.json.encode({"name": name} | ({"visibility": visibility} if visibility else {}))


def _removed(row: RemovalRow, status: str) -> PersonResult:
    if status == jobs.COMPLETED:
        return PersonResult(row.person, ok=True, contact_id=row.contact_id)
    return PersonResult(row.person, ok=False, code=status or "noResult", message="the removal did not complete")
