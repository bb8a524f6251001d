"""What the consent closure does to people (CON-2, CON-4, CON-7 to CON-10): suppressions, Email Opt Out, base moves, and
what is listed.
"""

from __future__ import annotations

from collections.abc import Iterator

import ibis

from sfdd_declare.model.mapping import RecordType
from sfdd_declare.model.rules import SUPPRESSIBLE
from sfdd_declare.people import held
from sfdd_declare.people.closure import Closure
from sfdd_declare.people.match import Matched, names, out_contacts
from sfdd_declare.people.optouts import Ticks, memories, with_memory
from sfdd_declare.people.question import MOVES_ID, Question, opt_out_records_id, suppress_id
from sfdd_declare.people.rows import change
from sfdd_declare.people.sides import Sides
from sfdd_declare.people.tables import Table, Tables, bring, mark, no_number, no_text, stack, text

OPTED_OUT_ITEM = "opted_out"


def suppressions(tables: Tables, sides: Sides, matched: Matched, closure: Closure) -> Table:
    """CON-7: every contact read, on a book or not, wanted or not, that is in while Salesforce says out (CON-2); and
    ID-4: one that a record went to or left while the other one is opted out.
    """
    contacts = sides.contacts.filter(sides.contacts.channel.isin(SUPPRESSIBLE).fill_null(False))
    if not sides.rules.consent.opt_out_to_dotdigital:
        contacts = contacts.limit(0)
    out_here = tables.keep(out_contacts(matched.records, sides, closure))
    out = contacts.semi_join(stack([out_here, matched.carried]).distinct(), "contact_id")
    out = mark(out, out_here, {"contact_id": "contact_id"}, "out_here")
    out = bring(out, names(sides, matched), {"contact_id": "contact_id"}, sf_id="sf_id", record_type="record_type")
    return tables.keep(
        change(
            out,
            operation=suppress_id(sides.rules.key),
            account=sides.rules.key,
            email=out.email,
            aspect="consent",
            field=OPTED_OUT_ITEM,
            old=out.channel,
            new="suppressed",
            decision="suppress",
            reason=out.out_here.ifelse(text("CON-7"), text("ID-4")),
            expect_s=out.out_here.ifelse(text("1"), text("0")),
            expect_d="1",
        )
    )


def opt_outs(sides: Sides, active: Table, due: Ticks) -> Table:
    """CON-8: the records to tick. A record that is its contact's pair settles the base; of the others the address is
    remembered. While more than one is due, only Salesforce's side is settled: a refused one is tried again.
    """
    rows = due.rows[sides.rules.key]
    own = stack([sides.all_pairs.select("sf_id", "contact_id"), active.select("sf_id", "contact_id")]).distinct()
    own = own.mutate(is_pair=ibis.literal(True))
    rows = bring(rows, own, {"sf_id": "sf_id", "contact_id": "contact_id"}, is_pair="is_pair")
    rows = rows.mutate(contact_id=rows.is_pair.fill_null(False).ifelse(rows.contact_id, no_number()))
    fields = {kind.value: kind.opt_out_field for kind in RecordType}
    return change(
        rows,
        operation=opt_out_records_id(sides.rules.key),
        account=sides.rules.key,
        email=rows.email,
        aspect="consent",
        field=rows.record_type.cases(*((value, text(name)) for value, name in fields.items())),
        old="false",
        new="true",
        decision="tick",
        reason="CON-8",
        expect_s="1",
        expect_d=rows.is_only.ifelse(text("1"), no_text()),
    )


def known(sides: Sides, matched: Matched, active: Table, due: Ticks) -> Table:
    """CON-10: both sides say the same, and the base does not know it yet; not of people whose ticks are yet to be
    made.
    """
    same = active.filter(active.s_out == active.channel_out).anti_join(_touched(sides, matched, due), "contact_id")
    was_s, was_d = same.out_s.fill_null(False), same.out_d.fill_null(False)
    news = same.filter((was_s != same.s_out) | (was_d != same.channel_out))
    state = news.s_out.ifelse(text("1"), text("0"))
    return change(
        news,
        operation=MOVES_ID,
        account=sides.rules.key,
        aspect="consent",
        field=OPTED_OUT_ITEM,
        decision="known",
        reason="CON-10",
        expect_s=state,
        expect_d=state,
    )


def _touched(sides: Sides, matched: Matched, due: Ticks) -> Table:
    """Contacts of people of whom some record is to be ticked, by whichever account."""
    ticked = stack(table.select("sf_id", "email_key") for table in due.rows.values())
    known = matched.records.filter(matched.records.contact_id.notnull())
    addressed = sides.read.semi_join(ticked, "email_key")
    parts = (
        *(table.semi_join(ticked, "sf_id") for table in (known, sides.all_pairs)),
        known.semi_join(addressed, "sf_id"),
        sides.contacts.semi_join(ticked, "email_key"),
        due.rows[sides.rules.key],
    )
    return stack(part.select("contact_id") for part in parts).distinct()


def remembered(
    tables: Tables, question: Question, sides: Sides, matched: Matched, active: Table, *, due: Ticks, closure: Closure
) -> Iterator[Table]:
    """CON-10 of everybody else: pairs that are not active move like those that are; where there is no pair, an opt-out
    that both sides know is remembered by its address, until neither side knows it.
    """
    account = sides.rules.key
    pairs = sides.pairs.anti_join(active, "sf_id").anti_join(sides.heirs, "sf_id")
    was_s, was_d = pairs.out_s.fill_null(False), pairs.out_d.fill_null(False)
    agreed = due.people[account].filter(lambda person: person.s_out).anti_join(due.rows[account], "contact_id")
    yield _moved(account, pairs.filter(~(was_s & was_d)).semi_join(agreed, "contact_id"), "1")
    unpaired = agreed.filter(~agreed.is_settled).anti_join(sides.pairs, "contact_id").anti_join(active, "contact_id")
    yield _moved(account, unpaired, "1")
    free = sides.contacts.filter(~sides.contacts.is_out).anti_join(
        out_contacts(matched.records, sides, closure), "contact_id"
    )
    yield _moved(account, pairs.filter(was_s | was_d).semi_join(free, "contact_id"), "0")
    known = tables.keep(memories(tables, account))
    if not tables.is_empty(known):
        addressed = with_memory(tables, question, account, free.filter(free.email_key.notnull()))
        yield _moved(account, addressed.filter(addressed.memory != ""), "0")


def _moved(account: str, table: Table, state: str) -> Table:
    """Rows of pairs, or of contacts without one: those carry the address instead of a record."""
    has_pair = "sf_id" in table.columns
    return change(
        table if has_pair else table.mutate(sf_id=no_text(), record_type=no_text()),
        operation=MOVES_ID,
        account=account,
        email=no_text() if has_pair else table.email,
        aspect="consent",
        field=OPTED_OUT_ITEM,
        decision="known",
        reason="CON-10",
        expect_s=state,
        expect_d=state,
    )


def listed(sides: Sides, matched: Matched, due: Ticks, suppressed: Table) -> Iterator[tuple[str, Table]]:
    """Reasons and the people they hold for: sf_id, contact_id."""
    out = due.people[sides.rules.key]
    back_in_salesforce = bring(
        out.filter(out.is_reconsented), names(sides, matched), {"contact_id": "contact_id"}, sf_id="sf_id"
    )
    yield held.RECONSENTED, back_in_salesforce
    there = matched.people.filter(matched.people.has_contact)
    back = there.filter(there.s_out, ~there.channel_out, there.out_d.fill_null(False), there.former.isnull())
    yield held.RESUBSCRIBED, back.semi_join(suppressed, "contact_id")
