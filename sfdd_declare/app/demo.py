"""`sfdd demo`: the story, told on a sandbox of its own."""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
from collections import Counter
from pathlib import Path

from sfdd_declare.app.sandbox import Say, escaped, exports, records
from sfdd_declare.app.story import PARTS, Somebody, Stage, tell
from sfdd_declare.sandbox.seed import seed as fill
from sfdd_declare.sandbox.server import Running

PEOPLE = 10_000
_YAML = Path(__file__).with_name("demo.yaml")


def run(keep: bool, say: Say) -> int:
    """Tell the story on two sandbox servers of our own. Returns the exit code of the step that went wrong, or 0."""
    folder = Path(tempfile.mkdtemp(prefix="sfdd-demo-"))
    world_file = folder / ".sfdd" / "sandbox.db"
    world_file.parent.mkdir(mode=0o700)
    shutil.copy(_YAML, folder / "sfdd.yaml")
    try:
        with Running(world_file) as running:
            fill(running.world, PEOPLE)
            people = _some_people(running.salesforce_url)
            stage = Stage(folder, {**os.environ, **running.environment}, running.salesforce_url, people)
            code = tell(stage, say)
            if keep and not code:
                _keep(stage, running, say)
            return code
    finally:
        if not keep:
            shutil.rmtree(folder, ignore_errors=True)


def _some_people(url: str) -> tuple[Somebody, ...]:
    """Contacts whom the demo's selection includes, and who are nobody's duplicates."""
    soql = (
        "SELECT Id, Email FROM Contact WHERE MailingCountry = 'United Kingdom' AND Title LIKE '%Director%' "
        "AND HasOptedOutOfEmail = false AND Email LIKE '%@%' ORDER BY Id LIMIT 60"
    )
    found = records(url, soql)
    emails = ", ".join(f"'{escaped(record['Email'])}'" for record in found)
    having = [records(url, f"SELECT Email FROM {kind} WHERE Email IN ({emails})") for kind in ("Contact", "Lead")]  # noqa: S608
    seen = Counter(str(record["Email"]).casefold() for records in having for record in records)
    alone = [record for record in found if seen[str(record["Email"]).casefold()] == 1]
    return tuple(Somebody(str(record["Id"]), str(record["Email"])) for record in alone[:PARTS])


def _keep(stage: Stage, running: Running, say: Say) -> None:
    say(f"\nThe servers are still running. In another terminal:\n\n  cd {stage.folder}")
    for line in exports(running):
        say(f"  {line}")
    say("  sfdd plan\n\nCtrl-C ends them.")
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        running.stop()
