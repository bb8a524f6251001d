"""One account, from what was read to change rows, moves, and who is left out: the rules in the order they build on."""

from __future__ import annotations

from dataclasses import dataclass

from sfdd_declare.people import consent, leftout
from sfdd_declare.people.bookfacts import book_facts, left_behind, with_left_behind
from sfdd_declare.people.closure import Closure
from sfdd_declare.people.creation import creation, creation_rows
from sfdd_declare.people.identityrows import pair_moves, rename_rows
from sfdd_declare.people.listrows import left_moves, list_moves, list_rows
from sfdd_declare.people.match import Matched, behind, match
from sfdd_declare.people.membership import BOOK, decided
from sfdd_declare.people.newcomers import Newcomers, newcomer_rows, newcomers
from sfdd_declare.people.optouts import Ticks
from sfdd_declare.people.question import Question
from sfdd_declare.people.refused import refused_rows
from sfdd_declare.people.sides import Sides
from sfdd_declare.people.tables import Table, Tables, stack
from sfdd_declare.people.valuerows import address_problems, sent_to, value_moves, value_rows
from sfdd_declare.people.values import Values, values
from sfdd_declare.people.wanted import Joining, Wanted, wanted


@dataclass(frozen=True, slots=True)
class Decided:
    """One account's decisions. `changes` and `moves` have the schema CHANGE.

    `skips` (link, who, reason) and `held` (reason, who) name who is left out; `books` is membership as decided;
    `active` (contact there) and `created` are the people in scope.
    """

    sides: Sides
    matched: Matched
    wants: Wanted
    changes: tuple[Table, ...]
    moves: tuple[Table, ...]
    skips: Table
    held: Table
    books: Table
    active: Table
    created: Table
    values: Values
    newcomers: Newcomers


def decide_account(
    tables: Tables, question: Question, sides: Sides, *, closure: Closure, due: Ticks, joins: Joining
) -> Decided:
    """`closure` is as it will be when the ticks that are due are made."""
    matched = match(tables, question, sides, closure, joins.leaving)
    wants = wanted(tables, question, sides, matched, joins)
    facts = book_facts(tables, question, sides, matched, wants)
    gone_over = tables.keep(behind(sides, matched))
    left = None
    if not tables.is_empty(gone_over):
        facts = tables.keep(facts)
        left = tables.keep(left_behind(facts, gone_over))
        facts = with_left_behind(facts, left, matched)
    books = tables.keep(decided(facts).select(*BOOK))
    made = creation(tables, question, sides, matched, wants, left=left)
    active = tables.keep(_active(matched, wants))
    found = values(tables, question, sides, active, made.people)
    new = newcomers(tables, question, sides, closure, books)
    suppressed = consent.suppressions(tables, sides, matched, closure)
    refused = refused_rows(sides, books, made.wants, found.refused)
    too_long = tables.keep(address_problems(sides, matched, wants))
    skips = tables.keep(leftout.skips(wants, books, made))
    held = (
        leftout.held_skips(skips),
        leftout.held_books(books),
        leftout.held_left_behind(books, gone_over),
        leftout.held_newcomers(new),
        leftout.held_problems(too_long),
        *leftout.held_people(question, sides, matched, active, found),
        *leftout.held_consent(consent.listed(sides, matched, due, suppressed)),
    )
    lists = list_rows(sides, books, matched.contacts)
    return Decided(
        sides=sides,
        matched=matched,
        wants=wants,
        changes=(
            consent.opt_outs(sides, active, due),
            suppressed,
            *rename_rows(tables, question, sides, matched),
            *creation_rows(question, sides, made),
            *lists,
            *value_rows(sides, found, active, made),
            too_long,
            refused,
            *newcomer_rows(tables, question, sides, new),
        ),
        moves=(
            list_moves(sides, books),
            left_moves(sides, books, matched),
            *pair_moves(question, sides, matched, active),
            consent.known(sides, matched, active, due),
            *consent.remembered(tables, question, sides, matched, active, due=due, closure=closure),
            *value_moves(sides, found),
        ),
        skips=skips,
        held=tables.keep(stack(held).distinct()),
        books=books,
        active=active,
        created=made.people,
        values=found,
        newcomers=new,
    )


def _active(matched: Matched, wants: Wanted) -> Table:
    """Whose values travel: people with a contact who are wanted somewhere, or a pair of ours."""
    people = matched.people.filter(matched.people.hold.isnull(), matched.people.has_contact)
    wanted_people = people.semi_join(wants.people, "person")
    known = people.filter(people.is_known).anti_join(wants.people, "person")
    both = stack([wanted_people, known])
    return both.mutate(sent_to=sent_to(both))
