"""What GitHub tells a job about itself: environment and event. Strangers choose parts of it, so all has a grammar."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import gettempdir
from typing import Any

from pydantic import SecretStr

from sfdd_declare.host.github import GitHub
from sfdd_declare.model.ci import Step
from sfdd_declare.model.errors import UsageError
from sfdd_declare.render.markdown import Place

_REPOSITORY = re.compile(r"[A-Za-z0-9_.-]{1,100}/[A-Za-z0-9_.-]{1,100}")
_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,60}")
#: `refs/heads/gh-readonly-queue/main/pr-12-…`: the last pull request of a group of the merge queue.
_QUEUE = re.compile(r"refs/heads/gh-readonly-queue/.+/pr-(\d{1,9})-[0-9a-f]{40,64}")


@dataclass(frozen=True, slots=True)
class Runner:
    """One job. `head` is the commit that was proposed, where `sha` may be its merge; `pull` is 0 outside of one."""

    repository: str
    event: str
    sha: str
    ref: str
    head: str
    base: str
    pull: int
    queued_pull: int
    run_id: str
    server: str
    api: str
    token: SecretStr
    workspace: Path
    temp: Path
    output: Path | None
    summary: Path | None

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> Runner:
        """Raises UsageError (SFDD-E7001) where this is no job of GitHub Actions, and SFDD-E7006 where strangers' files
        meet the repository's secrets.
        """
        event = _event(environ)
        if environ.get("GITHUB_EVENT_NAME") == "pull_request_target":
            summary = "`pull_request_target` gives secrets to a job about a stranger's files: sfdd does not run in one."
            raise UsageError("SFDD-E7006", summary, hint="on: pull_request")
        pull, queue = event.get("pull_request") or {}, event.get("merge_group") or {}
        sha = _required(environ, "GITHUB_SHA", _COMMIT)
        in_queue = _QUEUE.fullmatch(str(queue.get("head_ref") or ""))
        return cls(
            repository=_required(environ, "GITHUB_REPOSITORY", _REPOSITORY),
            event=environ.get("GITHUB_EVENT_NAME", ""),
            sha=sha,
            ref=environ.get("GITHUB_REF", ""),
            head=_commit(pull.get("head")) or sha,
            base=_commit(pull.get("base")),
            pull=int(pull["number"]) if isinstance(pull.get("number"), int) else 0,
            queued_pull=int(in_queue[1]) if in_queue else 0,
            run_id=environ.get("GITHUB_RUN_ID", ""),
            server=environ.get("GITHUB_SERVER_URL", "").rstrip("/"),
            api=environ.get("GITHUB_API_URL", ""),
            token=SecretStr(environ.get("GITHUB_TOKEN", "")),
            workspace=Path(environ.get("GITHUB_WORKSPACE") or "."),
            temp=Path(environ.get("RUNNER_TEMP") or gettempdir()),
            output=_path(environ, "GITHUB_OUTPUT"),
            summary=_path(environ, "GITHUB_STEP_SUMMARY"),
        )

    @property
    def run_url(self) -> str:
        is_number = self.run_id.isascii() and self.run_id.isdigit()
        return f"{self.server}/{self.repository}/actions/runs/{self.run_id}" if self.server and is_number else ""

    def host(self) -> GitHub:
        """Raises UsageError (SFDD-E7003) without a token."""
        if not self.token.get_secret_value():
            raise UsageError("SFDD-E7003", "GITHUB_TOKEN is not set.", hint="env: {GITHUB_TOKEN: ${{ github.token }}}")
        return GitHub(self.api, self.repository, self.token)

    def config(self, folder: Path) -> str:
        """The name of a configuration: its folder within the repository, or the repository's own name at its top."""
        there = folder.resolve()
        there = there.parent if there.is_file() else there
        workspace = self.workspace.resolve()
        if not there.is_relative_to(workspace):
            return there.name
        inner = there.relative_to(workspace).as_posix()
        return self.repository.partition("/")[2] if inner == "." else inner

    def place(self, step: Step, **more: Any) -> Place:
        """Where a body of this job belongs."""
        label = f"run {self.run_id}" if self.run_url else ""
        config = self.config(step.folder)
        return Place(config, env=step.env or "", run_url=self.run_url, run_label=label, **more)


def plan_name(config: str, env: str | None, head: str) -> str:
    """`sfdd-plan-crm-production-<head>`: the name of the artifact, and of the file in it before `.sfddplan`."""
    return "-".join(["sfdd-plan", *(plain(part) for part in (config, env) if part), head])


def plain(name: str) -> str:
    """The name, or one in its place that may stand in a file's name and is no other name's."""
    if _NAME.fullmatch(name):
        return name
    kept = re.sub(r"[^A-Za-z0-9_]+", "_", name)[:40]
    return f"{kept}_{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def _event(environ: Mapping[str, str]) -> Mapping[str, Any]:
    path = environ.get("GITHUB_EVENT_PATH")
    if not path:
        return {}
    try:
        event = json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise _nowhere("The file that GITHUB_EVENT_PATH names cannot be read") from None
    return event if isinstance(event, dict) else {}


def _required(environ: Mapping[str, str], name: str, grammar: re.Pattern[str]) -> str:
    value = environ.get(name, "")
    if not grammar.fullmatch(value):
        raise _nowhere(f"{name} is not set as GitHub Actions sets it")
    return value


def _nowhere(why: str) -> UsageError:
    return UsageError("SFDD-E7001", f"{why}: `sfdd ci` runs in a job of GitHub Actions.", hint="sfdd plan")


def _commit(side: Any) -> str:
    sha = side.get("sha") if isinstance(side, dict) else None
    return sha if isinstance(sha, str) and _COMMIT.fullmatch(sha) else ""


def _path(environ: Mapping[str, str], name: str) -> Path | None:
    return Path(environ[name]) if environ.get(name) else None
