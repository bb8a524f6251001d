"""`sfdd ci plan`: the plan of a pull request as its comment, its job summary, its outputs and its plan file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from sfdd_declare.app.ci_comment import POSTING, Comments, not_posted
from sfdd_declare.app.ci_queue import check
from sfdd_declare.app.ci_report import exit_output, plan_outputs, write_outputs, write_summary
from sfdd_declare.app.ci_runner import Runner, plan_name
from sfdd_declare.model.ci import Ran, Shell, Step
from sfdd_declare.model.planfile import LIFETIME
from sfdd_declare.render.markdown import COMMENT, JOB_SUMMARY, Budget, Place, error_markdown, plan_markdown

_SUFFIX = ".sfddplan"


def plan(step: Step, environ: Mapping[str, str], shell: Shell) -> int:
    """Plan what is proposed. Returns 0 with changes or without, else the exit code of the plan."""
    runner = Runner.of(environ)
    if runner.event == "merge_group":
        return check(step, runner, shell)
    name = plan_name(runner.config(step.folder), step.env, runner.head)
    path = runner.temp / f"{name}{_SUFFIX}"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)  # of another run, on a machine that is used again
    ran = shell.run("plan", *step.where, *step.arguments, "--out", str(path))
    place = runner.place(step, head=runner.head, base=runner.base, plan_file=path.name, pull=runner.pull)
    written = {"plan-file": str(path), "artifact": name} if path.is_file() else {}
    counts = plan_outputs(ran.plan) if ran.plan is not None and _went(ran) else {}
    write_outputs(runner, {**exit_output(ran), **counts, **written})
    body = _body(ran, place)
    write_summary(runner, body(JOB_SUMMARY))
    if runner.pull and step.has_comment:
        _comment(step, runner, place, shell=shell, ran=ran, body=body(COMMENT))
    return 0 if _went(ran) else ran.code


def _went(ran: Ran) -> bool:
    """2 says that there are changes, where that is asked for."""
    return ran.plan is not None and ran.code in (0, 2)


def _body(ran: Ran, place: Place) -> Callable[[Budget], str]:
    planned = ran.plan
    if planned is None or not _went(ran):
        return lambda budget: error_markdown(ran.failure("plan"), place, budget)
    expires = planned.header.created + LIFETIME
    there = replace(place, org=planned.header.org_id, expires=expires)
    return lambda budget: plan_markdown(planned, there, budget)


def _comment(step: Step, runner: Runner, place: Place, *, shell: Shell, ran: Ran, body: str) -> None:
    try:
        with runner.host() as host:
            comments = Comments.of(host, step, place)
            current = comments.current(runner.pull)
            is_silent = _went(ran) and ran.plan is not None and ran.plan.is_empty
            if current is not None or not is_silent:
                comments.put(runner.pull, current, body)
    except POSTING as error:
        not_posted(shell, "The comment", error)
