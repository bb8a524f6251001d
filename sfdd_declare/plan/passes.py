"""Full pass or delta (RUN-3): a delta is read only while everything it rests on is as the last run left it.

A delta shows edits and new members. Whatever else may have happened shows in counts, in the configuration or in the
state, and makes the pass a full one. What waited for somebody at the last full pass is remembered by its count.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from sfdd_declare.model.canonical import canonical_json, digest
from sfdd_declare.model.declared import Desired
from sfdd_declare.model.live import ObjectInfo
from sfdd_declare.model.mapping import MappingSet, RecordType
from sfdd_declare.model.operation import Action, Operation
from sfdd_declare.model.plan import Held
from sfdd_declare.model.state import BookState, JournalEntry
from sfdd_declare.people.question import Answer
from sfdd_declare.plan.identify import Identities
from sfdd_declare.plan.scope import Reading
from sfdd_declare.plan.world import World

#: Names of marks. `BASIS`: what the last run rested on; `FULL`: when the last full pass was; `SINCE`: up to when people
#: of Salesforce were read; the others have a name behind them.
BASIS, FULL, SINCE = "basis", "full_pass", "people_since"
CONTACTS_SINCE, COUNTED, SELECTED, HELD = "contacts_since:", "counted:", "selected", "held"
#: With the account behind it: how many values each field holds on each side (VAL-26).
FILLED = "filled:"
#: Ids of the Salesforce users who have applied with this state (BASE-5).
USERS = "users"

#: Of the marks of a pass: what was read of opt-outs, which are carried whoever is asked for.
OF_CONSENT = ("suppressed_since:", "opted_out_since:")

#: Marks that a run writes only when every person it was about was dealt with.
OF_A_PASS = (
    BASIS,
    FULL,
    SINCE,
    CONTACTS_SINCE,
    COUNTED,
    SELECTED,
    HELD,
    FILLED,
    *OF_CONSENT,
)


@dataclass(frozen=True, slots=True)
class Pass:
    """How to read. `why` says why in full; `marks` are what a delta reads from."""

    is_delta: bool
    why: str = ""
    last_full: str = ""


@dataclass(frozen=True, slots=True)
class Counted:
    """The members of a campaign by its own count, and when that was taken."""

    at: str
    members: int

    @classmethod
    def parse(cls, mark: str) -> Counted:
        at, _, members = mark.partition("|")
        return cls(at, int(members))

    def __str__(self) -> str:
        return f"{self.at}|{self.members}"


def basis(desired: Desired, sets: tuple[MappingSet, ...]) -> str:
    """What decisions rest on besides people: another basis may decide otherwise about everybody."""
    return digest([desired.digest, [repr(s) for s in sets]])


def choose(
    desired: Desired,
    world: World,
    reading: Reading,
    rests_on: Reading,
    *,
    marks: Mapping[str, str],
    books: Mapping[str, BookState],
    operations: Collection[Operation],
    unfinished: Collection[JournalEntry],
    asked: bool,
    clock: str,
) -> Pass:
    """`rests_on`: of the reading, what the people who are asked for belong to. `books` by key; `clock`: Salesforce's
    now. The first reason for a full pass is the one that is told.
    """
    needed = (
        *(FULL, SINCE),
        *(CONTACTS_SINCE + key for key in reading.lists),
        *(COUNTED + key for key, _ in reading.campaigns),
    )
    reasons = (
        (not asked, "not asked for"),
        (any(name not in marks for name in needed), "first run"),
        (bool(unfinished), "the last run was interrupted"),
        (marks.get(BASIS) != basis(desired, reading.sets), "the configuration changed"),
        (any(_moves_people(op) for op in operations), "the set-up changes"),
        (_has_hidden_sources(reading.sets, world.salesforce.describes), "a mapped field changes without a stamp"),
        (_is_old(marks.get(FULL, ""), clock, desired.full_every_hours), "due"),
        (_counts_differ(rests_on, books), "an address book has gained or lost people"),
    )
    why = next((text for holds, text in reasons if holds), "")
    return Pass(not why, why, marks.get(FULL, ""))


def campaigns_lost_members(
    found: Identities, reading: Reading, marks: Mapping[str, str], created: Mapping[str, int]
) -> bool:
    """Whether some campaign shows another count than its members then and those made since explain."""
    for key, _ in reading.campaigns:
        live = found.campaigns[key].live
        known = Counted.parse(marks[COUNTED + key])
        if live is None or live.members != known.members + created.get(key, 0):
            return True
    return False


def counted(found: Identities, reading: Reading, at: str) -> dict[str, str]:
    """What the campaigns show now, by mark."""
    live = ((key, found.campaigns[key].live) for key, _ in reading.campaigns)
    return {COUNTED + key: str(Counted(at, campaign.members)) for key, campaign in live if campaign is not None}


def users(marks: Mapping[str, str], user: str) -> tuple[str, ...]:
    """Who wrote by this state so far, and who is about to."""
    return tuple(sorted({*filter(None, marks.get(USERS, "").split(",")), user}))


def filled_marks(answer: Answer) -> dict[str, str]:
    """How many values each field held when everybody was read: a delta that empties a field can tell by it."""
    found: dict[str, dict[str, int]] = {}
    for field in answer.people.fields:
        name = f"{field.record_type} {field.salesforce_field}>{field.data_field.upper()}"
        counts = found.setdefault(FILLED + field.account, {})
        counts[f"{name} s"], counts[f"{name} d"] = field.filled_here, field.filled_there
    return {mark: json.dumps(counts, sort_keys=True) for mark, counts in found.items()}


def held_mark(answer: Answer) -> str:
    """What waits for somebody, as a mark."""
    return canonical_json([[h.what, h.people, h.reason, h.detail] for h in answer.people.held if h.headline])


def as_delta(answer: Answer, way: Pass, pairs: Mapping[str, int], marks: Mapping[str, str]) -> Answer:
    """A delta's answer as one about everybody: shares are of all people (`pairs` by account), and what waited at the
    last full pass still waits.
    """
    rows = json.loads(marks.get(HELD, "[]"))
    before = [Held(what, people, rule, headline=True, detail=detail) for what, people, rule, detail in rows]
    now = {h.what for h in answer.people.held}
    people = replace(
        answer.people,
        scope=tuple((account, max(count, pairs.get(account, 0))) for account, count in answer.people.scope),
        held=(*(h for h in before if h.what not in now), *answer.people.held),
        since=marks[SINCE],
        last_full=way.last_full,
    )
    return replace(answer, people=people, books=())


def _moves_people(op: Operation) -> bool:
    return op.action in (Action.CREATE, Action.REPLACE, Action.DELETE, Action.FORGET, Action.MOVE, Action.IMPORT)


def _has_hidden_sources(sets: tuple[MappingSet, ...], describes: Mapping[str, ObjectInfo | None]) -> bool:
    """Formulas and fields of related records change without moving the stamp of the record."""
    for mapping in sets:
        info = describes.get(mapping.record_type.sobject)
        for mapped in mapping.fields:
            name = mapped.mapping.salesforce_field
            field = info.fields.get(name) if info else None
            if "." in name or field is None or field.calculated:
                return True
    return any(mapping.record_type is RecordType.PERSON_ACCOUNT for mapping in sets)


def _is_old(full: str, clock: str, hours: float) -> bool:
    if not full or not clock:
        return True
    return _moment(clock) - _moment(full) >= timedelta(hours=hours)


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(UTC)


def _counts_differ(reading: Reading, books: Mapping[str, BookState]) -> bool:
    for lists in reading.lists.values():
        for key, list_id, count in lists:
            known = books.get(key)
            if known is None or not known.baseline or known.list_id != list_id or known.count_seen != count:
                return True
    return False
