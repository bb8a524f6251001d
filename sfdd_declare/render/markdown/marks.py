"""The hidden marker of a comment read again, and changed. Who wrote the comment says more than the marker does: anybody
can write one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from sfdd_declare.render.markdown.place import MARKER_VERSION, Place, escaped, short

_START, _END = "<!-- sfdd ", " -->"
CLOSED, OUTDATED, FAILED = "closed", "outdated", "failed"


def read_marker(body: str) -> Mapping[str, object]:
    """What the marker says with which a body begins; nothing where there is none of this version."""
    line = body.partition("\n")[0].rstrip("\r")
    if not (line.startswith(_START) and line.endswith(_END)):
        return {}
    try:
        said = json.loads(line[len(_START) : -len(_END)])
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) and said.get("v") == MARKER_VERSION else {}


def is_of(said: Mapping[str, object], kind: str, place: Place) -> bool:
    """Whether it marks this kind of body, of this configuration and environment."""
    wanted = (kind, short(place.config), short(place.env) if place.env else None)
    return bool(said) and (said.get("kind"), said.get("config"), said.get("env")) == wanted


def marked(body: str, **more: str) -> str:
    """The body with more in its marker. Raises ValueError where it has none."""
    said = read_marker(body)
    if not said:
        raise ValueError("no marker")
    return f"{_START}{escaped({**said, **more})}{_END}\n{body.partition(chr(10))[2]}"


def without_marker(body: str) -> str:
    return body.partition("\n")[2] if read_marker(body) else body


def outdated(body: str, by: int) -> str:
    """The body of a plan that another pull request overtook, which is said first."""
    first, _, rest = marked(body, state=OUTDATED, by=str(by)).partition("\n")
    note = f"> [!IMPORTANT]\n> **Outdated by #{by}**, which was applied: what is due may be less or more by now.\n"
    return f"{first}\n\n{note}\n{rest}"
