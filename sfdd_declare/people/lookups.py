"""What the first read leaves open: whom to look up in the whole account, what became of records that left, where
joins are due.

Run between reading and deciding, over the same tables.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import pyarrow.compute as pc
import pyarrow.parquet as pq

from sfdd_declare.model.mapping import RecordType
from sfdd_declare.model.ports import Spool
from sfdd_declare.people import columns
from sfdd_declare.people.asked import load
from sfdd_declare.people.engine import Engine, literal
from sfdd_declare.people.question import Question
from sfdd_declare.people.sources import open_views
from sfdd_declare.people.walk import prepare


@dataclass(frozen=True, slots=True)
class OpenQuestions:
    """`emails`, `contact_ids`: to look up, by account. `departed`: Ids in the base that are no longer in scope.

    `books`: keys of address books that may get additions, or that somebody may have left by hand. `to_tick`: as
    `addresses_to_tick`; None where a look-up comes first.
    """

    emails: Mapping[str, tuple[str, ...]]
    contact_ids: Mapping[str, tuple[int, ...]]
    departed: Mapping[RecordType, tuple[str, ...]]
    books: frozenset[str]
    newcomers: tuple[str, ...] = ()  # addresses of people who may be new: whoever has them is looked up in Salesforce
    to_tick: Mapping[RecordType, tuple[str, ...]] | None = None


def open_questions(question: Question, spool: Spool, everywhere: AbstractSet[str] = frozenset()) -> OpenQuestions:
    """Ask the tables. `everywhere`: accounts of which all was read, so that nobody is looked up there."""
    with Engine(spool, question.memory_limit) as engine:
        prepare(engine, question)
        engine.run("ticked", "memories", "open_questions")
        departed = {kind: _ids(engine, kind) for kind in sorted(RecordType)}
        open_here = [a.key for a in question.accounts if a.key not in everywhere]
        emails = {key: tuple(engine.column(_of("asked_emails", "email_key", key))) for key in open_here}
        contact_ids = {key: tuple(engine.column(_of("asked_ids", "contact_id", key))) for key in open_here}
        nobody = not any((*emails.values(), *contact_ids.values()))
        return OpenQuestions(
            emails=emails,
            contact_ids=contact_ids,
            departed={kind: ids for kind, ids in departed.items() if ids},
            books=frozenset(engine.column("SELECT address_book FROM asked_books")),
            newcomers=tuple(engine.column("SELECT email FROM asked_newcomers ORDER BY email")),
            to_tick=_addresses_to_tick(engine) if nobody else None,
        )


def unread_heirs(question: Question, spool: Spool) -> tuple[str, ...]:
    """ID-5: Ids of contacts that leads were converted to, and that nobody has read, of accounts that import both."""
    both = {RecordType.LEAD, RecordType.CONTACT}
    if not any(both <= {mapping.record_type for mapping in account.sets} for account in question.accounts):
        return ()
    leads = (part for a in question.accounts for part in spool.parts(columns.records(a.key, RecordType.LEAD)))
    if not any(pc.any(pc.is_valid(pq.read_table(part, columns=["converted_to"]).column(0))).as_py() for part in leads):
        return ()  # as on most days, and an engine takes a while to set up
    with Engine(spool, question.memory_limit) as engine:
        engine.make_tables()
        load(engine, question)
        open_views(engine, question)
        engine.run("unread_heirs")
        return tuple(engine.column("SELECT sf_id FROM asked_heirs ORDER BY sf_id"))


def addresses_to_tick(question: Question, spool: Spool) -> Mapping[RecordType, tuple[str, ...]]:
    """CON-4: addresses whose records are to be ticked and that must be looked up in the whole org, by record type.

    To be asked when the look-ups of contacts are done. Whom the base knows to be out on both sides is not among them.
    """
    with Engine(spool, question.memory_limit) as engine:
        prepare(engine, question)
        engine.run("ticked", "memories")
        return _addresses_to_tick(engine)


def _addresses_to_tick(engine: Engine) -> Mapping[RecordType, tuple[str, ...]]:
    engine.run("optouts")
    found = {kind: tuple(engine.column(_to_tick(kind))) for kind in sorted(RecordType)}
    return {kind: emails for kind, emails in found.items() if emails}


def _of(table: str, column: str, account: str) -> str:
    return f"SELECT {column} FROM {table} WHERE account = {literal(account)} ORDER BY {column}"


def _ids(engine: Engine, kind: RecordType) -> tuple[str, ...]:
    asked = f"SELECT DISTINCT sf_id FROM asked_fates WHERE record_type = {literal(kind.value)} ORDER BY sf_id"
    return tuple(engine.column(asked))


def _to_tick(kind: RecordType) -> str:
    return (
        "SELECT DISTINCT o.email_key FROM out_people AS o INNER JOIN record_types AS t ON o.account = t.account"
        f" WHERE o.is_due AND t.tells_salesforce AND t.record_type = {literal(kind.value)} ORDER BY o.email_key"
    )
