"""The org's call budget: counted per day, shown on every reply, refused when used up."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from sfdd_declare.sandbox.salesforce import bulk_jobs, store
from sfdd_declare.sandbox.salesforce.calls import Call, Reply
from sfdd_declare.sandbox.salesforce.errors import Refusal
from sfdd_declare.sandbox.world import World

DAILY_CALLS = 15_000

_UNTOUCHED: Mapping[str, int] = MappingProxyType(
    {
        "ConcurrentAsyncGetReportInstances": 200,
        "ConcurrentSyncReportRuns": 20,
        "DailyAsyncApexExecutions": 250_000,
        "DailyBulkV2QueryFileStorageMB": 976_562,
        "DailyGenericStreamingApiEvents": 10_000,
        "DailyStandardVolumePlatformEvents": 10_000,
        "DailyStreamingApiEvents": 10_000,
        "DailyWorkflowEmails": 1_000,
        "DataStorageMB": 1_024,
        "DurableStreamingApiConcurrentClients": 20,
        "FileStorageMB": 1_024,
        "HourlyAsyncReportRuns": 1_200,
        "HourlyDashboardRefreshes": 200,
        "HourlyDashboardResults": 5_000,
        "HourlySyncReportRuns": 500,
        "HourlyTimeBasedWorkflow": 1_000,
        "MassEmail": 5_000,
        "PermissionSets": 1_500,
        "SingleEmail": 5_000,
        "StreamingApiConcurrentClients": 20,
    }
)
"""Limits of an org that nothing here uses up."""


def allowed(world: World) -> int:
    """How many calls a day this org has."""
    return int(world.setting("salesforce.daily_limit", DAILY_CALLS))


def used(world: World) -> int:
    """How many calls were made today."""
    with world.lock:
        row = world.db.execute("SELECT calls FROM sfx_usage WHERE day = ?", (_today(world),)).fetchone()
    return 0 if row is None else int(row["calls"])


def count(world: World) -> None:
    """Count one call. Raises REQUEST_LIMIT_EXCEEDED when the budget is used up."""
    with world.transaction() as db:
        if used(world) >= allowed(world):
            raise Refusal("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
        db.execute(
            "INSERT INTO sfx_usage VALUES (?, 1) ON CONFLICT (day) DO UPDATE SET calls = calls + 1",
            (_today(world),),
        )


def header(world: World) -> dict[str, str]:
    """The header that every reply carries."""
    return {"Sforce-Limit-Info": f"api-usage={used(world)}/{allowed(world)}"}


def limits(call: Call) -> Reply:
    """GET limits."""
    left = max(0, allowed(call.world) - used(call.world))
    return Reply(
        {
            **{name: {"Max": most, "Remaining": most} for name, most in _UNTOUCHED.items()},
            "DailyApiRequests": {"Max": allowed(call.world), "Remaining": left},
            "DailyBulkApiBatches": bulk_jobs.quota(call.world, "ingest"),
            "DailyBulkV2QueryJobs": bulk_jobs.quota(call.world, "query"),
        }
    )


def record_count(call: Call) -> Reply:
    """GET limits/recordCount?sObjects=A,B: objects without rows are left out."""
    wanted = [name.strip() for name in call.query.get("sObjects", "").split(",") if name.strip()]
    seen = [call.view.find(name) for name in wanted] if wanted else call.view.objects()
    counts: list[dict[str, Any]] = []
    lagging: Mapping[str, Any] = call.world.setting("salesforce.record_counts", {})
    with call.world.lock:
        for one in seen:
            if one is None:
                continue
            if one.name in lagging:
                counts.append({"count": int(lagging[one.name]), "name": one.name})
                continue
            alive = " WHERE IsDeleted = 0" if one.field("IsDeleted") else ""
            query = f"SELECT count(*) FROM {store.table(one.name)}{alive}"  # noqa: S608 - our own table
            number = int(call.world.db.execute(query).fetchone()[0])
            if number:
                counts.append({"count": number, "name": one.name})
    return Reply({"sObjects": counts})


def _today(world: World) -> str:
    return world.now().date().isoformat()
