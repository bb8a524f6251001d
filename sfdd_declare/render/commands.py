"""Lines of a log that a runner of jobs would obey: none of ours are, whatever text of others is in them.

GitHub takes a line for a command when `::` stands first on it, whatever white space is before, or when `##[` stands
anywhere on it; others have `##vso[` and `##teamcity[`.
"""

from __future__ import annotations

import re

#: The sign that begins a command in the middle of a line.
COMMAND_INSIDE = r"#(?=#(?:[A-Za-z]{1,20})?\[)"
_INSIDE = re.compile(COMMAND_INSIDE)
_FIRST = re.compile(r"^(\s*):(?=:)", re.MULTILINE)


def disarmed(text: str) -> str:
    """The text, with the first character of each command shown as an escape."""
    return _FIRST.sub(r"\1\\x3a", _INSIDE.sub(r"\\x23", text))
