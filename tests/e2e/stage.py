"""A stage for end-to-end tests: both sandbox servers, a folder with a configuration, and the public command line."""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import sfdd_declare
from sfdd_declare.cli.main import main
from sfdd_declare.sandbox.dotdigital import contacts as dotdigital_contacts
from sfdd_declare.sandbox.salesforce import rows
from sfdd_declare.sandbox.server import Running
from sfdd_declare.sandbox.world import World

CONFIG = """\
version: 1
salesforce:
  auth: {method: access_token}
dotdigital:
  accounts:
    main: {user: "${env:DD_USER}", password: "${env:DD_PASSWORD}", region: "${env:DD_URL}", double_opt_in: not_enforced}
campaigns:
  spring:
    name: Spring launch
    member_statuses: {Sent: {default: true}, Attended: {responded: true}}
    members:
      contacts: {where: "Department = 'Buyers'"}
address_books:
  spring: {name: Spring book, removals: managed}
data_fields:
  main:
    JOB_TITLE: {type: string}
field_mappings:
  contacts:
    FirstName: FIRSTNAME
    LastName: LASTNAME
    Title: JOB_TITLE
  leads:
    FirstName: FIRSTNAME
    LastName: LASTNAME
    Title: JOB_TITLE
links:
  - {campaign: spring, address_book: spring}
"""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def text(self) -> str:
        return self.out + self.err


@dataclass(slots=True)
class Stage:
    """One configuration over one sandbox."""

    folder: Path
    running: Running
    overrides: dict[str, str] = field(default_factory=dict)

    @property
    def world(self) -> World:
        return self.running.world

    @property
    def environ(self) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            **self.running.environment,
            "COLUMNS": "200",
            "PYTHONPATH": str(Path(sfdd_declare.__file__).parents[1]),
            **self.overrides,
        }

    def write(self, text: str = CONFIG, *, replace: tuple[str, str] | None = None) -> None:
        """The configuration, optionally with one text replaced; the text must occur."""
        if replace is not None:
            assert replace[0] in text
            text = text.replace(*replace)
        (self.folder / "sfdd.yaml").write_text(text)

    def sfdd(self, *arguments: str) -> Ended:
        """Run one command line in this process."""
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), contextlib.chdir(self.folder):
            code = main(arguments, environ=self.environ, stdin=io.StringIO())
        return Ended(code, out.getvalue(), err.getvalue())

    def process(self, *arguments: str) -> subprocess.Popen[str]:
        """Start one command line as a process of its own, for signals."""
        return subprocess.Popen(
            [sys.executable, "-m", "sfdd_declare", *arguments],
            cwd=self.folder,
            env=self.environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def apply(self, *flags: str) -> Ended:
        ended = self.sfdd("apply", "--auto-approve", *flags)
        assert ended.code == 0, ended.text
        return ended

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """One call to the sandbox's control routes."""
        data = None if body is None else json.dumps(body).encode()
        request = Request(f"{self.running.salesforce_url}/__sandbox__/{path}", data=data, method=method)
        with urlopen(request, timeout=60) as reply:
            return json.load(reply)

    def admin(self, action: str, sobject: str = "", id: str = "", **values: Any) -> dict[str, Any]:
        """A hand edit in Salesforce."""
        body = {"action": action, "object": sobject, "id": id, "values": values}
        found: dict[str, Any] = self.control("POST", "salesforce/act", body)
        return found

    def marketer(self, action: str, **body: Any) -> dict[str, Any]:
        """A hand edit in Dotdigital."""
        found: dict[str, Any] = self.control("POST", "dotdigital/act", {"action": action, **body})
        return found

    def calls(self) -> dict[str, Any]:
        found: dict[str, Any] = self.control("GET", "counters")
        return found

    def forget_calls(self) -> None:
        self.control("POST", "counters/reset", {})

    def contact_in_dotdigital(self, email: str) -> dict[str, Any] | None:
        """One contact as the vendor's API shows it, or None."""
        request = Request(f"{self.running.dotdigital_url}/contacts/v3/email/{email}")
        request.add_header("authorization", "Basic YXBpdXNlci1zYW5kYm94QGFwaWNvbm5lY3Rvci5jb206c2FuZGJveA==")
        try:
            with urlopen(request, timeout=60) as reply:
                found: dict[str, Any] = json.load(reply)
        except OSError:
            return None
        return found

    def lists_of(self, email: str) -> list[str]:
        found = self.contact_in_dotdigital(email)
        return (
            []
            if found is None
            else [entry["name"] for entry in found.get("lists", []) if entry["status"] == "subscribed"]
        )


def buyers(world: World, count: int, *, start: int = 0, **more: Any) -> list[str]:
    """Contacts whom the default configuration selects: buyer0@example.com and so on. Returns their ids."""
    people = [
        {
            "FirstName": f"First{number}",
            "LastName": f"Last{number}",
            "Email": f"buyer{number}@example.com",
            "Title": f"Title {number % 7}",
            "Department": "Buyers",
            **more,
        }
        for number in range(start, start + count)
    ]
    return rows.insert_many(world, "Contact", people)


def known_contact(world: World, email: str, **data_fields: Any) -> int:
    """A contact that the Dotdigital account holds already."""
    (contact,) = dotdigital_contacts.insert_many(world, [{"email": email, "dataFields": data_fields}])
    return contact
