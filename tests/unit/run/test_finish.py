"""The end of an apply: what is ticked off, and what is not when something of it did not go through."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from sfdd_declare.model.errors import Terminal, Transient
from sfdd_declare.model.operation import Action, Operation, Task
from sfdd_declare.model.plan import After
from sfdd_declare.model.ports import Batch, ItemResult, PersonResult, Settlement
from sfdd_declare.model.state import JournalEntry, Resource
from sfdd_declare.people import columns, held, memories
from sfdd_declare.people.checks import MEANINGS
from sfdd_declare.plan.flows import PREFIX
from tests.unit.run.builders import Apply, LeftOut, a_row, as_table, breaking, hashed, people, thing
from tests.unit.store.builders import a_book

#: What an apply writes only when everybody was dealt with, and what else it ticks off.
WATERMARKS = (
    "basis",
    "full_pass",
    "people_since",
    "contacts_since:main",
    "counted:spring",
    "selected:spring",
    "held",
    "filled:main",
    "suppressed_since:main",
    "suppressed_since:other",
    "opted_out_since:contact",
)
OTHERS = (
    ("first:main:contact", "now"),
    ("first:other:contact", "now"),
    (f"{PREFIX}main:contact", "now"),
    (f"{PREFIX}other:contact", "now"),
    ("seen:main", "now"),
)
AFTER = After(
    marks=tuple((name, "now") for name in WATERMARKS) + OTHERS,
    books=(a_book("news"), replace(a_book("elsewhere"), account="other")),
)
#: People operations of values, each with its task.
OF_VALUES = {
    "import:main": Task.IMPORT_CONTACTS,
    "create:main": Task.IMPORT_CONTACTS,
    "import_opted_out:main": Task.IMPORT_OPTED_OUT,
    "rename:main:2": Task.RENAME,
    "update_records:main": Task.UPDATE_RECORDS,
}


def a_value(operation: str, person: str) -> dict[str, Any]:
    """A row that the task of this operation sends."""
    if operation.startswith("rename"):
        return a_row(operation, person, "identity", decision="rename", new="new@example.com")
    new = None if operation.startswith(("import_opted_out", "create")) else 1
    return a_row(operation, person, field="Title" if operation.startswith("update") else "JOB", contact_id=new)


def an_apply(folder: Path, *operations: Operation, rechecks: Any = (), changes: Any = None, **more: Any) -> Apply:
    """Of three people in each of the operations."""
    rows = tuple(a_value(op.id, f"003{name}") for op in operations for name in "abc")
    return Apply(
        folder,
        *operations,
        changes=rows if changes is None else changes,
        after=AFTER,
        accounts=("main", "other"),
        rechecks=rechecks,
        **more,
    )


def of(name: str, **changes: Any) -> Operation:
    return people(name, OF_VALUES[name], of=3, **changes)


def books(apply: Apply) -> set[str]:
    return {book.address_book for settlement in apply.journal.recorded for book in settlement.books}


# --- what is ticked off -------------------------------------------------------------------------------------------


def test_an_apply_that_went_through_ticks_everything_off(tmp_path: Path) -> None:
    apply = an_apply(tmp_path, of("import:main"))
    apply.end()
    assert apply.marks == dict(AFTER.marks)
    assert books(apply) == {"news", "elsewhere"}


@pytest.mark.parametrize("name", list(OF_VALUES))
@pytest.mark.parametrize("how", ["failed", "blocked", "skipped"])
def test_RUN_1_a_first_run_is_not_over_while_an_operation_of_the_account_did_not_go_through(
    tmp_path: Path, name: str, how: str
) -> None:
    before = thing("data_field.main.TIER", Task.DATA_FIELD)
    op = of(name, blocked_by="max_overwrites" if how == "blocked" else None, needs=(before.id,))
    apply = an_apply(tmp_path, before, op, changes=tuple(a_value(op.id, f"003{one}") for one in "abc"))
    if how == "skipped":
        apply.vendors.answers = {before.id: ItemResult(before.id, ok=False)}
    elif name.startswith("rename"):
        apply.vendors.meanwhile = _fails_with_people
    else:
        apply.vendors.answers = {f"003{one}": PersonResult(f"003{one}", ok=False) for one in "abc"}
    apply.end()
    assert not {"first:main:contact", f"{PREFIX}main:contact"} & set(apply.marks)
    assert {"first:other:contact", f"{PREFIX}other:contact"} <= set(apply.marks)
    assert books(apply) == {"elsewhere"}
    assert not set(WATERMARKS) & set(apply.marks)


def _fails_with_people(batch: Batch) -> None:
    if batch.rows:
        raise Terminal("SFDD-E2201", "No.")


def test_a_first_run_is_over_although_single_rows_were_refused(tmp_path: Path) -> None:
    apply = an_apply(tmp_path, of("import:main"))
    apply.vendors.answers = {"003b": PersonResult("003b", ok=False)}
    apply.end()
    assert apply.marks == dict(AFTER.marks)
    assert "news" in books(apply)


def test_what_did_not_go_through_without_values_leaves_the_first_run_over(tmp_path: Path) -> None:
    remove = people("remove:main:news", Task.REMOVE_FROM_LIST, of=3, blocked_by="max_removals")
    apply = an_apply(tmp_path, remove)
    apply.end()
    assert "first:main:contact" in apply.marks


# --- watermarks: whoever was left out is read again ---------------------------------------------------------------


def left(apply: Apply) -> set[str]:
    """Marks that were not written."""
    return set(dict(AFTER.marks)) - set(apply.marks)


def test_RUN_2_whoever_was_edited_meanwhile_is_read_again(tmp_path: Path) -> None:
    apply = an_apply(tmp_path, of("import:main"), rechecks=(LeftOut(frozenset({"003b"})),))
    apply.end()
    assert left(apply) == set(WATERMARKS) | {f"{PREFIX}main:contact"}
    assert "first:main:contact" in apply.marks


TICKS = people("opt_out_records:main", Task.OPT_OUT_RECORDS, of=3)


def test_RUN_2_whoever_s_tick_could_not_be_sent_is_read_again(tmp_path: Path) -> None:
    rows = tuple(a_row(TICKS.id, f"003{one}", "consent", field="HasOptedOutOfEmail", new="true") for one in "abc")
    apply = an_apply(tmp_path, TICKS, changes=rows)
    apply.vendors.meanwhile = breaking(Transient("SFDD-E2001", "No answer."))
    apply.end()
    assert left(apply) == set(WATERMARKS)


@pytest.mark.parametrize("how", ["skipped", "blocked", "failed"])
def test_RUN_2_watermarks_stay_when_an_operation_with_people_did_not_go_through(tmp_path: Path, how: str) -> None:
    before = thing("campaign.spring")
    members = people(
        "members:spring",
        Task.ADD_MEMBERS,
        of=3,
        needs=(before.id,),
        blocked_by="protect" if how == "blocked" else None,
    )
    rows = tuple(a_row(members.id, f"003{one}", "member", campaign="spring") for one in "abc")
    apply = an_apply(tmp_path, before, members, changes=rows)
    if how == "skipped":
        apply.vendors.answers = {before.id: ItemResult(before.id, ok=False)}
    elif how == "failed":
        apply.vendors.meanwhile = _fails_with_people
    apply.end()
    assert left(apply) == set(WATERMARKS)


def test_what_has_no_people_holds_no_watermark_back(tmp_path: Path) -> None:
    first = thing("campaign.spring")
    apply = an_apply(tmp_path, first)
    apply.vendors.answers = {first.id: ItemResult(first.id, ok=False)}
    apply.end()
    assert left(apply) == set()


def test_BASE_7_what_an_earlier_direction_owes_stays_owed_to_whoever_was_left_out(tmp_path: Path) -> None:
    apply = an_apply(tmp_path, of("update_records:main"), rechecks=(LeftOut(frozenset({"003b"})),))
    apply.end()
    assert f"{PREFIX}main:contact" not in apply.marks
    assert f"{PREFIX}other:contact" in apply.marks


# --- books --------------------------------------------------------------------------------------------------------


def test_a_book_that_was_made_in_this_run_is_remembered_by_its_new_list(tmp_path: Path) -> None:
    op = thing("address_book.new", Task.ADDRESS_BOOK)
    apply = Apply(tmp_path, op, after=After(books=(a_book("new", list_id=0), a_book("never", list_id=0))))
    apply.vendors.answers = {op.id: ItemResult(op.id, ok=True, live_id="77")}
    apply.end()
    [settlement] = [settlement for settlement in apply.journal.recorded if settlement.books]
    assert [(book.address_book, book.list_id) for book in settlement.books] == [("new", 77)]


# --- moves --------------------------------------------------------------------------------------------------------

MOVES = as_table(
    a_row("moves", "goes over", "identity", reason="ID-4", expect_s="s"),
    a_row("moves", "is found", "identity", reason="ID-1", expect_s="s"),
    a_row("moves", "elsewhere", "identity", reason="ID-4", account="other", expect_s="s"),
    a_row("moves", "bystander", "list", reason=None),
).to_pylist()
SUPPRESS = people("suppress:main", Task.SUPPRESS, of=2)


@pytest.mark.parametrize("how", ["all well", "refused", "blocked", "left out"])
def test_nobody_goes_over_to_another_contact_while_an_opt_out_could_not_go_along(tmp_path: Path, how: str) -> None:
    op = replace(SUPPRESS, blocked_by="protect") if how == "blocked" else SUPPRESS
    looks = (LeftOut(frozenset({"003b"})),) if how == "left out" else ()
    rows = tuple(a_row(op.id, f"003{one}", "consent") for one in "ab")
    apply = an_apply(tmp_path, op, changes=rows, moves=tuple(MOVES), rechecks=looks)
    if how == "refused":
        apply.vendors.answers = {"003b": PersonResult("003b", ok=False)}
    apply.end()
    moved = [person for settlement in apply.journal.recorded for person in _paired(settlement)]
    assert moved == (["goes over"] if how == "all well" else []) + ["is found", "elsewhere"]
    assert sum(settlement.memberships.num_rows for settlement in apply.journal.recorded if settlement.memberships) == 1


def _paired(settlement: Settlement) -> list[str]:
    return [] if settlement.pairs is None else list(settlement.pairs["sf_id"].to_pylist())


def test_CON_8_an_opt_out_that_no_pair_speaks_of_is_remembered_from_moves(tmp_path: Path) -> None:
    move = a_row("moves", "contact 5", "consent", sf_id=None, decision="known", expect_s="1", expect_d="1")
    apply = Apply(tmp_path, moves=(move,))
    apply.end()
    assert [one["email_hash"] for one in remembered(apply)] == [hashed("\x1f\x1fcontact 5@example.com")]


def remembered(apply: Apply) -> list[dict[str, str]]:
    tables = [settlement.remembered for settlement in apply.journal.recorded if settlement.remembered]
    return [row for table in tables for row in table.to_pylist()]


def test_CON_8_suppressions_that_were_read_are_remembered_by_hash_each_with_its_account_and_reason(
    tmp_path: Path,
) -> None:
    apply = Apply(tmp_path, accounts=("main", "other"))
    told = {"email_key": "a@x.com", "contact_id": 1, "reason": "unsubscribed", "removed": ""}
    apply.write(columns.suppressed("main"), _table(columns.SUPPRESSED, told, told | {"email_key": None}))
    apply.write(columns.suppressed("other"), _table(columns.SUPPRESSED, told | {"email_key": "b@x.com"}))
    off = {"address_book": "news", **told}
    apply.write(columns.list_optouts("main"), _table(columns.LIST_OPTOUTS, off, off | {"email_key": None}))
    apply.end()
    assert remembered(apply) == [
        {"account": "main", "email_hash": hashed("a@x.com"), "reason": "unsubscribed"},
        {"account": "main", "email_hash": hashed("news\x1fa@x.com"), "reason": memories.LIST},
        {"account": "other", "email_hash": hashed("b@x.com"), "reason": "unsubscribed"},
    ]


def _table(schema: pa.Schema, *rows: dict[str, Any]) -> pa.Table:
    return pa.Table.from_pylist(list(rows), schema=schema)


# --- findings, resources, the journal of earlier runs -------------------------------------------------------------


def test_what_planning_left_out_goes_to_the_ledger_of_its_account(tmp_path: Path) -> None:
    code = next(iter(MEANINGS))
    rows = (
        a_row("problems:main", "003x", "problem", field="JOB", decision=code),
        a_row("problems:main", "003y", "problem", field="email", decision=memories.REFUSED),
        *(a_value("import:main", f"003{one}") for one in "abc"),
    )
    apply = an_apply(tmp_path, of("import:main"), changes=rows)
    apply.plan = replace(apply.plan, after=replace(AFTER, looked_at=("other",)))
    apply.vendors.answers = {"003b": PersonResult("003b", ok=False, code="X")}
    apply.end()
    main, other = (found for settlement in apply.journal.recorded for found in settlement.findings)
    assert [(p.account, p.record, p.field, p.code, p.message, p.permanent) for p in main.problems] == [
        ("main", "003x", "JOB", code, MEANINGS[code], False),
        ("main", "003y", "", memories.REFUSED, held.REFUSED, True),
    ]
    assert (main.account, main.is_whole, main.fresh) == ("main", False, {("003b", "")})
    assert (other.account, other.is_whole, other.fresh, other.problems) == ("other", True, frozenset(), ())


def test_bases_in_step_are_recorded_except_of_what_this_run_moved_itself(tmp_path: Path) -> None:
    fresh = tuple(
        Resource(f"campaign.{key}", "701", applied={"Name": "as planned"}, prevent_destroy=True) for key in "abc"
    )
    op = thing("campaign.a", action=Action.UPDATE, applied=(("Name", "as done"),))
    gone = thing("campaign.b", action=Action.DELETE)
    apply = Apply(tmp_path, op, gone, after=After(resources=fresh), resources=fresh[1:])
    apply.end()
    recorded = [resource for settlement in apply.journal.recorded for resource in settlement.resources]
    found = {resource.address: (resource.applied, resource.prevent_destroy) for resource in recorded}
    assert found == {
        "campaign.a": ({"Name": "as done"}, True),
        "campaign.c": ({"Name": "as planned"}, True),
    }


ENTRY = JournalEntry("run", thing("campaign.x").id, 0, Task.CAMPAIGN, "campaign.x", "", None, (), "at")


def test_batches_of_earlier_runs_are_done_with_at_the_end_and_only_there(tmp_path: Path) -> None:
    apply = Apply(tmp_path, unfinished=(ENTRY,))
    apply.end()
    assert apply.journal.abandoned == [ENTRY]
    stopped = Apply(tmp_path, thing("campaign.a"), unfinished=(ENTRY,))
    stopped.signals.number = 15
    stopped.end()
    assert stopped.journal.abandoned == []
