"""`sfdd probe` against both sandboxes: it finds what is set, and leaves nothing behind."""

from __future__ import annotations

import random
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from sfdd_declare.app.options import Options
from sfdd_declare.app.probe import known, probe
from sfdd_declare.model.assumed import Hands, LeftBehind, Probed
from sfdd_declare.model.errors import Interrupted, StateError
from sfdd_declare.sandbox.server import Running
from sfdd_declare.sandbox.switches import SWITCHES
from tests.e2e.stage import Stage, buyers, known_contact

TYPED = "2026-07-15"


class Prober:
    """Runs probes without waiting: the sandbox's clock moves on instead, and somebody types dates."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.told: list[str] = []
        self.asked: list[str] = []
        self.left: tuple[LeftBehind, ...] | None = None
        self.stop: Callable[[], int] = lambda: 0
        self.is_there = True

    def __call__(self, *names: str, domain: str = "example.com") -> Probed:
        options = Options(self.stage.folder, environ=self.stage.environ, stop=self.stop)
        return probe(options, names, domain, Hands(self._type, self.told.append, self._leave), pause=self._pause)

    def known(self, *names: str) -> dict[str, str]:
        found = known(Options(self.stage.folder, environ=self.stage.environ), names)
        return {line.assumption.name: line.value for line in found.lines}

    def _pause(self, seconds: float) -> None:
        self.stage.world.set_clock(advance=timedelta(seconds=seconds))

    def _type(self, what: str) -> bool:
        self.asked.append(what)
        if not self.is_there:
            return False
        email = what.partition("the contact ")[2].partition(",")[0]
        field = what.partition("the data field ")[2].partition(",")[0]
        self.stage.marketer("set_field", email=email, field=field, value=TYPED)
        return True

    def _leave(self, left: tuple[LeftBehind, ...]) -> None:
        self.left = left


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with Running(tmp_path_factory.mktemp("sandbox") / "sandbox.db") as running:
        yield running


@pytest.fixture
def stage(tmp_path: Path, running: Running) -> Stage:
    running.world.reset()
    stage = Stage(tmp_path, running)
    stage.write()
    buyers(stage.world, 3)
    known_contact(stage.world, "ada@example.org", FIRSTNAME="Ada")
    return stage


@pytest.fixture
def prober(stage: Stage) -> Prober:
    return Prober(stage)


def things(stage: Stage) -> dict[str, list[dict[str, Any]]]:
    """Everything in both systems that a person would see: the recycle bins apart."""
    tables = {
        "dd_contact": "binned = 0 AND account <> 0",
        "dd_list": "1 = 1",
        "dd_member": "1 = 1",
        "dd_field": "1 = 1",
        "dd_optout": "list_id IN (SELECT id FROM dd_list)",
        "sf_Campaign": "IsDeleted = 0",
        "sf_CampaignMember": "IsDeleted = 0",
        "sf_Contact": "IsDeleted = 0",
        "sf_Lead": "IsDeleted = 0",
    }
    with stage.world.lock:
        return {
            table: [dict(row) for row in stage.world.db.execute(f"SELECT * FROM {table} WHERE {where}")]
            for table, where in tables.items()
        }


def mixed(seed: int) -> dict[str, str]:
    choose = random.Random(seed).choice
    return {name: choose(switch.choices) for name, switch in SWITCHES.items()}


SETTINGS = {
    "cautious": {name: switch.cautious for name, switch in SWITCHES.items()},
    "lucky": {name: switch.lucky for name, switch in SWITCHES.items()},
}


@pytest.mark.parametrize(
    "settings",
    [
        *(pytest.param(values, id=name) for name, values in SETTINGS.items()),
        pytest.param(mixed(1), id="mixed"),
        pytest.param(mixed(2), id="another mix", marks=pytest.mark.slow),
    ],
)
def test_every_switch_is_found_as_it_is_set_and_nothing_is_left(
    stage: Stage, prober: Prober, settings: dict[str, str]
) -> None:
    stage.control("PUT", "switches", settings)
    before = things(stage)
    done = prober()
    assert {line.assumption.name: line.value or line.why for line in done.lines} == settings
    assert done.is_settled
    assert prober.left == ()
    assert things(stage) == before
    assert prober.known() == settings


def fault(stage: Stage, kind: str, method: str, path: str, **more: Any) -> None:
    stage.control("POST", "faults", {"kind": kind, "system": "any", "method": method, "path": path, **more})


@pytest.mark.parametrize(
    "rule",
    [
        pytest.param(("reset_after", "PUT", "/contacts/v3/import$", 2), id="an import"),
        pytest.param(("reset_after", "POST", "/v2/address-books$", 1), id="a book"),
        pytest.param(("reset_after", "POST", "/v2/data-fields$", 1), id="a field"),
        pytest.param(("reset_after", "POST", "/composite/sobjects", 2), id="a record"),
        pytest.param(("status", "GET", "/contacts/v3/import/", 6), id="a poll"),
        pytest.param(("status", "DELETE", "/contacts/v3/", 2), id="a removal"),
    ],
)
def test_a_request_that_fails_keeps_no_other_answer_away_and_nothing_is_left(
    stage: Stage, prober: Prober, rule: tuple[str, str, str, int]
) -> None:
    before = things(stage)
    kind, method, path, times = rule
    fault(stage, kind, method, path, times=times)
    done = prober("field_name_case", "last_page_next", "overlong", "deleted_member_visible")
    for line in done.lines:
        assert line.value in ("", line.assumption.cautious)
        assert line.value or line.why
    assert any(line.is_settled for line in done.lines)
    assert prober.left == ()
    assert things(stage) == before


@pytest.mark.parametrize("at", [4, 7, 9, *range(11, 19), 22, 24])
def test_a_signal_in_the_middle_ends_it_and_nothing_is_left(stage: Stage, prober: Prober, at: int) -> None:
    before, calls = things(stage), iter(range(1_000))
    stopped: list[int] = []

    def stop() -> int:
        if next(calls) >= at:
            stopped.append(2)
        return 2 if stopped else 0

    prober.stop = stop
    with pytest.raises(Interrupted):
        prober("blank_string", "last_page_next", "deleted_member_visible")
    assert prober.left in ((), None)  # nothing had begun
    assert things(stage) == before


def test_what_resists_is_named_with_its_id_and_the_way_to_remove_it(stage: Stage, prober: Prober) -> None:
    fault(stage, "status", "DELETE", "/v2/address-books/", times=0, status=400)
    done = prober("last_page_next")
    (left,) = done.left
    assert prober.left == done.left
    assert not done.is_settled
    assert (left.what, left.name.startswith("sfdd probe ")) == ("address book", True)
    assert left.id in {str(row["id"]) for row in things(stage)["dd_list"]}
    assert "delete the list" in left.way


def test_what_cannot_be_settled_says_why_and_an_earlier_answer_by_hand_stays(stage: Stage, prober: Prober) -> None:
    assert prober("date_holds_local_midnight").is_settled
    prober.is_there = False
    (line,) = prober("date_holds_local_midnight").lines
    assert (line.value, line.is_settled) == ("yes", False)
    assert "type a date" in line.why
    assert prober.known("date_holds_local_midnight") == {"date_holds_local_midnight": "yes"}


def test_an_account_in_utc_tells_nothing_about_days(stage: Stage, prober: Prober) -> None:
    stage.control("PUT", "switches", {"account_time_zone": "UTC"})
    (line,) = prober("date_written_as").lines
    assert (line.value, "time zone is UTC" in line.why) == ("", True)


@pytest.mark.parametrize("declared", ["double_opt_in: enforced", ""])
def test_an_account_that_may_mail_new_contacts_is_given_none(stage: Stage, prober: Prober, declared: str) -> None:
    stage.write(
        replace=("double_opt_in: not_enforced", declared) if declared else (", double_opt_in: not_enforced", "")
    )
    stage.forget_calls()
    done = prober("overlong", "deleted_member_visible")
    lines = {line.assumption.name: line for line in done.lines}
    assert (lines["overlong"].value, "not_enforced" in lines["overlong"].why) == ("", True)
    assert lines["deleted_member_visible"].is_settled
    written = {key for key in stage.calls()["dotdigital"]["by_template"] if not key.startswith("GET")}
    assert written == set()


def test_nothing_is_made_in_another_org_than_the_state_s(stage: Stage, prober: Prober) -> None:
    stage.apply()
    before = things(stage)
    state = stage.folder / ".sfdd" / "state.db"
    with sqlite3.connect(state) as db:
        db.execute("UPDATE meta SET value = '00D000000000001AAA' WHERE name LIKE '%org%'")
    with pytest.raises(StateError, match="SFDD-E3013"):
        prober()
    assert things(stage) == before


def test_a_state_that_is_bound_to_another_account_forgets_what_was_found(stage: Stage, prober: Prober) -> None:
    stage.apply()
    prober("overlong", "deleted_member_visible")
    with sqlite3.connect(stage.folder / ".sfdd" / "state.db") as db:
        (found,) = db.execute("UPDATE meta SET value = '1' WHERE name LIKE '%account%main%' RETURNING name").fetchall()
    assert found
    assert prober.known("overlong") == {"overlong": ""}
    assert stage.sfdd("state", "rebind", "main").code == 0
    assert prober.known("overlong", "deleted_member_visible") == {"overlong": "", "deleted_member_visible": "no"}


def test_a_probe_makes_no_plan_stale_and_its_calls_are_counted(stage: Stage, prober: Prober) -> None:
    stage.apply()
    token = stage.sfdd("plan").out.strip().splitlines()[-1]
    serial = stage.sfdd("state", "show").out
    prober("overlong", "deleted_member_visible")
    assert stage.sfdd("plan").out.strip().splitlines()[-1] == token
    assert stage.sfdd("state", "show").out == serial
    assert stage.sfdd("probe", "--show", "--only", "overlong").out.count("found fail") == 1


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_process_that_is_ended_removes_what_it_made(stage: Stage, number: int, code: int) -> None:
    before = things(stage)
    process = stage.process("probe", "--yes")
    while len(things(stage)["dd_contact"]) < len(before["dd_contact"]) + 2:
        assert process.poll() is None
        time.sleep(0.02)
    process.send_signal(number)
    out, err = process.communicate(timeout=120)
    assert (process.returncode, out) == (code, ""), err
    assert "what was made is removed first" in err
    assert things(stage) == before


def test_what_a_killed_probe_left_behind_is_removed_by_the_next_one(stage: Stage, prober: Prober) -> None:
    before = things(stage)
    process = stage.process("probe", "--yes", "--domain", "acme.example")
    while len(things(stage)["dd_contact"]) < len(before["dd_contact"]) + 2:
        assert process.poll() is None
        time.sleep(0.02)
    process.kill()
    process.communicate(timeout=120)
    assert things(stage) != before
    shown = stage.sfdd("probe", "--show").out
    assert "Left behind by probes that were killed" in shown
    assert ("Dotdigital (main), id " in shown, "Salesforce, id " in shown) == (True, True)
    done = stage.sfdd("probe", "--yes", "--only", "deleted_member_visible")
    assert "is what earlier probes left behind" in done.err
    assert things(stage) == before
    assert "Left behind" not in stage.sfdd("probe", "--show").out
    assert prober("deleted_member_visible").unfinished == ()


def test_what_resisted_once_is_removed_by_the_next_probe_and_not_by_one_on_another_account(
    stage: Stage, prober: Prober
) -> None:
    before = things(stage)
    fault(stage, "status", "DELETE", "/v2/address-books/", times=0, status=400)
    fault(stage, "status", "DELETE", "/composite/sobjects", times=0, status=400)
    left = prober("last_page_next", "deleted_member_visible")
    assert {one.account for one in left.unfinished} == {"", "main"}
    stage.control("DELETE", "faults")
    state = stage.folder / ".sfdd" / "state.db"
    with sqlite3.connect(state) as db:
        db.execute("UPDATE watermarks SET value = value || '9' WHERE name = 'probing:main'")
    (elsewhere,) = prober("deleted_member_visible").unfinished
    assert elsewhere.account == "main"
    assert things(stage)["sf_Campaign"] == before["sf_Campaign"]
    assert things(stage) != before
    with sqlite3.connect(state) as db:
        db.execute("UPDATE watermarks SET value = substr(value, 1, length(value) - 1) WHERE name = 'probing:main'")
    assert prober("deleted_member_visible").unfinished == ()
    assert things(stage) == before


def test_the_command_asks_first_and_takes_yes_for_an_answer_in_scripts(stage: Stage) -> None:
    before = things(stage)
    refused = stage.sfdd("probe")
    assert (refused.code, "SFDD-E9058" in refused.err) == (1, True)
    done = stage.sfdd("probe", "--yes", "--only", "overlong", "--only", "deleted_member_visible")
    assert (done.code, done.out.count("found ")) == (0, 2), done.text
    assert "a private address book" in done.err
    assert stage.sfdd("probe", "--yes", "--only", "date_holds_local_midnight").code == 1
    assert things(stage) == before


@pytest.mark.parametrize(("status", "tried"), [("accepted", 2), ("refused", 1), ("not asked", 2)])
def test_an_apply_does_not_try_to_create_people_suppressed_where_that_was_found_to_be_refused(
    stage: Stage, prober: Prober, status: str, tried: int
) -> None:
    """The status that is tried first is refused. A refusal of the other leaves somebody subscribed for a moment."""
    switched = "refused" if status == "refused" else "accepted"
    stage.control("PUT", "switches", {"new_contact_status_suppressed": switched})
    if status != "not asked":
        prober("new_contact_status_suppressed")
    email = "buyer7@example.com"
    buyers(stage.world, 1, start=7, HasOptedOutOfEmail=True)
    failure = {"failures": [{"failureCode": "InvalidContactStatus"}], "identifiers": {"email": email}}
    refused = {"status": "Finished", "failures": [failure]}
    fault(stage, "status", "GET", "/contacts/v3/import/", status=200, body=refused)
    stage.forget_calls()
    ended = stage.sfdd("apply", "--auto-approve")
    assert ("import opted out 1 failed" in ended.out) == (tried == 1)
    sent = stage.calls()["dotdigital"]["by_template"]["PUT /contacts/v3/import"]
    assert sent == (tried if tried == 1 else tried + 1)  # the import of the others waits for that of the opted out
