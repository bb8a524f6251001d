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
from sfdd_declare.people.bookfacts import SHOWN, books_for_newcomers
from sfdd_declare.people.closure import opted_out_records, ticked_records
from sfdd_declare.people.hashing import keyed
from sfdd_declare.people.optouts import SETTLED, unsubscribed, with_memory
from sfdd_declare.people.question import Question
from sfdd_declare.people.sides import Sides, opt_out_reasons, read_sides, sides_of_opted_out
from sfdd_declare.people.tables import Table, Tables, bring, stack

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
    newcomers: tuple[str, ...] = ()  # addresses of people who may be new: whoever has them is looked up in Salesforce


def open_questions(question: Question, spool: Spool) -> OpenQuestions:
    """Ask the tables."""
    emails: dict[str, tuple[str, ...]] = {}
    contact_ids: dict[str, tuple[int, ...]] = {}
    departed: dict[RecordType, set[str]] = {}
    books: set[str] = set()
    newcomers: set[str] = set()
    with Tables(spool, question.memory_limit, question.hash_key) as tables:
        key = question.key
        everybody = [read_sides(tables, rules, question.precedence) for rules in question.accounts]
        ticked = tables.keep(opted_out_records(tables, everybody))
        for sides in everybody:
            account = sides.rules.key
            unseen = tables.keep(_unseen_addresses(tables, sides, ticked, key))
            emails[account] = _column(tables, unseen, "email_key")
            out = _opted_out_pairs(tables, question, sides)
            asked = _unseen_contacts(tables, sides, ticked, unseen, out, key=key)
            contact_ids[account] = _column(tables, asked, "contact_id")
            for row in tables.rows(_departed(tables, sides, key)):
                departed.setdefault(RecordType(row["record_type"]), set()).add(row["sf_id"])
            books.update(_column(tables, _books_to_join(tables, question, sides), "address_book"))
            newcomers.update(_column(tables, _newcomers(tables, question, sides), "email"))
    ids = {record_type: tuple(sorted(found)) for record_type, found in sorted(departed.items())}
    return OpenQuestions(emails, contact_ids, ids, frozenset(books), tuple(sorted(newcomers)))


def unread_heirs(question: Question, spool: Spool) -> tuple[str, ...]:
    """ID-5: Ids of contacts that leads were converted to, and that nobody has read."""
    with Tables(spool, question.memory_limit, question.hash_key) as tables:
        found: set[str] = set()
        for rules in question.accounts:
            sets = {mapping.record_type: mapping for mapping in rules.sets}
            if not {RecordType.LEAD, RecordType.CONTACT} <= set(sets):
                continue
            leads, contacts = (
                tables.read(columns.records(rules.key, kind), columns.records_schema(sets[kind]))
                for kind in (RecordType.LEAD, RecordType.CONTACT)
            )
            heirs = leads.filter(leads.converted, leads.converted_to.notnull()).select(sf_id="converted_to").distinct()
            found.update(_column(tables, heirs.anti_join(contacts, "sf_id"), "sf_id"))
    return tuple(sorted(found))


def addresses_to_tick(question: Question, spool: Spool) -> Mapping[RecordType, tuple[str, ...]]:
    """CON-4: addresses whose records are to be ticked and that must be looked up in the whole org, by record type.

    To be asked when the look-ups of contacts are done. Whom the base knows to be out on both sides is not among them.
    """
    found: dict[RecordType, set[str]] = {}
    with Tables(spool, question.memory_limit, question.hash_key) as tables:
        asking = [rules for rules in question.accounts if rules.consent.unsubscribe_to_salesforce]
        everybody = [sides_of_opted_out(tables, rules, question.precedence) for rules in asking]
        ticked = ticked_records(tables, everybody)
        for sides in everybody:
            if tables.is_empty(sides.contacts):
                continue
            people = unsubscribed(tables, question, sides, ticked)
            due = _column(tables, people.filter(people.is_due).select("email_key").distinct(), "email_key")
            for record_type in sides.rules.consent.unsubscribe_to_salesforce:
                found.setdefault(record_type, set()).update(due)
    return {record_type: tuple(sorted(emails)) for record_type, emails in sorted(found.items()) if emails}


def _column(tables: Tables, expression: Table, name: str) -> tuple[Any, ...]:
    found = (batch.column(name).to_pylist() for batch in tables.batches(expression.order_by(name)))
    return tuple(value for values in found for value in values)


def _unseen_addresses(tables: Tables, sides: Sides, ticked: Table, key: Any) -> Table:
    """ID-2, ID-4 and CON-7: addresses of records that go by their address, and of opted-out records, that no page has
    shown.

    Only whom the account has just named as opted out needs no look-up: an older memory may not be true any more.
    """
    told = tables.read(columns.suppressed(sides.rules.key), columns.SUPPRESSED)
    told = told.filter(told.email_key.notnull(), told.reason.isin(opt_out_reasons(sides.rules)))
    asked = stack([_unmatched(sides, key).select("email_key"), ticked.anti_join(told, "email_key").select("email_key")])
    asked = asked.filter(asked.email_key.notnull()).distinct()
    return asked.anti_join(sides.contacts.filter(sides.contacts.email_key.notnull()), "email_key")


def _unseen_contacts(tables: Tables, sides: Sides, ticked: Table, unseen: Table, out: Table, *, key: Any) -> Table:
    """Contacts of pairs that no page has shown; a look-up by id says whether they still are.

    Of records in scope, of their former selves and of records that left (ID-5), of opted-out records wherever
    they are (CON-7), of whoever once had an address that is looked up: it may be that of a contact that is gone (ID-7);
    and whoever is said to have opted out in Dotdigital (CON-4).
    """
    known = stack(
        [
            sides.pairs.semi_join(sides.records, "sf_id"),
            sides.taken,
            sides.pairs.semi_join(sides.heirs, "sf_id"),
            sides.pairs.semi_join(_departed(tables, sides, key), "sf_id"),
            sides.pairs.semi_join(ticked, "sf_id"),
            _with_address(sides.pairs, unseen, key),
        ]
    )
    known = stack([known.select("contact_id"), out]).filter(lambda pair: pair.contact_id.notnull()).distinct()
    return known.anti_join(sides.contacts, "contact_id")


def _opted_out_pairs(tables: Tables, question: Question, sides: Sides) -> Table:
    """contact_id of everybody in the base who is said to have opted out, now or earlier, unless the base has settled
    that: a page may not show them any more.
    """
    account, reasons = sides.rules.key, opt_out_reasons(sides.rules)
    told = tables.read(columns.suppressed(account), columns.SUPPRESSED)
    told = with_memory(tables, question, account, told.filter(told.reason.isin(reasons)))
    told = told.filter(told.memory != SETTLED)
    named = told.filter(told.email_key.notnull())
    named = named.select(email_hash=keyed(question.key, named.email_key))
    remembered = tables.read(columns.remembered(account), columns.REMEMBERED)
    hashes = stack([remembered.filter(remembered.reason.isin(reasons)).select("email_hash"), named])
    memberships = tables.read(columns.memberships(account), columns.MEMBERSHIPS)
    settled = (sides.pairs.out_s & sides.pairs.out_d).fill_null(False)
    pairs = sides.pairs.filter(~settled)
    parts = (
        memberships.semi_join(told, "contact_id").anti_join(sides.pairs.filter(settled), "contact_id"),
        pairs.semi_join(told, "contact_id"),
        pairs.semi_join(hashes, pairs.email_s == hashes.email_hash),
        pairs.semi_join(hashes, pairs.email_d == hashes.email_hash),
    )
    return stack(part.select("contact_id") for part in parts).distinct()


def _departed(tables: Tables, sides: Sides, key: Any) -> Table:
    """ID-5, ID-6: records of the base that are in nobody's sight now, if their contact was wanted on a book or is that
    of another record as well."""
    memberships = tables.read(columns.memberships(sides.rules.key), columns.MEMBERSHIPS)
    unmatched = _unmatched(sides, key).filter(lambda record: record.email_key.notnull())
    concerned = (
        memberships.filter(memberships.wanted),
        sides.pairs.semi_join(sides.records, "sf_id"),
        sides.contacts.semi_join(unmatched, "email_key"),
    )
    gone = sides.pairs.anti_join(sides.records, "sf_id").anti_join(sides.heirs, "sf_id")
    found = stack(
        [
            gone.semi_join(stack(part.select("contact_id") for part in concerned).distinct(), "contact_id"),
            _with_address(gone, unmatched, key),
        ]
    )
    return found.select("record_type", "sf_id").distinct()


def _unmatched(sides: Sides, key: Any) -> Table:
    """Records without a pair, or with another address than their pair had (ID-4)."""
    table = bring(sides.records, sides.all_pairs, {"sf_id": "sf_id"}, pair="sf_id", known="email_s")
    return table.filter(table.pair.isnull() | (keyed(key, table.email_key) != table.known).fill_null(False))


def _with_address(pairs: Table, addresses: Table, key: Any) -> Table:
    """Pairs of which either side had one of these addresses (`email_key`)."""
    hashes = addresses.select(email_hash=keyed(key, addresses.email_key)).distinct()
    by_s = pairs.semi_join(hashes, pairs.email_s == hashes.email_hash)
    return stack([by_s, pairs.semi_join(hashes, pairs.email_d == hashes.email_hash)])


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


def _newcomers(tables: Tables, question: Question, sides: Sides) -> Table:
    """NEW-2: people on a book who may be new, by what is known before anything is decided."""
    account = sides.rules.key
    complete = {book.key for book in question.books if book.complete}
    books = sorted(books_for_newcomers(question) & complete)
    listed = tables.read(columns.listed(account), columns.LISTED)
    listed = listed.filter(listed.address_book.isin(books or [""])).select("address_book", "contact_id").distinct()
    known = tables.read(columns.memberships(account), columns.MEMBERSHIPS).select("address_book", "contact_id")
    fresh = listed.anti_join(known, ["address_book", "contact_id"]).anti_join(sides.pairs, "contact_id")
    contacts = sides.contacts.filter(sides.contacts.email_key.notnull(), sides.contacts.channel.isin(SHOWN))
    return contacts.semi_join(fresh, "contact_id").select("email").distinct()
