"""What the consent closure does to people (CON-2, CON-7 to CON-10): suppressions, base moves, and what is listed."""

from __future__ import annotations

from collections.abc import Iterator

from sfdd_declare.model.rules import SUPPRESSIBLE
from sfdd_declare.people import held
from sfdd_declare.people.closure import Closure
from sfdd_declare.people.match import Matched, names, out_contacts
from sfdd_declare.people.question import MOVES_ID, suppress_id
from sfdd_declare.people.rows import change
from sfdd_declare.people.sides import Sides
from sfdd_declare.people.tables import Table, Tables, bring, mark, stack, text

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


def known(sides: Sides, active: Table) -> Table:
    """CON-10: both sides say the same, and the base does not know it yet."""
    same = active.filter(active.s_out == active.channel_out)
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


def listed(people: Table, suppressed: Table) -> Iterator[tuple[str, Table]]:
    """Reasons and the people they hold for."""
    there = people.filter(people.has_contact)
    was_s, was_d = there.out_s.fill_null(False), there.out_d.fill_null(False)
    only_d = ~there.s_out & there.channel_out
    yield held.RECONSENTED, there.filter(only_d & was_s)
    yield held.UNSUBSCRIBED_THERE, there.filter(only_d & ~was_s & there.may_tick)
    back = there.filter(there.s_out & ~there.channel_out & was_d & there.former.isnull())
    yield held.RESUBSCRIBED, back.semi_join(suppressed, "contact_id")
