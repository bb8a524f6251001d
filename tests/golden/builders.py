"""Builders with defaults for the values that are rendered."""

from __future__ import annotations

from datetime import UTC, datetime

from sfdd_declare.model.address import Address
from sfdd_declare.model.declared import NotApplied
from sfdd_declare.model.figures import NOBODY
from sfdd_declare.model.ids import OperationId
from sfdd_declare.model.operation import (
    Action,
    Blocked,
    Cause,
    FieldChange,
    Operation,
    RowSet,
    Stage,
    Task,
)
from sfdd_declare.model.outcome import OperationResult, Outcome, Problem, Status
from sfdd_declare.model.plan import (
    FieldCount,
    Header,
    Held,
    LinkCount,
    PeoplePlan,
    PeopleTotals,
    Plan,
    Sample,
    Usage,
)
from sfdd_declare.model.privacy import Sort, mask

HEADER = Header(
    format_version="1.0",
    tool="sfdd 0.1.0",
    config_digest="c" * 64,
    org_id="00D5g0000012345EAA",
    accounts=(("main", "4711"),),
    lineage="a1b2c3",
    serial=7,
    created=datetime(2026, 3, 2, 10, 12, tzinfo=UTC),
)


def a_change(name="Status", old="Planned", new="In Progress", *, cause=Cause.CONFIG, known=True, forces=False):
    return FieldChange(name, old, new, cause=cause, known=known, forces_replacement=forces)


def a_thing(address="campaign.spring_launch", action=Action.UPDATE, *, fields=(), **rest):
    """An operation without rows."""
    task = rest.pop("task", Task.CAMPAIGN)
    return Operation(
        id=OperationId(rest.pop("id", address)),
        address=Address.parse(address),
        stage=Stage.SETUP,
        action=action,
        task=task,
        fields=tuple(fields),
        **rest,
    )


def a_people_operation(task=Task.IMPORT_CONTACTS, address="account.main", people=412, **rest):
    """An operation with rows."""
    counts = rest.pop("counts", ())
    return Operation(
        id=OperationId(rest.pop("id", f"{task.value}:{address}")),
        address=Address.parse(address),
        stage=rest.pop("stage", Stage.CONTACTS),
        action=Action.PEOPLE,
        task=task,
        rows=RowSet(people, rest.pop("rows", people), "d" * 64, counts),
        **rest,
    )


def a_link(
    link="link.spring_launch.newsletter", *, members=1024, add=412, update=57, remove=9, on_book=903, skipped=()
):
    _, campaign, book = link.split(".")
    return LinkCount(link, campaign, book, members, add, update, remove, on_book, skipped)


def a_field(salesforce="FirstName", data_field="FIRSTNAME", direction="salesforce_to_dotdigital", **numbers):
    given = {"to_dotdigital": 57, "to_salesforce": 0, "overwritten": 0, "blanked": 0, "blanks_kept": 0, "carriers": 0}
    record_type = numbers.pop("record_type", "contact")
    account = numbers.pop("account", "main")
    return FieldCount(account, record_type, salesforce, data_field, direction, **{**given, **numbers})


def a_sample(person="0035g00000AAAAAQA2", email="ada@example.com", *, field="FIRSTNAME", old=None, new="Ada", **rest):
    sort = rest.pop("sort", Sort.TEXT)
    return Sample(
        person=person,
        email=mask(email, Sort.EMAIL),
        link=rest.pop("link", "link.spring_launch.newsletter"),
        aspect=rest.pop("aspect", "value"),
        field=field,
        old=mask(old, sort),
        new=mask(new, sort),
        decision=rest.pop("decision", "fill"),
        reason=rest.pop("reason", "VAL-3"),
    )


def held(people=2, what="conflicts held", reason="VAL-9", *, headline=True, detail=""):
    return Held(what, people, reason, headline=headline, detail=detail)


def people(**parts):
    totals = parts.pop("totals", PeopleTotals())
    return PeoplePlan(totals=totals, **parts)


def a_plan(*operations, people_plan=None, blocked=(), not_applied=(), warnings=(), **rest):
    return Plan(
        header=HEADER,
        operations=tuple(operations),
        people=people_plan or PeoplePlan(),
        blocked=tuple(blocked),
        not_applied=tuple(not_applied),
        warnings=tuple(warnings),
        read=rest.pop("read", Usage(9, 4)),
        cost=rest.pop("cost", Usage(12, 5, salesforce_left=14_988, dotdigital_left=1_990, minutes=2.0)),
        fingerprint="3f9c0a1b2c3d",
    )


def a_result(operation, status=Status.DONE, *, done=1, failed=0, skipped=0, message="", hint="", **rest):
    return OperationResult(operation.id, str(operation.address), status, done, failed, skipped, message, hint, **rest)


def a_problem(operation, record="0035g00000AAAAAQA2", code="INVALID_EMAIL", message="The email is invalid.", field=""):
    return Problem(operation.id, "main", record, field, code, message)


def an_outcome(plan, results=None, problems=(), used=None, *, interrupted=0, people=NOBODY):
    return Outcome(
        plan=plan,
        results=tuple(a_result(o) for o in plan.operations) if results is None else tuple(results),
        problems=tuple(problems),
        used=used or Usage(14, 6, salesforce_left=14_974, dotdigital_left=1_984),
        interrupted=interrupted,
        people=people,
    )


__all__ = [
    "Action",
    "Blocked",
    "Cause",
    "NotApplied",
    "PeopleTotals",
    "Sort",
    "Stage",
    "Status",
    "Task",
    "Usage",
    "a_change",
    "a_field",
    "a_link",
    "a_people_operation",
    "a_plan",
    "a_problem",
    "a_result",
    "a_sample",
    "a_thing",
    "an_outcome",
    "held",
    "people",
]
