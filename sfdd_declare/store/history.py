"""Runs and what became of each link: what the state can tell about the past. Nothing is decided by it.

Runs that wrote nothing come by the hundred every day where a schedule is followed; only the last of them are kept. A
run that wrote something is never dropped: the org may name it as the last apply with this state (RUN-8).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import ColumnElement, Connection, delete, insert, inspect, select, true, update

from sfdd_declare.model.canonical import canonical_json
from sfdd_declare.model.service import LinkStatus
from sfdd_declare.model.state import RunDetails, RunRecord
from sfdd_declare.store import schema
from sfdd_declare.store.database import upsert

INTERRUPTED = "interrupted"
FAILED = "failed"

#: Of runs that wrote nothing, how many are remembered.
KEPT_IDLE = 500

T = TypeVar("T")

_DETAILS = TypeAdapter(RunDetails)
_STATUS = TypeAdapter(LinkStatus)


def start_run(connection: Connection, run: str, fingerprint: str, details: RunDetails | None, now: datetime) -> None:
    """Enter a run; whatever run was left open by a kill is interrupted, for the lease is ours."""
    runs = schema.runs
    connection.execute(update(runs).where(runs.c.finished.is_(None), runs.c.result == "").values(result=INTERRUPTED))
    connection.execute(
        insert(runs).values(run=run, started=moment(now), finished=None, fingerprint=fingerprint, result="")
    )
    if details is not None:
        _keep_details(connection, run, details, is_idle=False)


def end_run(connection: Connection, run: str, result: str, now: datetime) -> None:
    """Close a run."""
    runs = schema.runs
    connection.execute(update(runs).where(runs.c.run == run).values(finished=moment(now), result=result))


def keep_details(connection: Connection, run: str, details: RunDetails) -> None:
    """What became of a run that is closed."""
    _keep_details(connection, run, details, is_idle=details.wrote_nothing)
    _drop_old_idle(connection)


def note_failure(connection: Connection, run: RunRecord) -> None:
    """Remember a run that ended before it wrote anything. Failing again in the same way counts up."""
    assert run.details is not None
    before = next(iter(read_runs(connection, 1)), None)
    if before is not None and before.result == FAILED and _error_of(before) == run.details.error:
        details = replace(run.details, attempts=(before.details or run.details).attempts + 1)
        finished = moment(run.finished) if run.finished else None
        connection.execute(update(schema.runs).where(schema.runs.c.run == before.run).values(finished=finished))
        _keep_details(connection, before.run, details, is_idle=True)
        return
    row = {"run": run.run, "started": moment(run.started), "fingerprint": "", "result": FAILED}
    connection.execute(insert(schema.runs).values(**row, finished=moment(run.finished) if run.finished else None))
    _keep_details(connection, run.run, run.details, is_idle=True)
    _drop_old_idle(connection)


def _error_of(run: RunRecord) -> str:
    return run.details.error if run.details else ""


def read_runs(connection: Connection, limit: int) -> tuple[RunRecord, ...]:
    """The last runs, newest first."""
    return _records(connection, true(), limit)


def _records(connection: Connection, which: ColumnElement[bool], limit: int = 1) -> tuple[RunRecord, ...]:
    runs = schema.runs
    query = select(runs).where(which).order_by(runs.c.started.desc(), runs.c.run.desc()).limit(limit)
    found = connection.execute(query).all()
    details = _details(connection, [row.run for row in found])
    return tuple(
        RunRecord(
            run=row.run,
            started=datetime.fromisoformat(row.started),
            finished=datetime.fromisoformat(row.finished) if row.finished else None,
            fingerprint=row.fingerprint,
            result=row.result,
            details=details.get(row.run),
        )
        for row in found
    )


def read_named(connection: Connection, name: str, limit: int) -> tuple[RunRecord, ...]:
    """The run of that id; else the last ones whose ids begin so, newest first."""
    runs = schema.runs
    return _records(connection, runs.c.run == name) or _records(
        connection, runs.c.run.startswith(name, autoescape=True), limit
    )


def is_known(connection: Connection, run: str) -> bool:
    """Whether a run was made with this state."""
    return connection.execute(select(schema.runs.c.run).where(schema.runs.c.run == run)).first() is not None


def read_links(connection: Connection) -> dict[str, LinkStatus]:
    """How each link stands, by its address."""
    table = schema.link_states
    if not inspect(connection).has_table(table.name):
        return {}
    found = (_parsed(_STATUS, row.document) for row in connection.execute(select(table)))
    return {status.link: status for status in found if status is not None}


def keep_links(connection: Connection, links: Iterable[LinkStatus]) -> None:
    rows = [{"link": status.link, "document": canonical_json(status)} for status in links]
    if rows:
        connection.execute(upsert(connection, schema.link_states), rows)


def moment(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds")


def _keep_details(connection: Connection, run: str, details: RunDetails, *, is_idle: bool) -> None:
    row = {"run": run, "idle": is_idle, "document": canonical_json(details)}
    connection.execute(upsert(connection, schema.run_details), row)


def _drop_old_idle(connection: Connection) -> None:
    details, runs = schema.run_details, schema.runs
    idle = select(details.c.run).join(runs, runs.c.run == details.c.run).where(details.c.idle)
    old = connection.execute(idle.order_by(runs.c.started.desc(), runs.c.run.desc()).offset(KEPT_IDLE)).scalars().all()
    if old:
        connection.execute(delete(details).where(details.c.run.in_(old)))
        connection.execute(delete(runs).where(runs.c.run.in_(old)))


def _details(connection: Connection, runs: list[str]) -> Mapping[str, RunDetails]:
    table = schema.run_details
    if not runs or not inspect(connection).has_table(table.name):
        return {}
    rows = connection.execute(select(table).where(table.c.run.in_(runs)))
    found = {row.run: _parsed(_DETAILS, row.document) for row in rows}
    return {run: details for run, details in found.items() if details is not None}


def _parsed(kind: TypeAdapter[T], document: str) -> T | None:
    """A document of a later version may say more; one that cannot be read tells nothing."""
    try:
        return kind.validate_python(json.loads(document))
    except (ValidationError, ValueError):
        return None
