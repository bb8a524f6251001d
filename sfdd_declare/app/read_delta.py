"""Reads only what changed since the last run, with the other half of everybody concerned (RUN-2, RUN-3, ID-2).

Whatever the counts do not explain makes it give up: then everything is read.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import pyarrow.parquet as pq

from sfdd_declare.app.beside import Beside
from sfdd_declare.app.home import run_directory
from sfdd_declare.app.inputs import Inputs
from sfdd_declare.app.read_people import whole
from sfdd_declare.app.recheck import opted_out_mark
from sfdd_declare.model.mapping import MappingSet
from sfdd_declare.model.ports import ReadReport, Spool
from sfdd_declare.people import columns, seen
from sfdd_declare.plan import passes
from sfdd_declare.plan.identify import Identities
from sfdd_declare.plan.scope import Memory, Reading

#: A stamp is set before a change becomes visible (RUN-2).
SALESFORCE_OVERLAP = timedelta(seconds=600)
DOTDIGITAL_OVERLAP = timedelta(seconds=300)

#: Reading one half of a person may show another whose half is unread; addresses that wander need a few turns.
_TURNS = 4

T = TypeVar("T", str, int)


def read_delta(
    inputs: Inputs, beside: Beside, reading: Reading, found: Identities, memory: Memory, *, rests_on: Reading
) -> Mapping[str, str] | None:
    """People who changed, into the spool; the vendors' clocks when the reads began, by mark.

    `rests_on`: of the reading, what the people who are asked for belong to. None when the pass has to be a full one.
    """
    marks = inputs.marks
    if not _same_selections(inputs, rests_on, marks):
        return None
    remote = {key: beside.start(_changed_contacts, inputs, key, reading, marks) for key in inputs.readers.dotdigital}
    counted = {key: passes.Counted.parse(marks[passes.COUNTED + key]).at for key, _ in reading.campaigns}
    since = before(marks[passes.SINCE], SALESFORCE_OVERLAP)
    changed = inputs.readers.salesforce.delta.changes(reading.campaigns, reading.sets, since, counted, inputs.spool)
    whole(changed, "what changed in Salesforce")
    reports = {key: future.result() for key, future in remote.items()}
    if passes.campaigns_lost_members(found, rests_on, marks, dict(changed.created)):
        return None
    if not _OtherHalves(inputs, reading, memory).read():
        return None
    stamps = {passes.SINCE: changed.stamp}
    for key, report in reports.items():
        stamps |= {passes.CONTACTS_SINCE + key: report.stamp, f"suppressed_since:{key}": report.stamp}
    stamps |= {opted_out_mark(kind): changed.stamp for kind in reading.record_types}
    return stamps


def before(stamp: str, overlap: timedelta) -> str:
    """A moment earlier, as both vendors take it."""
    moment = datetime.fromisoformat(stamp.replace("Z", "+00:00")).astimezone(UTC) - overlap
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def selected_mark(spool: Spool) -> str:
    """By campaign: who is selected with which status, in short."""
    names = ["campaign", "sf_id", "status"]
    rows: set[tuple[str, ...]] = set()
    for part in spool.parts(columns.SELECTED_DATASET):
        for batch in pq.ParquetFile(part).iter_batches(columns=names):
            rows.update(zip(*(map(str, batch.column(name).to_pylist()) for name in names), strict=True))
    found: dict[str, Any] = defaultdict(hashlib.sha256)
    for campaign, *row in sorted(rows):
        found[campaign].update("\x1f".join((*row, "")).encode())
    return json.dumps({campaign: digest.hexdigest()[:16] for campaign, digest in found.items()}, sort_keys=True)


def _same_selections(inputs: Inputs, reading: Reading, marks: Mapping[str, str]) -> bool:
    """Whether the declared selections name the same people as when all of them were members."""
    if not reading.selections:
        return True
    mark = marks.get(passes.SELECTED, "")
    if not mark.startswith("{"):  # none, or of another form
        return False
    with closing(run_directory(inputs.desired, inputs.options.environ)) as aside:
        for selection in reading.selections:
            report = inputs.readers.salesforce.people.selection(selection, (), aside)
            whole(report, "the members that a selection names")
        before, now = json.loads(mark), json.loads(selected_mark(aside))
    return all(before.get(each.campaign) == now.get(each.campaign) for each in reading.selections)


def _changed_contacts(inputs: Inputs, key: str, reading: Reading, marks: Mapping[str, str]) -> ReadReport:
    people = inputs.readers.dotdigital[key].people
    own = tuple(s for s in reading.sets if s.account == key)
    suppressed = people.suppressed_since(before(marks[f"suppressed_since:{key}"], DOTDIGITAL_OVERLAP), inputs.spool)
    whole(suppressed, "who is suppressed in Dotdigital")
    since = before(marks[passes.CONTACTS_SINCE + key], DOTDIGITAL_OVERLAP)
    report = people.changes(since, reading.lists[key], own, inputs.spool)
    return whole(report, "what changed in Dotdigital")


class _OtherHalves:
    """Reads the record behind every contact and the contact behind every record, until nothing is left unread."""

    def __init__(self, inputs: Inputs, reading: Reading, memory: Memory) -> None:
        self._inputs = inputs
        self._reading = reading
        self._memory = memory
        self._asked: set[tuple[str, str | int]] = set()
        self._waiting = frozenset(entry.record for entry in inputs.state.ledger() if not entry.parked)

    def read(self) -> bool:
        """False when it takes too many turns: addresses that wander from record to record."""
        for _ in range(_TURNS):
            self._export()
            if not self._read_once():
                self._read_opt_outs()
                return True
        return False

    def _export(self) -> None:
        state, spool = self._inputs.state, self._inputs.spool
        hash_key = state.header().hash_key
        for account in self._inputs.readers.dotdigital:
            found = seen.keys(account, self._reading.sets, spool, hash_key)
            found = replace(found, sf_ids=found.sf_ids | self._waiting)
            state.export(account, self._own(account), spool, self._memory.changes, only=found)

    def _read_once(self) -> bool:
        """Whether there was anything to read."""
        sets, spool = self._reading.sets, self._inputs.spool
        ids = {kind: self._new(kind.value, those) for kind, those in seen.records(sets, spool).items()}
        contacts = {a: self._new(a, seen.unread_contacts(a, sets, spool)) for a in self._inputs.readers.dotdigital}
        addresses = {a: self._new(a, seen.unread_addresses(a, sets, spool)) for a in self._inputs.readers.dotdigital}
        if any(ids.values()):
            found = self._inputs.readers.salesforce.delta.members_of(ids, self._reading.campaigns, sets, spool)
            whole(found, "memberships of changed people")
        for account, reader in self._inputs.readers.dotdigital.items():
            if contacts[account] or addresses[account]:
                report = reader.people.look_up(addresses[account], contacts[account], self._own(account), spool)
                whole(report, "contacts that were looked up")
        return any((*ids.values(), *contacts.values(), *addresses.values()))

    def _new(self, kind: str, found: Iterable[T]) -> tuple[T, ...]:
        """What has not been asked for yet, in order; it is from now on."""
        fresh = tuple(sorted(key for key in found if (kind, key) not in self._asked))
        self._asked.update((kind, key) for key in fresh)
        return fresh

    def _read_opt_outs(self) -> None:
        """An address counts as opted out if any record of the org that has it is (CON)."""
        sets, spool = self._reading.sets, self._inputs.spool
        found = {a for account in self._inputs.readers.dotdigital for a in seen.addresses(account, sets, spool)}
        if found:
            report = self._inputs.readers.salesforce.delta.opted_out_among(sorted(found), spool)
            whole(report, "who is opted out in Salesforce")

    def _own(self, account: str) -> tuple[MappingSet, ...]:
        return tuple(s for s in self._reading.sets if s.account == account)
