"""`sfdd watch` as a process of its own: its log, its signals, what it shows over HTTP, and whom it tells."""

from __future__ import annotations

import contextlib
import json
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from sfdd_declare.model.errors import DeclareError
from sfdd_declare.store.opening import open_state
from tests.e2e.stage import CONFIG, Stage, buyers
from tests.e2e.watching import Watch


def following(process: subprocess.Popen[str], event: str) -> dict[str, Any]:
    """Read the log up to an event. Every line is JSON."""
    assert process.stderr is not None
    for line in process.stderr:
        found: dict[str, Any] = json.loads(line)
        if found["event"] == event:
            return found
    raise AssertionError(f"it ended without {event}")


def got(url: str, token: str = "") -> tuple[int, str]:
    request = Request(url)
    if token:
        request.add_header("Authorization", f"Bearer {token}")
    try:
        with urlopen(request, timeout=60) as reply:
            return reply.status, reply.read().decode()
    except HTTPError as error:
        return error.code, ""


def test_it_shows_itself_reads_again_and_ends_when_it_is_asked_to(stage: Stage) -> None:
    buyers(stage.world, 2)
    stage.apply()
    stage.overrides["SFDD_WATCH_TOKEN"] = "open sesame"
    process = stage.process("watch", "--listen", "127.0.0.1:0", "--log-format", "json")
    try:
        url = following(process, "listening")["url"]
        assert following(process, "started")["links"] == 1
        assert [got(f"{url}/{path}")[0] for path in ("healthz", "readyz", "metrics", "")] == [200, 200, 401, 401]
        assert "sfdd_link_people" in got(f"{url}/metrics", "open sesame")[1]
        page = got(f"{url}/", "open sesame")[1]
        assert "link.spring.spring" in page
        assert "every 15 minutes" in page
        process.send_signal(signal.SIGHUP)
        following(process, "configuration_read")
        stage.write(CONFIG, replace=("campaign: spring, ", "campaign: sprung, "))
        assert "sprung" in following(process, "configuration_refused")["message"]
        process.send_signal(signal.SIGTERM)
        assert following(process, "stopped")["signal"] == signal.SIGTERM
        assert process.wait(60) == 128 + signal.SIGTERM
    finally:
        process.kill()
        process.communicate()


def test_an_apply_and_two_watches_at_once_are_one_run_and_two_that_say_whose_it_is(stage: Stage) -> None:
    """The sandbox answers nobody while the watches begin, so that the apply holds the lease for as long as it takes."""
    buyers(stage.world, 5)
    applies = stage.process("apply", "--auto-approve")
    watches = []
    try:
        held(stage, applies)
        with stage.world.lock:
            watches = [stage.process("watch", "--log-format", "json") for _ in range(2)]
            for watch in watches:
                assert f"(process {applies.pid}), running `sfdd apply`" in following(watch, "locked")["message"]
        out, err = applies.communicate(timeout=600)
        assert applies.returncode == 0, out + err
        for watch in watches:
            watch.send_signal(signal.SIGTERM)
            assert watch.wait(60) == 128 + signal.SIGTERM
    finally:
        for process in (applies, *watches):
            process.kill()
            process.communicate()
    (run,) = json.loads(stage.sfdd("history", "--json").out)["runs"]
    assert (run["details"]["command"], run["details"]["done"]["add"]) == ("apply", 5)
    assert [stage.lists_of(f"buyer{number}@example.com") for number in range(5)] == [["Spring book"]] * 5


def held(stage: Stage, process: subprocess.Popen[str]) -> None:
    """Wait until the process holds the lease."""
    home = stage.folder / ".sfdd" / "state.db"
    while process.poll() is None:
        with contextlib.suppress(DeclareError), open_state(home, create=False, environ={}) as state:
            if state.holder() is not None:
                return
        time.sleep(0.05)
    raise AssertionError("it ended without a lease")


@pytest.mark.parametrize(
    ("arguments", "token", "id"),
    [
        (("--listen", "0.0.0.0:0"), None, "SFDD-E9051"),
        (("--listen", "nowhere"), None, "SFDD-E9050"),
        (("--listen", "127.0.0.1:0"), "", "SFDD-E9053"),
    ],
)
def test_where_it_cannot_be_shown_it_does_not_begin(
    stage: Stage, arguments: tuple[str, ...], token: str | None, id: str
) -> None:
    if token is not None:
        stage.overrides["SFDD_WATCH_TOKEN"] = token
    ended = stage.sfdd("watch", *arguments)
    assert (ended.code, id in ended.err, "Watching" in ended.err) == (1, True, False), ended.text


def test_a_wrong_configuration_is_for_whoever_starts_it(stage: Stage) -> None:
    stage.write(CONFIG, replace=("campaign: spring, ", "campaign: sprung, "))
    ended = stage.sfdd("watch")
    assert (ended.code, "SFDD-E1202" in ended.err) == (1, True), ended.text


class Receiver:
    """A webhook: what it was sent, and whether it is away."""

    def __init__(self) -> None:
        self.got: list[dict[str, Any]] = []
        self.away = False
        receiver = self

        class Answers(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                if not receiver.away:
                    receiver.got.append(json.loads(body))
                self.send_response(503 if receiver.away else 200)
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None: ...

        self.server = HTTPServer(("127.0.0.1", 0), Answers)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def told(self) -> list[tuple[str, str]]:
        return [(n["change"], n["subject"]) for document in self.got for n in document["notices"]]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.server.shutdown()
    made.server.server_close()


def test_what_is_news_is_told_once_and_again_to_whoever_was_away(stage: Stage, receiver: Receiver) -> None:
    stage.overrides["OPS"] = f"http://127.0.0.1:{receiver.server.server_port}/hook"
    stage.write(CONFIG + 'notifications: {ops: {webhook: "${env:OPS}"}}\n')
    buyers(stage.world, 2)
    stage.apply()
    watch = Watch.begin(stage)
    stage.write(
        CONFIG.replace("name: Spring launch", "name: Spring launch 2")
        + 'notifications: {ops: {webhook: "${env:OPS}"}}\n'
    )
    watch.goes_on(minutes=31)
    assert receiver.told == [("began", "campaign.spring")]
    receiver.away = True
    stage.write(CONFIG + 'notifications: {ops: {webhook: "${env:OPS}"}}\n')
    watch.goes_on(minutes=16)
    assert len(receiver.told) == 1
    assert watch.said("notice_failed") != []
    receiver.away = False
    again = Watch.begin(stage)  # what waits outlives the process
    again.goes_on(minutes=16)
    assert receiver.told == [("began", "campaign.spring"), ("ended", "campaign.spring")]
    assert "@example.com" not in json.dumps(receiver.got)
