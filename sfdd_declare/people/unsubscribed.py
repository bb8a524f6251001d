"""Who unsubscribed from one address book alone (CON-5): as the account tells in this run, and as remembered for good.

What is remembered goes by the address, never by the contact: it outlives a contact that was deleted and made again.
"""

from __future__ import annotations

from sfdd_declare.people import columns
from sfdd_declare.people.hashing import keyed
from sfdd_declare.people.question import Question
from sfdd_declare.people.sides import Sides
from sfdd_declare.people.tables import Table, Tables, Value, bring, mark, stack, text

SEPARATOR = "\x1f"

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
    if sides.older is None:
        return _marked(question, rows, rows.email_key, remembered, name)
    rows = _marked(question, rows, rows.email_key, remembered, name)
    rows = bring(rows, sides.older, {"email_key": "email_key"}, older="older")
    rows = _marked(question, rows, rows.older, remembered, "was_remembered")
    return rows.mutate(**{name: rows[name] | rows.was_remembered}).drop("older", "was_remembered")


def _marked(question: Question, rows: Table, address: Value, remembered: Table, name: str) -> Table:
    both = rows.address_book + text(SEPARATOR) + address
    rows = rows.mutate(list_hash=both.isnull().ifelse(text(None), keyed(question.key, both)))
    return mark(rows, remembered, {"list_hash": "email_hash"}, name).drop("list_hash")
