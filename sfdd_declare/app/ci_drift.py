"""`sfdd ci drift`: one issue per configuration and environment about what somebody changed by hand."""

from __future__ import annotations

from collections.abc import Mapping

from sfdd_declare.app.ci_comment import POSTING, not_posted
from sfdd_declare.app.ci_report import exit_output, write_outputs, write_summary
from sfdd_declare.app.ci_runner import Runner, plain
from sfdd_declare.host.github import GitHub
from sfdd_declare.host.shapes import Issue
from sfdd_declare.model.ci import Ran, Shell, Step
from sfdd_declare.model.drift import Drift
from sfdd_declare.render.drift import summary_line
from sfdd_declare.render.markdown import JOB_SUMMARY, Place, drift_fingerprint, drift_markdown, error_markdown
from sfdd_declare.render.markdown.escape import link, prose
from sfdd_declare.render.markdown.marks import is_of, read_marker

LABEL = "sfdd-drift"

_NONE, _FOUND = 0, 2


def drift(step: Step, environ: Mapping[str, str], shell: Shell) -> int:
    """Look, and keep the issue. A look that failed or was not complete leaves the issue as it is, and fails."""
    runner = Runner.of(environ)
    ran = shell.run("drift", *step.where, *step.arguments)
    place = runner.place(step, head=runner.sha)
    found = ran.drift
    write_outputs(runner, {**exit_output(ran), **_outputs(ran)})
    if found is None or ran.code not in (_NONE, _FOUND):
        is_partial = found is not None and not found.is_complete
        body = drift_markdown(found, place, JOB_SUMMARY) if found is not None and is_partial else _failed(ran, place)
        write_summary(runner, body)
        return ran.code or 1
    write_summary(runner, drift_markdown(found, place, JOB_SUMMARY))
    if not step.has_comment:
        return 0
    try:
        with runner.host() as host:
            _keep(step, host, place, found, ran.code)
    except POSTING as error:
        not_posted(shell, "The issue about drift", error)
        return ran.code  # nobody reads of it otherwise
    return 0


def _outputs(ran: Ran) -> dict[str, str | int | bool]:
    if ran.drift is None or ran.code not in (_NONE, _FOUND):
        return {}
    return {"changes": ran.code == _FOUND, "fingerprint": drift_fingerprint(ran.drift)}


def _failed(ran: Ran, place: Place) -> str:
    return error_markdown(ran.failure("drift"), place, JOB_SUMMARY, command="drift")


def _keep(step: Step, host: GitHub, place: Place, drift: Drift, code: int) -> None:
    author = step.author or host.account()
    ours = [
        issue
        for issue in host.issues(LABEL)
        if issue.author == author and is_of(read_marker(issue.body), "drift", place)
    ]
    issue = next((issue for issue in ours if issue.is_open), ours[0] if ours else None)
    if code == _FOUND:
        _say(host, issue, place, drift)
    elif issue is not None and issue.is_open:
        host.add_comment(issue.number, f"Nothing is changed by hand any more ({_run(place)}).")
        host.edit_issue(issue.number, state="closed", state_reason="completed")


def _say(host: GitHub, issue: Issue | None, place: Place, drift: Drift) -> None:
    """The body is always the newest look. Whoever follows the issue is told only when the set is another one."""
    body = drift_markdown(drift, place)
    if issue is None:
        where = " · ".join(plain(part) for part in (place.config, place.env) if part)
        host.open_issue(f"sfdd drift: {where}", body, LABEL)
        return
    before = read_marker(issue.body).get("fingerprint")
    host.edit_issue(issue.number, body=body, **({} if issue.is_open else {"state": "open"}))
    if before != drift_fingerprint(drift) or not issue.is_open:
        host.add_comment(issue.number, f"Another set than before: {prose(summary_line(drift))} ({_run(place)})")


def _run(place: Place) -> str:
    return link(place.run_url, place.run_label or "run")
