"""A job of the stand-in without a sandbox: for what is decided before or after the ordinary command."""

from __future__ import annotations

import contextlib
import io
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sfdd_declare.cli.main import main
from sfdd_declare.cli.use_cases import UseCases
from tests.github import REPOSITORY, TOKEN, Hub

MERGE = "c" * 40


@dataclass
class Job:
    """Runs steps; what the last one printed and left is kept."""

    hub: Hub
    folder: Path
    printed: str = ""
    overrides: dict[str, str] = field(default_factory=dict)

    def step(self, *arguments: str, cases: UseCases | None = None, event: str = "push", **payload: Any) -> int:
        (self.folder / "event.json").write_text(json.dumps(payload))
        for name in ("output", "summary"):
            (self.folder / name).write_text("")
        environ = {
            "GITHUB_REPOSITORY": REPOSITORY,
            "GITHUB_EVENT_NAME": event,
            "GITHUB_EVENT_PATH": str(self.folder / "event.json"),
            "GITHUB_SHA": MERGE,
            "GITHUB_REF": "refs/heads/main",
            "GITHUB_RUN_ID": "4711",
            "GITHUB_SERVER_URL": "https://github.example",
            "GITHUB_API_URL": self.hub.api,
            "GITHUB_TOKEN": TOKEN,
            "GITHUB_WORKSPACE": str(self.folder),
            "GITHUB_OUTPUT": str(self.folder / "output"),
            "GITHUB_STEP_SUMMARY": str(self.folder / "summary"),
            "RUNNER_TEMP": str(self.folder),
            **self.overrides,
        }
        out = io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out), contextlib.chdir(self.folder):
            code = main(["ci", *arguments], environ=environ, stdin=io.StringIO(), cases=cases)
        self.printed = out.getvalue()
        assert TOKEN not in self.printed + self.summary
        return code

    @property
    def summary(self) -> str:
        return (self.folder / "summary").read_text()

    @property
    def outputs(self) -> dict[str, str]:
        return dict(line.split("=", 1) for line in (self.folder / "output").read_text().splitlines())
