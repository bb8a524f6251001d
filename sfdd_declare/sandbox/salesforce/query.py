"""Running a query and handing out its result in pages.

A result that does not fit one page is kept as a table of its own, so that later pages show what the first one saw
whatever is changed meanwhile. The page size is what the client hints at, what the sandbox is set to, or less.
"""

from __future__ import annotations

import json
import re
import sqlite3
from datetime import timedelta
from typing import Any

from sfdd_declare.sandbox.salesforce import ids, store
from sfdd_declare.sandbox.salesforce.calls import Call, Reply
from sfdd_declare.sandbox.salesforce.errors import Refusal, not_in_the_sandbox
from sfdd_declare.sandbox.salesforce.soql_compile import Statement, compile_query
from sfdd_declare.sandbox.salesforce.soql_metadata import column_metadata
from sfdd_declare.sandbox.salesforce.soql_shape import Shape
from sfdd_declare.sandbox.world import World

MAX_PAGE = 2000
MIN_HINT = 200
WIDE_PAGE = 200
"""The page size for rows with several long texts."""

_OPEN_CURSORS = 10
_LIFETIME = timedelta(days=2).total_seconds()
_HINT = re.compile(r"batchSize\s*=\s*(\d+)", re.IGNORECASE)
_LOCATOR = re.compile(r"(01g[A-Za-z0-9]{15})-(\d+)")


def query(call: Call) -> Reply:
    """GET query: living rows only."""
    return _run(call, with_deleted=False)


def query_all(call: Call) -> Reply:
    """GET queryAll: rows of the recycle bin too."""
    return _run(call, with_deleted=True)


def more(call: Call) -> Reply:
    """GET query/LOCATOR: a later page."""
    found = _LOCATOR.fullmatch(call.path["locator"])
    world = call.world
    with world.lock:
        row = None
        if found is not None:
            query = "SELECT * FROM sfx_cursor WHERE id = ? AND user = ? AND made > ?"
            lifetime = float(world.setting("salesforce.locator_seconds", _LIFETIME))
            oldest = store.stamp(world.now() - timedelta(seconds=lifetime))
            row = world.db.execute(query, (found.group(1), call.user, oldest)).fetchone()
        if found is None or row is None or int(found.group(2)) > row["total"]:
            raise Refusal("INVALID_QUERY_LOCATOR", "invalid query locator")
        return _page(call, dict(row), int(found.group(2)))


def release_cursors(world: World) -> None:
    """Forget every locator, as time does."""
    with world.transaction() as db:
        for row in db.execute("SELECT serial FROM sfx_cursor").fetchall():
            _drop(world, row["serial"])


def _run(call: Call, *, with_deleted: bool) -> Reply:
    if "explain" in call.query:
        raise not_in_the_sandbox("A query plan")
    text = call.query.get("q")
    if not text:
        raise Refusal("MALFORMED_QUERY", "A query string has to be specified")
    try:
        return _answer(call, text, with_deleted=with_deleted)
    except sqlite3.OperationalError as error:
        if "too" not in str(error) and "overflow" not in str(error):
            raise
        raise _too_complicated() from None
    except RecursionError:
        raise _too_complicated() from None


def _too_complicated() -> Refusal:
    return Refusal("QUERY_TOO_COMPLICATED", "The query is too complicated")


def _answer(call: Call, text: str, *, with_deleted: bool) -> Reply:
    world = call.world
    with world.transaction() as db:
        statement = compile_query(call.view, text, world.now(), with_deleted=with_deleted)
        sql = statement.sql
        if call.query.get("columns", "").lower() == "true":
            return Reply(column_metadata(statement, call.view))
        if statement.is_count:
            count = db.execute(f"SELECT count(*) FROM ({sql})", statement.parameters).fetchone()[0]  # noqa: S608
            return Reply({"totalSize": count, "done": True, "records": []})
        size = _page_size(call, is_wide=statement.is_wide)
        first = db.execute(f"SELECT * FROM ({sql}) LIMIT {size + 1}", statement.parameters).fetchall()  # noqa: S608
        if len(first) <= size:
            records = [statement.shape.record(row, call.root, db) for row in first]
            return Reply({"totalSize": len(records), "done": True, "records": records})
        return _page(call, _keep(call, statement, sql), 0)


def _keep(call: Call, statement: Statement, sql: str) -> dict[str, Any]:
    world = call.world
    with world.transaction() as db:
        found = db.execute("SELECT coalesce(max(serial), 0) + 1 FROM sfx_cursor").fetchone()
        serial = int(found[0])
        db.execute(f"CREATE TABLE sf_cursor_{serial} AS {sql}", statement.parameters)
        total = db.execute(f"SELECT count(*) FROM sf_cursor_{serial}").fetchone()[0]  # noqa: S608
        row = {
            "serial": serial,
            "id": ids.make("01g", serial),
            "user": call.user,
            "total": total,
            "made": store.stamp(world.now()),
            "is_wide": int(statement.is_wide),
            "shape": json.dumps(statement.shape.to_json()),
        }
        db.execute("INSERT INTO sfx_cursor VALUES (:serial, :id, :user, :total, :made, :is_wide, :shape)", row)
        open_cursors = "SELECT serial FROM sfx_cursor WHERE user = ? ORDER BY serial DESC LIMIT -1 OFFSET ?"
        for old in db.execute(open_cursors, (call.user, _OPEN_CURSORS)).fetchall():
            _drop(world, old["serial"])
    return row


def _page(call: Call, cursor: dict[str, Any], start: int) -> Reply:
    size = _page_size(call, is_wide=bool(cursor["is_wide"]))
    table = f"sf_cursor_{cursor['serial']}"
    rows = call.world.db.execute(
        f"SELECT * FROM {table} WHERE rowid > ? ORDER BY rowid LIMIT ?",  # noqa: S608 - our own table
        (start, size),
    ).fetchall()
    shape = Shape.from_json(json.loads(cursor["shape"]))
    end = start + len(rows)
    is_done = end >= cursor["total"]
    body: dict[str, Any] = {"totalSize": cursor["total"], "done": is_done}
    if not is_done:
        body["nextRecordsUrl"] = f"{call.root}/query/{cursor['id']}-{end}"
    return Reply({**body, "records": [shape.record(row, call.root, call.world.db) for row in rows]})


def _page_size(call: Call, *, is_wide: bool) -> int:
    hint = _HINT.search(call.headers.get("sforce-query-options", ""))
    wanted = min(max(int(hint.group(1)), MIN_HINT), MAX_PAGE) if hint else MAX_PAGE
    allowed = int(call.world.setting("salesforce.page_size", MAX_PAGE))
    return max(1, min(wanted, allowed, WIDE_PAGE if is_wide else MAX_PAGE))


def _drop(world: World, serial: int) -> None:
    with world.transaction() as db:
        db.execute(f"DROP TABLE IF EXISTS sf_cursor_{serial}")
        db.execute("DELETE FROM sfx_cursor WHERE serial = ?", (serial,))
