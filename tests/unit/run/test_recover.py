"""Jobs of an interrupted run are waited for before anything is read."""

from __future__ import annotations

from sfdd_declare.model.ids import OperationId
from sfdd_declare.model.operation import Task
from sfdd_declare.model.state import JournalEntry
from sfdd_declare.run.recover import wait_for_jobs


class Waiter:
    def __init__(self, account: str, seen: list[tuple[str, str]]) -> None:
        self.account, self.seen = account, seen

    def wait(self, job: str) -> bool:
        self.seen.append((self.account, job))
        return False


def an_entry(account: str, job: str | None) -> JournalEntry:
    return JournalEntry("run", OperationId("x"), 0, Task.IMPORT_CONTACTS, "account.main", account, job, (), "at")


def test_every_job_is_waited_for_by_its_account_also_one_that_the_vendor_has_forgotten() -> None:
    seen: list[tuple[str, str]] = []
    entries = [an_entry("main", "job 1"), an_entry("other", "job 2"), an_entry("main", None), an_entry("gone", "job 3")]
    waited = wait_for_jobs(entries, lambda account: None if account == "gone" else Waiter(account, seen))
    assert seen == [("main", "job 1"), ("other", "job 2")]
    assert waited == 2
