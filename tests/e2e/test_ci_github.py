"""The steps of GitHub Actions over HTTP: what is posted where, which plan is applied, and what nobody can forge."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.stage import CONFIG, Ended, Stage, buyers
from tests.github import REPOSITORY, TOKEN, Hub, Serving

HEAD, MERGE, OTHER = "a" * 40, "c" * 40, "d" * 40
NAME = f"sfdd-plan-config-{HEAD}"


@dataclass
class Job:
    """One stage within a job of the stand-in."""

    stage: Stage
    hub: Hub
    folder: Path
    texts: list[str] = field(default_factory=list)

    def step(self, *arguments: str, event: str = "pull_request", **payload: Any) -> Ended:
        """Run a step; `output` and `summary` are those of this step alone."""
        path = self.folder / "event.json"
        path.write_text(json.dumps(payload))
        for name in ("output", "summary"):
            (self.folder / name).write_text("")
        self.stage.overrides = {
            "GITHUB_REPOSITORY": REPOSITORY,
            "GITHUB_EVENT_NAME": event,
            "GITHUB_EVENT_PATH": str(path),
            "GITHUB_SHA": MERGE,
            "GITHUB_REF": "refs/heads/main" if event == "push" else "refs/pull/7/merge",
            "GITHUB_RUN_ID": "4711",
            "GITHUB_SERVER_URL": "https://github.example",
            "GITHUB_API_URL": self.hub.api,
            "GITHUB_TOKEN": TOKEN,
            "GITHUB_WORKSPACE": str(self.stage.folder.parent),
            "GITHUB_OUTPUT": str(self.folder / "output"),
            "GITHUB_STEP_SUMMARY": str(self.folder / "summary"),
            "RUNNER_TEMP": str(self.folder),
        }
        ended = self.stage.sfdd("ci", *arguments)
        self.texts += [ended.text, self.summary, (self.folder / "output").read_text()]
        return ended

    def plan(self, *arguments: str, pull: int = 7, head: str = HEAD) -> Ended:
        proposed = {"number": pull, "head": {"sha": head}, "base": {"sha": "b" * 40}}
        return self.step("plan", *arguments, pull_request=proposed)

    def apply(self, *arguments: str) -> Ended:
        return self.step("apply", *arguments, event="push")

    def merged(self, *, head: str = HEAD, **how: Any) -> int:
        """The pull request is merged, and its planning run kept the plan file. Returns the run."""
        self.hub.pull(7, head, merge=MERGE)
        run = self.hub.run(head, **how)
        self.hub.artifact(run, NAME, (self.folder / f"{NAME}.sfddplan").read_bytes())
        return run

    @property
    def outputs(self) -> dict[str, str]:
        return dict(line.split("=", 1) for line in (self.folder / "output").read_text().splitlines())

    @property
    def summary(self) -> str:
        return (self.folder / "summary").read_text()


@pytest.fixture
def job(stage: Stage, tmp_path: Path) -> Iterator[Job]:
    buyers(stage.world, 3)
    assert stage.sfdd("state", "init").code == 0
    folder = tmp_path / "runner"
    folder.mkdir()
    with Serving(Hub()) as hub:
        yield Job(stage, hub, folder)


def commands_of(log: str) -> list[str]:
    """The lines that a runner obeys: none while it was told to stop, until the word it was told."""
    obeyed, word = [], None
    for line in (line.strip() for line in log.splitlines()):
        if word is not None:
            word = None if line == f"::{word}::" else word
        elif found := re.fullmatch(r"::stop-commands::(\w{16,})", line):
            word = found[1]
        elif line.startswith("::") or "##[" in line:
            obeyed.append(line)
    assert word is None, "the runner never listens again"
    return obeyed


def test_one_pull_request_from_its_first_plan_to_its_apply(job: Job) -> None:
    ended = job.plan()
    assert ended.code == 0, ended.text
    assert "Plan: " in ended.out
    (body,) = job.hub.bodies(7)
    assert job.outputs["changes"] == "true"
    assert f'"fingerprint":"{job.outputs["fingerprint"]}"' in body.splitlines()[0]
    assert f'"head":"{HEAD}"' in body.splitlines()[0]
    assert "**To approve:** approve this pull request; its merge carries out the plan file" in body
    assert (job.outputs["people-add"], job.outputs["artifact"]) == ("3", NAME)
    assert Path(job.outputs["plan-file"]) == job.folder / f"{NAME}.sfddplan"
    assert "### sfdd plan · `config`" in job.summary
    assert "[`run 4711`](https://github.example/acme/crm/actions/runs/4711)" in body

    job.hub.pull(9, OTHER)
    theirs = job.hub.comment(9, body.replace(HEAD, OTHER))
    job.hub.pull(10, "e" * 40)
    forged = job.hub.comment(10, body, author="stranger")
    job.merged()
    ended = job.apply()
    assert ended.code == 0, ended.text
    assert job.stage.lists_of("buyer0@example.com") == ["Spring book"]
    (body,) = job.hub.bodies(7)
    assert '"state":"closed"' in body.splitlines()[0]
    assert body.index("### sfdd plan") < body.index("### sfdd apply")
    assert body.count("<!-- sfdd") == 1
    assert job.outputs["people-add"] == "3"
    assert "**Outdated by #7**" in theirs["body"]
    assert '"state":"outdated"' in theirs["body"].splitlines()[0]
    assert "Outdated" not in forged["body"]

    ended = job.apply()  # a repeated run: nothing is due, the same comment
    assert ended.code == 0, ended.text
    assert len(job.hub.bodies(7)) == 1
    assert job.outputs["changes"] == "false"
    assert theirs["body"].count("Outdated by") == 1

    ended = job.plan(pull=11)  # and a plan without changes needs no comment
    assert (ended.code, job.outputs["changes"], job.hub.bodies(11)) == (0, "false", [])
    assert job.outputs["plan-file"], "the apply of its merge looks for it"

    everything = "\n".join([*job.texts, *(seen.text for seen in job.hub.seen)])
    assert "•••@example.com" in everything, "people were shown, masked"
    assert re.findall(r"buyer\d|First\d|Last\d|Title \d", everything) == []
    assert TOKEN not in everything


def test_a_comment_is_edited_in_place_by_marker_author_configuration_and_environment(job: Job) -> None:
    (job.stage.folder / "env").mkdir()
    (job.stage.folder / "env" / "staging.yaml").write_text("address_books: {spring: {name: Staging book}}\n")
    assert job.stage.sfdd("state", "init", "--env", "staging").code == 0
    for count in range(4):  # the first page is full of others
        job.hub.comment(7, f"remark {count}", author="reviewer")
    assert job.plan().code == 0
    first = job.hub.bodies(7)[0]
    forged = job.hub.comment(7, first, author="stranger")
    assert job.plan("--env", "staging").code == 0
    assert len(job.hub.bodies(7)) == 2
    buyers(job.stage.world, 1, start=3)
    assert job.plan().code == 0
    mine, staging = job.hub.bodies(7)
    assert ("4 to add" in mine, "4 to add" in staging) == (True, False)
    assert '"env":"staging"' in staging.splitlines()[0]
    assert forged["body"] == first

    job.stage.write(replace=("campaign: spring,", "campaign: sprin,"))
    ended = job.plan()
    assert ended.code == 1
    failed, _ = job.hub.bodies(7)
    assert '"state":"failed"' in failed.splitlines()[0]
    assert "`sprin`" in failed or "sprin" in failed
    assert "changes" not in job.outputs
    assert job.outputs["exit-code"] == "1"
    assert "plan failed" in job.summary


def test_a_comment_that_cannot_be_posted_is_a_warning_and_the_plan_stands(job: Job) -> None:
    job.hub.refuse("POST", "/comments", 403)
    ended = job.plan()
    assert ended.code == 0, ended.text
    (warned,) = commands_of(ended.out)
    assert warned.startswith("::warning title=sfdd::")
    assert "403" in warned
    assert TOKEN not in ended.text
    assert "3 to add" in job.summary
    assert job.outputs["changes"] == "true"


def test_no_name_in_the_configuration_can_give_a_command_or_an_output(job: Job) -> None:
    hostile = r'"::set-output name=changes::false\n::error::forged\n##[error]x\nfingerprint=0"'
    job.stage.write(CONFIG.replace("name: Spring launch", f"name: {hostile}"))
    ended = job.plan("--no-comment")
    assert commands_of(ended.out) == []
    assert "set-output" in ended.out
    assert all("forged" not in value for value in job.outputs.values())
    assert job.hub.seen == []
    job.stage.write(CONFIG.replace("campaign: spring,", 'campaign: "::error::forged",'))
    assert job.step("plan", "--no-comment").code == 1
    assert commands_of(job.texts[-3]) == []
    assert job.step("validate", event="push").code == 1
    (said,) = commands_of(job.texts[-3])
    assert said.startswith("::error file=sfdd.yaml,line=")
    assert "Not valid: 1 error." in job.summary


def test_a_merge_queue_lets_through_what_was_reviewed_and_no_more(job: Job) -> None:
    assert job.plan().code == 0
    job.hub.pull(7, HEAD)
    run = job.hub.run(HEAD)
    job.hub.artifact(run, NAME, (job.folder / f"{NAME}.sfddplan").read_bytes())
    queued = {"head_ref": f"refs/heads/gh-readonly-queue/main/pr-7-{OTHER}", "head_sha": MERGE}
    ended = job.step("plan", event="merge_group", merge_group=queued)
    assert ended.code == 0, ended.text
    buyers(job.stage.world, 40, start=3)
    ended = job.step("plan", event="merge_group", merge_group=queued)
    assert ended.code == 3, ended.text
    assert len(job.hub.bodies(7)) == 1
    assert "plan failed" in job.summary


def test_drift_in_the_world_becomes_an_issue(job: Job) -> None:
    job.stage.apply()
    job.stage.marketer("set_field", email="buyer1@example.com", field="JOB_TITLE", value="Zq Director")
    ended = job.step("drift", event="schedule")
    assert ended.code == 0, ended.text
    (issue,) = job.hub.issues
    assert "JOB_TITLE" in issue["body"]
    everything = "\n".join([*job.texts, *(seen.text for seen in job.hub.seen)])
    assert re.findall(r"buyer\d|First\d|Last\d|Title \d|Director", everything) == []
