"""`sfdd ci plan` in a merge queue: whether what was reviewed still covers what is due, before it is merged."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from sfdd_declare.app.ci_approved import approved_plan, require_no_fork
from sfdd_declare.app.ci_report import exit_output, plan_outputs, write_outputs, write_summary
from sfdd_declare.app.ci_runner import Runner
from sfdd_declare.model.ci import Shell, Step
from sfdd_declare.model.errors import Stale
from sfdd_declare.render.markdown import JOB_SUMMARY, error_markdown, plan_markdown


def check(step: Step, runner: Runner, shell: Shell) -> int:
    """Plan the group's merge against the token of the last pull request in it. Returns 3 where it is not covered.

    Raises Stale where the plan of that pull request is not there.
    """
    if not runner.queued_pull:
        summary = "The merge queue does not say in its branch which pull request this is."
        raise Stale("SFDD-E7027", summary, hint="sfdd ci plan on pull_request")
    with runner.host() as host, TemporaryDirectory(prefix="sfdd-") as folder:
        pull = host.pull(runner.queued_pull)
        require_no_fork(pull, runner)
        token = approved_plan(host, runner, step, pull, Path(folder)).file.plan.token
    ran = shell.run("plan", *step.where, *step.arguments, "--check", token)
    is_covered = ran.plan is not None and ran.code == 0
    write_outputs(runner, {**exit_output(ran), **(plan_outputs(ran.plan) if ran.plan is not None else {})})
    place = runner.place(step, head=pull.head, base=pull.base)
    if is_covered and ran.plan is not None:
        write_summary(runner, plan_markdown(ran.plan, place, JOB_SUMMARY))
    else:
        write_summary(runner, error_markdown(ran.failure("plan"), place, JOB_SUMMARY))
    return ran.code
