"""A stand-in for GitLab's REST API on this machine: one project, which keeps what it is told and writes down each call.

It pages as the real one does, asks for the token, and may give artifacts from another address, which is sent no token.
"""

from __future__ import annotations

import json
import re
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

TOKEN = "glpat-canaryTokenOfTheProject0123"
PROJECT = 77
BOT, STRANGER = 900, 13
PAGE = 2  # whatever is asked for: every list is read in pages
Row = dict[str, Any]


@dataclass
class Seen:
    """One request."""

    method: str
    path: str
    body: str
    headers: dict[str, str]


@dataclass
class Lab:
    """One project on the stand-in."""

    notes: dict[int, list[Row]] = field(default_factory=dict)  # the oldest first
    issues: list[Row] = field(default_factory=list)
    issue_notes: dict[int, list[Row]] = field(default_factory=dict)
    requests: list[Row] = field(default_factory=list)
    pipelines: list[Row] = field(default_factory=list)
    jobs: dict[int, list[Row]] = field(default_factory=dict)
    files: dict[tuple[int, str], bytes] = field(default_factory=dict)
    seen: list[Seen] = field(default_factory=list)
    has_filters: bool = True  # whether lists are narrowed as asked
    has_counters: bool = True  # whether x-next-page is sent beside Link
    has_store: bool = False  # whether artifacts lie elsewhere
    refusal: tuple[str, int] | None = None
    url: str = ""
    _ids: int = 100

    def id(self) -> int:
        self._ids += 1
        return self._ids

    def note(self, number: int, body: str, author: int = BOT, *, system: bool = False) -> Row:
        made = {"id": self.id(), "body": body, "author": {"id": author}, "system": system}
        self.notes.setdefault(number, []).append(made)
        return made

    def issue(self, description: str, author: int = BOT, **more: Any) -> Row:
        made = {"iid": self.id(), "state": "opened", "author": {"id": author}, "labels": ["sfdd-drift"], **more}
        self.issues.append({**made, "description": description})
        return self.issues[-1]

    def merged(self, number: int, head: str, commit: str, *, source: int = PROJECT, **more: Any) -> None:
        self.requests.append({
            "iid": number, "state": "merged", "sha": head, "merge_commit_sha": commit, "squash_commit_sha": None,
            "source_project_id": source, "target_project_id": PROJECT, "target_branch": "main", **more,
        })  # fmt: skip

    def planned(self, number: int, head: str, name: str, content: bytes, **more: Any) -> int:
        """A pipeline with its job and its artifact. Returns the pipeline."""
        pipeline, job = self.id(), self.id()
        self.pipelines.append({
            "id": pipeline, "project_id": PROJECT, "sha": head, "source": "merge_request_event", "status": "success",
            "ref": f"refs/merge-requests/{number}/head", **more,
        })  # fmt: skip
        others = [{"id": self.id(), "name": name, "status": "success"} for name in ("validate", "lint", "test")]
        self.jobs[pipeline] = [*others, {"id": job, "name": "plan", "status": "success"}]
        self.files[job, name] = content
        return pipeline

    def writes(self) -> list[Seen]:
        return [one for one in self.seen if one.method != "GET"]


class Serving:
    """The stand-in, served until the end of the block."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab

    def __enter__(self) -> Lab:
        handler = type("Bound", (_Handler,), {"lab": self.lab})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.lab.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self.lab

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    lab: Lab

    def log_message(self, *_: Any) -> None:
        pass

    def _answer(self) -> None:
        lab = self.lab
        body = self.rfile.read(int(self.headers.get("content-length") or 0)).decode()
        headers = {name.lower(): value for name, value in self.headers.items()}
        lab.seen.append(Seen(self.command, self.path, body, headers))
        there = urlsplit(self.path)
        if there.path.startswith("/store/"):  # the other address
            _, _, job, name = there.path.split("/", 3)
            return self._give(lab.files[int(job), unquote(name)])
        if headers.get("private-token") != TOKEN:
            return self._send({"message": "401 Unauthorized"}, 401)
        if lab.refusal and re.search(lab.refusal[0], f"{self.command} {self.path}"):
            return self._send({"message": "canary of an answer"}, lab.refusal[1])
        if there.path == "/api/v4/user":
            return self._send({"id": BOT, "username": "project_77_bot"})
        asked = {name: values[-1] for name, values in parse_qs(there.query).items()}
        inner = there.path.removeprefix(f"/api/v4/projects/{PROJECT}")
        for method, pattern, act in _ROUTES:
            found = re.fullmatch(pattern, inner)
            if method == self.command and found:
                return act(self, asked, json.loads(body) if body else {}, *found.groups())
        return self._send({"message": "404 Not Found"}, 404)

    do_GET = do_POST = do_PUT = _answer

    def _send(self, body: Any, status: int = 200, **headers: str) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        for name, value in {**headers, "content-length": str(len(data))}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(data)

    def _give(self, data: bytes) -> None:
        self.send_response(200)
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _list(self, asked: dict[str, str], rows: list[Row], *filters: str) -> None:
        if self.lab.has_filters:
            rows = [row for row in rows if all(str(row[name]) == asked[name] for name in filters if name in asked)]
        page = int(asked.get("page", 1))
        is_last = page * PAGE >= len(rows)
        headers = {} if is_last else {"link": f'<{self.lab.url}/elsewhere?page={page + 1}>; rel="next"'}
        if self.lab.has_counters:
            headers["x_next_page"] = "" if is_last else str(page + 1)
        self._send(rows[(page - 1) * PAGE : page * PAGE], **headers)

    def _notes(self, asked: dict[str, str], _: Row, number: str) -> None:
        assert asked["sort"] == "desc"
        self._list(asked, self.lab.notes.get(int(number), [])[::-1])

    def _add_note(self, _: dict[str, str], body: Row, number: str) -> None:
        if len(body["body"]) > 1_000_000:
            return self._send({"message": "400 Bad request"}, 400)
        return self._send(self.lab.note(int(number), body["body"]), 201)

    def _edit_note(self, _: dict[str, str], body: Row, number: str, id: str) -> None:
        note = next(one for one in self.lab.notes[int(number)] if one["id"] == int(id))
        assert note["author"]["id"] == BOT
        note.update(body)
        self._send(note)

    def _issues(self, asked: dict[str, str], _: Row) -> None:
        rows = [one for one in self.lab.issues[::-1] if asked["labels"] in one["labels"]]
        if self.lab.has_filters:
            rows = [one for one in rows if one["author"]["id"] == int(asked["author_id"])]
        self._list(asked, rows)

    def _open_issue(self, _: dict[str, str], body: Row) -> None:
        labels = body["labels"].split(",")
        self._send(self.lab.issue(body["description"], title=body["title"], labels=labels), 201)

    def _edit_issue(self, _: dict[str, str], body: Row, number: str) -> None:
        issue = next(one for one in self.lab.issues if one["iid"] == int(number))
        event = body.pop("state_event", "")
        issue.update(body, state={"close": "closed", "reopen": "opened"}.get(event, issue["state"]))
        self._send(issue)

    def _add_issue_note(self, _: dict[str, str], body: Row, number: str) -> None:
        self.lab.issue_notes.setdefault(int(number), []).append(body)
        self._send(body, 201)

    def _requests_of(self, asked: dict[str, str], _: Row, commit: str) -> None:
        names = ("sha", "merge_commit_sha", "squash_commit_sha")
        self._list(asked, [one for one in self.lab.requests if commit in (one[name] for name in names)])

    def _pipelines(self, asked: dict[str, str], _: Row) -> None:
        self._list(asked, self.lab.pipelines[::-1], "sha", "source", "status", "ref")

    def _jobs(self, asked: dict[str, str], _: Row, pipeline: str) -> None:
        self._list(asked, self.lab.jobs[int(pipeline)])

    def _artifact(self, _: dict[str, str], __: Row, job: str, name: str) -> None:
        content = self.lab.files.get((int(job), unquote(name)))
        if content is None:
            return self._send({"message": "404 Not Found"}, 404)
        if self.lab.has_store:
            return self._send({}, 302, location=f"{self.lab.url}/store/{job}/{name}")
        return self._give(content)


_ROUTES: tuple[tuple[str, str, Any], ...] = (
    ("GET", r"/merge_requests/(\d+)/notes", _Handler._notes),
    ("POST", r"/merge_requests/(\d+)/notes", _Handler._add_note),
    ("PUT", r"/merge_requests/(\d+)/notes/(\d+)", _Handler._edit_note),
    ("GET", r"/issues", _Handler._issues),
    ("POST", r"/issues", _Handler._open_issue),
    ("PUT", r"/issues/(\d+)", _Handler._edit_issue),
    ("POST", r"/issues/(\d+)/notes", _Handler._add_issue_note),
    ("GET", r"/repository/commits/([0-9a-f]+)/merge_requests", _Handler._requests_of),
    ("GET", r"/pipelines", _Handler._pipelines),
    ("GET", r"/pipelines/(\d+)/jobs", _Handler._jobs),
    ("GET", r"/jobs/(\d+)/artifacts/([^/]+)", _Handler._artifact),
)
