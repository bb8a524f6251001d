"""Addresses that changed in Salesforce on a known pair (ID-4): who is renamed in place, in which order, and who goes by
the new address instead.

A contact is renamed when nobody needs its old address any more and the new one is free, or becomes free by another
rename: then it has to wait for that one. Addresses that wait for each other in a circle are left as they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import ibis
import pyarrow as pa

from sfdd_declare.people import columns
from sfdd_declare.people.chains import followed
from sfdd_declare.people.closure import Closure
from sfdd_declare.people.hashing import keyed
from sfdd_declare.people.question import Question
from sfdd_declare.people.refused import REFUSED, with_refused
from sfdd_declare.people.sides import Sides
from sfdd_declare.people.tables import (
    Table,
    Tables,
    Value,
    bring,
    first_per,
    mark,
    no_number,
    no_text,
    stack,
    stripped,
    text,
)
from sfdd_declare.people.unsubscribed import with_remembered, with_told_address

CONVERTED = "converted lead"
DELETED = "deleted in Dotdigital"
NO_ADDRESS = "no address"
SWAPPED = "addresses in a circle"
BARRED = "new address opted out"

_FREE, _TAKEN = "free", "taken"

#: Of a record: what the base says of it, with which contact it stays (`pair_contact`), which one it leaves (`former`),
#: and why nothing may be written for it (`own_hold`).
KNOWN = (
    *("sf_id", "record_type", "rank", "email", "email_key", "opted_out", "modified", "converted"),
    *("email_s", "email_d", "out_s", "out_d", "wrote_d", "pair_contact", "former", "own_hold", "is_gone", "is_taken"),
)
_RENAME = pa.schema(
    {"contact_id": columns.long}
    | dict.fromkeys(("sf_id", "record_type", "email", "email_key"), columns.text)
    | {"wave": columns.long}
)
RENAME = tuple(_RENAME.names)
_STOPPED = pa.schema({"contact_id": columns.long, "hold": columns.text})


@dataclass(frozen=True, slots=True)
class Identity:
    """Tables KNOWN and RENAME (`wave` 0 goes first). `contacts`: contact_id, email, email_key after the renames.

    `stopped`: contact_id, hold: contacts that nobody may go on with.
    """

    records: Table
    renames: Table
    contacts: Table
    stopped: Table


def identity(tables: Tables, question: Question, sides: Sides, closure: Closure) -> Identity:
    key = question.key
    known = tables.keep(_known(sides, key))
    wishes = tables.keep(_wishes(sides, known))
    if tables.is_empty(wishes):
        return _unchanged(tables, sides, known)
    ends = tables.keep(_ends(tables, question, sides, closure, wishes))
    renames = tables.keep(ends.filter(ends.end == _FREE).select(*RENAME))
    stopped = ends.filter((ends.end.isnull() | ~ends.end.isin([_FREE, _TAKEN])).fill_null(True))
    stopped = tables.keep(stopped.select("contact_id", "email_key", hold=stopped.end.fill_null(SWAPPED)))
    found = Identity(
        records=tables.keep(_settled(known, renames, stopped).select(*KNOWN)),
        renames=renames,
        contacts=tables.keep(_contacts(sides, renames)),
        stopped=stopped.select("contact_id", "hold"),
    )
    tables.drop(known, wishes, ends)
    return found


def _unchanged(tables: Tables, sides: Sides, known: Table) -> Identity:
    """Nobody's address is to be another one; a record may leave its contact all the same."""
    leaves = known.is_mover & known.own_hold.isnull()
    records = known.mutate(
        former=leaves.ifelse(known.pair_contact, no_number()),
        pair_contact=leaves.ifelse(no_number(), known.pair_contact),
    )
    return Identity(
        records=tables.keep(records.select(*KNOWN)),
        renames=tables.small(_RENAME, []),
        contacts=tables.keep(sides.contacts.select("contact_id", "email", "email_key")),
        stopped=tables.small(_STOPPED, []),
    )


def writer_order(records: Table) -> list[Value]:
    """ID-3 among records that have written before."""
    return [
        records["rank"],
        records.wrote_d.fill_null(-1).desc(),
        records.modified.fill_null(-1).desc(),
        records.sf_id,
    ]


def _known(sides: Sides, key: Any) -> Table:
    """ID-1: a known pair is matched by its ids, always; `is_mover` if its address in Salesforce is another one now."""
    pair = {name: name for name in ("email_s", "email_d", "out_s", "out_d", "wrote_d")}
    table = bring(sides.records, sides.all_pairs, {"sf_id": "sf_id"}, pair_contact="contact_id", **pair)
    table = mark(table, sides.taken, {"sf_id": "sf_id"}, "is_taken")
    contact = {"contact_key": "email_key", "contact_there": "contact_id"}
    table = bring(table, sides.contacts, {"pair_contact": "contact_id"}, **contact)
    is_gone = table.pair_contact.notnull() & table.contact_there.isnull()
    own_hold = ibis.cases(
        (table.converted, text(CONVERTED)),
        (is_gone, text(DELETED)),
        (table.email_key.isnull(), text(NO_ADDRESS)),
        else_=no_text(),
    )
    has_moved = table.contact_there.notnull() & (keyed(key, table.email_key) != table.email_s).fill_null(False)
    agrees = (table.email_key == table.contact_key).fill_null(False)
    return table.mutate(own_hold=own_hold, is_gone=is_gone, is_mover=own_hold.isnull() & has_moved & ~agrees)


def _wishes(sides: Sides, known: Table) -> Table:
    """contact_id and the record whose address it would take: each contact and each address once (ID-3 chooses)."""
    movers = known.filter(known.is_mover)
    movers = movers.anti_join(_still_used(sides, known), "pair_contact")
    first = first_per(movers, ["pair_contact"], writer_order(movers))
    first = first_per(first, ["email_key"], [*writer_order(first), first.pair_contact])
    return first.select("sf_id", "record_type", "email", "email_key", contact_id=first.pair_contact)


def _still_used(sides: Sides, known: Table) -> Table:
    """pair_contact: contacts whose address another record still has."""
    usable = known.filter(known.own_hold.isnull(), ~known.is_mover)
    paired = usable.filter(usable.pair_contact.notnull())
    by_address = sides.contacts.semi_join(usable.filter(usable.pair_contact.isnull()), "email_key")
    return stack([paired.select("pair_contact"), by_address.select(pair_contact="contact_id")]).distinct()


def _ends(tables: Tables, question: Question, sides: Sides, closure: Closure, wishes: Table) -> Table:
    """RENAME, and what becomes of it: the address is free (at last), or taken, or a reason to leave it alone.

    A reason bars renames only: of two contacts that become one an opt-out of either holds for both.
    """
    table = _with_bar(tables, question, sides, closure, wishes)
    table = bring(table, owners(sides.contacts), {"email_key": "email_key"}, owner="contact_id")
    table = mark(table, wishes, {"owner": "contact_id"}, "may_leave")
    end = ibis.cases(
        (table.owner.notnull() & ~table.may_leave, text(_TAKEN)),
        (table.bar.notnull(), table.bar),
        (table.owner.isnull(), text(_FREE)),
        else_=no_text(),
    )
    steps = table.select(node=table.contact_id, next=end.isnull().ifelse(table.owner, no_number()), end=end)
    ends = followed(tables, tables.keep(steps))
    return bring(table, ends, {"contact_id": "node"}, end="end", wave="distance")


def owners(contacts: Table) -> Table:
    """email_key, contact_id: who has an address."""
    named = contacts.filter(contacts.email_key.notnull())
    return named.group_by("email_key").agg(contact_id=named.contact_id.min())


def _with_bar(tables: Tables, question: Question, sides: Sides, closure: Closure, wishes: Table) -> Table:
    """Adds `bar`: nobody becomes reachable under an address that opted out, of the account or of a book the contact is
    on, nor under that of a contact that was deleted.
    """
    key, account = question.key, sides.rules.key
    table = bring(wishes, sides.contacts, {"contact_id": "contact_id"}, is_out="is_out")
    table = table.mutate(email_hash=keyed(key, table.email_key))
    table = mark(table, lost_addresses(sides), {"email_hash": "email_hash"}, "is_lost")
    table = with_refused(tables, question, sides, table.mutate(contact_key=table.email_key), "is_refused")
    table = mark(table, closure.dotdigital[account], {"email_key": "email_key"}, "out_there")
    table = mark(table, closure.emails, {"email_key": "email_key"}, "out_here")
    listed = tables.read(columns.listed(account), columns.LISTED).select("address_book", "contact_id").distinct()
    places = wishes.select("contact_id", "email_key").inner_join(listed, "contact_id")
    places = with_told_address(tables, sides, places, "is_told")
    places = with_remembered(tables, question, sides, places, "is_remembered")
    table = mark(table, places.filter(places.is_told | places.is_remembered), {"contact_id": "contact_id"}, "off_book")
    is_barred = table.out_there | table.off_book
    if not sides.rules.consent.opt_out_to_dotdigital:
        is_barred |= table.out_here
    bar = ibis.cases(
        (table.is_lost, text(DELETED)),
        (table.is_refused, text(REFUSED)),
        (is_barred & ~table.is_out, text(BARRED)),
        else_=no_text(),
    )
    return table.mutate(bar=bar).drop(
        "is_out", "email_hash", "contact_key", "is_refused", "is_lost", "out_there", "out_here", "off_book"
    )


def lost_addresses(sides: Sides) -> Table:
    """ID-7: hashes of the addresses under which the base knows contacts that are not there any more."""
    lost = sides.pairs.filter(sides.pairs.contact_id.notnull()).anti_join(sides.contacts, "contact_id")
    return stack([lost.select(email_hash=lost.email_s), lost.select(email_hash=lost.email_d)])


def _settled(known: Table, renames: Table, stopped: Table) -> Table:
    """Who stays with the contact, renamed or not; everybody else whose address changed goes by the new one."""
    table = bring(known, renames, {"pair_contact": "contact_id"}, new_key="email_key")
    table = bring(table, stopped, {"pair_contact": "contact_id"}, stop="hold")
    table = bring(table, stopped, {"email_key": "email_key"}, stopped_address="hold")
    goes_along = (table.email_key == table.new_key).fill_null(False)
    hold = (table.is_mover & ~goes_along).ifelse(ibis.coalesce(table.stop, table.stopped_address), no_text())
    leaves = table.is_mover & ~goes_along & hold.isnull()
    return table.mutate(
        own_hold=ibis.coalesce(table.own_hold, hold),
        former=leaves.ifelse(table.pair_contact, no_number()),
        pair_contact=leaves.ifelse(no_number(), table.pair_contact),
    )


def _contacts(sides: Sides, renames: Table) -> Table:
    table = bring(
        sides.contacts.select("contact_id", "email", "email_key"),
        renames,
        {"contact_id": "contact_id"},
        new_email="email",
        new_key="email_key",
    )
    return table.select(
        "contact_id",
        email=table.new_key.notnull().ifelse(stripped(table.new_email), table.email),
        email_key=ibis.coalesce(table.new_key, table.email_key),
    )
