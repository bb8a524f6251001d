"""One checkout of a project at GitLab, and its jobs as a runner would run them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.examples.gitlab import PROJECT, TOKEN, Lab, Serving

EXAMPLE = Path(__file__).parents[2] / "examples" / "gitlab"
CANARY = "canaryOfSalesforce4711"

#: What it is given it keeps, and it writes what it was told to.
_SFDD = """\
#!/bin/bash
printf '%s\\n' "$@" > "$FAKE/arguments"
printf '%s' "${AWS_WEB_IDENTITY_TOKEN_FILE:+$(cat "$AWS_WEB_IDENTITY_TOKEN_FILE")}" > "$FAKE/jwt"
case "$1" in apply) cp "$2" "$FAKE/applied" ;; validate) printf '[]' ;; esac
while [ $# -gt 0 ]; do
  case "$1" in
    --markdown) [ ! -e "$FAKE/markdown" ] || cp "$FAKE/markdown" "$2" ;;
    --out) printf 'the plan' > "$2" ;;
    --base) cp "$2/sfdd.yaml" "$FAKE/base" ;;
  esac
  shift
done
exit "$(cat "$FAKE/code")"
"""


@cache
def pipeline() -> dict[str, Any]:
    loaded: dict[str, Any] = YAML(typ="safe").load((EXAMPLE / ".gitlab-ci.yml").read_text())
    return loaded


def job(name: str) -> dict[str, Any]:
    """A job with what it extends."""
    found = pipeline()
    own = found[name]
    above = found[own["extends"]] if "extends" in own else {}
    return {**above, **own, "variables": {**above.get("variables", {}), **own.get("variables", {})}}


def body(kind: str, text: str, *, env: str | None = "production", **more: Any) -> str:
    """What `sfdd --markdown` writes."""
    said = {"v": 1, "kind": kind, "config": "crm", "env": env, "head": None, "fingerprint": "f1", **more}
    return f"<!-- sfdd {json.dumps(said, separators=(',', ':'))} -->\n\n{text}\n"


@dataclass
class Ended:
    """How a job ended."""

    code: int
    out: str
    err: str


@dataclass
class Machine:
    """A runner with a checkout; `sfdd` on it only pretends."""

    folder: Path
    lab: Lab
    head: str = ""
    base: str = ""

    @property
    def checkout(self) -> Path:
        return self.folder / "checkout"

    @property
    def environ(self) -> dict[str, str]:
        return {
            "PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}",
            "HOME": str(self.folder),
            "TMPDIR": str(self.folder / "tmp"),
            "FAKE": str(self.folder),
            "CI_API_V4_URL": f"{self.lab.url}/api/v4",
            "CI_PROJECT_ID": str(PROJECT),
            "CI_JOB_URL": "https://gitlab.example/acme/crm/-/jobs/1",
            "SFDD_GITLAB_TOKEN": TOKEN,
            "SFDD_BUCKET_JWT": f"jwt-{CANARY}",
            "SF_PRIVATE_KEY": CANARY,
            "CI_MERGE_REQUEST_TITLE": "$(touch owned) `touch owned`",
        }

    def sfdd(self, code: int, markdown: str | None) -> None:
        """What the next command of sfdd does."""
        (self.folder / "code").write_text(str(code))
        (self.folder / "markdown").unlink(missing_ok=True)
        if markdown is not None:
            (self.folder / "markdown").write_text(markdown)

    def run(self, name: str, **environ: str) -> Ended:
        """Run the script of a job."""
        wanted = {**pipeline()["variables"], **job(name)["variables"], **self.environ, **environ}
        return self._ended(["bash", "-eo", "pipefail", "-c", "\n".join(job(name)["script"])], wanted)

    def plan(self, number: int = 7, **environ: str) -> Ended:
        more = {"CI_COMMIT_SHA": self.head, "CI_MERGE_REQUEST_IID": str(number)}
        more |= {"CI_MERGE_REQUEST_EVENT_TYPE": "detached", "CI_MERGE_REQUEST_DIFF_BASE_SHA": self.base}
        return self.run("plan", **{**more, **environ})

    def script(self, name: str, *arguments: str, **environ: str) -> Ended:
        """One of the scripts by itself."""
        return self._ended(["python3", f"ci/{name}", *arguments], {**self.environ, **environ})

    def kept(self, name: str) -> str:
        return (self.folder / name).read_text()

    def _ended(self, words: list[str], environ: dict[str, str]) -> Ended:
        ran = subprocess.run(words, cwd=self.checkout, env=environ, capture_output=True, text=True, check=False)
        for text in (ran.stdout, ran.stderr):
            assert TOKEN not in text
            assert "canary" not in text
        return Ended(ran.returncode, ran.stdout, ran.stderr)

    def git(self, *words: str) -> str:
        who = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "init.defaultBranch=main"]
        ran = subprocess.run(["git", *who, *words], cwd=self.checkout, capture_output=True, text=True, check=True)
        return ran.stdout.strip()


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    with Serving(Lab()) as lab:
        machine = Machine(tmp_path, lab, "a" * 40)
        for folder in ("bin", "tmp", "checkout/crm", "checkout/ci"):
            (tmp_path / folder).mkdir(parents=True)
        fake = tmp_path / "bin" / "sfdd"
        fake.write_text(_SFDD)
        fake.chmod(0o755)
        (tmp_path / "bin" / "python3").symlink_to(Path(sys.executable).resolve())
        for script in ("note.py", "approved.py"):
            (machine.checkout / "ci" / script).symlink_to(EXAMPLE / script)
        yield machine
        assert not (machine.checkout / "owned").exists()
        assert not list((tmp_path / "tmp").iterdir())
        for one in lab.seen:
            assert CANARY not in f"{one.path} {one.body} {one.headers}"
            assert TOKEN not in f"{one.path} {one.body}"


@pytest.fixture
def checkout(machine: Machine) -> Machine:
    """A machine whose checkout has two commits: the base, and what is proposed."""
    machine.git("init", "--quiet")
    for name in ("base", "head"):
        (machine.checkout / "crm" / "sfdd.yaml").write_text(name)
        machine.git("add", "crm")
        machine.git("commit", "--quiet", "--message", name)
        setattr(machine, name, machine.git("rev-parse", "HEAD"))
    return machine
