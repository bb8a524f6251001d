"""The demo's story: short captions, and nothing but the public commands between them."""

from __future__ import annotations

import shlex
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

Say = Callable[[str], None]

#: People of the campaign to whom something happens.
PARTS = 5


@dataclass(frozen=True, slots=True)
class Somebody:
    """A contact of Salesforce."""

    sf_id: str
    email: str


@dataclass(frozen=True, slots=True)
class Stage:
    """Where the story plays: a folder with a configuration, the environment that reaches both systems, and somebody."""

    folder: Path
    environment: Mapping[str, str]
    sandbox: str  # URL
    people: tuple[Somebody, ...]  # who play a part: PARTS contacts of the campaign


@dataclass(frozen=True, slots=True)
class Step:
    """One command, what is said before it, and the exit codes that are right."""

    caption: str
    command: tuple[str, ...]
    codes: tuple[int, ...] = (0,)


def steps(stage: Stage) -> tuple[Step, ...]:
    """The story."""
    edit = ("sandbox", "edit", "--world", stage.sandbox)
    record, contact = (*edit, "salesforce", "Contact"), (*edit, "dotdigital", "contact")
    joy, hope, both, renamed, gone = stage.people
    return (
        Step("A YAML file says what should be. Is it sound? (no network needed)", ("validate",)),
        Step("What would change in Salesforce and Dotdigital, people included? Nothing is written.", ("plan",)),
        Step("Carry it out.", ("apply", "--auto-approve")),
        Step("And now?", ("plan", "--detailed-exitcode")),
        Step("Somebody gets a new title in Salesforce …", (*record, joy.sf_id, "Title=Director of Joy")),
        Step("… somebody else one in Dotdigital …", (*contact, hope.email, "JOB_TITLE=Director of Hope")),
        Step("… a third person one here …", (*record, both.sf_id, "Title=Director of Here")),
        Step("… and another one there: a conflict.", (*contact, both.email, "JOB_TITLE=Director of There")),
        Step("An address changes in Salesforce.", (*record, renamed.sf_id, f"Email=new.{renamed.email}")),
        Step("Somebody unsubscribes in Dotdigital.", ("sandbox", "unsubscribe", "--world", stage.sandbox, gone.email)),
        Step(
            "A stranger signs up there.",
            (
                *("sandbox", "sign-up", "--world", stage.sandbox, "ada@engines.example", "Spring launch 2026"),
                *("FIRSTNAME=Ada", "LASTNAME=Lovelace", "COMPANY=Engines Ltd"),
            ),
        ),
        Step(
            "And somebody changes a direction by hand.",
            (*edit, "salesforce", "SFDD_Field_Mapping__c", "contacts: FirstName / FIRSTNAME", "Direction__c=two_way"),
        ),
        Step("The plan shows all of it, and whom it is about.", ("plan", "--detailed-exitcode"), (2,)),
        Step("Put it right.", ("apply", "--auto-approve")),
        Step("Everything is as declared again.", ("plan", "--detailed-exitcode")),
    )


def tell(stage: Stage, say: Say) -> int:
    """Run the story; stops at the first step that ends otherwise than it should, with its exit code."""
    say(f"The demo plays in {stage.folder}, against two sandbox servers on this machine.\n")
    say((stage.folder / "sfdd.yaml").read_text())
    for step in steps(stage):
        say(f"\n# {step.caption}\n$ sfdd {shlex.join(step.command)}\n")
        code = subprocess.run(  # noqa: S603 - our own command
            [sys.executable, "-m", "sfdd_declare", *step.command],
            cwd=stage.folder,
            env=dict(stage.environment),
            check=False,
        ).returncode
        if code not in step.codes:
            say(f"\nThis step ended with exit code {code}; {step.codes[0]} was expected.")
            return code or 1
    say("\nThat is the whole story. `sfdd demo --keep` leaves servers and files for playing.")
    return 0
