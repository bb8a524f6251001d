"""The examples load, are complete, and pass their own schema; starting up loads nothing heavy."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from sfdd_declare.config.positions import Mapping, Node, Number, Sequence
from sfdd_declare.config.read import load
from sfdd_declare.config.schema import config_schema
from sfdd_declare.config.tree import parse

EXAMPLES = Path(__file__).parents[3] / "examples"
#: Configurations; beside `operate/config` lies what other programs read.
FILES = sorted(path for path in EXAMPLES.rglob("*.yaml") if "operate" not in path.parts or path.parent.name == "config")
ENVIRON = dict.fromkeys(("SF_CLIENT_ID", "DD_USER", "DD_PASSWORD", "DD_EVENTS_USER", "DD_EVENTS_PASSWORD"), "x") | {
    "OPS_WEBHOOK": "https://ops.acme.example/hook",
    "OPS_WEBHOOK_SECRET": "x",
    "SLACK_WEBHOOK": "https://hooks.slack.com/services/T/B/x",
    "SMTP_URL": "smtp://u:p@mail.acme.example:587",
}


def plain(node: Node) -> Any:
    """The node as an editor sees it, numbers as numbers."""
    if isinstance(node, Mapping):
        return {key: plain(entry.node) for key, entry in node.entries.items()}
    if isinstance(node, Sequence):
        return [plain(item) for item in node.items]
    return node.value.number if isinstance(node.value, Number) else node.value


def test_the_quickstart_loads_without_any_credential() -> None:
    desired = load(EXAMPLES / "quickstart", environ={}, credentials=False)
    assert [item.address for item in desired.not_applied] == []
    assert desired.warnings == ()


def test_the_quickstart_takes_its_credentials_from_the_environment() -> None:
    environ = {
        "SF_ACCESS_TOKEN": "t",
        "SF_ORG_INSTANCE_URL": "http://localhost:1",
        "DD_USER": "u",
        "DD_PASSWORD": "p",
        "DD_URL": "http://localhost:2",
    }
    desired = load(EXAMPLES / "quickstart", environ=environ)
    assert desired.salesforce.auth is not None
    assert desired.salesforce.auth.instance_url == "http://localhost:1"
    assert desired.accounts[0].region == "http://localhost:2"


@pytest.mark.parametrize("env", [None, "staging"])
def test_the_full_example_loads(tmp_path: Path, env: str | None) -> None:
    folder = shutil.copytree(EXAMPLES / "full", tmp_path / "full")
    (folder / "secrets").mkdir()
    (folder / "secrets" / "sf.key").write_text("key", encoding="utf-8")
    desired = load(folder, environ=ENVIRON, env=env)
    assert desired.campaigns[0].name == ("Spring launch 2026 (staging)" if env else "Spring launch 2026")
    assert desired.links[0].schedule == ("manual" if env else "every 15 minutes")


def test_the_full_example_shows_every_key() -> None:
    text = "\n".join(file.read_text(encoding="utf-8") for file in (EXAMPLES / "full").rglob("*.yaml"))
    schema = json.loads(config_schema())
    other_logins = ("AccessToken", "ClientCredentials", "RefreshToken")
    models = {"Root": schema, **{name: model for name, model in schema["$defs"].items() if name not in other_logins}}
    for name, model in models.items():
        for key in model.get("properties", {}):
            assert re.search(rf"[\s{{]{key}:", text), f"{name}.{key} is in no example"


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(EXAMPLES)))
def test_examples_pass_the_schema_and_name_it(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    tree, _ = parse(text, str(file))
    document = {"version": 1, **plain(tree)}
    if file.parent.name == "env":
        document["campaigns"]["spring_launch"].pop("end_date")  # null takes a key out, in overlays only
    jsonschema.Draft202012Validator(json.loads(config_schema())).validate(document)
    named = re.search(r"\$schema=(\S+)", text)
    assert named
    assert (file.parent / named[1]).resolve() == EXAMPLES.parent / "schemas" / "config.schema.json"


def test_every_key_of_the_schema_is_described() -> None:
    schema = json.loads(config_schema())
    for name, model in {"Root": schema, **schema["$defs"]}.items():
        for key, value in model.get("properties", {}).items():
            target = schema["$defs"][value["$ref"].rsplit("/", 1)[1]] if "$ref" in value else value
            assert value.get("description") or target.get("description"), f"{name}.{key}"


WRONG = {
    "unknown key": {"version": 1, "campagns": {}},
    "no version": {},
    "word": {"version": 1, "salesforce": {"registry": "custom"}},
    "neither name nor existing": {"version": 1, "campaigns": {"a": {"type": "Email"}}},
}


@pytest.mark.parametrize("document", WRONG.values(), ids=WRONG)
def test_the_schema_refuses_what_the_tool_refuses(document: dict[str, Any]) -> None:
    validator = jsonschema.Draft202012Validator(json.loads(config_schema()))
    assert not validator.is_valid(document)


def test_a_reference_passes_the_schema_wherever_a_word_does() -> None:
    account = {"user": "${env:U}", "password": "${env:P}", "region": "${env:R:-auto}", "enabled": "${var:e}"}
    document = {"version": 1, "dotdigital": {"accounts": {"main": account}}}
    validator = jsonschema.Draft202012Validator(json.loads(config_schema()))
    validator.validate(document)
    account["enabled"] = "${env:E}"
    assert not validator.is_valid(document), "a switch is shown in plans"


def test_loading_a_configuration_imports_nothing_heavy() -> None:
    script = (
        "import sys, pathlib; from sfdd_declare.config.read import load;"
        f"load(pathlib.Path({str(EXAMPLES / 'quickstart')!r}), environ={{}}, credentials=False);"
        "print([m for m in ('duckdb', 'pyarrow', 'sqlalchemy', 'httpx', 'rich') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
