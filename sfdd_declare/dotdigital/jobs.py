"""Jobs inside Dotdigital, imports and list deletions: starting them when a slot is free, waiting for their end.

A job is named `import:<id>` or `deletion:<id>` wherever it leaves this room (journal, JobWaiter). Polling is gentle: it
starts at a fifth of a second, because small jobs are quick, and grows to ten.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import msgspec

from sfdd_declare.dotdigital.client import Client
from sfdd_declare.dotdigital.codes import TooManyJobs
from sfdd_declare.model.canonical import email_key
from sfdd_declare.model.errors import NotFound, Transient

FIRST_PAUSE = 0.2
LONGEST_PAUSE = 10.0
GROWTH = 1.5
COMPLETED = "completed"
JOB_PATIENCE = 4 * 3600.0
"""Seconds of pauses after which a job is left to itself; the next run finds out what it did."""
SLOT_PATIENCE = 1800.0
"""Seconds of pauses spent on waiting for somebody's job to end when all slots are taken."""

T = TypeVar("T")


def import_name(import_id: str) -> str:
    return f"import:{import_id}"


def deletion_name(deletion_id: str) -> str:
    return f"deletion:{deletion_id}"


class JobProblem(msgspec.Struct, gc=False):
    """Why a row, or a part of it, was refused."""

    failureCode: str | None = None
    description: str | None = None


class JobContact(msgspec.Struct, gc=False):
    """One row of an import's result, in any of its three lists."""

    contactId: int | None = None
    identifiers: dict[str, Any] | None = None
    failures: list[JobProblem] | None = None

    @property
    def id(self) -> int | None:
        """The contact's id, wherever it stands."""
        given = str(self.contactId or (self.identifiers or {}).get("contactId"))
        return int(given) if given.isdecimal() else None

    @property
    def email(self) -> str:
        """The folded address; empty when there is none."""
        return email_key(str((self.identifiers or {}).get("email") or ""))


class ImportAnswer(msgspec.Struct, gc=False):
    """Answer of `GET /contacts/v3/import/{id}`; the lists are missing until the end."""

    status: str
    created: list[JobContact] | None = None
    updated: list[JobContact] | None = None
    failures: list[JobContact] | None = None

    @property
    def is_running(self) -> bool:
        return self.status.casefold() in ("notfinished", "notstarted")


def await_import(client: Client, import_id: str) -> ImportAnswer:
    """Poll an import until it ended, in whatever way. Raises NotFound when it is unknown, Transient when that takes
    longer than JOB_PATIENCE.
    """

    def ask() -> ImportAnswer | None:
        answer = client.decoded(
            "GET", f"/contacts/v3/import/{import_id}", ImportAnswer, template="/contacts/v3/import/{id}"
        )
        return None if answer.is_running else answer

    return _poll(client, ask, import_name(import_id))


def await_deletion(client: Client, deletion_id: str) -> str:
    """Poll a list deletion until it ended; its last status, case-folded."""

    def ask() -> str | None:
        path = f"/v2/contacts/deletion/{deletion_id}"
        status = deletion_status(client.decoded("GET", path, dict[str, Any], template="/v2/contacts/deletion/{id}"))[1]
        return None if status in ("started", "notfinished") else status

    return _poll(client, ask, deletion_name(deletion_id))


def deletion_status(answer: dict[str, Any]) -> tuple[str, str]:
    """Id and case-folded status of a deletion; the vendor's samples spell the keys in either case."""
    fields = {name.casefold(): value for name, value in answer.items()}
    return str(fields.get("id", "")), str(fields.get("status", "")).casefold()


def when_free(client: Client, start: Callable[[], T]) -> T:
    """Start a job; while all slots are taken, wait for any job to end and try again."""
    waited = 0.0
    for seconds in _pauses():
        try:
            return start()
        except TooManyJobs:
            if waited >= SLOT_PATIENCE:
                raise
        client.pause(seconds)
        waited += seconds
    raise AssertionError("pauses never end")


class Jobs:
    """Implements `model.ports.JobWaiter` for both kinds of jobs."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def wait(self, job: str) -> bool:
        """Wait until the job ended; False when it is not known any more, or was never ours."""
        kind, _, number = job.partition(":")
        try:
            if kind == "import" and number:
                await_import(self._client, number)
                return True
            if kind == "deletion" and number:
                await_deletion(self._client, number)
                return True
        except NotFound:
            return False
        return False


def _poll(client: Client, ask: Callable[[], T | None], job: str) -> T:
    waited = 0.0
    for seconds in _pauses():
        answer = ask()
        if answer is not None:
            return answer
        if waited >= JOB_PATIENCE:
            break
        client.pause(seconds)
        waited += seconds
    raise Transient(
        "SFDD-E2216",
        "A job in Dotdigital did not end",
        code="jobRunning",
        where=job,
        hint="sfdd apply",
        detail=f"It was watched for {JOB_PATIENCE / 3600:g} hours.",
    )


def _pauses() -> Iterator[float]:
    seconds = FIRST_PAUSE
    while True:
        yield seconds
        seconds = min(seconds * GROWTH, LONGEST_PAUSE)
