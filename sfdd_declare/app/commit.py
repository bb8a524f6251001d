"""Which commit of a repository a configuration is of: read from its files, since there need be no git."""

from __future__ import annotations

import re
from pathlib import Path

_ID = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")


def commit_of(folder: Path) -> str:
    """The commit that is checked out where `folder` is, or nothing."""
    here = folder.resolve()
    try:
        found = next((parent / ".git" for parent in (here, *here.parents) if (parent / ".git").exists()), None)
        return _head(found) if found else ""
    except OSError:
        return ""


def _head(git: Path) -> str:
    if git.is_file():  # of a worktree or a submodule
        git = git.parent / git.read_text(encoding="utf-8", errors="replace").removeprefix("gitdir:").strip()
    head = _text(git / "HEAD")
    if not head.startswith("ref:"):
        return head if _ID.fullmatch(head) else ""
    name = head.removeprefix("ref:").strip()
    common = git / _text(git / "commondir") if (git / "commondir").exists() else git
    for place in (git, common):
        if _ID.fullmatch(found := _text(place / name)):
            return found
    packed = (line.split(" ", 1) for line in _text(common / "packed-refs").splitlines() if " " in line)
    return next((found for found, ref in packed if ref == name and _ID.fullmatch(found)), "")


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace").strip() if path.is_file() else ""
