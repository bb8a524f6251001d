"""What the first read leaves open: whom to look up in the whole account, what became of records that left, where
joins are due.

Run between reading and deciding, over the same tables.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from sfdd_declare.model.mapping import RecordType
from sfdd_declare.model.ports import Spool
from sfdd_declare.people import columns
from sfdd_declare.people.hashing import keyed
from sfdd_declare.people.question import Question
from sfdd_declare.people.sides import Sides, read_sides
from sfdd_declare.people.tables import Table, Tables, stack

_LINKED = pa.schema({"campaign": columns.text, "address_book": columns.text})


@dataclass(frozen=True, slots=True)
class OpenQuestions:
    """`emails`, `contact_ids`: to look up, by account. `departed`: Ids in the base that are no longer in scope.

    `books`: keys of address books that may get additions, or that somebody may have left by hand.
    """

    emails: Mapping[str, tuple[str, ...]]
    contact_ids: Mapping[str, tuple[int, ...]]
    departed: Mapping[RecordType, tuple[str, ...]]
    books: frozenset[str]


def open_questions(question: Question, spool: Spool) -> OpenQuestions:
    """Ask the tables."""
    emails: dict[str, tuple[str, ...]] = {}
    contact_ids: dict[str, tuple[int, ...]] = {}
    departed: dict[RecordType, set[str]] = {}
    books: set[str] = set()
    with Tables(spool, question.memory_limit) as tables:
        for rules in question.accounts:
            sides = read_sides(tables, rules, question.precedence)
            emails[rules.key] = _column(tables, _unseen_addresses(tables, question, sides), "email_key")
            contact_ids[rules.key] = _column(tables, _unseen_contacts(sides), "contact_id")
            for row in tables.rows(_departed(tables, sides)):
                departed.setdefault(RecordType(row["record_type"]), set()).add(row["sf_id"])
            books.update(_column(tables, _books_to_join(tables, question, sides), "address_book"))
    ids = {record_type: tuple(sorted(found)) for record_type, found in sorted(departed.items())}
    return OpenQuestions(emails, contact_ids, ids, frozenset(books))


def _column(tables: Tables, expression: Table, name: str) -> tuple[Any, ...]:
    found = (batch.column(name).to_pylist() for batch in tables.batches(expression.order_by(name)))
    return tuple(value for values in found for value in values)


def _unseen_addresses(tables: Tables, question: Question, sides: Sides) -> Table:
    """ID-2 and CON-2: addresses of records without a pair, and of opted-out records, that no page has shown.

    Whom an earlier run saw suppressed in the account needs no second look.
    """
    account = sides.rules.key
    unpaired = sides.records.anti_join(sides.pairs, "sf_id")
    ticked = tables.read(columns.OPTED_OUT_DATASET, columns.OPTED_OUT)
    remembered = tables.read(columns.remembered(account), columns.REMEMBERED)
    ticked = ticked.mutate(email_hash=keyed(question.hash_key.get_secret_value(), ticked.email_key))
    ticked = ticked.anti_join(remembered, "email_hash")
    told = tables.read(columns.suppressed(account), columns.SUPPRESSED)
    ticked = ticked.anti_join(told.filter(told.email_key.notnull()), "email_key")
    asked = stack([unpaired.select("email_key"), ticked.select("email_key")])
    asked = asked.filter(asked.email_key.notnull()).distinct()
    return asked.anti_join(sides.contacts.filter(sides.contacts.email_key.notnull()), "email_key")


def _unseen_contacts(sides: Sides) -> Table:
    """ID-7: contacts of known pairs in scope that no page has shown; a look-up by id says whether they still are."""
    known = sides.pairs.semi_join(sides.records, "sf_id").select("contact_id")
    return known.filter(known.contact_id.notnull()).distinct().anti_join(sides.contacts, "contact_id")


def _departed(tables: Tables, sides: Sides) -> Table:
    """ID-5, ID-6: records of the base that were wanted on a book and are in nobody's sight now."""
    memberships = tables.read(columns.memberships(sides.rules.key), columns.MEMBERSHIPS)
    wanted = memberships.filter(memberships.wanted).select("contact_id").distinct()
    gone = sides.pairs.anti_join(sides.records, "sf_id").semi_join(wanted, "contact_id")
    return gone.select("record_type", "sf_id").distinct()


def _books_to_join(tables: Tables, question: Question, sides: Sides) -> Table:
    """MEM-12: books that want somebody who is not on them."""
    account = sides.rules.key
    own = {book.key for book in question.books if book.account == account and book.exists}
    links = [(link.campaign, link.address_book) for link in question.links if link.address_book in own]
    pairs = tables.small(_LINKED, sorted(set(links)))
    members = tables.read(columns.MEMBERS_DATASET, columns.MEMBERS).select("campaign", "sf_id")
    selected = tables.read(columns.SELECTED_DATASET, columns.SELECTED).select("campaign", "sf_id")
    wanted = stack([members, selected]).distinct().inner_join(pairs, "campaign")
    people = sides.records.filter(sides.records.email_key.notnull()).select("sf_id", "email_key")
    listed = tables.read(columns.listed(account), columns.LISTED)
    present = listed.inner_join(sides.contacts.select("contact_id", "email_key"), "contact_id")
    missing = wanted.inner_join(people, "sf_id").anti_join(present, ["address_book", "email_key"])
    return missing.select("address_book").distinct()
