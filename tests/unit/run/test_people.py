"""Operations with rows: journalled before they are sent, settled by what each row answered, ended early in order."""

from __future__ import annotations

from pathlib import Path

import pytest

from sfdd_declare.model import limits
from sfdd_declare.model.errors import Interrupted, Terminal, Transient
from sfdd_declare.model.operation import Operation, Task
from sfdd_declare.model.outcome import Status
from sfdd_declare.model.plan import After
from sfdd_declare.model.ports import Batch, ImportRow, PersonResult, Settlement, SuppressRow
from sfdd_declare.model.state import Intent
from sfdd_declare.people import memories
from sfdd_declare.people.parked import refused_hash
from tests.unit.run.builders import (
    KEY,
    Apply,
    LeftOut,
    Row,
    a_row,
    breaking,
    hashed,
    hashed_email,
    people,
    results,
    statuses,
)
from tests.unit.store.builders import a_book

IMPORT = people("import:main", Task.IMPORT_CONTACTS, of=3)
NEVER = PersonResult("003b", ok=False, code="globallySuppressed", message="Never", permanent=True)
NOT_YET = PersonResult("003b", ok=False, code="InvalidContact", message="too long")


def three(operation: str = "import:main", aspect: str = "value", **changes: object) -> tuple[Row, ...]:
    return tuple(a_row(operation, f"003{name}", aspect, **changes) for name in "abc")


def many(operation: str, number: int, **changes: object) -> tuple[Row, ...]:
    """More than one batch."""
    return tuple(a_row(operation, f"003{at:05d}", "consent", **changes) for at in range(number))


def books(settlement: Settlement) -> list[tuple[str, bool]]:
    assert settlement.memberships is not None
    rows = settlement.memberships.to_pylist()
    return [(row["address_book"], row["on_book"]) for row in rows]


def paired(settlement: Settlement) -> list[str]:
    assert settlement.pairs is not None
    return [str(one) for one in settlement.pairs["sf_id"].to_pylist()]


# --- the journal --------------------------------------------------------------------------------------------------


def test_a_batch_is_journalled_before_it_is_sent_its_job_before_it_is_polled_and_settled_at_once(
    tmp_path: Path,
) -> None:
    apply = Apply(tmp_path, IMPORT, changes=three())
    apply.vendors.job = "job 7"
    outcome = apply.end()
    said = [entry for entry in apply.log if entry[0] != "record"]
    assert said == [
        ("begin", "import:main", 0, "main"),
        ("send", "import:main", "import_contacts"),
        ("sent", "import:main", 0, "job 7"),
        ("settle", "import:main", 0),
    ]
    assert results(outcome)["import:main"].done == 3


def test_batches_are_numbered_and_settled_one_by_one(tmp_path: Path) -> None:
    suppress = people("suppress:main", Task.SUPPRESS, of=limits.SUPPRESS_ROWS + 1)
    apply = Apply(tmp_path, suppress, changes=many("suppress:main", limits.SUPPRESS_ROWS + 1))
    outcome = apply.end()
    steps = [(entry[0], entry[2]) for entry in apply.log if entry[0] in ("begin", "settle")]
    assert steps == [("begin", 0), ("settle", 0), ("begin", 1), ("settle", 1)]
    assert [batch.number for batch in apply.vendors.batches] == [0, 1]
    done = [event.done for event in apply.events if event.phase == "operation"]
    assert done == [0, 1000, 1001, 1001]
    assert results(outcome)["suppress:main"].done == 1001


def test_an_addition_is_remembered_before_it_is_sent_by_book_and_hash(tmp_path: Path) -> None:
    rows = (
        a_row("import:main", "003a", "list"),
        a_row("import:main", "003a", "list", address_book="offers"),
        a_row("import:main", "003b"),
    )
    apply = Apply(tmp_path, IMPORT, changes=rows)
    apply.end()
    assert apply.journal.intents == [
        Intent("main", "news", hashed_email("003a@example.com")),
        Intent("main", "offers", hashed_email("003a@example.com")),
    ]


def test_a_lost_answer_leaves_its_entry_open_and_keeps_what_was_settled(tmp_path: Path) -> None:
    suppress = people("suppress:main", Task.SUPPRESS, of=limits.SUPPRESS_ROWS + 1)
    apply = Apply(tmp_path, suppress, changes=many("suppress:main", limits.SUPPRESS_ROWS + 1))
    error = Transient("SFDD-E2001", "No answer.", hint="sfdd apply")
    apply.vendors.meanwhile = breaking(error, at=2)
    result = results(apply.end())["suppress:main"]
    assert [number for _, number, _ in apply.journal.settled] == [0]
    assert (result.status, result.done, result.skipped) == (Status.PARTIAL, 1000, 1)
    assert (result.message, result.hint) == (str(error), "sfdd apply")


def test_a_definite_refusal_closes_its_entry_and_settles_nobody(tmp_path: Path) -> None:
    apply = Apply(tmp_path, IMPORT, changes=three())
    apply.vendors.meanwhile = breaking(Terminal("SFDD-E2201", "Bad request.", hint="h"))
    result = results(apply.end())["import:main"]
    assert apply.settlement("import:main") == Settlement()
    assert (result.status, result.done, result.skipped, result.hint) == (Status.FAILED, 0, 3, "h")


def test_the_approval_of_creations_is_recorded_before_they_are_sent(tmp_path: Path) -> None:
    marks = (("double_opt_in:main", "yes"), ("double_opt_in:other", "yes"), ("people_since", "now"))
    apply = Apply(tmp_path, IMPORT, changes=three(), after=After(marks=marks))
    apply.vendors.meanwhile = breaking(Interrupted(2))
    apply.end()
    assert apply.marks == {"double_opt_in:main": "yes"}


# --- signals ------------------------------------------------------------------------------------------------------


def test_a_signal_between_two_batches_ends_the_operation_in_part(tmp_path: Path) -> None:
    suppress = people("suppress:main", Task.SUPPRESS, of=limits.SUPPRESS_ROWS + 1)
    apply = Apply(tmp_path, suppress, IMPORT, changes=(*many("suppress:main", limits.SUPPRESS_ROWS + 1), *three()))
    apply.signals.number = 0

    def arrives(batch: Batch) -> None:
        apply.signals.number = 15

    apply.vendors.meanwhile = arrives
    outcome = apply.end()
    assert outcome.interrupted == 15
    suppressed = results(outcome)["suppress:main"]
    assert (suppressed.status, suppressed.done, suppressed.message) == (Status.PARTIAL, 1000, "interrupted")
    assert statuses(outcome)["import:main"] == "skipped"
    assert [number for _, number, _ in apply.journal.settled] == [0]


def test_a_signal_before_anything_was_answered_leaves_those_who_were_sent_of_unknown_end(tmp_path: Path) -> None:
    apply = Apply(tmp_path, IMPORT, changes=three())
    apply.vendors.meanwhile = breaking(Interrupted(2))
    result = results(apply.end())["import:main"]
    assert (result.status, result.message, result.done, result.unknown) == (Status.PARTIAL, "interrupted", 0, 3)
    assert apply.journal.settled == []


# --- rows that are refused ----------------------------------------------------------------------------------------


def test_a_refused_row_moves_no_base_and_its_neighbours_do(tmp_path: Path) -> None:
    apply = Apply(tmp_path, IMPORT, changes=(*three(), *three(aspect="list")))
    apply.vendors.answers = {"003b": NOT_YET}
    outcome = apply.end()
    result, settled = results(outcome)["import:main"], apply.settlement("import:main")
    assert (result.status, result.done, result.failed) == (Status.PARTIAL, 2, 1)
    assert paired(settled) == ["003a", "003c"]
    assert books(settled) == [("news", True)] * 2
    assert settled.solved == (("main", "003a"), ("main", "003c"))
    [problem] = settled.problems
    assert (problem.record, problem.code, problem.message, problem.permanent) == (
        "003b",
        "InvalidContact",
        "too long",
        False,
    )
    assert outcome.problems == (problem,)


def test_where_every_row_is_refused_the_operation_failed(tmp_path: Path) -> None:
    apply = Apply(tmp_path, IMPORT, changes=three()[1:2])
    apply.vendors.answers = {"003b": NOT_YET}
    assert statuses(apply.end()) == {"import:main": "failed"}


def test_RUN_4_what_was_refused_is_remembered_by_its_hash(tmp_path: Path) -> None:
    rows = three()
    apply = Apply(tmp_path, IMPORT, changes=rows)
    apply.vendors.answers = {"003b": NOT_YET}
    apply.end()
    [problem] = apply.settlement("import:main").problems
    assert problem.refused == refused_hash(KEY, [rows[1]])


@pytest.mark.parametrize(
    "op",
    [
        people("suppress:main", Task.SUPPRESS, of=3),
        people("opt_out_records:main", Task.OPT_OUT_RECORDS, of=3),
        people("import_opted_out:main", Task.IMPORT_OPTED_OUT, of=3),
    ],
    ids=lambda op: str(op.id),
)
def test_RUN_4_a_refused_opt_out_is_never_parked(tmp_path: Path, op: Operation) -> None:
    new = op.task is Task.IMPORT_OPTED_OUT
    rows = three(op.id, "consent", field="HasOptedOutOfEmail", new="true", contact_id=None if new else 1)
    apply = Apply(tmp_path, op, changes=rows)
    apply.vendors.answers = {"003b": NOT_YET}
    apply.end()
    [problem] = apply.settlement(op.id).problems
    assert (problem.record, problem.refused) == ("003b", "")


def test_WIRE_1_an_address_that_is_refused_for_good_is_remembered_and_another_refusal_is_not(tmp_path: Path) -> None:
    apply = Apply(tmp_path, IMPORT, changes=three())
    apply.vendors.answers = {"003b": NEVER, "003c": PersonResult("003c", ok=False, code="x")}
    apply.end()
    settled = apply.settlement("import:main")
    assert settled.remembered is not None
    address = hashed(memories.refused_text("003b@example.com"))
    assert settled.remembered.to_pylist() == [{"account": "main", "email_hash": address, "reason": memories.REFUSED}]
    assert [problem.permanent for problem in settled.problems] == [True, False]


def test_where_nothing_is_refused_for_good_nothing_is_remembered(tmp_path: Path) -> None:
    apply = Apply(tmp_path, IMPORT, changes=three())
    apply.end()
    assert apply.settlement("import:main").remembered is None


@pytest.mark.parametrize("task", [Task.SUPPRESS, Task.OPT_OUT_RECORDS])
def test_CON_10_an_opt_out_without_a_pair_is_remembered_once_it_is_confirmed(tmp_path: Path, task: Task) -> None:
    op = people("x:main", task, of=3)
    rows = three("x:main", "consent", sf_id=None, expect_s="1", expect_d="1", field="F", new="true")
    apply = Apply(tmp_path, op, changes=rows)
    apply.vendors.answers = {"003b": NOT_YET}
    apply.end()
    remembered = apply.settlement("x:main").remembered
    assert remembered is not None
    hashes = [hashed("\x1f\x1f" + f"003{name}@example.com") for name in "ac"]
    assert remembered["email_hash"].to_pylist() == hashes


# --- memberships and removals -------------------------------------------------------------------------------------


def test_whose_membership_is_refused_does_not_join_the_book_and_the_neighbours_do(tmp_path: Path) -> None:
    members = people("members:spring", Task.ADD_MEMBERS, of=3)
    joins = tuple(a_row("import:main", f"003{name}", "list", old=f"003{name}", contact_id=None) for name in "abc")
    rows = (*three("members:spring", "member", campaign="spring"), *joins)
    apply = Apply(tmp_path, members, IMPORT, changes=rows)
    apply.vendors.answers = {"003b": PersonResult("003b", ok=False, code="X")}
    apply.end()
    assert apply.sent_to("import:main") == ["003a", "003c"]
    assert books(apply.settlement("import:main")) == [("news", True)] * 2


def test_whoever_has_another_membership_joins_although_one_is_refused(tmp_path: Path) -> None:
    members = people("members:spring", Task.ADD_MEMBERS, of=2)
    rows = (
        *three("members:spring", "member", campaign="spring")[:2],
        a_row("import:main", "003a", "list", old="003a;003b"),
    )
    apply = Apply(tmp_path, members, IMPORT, changes=rows)
    apply.vendors.answers = {"003a": PersonResult("003a", ok=False, code="X")}
    apply.end()
    assert apply.sent_to("import:main") == ["003a"]


def test_who_is_not_removed_from_the_campaign_stays_on_the_book(tmp_path: Path) -> None:
    out = people("remove_members:spring", Task.REMOVE_MEMBERS, of=2)
    off = people("remove:main:news", Task.REMOVE_FROM_LIST, of=3)
    rows = (
        a_row(out.id, "003a", "member", field="00v1", decision="remove"),
        a_row(out.id, "003b", "member", field="00v2", decision="remove"),
        a_row(off.id, "003a", "list", decision="remove", old="00v1", expect_s=None, expect_d="left"),
        a_row(off.id, "003b", "list", decision="remove", old="00v2", expect_s=None, expect_d="left"),
        a_row(off.id, "003c", "list", decision="remove", old="00v1;00v2", expect_s=None, expect_d="left"),
        a_row(off.id, "003d", "list", decision="remove", old=None, expect_s=None, expect_d="left"),
    )
    apply = Apply(tmp_path, out, off, changes=rows)
    apply.vendors.answers = {"003b": NOT_YET}
    apply.end()
    assert apply.sent_to(off.id) == ["003a", "003d"]


def test_ID_4_whoever_keeps_the_old_address_gets_nothing_else_and_the_rest_goes_on(tmp_path: Path) -> None:
    rename = people("rename:main", Task.RENAME, of=1)
    late = people("import:main", Task.IMPORT_CONTACTS, of=2, needs=(rename.id,))
    back = people("update_records:main", Task.UPDATE_RECORDS, of=1)
    rows = (
        a_row("rename:main", "003b", "identity", decision="rename", new="new@example.com"),
        *three()[:2],
        a_row(back.id, "003b", field="Title"),
    )
    apply = Apply(tmp_path, rename, late, back, changes=rows)
    apply.vendors.answers = {"003b": NOT_YET}
    outcome = apply.end()
    assert apply.sent_to("import:main") == ["003a"]
    assert apply.sent_to(back.id) == ["003b"]
    assert statuses(outcome)["rename:main"] == "partial"


# --- the last look ------------------------------------------------------------------------------------------------


def test_whoever_is_left_out_by_the_last_look_is_not_sent_not_settled_and_named(tmp_path: Path) -> None:
    first, second = LeftOut(frozenset({"003a"})), LeftOut(frozenset({"003a", "003b"}), "opted out meanwhile")
    apply = Apply(tmp_path, IMPORT, changes=(*three(), *three(aspect="list")), rechecks=(first, second))
    result = results(apply.end())["import:main"]
    assert apply.sent_to("import:main") == ["003c"]
    assert paired(apply.settlement("import:main")) == ["003c"]
    assert [intent.email_hash for intent in apply.journal.intents] == [hashed_email("003c@example.com")]
    assert second.asked == [("003b", "003c")]
    assert (result.status, result.done, result.failed, result.skipped) == (Status.DONE, 1, 0, 2)
    assert result.message == (
        "1 person edited meanwhile; 1 person opted out meanwhile: left out, `sfdd plan` shows them"
    )


def test_a_batch_that_nobody_is_left_of_is_neither_asked_about_nor_journalled_nor_sent(tmp_path: Path) -> None:
    second = LeftOut(frozenset())
    looks = (LeftOut(frozenset({"003a", "003b", "003c"})), second)
    apply = Apply(tmp_path, IMPORT, changes=three(), rechecks=looks)
    result = results(apply.end())["import:main"]
    assert (second.asked, apply.sent) == ([], [])
    assert not any(entry[0] in ("begin", "settle") for entry in apply.log)
    assert result.message.startswith("3 people edited meanwhile: left out")


def test_whose_rename_is_left_out_gets_nothing_else(tmp_path: Path) -> None:
    rename = people("rename:main", Task.RENAME, of=1)
    row = a_row("rename:main", "003b", "identity", decision="rename", new="new@example.com")
    look = LeftOut(frozenset({"003b"}))
    apply = Apply(tmp_path, rename, IMPORT, changes=(row, *three()), rechecks=(look,))
    apply.end()
    assert apply.sent_to("rename:main") == []
    assert look.asked == [("003b",), ("003a", "003c")]


# --- what our own writes do to the counts of lists ----------------------------------------------------------------


def test_RUN_3_the_count_of_a_book_is_what_was_seen_and_who_joined_less_who_was_taken_off(tmp_path: Path) -> None:
    off = people("remove:main:news", Task.REMOVE_FROM_LIST, of=1)
    gone = a_row(off.id, "003d", "list", decision="remove", expect_s=None, expect_d="left")
    after = After(books=(a_book("news"), a_book("offers")))
    apply = Apply(tmp_path, IMPORT, off, changes=(*three(aspect="list"), gone), after=after)
    apply.vendors.answers = {"003b": NOT_YET}
    apply.end()
    [recorded] = [settlement for settlement in apply.journal.recorded if settlement.books]
    assert {book.address_book: book.count_seen for book in recorded.books} == {"news": 11, "offers": 10}


# --- opted out on arrival -----------------------------------------------------------------------------------------

ARRIVES = people("import_opted_out:main", Task.IMPORT_OPTED_OUT, of=3)
SAVED = PersonResult("003b", ok=True, contact_id=22, code="statusRefused", message="saved without it", refused=True)


def arriving(folder: Path, answer: PersonResult | None, *, signal: int = 0) -> Apply:
    """Three contacts that are made opted out, of which one is saved without that; the suppression is answered so."""
    rows = three(ARRIVES.id, "consent", contact_id=None, decision="create_opted_out", expect_s="1", expect_d="1")
    apply = Apply(folder, ARRIVES, changes=rows)
    apply.vendors.answers = {"003b": SAVED}

    def arrives(batch: Batch) -> None:
        apply.signals.number = signal
        if batch.operations[0].task is Task.SUPPRESS:
            apply.vendors.answers = {"003b": answer} if answer else {}
            if stopped := apply.signals():
                raise Interrupted(stopped)

    apply.vendors.meanwhile = arrives
    return apply


@pytest.mark.parametrize("signal", [0, 15], ids=["no signal", "a signal stands"])
def test_CON_3_a_contact_whose_status_was_refused_is_suppressed_at_once_by_one_call(
    tmp_path: Path, signal: int
) -> None:
    apply = arriving(tmp_path, None, signal=signal)
    outcome = apply.end()
    assert [batch.operations[0].task for batch in apply.vendors.batches] == [Task.IMPORT_OPTED_OUT, Task.SUPPRESS]
    assert apply.vendors.batches[1].rows == (SuppressRow("003b", 22, "003b@example.com"),)
    settled = apply.settlement(ARRIVES.id)
    assert (settled.problems, [person for _, person in settled.solved]) == ((), ["003a", "003b", "003c"])
    assert outcome.interrupted == signal
    assert results(outcome)[ARRIVES.id].done == 3
    assert not apply.signals.owes


def test_CON_3_a_contact_that_is_neither_made_opted_out_nor_suppressed_has_a_problem(tmp_path: Path) -> None:
    apply = arriving(tmp_path, PersonResult("003b", ok=False, code="NO", message="not suppressed"))
    outcome = apply.end()
    settled = apply.settlement(ARRIVES.id)
    [problem] = settled.problems
    assert (problem.record, problem.code, problem.message) == ("003b", "NO", "not suppressed")
    assert paired(settled) == ["003a", "003c"]
    assert results(outcome)[ARRIVES.id].failed == 1


def test_whoever_was_not_made_at_all_is_not_suppressed(tmp_path: Path) -> None:
    apply = arriving(tmp_path, None)
    apply.vendors.answers = {"003b": PersonResult("003b", ok=False, code="X", refused=True)}
    apply.end()
    assert [batch.operations[0].task for batch in apply.vendors.batches] == [Task.IMPORT_OPTED_OUT]


def test_whoever_is_opted_out_joins_no_book(tmp_path: Path) -> None:
    rows = (a_row(ARRIVES.id, "003a", "consent", contact_id=None), a_row(ARRIVES.id, "003a", "list", contact_id=None))
    apply = Apply(tmp_path, ARRIVES, changes=rows)
    apply.end()
    [row] = apply.vendors.batches[0].rows
    assert isinstance(row, ImportRow)
    assert (row.opted_out, row.books) == (True, ())


def test_where_the_lists_were_refused_the_contact_is_saved_and_the_membership_is_not(tmp_path: Path) -> None:
    apply = Apply(tmp_path, IMPORT, changes=(*three(), *three(aspect="list")))
    apply.vendors.answers = {"003b": SAVED}
    result = results(apply.end())["import:main"]
    settled = apply.settlement("import:main")
    assert (result.done, result.failed) == (3, 0)
    assert paired(settled) == ["003a", "003b", "003c"]
    assert books(settled) == [("news", True)] * 2
    assert [problem.record for problem in settled.problems] == ["003b"]
    assert [person for _, person in settled.solved] == ["003a", "003c"]
