"""A state in an object store: two writers, lost answers, lost objects, and stores that do not do what they are told."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import pytest

from sfdd_declare.model.errors import Locked, StateError
from sfdd_declare.model.ports import Settlement
from sfdd_declare.store.bucket import Replica
from sfdd_declare.store.homes import database_at
from sfdd_declare.store.objects import Objects
from sfdd_declare.store.opening import open_state
from tests import servers
from tests.servers import Trouble
from tests.unit.store.builders import OBJECT_STORES, a_holder, a_home, a_run


@pytest.fixture(params=OBJECT_STORES)
def home(request: pytest.FixtureRequest) -> Iterator[str]:
    with a_home(request.param) as place:
        assert isinstance(place, str)
        yield place


@contextmanager
def a_troubled_home(trouble: Trouble) -> Iterator[str]:
    with a_home("s3") as place, pytest.MonkeyPatch.context() as patch:
        for name, value in servers.s3_with(trouble).items():
            patch.setenv(name, value)
        assert isinstance(place, str)
        yield place


def used(home: str, run: str = "one") -> None:
    with open_state(home, create=True, environ={}) as state, a_run(state, run=run) as opened:
        opened.record(Settlement(marks=((run, "1"),)))
        opened.end("done")


def marks(home: str) -> list[str]:
    with open_state(home, create=False, environ={}) as state:
        return sorted(state.marks())


def objects(home: str) -> list[str]:
    return sorted(Objects(home, {}).names(""))


def fork(home: str) -> list[str]:
    """Two copies of one state, both written to: whose transaction went through."""
    used(home)
    through = []
    first, second = (database_at(home, create=False, environ={}) for _ in range(2))
    for name, database in (("first", first), ("second", second)):
        try:
            with database.writing() as connection:
                connection.exec_driver_sql("INSERT INTO watermarks (name, value) VALUES (?, '1')", (name,))
        except Locked:
            continue
        finally:
            database.close()
        through.append(name)
    return through


def test_of_two_copies_that_are_written_to_one_finds_out(home: str) -> None:
    assert fork(home) == ["first"]
    assert marks(home) == ["first", "one"]


def test_that_would_be_seen_over_a_store_that_ignores_conditions() -> None:
    trouble = Trouble()
    with a_troubled_home(trouble) as home:
        used(home)
        trouble.ignores_conditions = True
        first, second = (database_at(home, create=False, environ={}) for _ in range(2))
        for name, database in (("first", first), ("second", second)):
            with database.writing() as connection:
                connection.exec_driver_sql("INSERT INTO watermarks (name, value) VALUES (?, '1')", (name,))
            database.close()
        assert marks(home) == ["one", "second"]  # the first one's was overwritten


def test_a_store_that_ignores_conditions_is_refused_before_anything_is_written() -> None:
    trouble = Trouble()
    trouble.ignores_conditions = True
    with a_troubled_home(trouble) as home, pytest.raises(StateError) as caught:
        used(home)
    assert caught.value.id == "SFDD-E3030"


def test_writers_side_by_side_end_as_one_after_the_other(home: str) -> None:
    used(home)

    def write(number: int) -> None:
        with open_state(home, create=True, environ={}) as state, state.lock(a_holder(), timeout=300) as lease:
            opened = state.begin_run(lease, run=f"run {number}", fingerprint="f00d", sets={})
            opened.record(Settlement(marks=((f"run {number}", "1"),)))

    threads = [Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert marks(home) == ["one", "run 0", "run 1", "run 2", "run 3"]


def test_two_that_begin_a_state_at_once_have_one(home: str) -> None:
    lineages: list[str] = []

    def begin() -> None:
        with open_state(home, create=True, environ={}) as state:
            lineages.append(state.header().lineage)

    threads = [Thread(target=begin) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with open_state(home, create=False, environ={}) as state:
        assert lineages == [state.header().lineage] * 6


def test_a_copy_that_is_behind_when_the_lease_is_taken_catches_up(home: str) -> None:
    used(home)
    with open_state(home, create=True, environ={}) as state:
        used(home, "two")
        with a_run(state, run="three") as opened:
            opened.record(Settlement(marks=(("three", "1"),)))
    assert marks(home) == ["one", "three", "two"]


def test_an_answer_that_is_lost_is_no_other_writer() -> None:
    trouble = Trouble()
    with a_troubled_home(trouble) as home:
        used(home)
        before = len(trouble.requests)
        used(home, "again")
        writes = sum(request.startswith("PUT") for request in trouble.requests[before:])
        assert writes > 5
        for nth in range(1, writes + 1):
            trouble.at("lose", nth, "^PUT")
            used(home, f"lost {nth}")
        assert len(marks(home)) == writes + 2


def test_what_a_lost_run_wrote_is_there_and_is_a_copy_of_its_own(home: str) -> None:
    used(home)
    state = open_state(home, create=True, environ={})
    lease = state.lock(a_holder(pid=2**22 + 7))
    opened = state.begin_run(lease, run="lost", fingerprint="f00d", sets={})
    opened.record(Settlement(marks=(("lost", "1"),)))
    state._database.close()  # the machine is gone; nobody tidied up
    assert marks(home) == ["lost", "one"]
    used(home, "next")
    assert marks(home) == ["lost", "next", "one"]


def test_objects_do_not_pile_up(home: str) -> None:
    for number in range(8):
        used(home, f"run {number}")
    found = objects(home)
    assert len(found) == 2 + 1 + 3  # head and lease; the current file; those before the last runs
    assert sum(name.endswith("/base") for name in found) == 4


def test_a_run_with_many_transactions_is_made_one_file_now_and_then(home: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sfdd_declare.store.bucket._MOST_PIECES", 3)
    used(home)
    with open_state(home, create=True, environ={}) as state, a_run(state, run="two") as opened:
        for number in range(12):
            opened.record(Settlement(marks=((f"mark {number}", "1"),)))
            assert len(objects(home)) < 10
        assert len(state.copies()) == 1  # what the run began with, once
    assert len(marks(home)) == 13


def test_a_first_writer_that_was_lost_is_no_reason_to_stop(home: str, tmp_path: Path) -> None:
    (tmp_path / "base").write_bytes(b"a file that no head names")
    Objects(home, {}).send("state.db.d/first-0123/base", tmp_path / "base")
    used(home)
    assert len(objects(home)) == 3


def test_a_head_that_is_lost_is_missed(home: str) -> None:
    used(home)
    Objects(home, {}).delete(["state.db"])
    for create in (False, True):
        with pytest.raises(StateError) as caught:
            open_state(home, create=create, environ={})
        assert caught.value.id == "SFDD-E3015"


def test_a_piece_of_the_log_that_is_lost_is_missed(home: str) -> None:
    used(home)
    state = open_state(home, create=True, environ={})
    opened = state.begin_run(state.lock(a_holder(pid=2**22 + 7)), run="lost", fingerprint="f00d", sets={})
    for number in range(3):
        opened.record(Settlement(marks=((f"mark {number}", "1"),)))
    state._database.close()
    first, *_ = [found for found in objects(home) if found.endswith("/00000001")]
    Objects(home, {}).delete([first])
    with pytest.raises(StateError) as caught:
        open_state(home, create=False, environ={})
    assert caught.value.id == "SFDD-E3002"
    assert "00000001 is missing" in caught.value.detail


@pytest.mark.parametrize(("name", "content"), [("base", b"x" * 100), ("head", b"{}"), ("head", b"\xff")])
def test_a_damaged_object_is_said(home: str, tmp_path: Path, name: str, content: bytes) -> None:
    used(home)
    (damaged,) = [found for found in objects(home) if found.endswith("/base")] if name == "base" else ["state.db"]
    (tmp_path / "damaged").write_bytes(content)
    Objects(home, {}).send(damaged, tmp_path / "damaged")
    with pytest.raises(StateError) as caught:
        open_state(home, create=False, environ={})
    assert caught.value.id == "SFDD-E3002"


def test_a_reader_meets_a_writer_and_sees_one_moment(home: str) -> None:
    used(home)
    found: list[int] = []
    with open_state(home, create=True, environ={}) as state, a_run(state, run="two") as opened:
        for number in range(6):
            opened.record(Settlement(marks=((f"a{number}", "1"), (f"b{number}", "1"))))
            found.append(len(marks(home)))
    assert found == [3, 5, 7, 9, 11, 13]


@pytest.mark.parametrize(
    ("url", "id"),
    [
        ("s3://sfdd-states", "SFDD-E3025"),
        ("s3://sfdd-states/folder/", "SFDD-E3025"),
        ("az://sfdd-states/state.db?x=y", "SFDD-E3025"),
        ("s3://no-such-bucket/state.db", "SFDD-E3023"),
        ("az://no-such-container/state.db", "SFDD-E3023"),
    ],
)
def test_a_place_that_is_none_is_said(url: str, id: str) -> None:
    with a_home("s3" if url.startswith("s3") else "azure"), pytest.raises(StateError) as caught:
        open_state(url, create=False, environ={})
    assert caught.value.id == id
    assert caught.value.hint


def test_a_key_in_the_place_is_refused_and_not_repeated() -> None:
    with pytest.raises(StateError) as caught:
        open_state("s3://someone:hunter2@sfdd-states/state.db", create=False, environ={})
    assert caught.value.id == "SFDD-E3025"
    assert "hunter2" not in f"{caught.value} {caught.value.where} {caught.value.hint} {caught.value.detail}"


def test_a_login_that_is_refused_is_said_without_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    with a_home("azure") as home:
        monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_KEY", "c2VjcmV0LXNlY3JldA==")
        with pytest.raises(StateError) as caught:
            open_state(home, create=False, environ={})
    assert caught.value.id == "SFDD-E3022"
    assert "c2Vjcm" not in f"{caught.value} {caught.value.hint} {caught.value.detail}"


def test_a_replica_says_what_it_holds(home: str, tmp_path: Path) -> None:
    used(home)
    replica = Replica(Objects(home, {}), "state.db", tmp_path)
    assert replica.load()
    assert replica.is_current()
    used(home, "two")
    assert not replica.is_current()
    replica.close()
