"""What changed in Salesforce since a moment, and the other half of people who changed elsewhere (RUN-2, ID-2).

Each of the two is one composite call of a few queries; what does not fit its first page is paged as usual. A delta
shows what has a stamp: edits and new members. It never shows who left, and nothing is concluded from who is missing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from sfdd_declare.model import limits
from sfdd_declare.model.ids import SalesforceId
from sfdd_declare.model.mapping import MappingSet, RecordType
from sfdd_declare.model.ports import ChangeReport, ReadReport, Spool
from sfdd_declare.people import columns
from sfdd_declare.salesforce.client import Client
from sfdd_declare.salesforce.lanes import Lane, behind_member, direct
from sfdd_declare.salesforce.people import MEMBER_COLUMNS, write_addressed, write_members
from sfdd_declare.salesforce.query import Shape, pages_of_several, restarting
from sfdd_declare.salesforce.sinks import Sinks, datasets_of, of_type
from sfdd_declare.salesforce.soql import chunks, in_list, select

Campaigns = tuple[tuple[str, SalesforceId], ...]

#: Ids and addresses per composite: all of its queries together stay below what one statement may hold.
_IDS = limits.IDS_PER_QUERY
_EMAILS = limits.EMAILS_PER_QUERY
_PERSON = {RecordType.CONTACT: "ContactId", RecordType.LEAD: "LeadId"}


@dataclass(frozen=True, slots=True)
class _Query:
    """One query of a composite, and where its records go."""

    label: str
    soql: str
    shape: Shape
    write: Callable[[Sequence[Any], Sinks], None]


class Delta:
    """Reads changes and counterparts."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def changes(
        self,
        campaigns: Campaigns,
        sets: tuple[MappingSet, ...],
        since: str,
        counted: Mapping[str, str],
        spool: Spool,
    ) -> ChangeReport:
        """Members that were made or edited, or whose record was, and every opted-out record touched since.

        `created` counts the members that were made after `counted`, the moment at which a campaign's own count was
        taken: with that count it tells whether somebody left.
        """
        made: dict[str, set[str]] = {key: set() for key, _ in campaigns}
        queries = [
            *_changed_members(campaigns, sets, since, counted, made),
            *(_ticked(kind, f"SystemModstamp >= {since}") for kind in (RecordType.CONTACT, RecordType.LEAD)),
        ]
        report = self._read(queries, sets, spool)
        return ChangeReport(
            report.rows, report.complete, report.stamp, created=tuple((key, len(ids)) for key, ids in made.items())
        )

    def members_of(
        self, ids: Mapping[RecordType, Sequence[str]], campaigns: Campaigns, sets: tuple[MappingSet, ...], spool: Spool
    ) -> ReadReport:
        """Every membership of the campaigns that these records have, with the records themselves."""
        most = max((len(those) for those in ids.values()), default=0) if campaigns else 0
        keys = {str(campaign_id): key for key, campaign_id in campaigns}
        reports = []
        for start in range(0, most, _IDS):
            some = {kind: those[start : start + _IDS] for kind, those in ids.items() if those[start : start + _IDS]}
            queries = [
                _members(kind.value, keys, sets, in_list(_PERSON[kind], those), lanes=(behind_member(kind),))
                for kind, those in some.items()
            ]
            reports.append(self._read(queries, sets, spool))
        return together(reports)

    def opted_out_among(self, emails: Sequence[str], spool: Spool) -> ReadReport:
        """Which records with these addresses have Email Opt Out ticked, anywhere in the org (CON)."""
        kinds = (RecordType.CONTACT, RecordType.LEAD)
        return together(
            [
                self._read([_ticked(kind, in_list("Email", group)) for kind in kinds], (), spool)
                for group in chunks(emails, _EMAILS)
            ]
        )

    def _read(self, queries: Sequence[_Query], sets: tuple[MappingSet, ...], spool: Spool) -> ReadReport:
        if not queries:
            return ReadReport(0, True, "")
        shapes = {query.label: query.shape for query in queries}
        soql = {query.label: query.soql for query in queries}
        writers = {query.label: query.write for query in queries}
        written = datasets_of(sets) | {"members": columns.MEMBERS, "opted_out": columns.OPTED_OUT}

        def read() -> ReadReport:
            rows, missing, stamp = dict.fromkeys(soql, 0), dict.fromkeys(soql, 0), ""
            with Sinks(spool, written) as sinks:
                for label, page in pages_of_several(self._client, soql, shapes):
                    writers[label](page.records, sinks)
                    rows[label] += len(page.records)
                    missing[label] = page.of - rows[label]
                    stamp = stamp or page.stamp
            return ReadReport(sum(rows.values()), not any(missing.values()), stamp)

        return restarting(read)


def together(reports: Sequence[ReadReport]) -> ReadReport:
    """Several reads as one; the stamp is the first."""
    stamps = [report.stamp for report in reports if report.stamp]
    rows = sum(report.rows for report in reports)
    return ReadReport(rows, all(report.complete for report in reports), stamps[0] if stamps else "")


def _changed_members(
    campaigns: Campaigns,
    sets: tuple[MappingSet, ...],
    since: str,
    counted: Mapping[str, str],
    made: dict[str, set[str]],
) -> Iterator[_Query]:
    if not campaigns:
        return
    keys = {str(campaign_id): key for key, campaign_id in campaigns}
    lanes = tuple(behind_member(kind) for kind in (RecordType.CONTACT, RecordType.LEAD) if of_type(kind, sets))
    stamps = ("SystemModstamp", *(lane.path("SystemModstamp") for lane in lanes))
    touched = " OR ".join(f"{stamp} >= {since}" for stamp in stamps)
    query = _members("all", keys, sets, f"({touched})", lanes=lanes)

    def write_and_count(records: Sequence[Any], sinks: Sinks) -> None:
        query.write(records, sinks)
        names = ("CampaignId", "Id", "CreatedDate")
        for campaign, member, moment in zip(*(query.shape.column(records, name) for name in names), strict=True):
            if moment[:19] > counted[keys[campaign]][:19]:
                made[keys[campaign]].add(member)

    yield replace(query, write=write_and_count)


def _members(
    label: str, keys: Mapping[str, str], sets: tuple[MappingSet, ...], condition: str, *, lanes: tuple[Lane, ...]
) -> _Query:
    """Members of the campaigns (`keys` by id) with their records."""
    wanted = {**MEMBER_COLUMNS, "CreatedDate": "datetime"}
    for lane in lanes:
        wanted |= lane.standard() | lane.mapped(sets)
    shape = Shape(wanted)
    soql = select(tuple(wanted), "CampaignMember", f"{in_list('CampaignId', keys)} AND {condition}")
    write = partial(write_members, shape=shape, lanes=lanes, sets=sets, keys=keys)
    return _Query(f"members_{label}", soql, shape, write)


def _ticked(kind: RecordType, condition: str) -> _Query:
    lane = direct(kind)
    shape = Shape({"Id": "id", lane.email: "email"})
    soql = select(("Id", lane.email), kind.sobject, f"{lane.opted_out} = true AND {condition}")
    return _Query(
        f"ticked_{kind.value}", soql, shape, partial(write_addressed, shape=shape, lane=lane, dataset="opted_out")
    )
