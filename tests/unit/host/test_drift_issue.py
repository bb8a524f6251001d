"""One issue per configuration and environment: opened, kept, told apart from a forged one, closed."""

from __future__ import annotations

from dataclasses import replace

from sfdd_declare.cli.use_cases import UseCases
from sfdd_declare.model.drift import Drift
from sfdd_declare.model.errors import Terminal
from tests.golden.drift_cases import a_drift, a_turn, an_edit
from tests.unit.host.job import Job

LABEL = "sfdd-drift"
ONE, OTHER = a_drift(things=[a_turn()]), a_drift(things=[a_turn()], people=[an_edit()])
NONE, PARTIAL = a_drift(), a_drift(unread=("main",))


def look(job: Job, found: Drift | Exception, *flags: str) -> int:
    def drift(*_: object) -> Drift:
        if isinstance(found, Exception):
            raise found
        return found

    job.hub.seen.clear()
    return job.step("drift", *flags, cases=replace(UseCases(), drift=drift))


def remarks(job: Job) -> list[str]:
    (issue,) = job.hub.issues
    return job.hub.bodies(issue["number"])


def test_an_issue_from_the_first_drift_to_its_end(job: Job) -> None:
    assert look(job, NONE) == 0
    assert job.hub.issues == []
    assert look(job, ONE) == 0
    (issue,) = job.hub.issues
    assert (issue["title"], issue["labels"], issue["state"]) == ("sfdd drift: crm", [LABEL], "open")
    assert job.outputs["changes"] == "true"
    assert "### sfdd drift · `crm`" in issue["body"]

    issue["body"] += "edited by somebody"
    assert look(job, ONE) == 0
    assert "edited by somebody" not in issue["body"]
    assert remarks(job) == []
    assert look(job, OTHER) == 0
    assert "JOB_TITLE" in issue["body"]
    (remark,) = remarks(job)
    assert remark.startswith("Another set than before: ")

    assert look(job, PARTIAL) == 1
    assert look(job, Terminal("SFDD-E2007", "Salesforce answered 500.")) == 1
    assert job.hub.seen == []  # neither touched the issue
    assert "SFDD-E2007" in job.summary
    assert look(job, NONE) == 0
    assert (issue["state"], issue["state_reason"]) == ("closed", "completed")
    assert len(remarks(job)) == 2
    assert look(job, NONE) == 0
    assert job.hub.written() == []

    assert look(job, ONE) == 0
    assert (len(job.hub.issues), issue["state"]) == (1, "open")


def test_another_authors_issue_with_our_marker_is_left_alone(job: Job) -> None:
    assert look(job, ONE) == 0
    (ours,) = job.hub.issues
    forged = {**ours, "number": 3, "user": {"login": "stranger"}}
    job.hub.issues += [forged, *({**ours, "number": 4 + n, "body": "x"} for n in range(4))]
    before = dict(forged)
    assert look(job, NONE) == 0
    assert ours["state"] == "closed"
    assert forged == before


def test_drift_that_no_issue_says_fails(job: Job) -> None:
    job.hub.refuse("POST", "/issues$", 410)
    assert look(job, ONE) == 2
    assert "::warning title=sfdd::The issue about drift could not be written (SFDD-E7012)" in job.printed


def test_without_a_comment_the_host_is_not_asked(job: Job) -> None:
    assert look(job, ONE, "--no-comment") == 0
    assert job.hub.seen == []
    assert "### sfdd drift" in job.summary
