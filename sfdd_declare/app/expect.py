"""`--expect`: the plan that is applied must be the plan that was approved (CON-16)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sfdd_declare.model.declared import Limit
from sfdd_declare.model.errors import Stale, UsageError
from sfdd_declare.model.plan import Plan

_TOKEN = re.compile(r"^([0-9a-f]{12}):(\d+)\.(\d+)\.(\d+)\.(\d+)$")
_ALWAYS_TOLERATED = 10  # people
_NAMES = ("people to add", "people to update", "people to remove", "new leads")
_MUST_STAY_ZERO = ("people to remove", "new leads")


@dataclass(frozen=True, slots=True)
class Token:
    """What a plan prints for `--expect`: fingerprint and counts of people."""

    fingerprint: str
    counts: tuple[int, int, int, int]

    @classmethod
    def parse(cls, text: str) -> Token:
        """Raises UsageError when it is not a token."""
        match = _TOKEN.match(text.strip())
        if not match:
            raise UsageError(
                "SFDD-E9007",
                f"`{text}` is not a plan's token",
                hint="--expect 3f9c0a1b2c3d:412.57.9.3 (`sfdd plan` prints it)",
            )
        add, update, remove, new = (int(match[group]) for group in (2, 3, 4, 5))
        return cls(match[1], (add, update, remove, new))


def demand(plan: Plan, expected: str, tolerance: Limit) -> None:
    """Raise Stale (exit 3) when configuration operations differ, or a count of people moved beyond the tolerance."""
    token, found = Token.parse(expected), Token.parse(plan.token)
    if token.fingerprint != found.fingerprint:
        raise _stale(f"the configuration changes are not those of the approved plan ({found.fingerprint} now)")
    for name, before, now in zip(_NAMES, token.counts, found.counts, strict=True):
        if name in _MUST_STAY_ZERO and before == 0 and now > 0:
            raise _stale(f"{name}: {now} now, none when the plan was approved")
        if abs(now - before) > allowed(before, tolerance):
            raise _stale(f"{name}: {now} now, {before} when the plan was approved")


def allowed(count: int, tolerance: Limit) -> int:
    """How far a count may move: the tolerance, or 10 people if that is more."""
    bound = tolerance.count if tolerance.count is not None else int(count * (tolerance.percent or 0.0) / 100)
    return max(_ALWAYS_TOLERATED, bound)


def _stale(why: str) -> Stale:
    return Stale("SFDD-E5002", f"This is not the plan that was approved: {why}.", hint="sfdd plan", where="--expect")
