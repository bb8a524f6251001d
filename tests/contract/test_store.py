"""What every home of the state promises: the same suite over all of them."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sfdd_declare.model.address import address_book
from sfdd_declare.model.declared import OnDestroy
from sfdd_declare.model.errors import BugError
from sfdd_declare.model.ids import OperationId
from sfdd_declare.model.mapping import (
    Direction,
    MappingSet,
    RecordType,
)
from sfdd_declare.model.operation import Task
from sfdd_declare.model.outcome import Findings, Problem
from sfdd_declare.model.ports import Settlement
from sfdd_declare.model.state import Intent, Resource
from sfdd_declare.people import columns
from sfdd_declare.people.spool import RunDirectory
from sfdd_declare.store.opening import open_state
from sfdd_declare.store.state import State
from tests.unit.store.builders import (
    HOMES,
    NOW,
    Clock,
    a_book,
    a_field,
    a_home,
    a_mapping,
    a_problem,
    a_run,
    an_operation,
    base_of,
    exported,
    h,
    memberships,
    pairs,
)


@pytest.fixture(params=HOMES)
def home(request: pytest.FixtureRequest) -> Iterator[Path | str]:
    with a_home(request.param) as place:
        yield place


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def state(home: Path | str, clock: Clock) -> Iterator[State]:
    with open_state(home, create=True, environ={}, clock=clock) as opened:
        yield opened


# --- identity ---------------------------------------------------------------------------------------------------------


def test_identity_is_made_once_and_kept(home: Path | str) -> None:
    with open_state(home, create=True, environ={}) as first:
        before = first.header()
    with open_state(home, create=True, environ={}) as second:
        after = second.header()
    assert before.fresh
    assert before.serial == 0
    assert (before.lineage, before.hash_key) == (after.lineage, after.hash_key)
    assert len(before.hash_key.get_secret_value()) == 64


def test_serial_moves_with_what_planning_may_read(state: State) -> None:
    with a_run(state) as run:
        run.begin(an_operation(), 1, "main", ())
        run.sent(OperationId("import:main"), 1, "job")
        assert state.header().serial == 0
        run.settle(OperationId("import:main"), 1, Settlement())
        run.record(Settlement(marks=(("m", "1"),)))
    assert state.header().serial == 2
    assert not state.header().fresh


def test_reading_a_home_without_a_state_is_the_empty_state(home: Path | str) -> None:
    mapping = a_mapping("Title>JOB")
    with open_state(home, create=False, environ={}) as state:
        assert state.header().fresh
        assert (state.resources(), state.books(), state.marks(), state.ledger(), state.unfinished()) == (
            (),
            (),
            {},
            (),
            (),
        )
        for dataset in ("base.main.contact", "memberships.main", "intents.main", "remembered.main"):
            assert exported(state, dataset, mapping) == []


# --- set-up -----------------------------------------------------------------------------------------------------------


def test_resources_books_and_marks_come_back_as_written(state: State) -> None:
    resource = Resource(
        address="campaign.spring",
        salesforce_id="701A",
        applied={"Name": "Spring “2026”", "IsActive": True, "Budget": 1.5, "Count": 3, "EndDate": None},
        on_destroy=OnDestroy.DELETE,
        prevent_destroy=True,
        created_by_us=True,
    )
    plain = Resource(address="address_book.news", dotdigital_id="7")
    with a_run(state) as run:
        run.record(Settlement(resources=(resource, plain), books=(a_book(),), marks=(("first:main:contact", "done"),)))
    assert state.resources() == (plain, resource)
    assert state.books() == (a_book(),)
    assert state.marks() == {"first:main:contact": "done"}


def test_writing_again_replaces(state: State) -> None:
    with a_run(state) as run:
        run.record(Settlement(resources=(Resource("campaign.a", salesforce_id="1"),), marks=(("m", "1"),)))
        run.record(Settlement(resources=(Resource("campaign.a", salesforce_id="2"),), marks=(("m", "2"),)))
    assert [resource.salesforce_id for resource in state.resources()] == ["2"]
    assert state.marks() == {"m": "2"}


def test_forgetting_a_book_forgets_its_people(state: State) -> None:
    with a_run(state) as run:
        run.record(Settlement(resources=(Resource("address_book.news", dotdigital_id="7"),), books=(a_book(),)))
        run.record(memberships({"contact_id": 1}, {"contact_id": 1, "address_book": "other"}))
        run.record(Settlement(forgotten=(str(address_book("news")),)))
    assert state.resources() == ()
    assert state.books() == ()
    assert [row["address_book"] for row in exported(state, "memberships.main")] == ["other"]


def test_moved_books_take_their_people_along_even_when_they_swap(state: State) -> None:
    a, b = Resource("address_book.a", dotdigital_id="1"), Resource("address_book.b", dotdigital_id="2")
    with a_run(state) as run:
        run.record(Settlement(resources=(a, b), books=(a_book("a", 1), a_book("b", 2))))
        run.record(memberships({"contact_id": 11, "address_book": "a"}, {"contact_id": 22, "address_book": "b"}))
        swapped = (Resource("address_book.a", dotdigital_id="2"), Resource("address_book.b", dotdigital_id="1"))
        run.record(Settlement(forgotten=("address_book.a", "address_book.b"), resources=swapped))
    rows = exported(state, "memberships.main")
    assert [(row["address_book"], row["contact_id"]) for row in rows] == [("a", 22), ("b", 11)]
    assert [(book.address_book, book.list_id) for book in state.books()] == [("a", 2), ("b", 1)]


def test_a_book_moved_onto_a_forgotten_key_does_not_inherit_its_people(state: State) -> None:
    with a_run(state) as run:
        run.record(Settlement(resources=(Resource("address_book.a", dotdigital_id="1"),), books=(a_book("a", 1),)))
        run.record(memberships({"contact_id": 11, "address_book": "a"}, {"contact_id": 22, "address_book": "b"}))
        moved = (Resource("address_book.b", dotdigital_id="1"),)
        run.record(Settlement(forgotten=("address_book.a",), resources=moved))
    rows = exported(state, "memberships.main")
    assert [(row["address_book"], row["contact_id"]) for row in rows] == [("b", 11)]


# --- base -------------------------------------------------------------------------------------------------------------


def test_a_pair_comes_back_with_all_its_items(state: State, clock: Clock) -> None:
    mapping = a_mapping("Title>JOB", "City>CITY")
    with a_run(state) as run:
        run.record(
            pairs(
                {"contact_id": 5, "item": "email", "expect_s": h("a@x"), "expect_d": h("a@y")},
                {"contact_id": 5, "item": "opted_out", "expect_s": "1", "expect_d": "0"},
                {"contact_id": 5, "item": "Title>JOB", "expect_s": h("CEO"), "expect_d": h(""), "wrote_d": True},
            )
        )
    assert base_of(state, mapping)["003A"] == {
        "sf_id": "003A",
        "contact_id": 5,
        "email_s": h("a@x"),
        "email_d": h("a@y"),
        "out_s": True,
        "out_d": False,
        "wrote_s": None,
        "wrote_d": int(clock.now.timestamp()),
        "bs0": h("CEO"),
        "bd0": h(""),
        "bs1": None,
        "bd1": None,
        "m0": 2,
        "m1": None,
    }


@pytest.mark.parametrize(("seen", "mark"), [(0, 10), (1, 2)], ids=["unread", "read since"])
def test_the_same_value_written_again_before_anybody_read_it_had_been_altered(
    state: State, clock: Clock, seen: int, mark: int
) -> None:
    mapping = a_mapping("Title>JOB", "Name>NAME")
    write = {"contact_id": 5, "item": "Title>JOB", "expect_s": h("1"), "expect_d": h("1"), "wrote_d": True}
    with a_run(state) as run:
        run.record(pairs(write))
        run.record(Settlement(marks=(("seen:main", str(int(clock.now.timestamp()) + seen)),)))
        run.record(pairs(write))
        assert base_of(state, mapping)["003A"]["m0"] == mark
        run.record(pairs({**write, "item": "Name>NAME"}, {**write, "wrote_d": False, "altered": ""}))
    row = base_of(state, mapping)["003A"]
    assert (row["m0"], row["m1"]) == (0, 2)  # the last write covered the name alone, and the title is in step


def test_a_null_expectation_leaves_its_side_alone(state: State) -> None:
    mapping = a_mapping("Title>JOB")
    with a_run(state) as run:
        run.record(pairs({"item": "Title>JOB", "expect_s": h("1"), "expect_d": h("2"), "contact_id": 5}))
        run.record(pairs({"item": "Title>JOB", "expect_s": None, "expect_d": h("3"), "contact_id": None}))
    row = base_of(state, mapping)["003A"]
    assert (row["bs0"], row["bd0"], row["contact_id"]) == (h("1"), h("3"), 5)


def test_the_later_row_of_a_batch_wins(state: State) -> None:
    with a_run(state) as run:
        run.record(pairs(*({"item": "Title>JOB", "expect_s": h(value)} for value in "123")))
    assert base_of(state, a_mapping("Title>JOB"))["003A"]["bs0"] == h("3")


def test_a_contact_without_a_record_has_no_base(state: State) -> None:
    with a_run(state) as run:
        run.record(pairs({"sf_id": None, "contact_id": 5, "item": "opted_out", "expect_d": "1"}))
    assert base_of(state, a_mapping()) == {}


def test_an_added_mapping_has_no_base_and_leaves_the_others_alone(state: State) -> None:
    with a_run(state) as run:
        run.record(pairs({"item": "Title>JOB", "expect_s": h("1")}))
        run.record(pairs({"sf_id": "003B", "item": "City>CITY", "expect_s": h("2")}))
    rows = base_of(state, a_mapping("City>CITY", "Title>JOB"))
    assert (rows["003A"]["bs0"], rows["003A"]["bs1"]) == (None, h("1"))
    assert (rows["003B"]["bs0"], rows["003B"]["bs1"]) == (h("2"), None)


def test_a_removed_mapping_loses_its_hashes_for_good(state: State) -> None:
    both = a_mapping("Title>JOB", "City>CITY")
    with a_run(state, both) as run:
        run.record(
            pairs(*({"item": item, "expect_s": h(item), "contact_id": 5} for item in ("Title>JOB", "City>CITY")))
        )
    with a_run(state, a_mapping("City>CITY"), run="run-2"):
        pass
    with a_run(state, both, run="run-3"):
        pass
    row = base_of(state, both)["003A"]
    assert (row["bs0"], row["bs1"], row["contact_id"]) == (None, h("City>CITY"), 5)


def test_a_repointed_mapping_is_another_one_and_a_flipped_direction_is_not(state: State) -> None:
    with a_run(state, a_mapping("Title>JOB", "City>CITY")) as run:
        run.record(pairs(*({"item": item, "expect_s": h(item)} for item in ("Title>JOB", "City>CITY"))))
    flipped = a_field(0, "Title", "job", Direction.DOTDIGITAL_TO_SALESFORCE)
    after = MappingSet("main", RecordType.CONTACT, (flipped, a_field(1, "City", "TOWN")))
    with a_run(state, after, run="run-2"):
        pass
    row = base_of(state, after)["003A"]
    assert (row["bs0"], row["bs1"]) == (h("Title>JOB"), None)


def test_accounts_and_record_types_keep_their_own_layouts(state: State) -> None:
    leads = a_mapping("Title>JOB", record_type=RecordType.LEAD)
    contacts = a_mapping("City>CITY", "Title>JOB")
    with a_run(state) as run:
        run.record(pairs({"item": "City>CITY", "expect_s": h("c")}, {"item": "Title>JOB", "expect_s": h("t")}))
        run.record(pairs({"record_type": "lead", "sf_id": "00QA", "item": "Title>JOB", "expect_s": h("l")}))
        run.record(pairs({"account": "second", "item": "Title>JOB", "expect_s": h("s")}))
    with a_run(state, leads, a_mapping("Title>JOB"), run="run-2"):
        pass
    assert base_of(state, leads)["00QA"]["bs0"] == h("l")
    row = base_of(state, contacts)["003A"]
    assert (row["bs0"], row["bs1"]) == (None, h("t"))
    with tempfile.TemporaryDirectory() as folder:
        spool = RunDirectory(Path(folder))
        second = MappingSet("second", RecordType.CONTACT, a_mapping("Title>JOB").fields)
        state.export("second", (second,), spool)
        assert pq.read_table(spool.parts("base.second.contact")[0]).column("bs0").to_pylist() == [h("s")]


def test_exports_are_whole_and_sorted_beyond_one_batch(state: State) -> None:
    count = 50_001
    ids = [f"003{i:015d}" for i in range(count)]
    rows: dict[str, list[Any]] = {
        "account": ["main"] * count,
        "record_type": ["contact"] * count,
        "sf_id": ids[::-1],
        "contact_id": list(range(count))[::-1],
        "item": ["Title>JOB"] * count,
        "expect_s": [h(str(i % 7)) for i in range(count)][::-1],
        "expect_d": [None] * count,
        "wrote_d": [False] * count,
        "wrote_s": [False] * count,
        "altered": [None] * count,
    }
    with a_run(state) as run:
        run.record(Settlement(pairs=pa.table(rows, schema=columns.PAIRS)))
    found = exported(state, "base.main.contact", a_mapping("Title>JOB"))
    assert [row["sf_id"] for row in found] == ids
    assert [row["bs0"] for row in found] == rows["expect_s"][::-1]
    assert {row["bd0"] for row in found} == {None}


# --- memberships and suppressions -------------------------------------------------------------------------------------


def test_memberships_are_replaced_or_forgotten(state: State) -> None:
    with a_run(state) as run:
        run.record(
            memberships(
                {"contact_id": 2, "wanted": True, "on_book": True, "added_by_us": True, "member": "00vA"},
                {"contact_id": 1, "left": True},
                {"contact_id": 3},
            )
        )
        run.record(memberships({"contact_id": 2, "list_optout": True}, {"contact_id": 3, "forget": True}))
    rows = exported(state, "memberships.main")
    true = [(row["contact_id"], [name for name, value in row.items() if value is True]) for row in rows]
    assert true == [(1, ["left"]), (2, ["list_optout"])]
    assert [row["member"] for row in rows] == [None, None]


def test_known_suppressions_are_remembered(state: State) -> None:
    names = ("account", "email_hash", "reason")
    with a_run(state) as run:
        for reason in ("unsubscribed", "hardbounced"):
            run.record(Settlement(remembered=pa.table([["main"] * 2, [h("b"), h("a")], [reason] * 2], names=names)))
    found = {row["email_hash"]: row["reason"] for row in exported(state, "remembered.main")}
    assert found == {h("a"): "hardbounced", h("b"): "hardbounced"}


# --- journal ----------------------------------------------------------------------------------------------------------


def test_an_unsettled_batch_is_found_again_with_its_job_and_intents(home: Path | str, clock: Clock) -> None:
    intents = (Intent("main", "news", h("a")), Intent("main", "news", h("b")))
    with open_state(home, create=True, environ={}, clock=clock) as state, a_run(state) as run:
        run.begin(an_operation("import:main"), 1, "main", intents)
        clock.pass_by(1)
        run.begin(an_operation("import:main"), 2, "main", ())
        run.sent(OperationId("import:main"), 2, "job-2")
    with open_state(home, create=False, environ={}) as again:
        first, second = again.unfinished()
        assert (first.run, first.operation, first.batch, first.job) == ("run-1", "import:main", 1, None)
        assert (first.task, first.address, first.account) == (Task.IMPORT_CONTACTS, "campaign.spring", "main")
        assert sorted(intent.email_hash for intent in first.intents) == sorted((h("a"), h("b")))
        assert (second.batch, second.job, second.intents) == (2, "job-2", ())
        rows = exported(again, "intents.main")
        assert [row["email_hash"] for row in rows] == sorted((h("a"), h("b")))


def test_settling_and_abandoning_end_a_batch_and_its_intents(state: State) -> None:
    with a_run(state) as run:
        for batch in (1, 2):
            run.begin(an_operation(), batch, "main", (Intent("main", "news", h(str(batch))),))
        run.settle(OperationId("import:main"), 1, Settlement())
        (entry,) = state.unfinished()
    with a_run(state, run="run-2") as later:
        later.abandon(entry)
        later.abandon(entry)
    assert state.unfinished() == ()
    assert exported(state, "intents.main") == []


def test_a_settlement_that_fails_leaves_nothing(state: State) -> None:
    good = pairs({"item": "Title>JOB", "expect_s": h("1")})
    bad = pairs({"item": "Title>JOB", "expect_s": h("2")}, {"sf_id": "003B", "item": "Title>JOB", "expect_s": "beef"})
    failing = Settlement(
        resources=(Resource("campaign.new"),), pairs=bad.pairs, problems=(a_problem(),), marks=(("m", "2"),)
    )
    with a_run(state) as run:
        run.record(good)
        run.begin(an_operation(), 1, "main", ())
        before = state.header().serial
        with pytest.raises(BugError):
            run.settle(OperationId("import:main"), 1, failing)
    assert state.header().serial == before
    assert (state.resources(), state.ledger(), state.marks()) == ((), (), {})
    assert [entry.batch for entry in state.unfinished()] == [1]
    assert {row["sf_id"]: row["bs0"] for row in base_of(state, a_mapping("Title>JOB")).values()} == {"003A": h("1")}


def test_settling_what_was_never_begun_is_a_mistake(state: State) -> None:
    with a_run(state) as run:
        with pytest.raises(BugError):
            run.settle(OperationId("import:main"), 1, Settlement(marks=(("m", "1"),)))
        with pytest.raises(BugError):
            run.sent(OperationId("import:main"), 1, "job")
    assert state.marks() == {}


def test_runs_are_listed_newest_first_and_killed_ones_as_interrupted(state: State, clock: Clock) -> None:
    with a_run(state, run="one"):
        clock.pass_by(60)
    with a_run(state, run="two") as run:
        clock.pass_by(60)
        run.end("done")
    newest, killed = state.runs()
    assert (newest.run, newest.result, newest.fingerprint) == ("two", "done", "f00d")
    assert (newest.started, newest.finished) == (NOW + timedelta(seconds=60), NOW + timedelta(seconds=120))
    assert (killed.run, killed.result, killed.finished) == ("one", "interrupted", None)


# --- ledger -----------------------------------------------------------------------------------------------------------


def test_a_repeated_problem_is_counted_and_parked_after_ten_attempts(state: State, clock: Clock) -> None:
    with a_run(state) as run:
        for attempt in range(1, 11):
            run.record(Settlement(problems=(a_problem(code=f"CODE_{attempt}"),)))
            (entry,) = state.ledger()
            assert (entry.attempts, entry.parked) == (attempt, attempt == 10)
            clock.pass_by(60)
    assert entry.code == "CODE_10"
    assert (entry.first_seen, entry.last_seen) == ("2026-03-01T12:00:00+00:00", "2026-03-01T12:09:00+00:00")


def test_a_permanent_problem_is_parked_at_once(state: State) -> None:
    with a_run(state) as run:
        run.record(Settlement(problems=(a_problem(permanent=True),)))
    assert [entry.parked for entry in state.ledger()] == [True]


def test_solving_removes_the_record_but_not_what_happened_again(state: State) -> None:
    with a_run(state) as run:
        run.record(Settlement(problems=(a_problem(field="A"), a_problem(field="B"), a_problem("003B", "A"))))
        solved = (("main", "003A"), ("main", "003B"))
        run.record(Settlement(problems=(a_problem(field="B"),), solved=solved))
    assert [(entry.record, entry.field, entry.attempts) for entry in state.ledger()] == [("003A", "B", 2)]


def test_VAL_23_what_planning_found_counts_up_survives_other_rows_of_the_record_and_leaves_when_it_fits(
    state: State,
) -> None:
    def found(*problems: Problem, is_whole: bool = True) -> Settlement:
        return Settlement(findings=(Findings("main", OperationId("problems:main"), problems, is_whole),))

    long, refused = OperationId("problems:main"), a_problem("003B", "", code="refused", permanent=True)
    too_long = a_problem("003A", "NOTES", operation=long, code="text_too_long")
    with a_run(state) as run:
        run.record(Settlement(problems=(a_problem("003B", "", code="globallySuppressed", permanent=True),)))
        for _ in range(2):
            run.record(Settlement(solved=(("main", "003A"),)))
            run.record(found(too_long, refused))
        entries = {(entry.record, entry.field): (entry.code, entry.attempts) for entry in state.ledger()}
        assert entries == {("003A", "NOTES"): ("text_too_long", 2), ("003B", ""): ("globallySuppressed", 1)}
        run.record(found(is_whole=False))
        assert len(state.ledger()) == 2
        run.record(Settlement(problems=(a_problem("003C", "JOB"),)))
        run.record(found())
    assert [entry.record for entry in state.ledger()] == ["003C"]


def test_addresses_in_vendor_messages_are_taken_out(state: State) -> None:
    message = "Invalid <ann.lee@example.com>, and see https://x.example/?e=bob%40example.com for Zoë@exämple.de"
    with a_run(state) as run:
        run.record(Settlement(problems=(a_problem(record="ann.lee@example.com", message=message),)))
        run.record(Settlement(problems=(a_problem(message="x" * 3000),)))
    first, second = sorted(state.ledger(), key=lambda entry: entry.record, reverse=True)
    assert first.message == "Invalid <‹address›>, and see https://x.example/?e=‹address› for ‹address›"
    assert first.record == "‹address›"
    assert len(second.message) == 500
