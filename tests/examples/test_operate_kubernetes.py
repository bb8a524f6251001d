"""The manifests for Kubernetes, the alerts, and the configuration that goes with all of them."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
from prometheus_client.parser import text_string_to_metric_families

from sfdd_declare.app.options import Options
from sfdd_declare.app.validate import configuration, validate
from sfdd_declare.store.lease import EXPIRY_SECONDS
from tests.examples.operate import (
    DOCKERFILE,
    MANIFESTS,
    OPERATE,
    ROOT,
    RULES,
    instructions,
    loaded,
    pods,
    unit_values,
    violations,
)
from tests.unit.web.builders import HTTP, a_busy_service, a_run, shown

CONFIGURATION = OPERATE / "config" / "sfdd.yaml"
#: Read by Python, by a shell, or by the library of PostgreSQL, not by our code.
NOT_OURS = {"PATH", "LOGNAME", "PYTHONUNBUFFERED", "PGPASSWORD"}


def text_of_config_map() -> str:
    (found,) = (document for document in map(loaded, MANIFESTS) if document["kind"] == "ConfigMap")
    text: str = found["data"]["sfdd.yaml"]
    return text


def mounted(folder: Path, **files: str) -> Path:
    """Files as a kubelet mounts them: links into a folder that is another one after each update."""
    there = folder / "..2026_11_30_17_00_00.1"
    there.mkdir(parents=True)
    (folder / "..data").symlink_to(there.name)
    for name, text in files.items():
        (there / name).write_text(text, encoding="utf-8")
        (folder / name).symlink_to(f"..data/{name}")
    return folder


@pytest.mark.parametrize("path", MANIFESTS, ids=lambda path: path.stem)
def test_a_manifest_is_one_of_its_kind(path: Path) -> None:
    kubernetes_validate.validate(loaded(path), kubernetes_validate.latest_version(), strict=True)


@pytest.mark.parametrize("kind", ["Deployment", "CronJob"])
def test_a_pod_keeps_the_restricted_standard_and_writes_nowhere(kind: str) -> None:
    pod = pods()[kind]
    assert list(violations(pod)) == []
    (container,) = pod["containers"]
    assert container["securityContext"]["readOnlyRootFilesystem"] is True
    assert pod["automountServiceAccountToken"] is False
    written = {mount["name"] for mount in container["volumeMounts"] if not mount.get("readOnly")}
    sizes = {volume["name"]: volume["emptyDir"]["sizeLimit"] for volume in pod["volumes"] if "emptyDir" in volume}
    assert written == set(sizes) == {"runs"}
    assert not [mount for mount in container["volumeMounts"] if "subPath" in mount]


@pytest.mark.parametrize(
    ("named", "spoil"),
    [
        ("hostNetwork", lambda pod, _: pod.update(hostNetwork=True)),
        ("runAsNonRoot", lambda pod, _: pod["securityContext"].pop("runAsNonRoot")),
        ("runAsUser", lambda pod, _: pod["securityContext"].update(runAsUser=0)),
        ("seccompProfile", lambda pod, _: pod["securityContext"].pop("seccompProfile")),
        ("volume runs", lambda pod, _: pod["volumes"][-1].update(hostPath={"path": "/tmp"})),
        ("privileged", lambda _, own: own.update(privileged=True)),
        ("allowPrivilegeEscalation", lambda _, own: own.pop("allowPrivilegeEscalation")),
        ("capabilities", lambda _, own: own["capabilities"].update(add=["SYS_ADMIN"])),
        ("capabilities", lambda _, own: own["capabilities"].update(drop=["NET_RAW"])),
    ],
)
def test_the_standard_sees_what_it_refuses(named: str, spoil: Callable[[Any, Any], object]) -> None:
    pod = deepcopy(pods()["Deployment"])
    spoil(pod, pod["containers"][0]["securityContext"])
    assert list(violations(pod)) == [named]


def test_probes_ask_what_answers_without_a_token() -> None:
    (container,) = pods()["Deployment"]["containers"]
    asked = {name: container[name]["httpGet"]["path"] for name in ("livenessProbe", "readinessProbe", "startupProbe")}
    assert asked == {"livenessProbe": "/healthz", "readinessProbe": "/readyz", "startupProbe": "/healthz"}
    (port,) = container["ports"]
    assert container["args"][container["args"].index("--listen") + 1] == f":{port['containerPort']}"
    assert instructions("EXPOSE") == [str(port["containerPort"])]


def test_a_job_waits_for_whoever_was_killed() -> None:
    args = pods()["CronJob"]["containers"][0]["args"]
    assert float(args[args.index("--lock-timeout") + 1]) > EXPIRY_SECONDS


def test_the_configuration_is_one_and_is_right() -> None:
    validate(Options(folder=OPERATE / "config"))
    written = CONFIGURATION.read_text(encoding="utf-8").partition("\n")[2]
    assert text_of_config_map() == written


def test_the_configuration_is_read_as_it_is_mounted(tmp_path: Path) -> None:
    config = mounted(tmp_path / "config", **{"sfdd.yaml": text_of_config_map()})
    secrets = mounted(tmp_path / "secrets", **{"sf.key": "the key of the app\n"})
    environ = dict.fromkeys(re.findall(r"\$\{env:(\w+)\}", text_of_config_map()), "https://ops.acme.example/told")
    desired = configuration(Options(folder=config, environ=environ | {"SFDD_SECRETS_DIR": str(secrets)}))
    key = desired.salesforce.auth.private_key
    assert key is not None
    assert key.get_secret_value().strip() == "the key of the app"


def test_every_variable_that_is_set_is_read_by_somebody() -> None:
    compose = loaded(OPERATE / "compose.yaml")["services"]["sfdd"]
    listed = re.findall(r"^(?:# )?([A-Z_]+)=", (OPERATE / "sfdd.env").read_text(encoding="utf-8"), re.MULTILINE)
    named = {
        *listed,
        *re.findall(r"(?:^ENV|\\\n) +(\w+)=", DOCKERFILE),
        *(value.partition("=")[0] for value in unit_values("Environment")),
        *compose["environment"],
        *(one["name"] for pod in pods().values() for one in pod["containers"][0]["env"]),
    }
    code = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "sfdd_declare").rglob("*.py"))
    asked = set(re.findall(r"\$\{env:(\w+)", CONFIGURATION.read_text(encoding="utf-8")))
    assert len(named) > 12
    assert [name for name in sorted(named - NOT_OURS - asked) if not re.search(rf"\b{name}\b", code)] == []
    assert asked <= set(listed)
    assert os.path.basename(unit_values("EnvironmentFile")[0]) == "sfdd.env"


def test_every_metric_that_an_alert_names_is_told() -> None:
    busy = a_busy_service()
    busy = replace(busy, runs=(a_run(salesforce_calls_left=9_000), *busy.runs))
    with shown(busy) as running:
        text = HTTP.get(f"{running.url}/metrics").text
    told: dict[str, set[tuple[str, str]]] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            told.setdefault(sample.name, set()).update(sample.labels.items())
    named = set()
    for rule in RULES:
        for metric, labels in re.findall(r"(sfdd_\w+)(?:\{([^}]*)\})?", rule["expr"]):
            named.add(metric)
            assert metric in told, rule["alert"]
            for label, values in re.findall(r'(\w+)=~?"([^"]*)"', labels):
                assert {(label, value) for value in values.split("|")} <= told[metric], rule["alert"]
    assert {"sfdd_up", "sfdd_link_last_success_timestamp_seconds", "sfdd_calls_left"} <= named


def test_every_alert_says_what_it_is_and_what_to_do() -> None:
    assert len({rule["alert"] for rule in RULES}) == len(RULES) >= 7
    for rule in RULES:
        assert set(rule["annotations"]) == {"summary", "description"}
        assert rule["labels"]["severity"] in ("info", "warning", "critical")


def test_the_scraper_shows_the_token_and_finds_the_alerts() -> None:
    found = loaded(OPERATE / "prometheus.yaml")
    (job,) = found["scrape_configs"]
    assert job["authorization"]["type"] == "Bearer"
    assert all((OPERATE / name).is_file() for name in found["rule_files"])
