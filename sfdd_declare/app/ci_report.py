"""What a step leaves at its run: outputs for later steps, and the job summary."""

from __future__ import annotations

import re

from sfdd_declare.app.ci_runner import Runner
from sfdd_declare.model.ci import Ran
from sfdd_declare.model.errors import BugError
from sfdd_declare.model.figures import Figures
from sfdd_declare.model.operation import Action
from sfdd_declare.model.plan import Plan
from sfdd_declare.render.markdown import JOB_SUMMARY
from sfdd_declare.render.words import tally_of

#: Numbers, hex, words of ours, and a path that the runner chose. No line of an output can begin another one.
_VALUE = re.compile(r"[^\x00-\x1f\x7f-\x9f\u2028\u2029]{0,1000}")


def write_outputs(runner: Runner, values: dict[str, str | int | bool]) -> None:
    """Append to what later steps can read. Raises BugError for a value that is not one line."""
    lines = []
    for name, value in values.items():
        text = str(value).lower() if isinstance(value, bool) else str(value)
        if not _VALUE.fullmatch(text):
            raise BugError("SFDD-E7090", f"The output `{name}` is not one line.")
        lines.append(f"{name}={text}\n")
    if runner.output is not None:
        with runner.output.open("a", encoding="utf-8") as file:
            file.writelines(lines)


def write_summary(runner: Runner, body: str) -> None:
    """Append to the job summary. One that is too long would be refused whole, so the renderers' budget is checked."""
    if runner.summary is not None and JOB_SUMMARY.holds(body):
        with runner.summary.open("a", encoding="utf-8") as file:
            file.write(f"{body}\n")


def plan_outputs(plan: Plan) -> dict[str, str | int | bool]:
    """The counts of a plan, from its values."""
    tally = tally_of(plan.operations)
    return {
        "changes": not plan.is_empty,
        "fingerprint": plan.fingerprint,
        "add": tally[Action.CREATE] + tally[Action.REPLACE],
        "change": tally[Action.UPDATE],
        "destroy": tally[Action.DELETE] + tally[Action.REPLACE],
        **people_outputs(plan.people.totals.figures),
    }


def people_outputs(people: Figures) -> dict[str, str | int | bool]:
    return {"people-add": people.add, "people-update": people.update, "people-remove": people.remove}


def exit_output(ran: Ran) -> dict[str, str | int | bool]:
    return {"exit-code": ran.code}
