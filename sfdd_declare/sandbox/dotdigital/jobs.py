"""Asynchronous work: imports, bulk list removals, bulk deletions.

A job runs some requests after it was accepted, never within its own request, so a client that does not wait sees
the state from before. It runs whether or not anybody polls it. How long that takes:
`dotdigital.job_ticks` (requests until it runs, default 1) and `dotdigital.job_polls` (polls that still say
"not finished", default 1).
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sfdd_declare.sandbox.dotdigital.answers import decode, encode
from sfdd_declare.sandbox.world import World, stamp

RUN = "run"
"""The verdict of a job that will be carried out; any other verdict is its final status."""


@dataclass(frozen=True, slots=True)
class Job:
    """What a runner needs to know to carry a job out."""

    account: int
    who: str
    payload: Any


Runner = Callable[[World, Job], Any]
"""Carries a job out and returns its result, which is JSON."""


def submit(world: World, *, account: int, kind: str, who: str, payload: bytes, verdict: str = RUN) -> str:
    """Accept a job and return its id."""
    job_id = str(uuid.uuid4())
    with world.transaction() as db:
        db.execute(
            "INSERT INTO dd_job VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'NotFinished', ?, ?)",
            (
                job_id,
                account,
                kind,
                who,
                payload,
                verdict,
                int(world.setting("dotdigital.job_ticks", 1)),
                int(world.setting("dotdigital.job_polls", 1)),
                b"null",
                stamp(world.now()),
            ),
        )
    return job_id


def active(world: World, account: int, kind: str) -> int:
    """How many jobs of a kind have not run yet."""
    with world.lock:
        row = world.db.execute(
            "SELECT COUNT(*) FROM dd_job WHERE account = ? AND kind = ? AND status = 'NotFinished'",
            (account, kind),
        ).fetchone()
    return int(row[0])


def poll(world: World, *, account: int, kind: str, job_id: str) -> tuple[str, Any] | None:
    """A job's status and, once it has one, its result; None for an unknown job."""
    with world.transaction() as db:
        row = db.execute(
            "SELECT status, polls, result FROM dd_job WHERE id = ? AND account = ? AND kind = ?",
            (job_id, account, kind),
        ).fetchone()
        if row is None:
            return None
        db.execute("UPDATE dd_job SET polls = polls - 1 WHERE id = ?", (job_id,))
    if row["polls"] > 0 or row["status"] == "NotFinished":
        return "NotFinished", None
    return row["status"], decode(row["result"])


def tick(world: World, runners: Mapping[str, Runner]) -> None:
    """Let one request's time pass: the jobs that are due run, in the order they were accepted."""
    with world.transaction() as db:
        waiting = db.execute("SELECT 1 FROM dd_job WHERE status = 'NotFinished' LIMIT 1").fetchone()
        if waiting is None:
            return
        db.execute("UPDATE dd_job SET wait = wait - 1 WHERE status = 'NotFinished'")
        due = db.execute("SELECT * FROM dd_job WHERE status = 'NotFinished' AND wait <= 0 ORDER BY rowid").fetchall()
        for row in due:
            status, result = row["verdict"], None
            if status == RUN:
                job = Job(account=row["account"], who=row["who"], payload=decode(row["payload"]))
                status, result = "Finished", runners[row["kind"]](world, job)
            db.execute(
                "UPDATE dd_job SET status = ?, result = ?, payload = x'' WHERE id = ?",
                (status, encode(result), row["id"]),
            )
