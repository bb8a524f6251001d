"""People from Salesforce into the spool, page by page. Implements `model.ports.SalesforcePeople`.

One query reads the members of all campaigns together with every mapped field of every account; a large result comes
through Bulk. A result whose rest got lost is read again from its start; the half-written datasets are thrown away by
their sinks.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from sfdd_declare.model import limits
from sfdd_declare.model.errors import RemoteError
from sfdd_declare.model.ids import SalesforceId
from sfdd_declare.model.mapping import MappingSet, RecordType
from sfdd_declare.model.ports import ReadReport, SelectionQuestion, Spool
from sfdd_declare.people import columns, forms
from sfdd_declare.salesforce.bulk import pages_by_size
from sfdd_declare.salesforce.client import Client
from sfdd_declare.salesforce.lanes import Lane, behind_member, direct, seconds
from sfdd_declare.salesforce.query import Page, Shape, pages, restarting
from sfdd_declare.salesforce.selections import LIMITS, Sought, by_id, conditions, rejected, survivors
from sfdd_declare.salesforce.sinks import Sinks, datasets_of, of_type
from sfdd_declare.salesforce.soql import chunks, fitting, in_list, select

MEMBER_COLUMNS = {
    "Id": "id",
    "CampaignId": "reference",
    "ContactId": "reference",
    "LeadId": "reference",
    "Status": "picklist",
}
_IS_PERSON = "Contact.IsPersonAccount"

#: How many merges of merges are followed.
MERGES = 5


class People:
    """Reads members, selections, opt-outs and fates."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def members(
        self, campaigns: tuple[tuple[str, SalesforceId], ...], sets: tuple[MappingSet, ...], spool: Spool
    ) -> ReadReport:
        """Every member of the campaigns into `members`, with their records into `records.*`."""
        keys = {str(campaign_id): key for key, campaign_id in campaigns}
        lanes = tuple(behind_member(kind) for kind in RecordType if of_type(kind, sets))
        wanted = dict(MEMBER_COLUMNS)
        for lane in lanes:
            wanted |= lane.standard() | lane.mapped(sets)
            if lane.record_type is RecordType.PERSON_ACCOUNT:
                wanted[_IS_PERSON] = "boolean"
        shape = Shape(wanted)
        write = partial(write_members, shape=shape, lanes=lanes, sets=sets, keys=keys)
        queries = (select(tuple(wanted), "CampaignMember", in_list("CampaignId", keys)),) if keys else ()
        return self._read(queries, shape, write, spool, datasets_of(sets) | {"members": columns.MEMBERS})

    def selection(self, question: SelectionQuestion, sets: tuple[MappingSet, ...], spool: Spool) -> ReadReport:
        """Everybody a selection names into `selected` and `records.*`.

        Raises ConfigError (SFDD-E2130) for a `where` that is not one condition, Terminal (SFDD-E2131) for one that
        Salesforce rejects.
        """
        sought = Sought(question)
        try:
            report = self._selected(sought, sets, spool, conditions(question))
            followed = self._merged(sought) if question.ids and sought.missing else ()
            if followed:
                report = _together([report, self._selected(sought, sets, spool, by_id(followed))])
        except RemoteError as error:
            raise rejected(error, question) from error
        return replace(report, unmatched=sought.missing)

    def _selected(
        self, sought: Sought, sets: tuple[MappingSet, ...], spool: Spool, found_by: Sequence[str]
    ) -> ReadReport:
        lane = sought.lane
        mine = of_type(lane.record_type, sets)
        wanted = lane.standard() | lane.mapped(mine)
        shape = Shape(wanted)
        queries = tuple(
            select(tuple(wanted), lane.record_type.sobject, " AND ".join((condition, *LIMITS[lane.record_type])))
            for condition in found_by
        )
        write = partial(_write_selected, shape=shape, sets=mine, sought=sought)
        return self._read(queries, shape, write, spool, datasets_of(mine) | {"selected": columns.SELECTED})

    def _merged(self, sought: Sought) -> tuple[str, ...]:
        """ID-5: the records that those nobody is any more were merged into, however often."""
        asked, found = sought.missing, list[str]()
        for _ in range(MERGES):
            steps: dict[str, str] = {}
            for group in chunks(asked, limits.IDS_PER_QUERY):
                facts, _complete, _stamp = self._facts(sought.lane.record_type, group)
                steps |= survivors((key, *fact) for key, fact in facts.items())
            if not steps:
                break
            sought.replaced(steps)
            asked = tuple(steps.values())
            found += asked
        return tuple(found)

    def opted_out(self, record_types: tuple[RecordType, ...], spool: Spool, *, since: str | None = None) -> ReadReport:
        """Every record of the org whose Email Opt Out is ticked: converted leads too, and those that have lost their
        address, because a contact may still have it (CON scope). `since` narrows to what was touched from then on.
        """
        touched = (f"SystemModstamp >= {since}",) if since else ()
        reports = []
        for kind in record_types:
            where = (*touched, *(LIMITS[kind] if kind is RecordType.PERSON_ACCOUNT else ()))
            reports.append(self._addresses(kind, [where], spool, ticked=True))
        return _together(reports)

    def records(
        self, ids: Mapping[RecordType, tuple[str, ...]], sets: tuple[MappingSet, ...], spool: Spool
    ) -> ReadReport:
        """These records, as far as they are there and visible, into `records.*`."""
        reports = []
        for kind, those in ids.items():
            lane, mine = direct(kind), of_type(kind, sets)
            wanted = lane.standard() | lane.mapped(mine)
            shape = Shape(wanted)
            queries = [
                select(tuple(wanted), kind.sobject, in_list("Id", group))
                for group in chunks(those, limits.IDS_PER_QUERY)
            ]
            write = partial(_write_records, shape=shape, lane=lane, sets=mine)
            reports.append(self._read(queries, shape, write, spool, datasets_of(mine)))
        return _together(reports)

    def by_email(self, emails: Iterable[str], record_types: tuple[RecordType, ...], spool: Spool) -> ReadReport:
        """Whoever in the org has one of the addresses, converted leads too, into `found`."""
        wanted = tuple(emails)
        reports = []
        for kind in record_types:
            lane = direct(kind)
            shape = Shape(lane.standard())
            write = partial(_write_found, shape=shape, lane=lane)
            limited = LIMITS[kind] if kind is RecordType.PERSON_ACCOUNT else ()
            queries = [
                select(tuple(lane.standard()), kind.sobject, " AND ".join((in_list(lane.email, group), *limited)))
                for group in fitting(wanted, limits.EMAILS_PER_QUERY)
            ]
            reports.append(self._read(queries, shape, write, spool, {"found": columns.FOUND}))
        return _together(reports)

    def not_ticked(self, emails: Mapping[RecordType, tuple[str, ...]], spool: Spool) -> ReadReport:
        """Every record of the org with one of these addresses whose Email Opt Out is not ticked, but converted leads,
        which nobody can write to (CON-4).
        """
        reports = []
        for kind, those in emails.items():
            groups = fitting(those, limits.EMAILS_PER_QUERY)
            where = [(*LIMITS[kind], in_list(direct(kind).email, group)) for group in groups]
            reports.append(self._addresses(kind, where, spool, ticked=False))
        return _together(reports)

    def _addresses(
        self, kind: RecordType, conditions: Sequence[tuple[str, ...]], spool: Spool, *, ticked: bool
    ) -> ReadReport:
        """Ids and addresses by the state of Email Opt Out, a query per set of conditions."""
        lane, dataset = direct(kind), "opted_out" if ticked else "not_ticked"
        shape = Shape({"Id": "id", lane.email: "email"})
        state = f"{lane.opted_out} = {str(ticked).lower()}"
        queries = [select(("Id", lane.email), kind.sobject, " AND ".join((state, *where))) for where in conditions]
        write = partial(write_addressed, shape=shape, lane=lane, dataset=dataset)
        return self._read(queries, shape, write, spool, {dataset: columns.OPTED_OUT})

    def fates(self, ids: Mapping[RecordType, tuple[str, ...]], spool: Spool) -> ReadReport:
        """What became of records: `there`, `deleted`, `merged` or `invisible`."""
        return _together(
            [
                restarting(partial(self._fates, kind, group, spool))
                for kind, those in ids.items()
                for group in chunks(those, limits.IDS_PER_QUERY)
            ]
        )

    def _fates(self, kind: RecordType, ids: tuple[str, ...], spool: Spool) -> ReadReport:
        facts, complete, stamp = self._facts(kind, ids)
        verdicts = [_fate(facts.get(record_id)) for record_id in ids]
        with spool.sink("fates", columns.FATES) as sink:
            arrays = [_same(kind.value, len(ids)), list(ids), *map(list, zip(*verdicts, strict=True))]
            sink.write(pa.record_batch([pa.array(a, pa.string()) for a in arrays], schema=columns.FATES))
        return ReadReport(len(ids), complete, stamp)

    def _facts(self, kind: RecordType, ids: tuple[str, ...]) -> tuple[dict[str, tuple[bool, str | None]], bool, str]:
        """Whether each record is deleted and what it was merged into; whether that is all; the vendor's clock."""
        wanted = {"Id": "id", "IsDeleted": "boolean", "MasterRecordId": "reference"}
        shape = Shape(wanted)
        soql = select(tuple(wanted), kind.sobject, in_list("Id", ids))
        answered = list(pages(self._client, soql, shape, include_deleted=True))
        found = [record for page in answered for record in page.records]
        facts = zip(*(shape.column(found, path) for path in wanted), strict=True)
        by_key = {record_id: (deleted, survivor) for record_id, deleted, survivor in facts}
        return by_key, _is_whole(answered[-1], len(by_key)), answered[0].stamp

    def _read(
        self,
        queries: Sequence[str],
        shape: Shape,
        write: Callable[[Sequence[Any], Sinks], None],
        spool: Spool,
        datasets: Mapping[str, pa.Schema],
    ) -> ReadReport:
        """Run the queries one after the other. Each leaves one part per dataset, also when it finds nothing."""
        if not queries:
            with Sinks(spool, datasets):
                return ReadReport(0, True, "")

        def read(soql: str) -> ReadReport:
            with Sinks(spool, datasets) as sinks:
                rows, stamp, page, ids = 0, "", None, _Ids()
                for page in pages_by_size(self._client, soql, shape):
                    write(page.records, sinks)
                    rows += len(page.records)
                    ids.add(shape.column(page.records, "Id"))
                    stamp = stamp or page.stamp
                return ReadReport(rows, _is_whole(page, ids.count()), stamp)

        return _together([restarting(partial(read, soql)) for soql in queries])


# --- from pages to rows -------------------------------------------------------------------------------------------


def write_members(
    records: Sequence[Any],
    sinks: Sinks,
    *,
    shape: Shape,
    lanes: Sequence[Lane],
    sets: tuple[MappingSet, ...],
    keys: Mapping[str, str],
) -> None:
    leads = shape.column(records, "LeadId")
    has_persons = any(lane.record_type is RecordType.PERSON_ACCOUNT for lane in lanes)
    persons = shape.column(records, _IS_PERSON) if has_persons else [False] * len(records)
    kinds = [_kind(lead, is_person=bool(person)) for lead, person in zip(leads, persons, strict=True)]
    people = [lead or contact for lead, contact in zip(leads, shape.column(records, "ContactId"), strict=True)]
    for lane in lanes:
        those = [record for record, kind in zip(records, kinds, strict=True) if kind is lane.record_type]
        ids = shape.column(those, lane.path("Id"))  # None: not visible to us
        sinks.write_records(lane, sets, shape, [r for r, record_id in zip(those, ids, strict=True) if record_id])
    if has_persons:
        accounts = shape.column(records, "Contact.Account.Id")
        people = [a if k is RecordType.PERSON_ACCOUNT else p for a, k, p in zip(accounts, kinds, people, strict=True)]
    arrays = [
        [keys[campaign] for campaign in shape.column(records, "CampaignId")],
        shape.column(records, "Id"),
        [kind.value for kind in kinds],
        people,
        shape.column(records, "Status"),
        [contact if lead else None for lead, contact in zip(leads, shape.column(records, "ContactId"), strict=True)],
    ]
    sinks.write("members", pa.record_batch([pa.array(a, pa.string()) for a in arrays], schema=columns.MEMBERS))


def _kind(lead: str | None, *, is_person: bool) -> RecordType:
    """A member with a lead is a lead, also when it carries the contact that the lead was converted to."""
    if lead:
        return RecordType.LEAD
    return RecordType.PERSON_ACCOUNT if is_person else RecordType.CONTACT


def _write_selected(
    records: Sequence[Any], sinks: Sinks, *, shape: Shape, sets: tuple[MappingSet, ...], sought: Sought
) -> None:
    sinks.write("selected", sought.rows(partial(shape.column, records)))
    sinks.write_records(sought.lane, sets, shape, records)


def _write_records(
    records: Sequence[Any], sinks: Sinks, *, shape: Shape, lane: Lane, sets: tuple[MappingSet, ...]
) -> None:
    sinks.write_records(lane, sets, shape, records)


def write_addressed(records: Sequence[Any], sinks: Sinks, *, shape: Shape, lane: Lane, dataset: str) -> None:
    keys = forms.email_key(pa.array(shape.column(records, lane.email), pa.string()))
    ids = pa.array(shape.column(records, "Id"), pa.string())
    kinds = pa.array(_same(lane.record_type.value, len(records)), pa.string())
    batch = pa.record_batch([kinds, ids, keys], names=columns.OPTED_OUT.names)
    sinks.write(dataset, batch)


def _write_found(records: Sequence[Any], sinks: Sinks, *, shape: Shape, lane: Lane) -> None:
    converts = lane.has_conversion
    arrays = [
        pa.array(_same(lane.record_type.value, len(records)), pa.string()),
        pa.array(shape.column(records, "Id"), pa.string()),
        forms.email_key(pa.array(shape.column(records, lane.email), pa.string())),
        seconds(shape.column(records, "LastModifiedDate")),
        pa.array([bool(v) for v in shape.column(records, "IsConverted")] if converts else [False] * len(records)),
        pa.array(shape.column(records, "ConvertedContactId") if converts else _same(None, len(records)), pa.string()),
    ]
    sinks.write("found", pa.record_batch(arrays, schema=columns.FOUND))


def _same(value: str | None, times: int) -> list[str | None]:
    return [value] * times


def _fate(facts: tuple[bool | None, str | None] | None) -> tuple[str, str | None]:
    if facts is None:
        return "invisible", None
    is_deleted, survivor = facts
    if survivor:
        return "merged", survivor
    return ("deleted" if is_deleted else "there"), None


def _is_whole(last: Page | None, records: int) -> bool:
    """Whether the result came to its end and has as many different records as it said it would: a page that repeats
    one may have lost another.
    """
    return last is not None and last.is_last and records == last.of


class _Ids:
    """Counts different Ids in eight bytes each. Two that happen to hash alike make a read incomplete, never whole."""

    def __init__(self) -> None:
        self._hashes = array("q")

    def add(self, ids: Iterable[str]) -> None:
        self._hashes.extend(map(hash, ids))

    def count(self) -> int:
        hashes = pa.Array.from_buffers(pa.int64(), len(self._hashes), [None, pa.py_buffer(self._hashes)])
        return int(pc.count_distinct(hashes).as_py())


def _together(reports: Sequence[ReadReport]) -> ReadReport:
    """Several reads as one; the stamp is the first."""
    stamps = [report.stamp for report in reports if report.stamp]
    rows = sum(report.rows for report in reports)
    return ReadReport(rows, all(report.complete for report in reports), stamps[0] if stamps else "")
