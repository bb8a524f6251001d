"""What `make live` would print of an org that answers otherwise."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.live.differences import differences, endpoints
from tests.live.ends import CASSETTES


def test_the_cassettes_say_what_the_sandbox_says_now(tmp_path: Path) -> None:
    """Recorded anew, in a process of its own: else they could grow old, and a replay would prove the past."""
    environ = {**os.environ, "SFDD_LIVE": "record", "SFDD_CASSETTES": str(tmp_path)}
    command = [sys.executable, "-m", "pytest", "-q", "-m", "live", "-p", "no:cacheprovider", str(Path(__file__).parent)]
    ended = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=900, check=False)
    assert ended.returncode == 0, ended.stdout
    assert {path.name for path in tmp_path.iterdir()} == {path.name for path in CASSETTES.iterdir()}
    assert list(differences(endpoints(CASSETTES), endpoints(tmp_path))) == []


def test_another_answer_is_told_by_endpoint(tmp_path: Path) -> None:
    real = tmp_path / "real"
    shutil.copytree(CASSETTES, real)
    cassette = real / "salesforce_login.yaml"
    text = cassette.read_text()
    assert "code: 200" in text
    cassette.write_text(
        text.replace('"token_type": "Bearer"', '"token_type": 5').replace('"scope"', '"api_instance_url"')
        .replace("code: 200", "code: 201").replace("date:", "etag:")
    )  # fmt: skip
    (real / "dotdigital_region.yaml").unlink()
    asked = "POST /services/oauth2/token"
    told = list(differences(endpoints(CASSETTES), endpoints(real)))
    assert f"{asked}: status 201: the real one alone" in told
    assert f"{asked}: headers date: the sandbox alone" in told
    assert f"{asked}: body .token_type (number): the real one alone" in told
    assert f"{asked}: body .api_instance_url (str): the real one alone" in told
    assert f"{asked}: body .scope (str): the sandbox alone" in told
