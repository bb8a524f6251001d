"""What a plan of a small world costs, and how much of that is importing: `small_plan PEOPLE`.

The systems are served by another process, whose time does not count. The plan is that of every day: all was applied
before, and nothing has changed since.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from tests.benchmarks.measured import cpu_of

REPEATS = 5
SFDD = (sys.executable, "-c", "from sfdd_declare.cli.main import run; run()")
#: What a plan imports, in the order in which it does.
IMPORTS = """
import sfdd_declare.cli.main, sfdd_declare.render.progress, sfdd_declare.app.validate
from sfdd_declare.app.arrow import without_pandas
without_pandas()
import sfdd_declare.app.plan, sfdd_declare.cli.approval
"""
CONFIG = """\
version: 1
salesforce:
  auth: {method: access_token, instance_url: "${env:SF_ORG_INSTANCE_URL}", access_token: "${env:SF_ACCESS_TOKEN}"}
dotdigital:
  accounts:
    main: {user: "${env:DD_USER}", password: "${env:DD_PASSWORD}", region: "${env:DD_URL}", double_opt_in: not_enforced}
campaigns:
  spring:
    name: Spring launch
    member_statuses: {Sent: {default: true}, Attended: {responded: true}}
    members:
      contacts: {where: "LastName != null"}
      leads: {where: "LastName != null"}
address_books:
  spring: {name: Spring launch, removals: managed}
data_fields:
  main:
    JOB_TITLE: {type: string}
field_mappings:
  contacts: &fields
    FirstName: FIRSTNAME
    LastName: LASTNAME
    Title: {data_field: JOB_TITLE, direction: two_way}
  leads: *fields
links:
  - {campaign: spring, address_book: spring}
"""


@contextmanager
def served(world: Path) -> Iterator[Mapping[str, str]]:
    """A sandbox in a process of its own; gives the variables that a configuration takes its credentials from."""
    line = [*SFDD, "sandbox", "serve", "--world", str(world)]
    with subprocess.Popen(line, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            variables = {}
            for said in server.stdout:
                if said.startswith("Ctrl-C"):
                    break
                if said.startswith("export "):
                    name, value = said.removeprefix("export ").strip().split("=", 1)
                    variables[name] = value.strip("'")
            yield variables
        finally:
            server.kill()  # its folder goes, too


def main(people: int) -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory(prefix="sfdd-bench-") as name:
        folder = Path(name)
        (folder / "sfdd.yaml").write_text(CONFIG)
        cpu_of([*SFDD, "sandbox", "seed", "--world", str(folder / "world.db"), "--people", str(people)])
        with served(folder / "world.db") as variables:
            environ = {**os.environ, **variables}
            cpu_of([*SFDD, "apply", "--auto-approve"], folder=folder, environ=environ)
            plan = _median([*SFDD, "plan"], folder=folder, environ=environ)
        imports = _median([sys.executable, "-c", IMPORTS])
        start = _median([sys.executable, "-c", "pass"])
    sys.stdout.write(f"sfdd plan, {people:,} people, nothing to do (median of {REPEATS})\n")
    sys.stdout.write(f"  {'part':<22} {'CPU s':>6} {'of all':>7}\n")
    parts = {"in all": plan, "interpreter": start, "imports": imports - start, "the plan itself": plan - imports}
    for part, cpu in parts.items():
        sys.stdout.write(f"  {part:<22} {cpu:>6.2f} {cpu / plan:>7.0%}\n")


def _median(line: Sequence[str], *, folder: Path | None = None, environ: Mapping[str, str] | None = None) -> float:
    return median(cpu_of(line, folder=folder, environ=environ) for _ in range(REPEATS))


if __name__ == "__main__":
    main(int(sys.argv[1]))
