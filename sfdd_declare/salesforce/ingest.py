"""Many rows in one bulk job, every row with a result of its own.

Make the job, journal it, upload, hand over, poll, fetch the verdicts. Nothing happens in Salesforce before the job is
handed over, so an upload whose answer got lost is simply left, and another job made. Rows are matched by columns of
the upload: results come in no promised order.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sfdd_declare.model import limits
from sfdd_declare.model.errors import Terminal, Transient
from sfdd_declare.salesforce import errors, jobs
from sfdd_declare.salesforce.client import Client
from sfdd_declare.salesforce.collections import RowResult
from sfdd_declare.wire.http import encoded
from sfdd_declare.wire.pacing import is_uncertain

#: A row by field; None clears the field.
Values = Mapping[str, str | None]

NULL = "#N/A"
UNPROCESSED = "UNPROCESSED"
NO_RESULT = "noResult"

_JOB = "jobs/ingest/{id}"
_REPEATS = 2
_ID = "Id"
_ID_LENGTH = 15


class NoBulk(Terminal):
    """Bulk is not to be had for this object, this user or today; nothing was sent."""


def fits(row: Values) -> bool:
    """Whether a row can be told in CSV: not every text can. `#N/A` means null there, and a line end of another kind
    inside a value ends the whole job.
    """
    texts = [value for value in row.values() if value]
    return not any(text == NULL or "\r" in text or "\0" in text or len(text) > limits.BULK_FIELD for text in texts)


def update(client: Client, sobject: str, rows: Sequence[Values], on_job: Callable[[str], None]) -> list[RowResult]:
    """Update rows of one type, each by its `Id`; all must fit. One result each, in order, as far as Bulk took them.

    Raises NoBulk when it took none, Transient or Terminal when a job as a whole came to nothing.
    """
    return _written(client, _Task(sobject, "update", (_ID,)), rows, on_job)


def insert(
    client: Client, sobject: str, key: tuple[str, ...], rows: Sequence[Values], on_job: Callable[[str], None]
) -> list[RowResult]:
    """Insert rows of one type, which the columns of `key` tell apart. As `update` otherwise."""
    return _written(client, _Task(sobject, "insert", key), rows, on_job)


@dataclass(frozen=True, slots=True)
class _Task:
    """What a job is to do, and by which columns its rows are known again."""

    sobject: str
    operation: str
    key: tuple[str, ...]

    def key_of(self, row: Values) -> tuple[str, ...]:
        """Ids come with 15 characters or with 18."""
        return tuple((row.get(name) or "")[:_ID_LENGTH] for name in self.key)


def _written(client: Client, task: _Task, rows: Sequence[Values], on_job: Callable[[str], None]) -> list[RowResult]:
    results: list[RowResult] = []
    for part in _parts(rows):
        try:
            results.extend(_by_one_job(client, task, part, on_job))
        except NoBulk:
            if not results:
                raise
            break
    return results


def _by_one_job(client: Client, task: _Task, rows: Sequence[Values], on_job: Callable[[str], None]) -> list[RowResult]:
    info = _ran(client, task, _csv(rows, task.key), on_job)
    if info.state != jobs.COMPLETE and not info.numberRecordsProcessed:
        raise jobs.failure(info, "write")
    verdicts = {task.key_of(row): _done(row) for row in _fetched(client, info.id, "successfulResults")}
    if info.numberRecordsFailed != 0:
        verdicts |= {task.key_of(row): _refused(row) for row in _fetched(client, info.id, "failedResults")}
    if info.state != jobs.COMPLETE or len(verdicts) < len(rows):
        reason = errors.quoted(info.errorMessage or f"the job ended in the state {info.state}")
        never = RowResult(ok=False, code=UNPROCESSED, message=f"not tried: {reason}")
        verdicts |= {task.key_of(row): never for row in _fetched(client, info.id, "unprocessedrecords")}
    unknown = RowResult(ok=False, code=NO_RESULT, message="the finished job says nothing about this row")
    return [verdicts.get(task.key_of(row), unknown) for row in rows]


def _parts(rows: Sequence[Values]) -> Iterator[Sequence[Values]]:
    """Rows of one upload each."""
    start, size = 0, 0
    for at, row in enumerate(rows):
        weight = sum(2 * len((value or NULL).encode()) + 3 for value in row.values())
        if at > start and size + weight > limits.BULK_UPLOAD:
            yield rows[start:at]
            start, size = at, 0
        size += weight
    yield rows[start:]


def _csv(rows: Sequence[Values], key: tuple[str, ...]) -> bytes:
    """The upload. A field that a row does not name is empty there, which leaves it alone."""
    header = [*key, *sorted({name for row in rows for name in row} - set(key))]
    text = io.StringIO(newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([_cell(row, name) for name in header] for row in rows)
    return text.getvalue().encode()


def _cell(row: Values, name: str) -> str:
    return (row[name] or NULL) if name in row else ""


def _ran(client: Client, task: _Task, body: bytes, on_job: Callable[[str], None]) -> jobs.JobInfo:
    """A job with these rows, ended in whatever way."""
    for _ in range(_REPEATS):
        job_id = _made(client, task)
        on_job(jobs.job_name(job_id))
        try:
            client.send("PUT", f"jobs/ingest/{job_id}/batches", template=f"{_JOB}/batches", csv=body, idempotent=False)
        except Transient as error:
            if not is_uncertain(error):
                raise
            jobs.abort(client, "ingest", job_id)  # whether or not it has the rows: nothing of it has happened
            lost = error
            continue
        _hand_over(client, job_id)
        return jobs.until_over(client, "ingest", job_id)
    raise lost


def _made(client: Client, task: _Task) -> str:
    body = {
        "object": task.sobject,
        "operation": task.operation,
        "contentType": "CSV",
        "columnDelimiter": "COMMA",
        "lineEnding": "LF",
    }
    try:
        # A second job would stay without rows and never begin, so this may be repeated.
        reply = client.send("POST", "jobs/ingest", template="jobs/ingest", json=encoded(body), idempotent=True)
    except Terminal as error:
        if error.code in jobs.NO_BULK_CODES:
            raise NoBulk(error.id, error.summary, code=error.code, status=error.status, hint=error.hint) from error
        raise
    return jobs.info_of(reply).id


def _hand_over(client: Client, job_id: str) -> None:
    """Salesforce begins now. If the answer gets lost, the job itself says whether it went through."""
    body = encoded({"state": jobs.UPLOADED})
    for attempt in range(_REPEATS + 1):
        try:
            client.send("PATCH", f"jobs/ingest/{job_id}", template=_JOB, json=body, idempotent=False)
        except Transient as error:
            if not is_uncertain(error) or attempt == _REPEATS:
                raise
            if jobs.look(client, "ingest", job_id).state != jobs.OPEN:
                return
        else:
            return


def _fetched(client: Client, job_id: str, what: str) -> Iterator[dict[str, str]]:
    path = f"jobs/ingest/{job_id}/{what}"
    reply = client.send("GET", path, template=f"{_JOB}/{what}", idempotent=True)
    return csv.DictReader(io.StringIO(reply.body.replace(b"\0", b"").decode(), newline=""))


def _done(row: Mapping[str, str]) -> RowResult:
    return RowResult(ok=True, id=row.get("sf__Id", ""))


def _refused(row: Mapping[str, str]) -> RowResult:
    """`CODE:message:fields --`"""
    code, _, rest = row.get("sf__Error", "").partition(":")
    message = rest.removesuffix("--").strip().removesuffix(":")
    code = code or "UNKNOWN_EXCEPTION"
    return RowResult(ok=False, code=code, message=errors.words_of(code, message))
