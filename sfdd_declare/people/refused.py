"""Addresses that an account refused for good (WIRE-1): what is sent there is not tried again until the address changes.

They are remembered by keyed hash, of a text that no other memory hashes: what is known of opt-outs stays as it is.
"""

from __future__ import annotations

import ibis

from sfdd_declare.people import columns
from sfdd_declare.people.hashing import keyed
from sfdd_declare.people.question import Question, problems_id
from sfdd_declare.people.rows import change
from sfdd_declare.people.sides import Sides
from sfdd_declare.people.tables import Table, Tables, mark, stack, text
from sfdd_declare.people.unsubscribed import SEPARATOR

#: The reason in `remembered`, and the code of the rows that say whom it holds up.
REASON = columns.REFUSED_REASON

#: Why a person is held up.
REFUSED = "address refused for good"


def hashed_text(address: str) -> str:
    """What is hashed of a folded address."""
    return SEPARATOR + address


def with_refused(tables: Tables, question: Question, sides: Sides, people: Table, name: str) -> Table:
    """Adds a flag: whether the address that a person is sent with was refused by this account for good."""
    remembered = tables.read(columns.remembered(sides.rules.key), columns.REMEMBERED)
    refused = tables.keep(remembered.filter(remembered.reason == REASON).select("email_hash").distinct())
    if tables.is_empty(refused):  # nearly always: nothing is hashed then
        return people.mutate(**{name: ibis.literal(value=False)})
    address = people.contact_key.fill_null(people.email_key)
    hashed = keyed(question.key, text(SEPARATOR) + address)
    people = people.mutate(sent_hash=address.isnull().ifelse(text(None), hashed))
    return mark(people, refused, {"sent_hash": "email_hash"}, name).drop("sent_hash")


def refused_rows(sides: Sides, books: Table, unmade: Table, values: tuple[Table, ...]) -> Table:
    """A row per person of whom something would be sent: held on a book, not created, or with values to write."""
    held = (
        books.filter(books.held == REFUSED),
        unmade.filter(unmade.held == REFUSED).mutate(contact_id=ibis.null("int64")),
        *values,
    )
    people = stack(part.select("sf_id", "record_type", "contact_id") for part in held).distinct()
    return change(
        people,
        operation=problems_id(sides.rules.key),
        account=sides.rules.key,
        aspect="problem",
        field="email",
        decision=REASON,
        reason="WIRE-1",
    )
