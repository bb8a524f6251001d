"""The state file itself: where it is, who may read it, what stands in it, and what is said when it is damaged."""

from __future__ import annotations

import os
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from sfdd_declare.model.address import campaign
from sfdd_declare.model.canonical import keyed_hash
from sfdd_declare.model.errors import BugError, Locked, StateError
from sfdd_declare.model.ids import OperationId
from sfdd_declare.model.operation import Action, Operation, Stage, Task
from sfdd_declare.model.outcome import Problem, exit_code_of_error
from sfdd_declare.model.ports import Settlement
from sfdd_declare.model.state import Bound, Intent, Resource
from sfdd_declare.people import columns
from sfdd_declare.store import lease as lease_module
from sfdd_declare.store import schema
from sfdd_declare.store.database import shown_place
from sfdd_declare.store.journal import OpenRun
from sfdd_declare.store.lease import Holder
from sfdd_declare.store.opening import open_state
from sfdd_declare.store.restore import TAKEN_OVER, TAKES_ROW, begin, restore
from sfdd_declare.store.state import State

EMAIL = "ann.canary@example.com"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / ".sfdd" / "state.db"


def a_holder(pid: int | None = None) -> Holder:
    return Holder(owner="ci", host="here", pid=pid or os.getpid(), operation="apply")


@contextmanager
def a_run(state: State, run: str = "run-1") -> Iterator[OpenRun]:
    with state.lock(a_holder()) as lease:
        yield state.begin_run(lease, run=run, fingerprint="f00d", sets={})


def apply_marks(path: Path, run: str, environ: dict[str, str] | None = None, **marks: str) -> None:
    """One whole apply that stores nothing but marks."""
    with open_state(path, create=True, environ=environ or {}) as state, a_run(state, run) as open_run:
        if marks:
            open_run.record(Settlement(marks=tuple(marks.items())))
        open_run.end("done")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def files_of(path: Path) -> bytes:
    return b"".join(file.read_bytes() for file in sorted(path.parent.iterdir()) if file.is_file())


def error_of(path: Path | str, environ: dict[str, str] | None = None, *, create: bool = False) -> StateError:
    with pytest.raises(StateError) as caught:
        open_state(path, create=create, environ=environ or {})
    return caught.value


# --- the file ---------------------------------------------------------------------------------------------------------


def test_only_the_owner_may_read_the_state_and_its_copies(path: Path) -> None:
    apply_marks(path, "1", m="1")
    apply_marks(path, "2", m="2")
    with open_state(path, create=True, environ={}) as state, a_run(state, "3"):
        assert mode(path.parent) == 0o700
        assert {file.name: mode(file) for file in path.parent.iterdir()} == dict.fromkeys(
            ("state.db", "state.db-wal", "state.db-shm", "state.db.backup", "state.db.backup.1"), 0o600
        )


def test_planning_without_a_state_leaves_no_trace_and_repeats_itself(path: Path) -> None:
    headers = []
    for _ in range(2):
        with open_state(path, create=False, environ={"SFDD_KEY": "secret"}) as state:
            headers.append(state.header())
    assert headers[0] == headers[1]
    assert headers[0].fresh
    assert not path.parent.exists()


def test_RUN_8_an_apply_binds_the_state_and_an_account_that_is_gone_keeps_its_id(path: Path) -> None:
    apply_marks(path, "old", m="1")
    for run, bound in (("1", Bound("00D1", (("main", "77"),))), ("2", Bound("00D1", (("other", "78"),)))):
        with open_state(path, create=True, environ={}) as state, state.lock(a_holder()) as lease:
            state.begin_run(lease, run=run, fingerprint="", sets={}, bound=bound)
    with open_state(path, create=False, environ={}) as state:
        assert state.header().bound == Bound("00D1", (("main", "77"), ("other", "78")))


def test_the_empty_state_cannot_be_written(path: Path) -> None:
    with open_state(path, create=False, environ={}) as state, pytest.raises(BugError):
        state.lock(a_holder())


def test_planning_does_not_change_the_file(path: Path) -> None:
    apply_marks(path, "1", m="1")
    before = path.read_bytes()
    with open_state(path, create=False, environ={}) as state:
        state.header()
    assert path.read_bytes() == before
    assert not path.with_name("state.db-wal").exists()


def test_a_file_left_empty_by_a_killed_creation_is_no_state_yet(path: Path) -> None:
    path.parent.mkdir()
    path.touch()
    with open_state(path, create=False, environ={}) as state:
        assert state.header().fresh
    apply_marks(path, "1", m="1")
    with open_state(path, create=False, environ={}) as state:
        assert state.marks() == {"m": "1"}


def test_no_address_gets_into_any_file(path: Path) -> None:
    with open_state(path, create=True, environ={}) as state, a_run(state) as run:
        hashed = keyed_hash(state.header().hash_key.get_secret_value(), EMAIL)
        operation = Operation(OperationId("o"), campaign("c"), Stage.CONTACTS, Action.PEOPLE, Task.IMPORT_CONTACTS)
        run.begin(operation, 1, "main", (Intent("main", "news", hashed),))
        problem = Problem(OperationId("o"), "main", "003A", "EMAIL", f"BAD {EMAIL}", f"`{EMAIL}` is taken by {EMAIL}")
        pair = {"account": "main", "record_type": "contact", "sf_id": "003A", "item": "email", "expect_s": hashed}
        remembered = pa.table([["main"], [hashed], ["unsubscribed"]], names=["account", "email_hash", "reason"])
        pairs = pa.Table.from_pylist([pair], schema=columns.PAIRS)
        run.settle(OperationId("o"), 1, Settlement(pairs=pairs, remembered=remembered, problems=(problem,)))
        assert bytes.fromhex(hashed) in files_of(path)
        assert b"canary" not in files_of(path)
    apply_marks(path, "2", m="2")
    assert path.with_name("state.db.backup").exists()
    assert b"canary" not in files_of(path)


# --- what is said when it cannot be used ------------------------------------------------------------------------------


def test_a_damaged_file_says_how_to_go_back(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"<html>login</html>" * 400)
    error = error_of(path)
    assert error.id == "SFDD-E3002"
    assert error.hint == "sfdd state restore"
    assert exit_code_of_error(error) == 1


def test_damage_inside_is_found_before_it_is_copied_over_a_good_backup(path: Path) -> None:
    for run in range(3):
        apply_marks(path, str(run), None, turn=str(run), **{f"mark-{i}": "x" * 200 for i in range(200)})
    good = path.with_name("state.db.backup").read_bytes()
    page = path.read_bytes().index(b"mark-100") // 4096
    with path.open("r+b") as file:
        file.seek(page * 4096)
        file.write(b"\xff" * 4096)
    with (
        open_state(path, create=True, environ={}) as state,
        state.lock(a_holder()) as lease,
        pytest.raises(StateError) as caught,
    ):
        state.begin_run(lease, run="4", fingerprint="", sets={})
    assert caught.value.id == "SFDD-E3002"
    assert path.with_name("state.db.backup").read_bytes() == good


def test_the_hint_of_a_damaged_file_works(path: Path) -> None:
    apply_marks(path, "1", m="1")
    apply_marks(path, "2", m="2")
    path.write_bytes(b"not a database" * 100)
    assert error_of(path).hint == "sfdd state restore"
    restore(path, None, a_holder(), {})
    with open_state(path, create=False, environ={}) as state:
        assert state.marks() == {"m": "1", TAKEN_OVER: TAKES_ROW}


def test_what_stood_in_the_place_of_a_restored_state_is_kept(path: Path) -> None:
    for run in "123":
        apply_marks(path, run, m=run)
    taken, header = restore(path, path.with_name("state.db.backup.1"), a_holder(), {})
    assert (Path(taken).name, header.fresh) == ("state.db.backup.1", False)
    with open_state(path.with_name("state.db.replaced"), create=False, environ={}) as state:
        assert state.marks() == {"m": "3"}
    with open_state(path, create=False, environ={}) as state:
        assert state.marks()["m"] == "1"


def test_nothing_is_restored_without_a_copy_or_while_an_apply_runs(path: Path) -> None:
    with pytest.raises(StateError) as caught:
        restore(path, None, a_holder(), {})
    assert caught.value.id == "SFDD-E3018"
    apply_marks(path, "1", m="1")
    apply_marks(path, "2", m="2")
    with open_state(path, create=True, environ={}) as state, state.lock(a_holder()), pytest.raises(Locked):
        restore(path, None, Holder(owner="other", host="there", pid=1, operation="state restore"), {})
    assert not path.with_name("state.db.replaced").exists()


def test_a_state_is_begun_anew_only_when_it_is_asked_for(path: Path) -> None:
    first = begin(path, a_holder(), {}, anew=False)
    assert begin(path, a_holder(), {}, anew=False) == first, "nothing was applied with it yet"
    apply_marks(path, "1", m="1")
    with pytest.raises(StateError) as caught:
        begin(path, a_holder(), {}, anew=False)
    assert caught.value.id == "SFDD-E3019"
    anew = begin(path, a_holder(), {}, anew=True)
    assert anew.lineage != first.lineage
    with open_state(path, create=False, environ={}) as state:
        assert state.header().begun_anew
        assert state.header().fresh


def test_RUN_8_a_rebound_account_is_forgotten_and_its_opt_outs_are_not(path: Path) -> None:
    apply_marks(path, "1", **{"first:main:contact": "done", "first:other:contact": "done", "full": "x"})
    with open_state(path, create=True, environ={}) as state, a_run(state, "2") as run:
        remembered = [("main", "aa", "unsubscribed"), ("main", "bb", "settled"), ("other", "bb", "settled")]
        names = ("account", "email_hash", "reason")
        run.record(
            Settlement(
                resources=tuple(Resource(a) for a in ("address_book.a", "address_book.b", "campaign.a")),
                remembered=pa.Table.from_pylist([dict(zip(names, row, strict=True)) for row in remembered]),
            )
        )
        run.end("done")
    bound = Bound("00D1", (("main", "78"),))
    with open_state(path, create=True, environ={}) as state, state.lock(a_holder()) as lease:
        state.rebind(lease, bound, ("main",), books={"a": "main", "b": "other"}, reasons=("settled",))
        assert set(state.marks()) == {"first:other:contact", "full"}
        assert {resource.address for resource in state.resources()} == {"address_book.b", "campaign.a"}
        assert state.header().bound == bound
    with closing(sqlite3.connect(path)) as connection:
        kept = connection.execute("SELECT account, reason FROM suppressions ORDER BY 1").fetchall()
    assert kept == [("main", "unsubscribed"), ("other", "settled")]


def test_a_state_of_a_newer_program_is_left_alone(path: Path) -> None:
    apply_marks(path, "1")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE meta SET value = ? WHERE name = 'format_version'", (str(schema.FORMAT + 1),))
        connection.commit()
    error = error_of(path)
    assert error.id == "SFDD-E3011"
    assert f"format {schema.FORMAT + 1}" in error.summary


def test_the_database_of_another_program_is_not_taken_over(path: Path) -> None:
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE customers (id)")
        connection.commit()
    assert error_of(path, create=True).id == "SFDD-E3002"


def test_a_folder_in_its_place_is_one_clear_error(path: Path) -> None:
    path.mkdir(parents=True)
    assert error_of(path).id == "SFDD-E3001"


def test_a_home_that_is_not_supported_names_the_key() -> None:
    error = error_of("ftp://bucket/state.db")
    assert error.id == "SFDD-E3012"
    assert error.hint.startswith("state:")


def test_an_unreachable_server_is_one_error_without_the_password() -> None:
    error = error_of("postgresql://someone:hunter2@127.0.0.1:1/none")
    assert error.id == "SFDD-E3009"
    assert "hunter2" not in f"{error} {error.detail} {error.hint}"


# --- backups ----------------------------------------------------------------------------------------------------------


def marks_of_backup(path: Path, suffix: str) -> str:
    with closing(sqlite3.connect(path.with_name(f"state.db.backup{suffix}"))) as connection:
        return str(connection.execute("SELECT value FROM watermarks").fetchone()[0])


def test_the_last_three_states_are_kept(path: Path) -> None:
    for run in range(6):
        apply_marks(path, str(run), turn=str(run))
    assert [marks_of_backup(path, suffix) for suffix in ("", ".1", ".2")] == ["4", "3", "2"]
    assert not path.with_name("state.db.backup.3").exists()


def test_idle_runs_do_not_push_useful_copies_out(path: Path) -> None:
    apply_marks(path, "1", turn="1")
    apply_marks(path, "2", turn="2")
    for run in range(3, 8):
        apply_marks(path, str(run))
    assert [marks_of_backup(path, suffix) for suffix in ("", ".1")] == ["2", "1"]


# --- SFDD_KEY ---------------------------------------------------------------------------------------------------------


def hash_key(path: Path, environ: dict[str, str]) -> str:
    with open_state(path, create=False, environ=environ) as state:
        return state.header().hash_key.get_secret_value()


def test_setting_the_key_wraps_the_hash_key_at_the_next_run_and_leaves_no_plain_one(path: Path) -> None:
    apply_marks(path, "1", m="1")
    apply_marks(path, "2", m="2")
    plain = hash_key(path, {})
    assert plain.encode() in files_of(path)
    assert hash_key(path, {"SFDD_KEY": "secret"}) == plain
    assert plain.encode() in files_of(path), "reading must not write"
    with open_state(path, create=True, environ={"SFDD_KEY": "secret"}) as state, a_run(state, "3"):
        assert plain.encode() not in files_of(path), "a kill from here on must not leave the plain key behind"
    assert hash_key(path, {"SFDD_KEY": "secret"}) == plain
    assert plain.encode() not in files_of(path)
    assert path.with_name("state.db.backup").exists()


def test_a_wrong_or_missing_key_is_an_error_and_never_a_first_run(path: Path) -> None:
    apply_marks(path, "1", {"SFDD_KEY": "secret"}, m="1")
    wrong, missing = error_of(path, {"SFDD_KEY": "guess"}), error_of(path, create=True)
    assert (wrong.id, missing.id) == ("SFDD-E3007", "SFDD-E3008")
    assert {exit_code_of_error(wrong), exit_code_of_error(missing)} == {1}
    assert "guess" not in f"{wrong} {wrong.detail} {wrong.hint}"


@pytest.mark.parametrize("new", ["changed", ""], ids=["changed", "removed"])
def test_the_key_can_be_changed_and_removed_with_the_previous_one(path: Path, new: str) -> None:
    apply_marks(path, "1", {"SFDD_KEY": "secret"}, m="1")
    plain = hash_key(path, {"SFDD_KEY": "secret"})
    apply_marks(path, "2", {"SFDD_KEY": new, "SFDD_KEY_PREVIOUS": "secret"}, m="2")
    assert hash_key(path, {"SFDD_KEY": new}) == plain
    if new:
        assert error_of(path, {"SFDD_KEY": "secret"}).id == "SFDD-E3007"


# --- several processes and threads ------------------------------------------------------------------------------------

HOLD = """
import os, sys, time
from pathlib import Path
from sfdd_declare.model.ports import Settlement
from sfdd_declare.store.lease import Holder
from sfdd_declare.store.restore import TAKEN_OVER, TAKES_ROW, begin, restore
from sfdd_declare.store.opening import open_state
state = open_state(Path(sys.argv[1]), create=True, environ={})
with state.lock(Holder("ci", "here", os.getpid(), "apply")) as lease:
    run = state.begin_run(lease, run="killed", fingerprint="", sets={})
    run.record(Settlement(marks=(("m", "1"),)))
    print("held", flush=True)
    time.sleep(60)
"""


def test_the_lease_holds_against_another_process_and_dies_with_it(path: Path) -> None:
    holding = subprocess.Popen([sys.executable, "-c", HOLD, str(path)], stdout=subprocess.PIPE, text=True)
    with holding as holder, ExitStack() as at_the_end:
        at_the_end.callback(holder.kill)
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with open_state(path, create=False, environ={}) as state:
            with pytest.raises(Locked) as caught:
                state.lock(a_holder())
            assert f"process {holder.pid}" in caught.value.summary
            assert exit_code_of_error(caught.value) == 4
            holder.send_signal(signal.SIGKILL)
            holder.wait()
            with a_run(state, "after"):
                assert state.marks() == {"m": "1"}
                assert [(run.run, run.result) for run in state.runs()][1] == ("killed", "interrupted")


def test_those_who_create_a_state_together_get_the_same_one(path: Path) -> None:
    for turn in range(5):
        place = path.with_name(f"{turn}.db")
        lineages: list[str] = []
        start = threading.Barrier(4)

        def create(place: Path = place, start: threading.Barrier = start, lineages: list[str] = lineages) -> None:
            start.wait()
            with open_state(place, create=True, environ={}) as state:
                lineages.append(state.header().lineage)

        threads = [threading.Thread(target=create) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(lineages) == 4
        assert len(set(lineages)) == 1


def wait_for_a_beat(path: Path, at: datetime) -> None:
    """Until the lease says that its holder was alive at this moment."""
    for _ in range(2_000):
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as state:
            if state.execute("SELECT heartbeat FROM leases").fetchall() == [(at.timestamp(),)]:
                return
        time.sleep(0.01)
    raise AssertionError("no heartbeat")


def test_a_long_wait_without_writes_keeps_the_lease_alive(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease_module, "BEAT_SECONDS", 0.01)
    now = [datetime(2026, 3, 1, tzinfo=UTC)]
    elsewhere = Holder(owner="ci", host="elsewhere", pid=1, operation="apply")
    with open_state(path, create=True, environ={}, clock=lambda: now[0]) as state, state.lock(elsewhere):
        for _ in range(3):
            now[0] += timedelta(seconds=lease_module.EXPIRY_SECONDS - 1)
            wait_for_a_beat(path, now[0])
        with pytest.raises(Locked):
            state.lock(a_holder())
    with open_state(path, create=False, environ={}) as state, state.lock(a_holder()):
        pass


def test_readers_go_on_while_a_run_writes(path: Path) -> None:
    seen: list[str | None] = []
    errors: list[BaseException] = []

    def read(state: State, ended: threading.Event) -> None:
        try:
            while not ended.is_set():
                seen.append(state.marks().get("m"))
        except BaseException as error:  # noqa: BLE001 - shown by the assertion below
            errors.append(error)

    with open_state(path, create=True, environ={}) as state, a_run(state) as run:
        ended = threading.Event()
        readers = [threading.Thread(target=read, args=(state, ended)) for _ in range(3)]
        for reader in readers:
            reader.start()
        for number in range(10_000):
            run.record(Settlement(marks=(("m", f"{number:05}"),)))
            if number > 100 and len(set(seen)) > 3:
                break
        ended.set()
        for reader in readers:
            reader.join()
    assert errors == []
    assert len(set(seen)) > 3


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("postgresql://ada:pa@ss@db:5432/sfdd?password=word", "postgresql://db:5432/sfdd"),
        ("postgresql://db/sfdd", "postgresql://db/sfdd"),
        ("/home/a@b/state.db", "/home/a@b/state.db"),
    ],
)
def test_the_address_of_a_state_is_said_without_credentials(place: str, said: str) -> None:
    assert shown_place(place) == said
