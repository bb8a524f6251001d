"""Everything the engine thinks about one person: the same steps as a plan's, asked about a single address or id."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sfdd_declare.model.canonical import email_key
from sfdd_declare.model.explanation import (
    AccountView,
    BookView,
    ChangeView,
    ContactView,
    Explanation,
    RecordView,
)
from sfdd_declare.model.ports import Spool
from sfdd_declare.model.privacy import Personal, Sort
from sfdd_declare.people.account import Decided, decide_account
from sfdd_declare.people.closure import closure
from sfdd_declare.people.columns import CHANGE, CHANGES, MOVES
from sfdd_declare.people.optouts import after, ticks
from sfdd_declare.people.question import Question
from sfdd_declare.people.samples import sort_of, sorts_by_field
from sfdd_declare.people.sides import Sides, read_sides
from sfdd_declare.people.tables import Table, Tables
from sfdd_declare.people.wanted import joining

_SHORT_ID = 15


def explain(question: Question, spool: Spool, who: str) -> Explanation:
    """`who`: an email address, a Salesforce Id, or a contact id. To be asked after `decide`, over the same spool."""
    with Tables(spool, question.memory_limit, question.hash_key) as tables:
        sides = tuple(read_sides(tables, account, question.precedence) for account in question.accounts)
        before = closure(tables, question, sides)
        due = ticks(tables, question, sides, before)
        outs = after(tables, before, due)
        joins = joining(tables, question, sides)
        changes = {name: tables.read(name, CHANGE) for name in (CHANGES, MOVES)}
        views = [
            _view(
                tables,
                question,
                decide_account(tables, question, side, closure=outs, due=due, joins=joins),
                changes,
                who=who.strip(),
            )
            for side in sides
        ]
    return Explanation(tuple(views))


def _view(tables: Tables, question: Question, one: Decided, changes: Mapping[str, Table], *, who: str) -> AccountView:
    people = _people(tables, one, who)
    records = one.matched.records
    mine = tables.rows(records.filter(records.person.isin([p["person"] for p in people] or [""])))
    ids = sorted({r["sf_id"] for r in mine} | {r["sf_id"] for r in _named(tables, one.sides, who)})
    contact_ids = sorted({p["contact_id"] for p in people if p["contact_id"] is not None} | _contacts(tables, one, who))
    writers = {p["sf_id"] for p in people if p["hold"] is None}
    account = one.sides.rules.key
    return AccountView(
        account=account,
        records=tuple(_record(row, writers) for row in _details(tables, one, mine, ids)),
        contacts=tuple(_contact(tables, one, contact_ids)),
        books=tuple(_books(tables, one, contact_ids, [p["person"] for p in people])),
        changes=tuple(_changes(tables, question, changes, account, ids=ids, contacts=contact_ids)),
    )


def _people(tables: Tables, one: Decided, who: str) -> list[dict[str, Any]]:
    people, records = one.matched.people, one.matched.records
    key = email_key(who)
    found = people.filter((people.email_key == key) | (people.contact_key == key)) if "@" in who else None
    if found is None and who.isdigit():
        found = people.filter(people.contact_id == int(who))
    if found is None:
        found = people.semi_join(records.filter(_is_id(records, who)), "person")
    return tables.rows(found.select("person", "contact_id", "sf_id", "hold"))


def _named(tables: Tables, sides: Sides, who: str) -> list[dict[str, Any]]:
    """Records that were read, whether or not anything may be done about them."""
    read = sides.read
    if "@" in who:
        return tables.rows(read.filter(read.email_key == email_key(who)).select("sf_id"))
    return tables.rows(read.filter(_is_id(read, who)).select("sf_id"))


def _contacts(tables: Tables, one: Decided, who: str) -> set[int]:
    contacts = one.sides.contacts
    if "@" in who:
        found = contacts.filter(contacts.email_key == email_key(who))
    elif who.isdigit():
        found = contacts.filter(contacts.contact_id == int(who))
    else:
        return set()
    return {row["contact_id"] for row in tables.rows(found.select("contact_id"))}


def _is_id(table: Table, who: str) -> Table:
    return table.sf_id.left(_SHORT_ID) == who[:_SHORT_ID]


def _details(
    tables: Tables, one: Decided, mine: Sequence[Mapping[str, Any]], ids: Sequence[str]
) -> list[dict[str, Any]]:
    read = one.sides.read
    rows = tables.rows(read.filter(read.sf_id.isin(ids or [""])).order_by("rank", "sf_id"))
    known = {row["sf_id"]: row for row in mine}
    return [{**row, "match": known.get(row["sf_id"])} for row in rows]


def _record(row: Mapping[str, Any], writers: set[str]) -> RecordView:
    match = row["match"] or {}
    return RecordView(
        sf_id=row["sf_id"],
        record_type=row["record_type"],
        email=Personal(row["email"], Sort.EMAIL),
        opted_out=row["opted_out"],
        address_opted_out=bool(match.get("is_out")),
        contact_id=match.get("contact_id"),
        is_known=bool(match.get("is_pair")),
        writes=row["sf_id"] in writers,
        hold=match.get("hold") or "",
    )


def _contact(tables: Tables, one: Decided, ids: Sequence[int]) -> Iterator[ContactView]:
    contacts = one.sides.contacts
    for row in tables.rows(contacts.filter(contacts.contact_id.isin(ids or [-1])).order_by("contact_id")):
        yield ContactView(
            contact_id=row["contact_id"],
            email=Personal(row["email"], Sort.EMAIL),
            channel=row["channel"] or "",
            opted_out=row["is_out"],
        )


def _books(tables: Tables, one: Decided, contacts: Sequence[int], people: Sequence[str]) -> Iterator[BookView]:
    books = one.books.filter(one.books.contact_id.isin(contacts or [-1]))
    for row in tables.rows(books.order_by("address_book", "contact_id")):
        yield BookView(
            address_book=row["address_book"],
            campaign=row["campaign"] or "",
            is_wanted=row["is_wanted"],
            is_on=row["is_on"],
            decision=row["decision"],
            rule=row["rule"] or "",
            why=row["held"] or "",
        )
    first = one.wants.first
    waiting = first.filter(first.skip.notnull(), first.who.isin(people or [""]))
    for row in tables.rows(waiting.order_by("address_book")):
        yield BookView(row["address_book"], row["campaign"] or "", True, False, "nothing", "", row["skip"])


def _changes(
    tables: Tables,
    question: Question,
    changes: Mapping[str, Table],
    account: str,
    *,
    ids: Sequence[str],
    contacts: Sequence[int],
) -> Iterator[ChangeView]:
    sorts = sorts_by_field(question)
    for dataset, table in changes.items():
        ours = table.filter(table.account.isin([account, ""]))
        ours = ours.filter(ours.sf_id.isin(ids or [""]) | ours.contact_id.isin(contacts or [-1]).fill_null(False))
        order = ("aspect", "field", "address_book", "campaign", "sf_id")
        for row in tables.rows(ours.order_by(*order)):
            mapped = sorts.get((account, row["record_type"], row["field"]))
            is_value = row["aspect"] in ("value", "problem")
            sort = Sort.EMAIL if row["field"] == "email" else Sort.CHOICE
            old = None if row["aspect"] == "list" else row["old"]
            yield ChangeView(
                sf_id=row["sf_id"] or "",
                aspect=row["aspect"],
                field=row["address_book"] or row["field"] or "",
                old=Personal(old, sort_of(old, mapped, sort) if is_value else sort),
                new=Personal(row["new"], sort_of(row["new"], mapped, sort) if is_value else sort),
                decision=row["decision"],
                rule=row["reason"] or "",
                is_written=dataset == CHANGES,
            )
