"""getUpdated and getDeleted: ids of what changed in a span of time, with seconds cut off."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sfdd_declare.sandbox.salesforce import sql, store
from sfdd_declare.sandbox.salesforce.calls import Call, Reply
from sfdd_declare.sandbox.salesforce.errors import Refusal
from sfdd_declare.sandbox.salesforce.sobjects import visible
from sfdd_declare.sandbox.salesforce.values import parse_moment, to_json

MAX_IDS = 600_000
_UPDATED_DAYS = 30
_DELETED_DAYS = 15


def updated(call: Call) -> Reply:
    """GET sobjects/X/updated?start=&end="""
    rows, covered = _found(call, is_deleted=False, days=_UPDATED_DAYS)
    return Reply({"ids": [row["Id"] for row in rows], "latestDateCovered": covered})


def deleted(call: Call) -> Reply:
    """GET sobjects/X/deleted?start=&end="""
    rows, covered = _found(call, is_deleted=True, days=_DELETED_DAYS)
    earliest = call.world.now() - timedelta(days=_DELETED_DAYS)
    return Reply(
        {
            "deletedRecords": [
                {"id": row["Id"], "deletedDate": to_json("datetime", row["SystemModstamp"])} for row in rows
            ],
            "earliestDateAvailable": to_json("datetime", store.stamp(earliest.replace(second=0))),
            "latestDateCovered": covered,
        }
    )


def _found(call: Call, *, is_deleted: bool, days: int) -> tuple[list[dict[str, Any]], str]:
    one = visible(call)
    start, end = _moment(call, "start"), _moment(call, "end")
    world = call.world
    if start >= end:
        raise Refusal("INVALID_REPLICATION_DATE", "startDate before endDate")
    if start < world.now() - timedelta(days=days):
        raise Refusal("INVALID_REPLICATION_DATE", f"startDate cannot be more than {days} days ago")
    if not one.has("replicateable"):
        raise Refusal("INVALID_TYPE", f"{one.name} is not replicateable")
    can_be_deleted = one.field("IsDeleted") is not None
    condition = f"IsDeleted = {int(is_deleted)} AND " if can_be_deleted else "0 AND " if is_deleted else ""
    with world.lock:
        rows = sql.select(
            world.db,
            store.table(one.name),
            f"{condition}SystemModstamp >= ? AND SystemModstamp < ? ORDER BY Id",
            (store.stamp(start), store.stamp(end)),
            columns="Id, SystemModstamp",
        )
    if len(rows) > MAX_IDS:
        raise Refusal("EXCEEDED_ID_LIMIT", f"exceeded {MAX_IDS} ids")
    covered = min(end, world.now().replace(second=0, microsecond=0))
    return rows, str(to_json("datetime", store.stamp(covered)))


def _moment(call: Call, name: str) -> datetime:
    moment = parse_moment(call.query.get(name, ""))
    if moment is None:
        raise Refusal("INVALID_REPLICATION_DATE", f"{name} is not a valid date")
    return moment.replace(second=0, microsecond=0)
