"""`examples/gitops/walk.sh`: one change on its way, on machines that are wiped between all jobs."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests import servers
from tests.e2e.sampling import sampled
from tests.e2e.stage import Stage, buyers
from tests.github import REPOSITORY, TOKEN, Hub, Serving
from tests.unit.store.builders import a_home

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("home", sampled(["s3", "postgresql"], 0, always=1))
def test_the_walk_goes_as_it_is_told(stage: Stage, tmp_path: Path, home: str) -> None:
    buyers(stage.world, 8)
    commands = tmp_path / "bin"
    commands.mkdir()
    (commands / "sfdd").symlink_to(Path(sys.executable).with_name("sfdd"))
    with ExitStack() as stack:
        hub = stack.enter_context(Serving(Hub()))
        environ = stage.environ | {
            "PATH": f"{commands}:{os.environ['PATH']}",
            "SANDBOX": stage.running.salesforce_url,
            "SFDD_STATE": str(stack.enter_context(a_home(home))),
            "PLATFORM": f"{sys.executable} -m tests.github",
            "PYTHONPATH": str(ROOT),
            "GITHUB_REPOSITORY": REPOSITORY,
            "GITHUB_API_URL": hub.api,
            "GITHUB_TOKEN": TOKEN,
            "GITHUB_SERVER_URL": "https://github.example",
            "GITHUB_RUN_ID": "4711",
            **(servers.s3() if home == "s3" else {}),
        }
        shutil.rmtree(stage.folder)
        stage.folder.mkdir()
        ended = subprocess.run(
            ["bash", str(ROOT / "examples" / "gitops" / "walk.sh")],
            env=environ,
            cwd=stage.folder,
            check=False,
            capture_output=True,
            text=True,
        )
    said = ended.stdout + ended.stderr
    assert ended.returncode == 0, said
    parts = dict(re.findall(r"^== (.+?)\n(.*?)(?=^== |\Z)", ended.stdout, re.DOTALL | re.MULTILINE))
    branch, approved, merge, stale, again, night, after = (parts[name] for name in list(parts)[1:])

    assert "Direction flips" in branch
    assert "`link.summer.summer`" in branch
    assert "People: 8 to add, 5 to update, 0 to remove.**" in branch
    assert approved.strip() == ""
    assert "3 people with changes that the plan file does not hold" in merge
    assert "People: 7 added, 2 updated, 0 removed, 1 suppressed.**" in merge
    assert "SFDD-E5015" in stale
    assert "`field_mapping.main.contacts.FirstName`" in again
    assert "1 thing changed by hand" in night
    assert night.rstrip().endswith("open: sfdd drift: config")
    assert after.rstrip().endswith("closed: sfdd drift: config")

    assert stage.lists_of("buyer1@example.com") == ["Spring book", "Summer book 2"]
    gone = stage.contact_in_dotdigital("buyer5@example.com")
    assert gone is None or "Summer book 2" not in str(gone)  # suppressed before it could be added
    assert stage.contact_in_dotdigital("buyer0@example.com")["dataFields"]  # type: ignore[index]
    everything = "\n".join([said.partition("== A branch")[2], *(seen.text for seen in hub.seen)])
    assert re.findall(r"buyer\d|First\d|Last\d|Title \d|(?:Head|Chief) of \d", everything) == []
    assert TOKEN not in said
    assert list(stage.folder.iterdir()) == []  # nothing stays on a machine
