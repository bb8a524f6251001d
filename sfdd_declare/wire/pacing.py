"""When a call is repeated, and how long to wait before.

Only transient failures are. A call that may have had its effect although no answer came back is repeated only when it
is idempotent; a call that never left, or that was turned away for going too fast, always. What a reply means is decided
by each system's client; here is only the arithmetic of patience.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from math import ceil
from typing import TypeVar

import stamina
from stamina import instrumentation

from sfdd_declare.model.errors import DeclareError, RateLimited, Transient

T = TypeVar("T")

# Retries are logged by `http` in this program's words; stamina's own warnings would reach the user's terminal.
instrumentation.set_on_retry_hooks(())


class Unsent(Transient):
    """No byte of the request reached the other side: repeating it is always safe."""


class LostReply(Transient):
    """The request left and no answer came: it may or may not have been carried out."""


@dataclass(frozen=True, slots=True)
class Budget:
    """How much patience one call gets. Neither bound is ever exceeded."""

    attempts: int = 6
    seconds: float = 300.0
    first_wait: float = 0.5
    longest_wait: float = 30.0


def is_uncertain(error: DeclareError) -> bool:
    """Whether the call behind this error may have been carried out all the same: probe before repeating it."""
    return isinstance(error, LostReply) or (isinstance(error, Transient) and error.status >= 500)


def retry_after(headers: Mapping[str, str]) -> float:
    """Seconds to wait as the reply says: `Retry-After` or `X-RateLimit-Reset`; 0 when it says nothing.

    Times are compared with the reply's own `Date`, so that a wrong clock here does no harm.
    """
    wait = headers.get("retry-after", "").strip()
    if wait.isdigit():
        return float(wait)
    now = _parsed_date(headers.get("date", "")) or datetime.now(UTC)
    if moment := _parsed_date(wait):
        return max(0.0, (moment - now).total_seconds())
    reset = headers.get("x-ratelimit-reset", "").strip()
    return max(0.0, float(reset) - now.timestamp()) if reset.isdigit() else 0.0


def paced(
    call: Callable[[int], T],
    *,
    idempotent: bool,
    budget: Budget,
    pause: Callable[[float], None],
    clock: Callable[[], float] = time.monotonic,
) -> T:
    """Make the call (it gets the number of the attempt, from 1) until it returns, fails for good, or the budget is used
    up; then the last error is raised, which says when to try again if the calls are too many.
    """
    try:
        return _repeated(call, idempotent=idempotent, budget=budget, pause=pause, clock=clock)
    except RateLimited as error:
        error.summary = f"{error.summary.rstrip('.')}. {when_again(error.retry_after)}"
        raise


def when_again(seconds: float) -> str:
    """When to try again, in words."""
    if seconds <= 0:
        return "Try again in some minutes: the answer does not say when."
    if seconds < 120:
        return f"Try again in {ceil(seconds)} seconds."
    return f"Try again in {ceil(seconds / 60)} minutes."


def _repeated(
    call: Callable[[int], T],
    *,
    idempotent: bool,
    budget: Budget,
    pause: Callable[[float], None],
    clock: Callable[[], float],
) -> T:
    patience = _Patience(budget, idempotent, clock)
    for attempt in stamina.retry_context(
        patience.may_repeat, attempts=budget.attempts, timeout=None, wait_initial=0, wait_max=0, wait_jitter=0
    ):
        if patience.wait > 0:
            pause(patience.wait)  # waited here and not by stamina: a test brings its own clock
        with attempt:
            return call(attempt.num)
    raise AssertionError("stamina re-raises the last error")


class _Patience:
    """Decides after each failure whether there is another attempt, and remembers the wait before it."""

    def __init__(self, budget: Budget, idempotent: bool, clock: Callable[[], float]) -> None:
        self._budget = budget
        self._idempotent = idempotent
        self._clock = clock
        self._begun = clock()
        self._waited = 0.0
        self._failures = 0
        self.wait = 0.0

    def may_repeat(self, error: Exception) -> bool:
        if not (isinstance(error, Transient) and self._is_safe(error)):
            return False
        self._failures += 1
        self.wait = self._next_wait(error)
        spent = max(self._clock() - self._begun, self._waited)
        if spent + self.wait > self._budget.seconds:
            return False
        self._waited += self.wait
        return True

    def _is_safe(self, error: Transient) -> bool:
        return self._idempotent or isinstance(error, (Unsent, RateLimited))

    def _next_wait(self, error: Transient) -> float:
        if isinstance(error, RateLimited) and error.retry_after > 0:
            return error.retry_after + random.uniform(0, 0.5)  # noqa: S311 - jitter, not a secret
        longest = min(self._budget.longest_wait, self._budget.first_wait * 2.0 ** (self._failures - 1))
        return longest * random.uniform(0.5, 1.0)  # noqa: S311


def _parsed_date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
