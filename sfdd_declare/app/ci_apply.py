"""`sfdd ci apply`: what was approved is carried out after the merge, and said below its plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from sfdd_declare.app.ci_approved import Approved, approved_plan, merged_pull
from sfdd_declare.app.ci_comment import POSTING, Comments, not_posted
from sfdd_declare.app.ci_report import exit_output, people_outputs, write_outputs, write_summary
from sfdd_declare.app.ci_runner import Runner
from sfdd_declare.host.github import GitHub
from sfdd_declare.host.shapes import Pull
from sfdd_declare.model.ci import Ran, Shell, Step
from sfdd_declare.model.errors import DeclareError
from sfdd_declare.model.outcome import exit_code_of_error
from sfdd_declare.render.markdown import (
    COMMENT,
    JOB_SUMMARY,
    Budget,
    Place,
    error_markdown,
    outcome_markdown,
    plan_markdown,
)
from sfdd_declare.render.markdown.marks import CLOSED, marked, without_marker

#: The plan above its result: what is left is enough for a result of any size.
_ABOVE = Budget(40_000, 40_000)


def apply(step: Step, environ: Mapping[str, str], shell: Shell) -> int:
    """Carry out the approved plan. Returns the exit code of the apply. Raises Stale where there is no such plan."""
    runner = Runner.of(environ)
    with runner.host() as host, TemporaryDirectory(prefix="sfdd-") as folder:
        place = runner.place(step, head=runner.sha)
        pull: Pull | None = None
        try:
            pull = merged_pull(host, runner)
            place = replace(place, head=pull.head, base=pull.base)
            approved = approved_plan(host, runner, step, pull, Path(folder))
        except DeclareError as error:
            _refused(step, runner, host, place=place, pull=pull, error=error, shell=shell)
            raise
        place = replace(place, plan_file=approved.path.name, org=approved.file.plan.header.org_id)
        ran = shell.run("apply", str(approved.path), "-C", str(step.folder), *step.arguments)
        write_outputs(runner, {**exit_output(ran), **_counts(ran)})
        write_summary(runner, _result(ran, place, JOB_SUMMARY))
        if step.has_comment:
            _posted(step, host, place, pull, body=_body(approved, ran, place), shell=shell)
            if ran.outcome is not None and ran.outcome.results:
                _mark_others(step, host, place, pull, shell)
        return ran.code


def _counts(ran: Ran) -> dict[str, str | int | bool]:
    if ran.outcome is None:
        return {}
    said: dict[str, str | int | bool] = {"changes": bool(ran.outcome.results)}
    return {**said, "fingerprint": ran.outcome.plan.fingerprint, **people_outputs(ran.outcome.people)}


def _result(ran: Ran, place: Place, budget: Budget) -> str:
    if ran.outcome is not None:
        return outcome_markdown(ran.outcome, place, budget)
    return error_markdown(ran.failure("apply"), place, budget, command="apply")


def _body(approved: Approved, ran: Ran, place: Place) -> str:
    """The plan as it is in its file, and what became of it: the comment itself is not read for it."""
    plan = plan_markdown(approved.file.plan, replace(place, expires=approved.file.expires), _ABOVE)
    plan = marked(plan, state=CLOSED)
    return f"{plan}\n{without_marker(_result(ran, place, COMMENT.beside(plan)))}"


def _refused(
    step: Step, runner: Runner, host: GitHub, *, place: Place, pull: Pull | None, error: DeclareError, shell: Shell
) -> None:
    """Main is ahead of what is applied: whoever merged reads it where they merged."""
    write_outputs(runner, exit_output(Ran(exit_code_of_error(error))))
    write_summary(runner, error_markdown(error, place, JOB_SUMMARY, command="apply"))
    if pull is not None and step.has_comment:
        _posted(step, host, place, pull, body=error_markdown(error, place, command="apply"), shell=shell)


def _posted(step: Step, host: GitHub, place: Place, pull: Pull, *, body: str, shell: Shell) -> None:
    try:
        comments = Comments.of(host, step, place)
        comments.put(pull.number, comments.of_commit(pull.number, pull.head), body)
    except POSTING as error:
        not_posted(shell, "The comment", error)


def _mark_others(step: Step, host: GitHub, place: Place, pull: Pull, shell: Shell) -> None:
    """Plans of other pull requests were made before this apply."""
    try:
        comments = Comments.of(host, step, place)
        for other in host.open_pulls(pull.base_branch):
            if other.number != pull.number:
                comments.mark_outdated(other.number, pull.number)
    except POSTING as error:
        not_posted(shell, "That other plans are outdated", error)
