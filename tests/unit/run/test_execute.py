"""The loop of an apply: what is sent and in which order, what is skipped, and how a signal ends it."""

from __future__ import annotations

from pathlib import Path

import pytest

from sfdd_declare.model import limits
from sfdd_declare.model.errors import Interrupted, Terminal, Transient
from sfdd_declare.model.operation import Action, Stage, Task
from sfdd_declare.model.outcome import Status
from sfdd_declare.model.plan import After
from sfdd_declare.model.ports import Batch, ItemResult, PersonResult, Settlement
from tests.unit.run.builders import Apply, a_row, breaking, people, results, statuses, thing

REFUSED = Terminal("SFDD-E2101", "No such field.", hint="sfdd doctor")


def a_failure(operation: str) -> dict[str, ItemResult]:
    return {operation: ItemResult(thing(operation).id, ok=False, code="DUPLICATE", message="is there", hint="import")}


def test_what_needs_a_failed_operation_is_skipped_and_never_sent_and_the_rest_goes_on(tmp_path: Path) -> None:
    operations = (
        thing("campaign.a"),
        thing("campaign.b", needs=("campaign.a",)),
        thing("campaign.c"),
        thing("campaign.d", needs=("campaign.c", "campaign.b")),
    )
    apply = Apply(tmp_path, *operations)
    apply.vendors.answers = a_failure("campaign.a")
    outcome = apply.end()
    assert statuses(outcome) == {
        "campaign.a": "failed",
        "campaign.b": "skipped",
        "campaign.c": "done",
        "campaign.d": "skipped",
    }
    assert apply.sent == ["campaign.a", "campaign.c"]
    assert results(outcome)["campaign.b"].message == "needs campaign.a"
    assert results(outcome)["campaign.d"].message == "needs campaign.b"


@pytest.mark.parametrize("error", [REFUSED, Transient("SFDD-E2001", "No answer.", hint="sfdd apply")])
def test_what_a_writer_raises_is_the_result_of_its_operation_alone(tmp_path: Path, error: Terminal) -> None:
    apply = Apply(tmp_path, thing("campaign.a"), thing("campaign.b", needs=("campaign.a",)), thing("campaign.c"))
    apply.vendors.meanwhile = breaking(error)
    outcome = apply.end()
    assert statuses(outcome) == {"campaign.a": "failed", "campaign.b": "skipped", "campaign.c": "done"}
    failed = results(outcome)["campaign.a"]
    assert (failed.message, failed.hint, failed.failed, failed.done) == (str(error), error.hint, 1, 0)


def test_what_is_blocked_is_not_sent_and_says_how_to_allow_it(tmp_path: Path) -> None:
    blocked = thing("campaign.a", blocked_by="protect")
    apply = Apply(tmp_path, blocked, thing("campaign.b", needs=("campaign.a",)), thing("campaign.c"))
    outcome = apply.end()
    assert statuses(outcome) == {"campaign.a": "blocked", "campaign.b": "skipped", "campaign.c": "done"}
    assert apply.sent == ["campaign.c"]
    said = results(outcome)["campaign.a"]
    assert (said.message, said.hint, said.skipped) == ("blocked by protect", "--allow protect", 1)


def test_a_need_that_went_through_in_part_is_met(tmp_path: Path) -> None:
    members = people("members:spring", Task.ADD_MEMBERS, of=2)
    then = people("import:main", Task.IMPORT_CONTACTS, needs=(members.id,))
    rows = tuple(a_row(members.id, person, "member", campaign="spring") for person in ("003a", "003b"))
    apply = Apply(tmp_path, members, then, changes=(*rows, a_row(then.id, "003c")))
    apply.vendors.answers = {"003a": PersonResult("003a", ok=False, code="X")}
    assert statuses(apply.end()) == {"members:spring": "partial", "import:main": "done"}


def test_a_need_that_nobody_has_met_is_not_met(tmp_path: Path) -> None:
    apply = Apply(tmp_path, thing("campaign.a", needs=("campaign.nowhere",)))
    assert (statuses(apply.end()), apply.sent) == ({"campaign.a": "skipped"}, [])


# --- rows of the registry -----------------------------------------------------------------------------------------


def a_registry_row(number: int, *, sobject: str = "Link", action: Action = Action.CREATE, **changes: object) -> object:
    address = f"link.a.b{number}"
    return thing(address, Task.REGISTRY_ROW, action, payload=(("sobject", sobject),), **changes)  # type: ignore[arg-type]


def sizes(tmp_path: Path, *operations: object) -> list[int]:
    apply = Apply(tmp_path, *operations)  # type: ignore[arg-type]
    apply.end()
    return [len(batch.operations) for batch in apply.vendors.batches]


def test_rows_of_the_registry_travel_together_as_many_as_one_call_takes(tmp_path: Path) -> None:
    rows = [a_registry_row(number) for number in range(limits.COLLECTION_ROWS + 1)]
    assert sizes(tmp_path, *rows) == [limits.COLLECTION_ROWS, 1]


@pytest.mark.parametrize(
    "other",
    [
        a_registry_row(2, sobject="Account"),
        a_registry_row(2, action=Action.DELETE),
        a_registry_row(2, stage=Stage.REMOVALS),
        thing("campaign.x"),
    ],
    ids=["another object", "a deletion", "another stage", "another task"],
)
def test_only_rows_of_the_registry_of_one_kind_travel_together(tmp_path: Path, other: object) -> None:
    assert sizes(tmp_path, a_registry_row(0), a_registry_row(1), other) == [2, 1]


def test_other_operations_go_one_by_one(tmp_path: Path) -> None:
    assert sizes(tmp_path, thing("campaign.a"), thing("campaign.b")) == [1, 1]


def test_a_blocked_row_of_the_registry_stays_behind_and_its_neighbours_go(tmp_path: Path) -> None:
    blocked = a_registry_row(1, blocked_by="protect")
    assert sizes(tmp_path, a_registry_row(0), blocked, a_registry_row(2)) == [2]


def test_a_call_that_fails_is_the_result_of_every_row_in_it(tmp_path: Path) -> None:
    apply = Apply(tmp_path, a_registry_row(0), a_registry_row(1))  # type: ignore[arg-type]
    apply.vendors.meanwhile = breaking(REFUSED)
    assert set(statuses(apply.end()).values()) == {"failed"}


# --- memberships that were not made -------------------------------------------------------------------------------


def joins(operation: str, person: str, *, on: str, contact: int | None = 1) -> dict[str, object]:
    """A list add that rests on memberships of these records alone."""
    return a_row(operation, person, "list", old=on, contact_id=contact)


@pytest.mark.parametrize("why", ["blocked", "refused as a whole", "needs what failed"])
def test_nobody_joins_a_book_on_memberships_that_were_not_made(tmp_path: Path, why: str) -> None:
    campaign = thing("campaign.spring")
    members = people(
        "members:spring",
        Task.ADD_MEMBERS,
        blocked_by="max_new_records" if why == "blocked" else None,
        needs=(campaign.id,),
    )
    then = people("import:main", Task.IMPORT_CONTACTS, of=3)
    rows = (
        a_row("members:spring", "003a", "member", campaign="spring"),
        joins("import:main", "003a", on="003a", contact=None),
        a_row("import:main", "003a", contact_id=None),
        joins("import:main", "003b", on="003a"),
        a_row("import:main", "003b"),
        joins("import:main", "003c", on=""),
    )
    apply = Apply(tmp_path, campaign, members, then, changes=rows)
    if why == "needs what failed":
        apply.vendors.answers = a_failure("campaign.spring")
    elif why == "refused as a whole":
        apply.vendors.meanwhile = breaking(REFUSED, at=2)
    apply.end()
    [batch] = [batch for batch in apply.vendors.batches if batch.operations[0].id == "import:main"]
    assert [(row.person, row.books) for row in batch.rows] == [("003b", ()), ("003c", ("news",))]


# --- what is recorded, and when -----------------------------------------------------------------------------------


def a_move(operation: str, person: str) -> dict[str, object]:
    return a_row(operation, person, field="Title", decision="known", reason="VAL-1")


def test_early_moves_and_relisted_books_are_recorded_before_the_first_operation_and_moves_after_the_last(
    tmp_path: Path,
) -> None:
    moves = (a_move("moves", "late"), a_move("moves:early", "early"))
    apply = Apply(tmp_path, thing("campaign.a"), moves=moves, after=After(relisted=("news",)))
    apply.end()
    said = []
    for name, *what in apply.log:
        if name == "send":
            said.append("send")
        elif name == "record" and what[0].relisted:
            said.append("relisted")
        elif name == "record" and what[0].pairs is not None:
            said += what[0].pairs["sf_id"].to_pylist()
    assert said == ["relisted", "early", "send", "late"]


def test_calls_are_remembered_before_during_and_after_an_apply(tmp_path: Path) -> None:
    apply = Apply(tmp_path, thing("campaign.a"), thing("campaign.b"))
    outcome = apply.end()
    counts = [dict(one.marks)["calls"] for one in apply.journal.recorded if dict(one.marks).get("calls")]
    assert counts == ["100", "101", "102", "102"]
    assert (outcome.used.salesforce, outcome.used.dotdigital) == (2, 0)


def test_a_watch_sees_stages_operations_and_the_end(tmp_path: Path) -> None:
    suppress = people("suppress:main", Task.SUPPRESS, of=2)
    rows = (a_row("suppress:main", "003a", "consent"), a_row("suppress:main", "003b", "consent"))
    apply = Apply(tmp_path, suppress, thing("campaign.a"), changes=rows)
    apply.end()
    assert [(event.phase, event.name, event.done, event.total) for event in apply.events] == [
        ("stage", "consent", 0, None),
        ("operation", "suppress:main", 0, 2),
        ("operation", "suppress:main", 2, 2),
        ("operation", "suppress:main", 2, 2),
        ("stage", "setup", 0, None),
        ("operation", "campaign.a", 0, 1),
        ("operation", "campaign.a", 1, 1),
        ("done", "apply", 0, None),
    ]


# --- signals ------------------------------------------------------------------------------------------------------


def test_a_signal_ends_the_run_before_the_next_operation_and_nothing_is_ticked_off(tmp_path: Path) -> None:
    after = After(marks=(("first:main:contact", "1"), ("people_since", "now")))
    moves = (a_move("moves", "late"),)
    apply = Apply(tmp_path, thing("campaign.a"), thing("campaign.b"), after=after, moves=moves)

    def arrives(batch: Batch) -> None:
        apply.signals.number = 15

    apply.vendors.meanwhile = arrives
    outcome = apply.end()
    assert (apply.sent, outcome.interrupted) == (["campaign.a"], 15)
    assert statuses(outcome) == {"campaign.a": "done", "campaign.b": "skipped"}
    assert results(outcome)["campaign.b"].message == "not reached"
    assert apply.marks == {}
    assert not any(settlement.pairs for settlement in apply.journal.recorded)
    assert dict(apply.journal.recorded[-1].marks) == {"calls": "101"}


def test_a_signal_inside_a_call_ends_the_run_and_leaves_its_journal_entry_open(tmp_path: Path) -> None:
    apply = Apply(tmp_path, thing("campaign.a"), thing("campaign.b"))
    apply.vendors.meanwhile = breaking(Interrupted(2))
    outcome = apply.end()
    assert outcome.interrupted == 2
    assert {result.status for result in outcome.results} == {Status.SKIPPED}
    assert apply.journal.settled == []


def test_without_a_signal_the_run_is_not_interrupted(tmp_path: Path) -> None:
    apply = Apply(tmp_path, thing("campaign.a"), after=After(marks=(("people_since", "now"),)))
    assert apply.end().interrupted == 0
    assert apply.marks == {"people_since": "now"}
    assert isinstance(apply.settlement("campaign.a"), Settlement)
