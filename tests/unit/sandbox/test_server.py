"""Starting and stopping the two servers."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
import pytest
from starlette.types import Message

from sfdd_declare.sandbox.server import Running, build_apps
from sfdd_declare.sandbox.world import World
from tests.unit.sandbox.dotdigital_side import DotdigitalSide


def test_state_survives_a_restart_on_the_same_ports(tmp_path: Path) -> None:
    first = Running(tmp_path / "world.db")
    ports = [int(url.rpartition(":")[2]) for url in (first.salesforce_url, first.dotdigital_url)]
    with DotdigitalSide(first) as side:
        number = side.a_list()
    first.stop()
    first.stop()
    with Running(tmp_path / "world.db", sf_port=ports[0], dd_port=ports[1]) as second:
        assert second.dotdigital_url == first.dotdigital_url
        with DotdigitalSide(second) as side:
            assert side.http.get(f"/v2/address-books/{number}").status_code == 200


def test_stopped_servers_answer_no_more_and_leave_a_given_world_open(tmp_path: Path) -> None:
    world = World(tmp_path / "world.db")
    running = Running(world)
    running.stop()
    with pytest.raises(httpx.ConnectError):
        httpx.get(running.dotdigital_url)
    assert world.settings() == {}
    world.close()


def test_taken_port_is_an_error_at_once(sandbox: Running, tmp_path: Path) -> None:
    taken = int(sandbox.dotdigital_url.rpartition(":")[2])
    with pytest.raises(OSError, match="in use"):
        Running(tmp_path / "world.db", dd_port=taken)


def test_both_systems_share_one_world(sandbox: Running, dotdigital: DotdigitalSide) -> None:
    httpx.put(f"{sandbox.salesforce_url}/__sandbox__/switches", json={"overlong": "cut"})
    assert dotdigital.control("GET", "switches")["overlong"] == "cut"


def test_a_request_is_in_the_log_before_a_byte_of_its_answer_is_out(tmp_path: Path) -> None:
    world = World(tmp_path / "world.db")
    logged: list[tuple[str, list[int]]] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        rows = world.db.execute("SELECT status FROM requests").fetchall()
        logged.append((message["type"], [row["status"] for row in rows]))

    path = "/v2/account-info"
    scope = {"type": "http", "method": "GET", "path": path, "raw_path": path.encode(), "query_string": b""}
    asyncio.run(build_apps(world)[1]({**scope, "headers": [], "root_path": "", "scheme": "http"}, receive, send))
    assert logged == [("http.response.start", [401]), ("http.response.body", [401])]
    world.close()


def test_a_control_body_that_is_nested_too_deeply_is_refused(dotdigital: DotdigitalSide) -> None:
    answer = dotdigital.http.put("/__sandbox__/switches", content=b"[" * 3000)
    assert (answer.status_code, set(answer.json())) == (400, {"error"})


def test_a_clock_beyond_all_years_is_refused(dotdigital: DotdigitalSide) -> None:
    answer = dotdigital.http.put("/__sandbox__/clock", json={"advance_seconds": 10**12})
    assert (answer.status_code, set(answer.json())) == (400, {"error"})
