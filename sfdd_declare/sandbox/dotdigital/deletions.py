"""`POST /contacts/v3/delete`: many contacts to the recycle bin, some time later."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from sfdd_declare.sandbox.dotdigital import identifiers, jobs, lookup
from sfdd_declare.sandbox.dotdigital.answers import answer, encode, v3_error
from sfdd_declare.sandbox.dotdigital.call import Call
from sfdd_declare.sandbox.dotdigital.changes import Changes
from sfdd_declare.sandbox.dotdigital.jobs import Job
from sfdd_declare.sandbox.dotdigital.rows import IDENTIFIERS
from sfdd_declare.sandbox.world import World

DELETION = "deletion"
MAX_CONTACTS = 5000
_MAX_JOBS = 25


def start(call: Call) -> Response:
    """Accept a bulk deletion. Setting `dotdigital.deletion_jobs` says how many may be active (25)."""
    wanted = call.v3_body()
    if not isinstance(wanted, list) or not wanted:
        raise v3_error(400, "contacts:noContactsSpecified", "No contacts were specified")
    if len(wanted) > MAX_CONTACTS:
        raise v3_error(400, "contacts:invalidContacts", f"At most {MAX_CONTACTS} contacts can be deleted at once")
    allowed = int(call.world.setting("dotdigital.deletion_jobs", _MAX_JOBS))
    if jobs.active(call.world, call.account.id, DELETION) >= allowed:
        raise v3_error(429, "contacts:tooManyBulkDeleteJobs", "There are too many active deletions")
    job_id = jobs.submit(
        call.world, account=call.account.id, kind=DELETION, who=call.account.user, payload=encode(wanted)
    )
    return answer({"deleteId": job_id}, status=202)


def poll(call: Call) -> Response:
    """`GET /contacts/v3/delete/{id}`: status and, once finished, who was deleted."""
    job_id = call.path("id")
    polled = jobs.poll(call.world, account=call.account.id, kind=DELETION, job_id=job_id)
    if polled is None:
        raise v3_error(404, "contacts:invalidDeleteId", "There is no such deletion")
    status, result = polled
    return answer({"deleteId": job_id, "status": status, **(result or {})})


def run(world: World, job: Job) -> dict[str, Any]:
    """Carry an accepted deletion out and return its result."""
    counts = {"requestedContacts": len(job.payload), "deletedContacts": 0, "unknownContacts": 0, "invalidEntries": 0}
    deleted: list[dict[str, Any]] = []
    failures: list[dict[str, Any]] = []
    with world.transaction():
        known = {*IDENTIFIERS, *identifiers.names(world, job.account)}
        changes, gone = Changes(world, job.account, job.who), set[int]()
        for entry in job.payload:
            named = _named(entry, known)
            contact = None if named is None else lookup.find(world, job.account, *named)
            if contact is not None and not contact.is_binned and contact.id not in gone:
                changes.bin(contact)
                gone.add(contact.id)
                deleted.append({"contactId": contact.id})
                counts["deletedContacts"] += 1
            else:
                counts["invalidEntries" if named is None else "unknownContacts"] += 1
                failures.append(_failure(entry, is_known=named is not None))
        changes.store()
    return {"summary": counts, "deleted": deleted, "failures": failures}


def _named(entry: Any, known: set[str]) -> tuple[str, str] | None:
    """The one identifier of an entry and its value, None when it is not that."""
    if not isinstance(entry, dict) or len(entry) != 1:
        return None
    (name, value) = next(iter(entry.items()))
    if name not in known or isinstance(value, bool) or not isinstance(value, str | int):
        return None
    return name, str(value)


def _failure(entry: Any, *, is_known: bool) -> dict[str, Any]:
    code, text = ("contactNotFound", "There is no such contact") if is_known else ("invalidId", "This names no contact")
    return {
        "identifier": entry if isinstance(entry, dict) else {},
        "failures": [{"failureCode": code, "description": text}],
    }
