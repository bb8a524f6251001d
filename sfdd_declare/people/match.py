"""Who is who in one account (ID-1 to ID-3): records, contacts and known pairs become people.

`records` has a row per record with the person it belongs to and, if nothing may be written for it, the reason (`hold`).
`people` has a row per person: the record that writes, the contact, and what is known about the two.
"""

from __future__ import annotations

from dataclasses import dataclass

import ibis

from sfdd_declare.model.mapping import RecordType
from sfdd_declare.people import departed
from sfdd_declare.people.closure import Closure
from sfdd_declare.people.hashing import keyed
from sfdd_declare.people.question import Question
from sfdd_declare.people.refused import with_refused
from sfdd_declare.people.sides import Sides
from sfdd_declare.people.tables import Table, Tables, bring, first_per, mark, no_text, stack, text

CHANGED_EMAIL = "changed email"
CONVERTED = "converted lead"
DELETED = "deleted in Dotdigital"
NO_ADDRESS = "no address"
#: What holds up everybody who shares a contact, wanted or not.
CONTACT_HOLDS = (CHANGED_EMAIL, departed.MERGED, departed.DELETED, departed.NOT_VISIBLE)


RECORD = ("sf_id", "record_type", "person", "contact_id", "pair_contact", "hold", "is_out")
PERSON = (
    *("person", "contact_id", "sf_id", "record_type", "hold", "email", "email_key"),  # the record that writes
    *("email_d", "out_s", "out_d", "is_pair"),  # its base
    *("contact_email", "contact_key", "looked_up"),
    "has_contact",
    "is_frozen",  # a record of the person is held up, so nothing is taken away
    "is_known",  # a pair of ours
    "s_out",  # opted out in Salesforce
    "channel_out",  # the contact is opted out in this account
    "d_out",  # opted out by Dotdigital at all
    "may_tick",  # CON-4: a record is of a type whose switch is on
    "is_refused",  # the account refused the address for good
)


@dataclass(frozen=True, slots=True)
class Matched:
    """Tables RECORD and PERSON; without a record that may write, a person's `hold` says why."""

    records: Table
    people: Table


def match(tables: Tables, question: Question, sides: Sides, closure: Closure) -> Matched:
    key = question.hash_key.get_secret_value()
    known = tables.keep(_known(sides, key))
    holds = tables.keep(_contact_holds(tables, sides, key))
    records = tables.keep(_with_person(known, holds, sides, closure, key))
    tables.drop(known, holds)
    people = with_refused(tables, question, sides, _people(records, sides, closure), "is_refused")
    matched = Matched(tables.keep(records.select(*RECORD)), tables.keep(people.select(*PERSON)))
    tables.drop(records)
    return matched


def _known(sides: Sides, key: str) -> Table:
    """ID-1: a known pair is matched by its ids, always; a pair that cannot go on as it was says why."""
    pair = {name: name for name in ("email_s", "email_d", "out_s", "out_d", "wrote_d")}
    table = bring(sides.records, sides.pairs, {"sf_id": "sf_id"}, pair_contact="contact_id", **pair)
    table = mark(table, sides.contacts, {"pair_contact": "contact_id"}, "is_there")
    is_gone = table.pair_contact.notnull() & ~table.is_there
    is_changed = table.email_s.notnull() & (keyed(key, table.email_key) != table.email_s)
    hold = ibis.cases(
        (table.converted, text(CONVERTED)),
        (is_gone, text(DELETED)),
        (table.email_key.isnull(), text(NO_ADDRESS)),
        (table.pair_contact.notnull() & is_changed, text(CHANGED_EMAIL)),
        else_=no_text(),
    )
    return table.mutate(own_hold=hold, is_gone=is_gone).drop("is_there")


def _contact_holds(tables: Tables, sides: Sides, key: str) -> Table:
    """contact_id, hold: contacts that nobody may go on with: of a departed record, or with another address (ID-4)."""
    pairs = sides.pairs.semi_join(sides.records, "sf_id").select("contact_id", "email_d")
    pairs = pairs.inner_join(sides.contacts.select("contact_id", "email_key"), "contact_id")
    changed = pairs.filter(pairs.email_d.notnull(), keyed(key, pairs.email_key) != pairs.email_d)
    left = departed.departed(tables, sides)
    holds = stack(
        [
            changed.select("contact_id", hold=text(CHANGED_EMAIL)),
            left.filter(left.gone.notnull()).select("contact_id", hold=left.gone),
        ]
    )
    return holds.group_by("contact_id").agg(hold=holds.hold.min())


def _lost_addresses(sides: Sides) -> Table:
    """ID-7: hashes of the addresses under which the base knows contacts that are not there any more."""
    lost = sides.pairs.filter(sides.pairs.contact_id.notnull()).anti_join(sides.contacts, "contact_id")
    return stack([lost.select(email_hash=lost.email_s), lost.select(email_hash=lost.email_d)])


def _with_person(known: Table, holds: Table, sides: Sides, closure: Closure, key: str) -> Table:
    """Records without a pair go by their address: the contact that has it, else the pair of a record that has it."""
    by_address = sides.contacts.filter(sides.contacts.email_key.notnull())
    by_address = by_address.group_by("email_key").agg(contact_id=by_address.contact_id.min())
    table = bring(known, by_address, {"email_key": "email_key"}, found_contact="contact_id")
    table = bring(table, _pairs_by_address(known), {"email_key": "email_key"}, peer="pair_contact", peer_hold="hold")
    is_new = table.pair_contact.isnull()
    contact_id = ibis.coalesce(table.pair_contact, table.found_contact, table.peer)
    goes_by_peer = is_new & table.found_contact.isnull() & table.peer.notnull()
    person = ibis.cases(
        (contact_id.notnull(), text("c") + contact_id.cast("string")),
        (table.email_key.notnull(), text("a") + table.email_key),
        else_=no_text(),
    )
    table = table.mutate(
        contact_id=contact_id,
        person=person,
        peer_hold=goes_by_peer.ifelse(table.peer_hold, no_text()),
        is_pair=~is_new & table.email_s.notnull(),
        email_hash=keyed(key, table.email_key),
    )
    table = bring(table, holds, {"contact_id": "contact_id"}, contact_hold="hold")
    table = mark(table, _lost_addresses(sides), {"email_hash": "email_hash"}, "has_lost_address")
    is_lost = table.contact_id.isnull() & table.email_key.notnull() & table.has_lost_address
    lost_hold = is_lost.ifelse(text(DELETED), no_text())
    table = table.mutate(hold=ibis.coalesce(table.own_hold, table.peer_hold, table.contact_hold, lost_hold))
    table = mark(table, closure.records, {"sf_id": "sf_id"}, "is_ticked")
    table = mark(table, closure.emails, {"email_key": "email_key"}, "has_ticked_address")
    table = table.mutate(is_out=table.is_ticked | table.has_ticked_address)
    return table.drop(
        *("own_hold", "is_gone", "found_contact", "peer", "peer_hold", "contact_hold"),
        *("email_hash", "has_lost_address", "is_ticked", "has_ticked_address"),
    )


def _pairs_by_address(known: Table) -> Table:
    """The pair that speaks for an address; what holds it up holds up whoever shares the address."""
    pairs = known.filter(known.pair_contact.notnull(), known.email_key.notnull())
    hold = ibis.cases((pairs.is_gone, text(DELETED)), (pairs.own_hold == CONVERTED, no_text()), else_=pairs.own_hold)
    pairs = pairs.mutate(hold=hold)
    return first_per(pairs, ["email_key"], [pairs.hold.notnull(), pairs.pair_contact, pairs.sf_id])


def _people(records: Table, sides: Sides, closure: Closure) -> Table:
    """One row per person: the writer (ID-3), or, when all its records are held up, the one that stands for it."""
    dotdigital = closure.dotdigital[sides.rules.key]
    ours = mark(records.filter(records.person.notnull()), dotdigital, {"email_key": "email_key"}, "address_out")
    switch = {t: t in sides.rules.consent.unsubscribe_to_salesforce for t in RecordType}
    whole = ours.group_by("person").agg(
        is_frozen=ours.hold.notnull().any(),
        is_known=(ours.is_pair & ours.hold.isnull()).any(),
        any_out=ours.is_out.any(),
        any_address_out=ours.address_out.any(),
        may_tick=ours.record_type.isin([t.value for t, on in switch.items() if on] or [""]).any(),
    )
    people = bring(_writers(ours), whole, {"person": "person"}, **{c: c for c in whole.columns if c != "person"})
    contact = {"contact_email": "email", "contact_key": "email_key", "looked_up": "looked_up"}
    people = bring(people, sides.contacts, {"contact_id": "contact_id"}, channel_out="is_out", **contact)
    people = mark(people, out_contacts(records, sides, closure), {"contact_id": "contact_id"}, "contact_s_out")
    people = mark(people, dotdigital, {"contact_key": "email_key"}, "contact_address_out")
    channel_out = people.channel_out.fill_null(False)
    return people.mutate(
        has_contact=people.channel_out.notnull(),
        channel_out=channel_out,
        s_out=people.any_out | people.contact_s_out,
        d_out=channel_out | people.any_address_out | people.contact_address_out,
    )


def out_contacts(records: Table, sides: Sides, closure: Closure) -> Table:
    """Contacts whose address, or whose record wherever it went, is opted out in Salesforce."""
    parts = (
        sides.contacts.semi_join(closure.emails, "email_key"),
        sides.pairs.semi_join(closure.records, "sf_id"),
        records.filter(records.is_out, records.contact_id.notnull()),
    )
    return stack(part.select("contact_id") for part in parts).distinct()


def names(sides: Sides, matched: Matched) -> Table:
    """contact_id, sf_id, record_type: by which record a contact is called, in scope or once paired."""
    present = matched.people.filter(matched.people.contact_id.notnull())
    past = first_per(sides.pairs, ["contact_id"], [sides.pairs["rank"], sides.pairs.sf_id])
    columns = ("contact_id", "sf_id", "record_type")
    return stack([present.select(*columns), past.anti_join(present, "contact_id").select(*columns)])


def _writers(records: Table) -> Table:
    """ID-3: precedence, then whoever wrote before, then the most recently modified, then the lowest id."""
    has_written = records.pair_contact == records.contact_id
    return first_per(
        records,
        ["person"],
        [
            records.hold.notnull(),
            records["rank"],
            ~has_written.fill_null(False),
            records.wrote_d.fill_null(-1).desc(),
            records.modified.fill_null(-1).desc(),
            records.sf_id,
        ],
    )
