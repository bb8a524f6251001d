"""What an ordinary command gets of a job, and what the job's log gets of it."""

from __future__ import annotations

import contextlib
import io
import os
import sys

from sfdd_declare.cli.ci_shell import powerless, without_our_credentials


def test_a_configuration_cannot_name_the_jobs_own_credentials() -> None:
    environ = {"GITHUB_TOKEN": "a", "ACTIONS_RUNTIME_TOKEN": "b", "DD_PASSWORD": "c"}
    assert without_our_credentials(environ) == {"DD_PASSWORD": "c"}


def test_both_streams_are_between_the_two_words_even_when_a_command_breaks_off_within_a_line() -> None:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), contextlib.suppress(KeyError), powerless():
        sys.stderr.write("::error::one" + os.linesep)
        sys.stdout.write("::error::two")
        raise KeyError
    first, *inside, last = (line for line in out.getvalue().splitlines() if line)
    assert first == f"::stop-commands::{last.strip(':')}"
    assert len(last) > 20
    assert inside == ["::error::one", "::error::two"]
    assert err.getvalue() == ""
