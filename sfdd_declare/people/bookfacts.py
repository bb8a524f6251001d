"""The facts about every contact on every linked book: what is so now, and what the base says was so (BASE-2)."""

from __future__ import annotations

import ibis
import pyarrow as pa

from sfdd_declare.people import columns
from sfdd_declare.people.columns import flag
from sfdd_declare.people.hashing import keyed
from sfdd_declare.people.match import Matched, names
from sfdd_declare.people.question import Question
from sfdd_declare.people.sides import Sides
from sfdd_declare.people.tables import Table, Tables, bring, first_per, mark, no_text, stack, text
from sfdd_declare.people.wanted import NOT_VISIBLE, Wanted

#: List statuses of a contact that unsubscribed from that list.
LIST_OPT_OUT = ("suppressed", "unsubscribed")
#: Channel statuses whose memberships a list certainly shows (RUN-7, `listid_returns_suppressed`): who has another one
#: and is not shown may still be on it, so they have not left.
SHOWN = ("subscribed", "softbounced", "nosubscription")

#: Fates of a record that left the scope, and why nothing is taken away from its person then (ID-5, ID-6).
FATES = {"merged": "merged", "deleted": "deleted"}

_BOOK = pa.schema(
    {
        "address_book": columns.text,
        "removals": columns.text,
        "restore_left": flag,
        "first_run": flag,
        "complete": flag,
        "new_leads": flag,
    }
)
_KEY = ("address_book", "contact_id")
_ON_KEY = {name: name for name in _KEY}


def book_facts(tables: Tables, question: Question, sides: Sides, matched: Matched, wants: Wanted) -> Table:
    """One row per (address book, contact) that is wanted, on the book, unsubscribed from it, or in the base.

    `gone` says why the record of a person who left cannot be trusted to be gone; `is_released` that another campaign
    member wants them than the one who wanted them when they left.
    """
    wanted = bring(
        wants.people, matched.people, {"person": "person"}, contact_id="contact_id", has_contact="has_contact"
    )
    wanted = wanted.filter(wanted.has_contact)
    listed, told = _listed(tables, sides), unsubscribed_contacts(tables, sides)
    before = tables.read(columns.memberships(sides.rules.key), columns.MEMBERSHIPS).mutate(has_base=ibis.literal(True))
    books = tables.small(_BOOK, _books(question, sides.rules.key))
    keys = stack(part.select(*_KEY) for part in (wanted, listed, told, before)).distinct()
    facts = keys.inner_join(books, "address_book")
    facts = bring(
        facts, wanted, _ON_KEY, link="link", campaign="campaign", member_id="member_id", has_want="has_contact"
    )
    facts = bring(facts, listed, _ON_KEY, is_on="is_on", list_opt_out="is_unsubscribed")
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
    facts = _with_intent(tables, question, facts, sides)
    facts = _with_wants(facts, matched, wants)
    flags = ("has_base", "was_wanted", "was_on", "was_ours", "was_unsubscribed", "was_left", "is_on", "list_opt_out")
    facts = facts.mutate(**{name: facts[name].fill_null(False) for name in flags})
    return facts.mutate(
        is_wanted=facts.link.notnull(),
        is_unsubscribed=facts.list_opt_out | facts.is_told,
        is_released=(facts.was_member.fill_null("") != "") & ~facts.is_same_member,
    )


def unsubscribed_contacts(tables: Tables, sides: Sides) -> Table:
    """Who unsubscribed from one book alone, as the account told in this run (CON-5)."""
    told = tables.read(columns.list_optouts(sides.rules.key), columns.LIST_OPTOUTS)
    by_address = told.select("address_book", "email_key").inner_join(sides.contacts, "email_key").select(*_KEY)
    return stack([told.filter(told.contact_id.notnull()).select(*_KEY), by_address]).distinct()


def unsubscribed_addresses(tables: Tables, sides: Sides) -> Table:
    """The same by address, for people who have no contact."""
    told = tables.read(columns.list_optouts(sides.rules.key), columns.LIST_OPTOUTS)
    return told.filter(told.email_key.notnull()).select("address_book", "email_key").distinct()


def _listed(tables: Tables, sides: Sides) -> Table:
    """A list status says nothing about the list while the whole contact is opted out."""
    listed = tables.read(columns.listed(sides.rules.key), columns.LISTED)
    listed = bring(listed, sides.contacts, {"contact_id": "contact_id"}, channel_out="is_out")
    opt_out = listed.status.isin(LIST_OPT_OUT).fill_null(False) & ~listed.channel_out.fill_null(False)
    listed = listed.mutate(opt_out=opt_out)
    return listed.group_by(list(_KEY)).agg(is_on=(~listed.opt_out).any(), is_unsubscribed=listed.opt_out.any())


def _books(question: Question, account: str) -> list[tuple[object, ...]]:
    newcomers = {link.address_book for link in question.links if link.new_leads}
    return [
        (b.key, b.removals.value, b.restore_left, b.first_run, b.complete, b.key in newcomers)
        for b in question.books
        if b.account == account
    ]


def _with_person(tables: Tables, facts: Table, sides: Sides, matched: Matched) -> Table:
    """The person behind the contact: by its records in scope, else by the pairs of the base."""
    gone = tables.keep(_gone(tables, sides))
    facts = bring(facts, sides.contacts, {"contact_id": "contact_id"}, email_key="email_key", channel="channel")
    facts = bring(
        facts,
        matched.people,
        {"contact_id": "contact_id"},
        is_frozen="is_frozen",
        s_out="s_out",
        d_out="d_out",
    )
    facts = bring(facts, names(sides, matched), {"contact_id": "contact_id"}, sf_id="sf_id", record_type="record_type")
    facts = bring(facts, gone, {"contact_id": "contact_id"}, gone="gone", has_pair="has_pair")
    flags = {name: facts[name].fill_null(False) for name in ("is_frozen", "s_out", "d_out")}
    return facts.mutate(
        has_record=facts.sf_id.notnull(),
        is_hidden=~facts.channel.isin(SHOWN).fill_null(False),
        gone=facts.has_pair.isnull().ifelse(text(NOT_VISIBLE), facts.gone),
        **flags,
    ).drop("has_pair", "channel")


def _gone(tables: Tables, sides: Sides) -> Table:
    """Per paired contact: null when every record it was paired with is there, else why one is not."""
    fates = tables.read(columns.FATES_DATASET, columns.FATES)
    fates = first_per(fates, ["sf_id"], [fates.fate])
    pairs = mark(sides.pairs, sides.records, {"sf_id": "sf_id"}, "in_scope")
    pairs = bring(pairs, fates, {"sf_id": "sf_id"}, fate="fate")
    why = ibis.cases(
        (pairs.in_scope | (pairs.fate == "there").fill_null(False), no_text()),
        *((pairs.fate == fate, text(name)) for fate, name in FATES.items()),
        else_=text(NOT_VISIBLE),
    )
    return pairs.mutate(why=why).group_by("contact_id").agg(gone=ibis._.why.min(), has_pair=ibis.literal(True))


def _with_intent(tables: Tables, question: Question, facts: Table, sides: Sides) -> Table:
    """An interrupted run may have put them there."""
    if not tables.has(columns.intents(sides.rules.key)):
        return facts.mutate(has_intent=ibis.literal(False))
    intents = tables.read(columns.intents(sides.rules.key), columns.INTENTS)
    facts = facts.mutate(email_hash=keyed(question.hash_key.get_secret_value(), facts.email_key))
    keys = {"address_book": "address_book", "email_hash": "email_hash"}
    return mark(facts, intents, keys, "has_intent").drop("email_hash")


def _with_wants(facts: Table, matched: Matched, wants: Wanted) -> Table:
    """Whether the member of the base still wants them, and whether one is a member whom every filter turns down."""
    rows = bring(wants.rows, matched.people, {"person": "person"}, contact_id="contact_id")
    same = rows.filter(rows.passes, rows.skip.isnull(), rows.member_id != "")
    keys = {**_ON_KEY, "was_member": "member_id"}
    facts = mark(facts, same, keys, "is_same_member")
    return mark(facts, rows.filter(~rows.passes), _ON_KEY, "fails_filter")
