"""Who unsubscribed from one address book alone (CON-5): as the account tells in this run, and as remembered for good.

What is remembered goes by the address, never by the contact: it outlives a contact that was deleted and made again.
"""

from __future__ import annotations

import pyarrow as pa

from sfdd_declare.people import columns
from sfdd_declare.people.hashing import keyed
from sfdd_declare.people.question import Question
from sfdd_declare.people.sides import Sides
from sfdd_declare.people.tables import Table, Tables, Value, bring, mark, stack, text

SEPARATOR = "\x1f"

_PAST = pa.schema({"address_book": columns.text, "predecessor": columns.text})

_ADDRESS = {"address_book": "address_book", "email_key": "email_key"}


def told_contacts(tables: Tables, sides: Sides) -> Table:
    """address_book, contact_id: as told in this run."""
    told = tables.read(columns.list_optouts(sides.rules.key), columns.LIST_OPTOUTS)
    by_address = told.select("address_book", "email_key").inner_join(sides.contacts, "email_key")
    by_id = told.filter(told.contact_id.notnull())
    return stack(part.select("address_book", "contact_id") for part in (by_id, by_address)).distinct()


def with_told_address(tables: Tables, sides: Sides, rows: Table, name: str) -> Table:
    """Adds a flag: whether the account told in this run that `email_key` unsubscribed from `address_book`."""
    told = tables.read(columns.list_optouts(sides.rules.key), columns.LIST_OPTOUTS)
    return mark(rows, told.filter(told.email_key.notnull()), _ADDRESS, name)


def with_remembered(tables: Tables, question: Question, sides: Sides, rows: Table, name: str) -> Table:
    """Adds a flag: whether an earlier run saw `email_key` unsubscribe from `address_book`."""
    remembered = tables.read(columns.remembered(sides.rules.key), columns.REMEMBERED)
    remembered = remembered.filter(remembered.reason == columns.LIST_REASON)
    rows = _marked(question, rows, rows.address_book, rows.email_key, remembered=remembered, name=name)
    if sides.older is not None:
        rows = bring(rows, sides.older, {"email_key": "email_key"}, older="older")
        rows = _also(question, rows, rows.address_book, rows.older, remembered=remembered, name=name).drop("older")
    for past in _predecessors(question):
        rows = bring(rows, tables.small(_PAST, past), {"address_book": "address_book"}, predecessor="predecessor")
        rows = _also(question, rows, rows.predecessor, rows.email_key, remembered=remembered, name=name)
        rows = rows.drop("predecessor")
    return rows


def left_predecessors(tables: Tables, question: Question, sides: Sides) -> Table | None:
    """address_book, contact_id: who opted out of a book that this one took the place of; None where none did."""
    pairs = [pair for past in _predecessors(question) for pair in past]
    if not pairs:
        return None
    known = tables.read(columns.memberships(sides.rules.key), columns.MEMBERSHIPS)
    known = known.filter(known.list_optout).select("contact_id", predecessor="address_book")
    return tables.small(_PAST, pairs).inner_join(known, "predecessor").select("address_book", "contact_id").distinct()


def _predecessors(question: Question) -> list[list[tuple[str, str]]]:
    """(book, predecessor), each book at most once in a list."""
    most = max((len(book.predecessors) for book in question.books), default=0)
    return [[(b.key, b.predecessors[i]) for b in question.books if i < len(b.predecessors)] for i in range(most)]


def _also(question: Question, rows: Table, book: Value, address: Value, *, remembered: Table, name: str) -> Table:
    rows = _marked(question, rows, book, address, remembered=remembered, name="also")
    return rows.mutate(**{name: rows[name] | rows.also}).drop("also")


def _marked(question: Question, rows: Table, book: Value, address: Value, *, remembered: Table, name: str) -> Table:
    both = book + text(SEPARATOR) + address
    rows = rows.mutate(list_hash=both.isnull().ifelse(text(None), keyed(question.key, both)))
    return mark(rows, remembered, {"list_hash": "email_hash"}, name).drop("list_hash")
