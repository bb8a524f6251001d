"""`--target` and `--exclude`: the rows of some links only. Whoever opted out is never left out (CON)."""

from __future__ import annotations

from collections.abc import Sequence

from sfdd_declare.people.account import Decided
from sfdd_declare.people.question import ADOPT, CREATE_LEADS, Question
from sfdd_declare.people.tables import Table, Tables, mark, stack


def focused(tables: Tables, question: Question, decided: Sequence[Decided], rows: Table) -> Table:
    """Rows about people whom a link in focus wants, about its address book or its campaign; opt-outs always."""
    if question.focus is None or not decided:
        return rows
    links = [link for link in question.links if link.address in question.focus]
    people = tables.keep(stack(_wanted(question, one) for one in decided).distinct())
    rows = mark(tables.keep(rows), people, {"sf_id": "sf_id"}, "is_wanted")
    on_book = rows.address_book.isin([link.address_book for link in links] or [""])
    joins = rows.campaign.isin([link.campaign for link in links] or [""])
    in_focus = (
        rows.operation.startswith("suppress:")
        | rows.operation.startswith(CREATE_LEADS)  # newcomers of other links are not among them
        | rows.operation.startswith(ADOPT)
        | rows.operation.startswith("opt_out_records:")
        | ((rows.aspect == "list") & on_book)
        | ((rows.aspect == "member") & joins)
        | (~rows.aspect.isin(["list", "member"]) & rows.is_wanted)
    )
    return rows.filter(in_focus.fill_null(False)).drop("is_wanted")


def _wanted(question: Question, one: Decided) -> Table:
    """Writers of the people whom a link in focus wants, and the records that made them wanted."""
    focus = question.focus or ()
    numbers = [number for number, link in enumerate(question.links) if link.address in focus]
    rows = one.wants.rows
    wanted = rows.filter(rows.passes, rows.link.isin(numbers or [-1]))
    writers = one.matched.people.semi_join(wanted.filter(wanted.person.notnull()), "person")
    return stack([wanted.select("sf_id"), writers.select("sf_id")])
