"""The files of `examples/operate`, read as values, and the standard that pods are held to."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

ROOT = Path(__file__).parents[2]
OPERATE = ROOT / "examples" / "operate"
DOCKERFILE = (OPERATE / "Dockerfile").read_text(encoding="utf-8")
UNIT = OPERATE / "sfdd-watch.service"
MANIFESTS = sorted((OPERATE / "kubernetes").glob("*.yaml"))

#: The types of volumes that the restricted standard allows.
_VOLUMES = {"configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret"}


def loaded(path: Path) -> Any:
    return YAML(typ="safe").load(path.read_text(encoding="utf-8"))


RULES: list[dict[str, Any]] = [
    rule for group in loaded(OPERATE / "prometheus-rules.yaml")["groups"] for rule in group["rules"]
]


def pods() -> dict[str, dict[str, Any]]:
    """The pods that the manifests make, by the kind that makes them."""
    found = {document["kind"]: document for document in map(loaded, MANIFESTS)}
    job = found["CronJob"]["spec"]["jobTemplate"]["spec"]["template"]
    return {"Deployment": found["Deployment"]["spec"]["template"]["spec"], "CronJob": job["spec"]}


def instructions(word: str) -> list[str]:
    """What stands behind an instruction of the Dockerfile, in one line each."""
    joined = DOCKERFILE.replace("\\\n", " ")
    return [line.removeprefix(f"{word} ").strip() for line in joined.splitlines() if line.startswith(f"{word} ")]


def unit_values(key: str) -> list[str]:
    return re.findall(rf"^{key}=(.*)$", UNIT.read_text(encoding="utf-8"), re.MULTILINE)


def healthcheck() -> list[str]:
    """The words that are run."""
    words: list[str] = json.loads(instructions("HEALTHCHECK")[0].partition("CMD ")[2])
    return words


def violations(pod: dict[str, Any]) -> Iterator[str]:
    """What the restricted Pod Security Standard refuses of a pod: baseline's controls, then its own."""
    own = pod.get("securityContext", {})
    for name in ("hostNetwork", "hostPID", "hostIPC"):
        if pod.get(name):
            yield name
    if own.get("sysctls"):
        yield "sysctls"
    for volume in pod.get("volumes", []):
        if not (set(volume) - {"name"}) <= _VOLUMES:
            yield f"volume {volume['name']}"
    for container in (*pod.get("initContainers", []), *pod["containers"]):
        context = container.get("securityContext", {})
        both = {**own, **context}
        capabilities = context.get("capabilities", {})
        checks = {
            "privileged": not context.get("privileged"),
            "allowPrivilegeEscalation": context.get("allowPrivilegeEscalation") is False,
            "capabilities": "ALL" in capabilities.get("drop", [])
            and set(capabilities.get("add", [])) <= {"NET_BIND_SERVICE"},
            "hostPort": not any(port.get("hostPort") for port in container.get("ports", [])),
            "procMount": context.get("procMount", "Default") == "Default",
            "runAsNonRoot": both.get("runAsNonRoot") is True,
            "runAsUser": both.get("runAsUser") != 0,
            "seccompProfile": both.get("seccompProfile", {}).get("type") in ("RuntimeDefault", "Localhost"),
            "appArmorProfile": both.get("appArmorProfile", {}).get("type") != "Unconfined",
            "seLinuxOptions": not {"user", "role"} & set(both.get("seLinuxOptions", {})),
        }
        yield from (name for name, is_kept in checks.items() if not is_kept)
