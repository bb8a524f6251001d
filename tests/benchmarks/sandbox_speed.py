"""What the sandbox costs: `sandbox_speed PEOPLE`.

A page of 5,000 contacts and a collection of 200 rows, each as a ratio to a bare route that answers the same bytes, and
seeding so many people, as a ratio to plain inserts of the rows that seeding leaves. Everything in one run.
"""

from __future__ import annotations

import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sfdd_declare.sandbox.dotdigital import contacts
from sfdd_declare.sandbox.seed import seed
from sfdd_declare.sandbox.server import Running, _listen_on, _Server
from sfdd_declare.sandbox.world import World

PAGE, ROWS, REPEATS, CHUNK = 5_000, 200, 9, 10_000
PLAIN = {"accept-encoding": "identity"}


def main(people: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        with Running(Path(folder) / "world.db") as running:
            _ratio("a page of 5,000 contacts", *_page(running))
            _ratio("a collection of 200 rows", *_collection(running))
        _seeding(Path(folder), people)


def _ratio(what: str, ask: Callable[[str], bytes], url: str) -> None:
    """`ask` is given an address; the bare route answers every one with what the sandbox answered first."""
    answer = ask(url)
    server, bare = _bare(answer)
    ours, theirs = _time(lambda: ask(url)), _time(lambda: ask(bare))
    server.stop()
    _say(
        f"{what} ({len(answer):,} bytes): {ours * 1000:.1f} ms, bare {theirs * 1000:.1f} ms: {ours / theirs:.1f} times"
    )


def _page(running: Running) -> tuple[Callable[[str], bytes], str]:
    rows = [
        {"email": f"person{n}@example.com", "dataFields": {"FIRSTNAME": "Ada", "LASTNAME": f"Person {n}"}}
        for n in range(PAGE)
    ]
    contacts.insert_many(running.world, rows)
    access = running.access
    client = httpx.Client(auth=(access.user, access.password), timeout=120, headers=PLAIN)
    path = "/contacts/v3?limit=5000&data-fields=FIRSTNAME|LASTNAME&include=lists|channelProperties"
    return lambda url: client.get(url + path).content, running.dotdigital_url


def _collection(running: Running) -> tuple[Callable[[str], bytes], str]:
    headers = PLAIN | {"authorization": f"Bearer {running.access.token}"}
    client = httpx.Client(headers=headers, timeout=120)
    records = [{"attributes": {"type": "Contact"}, "LastName": f"Person {n}", "Title": "Captain"} for n in range(ROWS)]
    body = {"allOrNone": False, "records": records}
    path = "/services/data/v66.0/composite/sobjects"
    return lambda url: client.post(url + path, json=body).content, running.salesforce_url


def _bare(answer: bytes) -> tuple[_Server, str]:
    async def route(request: Request) -> Response:
        await request.body()
        return Response(answer, media_type="application/json")

    (listening,) = _listen_on(0)
    server = _Server(Starlette(routes=[Route("/{path:path}", route, methods=["GET", "POST"])]), listening)
    server.wait_until_up()
    return server, f"http://127.0.0.1:{listening.getsockname()[1]}"


def _time(act: Callable[[], object]) -> float:
    taken = []
    for _ in range(REPEATS):
        begun = time.perf_counter()
        act()
        taken.append(time.perf_counter() - begun)
    return median(taken)


def _seeding(folder: Path, people: int) -> None:
    begun = time.process_time()
    world = World(folder / "seeded.db")
    seed(world, people)
    ours = time.process_time() - begun
    theirs, count = 0.0, 0
    with sqlite3.connect(folder / "plain.db") as plain:
        for name, columns in _tables(world.db):
            plain.execute(f"CREATE TABLE {name} ({', '.join(f'c{at}' for at in range(columns))})")
            found = world.db.execute(f"SELECT * FROM {name}")
            while rows := [tuple(row) for row in found.fetchmany(CHUNK)]:
                begun = time.process_time()
                plain.executemany(f"INSERT INTO {name} VALUES ({', '.join('?' * columns)})", rows)
                theirs, count = theirs + time.process_time() - begun, count + len(rows)
    world.close()
    took = f"{ours:.1f} s, plain inserts {theirs:.1f} s: {ours / theirs:.1f} times"
    _say(f"seeding {people:,} people ({count:,} rows): {took}")


def _tables(db: sqlite3.Connection) -> Iterator[tuple[str, int]]:
    names = db.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'").fetchall()
    for (name,) in names:
        yield name, len(db.execute(f"PRAGMA table_info({name})").fetchall())


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
