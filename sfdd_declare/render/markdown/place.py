"""Where a plan or an apply belongs: the hidden marker by which its comment is found, the heading, the line below it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sfdd_declare.render.markdown.escape import code, link

MARKER_VERSION = 1
_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_ESCAPES = {ord(char): f"\\u{ord(char):04x}" for char in "-<>"}
#: Room of one value in the marker, escapes included: a comment must not be found by it alone above this.
_ROOM = 480


@dataclass(frozen=True, slots=True)
class Place:
    """What identifies a comment, and what its reader asks first: which, where, and is it still true."""

    config: str  # the declared name
    env: str = ""
    org: str = ""  # name or id
    head: str = ""  # the commit that was planned
    base: str = ""  # the commit it was merged into
    run_url: str = ""
    run_label: str = ""
    plan_file: str = ""
    pull: int = 0  # the pull request whose merge applies the plan file
    expires: datetime | None = None


def marker(
    kind: str, place: Place, fingerprint: str, *, truncated: bool, extra: Mapping[str, str] | None = None
) -> str:
    """A comment with JSON in it, on one line. No value can end the comment; what is not known is null."""
    said = {
        "v": MARKER_VERSION,
        "kind": kind,
        **{
            name: short(value) if value else None
            for name, value in (("config", place.config), ("env", place.env), ("head", place.head))
        },
        "fingerprint": short(fingerprint) if fingerprint else None,
        "truncated": truncated,
        **(extra or {}),
    }
    return f"<!-- sfdd {escaped(said)} -->"


def heading(what: str, place: Place, org: str | None = "") -> str:
    """`### sfdd plan · crm · production (org …)`, with the id of an org whose name is not known; None leaves it out."""
    names = [code(place.config), *([f"**{code(place.env)}**"] if place.env else [])]
    where = "" if org is None else place.org or org
    return f"### sfdd {what} · {' · '.join(names)}" + (f" (org {code(where)})" if where else "")


def place_line(place: Place, made: datetime | None = None) -> str:
    """Commits, times and the run, as far as they are known."""
    parts = []
    if place.head:
        parts.append(f"Commit {_commit(place.head)}" + (f" merged into {_commit(place.base)}" if place.base else ""))
    if made:
        parts.append(f"planned {moment(made)}")
    if place.expires:
        parts.append(f"good until {moment(place.expires)}")
    if place.run_url or place.run_label:
        parts.append(link(place.run_url, place.run_label or "run"))
    said = " · ".join(parts)
    return said[:1].upper() + said[1:]


def moment(when: datetime) -> str:
    """`2026-03-02 10:12 UTC`."""
    return f"{when.astimezone(UTC) if when.tzinfo else when:%Y-%m-%d %H:%M} UTC"


def _commit(name: str) -> str:
    return code(name[:7] if _COMMIT.fullmatch(name) else name)


def escaped(value: object) -> str:
    """A value as JSON that cannot end the comment it stands in."""
    return json.dumps(value, separators=(",", ":")).translate(_ESCAPES)


def short(value: str) -> str:
    """As much of a value as has room."""
    kept = value[:_ROOM]
    while len(escaped(kept)) > _ROOM:
        kept = kept[:-1]
    return kept
