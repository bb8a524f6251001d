"""The answer in numbers: what `answer.sql` and `link_answer.sql` counted, as values. Nothing is decided here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from sfdd_declare.model.operation import RowSet
from sfdd_declare.model.plan import LinkCount, PeoplePlan, PeopleTotals, Sample
from sfdd_declare.people import held
from sfdd_declare.people.engine import Engine
from sfdd_declare.people.fieldcounts import field_counts
from sfdd_declare.people.question import Answer, BookCount, CampaignCount, Question
from sfdd_declare.people.sources import count_filled


def answer(engine: Engine, question: Question, *, samples: tuple[Sample, ...], parked: int) -> Answer:
    """Of what is going to be done; digests are left to whoever sorts it. `parked`: persons with rows that are held."""
    count_filled(engine, question)
    of_account = {row["account"]: row for row in engine.rows("SELECT * FROM account_counts")}
    waits = {row["reason"]: int(row["people"]) for row in engine.rows("SELECT * FROM held_counts")}
    [left] = engine.rows("SELECT * FROM left_counts")
    waits |= {held.PARKED: parked, held.UNAPPROVED: left["fresh"], held.WAITING: left["waiting"]}
    links = tuple(_link_counts(engine, question))
    waits[held.BY_HAND] = sum(dict(link.skipped).get(held.BY_HAND, 0) for link in links)
    people = PeoplePlan(
        totals=_totals(engine),
        links=links,
        fields=tuple(field_counts(engine, question)),
        samples=samples,
        revealed=question.reveal,
        held=held.held(waits, {held.PENDING: _why_pending(engine)}),
        scope=tuple((a.key, of_account[a.key]["scope"]) for a in question.accounts),
        moves=engine.count("moves"),
        first_run=_first_runs(question),
        due=left["due"] if question.is_approved else None,
    )
    return Answer(
        people=people,
        operations=tuple(_row_sets(engine)),
        books=tuple(_book_counts(engine, question)),
        overwrites=tuple((a.key, of_account[a.key]["overwrites"]) for a in question.accounts),
        creations=tuple((a.key, of_account[a.key]["creations"]) for a in question.accounts),
        whole=tuple(
            account.key
            for account in question.accounts
            if all(book.complete and not book.partial for book in question.books if book.account == account.key)
        ),
        campaigns=tuple(
            CampaignCount(row["campaign"], row["members"], row["removed"])
            for row in engine.rows("SELECT * FROM campaign_counts ORDER BY campaign")
        ),
        selected=_selected(engine, question),
        pending=_pending(engine, question),
        left_out=left["fresh"] + left["waiting"],
        unproven=any(book.partial for book in question.books) and bool(engine.count("unproven")),
    )


def _row_sets(engine: Engine) -> Iterator[tuple[str, RowSet]]:
    counts: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for row in engine.rows("SELECT * FROM change_counts ORDER BY operation, name"):
        counts[row["operation"]].append((row["name"], row["rows"]))
    for row in engine.rows("SELECT * FROM operation_counts ORDER BY operation"):
        yield row["operation"], RowSet(row["people"], row["rows"], "", tuple(counts[row["operation"]]))


def _totals(engine: Engine) -> PeopleTotals:
    [row] = engine.rows("SELECT * FROM totals")
    return PeopleTotals(**{name: int(value or 0) for name, value in row.items()})


def _why_pending(engine: Engine) -> str:
    """What is missing, the most frequent first."""
    rows = engine.rows("SELECT * FROM pending_counts ORDER BY people DESC, why")
    return "; ".join(f"{int(row['people'])} {row['why']}" for row in rows)


def _pending(engine: Engine, question: Question) -> tuple[tuple[str, int], ...]:
    rows = engine.rows(
        "SELECT DISTINCT n.account, n.contact_id FROM newcomers AS n INNER JOIN pending AS p"
        " ON n.account = p.account AND n.contact_id = p.contact_id"
        " WHERE n.skip IS NULL AND n.found_id IS NULL ORDER BY n.contact_id"
    )
    return tuple(
        (account.key, row["contact_id"])
        for account in question.accounts
        for row in rows
        if row["account"] == account.key
    )


def _first_runs(question: Question) -> tuple[str, ...]:
    values = (f"{account.key}/{kind.section}" for account in question.accounts for kind in account.first_run)
    books = (book.key for book in question.books if book.first_run and question.asks_book(book.key))
    return (*values, *(f"address_book.{key}" for key in books))


def _book_counts(engine: Engine, question: Question) -> Iterator[BookCount]:
    """By account, in file order."""
    found = {(row["account"], row["address_book"]): row for row in engine.rows("SELECT * FROM book_counts")}
    for account in question.accounts:
        for book in question.books:
            if book.account == account.key:
                row = found[account.key, book.key]
                yield BookCount(
                    account=book.account,
                    address_book=book.key,
                    wanted=row["wanted"],
                    wanted_before=row["wanted_before"],
                    on_book=row["on_book"],
                    remove=row["removed"],
                )


def _selected(engine: Engine, question: Question) -> tuple[tuple[str, int], ...]:
    """In file order."""
    found = {row["campaign"]: row["people"] for row in engine.rows("SELECT * FROM selected_counts")}
    return tuple((c.key, found[c.key]) for c in question.campaigns if c.key in found)


def _link_counts(engine: Engine, question: Question) -> Iterator[LinkCount]:
    found = {row["link"]: row for row in engine.rows("SELECT * FROM link_counts")}
    skipped: dict[int, list[tuple[str, int]]] = defaultdict(list)
    for row in engine.rows("SELECT * FROM skip_counts ORDER BY people DESC, reason"):
        skipped[row["link"]].append((row["reason"], row["people"]))
    more = {
        held.PARKED: "parked",
        held.UNAPPROVED: "unapproved",
        held.SAME_CONTACT: "same_contact",
        held.ELSEWHERE: "elsewhere",
    }
    for number, link in enumerate(question.links):
        row, unasked = found[number], held.BY_HAND if link.address in question.by_hand else held.UNASKED
        yield LinkCount(
            link=link.address,
            campaign=link.campaign,
            address_book=link.address_book,
            members=row["members"],
            add=row["add"],
            update=row["update"],
            remove=row["remove"],
            on_book=row["on_book"],
            skipped=(
                *skipped[number],
                *((reason, row[name]) for reason, name in {**more, unasked: "unasked"}.items() if row[name]),
            ),
            new_leads=row["new_leads"],
            adopt=row["adopt"],
            pending=row["pending"],
        )
