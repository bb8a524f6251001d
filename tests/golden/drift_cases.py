"""Drifts whose texts are compared: one function per case."""

from __future__ import annotations

from datetime import date

from sfdd_declare.model.drift import (
    Drift,
    DriftKind,
    Ignored,
    MoreDrift,
    PeopleDrift,
    System,
    ThingDrift,
    only,
    without_ignored,
)
from sfdd_declare.model.errors import Position
from tests.golden.builders import HEADER, Action, Cause, Task, a_change, a_people_operation, a_thing

TITLE = "field_mapping.main.contacts.Title"
TODAY = date(2026, 3, 2)


def a_drift(*, things=(), people=(), more=(), pending=(), **rest):
    return Drift(HEADER, tuple(things), tuple(people), tuple(more), tuple(pending), **rest)


def a_turn(**rest):
    fields = rest.pop("fields", (a_change("Direction__c", "two_way", "salesforce_to_dotdigital", cause=Cause.DRIFT),))
    given = {"by": "0055g000004AdminAAA", "at": "2026-03-02T09:58:00Z", "people": 8412, **rest}
    return ThingDrift(TITLE, "", System.SALESFORCE, Action.UPDATE, fields, **given)


def an_edit(people=3, value="D•••", **rest):
    return PeopleDrift(DriftKind.VALUE, TITLE, System.DOTDIGITAL, people, "JOB_TITLE", value, **rest)


def known(until=TODAY, address=TITLE, field=""):
    return Ignored(address, "asked for in ticket 7", until, field, Position("drift/known.yaml", 3, 3))


def none():
    return a_drift()


def pending():
    return a_drift(
        pending=(
            a_thing(fields=(a_change(),)),
            a_people_operation(people=412),
            a_people_operation(Task.REMOVE_FROM_LIST, "address_book.newsletter", people=9),
        )
    )


def everything():
    """Each kind of drift, what is beyond the list, what is ignored, and what is no longer."""
    book = ThingDrift("address_book.newsletter", "", System.DOTDIGITAL, Action.CREATE, ())
    gone = (DriftKind.LEFT, "address_book.newsletter", System.DOTDIGITAL, 2)
    drift = a_drift(
        things=(a_turn(), book),
        people=(
            an_edit(),
            an_edit(1, None),
            PeopleDrift(
                DriftKind.VALUE, "field_mapping.main.leads.Phone", System.SALESFORCE, 1, "Phone", "+•••",
                "0055g000004AdminAAA", "2026-03-02T09:58:00Z",
            ),
            PeopleDrift(*gone),
            PeopleDrift(DriftKind.MEMBER_ADDED, "campaign.spring_launch", System.SALESFORCE, 4),
            PeopleDrift(DriftKind.MEMBER_REMOVED, "campaign.spring_launch", System.SALESFORCE, 1),
            PeopleDrift(DriftKind.RESUBSCRIBED, "account.main", System.DOTDIGITAL, 1),
            PeopleDrift(DriftKind.RECONSENTED, "account.main", System.SALESFORCE, 6),
        ),
        more=(MoreDrift(DriftKind.VALUE, TITLE, 10, 1200, "JOB_TITLE"),),
        pending=pending().pending,
        warnings=("look",),
    )  # fmt: skip
    lines = (known(address="account.main"), known(date(2026, 3, 1)))
    return without_ignored(drift, lines, TODAY)


def incomplete():
    return a_drift(unread=("main",))


def hostile():
    text = "\x1b[31m\u202e[bold]x[/]\n"
    return a_drift(
        things=(a_turn(by=text, fields=(a_change("Name", text, text, cause=Cause.BOTH),)),),
        people=(an_edit(value=text),),
    )


DRIFTS = (none, pending, everything, incomplete, hostile)

__all__ = ["DRIFTS", "TITLE", "TODAY", "a_drift", "a_turn", "an_edit", "known", "only", "without_ignored"]
