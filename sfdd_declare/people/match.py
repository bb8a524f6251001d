"""Who is who in one account (ID-1 to ID-4): records, contacts and known pairs become people.

`records` has a row per record with the person it belongs to and, if nothing may be written for it, the reason (`hold`).
`people` has a row per person: the record that writes, the contact, and what is known about the two. Addresses of
contacts are those after the renames of this run.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import ibis

from sfdd_declare.people.closure import Closure
from sfdd_declare.people.hashing import keyed
from sfdd_declare.people.identity import (
    BARRED,
    CONVERTED,
    DELETED,
    SWAPPED,
    Identity,
    identity,
    lost_addresses,
    owners,
)
from sfdd_declare.people.question import Question
from sfdd_declare.people.refused import with_refused
from sfdd_declare.people.sides import Sides
from sfdd_declare.people.tables import Table, Tables, bring, first_per, mark, no_text, stack, text

#: What holds up everybody who shares a contact, wanted or not.
CONTACT_HOLDS = (SWAPPED, BARRED)


RECORD = (
    *("sf_id", "record_type", "person", "contact_id", "pair_contact", "former", "hold", "is_out", "carries"),
    *("email_key", "email_s", "email_d", "is_pair"),
)
PERSON = (
    *("person", "contact_id", "sf_id", "record_type", "hold", "email", "email_key"),  # the record that writes
    *("email_s", "email_d", "out_s", "out_d", "is_pair", "former"),  # its base, and the contact it leaves
    *("contact_email", "contact_key", "looked_up"),
    "has_contact",
    "is_frozen",  # a record of the person is held up, so nothing is taken away
    "is_known",  # a pair of ours
    "is_carried",  # ID-4: a record brings the opt-out of the contact it leaves, or meets one
    "s_out",  # opted out in Salesforce
    "channel_out",  # the contact is opted out in this account
    "d_out",  # opted out by Dotdigital at all
    "is_refused",  # the account refused the address for good
)


@dataclass(frozen=True, slots=True)
class Matched:
    """Tables RECORD and PERSON; without a record that may write, a person's `hold` says why.

    `contacts`: contact_id, email, email_key after the `renames` (table RENAME). `carried` (contact_id): contacts that
    are opted out because one that a record left, or went to, is (ID-4).
    """

    records: Table
    people: Table
    contacts: Table
    renames: Table
    carried: Table


def match(tables: Tables, question: Question, sides: Sides, closure: Closure, leaving: Table) -> Matched:
    """`leaving`: sf_id of records that are out of scope once their memberships are removed: they write only where no
    other record does, as in the run after this one.
    """
    key = question.key
    found = identity(tables, question, sides, closure)
    records = tables.keep(_with_person(found, sides, closure, key))
    records = tables.keep(_with_carried(records, sides, closure))
    carried = tables.keep(_carried(records, sides))
    writing = mark(records, leaving, {"sf_id": "sf_id"}, "is_leaving")
    people = _people(writing, carried, found, sides, closure)
    people = tables.keep(with_refused(tables, question, sides, people, "is_refused").select(*PERSON))
    matched = Matched(tables.keep(records.select(*RECORD)), people, found.contacts, found.renames, carried)
    tables.drop(records)
    return matched


def _with_person(found: Identity, sides: Sides, closure: Closure, key: Any) -> Table:
    """Records without a pair, and those that leave theirs, go by their address: the contact that has it after the
    renames, else the pair of a record that has it.
    """
    known = found.records
    table = bring(known, owners(found.contacts), {"email_key": "email_key"}, found_contact="contact_id")
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
        is_pair=~is_new & table.email_s.notnull() & ~table.is_taken,
        email_hash=keyed(key, table.email_key),
    )
    table = bring(table, found.stopped, {"contact_id": "contact_id"}, contact_hold="hold")
    table = mark(table, lost_addresses(sides), {"email_hash": "email_hash"}, "has_lost_address")
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


def _with_carried(records: Table, sides: Sides, closure: Closure) -> Table:
    """Adds `carries` (the contact that the record leaves is opted out) and `meets` (the one it goes to is).

    An opt-out of either holds for both, so where nobody may be suppressed such records stay as they are.
    """
    there = mark(sides.contacts, closure.dotdigital[sides.rules.key], {"email_key": "email_key"}, "address_out")
    there = there.filter(there.is_out | there.address_out).select("contact_id")
    out = stack([there, out_contacts(records, sides, closure)]).distinct()
    table = mark(records, out, {"former": "contact_id"}, "brings")
    table = mark(table, sides.left.semi_join(out, sides.left.former == out.contact_id), {"sf_id": "sf_id"}, "inherits")
    table = mark(table, out, {"contact_id": "contact_id"}, "meets")
    goes_over = table.former.notnull() & table.contact_id.notnull()
    is_stuck = ibis.literal(not sides.rules.consent.opt_out_to_dotdigital) & goes_over & (table.brings | table.meets)
    table = table.mutate(hold=ibis.coalesce(table.hold, is_stuck.ifelse(text(BARRED), no_text())))
    table = mark(table, sides.left, {"sf_id": "sf_id"}, "leaves_one")
    is_free = table.hold.isnull()
    carries = (is_free & table.former.notnull() & table.brings) | (is_free & table.inherits)
    meets = is_free & (table.former.notnull() | table.leaves_one) & table.meets
    return table.mutate(carries=carries, meets=meets)


def _carried(records: Table, sides: Sides) -> Table:
    """Contacts to which an opt-out is carried: of whoever brings one, and what is left by whoever meets one."""
    heirs = records.filter(records.carries, records.contact_id.notnull())
    meeting = records.filter(records.meets)
    left = meeting.filter(meeting.former.notnull()).select(contact_id="former")
    behind = sides.left.semi_join(meeting, "sf_id").select(contact_id="former")
    return stack([heirs.select("contact_id"), left, behind]).distinct()


def _pairs_by_address(known: Table) -> Table:
    """The pair that speaks for an address; what holds it up holds up whoever shares the address."""
    pairs = known.filter(known.pair_contact.notnull(), known.email_key.notnull())
    hold = ibis.cases((pairs.is_gone, text(DELETED)), (pairs.own_hold == CONVERTED, no_text()), else_=pairs.own_hold)
    pairs = pairs.mutate(hold=hold)
    return first_per(pairs, ["email_key"], [pairs.hold.notnull(), pairs.pair_contact, pairs.sf_id])


def _people(records: Table, carried: Table, found: Identity, sides: Sides, closure: Closure) -> Table:
    """One row per person: the writer (ID-3), or, when all its records are held up, the one that stands for it."""
    dotdigital = closure.dotdigital[sides.rules.key]
    ours = mark(records.filter(records.person.notnull()), dotdigital, {"email_key": "email_key"}, "address_out")
    whole = ours.group_by("person").agg(
        is_frozen=ours.hold.notnull().any(),
        is_known=((ours.is_pair | ours.former.notnull()) & ours.hold.isnull()).any(),
        any_carries=ours.carries.any(),
        any_out=ours.is_out.any(),
        any_address_out=ours.address_out.any(),
    )
    people = bring(_writers(ours), whole, {"person": "person"}, **{c: c for c in whole.columns if c != "person"})
    seen = {"channel_out": "is_out", "present_key": "email_key", "looked_up": "looked_up"}
    people = bring(people, sides.contacts, {"contact_id": "contact_id"}, **seen)
    after = {"contact_email": "email", "contact_key": "email_key"}
    people = bring(people, found.contacts, {"contact_id": "contact_id"}, **after)
    people = mark(people, out_contacts(records, sides, closure), {"contact_id": "contact_id"}, "contact_s_out")
    people = mark(people, dotdigital, {"present_key": "email_key"}, "contact_address_out")
    people = mark(people, carried, {"contact_id": "contact_id"}, "contact_carried")
    channel_out = people.channel_out.fill_null(False)
    return people.mutate(
        has_contact=people.channel_out.notnull(),
        channel_out=channel_out,
        s_out=people.any_out | people.contact_s_out,
        is_carried=people.any_carries | people.contact_carried,
        d_out=channel_out | people.any_address_out | people.contact_address_out | people.contact_carried,
    )


def out_contacts(records: Table, sides: Sides, closure: Closure) -> Table:
    """Contacts whose address, or whose record wherever it went, is opted out in Salesforce."""
    parts = (
        sides.contacts.semi_join(closure.emails, "email_key"),
        sides.pairs.semi_join(closure.records, "sf_id"),
        records.filter(records.is_out, records.contact_id.notnull()),
    )
    return stack(part.select("contact_id") for part in parts).distinct()


def behind(sides: Sides, matched: Matched) -> Table:
    """person, former: the contacts that people had before they went over to another one (ID-4, ID-5)."""
    records = matched.records.filter(matched.records.hold.isnull(), matched.records.person.notnull())
    renamed = records.filter(records.former.notnull()).select("person", "former")
    heirs = sides.left.inner_join(records.select("sf_id", "person"), "sf_id").select("person", "former")
    return stack([renamed, heirs]).distinct()


def names(sides: Sides, matched: Matched) -> Table:
    """contact_id, sf_id, record_type: by which record a contact is called, in scope or once paired."""
    present = matched.people.filter(matched.people.contact_id.notnull())
    gone_over = matched.records.filter(matched.records.hold.isnull(), matched.records.former.notnull())
    pairs = sides.pairs.anti_join(gone_over, "sf_id")
    past = first_per(pairs, ["contact_id"], [pairs["rank"], pairs.sf_id])
    columns = ("contact_id", "sf_id", "record_type")
    return stack([present.select(*columns), past.anti_join(present, "contact_id").select(*columns)])


def _writers(records: Table) -> Table:
    """ID-3: whoever stays in scope, then precedence, then whoever wrote before, then the most recently modified, then
    the lowest id.
    """
    has_written = (records.pair_contact == records.contact_id).fill_null(False)
    wrote_d = has_written.ifelse(records.wrote_d, None)
    return first_per(
        records,
        ["person"],
        [
            records.hold.notnull(),
            records.is_leaving,
            records["rank"],
            ~has_written,
            wrote_d.fill_null(-1).desc(),
            records.modified.fill_null(-1).desc(),
            records.sf_id,
        ],
    )
