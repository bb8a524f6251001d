"""What runs the service for years: the image, compose and the unit. Each file is read by its own tool."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest
from hatchling.builders.wheel import WheelBuilder

from sfdd_declare.salesforce.client import READ_SECONDS
from tests.examples.operate import (
    DOCKERFILE,
    OPERATE,
    ROOT,
    UNIT,
    healthcheck,
    instructions,
    loaded,
    pods,
    unit_values,
)
from tests.unit.web.builders import a_service, shown

SYSTEMD = shutil.which("systemd-analyze")
with_systemd = pytest.mark.skipif(SYSTEMD is None, reason="systemd-analyze is not on this machine")


def ran(*line: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(line, check=False, capture_output=True, text=True, env=more or None)


def test_the_linter_finds_nothing_in_the_dockerfile() -> None:
    hadolint = str(Path(sys.executable).with_name("hadolint"))
    ended = ran(hadolint, "--failure-threshold", "style", str(OPERATE / "Dockerfile"))
    assert (ended.returncode, ended.stdout) == (0, ""), ended.stdout + ended.stderr
    assert "hadolint" not in DOCKERFILE


def test_what_the_image_is_made_of_makes_the_whole_package(tmp_path: Path) -> None:
    copied = [shlex.split(line)[:-1] for line in instructions("COPY") if not line.startswith("--from=")]
    sources = [source for line in copied for source in line]
    ignored = (OPERATE / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    let_in = [line[1:] for line in ignored if line.startswith("!")]
    assert "*" in ignored
    assert sorted(let_in) == sorted(sources)
    for source in sources:
        if (ROOT / source).is_dir():
            shutil.copytree(ROOT / source, tmp_path / source, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / source, tmp_path / source)

    def packed(root: Path, to: str) -> set[str]:
        (wheel,) = WheelBuilder(str(root)).build(directory=str(tmp_path / to))
        return set(ZipFile(wheel).namelist())

    assert packed(tmp_path, "copied") == packed(ROOT, "whole")


def test_the_image_is_pinned_as_the_action_is() -> None:
    action = (ROOT / "action.yml").read_text(encoding="utf-8")
    for words in ("--require-hashes --only-binary :all: --requirement", "--no-deps --no-build-isolation"):
        assert words in action
        assert words in " ".join(DOCKERFILE.replace("\\\n", " ").split())


def test_the_image_belongs_to_nobody_and_holds_no_secret() -> None:
    assert instructions("USER") == ["10001:10001"]
    assert {pod["securityContext"]["runAsUser"] for pod in pods().values()} == {10001}
    given = " ".join(instructions("ENV"))
    assert not re.search(r"KEY|TOKEN|PASSWORD|SECRET", given)
    assert not instructions("ARG")


@pytest.mark.parametrize(("is_alive", "code"), [(True, 0), (False, 1)])
def test_the_image_asks_whether_the_loop_lives(is_alive: bool, code: int) -> None:
    with shown(a_service(), alive=lambda: is_alive) as running:
        port = running.url.rpartition(":")[2]
        python, *words = (word.replace("9464", port) for word in healthcheck())
        assert python == "python"
        nowhere = {"http_proxy": "http://127.0.0.1:9", "HTTP_PROXY": "http://127.0.0.1:9"}
        assert ran(sys.executable, *words, **nowhere).returncode == code


def test_compose_gives_the_container_no_more_than_it_needs() -> None:
    composed = loaded(OPERATE / "compose.yaml")
    (service,) = composed["services"].values()
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert [place.partition(":")[0] for place in service["tmpfs"]] == ["/tmp"]
    assert all(port.startswith("127.0.0.1:") for port in service["ports"])
    assert (OPERATE / service["build"]["context"]).resolve() == ROOT
    assert (ROOT / service["build"]["dockerfile"]).is_file()
    assert (OPERATE / service["env_file"]).is_file()
    mounted = [volume.split(":")[0] for volume in service["volumes"]]
    assert all((OPERATE / name).is_dir() for name in mounted if name.startswith("."))
    assert {name for name in mounted if not name.startswith(".")} == set(composed["volumes"])


def test_whoever_ends_it_waits_for_the_call_in_hand() -> None:
    (service,) = loaded(OPERATE / "compose.yaml")["services"].values()
    seconds = [
        *(pod["terminationGracePeriodSeconds"] for pod in pods().values()),
        *(int(value.removesuffix("s")) for value in unit_values("TimeoutStopSec")),
        int(service["stop_grace_period"].removesuffix("m")) * 60,
    ]
    assert len(seconds) == 4
    assert min(seconds) > READ_SECONDS


@with_systemd
def test_systemd_understands_the_unit(tmp_path: Path) -> None:
    copy = tmp_path / UNIT.name
    program = str(Path(sys.executable).with_name("sfdd"))
    copy.write_text(UNIT.read_text(encoding="utf-8").replace("/opt/sfdd/bin/sfdd", program), encoding="utf-8")
    ended = ran(str(SYSTEMD), "verify", str(copy))
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")


@with_systemd
def test_the_unit_is_exposed_little() -> None:
    ended = ran(str(SYSTEMD), "security", "--offline=true", "--threshold=15", "--no-pager", str(UNIT))
    assert ended.returncode == 0, ended.stdout + ended.stderr


def test_a_stop_that_was_asked_for_is_no_failure_of_the_unit() -> None:
    assert [value.split() for value in unit_values("SuccessExitStatus")] == [["130", "143"]]
    assert unit_values("Restart") == ["on-failure"]
    assert unit_values("ExecReload") == ["/bin/kill -HUP $MAINPID"]
