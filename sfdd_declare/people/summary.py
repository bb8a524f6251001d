"""The answer in numbers: group-bys of the change rows and of who is left out. Nothing is decided here."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

import ibis

from sfdd_declare.model.operation import RowSet
from sfdd_declare.model.plan import LinkCount, PeoplePlan, PeopleTotals, Sample
from sfdd_declare.people import columns, held
from sfdd_declare.people.account import Decided
from sfdd_declare.people.fieldcounts import CONFLICTS, field_counts
from sfdd_declare.people.membership import UNPROVEN
from sfdd_declare.people.parked import Parked
from sfdd_declare.people.question import (
    ADOPT,
    CREATE_LEADS,
    Answer,
    BookCount,
    CampaignCount,
    Question,
    pending_id,
    problems_id,
)
from sfdd_declare.people.tables import Table, Tables, bring
from sfdd_declare.people.wanted import Joining


def answer(
    tables: Tables,
    question: Question,
    decided: Sequence[Decided],
    *,
    samples: tuple[Sample, ...],
    moves: int,
    parked: Parked,
) -> Answer:
    """Of what is going to be done; digests are left to whoever sorts it."""
    changes = parked.rest
    books = tuple(count for one in decided for count in _book_counts(tables, question, one))
    created = tuple((one.sides.rules.key, _count(tables, one.created.filter(~one.created.is_out))) for one in decided)
    people = PeoplePlan(
        totals=_totals(tables, changes),
        links=_link_counts(tables, question, decided, parked),
        fields=tuple(count for one in decided for count in field_counts(tables, one, changes)),
        samples=samples,
        held=held.held(
            _held(tables, decided) + Counter({held.PARKED: parked.people}),
            {held.PENDING: _why_pending(tables, decided)},
        ),
        scope=tuple((one.sides.rules.key, _count(tables, one.active) + _count(tables, one.created)) for one in decided),
        moves=moves,
        first_run=_first_runs(question),
    )
    return Answer(
        people=people,
        operations=_row_sets(tables, question, changes),
        books=books,
        overwrites=_overwrites(tables, decided, changes),
        creations=created,
        whole=tuple(
            account.key
            for account in question.accounts
            if all(book.complete and not book.partial for book in question.books if book.account == account.key)
        ),
        pending=_pending(tables, decided),
        unproven=any(book.partial for book in question.books) and any(_is_unproven(tables, one) for one in decided),
    )


def _is_unproven(tables: Tables, one: Decided) -> bool:
    """Whether somebody came or went, became somebody else, or a field lost its values (VAL-26): whom that concerns a
    delta cannot know (RUN-3).
    """
    read, records = one.sides.read, one.matched.records
    parts = (
        one.books.filter(one.books.decision == UNPROVEN),
        one.matched.renames,
        records.filter(records.former.notnull()),
        read.filter(read.converted),
    )
    return any(one.values.renewed.values()) or any(_count(tables, part) for part in parts)


def _count(tables: Tables, table: Table) -> int:
    [row] = tables.rows(table.aggregate(rows=table.count()))
    return int(row["rows"])


def _who(table: Table) -> Table:
    """Records are known to the whole org, bare contacts to their account alone."""
    return table.sf_id.fill_null(table.account + ":" + table.person)


def _row_sets(tables: Tables, question: Question, changes: Table) -> tuple[tuple[str, RowSet], ...]:
    name = (changes.aspect == "value").ifelse(changes.field, changes.aspect) + ":" + changes.decision
    counts: dict[str, list[tuple[str, int]]] = defaultdict(list)
    by_name = changes.group_by("operation", name=name).agg(rows=lambda t: t.count()).order_by("operation", "name")
    for row in tables.rows(by_name):
        counts[row["operation"]].append((row["name"], row["rows"]))
    people = changes.group_by("operation").agg(people=changes.person.nunique(), rows=changes.count())
    left_out = {of(account.key) for account in question.accounts for of in (problems_id, pending_id)}
    return tuple(
        (
            row["operation"],
            RowSet(row["people"], row["rows"], "", tuple(counts[row["operation"]])),
        )
        for row in tables.rows(people.order_by("operation"))
        if row["operation"] not in left_out
    )


def _totals(tables: Tables, changes: Table) -> PeopleTotals:
    who = _who(changes)

    def people(condition: Table) -> Table:
        return who.nunique(where=condition)

    is_list, is_value, is_member = (changes.aspect == aspect for aspect in ("list", "value", "member"))
    is_new, is_adopted = changes.operation.startswith(CREATE_LEADS), changes.operation.startswith(ADOPT)
    [row] = tables.rows(
        changes.aggregate(
            add=people(is_list & (changes.decision == "add")),
            update=people((is_value & changes.contact_id.notnull() & ~is_new) | (changes.decision == "rename")),
            remove=people((is_list | is_member) & (changes.decision == "remove")),
            conflicts=people(is_value & changes.reason.isin(CONFLICTS)),
            suppress=people((changes.aspect == "consent") & (changes.decision != "tick")),
            opt_out=people((changes.aspect == "consent") & (changes.decision == "tick")),
            members=(is_member & (changes.decision == "add") & ~is_new).sum(),
            new_leads=people(is_new),
            adopt=people(is_adopted),
        )
    )
    return PeopleTotals(**{name: int(value or 0) for name, value in row.items()})


def _overwrites(tables: Tables, decided: Sequence[Decided], changes: Table) -> tuple[tuple[str, int], ...]:
    rows = changes.filter(changes.aspect == "value", changes.decision.isin(["overwrite", "blank"]))
    found = tables.rows(rows.group_by("account").agg(people=rows.person.nunique()))
    counts = {row["account"]: row["people"] for row in found}
    return tuple((one.sides.rules.key, counts.get(one.sides.rules.key, 0)) for one in decided)


def _held(tables: Tables, decided: Sequence[Decided]) -> Counter[str]:
    total: Counter[str] = Counter()
    for one in decided:
        for row in tables.rows(one.held.group_by("reason").agg(people=one.held.who.nunique())):
            total[row["reason"]] += row["people"]
    return total


def _why_pending(tables: Tables, decided: Sequence[Decided]) -> str:
    """What is missing, the most frequent first."""
    why: Counter[str] = Counter()
    for one in decided:
        pending = one.newcomers.pending
        for row in tables.rows(pending.group_by("why").agg(people=pending.contact_id.nunique())):
            why[row["why"]] += row["people"]
    return "; ".join(
        f"{people} {reason}" for reason, people in sorted(why.items(), key=lambda item: (-item[1], item[0]))
    )


def _pending(tables: Tables, decided: Sequence[Decided]) -> tuple[tuple[str, int], ...]:
    return tuple(
        (one.sides.rules.key, row["contact_id"])
        for one in decided
        for row in tables.rows(one.newcomers.pending.select("contact_id").distinct().order_by("contact_id"))
    )


def _first_runs(question: Question) -> tuple[str, ...]:
    values = (f"{account.key}/{kind.section}" for account in question.accounts for kind in account.first_run)
    asked = {link.address_book for link in question.links if question.focus is None or link.address in question.focus}
    books = (book.key for book in question.books if book.first_run and (question.focus is None or book.key in asked))
    return (*values, *(f"address_book.{key}" for key in books))


def _book_counts(tables: Tables, question: Question, one: Decided) -> Iterable[BookCount]:
    """`wanted` counts people whom something holds up too: their campaign did not lose them."""
    first = one.wants.first.filter(one.wants.first.person.notnull())
    wanted = _by(tables, first.group_by("address_book").agg(n=first.who.nunique()), "address_book")
    books = one.books
    facts = books.group_by("address_book").agg(
        on_book=books.is_on.sum(), before=books.was_wanted.sum(), remove=(books.decision == "remove").sum()
    )
    seen = {row["address_book"]: row for row in tables.rows(facts)}
    for book in question.books:
        if book.account == one.sides.rules.key:
            row = seen.get(book.key, {})
            yield BookCount(
                account=book.account,
                address_book=book.key,
                wanted=wanted.get(book.key, 0),
                wanted_before=int(row.get("before") or 0),
                on_book=int(row.get("on_book") or 0),
                remove=int(row.get("remove") or 0),
            )


def campaign_counts(tables: Tables, joins: Joining) -> tuple[CampaignCount, ...]:
    """Of the campaigns that lose members."""
    staying = _by(tables, joins.members.group_by("campaign").agg(n=joins.members.count()), "campaign")
    removed = _by(tables, joins.removed.group_by("campaign").agg(n=joins.removed.count()), "campaign")
    return tuple(
        CampaignCount(str(key), staying.get(key, 0) + count, count) for key, count in sorted(removed.items(), key=str)
    )


def selected_counts(tables: Tables, question: Question) -> tuple[tuple[str, int], ...]:
    """Of the campaigns whose members are declared; nothing where people were read in part."""
    if any(book.partial for book in question.books):
        return ()
    selected = tables.read(columns.SELECTED_DATASET, columns.SELECTED)
    named = _by(tables, selected.group_by("campaign").agg(n=selected.sf_id.nunique()), "campaign")
    return tuple((c.key, named.get(c.key, 0)) for c in question.campaigns if c.selects and c.complete)


def _by(tables: Tables, grouped: Table, key: str) -> dict[object, int]:
    return {row[key]: int(row["n"]) for row in tables.rows(grouped)}


def _adds(tables: Tables, changes: Table) -> Counter[tuple[str, str]]:
    """People to be added, by campaign and address book."""
    adds = changes.filter(changes.aspect == "list", changes.decision == "add")
    adds = adds.group_by("campaign", "address_book").agg(n=adds.person.nunique())
    return Counter({(row["campaign"], row["address_book"]): int(row["n"]) for row in tables.rows(adds)})


def _link_counts(
    tables: Tables, question: Question, decided: Sequence[Decided], parked: Parked
) -> tuple[LinkCount, ...]:
    """People count at the first link, in file order, that wants them on the book; updates at the first of all."""
    changes = parked.rest
    lists = changes.filter(changes.aspect == "list")
    add = _adds(tables, changes)
    waits = _adds(tables, parked.all) - add if parked.people else Counter[tuple[str, str]]()
    removals = lists.filter(lists.decision == "remove").group_by("address_book").agg(n=lambda t: t.person.nunique())
    remove = _by(tables, removals, "address_book")
    counts: dict[str, Counter[object]] = defaultdict(Counter)
    skipped: dict[object, list[tuple[str, int]]] = defaultdict(list)
    for one in decided:
        books = one.books
        for name, found in _attributed(tables, one).items():
            counts[name].update(found)
        present = books.filter(books.is_wanted, books.is_on)
        counts["on_book"].update(_by(tables, present.group_by("link").agg(n=present.count()), "link"))
        counts["update"].update(_updates(tables, one, changes))
        new = one.newcomers
        for name, table in (("new_leads", new.created), ("adopt", new.adopted), ("pending", new.pending)):
            rows = table.group_by("campaign", "address_book").agg(n=table.contact_id.nunique())
            counts[name].update({(row["campaign"], row["address_book"]): row["n"] for row in tables.rows(rows)})
        reasons = one.skips.group_by("link", "reason").agg(n=one.skips.who.nunique())
        for row in tables.rows(reasons.order_by(ibis.desc("n"), "reason")):
            skipped[row["link"]].append((row["reason"], row["n"]))
    taken: set[str] = set()
    lines: list[LinkCount] = []
    for number, link in enumerate(question.links):
        is_first = link.address_book not in taken
        taken.add(link.address_book)
        lines.append(
            LinkCount(
                link=link.address,
                campaign=link.campaign,
                address_book=link.address_book,
                members=counts["members"][number],
                add=add[link.campaign, link.address_book],
                update=counts["update"][number],
                remove=remove.get(link.address_book, 0) if is_first else 0,
                on_book=counts["on_book"][number],
                skipped=(
                    *skipped[number],
                    *((held.PARKED, n) for n in (waits[link.campaign, link.address_book],) if n),
                    *((reason, n) for reason in (held.SAME_CONTACT, held.ELSEWHERE) if (n := counts[reason][number])),
                ),
                new_leads=counts["new_leads"][link.campaign, link.address_book],
                adopt=counts["adopt"][link.campaign, link.address_book],
                pending=counts["pending"][link.campaign, link.address_book],
            )
        )
    return tuple(lines)


def _attributed(tables: Tables, one: Decided) -> dict[str, dict[object, int]]:
    """Per link, of the campaign members who pass its filter (INV-11): how many there are (`members`), how many count
    at another link of the book, and how many share the contact of one who counts here.
    """
    rows = one.wants.rows
    passing = rows.filter(rows.passes).select("address_book", "link", "who", "sf_id").distinct()
    where = {"address_book": "address_book", "who": "who"}
    passing = tables.keep(bring(passing, one.wants.first, where, counted="link"))
    here = passing.filter(passing.counted == passing.link)
    each = here.group_by("link").agg(n=here.count() - (here.address_book + ":" + here.who).nunique())
    away = passing.filter(passing.counted != passing.link)
    return {
        "members": _by(tables, passing.group_by("link").agg(n=passing.count()), "link"),
        held.SAME_CONTACT: _by(tables, each, "link"),
        held.ELSEWHERE: _by(tables, away.group_by("link").agg(n=away.count()), "link"),
    }


def _updates(tables: Tables, one: Decided, changes: Table) -> dict[object, int]:
    account = one.sides.rules.key
    is_update = (changes.aspect == "value") | (changes.decision == "rename")
    updated = changes.filter(
        changes.account == account, is_update, changes.contact_id.notnull(), changes.sf_id.notnull()
    )
    first = first_links(one).semi_join(updated, "sf_id")
    return _by(tables, first.group_by("link").agg(n=first.count()), "link")


def first_links(one: Decided) -> Table:
    """sf_id, link: the first link that wants a person on any book."""
    people = one.matched.people["person", "sf_id"]
    wants = one.wants.people.select("person", "link").inner_join(people, "person")
    return wants.group_by("sf_id").agg(link=wants.link.min())
