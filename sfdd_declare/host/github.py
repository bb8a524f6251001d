"""The few calls on GitHub's REST API that planning in pull requests needs."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from pydantic import SecretStr

from sfdd_declare.host import shapes
from sfdd_declare.host.shapes import Artifact, Comment, Issue, Pull, Run, parsed
from sfdd_declare.model.errors import Denied, NotFound, RateLimited, RemoteError, Terminal, UsageError
from sfdd_declare.wire.download import download
from sfdd_declare.wire.http import Http, Reply, encoded
from sfdd_declare.wire.pacing import Budget

T = TypeVar("T")

#: The account behind a job's own token, which cannot ask who it is.
JOB_ACCOUNT = "github-actions[bot]"

_PAGE = 100
_PAGES = 200
_VERSION = "2022-11-28"
_BUDGET = Budget(attempts=4, seconds=60.0)
_THIS_MACHINE = ("localhost", "127.0.0.1", "::1")
_PLAIN = re.compile(r"[A-Za-z0-9 .,'()_/-]{1,160}")


class GitHub:
    """One repository. Close it, or use it as a context manager."""

    def __init__(self, api: str, repository: str, token: SecretStr) -> None:
        """Raises UsageError (SFDD-E7004) when the address would send the token in the clear."""
        there = urlsplit(api)
        if there.scheme != "https" and not (there.scheme == "http" and there.hostname in _THIS_MACHINE):
            raise UsageError("SFDD-E7004", "GITHUB_API_URL is not an https address.", hint="GITHUB_API_URL")
        self._repository = f"/repos/{repository}"
        self._http = Http(
            base_url=api.rstrip("/"),
            name="GitHub",
            timeout=30.0,
            headers={
                "accept": "application/vnd.github+json",
                "authorization": f"Bearer {token.get_secret_value()}",
                "x-github-api-version": _VERSION,
                "user-agent": "sfdd",
            },
            classify=_meaning,
            hint="GITHUB_API_URL",
            budget=_BUDGET,
        )

    def __enter__(self) -> GitHub:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def account(self) -> str:
        """The login that this token writes as."""
        try:
            reply = self._http.send("GET", "/user", template="/user", idempotent=True)
        except (Denied, NotFound):
            return JOB_ACCOUNT
        return parsed(lambda body: str(body["login"]), reply.json(), "/user")

    def comments(self, number: int) -> tuple[Comment, ...]:
        """All comments of a pull request, the oldest first."""
        return tuple(self._paged(f"/issues/{number}/comments", shapes.comment_of))

    def add_comment(self, number: int, body: str) -> None:
        self._write("POST", f"/issues/{number}/comments", {"body": body})

    def edit_comment(self, id: int, body: str) -> None:
        self._write("PATCH", f"/issues/comments/{id}", {"body": body})

    def issues(self, label: str) -> tuple[Issue, ...]:
        """All issues with a label, the newest first, open or closed."""
        found = self._paged("/issues", shapes.issue_of, labels=label, state="all", sort="created", direction="desc")
        return tuple(issue for issue in found if not issue.is_pull)

    def open_issue(self, title: str, body: str, label: str) -> None:
        self._write("POST", "/issues", {"title": title, "body": body, "labels": [label]})

    def edit_issue(self, number: int, **values: str) -> None:
        """Change `body`, `state` or `state_reason`."""
        self._write("PATCH", f"/issues/{number}", values)

    def pulls_of(self, commit: str) -> tuple[Pull, ...]:
        """The pull requests that a commit belongs to."""
        return tuple(self._paged(f"/commits/{commit}/pulls", shapes.pull_of))

    def pull(self, number: int) -> Pull:
        path = f"{self._repository}/pulls/{number}"
        reply = self._http.send("GET", path, template="/pulls/{number}", idempotent=True)
        return parsed(shapes.pull_of, reply.json(), "/pulls/{number}")

    def open_pulls(self, base: str) -> tuple[Pull, ...]:
        """The open pull requests into a branch."""
        return tuple(self._paged("/pulls", shapes.pull_of, state="open", base=base))

    def runs(self, head: str, event: str) -> tuple[Run, ...]:
        """The runs of all workflows for a commit and an event."""
        return tuple(self._paged("/actions/runs", shapes.run_of, within="workflow_runs", head_sha=head, event=event))

    def artifacts(self, run: int, name: str) -> tuple[Artifact, ...]:
        """What a run left under this name; a run that was repeated may have left it more than once."""
        found = self._paged(f"/actions/runs/{run}/artifacts", shapes.artifact_of, within="artifacts", name=name)
        return tuple(artifact for artifact in found if artifact.name == name)

    def fetch(self, artifact: Artifact, target: Path, *, most: int) -> int:
        """Write the zip of an artifact, no more than so many bytes; returns how many there are.

        Raises RemoteError where it is larger or cannot be had.
        """
        template = "/actions/artifacts/{id}/zip"
        path = f"{self._repository}/actions/artifacts/{artifact.id}/zip"
        reply = self._http.send("GET", path, template=template, idempotent=True, may_point=True)
        where = reply.headers.get("location", "")
        if reply.status != 302 or not where:
            raise Terminal("SFDD-E7013", f"GitHub does not say where the artifact is ({template}).")
        return download(where, target, name="The artifact of the plan", most=most)

    def _paged(self, path: str, make: Callable[[Any], T], *, within: str = "", **query: str) -> Iterator[T]:
        template = re.sub(r"/(\d+|[0-9a-f]{40,64})(?=/|$)", "/{id}", path)
        for page in range(1, _PAGES + 1):
            params: dict[str, str | int | float | bool] = {**query, "per_page": _PAGE, "page": page}
            reply = self._http.send(
                "GET", f"{self._repository}{path}", template=template, idempotent=True, params=params
            )
            body = reply.json()
            rows = parsed(lambda body: list(body[within] if within else body), body, template)
            yield from (parsed(make, row, template) for row in rows)
            if 'rel="next"' not in reply.headers.get("link", ""):
                return
        raise Terminal("SFDD-E7013", f"GitHub's answer has more than {_PAGES} pages ({template}).")

    def _write(self, method: str, path: str, body: object) -> None:
        template = re.sub(r"/\d+(?=/|$)", "/{id}", path)
        self._http.send(
            method,
            f"{self._repository}{path}",
            template=f"{method} {template}",
            idempotent=method == "PATCH",
            json=encoded(body),
        )


def _meaning(reply: Reply) -> RemoteError | None:
    if reply.status < 400 or reply.status >= 500:
        return None
    has_no_calls_left = reply.headers.get("x-ratelimit-remaining") == "0" or "retry-after" in reply.headers
    if reply.status == 429 or (reply.status == 403 and has_no_calls_left):
        return RateLimited("SFDD-E7014", f"GitHub turned the call away: too many calls ({reply.template}).", status=429)
    said = f"GitHub answered {reply.status}{_message(reply)} ({reply.template})."
    if reply.status in (401, 403):
        hint = "permissions: of the job"
        return Denied("SFDD-E7010", said, status=reply.status, hint=hint)
    if reply.status == 404:
        return NotFound("SFDD-E7011", said, status=404, hint="permissions: of the job")
    return Terminal("SFDD-E7012", said, status=reply.status)


def _message(reply: Reply) -> str:
    """GitHub's own sentence where it is plainly one: a message about a body could repeat it."""
    try:
        message = reply.json()["message"]
    except (RemoteError, KeyError, TypeError):
        return ""
    return f": {message.rstrip('.')}" if isinstance(message, str) and _PLAIN.fullmatch(message) else ""
