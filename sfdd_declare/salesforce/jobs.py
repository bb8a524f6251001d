"""Jobs of Bulk API 2.0, of both kinds: waiting for their end, and what a failure means.

An ingest job is named `bulk:<id>` wherever it leaves this room (journal, JobWaiter); a query job never leaves it.
Polling is gentle: it starts at half a second, because small jobs are quick, and grows to ten.
"""

from __future__ import annotations

import re

import msgspec

from sfdd_declare.model.errors import Denied, NotFound, RemoteError, Terminal, Transient
from sfdd_declare.salesforce import errors
from sfdd_declare.salesforce.client import Client, decoded
from sfdd_declare.wire.http import Reply, encoded

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 10.0
GROWTH = 1.5
JOB_PATIENCE = 4 * 3600.0
"""Seconds of pauses after which a job is left to itself; the next run finds out what it did."""

OPEN, UPLOADED, RUNNING = "Open", "UploadComplete", "InProgress"
COMPLETE, FAILED, ABORTED = "JobComplete", "Failed", "Aborted"

#: Bulk is not to be had for this object, this user or today: the other interfaces may still be.
NO_BULK_CODES = frozenset({"INVALIDENTITY", "FEATURENOTENABLED", "API_ERROR", "EXCEEDEDQUOTA", "INVALIDJOB"})

_PREFIX = "bulk:"
_HOPELESS = re.compile(r"InvalidBatch|ClientInputError|InvalidSession|FeatureNotEnabled|INVALID_FIELD|MALFORMED")


class JobInfo(msgspec.Struct):
    """What a job says of itself."""

    id: str
    state: str
    numberRecordsProcessed: int | None = None
    numberRecordsFailed: int | None = None
    errorMessage: str | None = None
    stamp: str = ""

    @property
    def is_over(self) -> bool:
        return self.state in (COMPLETE, FAILED, ABORTED)


def job_name(job_id: str) -> str:
    return f"{_PREFIX}{job_id}"


def is_bulk(job: str) -> bool:
    """Whether a job's name in the journal is one of ours."""
    return job.startswith(_PREFIX)


def info_of(reply: Reply) -> JobInfo:
    return decoded(reply, JobInfo)


def look(client: Client, kind: str, job_id: str) -> JobInfo:
    """One poll. `kind` is `query` or `ingest`."""
    return info_of(client.send("GET", f"jobs/{kind}/{job_id}", template=f"jobs/{kind}/{{id}}", idempotent=True))


def until_over(client: Client, kind: str, job_id: str) -> JobInfo:
    """Poll until the job has ended, in whatever way. Raises Transient when that takes longer than JOB_PATIENCE."""
    pause, waited = FIRST_PAUSE, 0.0
    while not (info := look(client, kind, job_id)).is_over:
        if waited >= JOB_PATIENCE:
            summary = f"The bulk job {job_id} did not end in {JOB_PATIENCE / 3600:.0f} hours."
            again = "sfdd plan" if kind == "query" else "sfdd apply"
            raise Transient("SFDD-E2132", summary, where=job_id, hint=again)
        client.pause(pause)
        waited, pause = waited + pause, min(pause * GROWTH, LONGEST_PAUSE)
    return info


def abort(client: Client, kind: str, job_id: str) -> None:
    """End a job that shall not go on. One that has ended meanwhile stays as it is."""
    body = encoded({"state": ABORTED})
    try:
        client.send("PATCH", f"jobs/{kind}/{job_id}", template=f"jobs/{kind}/{{id}}", json=body, idempotent=True)
    except Terminal as error:
        if isinstance(error, Denied):
            raise


def failure(info: JobInfo, what: str) -> RemoteError:
    """Why a job came to nothing, by meaning: its message begins with words of Salesforce's own."""
    message = errors.quoted(info.errorMessage or "it gives no reason")
    if info.state == ABORTED:
        return Terminal(
            "SFDD-E2133", f"Somebody aborted the bulk job that was to {what}.", where=info.id, hint="sfdd plan"
        )
    summary = f"Salesforce could not {what} in bulk: {message}"
    if "Field name not found" in message or "INVALID_FIELD" in message:
        return Denied("SFDD-E2121", summary, where=info.id, hint="sfdd validate")
    if "ExceededQuota" in message or "LIMIT_EXCEEDED" in message:
        return Terminal("SFDD-E2120", summary, where=info.id, hint="salesforce.daily_call_budget")
    if _HOPELESS.search(message):
        return Terminal("SFDD-E2133", summary, where=info.id, hint="sfdd plan")
    return Transient("SFDD-E2126", summary, where=info.id, hint="sfdd plan")


class Jobs:
    """Implements `model.ports.JobWaiter` for this org."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def wait(self, job: str) -> bool:
        """Wait until the job has ended. One that was never handed over is aborted: it would never begin."""
        job_id = job.removeprefix(_PREFIX)
        try:
            if look(self._client, "ingest", job_id).state == OPEN:
                abort(self._client, "ingest", job_id)
            until_over(self._client, "ingest", job_id)
        except NotFound:
            return False
        return True
