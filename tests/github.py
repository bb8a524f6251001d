"""A stand-in for GitHub's REST API on this machine: what it is told it keeps, and every request is written down.

It pages as the real one does, asks for the token, and gives artifacts from another address, which is sent no token.
"""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
import os
import re
import socket
import sys
import threading
import time
import urllib.request
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

TOKEN = "ghs_canaryTokenOfTheJob0123456789"
REPOSITORY = "acme/crm"
BOT = "github-actions[bot]"
_BY_HAND = "/__by_hand__"
PAGE = 3  # whatever is asked for: every list is read in pages


@dataclass
class Seen:
    """One request."""

    method: str
    path: str
    body: str
    headers: dict[str, str]

    @property
    def text(self) -> str:
        return f"{self.method} {self.path} {self.body}"


@dataclass
class Hub:
    """One repository on the stand-in."""

    has_filters: bool = True  # whether lists of runs and artifacts are narrowed as asked
    account: str | None = None  # the login behind the token; a job's token cannot ask
    comments: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    issues: list[dict[str, Any]] = field(default_factory=list)
    pulls: list[dict[str, Any]] = field(default_factory=list)
    runs: list[dict[str, Any]] = field(default_factory=list)
    artifacts: list[dict[str, Any]] = field(default_factory=list)
    files: dict[int, bytes] = field(default_factory=dict)
    seen: list[Seen] = field(default_factory=list)
    refusals: list[tuple[str, str, int]] = field(default_factory=list)
    message: str = "Resource not accessible by integration"
    api: str = ""
    blobs: str = ""
    _ids: int = 100

    def id(self) -> int:
        self._ids += 1
        return self._ids

    def comment(self, pull: int, body: str, author: str = BOT) -> dict[str, Any]:
        made = {"id": self.id(), "user": {"login": author}, "body": body}
        self.comments.setdefault(pull, []).append(made)
        return made

    def bodies(self, pull: int, author: str = BOT) -> list[str]:
        return [one["body"] for one in self.comments.get(pull, []) if one["user"]["login"] == author]

    def pull(
        self, number: int, head: str, *, merge: str = "", repository: str = REPOSITORY, base: str = "b" * 40
    ) -> None:
        self.pulls.append({
            "number": number, "state": "closed" if merge else "open", "merged_at": "2026-11-30" if merge else None,
            "merge_commit_sha": merge or None, "head": {"sha": head, "repo": {"full_name": repository}},
            "base": {"sha": base, "ref": "main", "repo": {"full_name": REPOSITORY}},
        })  # fmt: skip

    def run(
        self, head: str, *, repository: str = REPOSITORY, workflow: str = "sfdd-plan.yml", event: str = "pull_request",
        conclusion: str = "success",
    ) -> int:  # fmt: skip
        number = self.id()
        self.runs.append({
            "id": number, "head_sha": head, "event": event, "conclusion": conclusion,
            "path": f".github/workflows/{workflow}", "repository": {"full_name": REPOSITORY},
            "head_repository": {"full_name": repository},
        })  # fmt: skip
        return number

    def artifact(self, run: int, name: str, content: bytes, *, member: str | None = None, expired: bool = False) -> int:
        """A zip with one member."""
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(member or f"{name}.sfddplan", content)
        return self.archive(run, name, packed.getvalue(), expired=expired)

    def archive(self, run: int, name: str, packed: bytes, *, expired: bool = False) -> int:
        number = self.id()
        self.files[number] = packed
        self.artifacts.append({
            "id": number, "name": name, "size_in_bytes": len(packed), "expired": expired, "run": run,
            "digest": f"sha256:{hashlib.sha256(packed).hexdigest()}",
        })  # fmt: skip
        return number

    def refuse(self, method: str, path: str, status: int) -> None:
        """Answer calls to a path, a pattern, with this status from now on."""
        self.refusals.append((method, path, status))

    def written(self) -> list[Seen]:
        return [one for one in self.seen if one.method != "GET"]


class Serving:
    """The stand-in, served until the end of the block: one address for the API, one for the files."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self._servers = [_Server(_api(hub)), _Server(_blobs(hub))]
        hub.api, hub.blobs = (server.url for server in self._servers)

    def __enter__(self) -> Hub:
        return self.hub

    def __exit__(self, *_: object) -> None:
        for server in self._servers:
            server.stop()


class _Server:
    def __init__(self, app: Starlette) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._socket.bind(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        config = uvicorn.Config(
            app, http="h11", lifespan="off", log_level="critical", access_log=False, timeout_graceful_shutdown=1
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(
            target=lambda: asyncio.run(self._server.serve(sockets=[self._socket])), daemon=True
        )
        self._thread.start()
        deadline = time.monotonic() + 10
        while not self._server.started:
            assert time.monotonic() < deadline
            time.sleep(0.005)

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(timeout=5)
        self._socket.close()


def _api(hub: Hub) -> Starlette:
    async def answer(request: Request) -> Response:
        body = (await request.body()).decode()
        path = str(request.url).removeprefix(hub.api)
        if path == _BY_HAND:
            return JSONResponse(_act(hub, json.loads(body)))
        hub.seen.append(Seen(request.method, path, body, dict(request.headers)))
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return _error(401, "Bad credentials")
        for method, pattern, status in hub.refusals:
            if method == request.method and re.search(pattern, path):
                return _error(status, hub.message)
        return _routed(hub, request, await request.json() if body else {})

    return Starlette(routes=[Route("/{path:path}", answer, methods=["GET", "POST", "PATCH"])])


def _act(hub: Hub, words: list[str]) -> list[str]:
    """What a person does at the host, and what they see there."""
    match words:
        case ["open", number, head, base]:
            hub.pull(int(number), head, base=base)
        case ["planned", head, name, file]:
            hub.artifact(hub.run(head), name, Path(file).read_bytes())
        case ["merge", number, commit]:
            pull = next(one for one in hub.pulls if one["number"] == int(number))
            pull.update(state="closed", merged_at="2026-11-30", merge_commit_sha=commit)
        case ["comment", number]:
            return hub.bodies(int(number))[-1:]
        case ["issues"]:
            return [f"{one['state']}: {one['title']}" for one in hub.issues]
        case _:
            raise ValueError(words)
    return []


def _blobs(hub: Hub) -> Starlette:
    async def give(request: Request) -> Response:
        hub.seen.append(Seen("GET", f"blob{request.url.path}", "", dict(request.headers)))
        assert "authorization" not in request.headers
        return Response(hub.files[int(request.path_params["id"])], media_type="application/zip")

    return Starlette(routes=[Route("/blob/{id}", give)])


def _error(status: int, message: str) -> Response:
    return JSONResponse({"message": message, "documentation_url": "-"}, status)


def _routed(hub: Hub, request: Request, body: Any) -> Response:
    path = request.url.path
    if path == "/user":
        if hub.account is None:
            return _error(403, "Resource not accessible by integration")
        return JSONResponse({"login": hub.account})
    inner = path.removeprefix(f"/repos/{REPOSITORY}")
    for method, pattern, act in _ROUTES:
        found = re.fullmatch(pattern, inner)
        if method == request.method and found:
            return act(hub, request, body, *found.groups())
    return _error(404, "Not Found")


def _listed(request: Request, rows: list[Any], within: str = "") -> Response:
    page = int(request.query_params.get("page", 1))
    shown = rows[(page - 1) * PAGE : page * PAGE]
    headers = {}
    if page * PAGE < len(rows):
        headers["link"] = f'<{request.url.include_query_params(page=page + 1)}>; rel="next"'
    return JSONResponse({"total_count": len(rows), within: shown} if within else shown, headers=headers)


def _comments(hub: Hub, request: Request, _: Any, number: str) -> Response:
    return _listed(request, hub.comments.get(int(number), []))


def _add_comment(hub: Hub, _: Request, body: Any, number: str) -> Response:
    if len(body["body"]) > 65_536:
        return _error(422, "Validation Failed")
    return JSONResponse(hub.comment(int(number), body["body"], hub.account or BOT), 201)


def _edit_comment(hub: Hub, _: Request, body: Any, id: str) -> Response:
    for one in (one for all in hub.comments.values() for one in all):
        if one["id"] == int(id):
            one["body"] = body["body"]
            return JSONResponse(one)
    return _error(404, "Not Found")


def _issues(hub: Hub, request: Request, _: Any) -> Response:
    label = request.query_params["labels"]
    return _listed(request, [one for one in reversed(hub.issues) if label in one["labels"]])


def _open_issue(hub: Hub, _: Request, body: Any) -> Response:
    made = {"number": hub.id(), "state": "open", "user": {"login": hub.account or BOT}, **body}
    hub.issues.append(made)
    return JSONResponse(made, 201)


def _edit_issue(hub: Hub, _: Request, body: Any, number: str) -> Response:
    issue = next(one for one in hub.issues if one["number"] == int(number))
    issue.update(body)
    return JSONResponse(issue)


def _pulls(hub: Hub, request: Request, _: Any) -> Response:
    asked = request.query_params
    rows = [one for one in hub.pulls if one["state"] == asked["state"] and one["base"]["ref"] == asked["base"]]
    return _listed(request, rows)


def _pull(hub: Hub, _: Request, __: Any, number: str) -> Response:
    return JSONResponse(next(one for one in hub.pulls if one["number"] == int(number)))


def _pulls_of(hub: Hub, request: Request, _: Any, commit: str) -> Response:
    return _listed(request, [one for one in hub.pulls if commit in (one["merge_commit_sha"], one["head"]["sha"])])


def _runs(hub: Hub, request: Request, _: Any) -> Response:
    asked = request.query_params
    rows = [one for one in hub.runs if one["head_sha"] == asked["head_sha"] and one["event"] == asked["event"]]
    rows = rows if hub.has_filters else hub.runs
    return _listed(request, rows, "workflow_runs")


def _artifacts(hub: Hub, request: Request, _: Any, run: str) -> Response:
    name = request.query_params["name"]
    rows = [one for one in hub.artifacts if one["run"] == int(run) and one["name"] == name]
    rows = rows if hub.has_filters else [one for one in hub.artifacts if one["run"] == int(run)]
    return _listed(request, rows, "artifacts")


def _zip(hub: Hub, _: Request, __: Any, id: str) -> Response:
    return RedirectResponse(f"{hub.blobs}/blob/{id}", 302)


_ROUTES: tuple[tuple[str, str, Any], ...] = (
    ("GET", r"/issues/(\d+)/comments", _comments),
    ("POST", r"/issues/(\d+)/comments", _add_comment),
    ("PATCH", r"/issues/comments/(\d+)", _edit_comment),
    ("GET", r"/issues", _issues),
    ("POST", r"/issues", _open_issue),
    ("PATCH", r"/issues/(\d+)", _edit_issue),
    ("GET", r"/pulls", _pulls),
    ("GET", r"/pulls/(\d+)", _pull),
    ("GET", r"/commits/([0-9a-f]+)/pulls", _pulls_of),
    ("GET", r"/actions/runs", _runs),
    ("GET", r"/actions/runs/(\d+)/artifacts", _artifacts),
    ("GET", r"/actions/artifacts/(\d+)/zip", _zip),
)


if __name__ == "__main__":
    asked = urllib.request.Request(f"{os.environ['GITHUB_API_URL']}{_BY_HAND}", data=json.dumps(sys.argv[1:]).encode())
    with urllib.request.urlopen(asked, timeout=60) as reply:
        sys.stdout.write("".join(f"{line}\n" for line in json.load(reply)))
