"""Who is on which address book, what to do about it, and what the base remembers of it (MEM, CON-5, RUN-1).

`_decided` is the table of the rules: present (`is_…`, `has_…`) and base (`was_…`) of one contact on one book, the first
line that fits decides. What the facts mean stands in `bookfacts`.
"""

from __future__ import annotations

import ibis

from sfdd_declare.model.declared import Removals
from sfdd_declare.people.refused import REFUSED
from sfdd_declare.people.tables import Table, Value, no_text, text
from sfdd_declare.people.wanted import PREDICTED, among

OPTED_OUT = "opted out"
UNSUBSCRIBED = "unsubscribed from the book"
LEFT = "left in Dotdigital"
NOT_READ = "book not read completely"
NOT_SHOWN = "list not shown"
DUE = "due after the first run"
UNKNOWN = "not in the state that was taken over"

#: The decision about people of whom `newcomers` says more.
NEWCOMER = "newcomer"

#: The decision about somebody of whom a delta shows that they came or went: it takes a full pass.
UNPROVEN = "unproven"

#: What is kept of a decision.
BOOK = (
    *("address_book", "contact_id", "sf_id", "record_type", "link", "campaign", "member_id", "rests_on", "removed"),
    *("is_wanted", "is_on", "was_wanted", "decision", "rule", "held", "flags_next", "member_next", "moves"),
)

#: Decisions that are settled without a write.
SETTLED = ("on", "bystander", "left", "optout", "forget")


def decided(facts: Table) -> Table:
    """Adds `decision`, `rule`, `held` (why nothing is done), and the base to come: `flags_next`, `member_next`.

    `flags_next` null drops the row. `moves`: whether the base differs from what it is to become.
    """
    f = facts
    ours = f.was_ours | (~f.has_base & f.has_intent)
    may_remove = (f.removals == Removals.MIRROR.value) | ((f.removals == Removals.MANAGED.value) & ours)
    is_newcomer = f.takes_newcomers & ~f.has_base & ~f.has_intent & ~f.has_pair & ~f.is_member
    is_out = f.s_out | f.d_out
    off = ~f.is_on
    stays_left = (f.was_on | (f.was_left & ~f.is_released)) & ~f.restore_left
    leaving = f.was_wanted & f.gone.notnull()
    known_there = f.is_on & f.was_on & ~f.was_wanted & ~may_remove
    known_gone = ~f.is_on & ~f.was_on & ~f.was_wanted
    left_rule = f.was_wanted.ifelse(f.fails_filter.ifelse(text("MEM-11"), text("MEM-4")), text("MEM-6"))
    lines = (
        # when                                              decision     rule     held
        (f.is_wanted & f.is_on, "on", "MEM-3", None),
        (off & (f.is_unsubscribed | f.was_unsubscribed) & is_out, "optout", "CON-5", OPTED_OUT),
        (off & (f.is_unsubscribed | f.was_unsubscribed), "optout", "CON-5", UNSUBSCRIBED),
        (~f.complete, "nothing", "MEM-8", NOT_READ),
        (f.is_wanted & is_out, "nothing", "CON-2", OPTED_OUT),
        (f.is_wanted & f.was_on & f.is_hidden, "nothing", "MEM-8", NOT_SHOWN),
        (f.is_wanted & stays_left, "left", "MEM-2", LEFT),
        (f.is_wanted & f.is_refused, "nothing", "WIRE-1", REFUSED),
        (f.is_wanted & (f.was_on | f.was_left), "add", "MEM-2", None),
        (f.is_wanted & f.taken_over & ~f.has_base, "nothing", "RUN-8", UNKNOWN),
        (f.is_wanted, "add", "MEM-1", None),
        (f.partial & ~known_there & ~known_gone, UNPROVEN, "RUN-3", None),
        (f.is_frozen, "nothing", "MEM-8", None),
        (leaving, "nothing", "MEM-8", f.gone),
        (f.is_on & may_remove & f.first_run, "bystander", "RUN-1", DUE),
        (f.is_on & may_remove & (f.was_wanted | f.was_on | ours), "remove", left_rule, None),
        (f.is_on & may_remove, "remove", "MEM-7", None),
        (f.is_on & is_newcomer, NEWCOMER, "NEW-1", None),
        (f.is_on & f.was_wanted, "bystander", "MEM-4", None),
        (f.is_on & f.was_on, "bystander", "MEM-6", None),
        (f.is_on, "bystander", "MEM-7", None),
        (f.was_left, "left", "MEM-2", None),
        (f.was_wanted, "forget", "MEM-5", None),
        (f.was_on, "bystander", "MEM-5", None),
    )
    f = f.mutate(
        decision=ibis.cases(*((when, _value(decision)) for when, decision, _, _ in lines), else_="nothing"),
        rule=ibis.cases(*((when, _value(rule)) for when, _, rule, _ in lines), else_=no_text()),
        held=ibis.cases(*((when, _value(held)) for when, _, _, held in lines), else_=no_text()),
    )
    return _with_base(f, ours)


def _value(value: Value) -> Value:
    return text(value) if value is None or isinstance(value, str) else value


def _with_base(facts: Table, ours: Value) -> Table:
    """What the base becomes, and whether that is news."""
    f = facts
    is_left = f.decision == "left"
    before = f.was_member.fill_null("")
    # a membership that was only predicted when the person left is known by its id from now on
    member = ibis.cases(
        (f.was_on, f.members),
        (among(before, text(PREDICTED)), _with_ids(before, f.members)),
        else_=f.was_member,
    )
    f = f.mutate(
        flags_next=ibis.cases(
            (f.decision.isin(["left", "optout"]), f.decision),
            (f.decision == "forget", no_text()),
            else_=_flags(f.is_on, f.is_on & ours, ibis.literal(False), ibis.literal(False)),
        ),
        member_next=is_left.ifelse(f.is_wanted.ifelse(member, f.was_member), no_text()),
    )
    was = _flags(f.was_on, f.was_ours, f.was_unsubscribed, f.was_left)
    same_member = ~is_left | (f.member_next.fill_null("") == f.was_member.fill_null(""))
    in_step = f.has_base & (f.was_wanted == f.is_wanted) & (was == f.flags_next).fill_null(False) & same_member
    # whoever is only about to leave the campaigns has left them when that is done, and the next run sees it
    is_leaving = ~f.is_wanted & f.removed.notnull()
    return f.mutate(moves=f.decision.isin(SETTLED) & ~in_step & ~is_leaving)


def _with_ids(before: Value, now: Value) -> Value:
    """All ids of both; whoever was only about to become a member counts if that is still so."""
    known = before.split(";").filter(lambda member: member != PREDICTED)
    return known.concat(now.split(";")).unique().sort().join(";")


def _flags(on: Value, ours: Value, optout: Value, left: Value) -> Value:
    """`on,ours`, `optout`, `left`, or nothing."""
    words = zip((on, ours, optout, left), (",on", ",ours", ",optout", ",left"), strict=True)
    parts = [is_set.ifelse(text(word), text("")) for is_set, word in words]
    return parts[0].concat(*parts[1:]).substr(1)
