"""What is decided about a bulk import, of either version, when it arrives."""

from __future__ import annotations

from sfdd_declare.sandbox import faults
from sfdd_declare.sandbox.dotdigital import jobs
from sfdd_declare.sandbox.dotdigital.call import Call

IMPORT = "import"
IMPORT_V2 = "import_v2"
MAX_ACTIVE = 25
"""Active imports per account, of both versions together."""


def is_full(call: Call) -> bool:
    """Whether the account has as many active imports as it may have."""
    return sum(jobs.active(call.world, call.account.id, kind) for kind in (IMPORT, IMPORT_V2)) >= MAX_ACTIVE


def verdict(call: Call, rows: int) -> str:
    """Whether an import of so many rows will be carried out, or how it ends otherwise."""
    if faults.planned(call.request.scope, "watchdog") or call.world.setting("dotdigital.watchdog", False):
        return "RejectedByWatchdog"
    if faults.planned(call.request.scope, "job_failed"):
        return "Failed"
    allowance = call.world.setting("dotdigital.contact_allowance")
    if allowance is None:
        return jobs.RUN
    with call.world.lock:
        present = call.world.db.execute(
            "SELECT COUNT(*) FROM dd_contact WHERE account = ? AND binned = 0", (call.account.id,)
        ).fetchone()
    return jobs.RUN if present[0] + rows <= int(allowance) else "ExceedsAllowedContactLimit"
