"""Everything the engine thinks about one person: the same steps as a plan's, asked about a single address or id."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

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
from sfdd_declare.people.columns import CHANGES, MOVES
from sfdd_declare.people.engine import Engine, Row, literal, one_of, parquet
from sfdd_declare.people.question import Question
from sfdd_declare.people.samples import sort_of, sorts_by_field
from sfdd_declare.people.walk import walk

_SHORT_ID = 15


def explain(question: Question, spool: Spool, who: str) -> Explanation:
    """`who`: an email address, a Salesforce Id, or a contact id. To be asked after `decide`, over the same spool."""
    with Engine(spool, question.memory_limit) as engine:
        walk(engine, question)
        for name in (CHANGES, MOVES):
            engine.execute(f"CREATE TEMP VIEW decided_{name} AS SELECT * FROM {parquet(spool.parts(name))}")
        return Explanation(tuple(_view(engine, question, account.key, who.strip()) for account in question.accounts))


def _view(engine: Engine, question: Question, account: str, who: str) -> AccountView:
    people = _people(engine, account, who)
    names = [person["person"] for person in people]
    mine = {row["sf_id"]: row for row in _some(engine, "matched", "person", account, names)}
    ids = sorted({*mine, *_named(engine, account, who)})
    contact_ids = sorted(
        {p["contact_id"] for p in people if p["contact_id"] is not None} | _contacts(engine, account, who)
    )
    writers = {person["sf_id"] for person in people if person["hold"] is None}
    return AccountView(
        account=account,
        records=tuple(
            _record(row, mine.get(row["sf_id"], {}), writers)
            for row in _some(engine, "records_read", "sf_id", account, ids, order="rank, sf_id")
        ),
        contacts=tuple(
            ContactView(
                contact_id=row["contact_id"],
                email=Personal(row["email"], Sort.EMAIL),
                channel=row["channel"] or "",
                opted_out=row["is_out"],
            )
            for row in _some(engine, "contacts", "contact_id", account, contact_ids)
        ),
        books=tuple(_books(engine, account, contact_ids, names)),
        changes=tuple(_changes(engine, question, account, ids=ids, contacts=contact_ids)),
    )


def _some(
    engine: Engine, table: str, key: str, account: str, values: Sequence[object], *, order: str = ""
) -> list[Row]:
    """Rows of an account that have one of the values."""
    return engine.rows(
        f"SELECT * FROM {table} WHERE account = {literal(account)} AND {key} IN {one_of(values)}"
        f" ORDER BY {order or key}"
    )


def _people(engine: Engine, account: str, who: str) -> list[Row]:
    asked = f"SELECT person, contact_id, sf_id, hold FROM people WHERE account = {literal(account)}"
    if "@" in who:
        key = literal(email_key(who))
        return engine.rows(f"{asked} AND (email_key = {key} OR contact_key = {key})")
    if who.isdecimal():
        return engine.rows(f"{asked} AND contact_id = {int(who)}")
    records = f"SELECT person FROM matched WHERE account = {literal(account)} AND {_is_id(who)}"
    return engine.rows(f"{asked} AND person IN ({records})")


def _named(engine: Engine, account: str, who: str) -> list[str]:
    """Records that were read, whether or not anything may be done about them."""
    is_meant = f"email_key = {literal(email_key(who))}" if "@" in who else _is_id(who)
    rows = engine.rows(f"SELECT sf_id FROM records_read WHERE account = {literal(account)} AND {is_meant}")
    return [row["sf_id"] for row in rows]


def _is_id(who: str) -> str:
    return f"left(sf_id, {_SHORT_ID}) = {literal(who[:_SHORT_ID])}"


def _contacts(engine: Engine, account: str, who: str) -> set[int]:
    if "@" in who:
        is_meant = f"email_key = {literal(email_key(who))}"
    elif who.isdecimal():
        is_meant = f"contact_id = {int(who)}"
    else:
        return set()
    rows = engine.rows(f"SELECT contact_id FROM contacts WHERE account = {literal(account)} AND {is_meant}")
    return {row["contact_id"] for row in rows}


def _record(row: Row, match: Row, writers: set[str]) -> RecordView:
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


def _books(engine: Engine, account: str, contacts: Sequence[int], people: Sequence[str]) -> Iterator[BookView]:
    for row in _some(engine, "memberships", "contact_id", account, contacts, order="address_book, contact_id"):
        yield BookView(
            address_book=row["address_book"],
            campaign=row["campaign"] or "",
            is_wanted=row["is_wanted"],
            is_on=row["is_on"],
            decision=row["decision"],
            rule=row["rule"] or "",
            why=row["held"] or "",
        )
    for row in _some(engine, "first_wants", "who", account, people, order="address_book"):
        if row["skip"] is not None:
            yield BookView(row["address_book"], row["campaign"] or "", True, False, "nothing", "", row["skip"])


def _changes(
    engine: Engine, question: Question, account: str, *, ids: Sequence[str], contacts: Sequence[int]
) -> Iterator[ChangeView]:
    sorts = sorts_by_field(question)
    for dataset in (CHANGES, MOVES):
        asked = (
            f"SELECT * FROM decided_{dataset} WHERE account IN {one_of((account, ''))} AND (sf_id IN {one_of(ids)}"
            f" OR contact_id IN {one_of(contacts)}) ORDER BY aspect, field, address_book, campaign, sf_id"
        )
        for row in engine.rows(asked):
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
