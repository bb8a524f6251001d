"""What GitHub answers, as far as it is used; every other key is passed over."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from sfdd_declare.model.errors import Terminal

T = TypeVar("T")
Body = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment below a pull request."""

    id: int
    author: str
    body: str


@dataclass(frozen=True, slots=True)
class Issue:
    """An issue. Pull requests are listed among them, and are none."""

    number: int
    author: str
    body: str
    is_open: bool
    is_pull: bool


@dataclass(frozen=True, slots=True)
class Pull:
    """A pull request; `head_repository` is empty where the fork is gone."""

    number: int
    head: str
    head_repository: str
    base: str
    base_branch: str
    base_repository: str
    merge: str
    is_merged: bool


@dataclass(frozen=True, slots=True)
class Run:
    """A run of a workflow. `workflow` is the path of its file."""

    id: int
    head: str
    event: str
    conclusion: str
    workflow: str
    repository: str
    head_repository: str


@dataclass(frozen=True, slots=True)
class Artifact:
    """A file that a run left; `digest` is empty where the host does not say it."""

    id: int
    name: str
    bytes: int
    is_expired: bool
    digest: str


def comment_of(body: Body) -> Comment:
    return Comment(int(body["id"]), _login(body), body.get("body") or "")


def issue_of(body: Body) -> Issue:
    is_open = body["state"] == "open"
    return Issue(int(body["number"]), _login(body), body.get("body") or "", is_open, "pull_request" in body)


def pull_of(body: Body) -> Pull:
    head, base = body["head"], body["base"]
    return Pull(
        number=int(body["number"]),
        head=str(head["sha"]),
        head_repository=_repository(head.get("repo")),
        base=str(base["sha"]),
        base_branch=str(base["ref"]),
        base_repository=_repository(base.get("repo")),
        merge=str(body.get("merge_commit_sha") or ""),
        is_merged=bool(body.get("merged_at")),
    )


def run_of(body: Body) -> Run:
    return Run(
        id=int(body["id"]),
        head=str(body["head_sha"]),
        event=str(body["event"]),
        conclusion=str(body.get("conclusion") or ""),
        workflow=str(body.get("path") or "").partition("@")[0],
        repository=_repository(body.get("repository")),
        head_repository=_repository(body.get("head_repository")),
    )


def artifact_of(body: Body) -> Artifact:
    size, is_expired = int(body["size_in_bytes"]), bool(body["expired"])
    return Artifact(int(body["id"]), str(body["name"]), size, is_expired, str(body.get("digest") or ""))


def parsed(make: Callable[[Body], T], body: Any, template: str) -> T:
    """The answer as a value. Raises RemoteError (SFDD-E7013) where it is not what GitHub documents."""
    try:
        return make(body)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise Terminal("SFDD-E7013", f"GitHub's answer is not of the documented form ({template}).") from None


def _login(body: Body) -> str:
    return str((body.get("user") or {}).get("login") or "")


def _repository(body: Body | None) -> str:
    return str((body or {}).get("full_name") or "")
