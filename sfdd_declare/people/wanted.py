"""Who is wanted where: campaign members, and those a declared selection is about to make members, through the links.

A person counts at the first link, in file order, that wants them on a book. Who is left out says why (`skip`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import ibis
import pyarrow as pa

from sfdd_declare.model.mapping import RecordType
from sfdd_declare.people import columns
from sfdd_declare.people.departed import NOT_VISIBLE
from sfdd_declare.people.match import Matched
from sfdd_declare.people.question import Question
from sfdd_declare.people.sides import Sides
from sfdd_declare.people.tables import Table, Tables, Value, bring, first_per, no_text, stack, text

NO_MAPPING = {t: f"no mapping for {t.section}" for t in RecordType}

#: The id of a campaign member that is about to be added.
PREDICTED = ""

_LINK = pa.schema(
    {
        "link": columns.long,
        "account": columns.text,
        "campaign": columns.text,
        "address_book": columns.text,
        "only": columns.text,  # a status that passes; null: every status does
    }
)
_DEFAULT = pa.schema({"campaign": columns.text, "default_status": columns.text})


@dataclass(frozen=True, slots=True)
class Joining:
    """`members`: campaign, record_type, sf_id, status, member_id; `added` likewise, not members yet (id empty);
    `removed` likewise, members who are about to be removed and are not among `members` any more.
    """

    members: Table
    added: Table
    removed: Table

    @property
    def leaving(self) -> Table:
        """sf_id of records that are members of nothing once `removed` are gone."""
        staying = stack(part.select("sf_id") for part in (self.members, self.added))
        return self.removed.select("sf_id").anti_join(staying, "sf_id").distinct()


def joining(tables: Tables, question: Question, sides: Sequence[Sides]) -> Joining:
    """Members, selected records that are none yet, and members whom no selection names. A converted lead cannot be
    added."""
    members = tables.keep(_as_heirs(tables.read(columns.MEMBERS_DATASET, columns.MEMBERS), sides))
    selected = tables.read(columns.SELECTED_DATASET, columns.SELECTED)
    defaults = tables.small(_DEFAULT, [(c.key, c.default_status) for c in question.campaigns])
    converted = stack(side.read.filter(side.read.converted).select("sf_id") for side in sides) if sides else None
    fresh = _one_per_address(selected, members)
    fresh = fresh.anti_join(converted, "sf_id") if converted is not None else fresh
    fresh = first_per(fresh, ["campaign", "sf_id"], [fresh.status.isnull(), fresh.status, fresh.record_type])
    fresh = bring(fresh, defaults, {"campaign": "campaign"}, default_status="default_status")
    fresh = fresh.mutate(status=fresh.status.fill_null(fresh.default_status), member_id=text(PREDICTED))
    names = ("campaign", "record_type", "sf_id", "status", "member_id")
    removed = tables.keep(_unnamed(tables, question, members, selected, converted).select(*names).distinct())
    staying = members.anti_join(removed, "member_id")
    return Joining(tables.keep(staying.select(*names).distinct()), tables.keep(fresh.select(*names)), removed)


def _unnamed(tables: Tables, question: Question, members: Table, selected: Table, converted: Table | None) -> Table:
    """MEM-13: members of an exact campaign whom no selection names, apart from those whose former self may have been
    named, members that are accounts, and newcomers of a link."""
    in_focus = {
        link.campaign for link in question.links if question.focus is not None and link.address in question.focus
    }
    asked = [c for c in question.campaigns if question.focus is None or c.key in in_focus]
    exact = [c.key for c in asked if c.exact and c.exists and c.complete]
    if not exact:
        return members.filter(ibis.literal(False))
    named = ["campaign", "sf_id"]
    protected = tables.read(columns.PROTECTED_DATASET, columns.PROTECTED)
    fates = tables.read(columns.FATES_DATASET, columns.FATES)
    found = members.filter(members.campaign.isin(exact), members.sf_id.notnull(), members.converted_to.isnull())
    found = found.anti_join(selected, named).anti_join(protected, named)
    found = found.anti_join(fates.filter(fates.survivor.notnull()).select(sf_id=fates.survivor), "sf_id")
    return found.anti_join(converted, "sf_id") if converted is not None else found


def _one_per_address(selected: Table, members: Table) -> Table:
    """Selected records that are no members. Of several with one address, one stands for all: whoever is a member
    already, else the most recently modified, then the lowest id (ID-3)."""
    by_address = ["campaign", "record_type", "address"]
    fresh = selected.anti_join(members, ["campaign", "sf_id"])
    named = fresh.filter(fresh.address.notnull())
    named = named.anti_join(selected.semi_join(members, ["campaign", "sf_id"]), by_address)
    named = first_per(named, by_address, [named.modified.fill_null(-1).desc(), named.sf_id])
    return stack([fresh.filter(fresh.address.isnull()), named])


def _as_heirs(members: Table, sides: Sequence[Sides]) -> Table:
    """ID-5: the membership of a converted lead stays, and is that of its contact."""
    if not sides:
        return members
    heirs = stack(side.heirs for side in sides)
    heirs = first_per(heirs, ["sf_id"], [heirs.heir_type, heirs.heir])
    table = bring(members, heirs, {"sf_id": "sf_id"}, heir="heir", heir_type="heir_type")
    return table.mutate(
        sf_id=table.heir.fill_null(table.sf_id), record_type=table.heir_type.fill_null(table.record_type)
    ).drop("heir", "heir_type")


WANT = (
    *("address_book", "link", "campaign", "sf_id", "member_id", "who", "person"),
    *("skip", "passes", "is_writer"),
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """`rows`: every want of the account: address_book, link, campaign, sf_id, member_id, who, person, skip, passes.

    `first`: the one that counts per (address_book, who). `who` is the person, or the record when there is no person.
    It knows all memberships that want the person there (`members`, `rests_on`: see `support`). `leaving`: address_book,
    person, and `removed`, the members by `;` who want the person there until they are removed.
    """

    rows: Table
    first: Table
    leaving: Table

    @property
    def people(self) -> Table:
        """Whom a link wants and nothing holds up, per book."""
        return self.first.filter(self.first.skip.isnull())


def wanted(tables: Tables, question: Question, sides: Sides, matched: Matched, joins: Joining) -> Wanted:
    links = tables.small(_LINK, _links(question))
    links = links.filter(links.account == sides.rules.key).drop("account")
    there = stack([joins.members, joins.added]).mutate(leaves=ibis.literal(False))
    rows = stack([there, joins.removed.mutate(leaves=ibis.literal(True))]).inner_join(links, "campaign")
    rows = rows.mutate(passes=rows.only.isnull() | (rows.status == rows.only).fill_null(False))
    rows = bring(rows, matched.records, {"sf_id": "sf_id"}, person="person", hold="hold", record="sf_id")
    rows = bring(rows, matched.people, {"person": "person", "sf_id": "sf_id"}, writer="sf_id")
    rows = rows.mutate(
        who=rows.person.fill_null(rows.sf_id),
        skip=ibis.cases(
            *[(rows.record_type == t.value, text(NO_MAPPING[t])) for t in _unmapped(sides)],
            (rows.record.isnull(), text(NOT_VISIBLE)),
            else_=rows.hold,
        ),
        is_writer=rows.writer.notnull(),
    )
    kept = tables.keep(rows.filter(~rows.leaves).select(*WANT))
    leaving = rows.filter(rows.leaves, rows.passes, rows.person.notnull())
    leaving = leaving.group_by("address_book", "person").agg(removed=_together(leaving.member_id))
    passing = kept.filter(kept.passes)
    order = [passing.skip.notnull(), passing.link, passing.member_id == PREDICTED, ~passing.is_writer]
    first = first_per(passing, ["address_book", "who"], [*order, passing.member_id, passing.skip, passing.sf_id])
    supported = tables.keep(_with_support(tables, passing, first.drop("is_writer", "passes")))
    return Wanted(kept, supported, tables.keep(leaving))


def _with_support(tables: Tables, passing: Table, first: Table) -> Table:
    """Nearly everybody is wanted by one membership alone, which `first` is: lists are only made for the others."""
    keys = {"address_book": "address_book", "who": "who"}
    free = passing.filter(passing.skip.isnull())
    counts = free.group_by(list(keys)).agg(rows=free.count())
    several = tables.keep(counts.filter(counts.rows > 1).select(*keys))
    whole = support(free.semi_join(several, list(keys)), tuple(keys))
    first = bring(first, whole, keys, all_members="members", all_rest="rests_on")
    is_alone = first.skip.isnull() & first.all_members.isnull()
    rests = is_alone & (first.member_id == PREDICTED)
    return first.mutate(
        members=is_alone.ifelse(first.member_id, first.all_members), rests_on=rests.ifelse(first.sf_id, first.all_rest)
    ).drop("all_members", "all_rest")


def support(rows: Table, keys: Sequence[str]) -> Table:
    """Per key, ids sorted and joined by `;`: all campaign members that want it (`members`), and the records that are
    yet to become members if nobody else wants it (`rests_on`, else null)."""
    is_live = rows.member_id != PREDICTED
    return rows.group_by(list(keys)).agg(
        members=_together(rows.member_id), rests_on=is_live.any().ifelse(no_text(), _together(rows.sf_id))
    )


def among(ids: Value, one: Value) -> Value:
    """Whether an id is one of those that `;` joins."""
    return (text(";") + ids + text(";")).contains(text(";") + one + text(";"))


def _together(ids: Value) -> Value:
    return ids.collect(distinct=True).sort().join(";")


def _links(question: Question) -> list[tuple[object, ...]]:
    account_of = {book.key: book.account for book in question.books}
    return [
        (number, account_of.get(link.address_book, ""), link.campaign, link.address_book, only)
        for number, link in enumerate(question.links)
        for only in (link.statuses or (None,))
    ]


def _unmapped(sides: Sides) -> list[RecordType]:
    mapped = {mapping.record_type for mapping in sides.rules.sets}
    return [record_type for record_type in RecordType if record_type not in mapped]
