"""When a call is repeated and how long it waits: no clock, no network."""

from __future__ import annotations

import pytest

from sfdd_declare.model.errors import Denied, RateLimited, RemoteError, Transient
from sfdd_declare.wire.pacing import Budget, LostReply, Unsent, is_uncertain, paced, retry_after


class Caller:
    """Fails with the given errors, one per call, then returns."""

    def __init__(self, *errors: RemoteError) -> None:
        self.errors = list(errors)
        self.attempts: list[int] = []
        self.waits: list[float] = []

    def __call__(self, attempt: int) -> str:
        self.attempts.append(attempt)
        if self.errors:
            raise self.errors.pop(0)
        return "done"

    def run(self, *, idempotent: bool = True, budget: Budget = Budget()) -> str:  # noqa: B008 - frozen
        return paced(self, idempotent=idempotent, budget=budget, pause=self.waits.append, clock=lambda: 0.0)


def limited(seconds: float) -> RateLimited:
    error = RateLimited("X", "slow down")
    error.retry_after = seconds
    return error


def test_transient_failure_is_repeated_with_growing_waits() -> None:
    caller = Caller(*(Transient("X", "busy") for _ in range(3)))
    assert caller.run() == "done"
    assert caller.attempts == [1, 2, 3, 4]
    assert all(low <= wait <= 2 * low for low, wait in zip((0.25, 0.5, 1.0), caller.waits, strict=True))


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (42.4, "slow down. Try again in 43 seconds."),
        (3600, "slow down. Try again in 60 minutes."),
        (0, "slow down. Try again in some minutes: the answer does not say when."),
    ],
)
def test_whoever_goes_too_fast_is_told_when_to_try_again(seconds: float, words: str) -> None:
    with pytest.raises(RateLimited) as caught:
        Caller(limited(seconds)).run(budget=Budget(attempts=1))
    assert caught.value.summary == words


def test_terminal_failure_is_raised_at_once() -> None:
    caller = Caller(Denied("X", "no"))
    with pytest.raises(Denied):
        caller.run()
    assert caller.attempts == [1]


@pytest.mark.parametrize("error", [Transient("X", "500", status=500), LostReply("X", "reset")])
def test_a_call_that_may_have_had_its_effect_is_not_repeated(error: Transient) -> None:
    caller = Caller(error)
    with pytest.raises(Transient):
        caller.run(idempotent=False)
    assert caller.attempts == [1]
    assert is_uncertain(error)


@pytest.mark.parametrize("error", [Unsent("X", "refused"), limited(0)])
def test_a_call_without_effect_is_repeated_even_if_it_is_not_idempotent(error: Transient) -> None:
    caller = Caller(error)
    assert caller.run(idempotent=False) == "done"
    assert not is_uncertain(error)


def test_the_vendors_wait_is_honoured() -> None:
    caller = Caller(limited(42))
    caller.run()
    assert 42 <= caller.waits[0] <= 42.5


def test_attempts_are_bounded() -> None:
    caller = Caller(*(Transient("X", "busy") for _ in range(99)))
    with pytest.raises(Transient):
        caller.run(budget=Budget(attempts=4))
    assert caller.attempts == [1, 2, 3, 4]


def test_a_wait_beyond_the_budget_is_not_begun() -> None:
    caller = Caller(limited(200), limited(200))
    with pytest.raises(RateLimited):
        caller.run(budget=Budget(seconds=300))
    assert caller.attempts == [1, 2]
    assert len(caller.waits) == 1


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7),
        ({"retry-after": "Mon, 23 Nov 2026 10:00:30 GMT", "date": "Mon, 23 Nov 2026 10:00:00 GMT"}, 30),
        ({"x-ratelimit-reset": "1795428060", "date": "Mon, 23 Nov 2026 10:00:00 GMT"}, 60),
        ({"x-ratelimit-reset": "1", "date": "Mon, 23 Nov 2026 10:00:00 GMT"}, 0),
        ({"retry-after": "soon"}, 0),
        ({}, 0),
    ],
)
def test_waits_are_read_from_headers(headers: dict[str, str], seconds: float) -> None:
    assert retry_after(headers) == seconds
