"""Whether this is a runner of jobs: nobody looks on, and what is run may be somebody's proposal."""

from __future__ import annotations

from collections.abc import Mapping

_VARIABLES = ("CI", "GITHUB_ACTIONS", "GITLAB_CI", "TF_BUILD")
_NO = ("", "0", "false", "no")


def is_runner(environ: Mapping[str, str]) -> bool:
    """By the variables that code hosts set for their jobs."""
    return any(environ.get(name, "").strip().lower() not in _NO for name in _VARIABLES)
