"""What a plan says about new leads besides their rows: the types and ids that writing them needs, and how long the
pending ones have waited (NEW-4).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime

from sfdd_declare.model.declared import Desired
from sfdd_declare.model.live import SalesforceLive
from sfdd_declare.model.operation import Operation, Task
from sfdd_declare.model.plan import Held, PeoplePlan
from sfdd_declare.people.question import Answer

#: Before the name of a field in the payload: its describe type, and the id that its default stands for.
KIND, ID = "kind.", "id."

_RULE = "NEW-4"


def with_defaults(operations: tuple[Operation, ...], desired: Desired, live: SalesforceLive) -> tuple[Operation, ...]:
    """Creations get what their writer needs to know about `leads.defaults`."""
    payload = tuple(_payload(desired, live))
    return tuple(
        replace(op, payload=(*op.payload, *payload)) if op.task is Task.CREATE_LEADS else op for op in operations
    )


def _payload(desired: Desired, live: SalesforceLive) -> Iterator[tuple[str, str]]:
    lead = live.describes.get("Lead")
    for name, value in desired.leads.defaults:
        if lead is not None and name in lead.fields:
            yield KIND + name, lead.fields[name].type
        if ids := live.references.get((name, value)):
            yield ID + name, ids[0]


def pending_mark(account: str) -> str:
    """Name of the mark that holds since when contacts have been pending, as JSON by contact id."""
    return f"pending:{account}"


def pending_marks(answer: Answer, marks: Mapping[str, str], now: datetime) -> dict[str, str]:
    """The marks to come: who is pending still keeps their date. Accounts that never had anybody get none."""
    before = {name: json.loads(value) for name, value in marks.items() if name.startswith(pending_mark(""))}
    after: dict[str, dict[str, str]] = {name: {} for name in before}
    today = now.astimezone(UTC).date().isoformat()
    for account, contact in answer.pending:
        mark = pending_mark(account)
        after.setdefault(mark, {})[str(contact)] = before.get(mark, {}).get(str(contact), today)
    return {name: json.dumps(dates, sort_keys=True) for name, dates in after.items()}


def with_age(people: PeoplePlan, marks: Mapping[str, str], now: datetime) -> PeoplePlan:
    """The held line says how long the oldest has waited. `marks` are those to come."""
    dates = [day for name, value in marks.items() if name.startswith(pending_mark("")) for day in _days(value)]
    if not dates:
        return people
    age = (now.astimezone(UTC).date() - date.fromisoformat(min(dates))).days
    said = "since today" if age == 0 else f"the oldest for {age} day{'s' if age > 1 else ''}"
    return replace(people, held=tuple(_aged(held, said) for held in people.held))


def _days(value: str) -> list[str]:
    return list(json.loads(value).values())


def _aged(held: Held, said: str) -> Held:
    return replace(held, detail=f"{held.detail}; {said}") if held.reason == _RULE else held
