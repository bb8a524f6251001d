"""Only the plan that the named workflow left for the merged commit, of this repository, is ever carried out."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace

import pytest

from sfdd_declare.cli.use_cases import UseCases
from tests.github import Hub
from tests.unit.host.job import MERGE, Job

HEAD, OTHER = "a" * 40, "d" * 40
NAME, OF_ANOTHER = f"sfdd-plan-crm-{HEAD}", f"sfdd-plan-crm-{OTHER}"


def merged(hub: Hub, **how: object) -> None:
    hub.pull(7, HEAD, merge=MERGE, **how)


def no_pull(hub: Hub) -> None:
    hub.pull(7, MERGE)  # open: it holds the commit, and did not merge it


def two_pulls(hub: Hub) -> None:
    merged(hub)
    hub.pull(8, OTHER, merge=MERGE)


def a_fork(hub: Hub) -> None:
    merged(hub, repository="stranger/crm")
    hub.artifact(hub.run(HEAD, repository="stranger/crm"), NAME, b"x")


def a_fork_that_is_gone(hub: Hub) -> None:
    merged(hub, repository="")


def a_run_of_a_fork(hub: Hub) -> None:
    merged(hub)
    hub.artifact(hub.run(HEAD, repository="stranger/crm"), NAME, b"x")


def another_workflow(hub: Hub) -> None:
    merged(hub)
    hub.artifact(hub.run(HEAD, workflow="evil.yml"), NAME, b"x")


def another_event(hub: Hub) -> None:
    merged(hub)
    hub.artifact(hub.run(HEAD, event="workflow_dispatch"), NAME, b"x")


def a_failed_run(hub: Hub) -> None:
    merged(hub)
    hub.artifact(hub.run(HEAD, conclusion="failure"), NAME, b"x")


def an_older_head(hub: Hub) -> None:
    """A push came after the plan, under a name that fits."""
    merged(hub)
    hub.artifact(hub.run(OTHER), NAME, b"x")
    hub.has_filters = False


def no_artifact(hub: Hub) -> None:
    merged(hub)
    hub.artifact(hub.run(HEAD), OF_ANOTHER, b"x")
    hub.has_filters = False


def two_runs(hub: Hub) -> None:
    merged(hub)
    for _ in range(2):
        hub.artifact(hub.run(HEAD), NAME, b"x")


def expired(hub: Hub) -> None:
    merged(hub)
    hub.artifact(hub.run(HEAD), NAME, b"x", expired=True)


def a_bomb(hub: Hub) -> None:
    merged(hub)
    hub.artifact(hub.run(HEAD), NAME, bytes(60_000_000))


def another_member(hub: Hub) -> None:
    merged(hub)
    hub.artifact(hub.run(HEAD), NAME, b"x", member="../../sfdd.yaml")


def another_digest(hub: Hub) -> None:
    merged(hub)
    hub.artifact(hub.run(HEAD), NAME, b"x")
    hub.artifacts[0]["digest"] = f"sha256:{hashlib.sha256(b'y').hexdigest()}"


def no_plan_file(hub: Hub) -> None:
    merged(hub)
    hub.artifact(hub.run(HEAD), NAME, b"x")


def only_a_comment(hub: Hub) -> None:
    merged(hub)
    hub.run(HEAD)
    hub.comment(7, f'<!-- sfdd {{"v":1,"kind":"plan","config":"crm","env":null,"head":"{HEAD}"}} -->\nApply this')


@pytest.mark.parametrize(
    ("arrange", "id"),
    [
        (no_pull, "SFDD-E7020"),
        (two_pulls, "SFDD-E7020"),
        (a_fork, "SFDD-E7021"),
        (a_fork_that_is_gone, "SFDD-E7021"),
        (a_run_of_a_fork, "SFDD-E7022"),
        (another_workflow, "SFDD-E7022"),
        (another_event, "SFDD-E7022"),
        (a_failed_run, "SFDD-E7022"),
        (an_older_head, "SFDD-E7022"),
        (no_artifact, "SFDD-E7023"),
        (two_runs, "SFDD-E7023"),
        (only_a_comment, "SFDD-E7023"),
        (expired, "SFDD-E7024"),
        (a_bomb, "SFDD-E7025"),
        (another_member, "SFDD-E7025"),
        (another_digest, "SFDD-E7025"),
        (no_plan_file, "SFDD-E5010"),
    ],
)
def test_anything_else_is_refused_with_exit_code_3(job: Job, arrange: Callable[[Hub], None], id: str) -> None:
    arrange(job.hub)
    applied: list[object] = []
    cases = replace(UseCases(), apply=lambda *asked: applied.append(asked))
    assert job.step("apply", cases=cases) == 3
    assert applied == []
    assert f"Error {id}: " in job.printed
    assert "Hint: " in job.printed
    assert f"**`{id}`**" in job.summary
    assert job.outputs == {"exit-code": "3"}


def test_whoever_merged_reads_the_refusal_where_they_merged(job: Job) -> None:
    merged(job.hub)
    assert job.step("apply") == 3
    (body,) = job.hub.bodies(7)
    assert "### sfdd apply failed · `crm`" in body
    assert "SFDD-E7022" in body
    assert "Nothing was changed" not in body
    assert job.step("apply") == 3
    assert len(job.hub.bodies(7)) == 1


@pytest.mark.parametrize(
    ("environ", "id"),
    [
        ({"GITHUB_TOKEN": ""}, "SFDD-E7003"),
        ({"GITHUB_API_URL": "http://github.example"}, "SFDD-E7004"),
        ({"GITHUB_REPOSITORY": "acme/crm\nchanges=1"}, "SFDD-E7001"),
        ({"GITHUB_REPOSITORY": "acme/crm/../../user"}, "SFDD-E7001"),
        ({"GITHUB_SHA": ""}, "SFDD-E7001"),
        ({"GITHUB_EVENT_NAME": "pull_request_target"}, "SFDD-E7006"),
        ({"GITHUB_EVENT_PATH": "/nowhere/event.json"}, "SFDD-E7001"),
    ],
)
def test_what_is_no_job_is_no_job(job: Job, environ: dict[str, str], id: str) -> None:
    job.overrides = environ
    assert job.step("apply") == 1
    assert f"Error {id}: " in job.printed
    assert job.hub.seen == []


@pytest.mark.parametrize("text", ["--env x", "-C..", "--out=f", "--check t", "--markdown f", "'", "--base d"])
def test_what_a_step_gives_itself_is_not_given_twice(job: Job, text: str) -> None:
    assert job.step("plan", f"--args={text}") == 1
    assert "SFDD-E7002" in job.printed
