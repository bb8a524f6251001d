"""Contact imports: the Writers of `rename`, `import_contacts` and `import_opted_out`.

One send is one job: PUT, journal the job (`on_job`), poll, match the results to the rows (WIRE-1). Repeating an import
is idempotent in effect: the same rows overwrite the same values, and lists are only added to. So a PUT whose reply was
lost is repeated, but once only and by this module rather than by the transport: each repeat may leave one more job
running, and an account has 25 job slots. If that reply is lost too, the batch stays open in the journal and the next
run reads what became of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import msgspec

from sfdd_declare.dotdigital import jobs
from sfdd_declare.dotdigital.bodies import InvalidRow, OptOutStatus, body_of, contact, estimate
from sfdd_declare.dotdigital.client import Client
from sfdd_declare.dotdigital.codes import meaning_of
from sfdd_declare.dotdigital.errors import scrubbed
from sfdd_declare.model.canonical import email_key
from sfdd_declare.model.errors import Terminal, Transient
from sfdd_declare.model.operation import Task
from sfdd_declare.model.ports import Batch, ImportRow, PersonResult, Results
from sfdd_declare.model.rules import REFUSED_FOR_GOOD
from sfdd_declare.wire.pacing import is_uncertain

__all__ = ["ImportWriter", "carried_out", "estimate"]

REPEATS = 1
"""How often a PUT whose reply was lost is sent again."""
INVALID_STATUS = "invalidcontactstatus"
NO_RESULT = "noResult"
DUPLICATE = "duplicateIdentifier"

_REFUSED_JOBS: Mapping[str, tuple[str, str]] = {
    "rejectedbywatchdog": (
        "SFDD-E2210",
        "Dotdigital's data watchdog refused the import; no contact and no address book was changed",
    ),
    "exceedsallowedcontactlimit": ("SFDD-E2211", "The import would exceed the contacts this account may hold"),
}


class _Accepted(msgspec.Struct):
    importId: str


@dataclass(frozen=True, slots=True)
class _Ready:
    row: ImportRow
    body: bytes


class ImportWriter:
    """Implements `model.ports.Writer`. Rows keep their values even where a part of them is refused."""

    def __init__(self, client: Client, task: Task, *, may_create_suppressed: bool = True) -> None:
        """Without `may_create_suppressed` the account is known to refuse a new contact that is suppressed, and may make
        a subscribed one of it: there nobody is created who cannot be created unsubscribed.
        """
        self._client = client
        self._may_create_suppressed = may_create_suppressed
        self._all_opted_out = task is Task.IMPORT_OPTED_OUT

    def send(self, batch: Batch, on_job: Callable[[str], None], on_progress: Callable[[int], None]) -> Results:
        """One import of all rows. Raises Terminal when the job as a whole is refused: it must not be sent again."""
        rows = tuple(row for row in batch.rows if isinstance(row, ImportRow))
        results = self._import(rows, batch.ids, OptOutStatus.CREATED, on_job)
        again = tuple(row for row in rows if self._is_out(row) and _needs_fallback(results[row.person]))
        if again and self._may_create_suppressed:
            results |= self._import(again, batch.ids, OptOutStatus.FALLBACK, on_job)
        on_progress(len(rows))
        return Results(people=tuple(results[row.person] for row in rows))

    def _is_out(self, row: ImportRow) -> bool:
        return self._all_opted_out or row.opted_out

    def _import(
        self, rows: tuple[ImportRow, ...], ids: Mapping[str, str], status: OptOutStatus, on_job: Callable[[str], None]
    ) -> dict[str, PersonResult]:
        ready: list[_Ready] = []
        results: dict[str, PersonResult] = {}
        seen: set[int | str] = set()
        for row in rows:
            try:
                body = contact(row, ids, opted_out=status if self._is_out(row) else None)
            except InvalidRow as problem:
                results[row.person] = PersonResult(row.person, ok=False, code=problem.code, message=problem.message)
                continue
            if _key(row) in seen:
                results[row.person] = _failed(row.person, DUPLICATE, "another row of this import is the same contact")
                continue
            seen.add(_key(row))
            ready.append(_Ready(row, body))
        if ready:
            answer = carried_out(self._client, body_of([entry.body for entry in ready]), on_job)
            results |= matched([entry.row for entry in ready], answer)
        return results


def carried_out(client: Client, body: bytes, on_job: Callable[[str], None]) -> jobs.ImportAnswer:
    """Start one import and wait for its end. Raises Terminal when the job as a whole is refused."""
    import_id = jobs.when_free(client, lambda: _put(client, body))
    on_job(jobs.import_name(import_id))
    answer = jobs.await_import(client, import_id)
    status = answer.status.casefold()
    if status == "finished":
        return answer
    id, summary = _REFUSED_JOBS.get(status, ("SFDD-E2212", "The import failed inside Dotdigital"))
    raise Terminal(id, summary, code=answer.status, where=f"dotdigital.accounts.{client.account}", hint="sfdd errors")


def _put(client: Client, body: bytes, repeats: int = REPEATS) -> str:
    try:
        return client.decoded("PUT", "/contacts/v3/import", _Accepted, json=body, idempotent=False).importId
    except Transient as error:
        if repeats == 0 or not is_uncertain(error):
            raise
        client.pause(1.0)
        return _put(client, body, repeats - 1)


@dataclass(frozen=True, slots=True)
class Written:
    """What became of the only row of an import. A row may be saved and refused in part (WIRE-1)."""

    contact_id: int | None
    refused: str = ""  # the vendor's code

    @property
    def is_whole(self) -> bool:
        return self.contact_id is not None and not self.refused


def written(answer: jobs.ImportAnswer) -> Written:
    """The result of an import of one row."""
    saved = next((entry.id for entry in (*(answer.created or ()), *(answer.updated or ()))), None)
    problems = [problem for entry in answer.failures or () for problem in entry.failures or (jobs.JobProblem(),)]
    code = (problems[0].failureCode or "unknown") if problems else ""
    return Written(saved, code or ("" if saved is not None else NO_RESULT))


def matched(rows: Iterable[ImportRow], answer: jobs.ImportAnswer) -> dict[str, PersonResult]:
    """What became of each row (WIRE-1), matched by contact id or by folded address."""
    written = _by_key([*(answer.created or ()), *(answer.updated or ())])
    failures = _by_key(answer.failures or ())
    return {row.person: _result(row, written.get(_key(row)), failures.get(_key(row))) for row in rows}


def _by_key(entries: Iterable[jobs.JobContact]) -> dict[int | str, jobs.JobContact]:
    found: dict[int | str, jobs.JobContact] = {}
    for entry in entries:
        if entry.email:
            found[entry.email] = entry
        if entry.id is not None:
            found[entry.id] = entry
    return found


def _key(row: ImportRow) -> int | str:
    return row.contact_id if row.contact_id is not None else email_key(row.email)


def _result(row: ImportRow, written: jobs.JobContact | None, failure: jobs.JobContact | None) -> PersonResult:
    if written is None and failure is None:
        return _failed(row.person, NO_RESULT, "the finished job says nothing about this row")
    problem = next(iter((failure and failure.failures) or ()), jobs.JobProblem())
    code = (problem.failureCode or "unknown") if failure else ""
    message = scrubbed(problem.description or "") or _meaning(code)
    permanent = code.casefold() in REFUSED_FOR_GOOD
    if written is None:
        return _failed(row.person, code, message, permanent=permanent)
    contact_id = written.id if written.id is not None else row.contact_id
    return PersonResult(
        row.person, True, contact_id, code=code, message=message, permanent=permanent, refused=failure is not None
    )


def _meaning(code: str) -> str:
    known = meaning_of(code)
    return known.text if known else ""


def _failed(person: str, code: str, message: str, *, permanent: bool = False) -> PersonResult:
    return PersonResult(person, ok=False, code=code, message=message, permanent=permanent)


def _needs_fallback(result: PersonResult) -> bool:
    return not result.ok and result.code.casefold() == INVALID_STATUS
