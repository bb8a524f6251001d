"""Call rate limits: tiers with one-minute windows, or the older flat budget per hour.

Settings: `dotdigital.rate_limit` (a number, or one per tier: `{"low": 35}`), `dotdigital.rate_window_seconds`,
`dotdigital.rate_scheme` ("tiered" or "flat"), `dotdigital.flat_limit` (2000 calls per rolling hour).
"""

from __future__ import annotations

import math
from collections import deque
from datetime import datetime, timedelta

from sfdd_declare.sandbox.dotdigital.answers import Refusal, v2_error, v3_error
from sfdd_declare.sandbox.world import World

UNLIMITED = "unlimited"
_GENEROUS = 10_000
_FLAT = 2000
_HOUR = timedelta(hours=1)


class Limiter:
    """Counts the calls of every account; kept in memory, so a restart forgets."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._windows: dict[tuple[int, str], tuple[datetime, int]] = {}
        self._hour: dict[int, deque[datetime]] = {}

    def forget(self) -> None:
        """Start again, as after a reset."""
        self._windows.clear()
        self._hour.clear()

    def take(self, account: int, tier: str, path: str) -> tuple[dict[str, str], Refusal | None]:
        """Count one call; returns the rate headers and the refusal when it was one too many."""
        now = self._world.now()
        seconds = float(self._world.setting("dotdigital.rate_window_seconds", 60))
        limit = self._limit(tier)
        start, used = self._windows.get((account, tier), (now, 0))
        if not start <= now < start + timedelta(seconds=seconds):
            start, used = now, 0
        self._windows[(account, tier)] = (start, used + 1)
        headers = {
            "X-RateLimit-Limit": str(limit),
            "X-RateLimit-Remaining": str(max(0, limit - used - 1)),
            "X-RateLimit-Reset": str(math.ceil((start + timedelta(seconds=seconds)).timestamp())),
            "X-RateLimit-Scope": f"{tier}CallRate",
        }
        refusal = self._flat(account, now)
        if refusal is None and used >= limit and tier != UNLIMITED:
            refusal = _too_many(path)
        return headers, refusal

    def used_in_hour(self, account: int) -> int:
        """Calls of the account in the last hour."""
        return len(self._recent(account, self._world.now()))

    def remaining_in_hour(self, account: int) -> int:
        """Calls left in the flat budget."""
        limit = int(self._world.setting("dotdigital.flat_limit", _FLAT))
        return max(0, limit - self.used_in_hour(account))

    def _limit(self, tier: str) -> int:
        limit = self._world.setting("dotdigital.rate_limit", _GENEROUS)
        return int(limit.get(tier, _GENEROUS) if isinstance(limit, dict) else limit)

    def _flat(self, account: int, now: datetime) -> Refusal | None:
        recent = self._recent(account, now)
        is_flat = self._world.setting("dotdigital.rate_scheme", "tiered") == "flat"
        if is_flat and len(recent) >= int(self._world.setting("dotdigital.flat_limit", _FLAT)):
            text = "Your account has generated excess API activity and is being temporarily capped"
            return v2_error(400, text, "ERROR_APIUSAGE_EXCEEDED")
        recent.append(now)
        return None

    def _recent(self, account: int, now: datetime) -> deque[datetime]:
        recent = self._hour.setdefault(account, deque())
        while recent and recent[0] <= now - _HOUR:
            recent.popleft()
        return recent


def _too_many(path: str) -> Refusal:
    text = "The call rate limit has been exceeded"
    if path.startswith("/v2"):
        return v2_error(429, text)
    return v3_error(429, "api:tooManyRequests", text)
