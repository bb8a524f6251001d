"""The facts about every contact on every linked book: what is so now, and what the base says was so (BASE-2)."""

from __future__ import annotations

import ibis
import pyarrow as pa

from sfdd_declare.people import columns
from sfdd_declare.people.columns import flag
from sfdd_declare.people.departed import NOT_VISIBLE, departed
from sfdd_declare.people.hashing import keyed
from sfdd_declare.people.match import Matched, names
from sfdd_declare.people.question import Question
from sfdd_declare.people.sides import Sides
from sfdd_declare.people.tables import Table, Tables, bring, mark, stack, text
from sfdd_declare.people.unsubscribed import left_predecessors, told_contacts, with_remembered
from sfdd_declare.people.wanted import PREDICTED, Wanted, among, support

#: List statuses of a contact that unsubscribed from that list, and the one that says it is back on it.
LIST_OPT_OUT = ("suppressed", "unsubscribed")
ON_LIST = "subscribed"
#: Channel statuses whose memberships a list certainly shows (RUN-7, `listid_returns_suppressed`): who has another one
#: and is not shown may still be on it, so they have not left.
SHOWN = ("subscribed", "softbounced", "nosubscription")

_BOOK = pa.schema(
    {
        "address_book": columns.text,
        "removals": columns.text,
        "restore_left": flag,
        "first_run": flag,
        "complete": flag,
        "partial": flag,
        "takes_newcomers": flag,
        "taken_over": flag,
    }
)
_LINKED = pa.schema({"campaign": columns.text, "address_book": columns.text})
_KEY = ("address_book", "contact_id")
_ON_KEY = {name: name for name in _KEY}


def book_facts(tables: Tables, question: Question, sides: Sides, matched: Matched, wants: Wanted) -> Table:
    """One row per (address book, contact) that is wanted, on the book, unsubscribed from it, or in the base.

    `gone` says why the record of a person who left cannot be trusted to be gone; `is_released` that a campaign member
    wants them who did not when they left. `members`, `rests_on` and `removed` are those of `Wanted`.
    """
    wanted = bring(
        wants.people, matched.people, {"person": "person"}, contact_id="contact_id", has_contact="has_contact"
    )
    wanted = wanted.filter(wanted.has_contact)
    listed, told = _listed(tables, sides), told_contacts(tables, sides)
    before = tables.read(columns.memberships(sides.rules.key), columns.MEMBERSHIPS).mutate(has_base=ibis.literal(True))
    books = tables.small(_BOOK, _books(question, sides.rules.key))
    keys = stack(part.select(*_KEY) for part in (wanted, listed, told, before)).distinct()
    facts = keys.inner_join(books, "address_book")
    want = ("link", "campaign", "member_id", "members", "rests_on")
    facts = bring(facts, wanted, _ON_KEY, **{name: name for name in want})
    facts = bring(facts, listed, _ON_KEY, is_listed="is_on", is_back="is_back", list_opt_out="is_unsubscribed")
    leaving = bring(wants.leaving, matched.people, {"person": "person"}, contact_id="contact_id")
    facts = bring(facts, leaving.filter(leaving.contact_id.notnull()), _ON_KEY, removed="removed")
    facts = mark(facts, told, _ON_KEY, "is_told")
    facts = bring(
        facts,
        before,
        _ON_KEY,
        has_base="has_base",
        was_wanted="wanted",
        was_on="on_book",
        was_ours="added_by_us",
        was_unsubscribed="list_optout",
        was_left="left",
        was_member="member",
    )
    facts = _with_person(tables, facts, sides, matched)
    facts = with_remembered(tables, question, sides, facts, "is_remembered")
    if (past := left_predecessors(tables, question, sides)) is not None:
        facts = mark(facts, past, _ON_KEY, "is_past")
        facts = facts.mutate(is_remembered=facts.is_remembered | facts.is_past).drop("is_past")
    facts = _with_intent(tables, question, facts, sides)
    facts = _with_wants(facts, matched, wants)
    facts = _with_members(tables, question, sides, facts, matched)
    flags = ("has_base", "was_wanted", "was_on", "was_ours", "was_unsubscribed", "was_left")
    facts = facts.mutate(**{n: facts[n].fill_null(False) for n in (*flags, "is_listed", "is_back", "list_opt_out")})
    # A look-up by id does not show lists: in a delta such a contact is where it was.
    unseen = facts.partial & facts.looked_up.fill_null(False)
    facts = facts.mutate(is_listed=facts.is_listed | (unseen & facts.was_on))
    return facts.mutate(
        is_wanted=facts.link.notnull(),
        is_on=facts.was_unsubscribed.ifelse(facts.is_back, facts.is_listed),
        is_unsubscribed=facts.list_opt_out | facts.is_told | facts.is_remembered,
    )


def left_behind(facts: Table, behind: Table) -> Table:
    """address_book, person: books that somebody left, or opted out of, with the contact they had before (`behind`).

    Whoever goes by another contact from now on is not put on them again (CON-5, MEM-2).
    """
    gone = facts.filter(facts.is_unsubscribed | facts.was_unsubscribed | facts.was_left | (facts.was_on & ~facts.is_on))
    rows = behind.inner_join(gone.select("address_book", former="contact_id"), "former")
    return rows.select("address_book", "person").distinct()


def with_left_behind(facts: Table, left: Table, matched: Matched) -> Table:
    """The facts, once what was left with another contact counts as left with this one."""
    rows = bring(left, matched.people, {"person": "person"}, contact_id="contact_id")
    facts = mark(facts, rows.filter(rows.contact_id.notnull()), _ON_KEY, "is_left_behind")
    return facts.mutate(is_unsubscribed=facts.is_unsubscribed | facts.is_left_behind).drop("is_left_behind")


def _listed(tables: Tables, sides: Sides) -> Table:
    """A list status says nothing about the list while the whole contact is opted out.

    `is_back`: the list says in so many words that they are on it, which alone ends an opt-out from it (CON-5).
    """
    listed = tables.read(columns.listed(sides.rules.key), columns.LISTED)
    listed = bring(listed, sides.contacts, {"contact_id": "contact_id"}, channel_out="is_out")
    opt_out = listed.status.isin(LIST_OPT_OUT).fill_null(False) & ~listed.channel_out.fill_null(False)
    says_on = (listed.status == ON_LIST).fill_null(False) & ~listed.channel_out.fill_null(False)
    listed = listed.mutate(opt_out=opt_out, says_on=says_on)
    return listed.group_by(list(_KEY)).agg(
        is_on=(~listed.opt_out).any(), is_back=listed.says_on.any(), is_unsubscribed=listed.opt_out.any()
    )


def _books(question: Question, account: str) -> list[tuple[object, ...]]:
    open_to = books_for_newcomers(question)
    return [
        (b.key, b.removals.value, b.restore_left, b.first_run, b.complete, b.partial, b.key in open_to, b.taken_over)
        for b in question.books
        if b.account == account
    ]


def books_for_newcomers(question: Question) -> frozenset[str]:
    """NEW-1: on the first run over a book nobody is new, unless a link says `existing: true`."""
    first = {book.key for book in question.books if book.first_run}
    links = ((link.address_book, link.new_leads) for link in question.links if link.new_leads is not None)
    return frozenset(book for book, new in links if book not in first or new.existing)


def _with_person(tables: Tables, facts: Table, sides: Sides, matched: Matched) -> Table:
    """The person behind the contact: by its records in scope, else by the pairs of the base."""
    gone = tables.keep(_gone(tables, sides))
    facts = bring(
        facts,
        sides.contacts,
        {"contact_id": "contact_id"},
        email_key="email_key",
        channel="channel",
        looked_up="looked_up",
    )
    facts = bring(
        facts,
        matched.people,
        {"contact_id": "contact_id"},
        is_frozen="is_frozen",
        s_out="s_out",
        d_out="d_out",
        is_refused="is_refused",
    )
    facts = bring(facts, names(sides, matched), {"contact_id": "contact_id"}, sf_id="sf_id", record_type="record_type")
    facts = bring(facts, gone, {"contact_id": "contact_id"}, gone="gone", has_pair="has_pair")
    flags = {name: facts[name].fill_null(False) for name in ("is_frozen", "s_out", "d_out", "is_refused")}
    return facts.mutate(
        is_hidden=~facts.channel.isin(SHOWN).fill_null(False),
        gone=facts.has_pair.isnull().ifelse(text(NOT_VISIBLE), facts.gone),
        has_pair=facts.has_pair.fill_null(False),
        **flags,
    ).drop("channel")


def _gone(tables: Tables, sides: Sides) -> Table:
    """Per paired contact: null when every record it was paired with is there, else why one is not."""
    left = departed(tables, sides)
    gone = left.group_by("contact_id").agg(gone=left.gone.min())
    return bring(sides.pairs.select("contact_id").distinct(), gone, {"contact_id": "contact_id"}, gone="gone").mutate(
        has_pair=ibis.literal(True)
    )


def _with_intent(tables: Tables, question: Question, facts: Table, sides: Sides) -> Table:
    """An interrupted run may have put them there."""
    if not tables.has(columns.intents(sides.rules.key)):
        return facts.mutate(has_intent=ibis.literal(False))
    intents = tables.read(columns.intents(sides.rules.key), columns.INTENTS)
    facts = facts.mutate(email_hash=keyed(question.key, facts.email_key))
    keys = {"address_book": "address_book", "email_hash": "email_hash"}
    return mark(facts, intents, keys, "has_intent").drop("email_hash")


def _with_wants(facts: Table, matched: Matched, wants: Wanted) -> Table:
    """What wants them that did not when they left, and whether one is a member whom every filter turns down.

    Who was only about to become a member when they left gets an id later: until it is known, no id is a new one.
    """
    rows = bring(wants.rows, matched.people, {"person": "person"}, contact_id="contact_id")
    wanting = rows.filter(rows.passes, rows.skip.isnull()).select(*_KEY, "sf_id", "member_id")
    left = facts.filter(facts.was_left).select(*_KEY, was_member=facts.was_member.fill_null(""))
    left = left.filter(~among(left.was_member, text(PREDICTED))).inner_join(wanting, _KEY)
    fresh = support(left.filter(~among(left.was_member, left.member_id)), _KEY)
    facts = bring(facts, fresh, _ON_KEY, new_members="members", rests_on_new="rests_on")
    is_released = facts.new_members.notnull()
    facts = facts.mutate(is_released=is_released, rests_on=is_released.ifelse(facts.rests_on_new, facts.rests_on))
    return mark(facts, rows.filter(~rows.passes), _ON_KEY, "fails_filter").drop("new_members", "rests_on_new")


def _with_members(tables: Tables, question: Question, sides: Sides, facts: Table, matched: Matched) -> Table:
    """NEW-1: `is_member` of a campaign that is linked to the book, whatever the links' filters and the record type."""
    links = sorted({(link.campaign, link.address_book) for link in question.links})
    members = tables.read(columns.MEMBERS_DATASET, columns.MEMBERS).select("campaign", "sf_id")
    selected = tables.read(columns.SELECTED_DATASET, columns.SELECTED).select("campaign", "sf_id")
    rows = stack([members, selected]).inner_join(tables.small(_LINKED, links), "campaign")
    found = tables.read(columns.FOUND_DATASET, columns.FOUND).select("sf_id", "email_key")
    found = found.inner_join(sides.contacts.select("email_key", "contact_id"), "email_key")
    known = matched.records.filter(matched.records.contact_id.notnull())
    people = stack(part.select("sf_id", "contact_id") for part in (found, known)).distinct()
    joined = rows.select("address_book", "sf_id").inner_join(people, "sf_id").select(*_KEY)
    return mark(facts, joined, _ON_KEY, "is_member")
