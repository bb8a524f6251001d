"""Rows about address books: who is added (existing contacts), who is taken off, and what the base remembers."""

from __future__ import annotations

from collections.abc import Iterator

from sfdd_declare.people.match import Matched
from sfdd_declare.people.membership import SETTLED
from sfdd_declare.people.question import EARLY_MOVES_ID, MOVES_ID, import_id, remove_id
from sfdd_declare.people.rows import change
from sfdd_declare.people.sides import Sides
from sfdd_declare.people.tables import Table, bring, no_text, text


def list_rows(sides: Sides, books: Table, contacts: Table) -> Iterator[Table]:
    """`contacts`: contact_id, email as it is after the renames."""
    account = sides.rules.key
    addresses = {"contact_id": "contact_id"}
    adds = bring(books.filter(books.decision == "add"), contacts, addresses, email="email")
    yield change(
        adds,
        operation=import_id(account),
        account=account,
        email=adds.email,
        address_book=adds.address_book,
        campaign=adds.campaign,
        aspect="list",
        field=adds.member_id,
        old=adds.rests_on,
        decision="add",
        reason=adds.rule,
        expect_s="wanted",
        expect_d="on,ours",
    )
    removals = bring(books.filter(books.decision == "remove"), contacts, addresses, email="email")
    yield change(
        removals,
        operation=text(remove_id(account, "")) + removals.address_book,
        account=account,
        email=removals.email,
        address_book=removals.address_book,
        aspect="list",
        old=removals.removed,
        decision="remove",
        reason=removals.rule,
    )


def left_moves(sides: Sides, books: Table, matched: Matched) -> Table:
    """ID-4: a contact that its record left is wanted no more, whatever becomes of its removal: the base would not know
    afterwards whose it was. Recorded before the removal, which then forgets the row.
    """
    over = matched.records.filter(matched.records.hold.isnull(), matched.records.former.notnull())
    left = books.filter(books.decision == "remove", books.was_wanted)
    left = left.semi_join(over.select(contact_id="former").distinct(), "contact_id").filter(lambda t: t.sf_id.isnull())
    return change(
        left,
        operation=EARLY_MOVES_ID,
        account=sides.rules.key,
        address_book=left.address_book,
        aspect="list",
        decision="bystander",
        reason="ID-4",
        expect_d=left.flags_next,
    )


def list_moves(sides: Sides, books: Table) -> Table:
    """What was seen and needs no write (BASE-6)."""
    seen = books.filter(books.moves, books.decision.isin(SETTLED))
    return change(
        seen,
        operation=MOVES_ID,
        account=sides.rules.key,
        address_book=seen.address_book,
        campaign=seen.campaign,
        aspect="list",
        field=seen.member_next,
        decision=seen.decision,
        reason=seen.rule,
        expect_s=seen.is_wanted.ifelse(text("wanted"), no_text()),
        expect_d=seen.flags_next,
    )
