"""`sfdd ci validate`: annotations at the lines of a change, and a job summary."""

from __future__ import annotations

from collections.abc import Mapping

from sfdd_declare.app.ci_report import exit_output, write_outputs, write_summary
from sfdd_declare.app.ci_runner import Runner
from sfdd_declare.model.ci import Shell, Step
from sfdd_declare.render.markdown import JOB_SUMMARY, error_markdown, findings_markdown


def validate(step: Step, environ: Mapping[str, str], shell: Shell) -> int:
    """Check the configuration. Needs no token."""
    runner = Runner.of(environ)
    ran = shell.run("validate", *step.where, *step.arguments, "--format", "github", is_for_the_host=True)
    write_outputs(runner, exit_output(ran))
    place = runner.place(step, head=runner.head, base=runner.base)
    if ran.findings is not None:
        write_summary(runner, findings_markdown(ran.findings, place, JOB_SUMMARY))
    else:
        write_summary(runner, error_markdown(ran.failure("validate"), place, JOB_SUMMARY, command="validate"))
    return ran.code
