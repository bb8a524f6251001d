"""Jobs of both Bulk APIs: how they are taken, carried out and found again. A batch of the older is one too.

A job runs some calls after it was handed over, never within its own call, and whether or not anybody asks for it.
Settings: `salesforce.bulk_ticks` (calls until it runs, 1) and `salesforce.bulk_polls` (polls that still find it in
progress, 1). The fault `job_failed` on the call that hands a job over makes it fail, with the
`error` of the fault's body and after the first `rows` of its rows.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sfdd_declare.sandbox.salesforce import ids, sql, store
from sfdd_declare.sandbox.salesforce.calls import Call
from sfdd_declare.sandbox.salesforce.errors import Refusal, not_found
from sfdd_declare.sandbox.world import World

LIFETIME = timedelta(days=7)
QUOTAS: Mapping[str, int] = {"query": 10_000, "ingest": 15_000}
"""Query jobs, and batches of ingested rows, per rolling 24 hours."""
BATCH_ROWS = 10_000

DELIMITERS: Mapping[str, str] = {
    "BACKQUOTE": "`",
    "CARET": "^",
    "COMMA": ",",
    "PIPE": "|",
    "SEMICOLON": ";",
    "TAB": "\t",
}
LINE_ENDINGS: Mapping[str, str] = {"LF": "\n", "CRLF": "\r\n"}

CLASSIC, BATCH = "classic", "batch"
"""The kinds of Bulk API 1.0: a job, and one of its batches, which names it in its specification."""
_PREFIXES: Mapping[str, str] = {BATCH: "751"}
_PREFIX = "750"


class JobFailed(Exception):
    """The job as a whole comes to nothing, or to no more than what was done so far."""


@dataclass(frozen=True, slots=True)
class Job:
    """A stored job."""

    serial: int
    id: str
    user: str
    kind: str
    version: str
    state: str
    spec: Mapping[str, Any]
    made: str
    changed: str
    failure: Mapping[str, Any] | None
    data: bytes | None

    @property
    def delimiter(self) -> str:
        return DELIMITERS[self.spec["columnDelimiter"]]

    @property
    def line_ending(self) -> str:
        return LINE_ENDINGS[self.spec["lineEnding"]]


Runner = Callable[[World, Job], None]
"""Carries a job out. Raises JobFailed."""


def submit(call: Call, kind: str, state: str, spec: Mapping[str, Any], data: bytes | None = None) -> Job:
    """Take a new job. Raises when the org's quota is used up."""
    world = call.world
    if kind != CLASSIC and quota(world, kind)["Remaining"] <= 0:
        raise Refusal("EXCEEDEDQUOTA", f"The daily limit of Bulk API {kind} jobs is exceeded")
    now = store.stamp(world.now())
    with world.transaction() as db:
        values = {
            "id": store.next_ids(world, _PREFIXES.get(kind, _PREFIX), 1)[0],
            "user": call.user,
            "kind": kind,
            "version": call.version,
            "state": state,
            "spec": json.dumps(spec),
            "made": now,
            "changed": now,
            "wait": None,
            "polls": int(world.setting("salesforce.bulk_polls", 1)),
            "data": data,
        }
        sql.insert(db, "sfx_job", tuple(values), [tuple(values.values())])
    if state == "UploadComplete":
        hand_over(call, str(values["id"]))
    return get(call, kind, str(values["id"]))


def hand_over(call: Call, job_id: str) -> None:
    """From now on the job waits for its turn."""
    failure = call.job_failure
    if call.row_fault is not None:
        failure = {"rows_refused": call.row_fault.told()}
    values = {
        "state": "UploadComplete",
        "wait": int(call.world.setting("salesforce.bulk_ticks", 1)),
        "failure": None if failure is None else json.dumps(failure),
    }
    change(call.world, job_id, **values)


def change(world: World, job_id: str, **values: Any) -> None:
    """Set columns of a job."""
    with world.transaction() as db:
        sql.change(db, "sfx_job", {**values, "changed": store.stamp(world.now())}, "id = ?", (job_id,))


def get(call: Call, kind: str, given: str) -> Job:
    """The job of that id. Raises NOT_FOUND, also when it is older than jobs are kept."""
    return of_row(row(call, kind, given))


def tick(world: World, runners: Mapping[str, Runner]) -> None:
    """Let one call's time pass: the jobs that are due run, in the order they were taken."""
    with world.lock:
        if world.db.execute("SELECT 1 FROM sfx_job WHERE wait IS NOT NULL LIMIT 1").fetchone() is None:
            return
    with world.transaction() as db:
        db.execute("UPDATE sfx_job SET wait = wait - 1 WHERE wait IS NOT NULL")
        due = sql.select(db, "sfx_job", "wait <= 0 ORDER BY serial")
        for row in due:
            job = of_row(row)
            state, error = "JobComplete", None
            try:
                runners[job.kind](world, job)
            except (JobFailed, Refusal) as failed:
                state, error = "Failed", str(failed)
            change(world, job.id, state=state, error=error, wait=None)


def result_table(serial: int) -> str:
    """The table that holds what a query found."""
    return f"sf_bulk_{serial}"


def quota(world: World, kind: str) -> dict[str, int]:
    """How much of a day's quota there is and what is left of it. Both APIs share that of batches."""
    kinds: tuple[str, ...] = ("query",)
    used = "count(*)"
    if kind != "query":
        kind, kinds = "ingest", ("ingest", BATCH)
        batches = f"CASE kind WHEN '{BATCH}' THEN 1 ELSE (processed + {BATCH_ROWS} - 1) / {BATCH_ROWS} END"
        used = f"coalesce(sum({batches}), 0)"
    allowed = int(world.setting(f"salesforce.bulk_{kind}_quota", QUOTAS[kind]))
    since = store.stamp(world.now() - timedelta(days=1))
    with world.lock:
        query = f"SELECT {used} FROM sfx_job WHERE kind IN ({sql.marks(len(kinds))}) AND made > ?"  # noqa: S608
        number = int(world.db.execute(query, (*kinds, since)).fetchone()[0])
    return {"Max": allowed, "Remaining": max(0, allowed - number)}


def row(call: Call, kind: str, given: str) -> dict[str, Any]:
    """The stored job of that id. Raises NOT_FOUND, also when it is older than jobs are kept."""
    wanted = ids.normalise(given)
    with call.world.lock:
        found = sql.select(call.world.db, "sfx_job", "id = ? AND kind = ?", (wanted, kind)) if wanted else []
    if not found or is_gone(call.world, found[0]):
        raise not_found()
    return found[0]


def is_gone(world: World, row: Mapping[str, Any]) -> bool:
    """Whether a job is older than jobs are kept."""
    return bool(row["made"] < store.stamp(world.now() - LIFETIME))


def of_row(row: Mapping[str, Any]) -> Job:
    """A job as it is stored."""
    return Job(
        serial=row["serial"],
        id=row["id"],
        user=row["user"],
        kind=row["kind"],
        version=row["version"],
        state=row["state"],
        spec=json.loads(row["spec"]),
        made=row["made"],
        changed=row["changed"],
        failure=None if row["failure"] is None else json.loads(row["failure"]),
        data=row["data"],
    )
