"""After an interrupted run: wait until the jobs it had started have ended, so that what is read next is settled."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from sfdd_declare.model.ports import JobWaiter
from sfdd_declare.model.state import JournalEntry


def wait_for_jobs(entries: Iterable[JournalEntry], waiter: Callable[[str], JobWaiter | None]) -> int:
    """Wait for every job that was journalled and not settled; returns how many there were. Jobs the vendor has
    forgotten
    have ended. `waiter` gives the waiter of an account, None when the account is no longer declared.
    """
    waited = 0
    for entry in entries:
        account = waiter(entry.account) if entry.job else None
        if account is not None and entry.job:
            account.wait(entry.job)
            waited += 1
    return waited
