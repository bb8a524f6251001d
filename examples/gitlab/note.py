"""One note under a merge request, or one issue about drift, per configuration and environment.

    note.py merge-request FILE [--env NAME] [--merged IID]
    note.py issue FILE [--env NAME] --exit-code N

FILE is what `sfdd … --markdown FILE` wrote. What stands already is found by the marker in its first line and by its
author, the account of SFDD_GITLAB_TOKEN: anybody may write a marker. It is edited in place; under a merged merge
request the plan stays below its outcome, for reading only.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import re
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

MOST = 1_000_000  # characters of a note, and of an issue's description
LABEL = "sfdd-drift"
_START, _END = "<!-- sfdd ", " -->"
_CUT = "\n\n**Shortened.** The log of the job has the rest.\n"
_FOLD, _FOLDED = "\n<details><summary>The plan before it</summary>\n", "\n</details>\n"
_PAGES = 200
_NONE, _FOUND = 0, 2


class Refusal(Exception):
    """Why this ends, in a plain sentence, and with which exit code."""

    def __init__(self, sentence: str, code: int = 1, status: int = 0) -> None:
        super().__init__(sentence)
        self.code, self.status = code, status


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """An address that an answer names is never sent the token."""

    def redirect_request(self, *_: Any) -> None:
        return None


OPENER = urllib.request.build_opener(_NoRedirect)


class GitLab:
    """One project, as one account. Nothing of an answer is ever printed."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.api = environ.get("CI_API_V4_URL", "").rstrip("/")
        self.project = environ.get("CI_PROJECT_ID", "")
        self._token = environ.get("SFDD_GITLAB_TOKEN", "")
        require(is_safe(self.api), "CI_API_V4_URL is not an https address.")
        require(is_number(self.project), "CI_PROJECT_ID is not set: this runs in a job of GitLab CI.")
        require(self._token, "SFDD_GITLAB_TOKEN is not set, or is protected and one of the branches is not.")
        require(re.fullmatch(r"[!-~]+", self._token), "SFDD_GITLAB_TOKEN is no token: it has spaces or line ends.")

    def open(self, method: str, path: str, body: Any = None, *, may_point: bool = False, **query: Any) -> Any:
        """An answer, or one that points elsewhere; else a Refusal."""
        url = f"{self.api}{path}" + (f"?{urllib.parse.urlencode(query, doseq=True)}" if query else "")
        headers = {"PRIVATE-TOKEN": self._token, "User-Agent": "sfdd", "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        try:
            asked = urllib.request.Request(url, data, headers, method=method)  # noqa: S310 -- its scheme is looked at
            return OPENER.open(asked, timeout=60)
        except urllib.error.HTTPError as error:
            if may_point and error.code in (301, 302, 303, 307, 308):
                return error
            raise Refusal(f"GitLab answered {error.code} to {method} {path}.", status=error.code) from None
        except OSError as error:
            raise Refusal(f"GitLab cannot be reached ({type(error).__name__}).") from None

    def call(self, method: str, path: str, body: Any = None) -> Any:
        return self._parsed(self.open(method, path, body))[0]

    def inner(self, path: str) -> str:
        return f"/projects/{self.project}{path}"

    def rows(self, path: str, **query: Any) -> Iterator[dict[str, Any]]:
        """All rows of a list within the project, page after page."""
        page = "1"
        for _ in range(_PAGES):
            found, headers = self._parsed(self.open("GET", self.inner(path), per_page=100, page=page, **query))
            yield from found
            after = headers.get("x-next-page")
            if after is None and 'rel="next"' in headers.get("link", ""):
                after = str(int(page) + 1)
            if not after:
                return
            page = after
        raise Refusal(f"GitLab has more than {_PAGES} pages of {path}.")

    def account(self) -> int:
        return int(self.call("GET", "/user")["id"])

    def _parsed(self, reply: Any) -> tuple[Any, Any]:
        with reply:
            try:
                return json.load(reply), reply.headers
            except (ValueError, OSError, http.client.HTTPException) as error:
                raise Refusal(f"GitLab's answer cannot be read ({type(error).__name__}).") from None


def require(holds: object, sentence: str, code: int = 1) -> None:
    if not holds:
        raise Refusal(sentence, code)


def is_safe(url: str) -> bool:
    there = urllib.parse.urlsplit(url)
    return there.scheme == "https" or (there.scheme == "http" and there.hostname in ("127.0.0.1", "localhost"))


def is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()


def marker(body: str) -> dict[str, Any]:
    """What the first line says; nothing where it is no marker."""
    line = body.partition("\n")[0].rstrip("\r")
    if not (line.startswith(_START) and line.endswith(_END)):
        return {}
    try:
        said = json.loads(line[len(_START) : -len(_END)])
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) and said.get("v") == 1 else {}


def prepared(path: Path, env: str | None) -> str:
    """The text of the file. A line that begins with a slash is no quick action, and an apply has its environment."""
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    said = marker(text)
    require(said, "sfdd wrote no Markdown to post.")
    if env and not said.get("env"):
        escapes = {ord(char): f"\\u{ord(char):04x}" for char in "-<>"}
        line = json.dumps({**said, "env": env}, separators=(",", ":")).translate(escapes)
        text = f"{_START}{line}{_END}\n{text.partition(chr(10))[2]}"
    return re.sub(r"^([ \t]*)/", r"\1\\/", text, flags=re.MULTILINE)


def placed(body: str, environ: Mapping[str, str]) -> str:
    """The body with the commit and the job that it is of above its heading."""
    sha, url = environ.get("CI_COMMIT_SHA", ""), environ.get("CI_JOB_URL", "")
    parts = [f"Commit `{sha[:8]}`"] if re.fullmatch(r"[0-9a-f]{40,64}", sha) else []
    parts += [f"[job]({url})"] if re.fullmatch(r"https?://[\w.:/~-]+", url, re.ASCII) else []
    first, _, rest = body.partition("\n")
    return f"{first}\n\n{' · '.join(parts)}\n{rest}" if parts else body


def is_of(body: str, said: Mapping[str, Any], kinds: tuple[str, ...]) -> bool:
    there = marker(body)
    return there.get("kind") in kinds and all(there.get(name) == said.get(name) for name in ("config", "env"))


def cut(body: str) -> str:
    return body if len(body) <= MOST else body[: MOST - len(_CUT)] + _CUT


def merge_request(gitlab: GitLab, body: str, number: str, *, is_merged: bool) -> None:
    """Edit our note, or make it. Below what became of a plan stands the plan."""
    require(is_number(number), "There is no number of a merge request.")
    notes, account, said = f"/merge_requests/{number}/notes", gitlab.account(), marker(body)
    kinds = ("plan", "apply")
    for note in gitlab.rows(notes, sort="desc", order_by="created_at"):
        before = note["body"]
        if note["author"]["id"] == account and not note.get("system") and is_of(before, said, kinds):
            if is_merged:
                _, fold, kept = before.partition(_FOLD)
                body += f"{_FOLD}{kept}" if fold else f"{_FOLD}{before.partition(chr(10))[2]}{_FOLDED}"
            gitlab.call("PUT", gitlab.inner(f"{notes}/{note['id']}"), {"body": cut(body)})
            return
    gitlab.call("POST", gitlab.inner(notes), {"body": cut(body)})


def issue(gitlab: GitLab, body: str, code: int) -> None:
    """Open, edit or close our issue; `code` is none or found. Followers hear of it when the set is another one."""
    account, said = gitlab.account(), marker(body)
    found = gitlab.rows("/issues", labels=LABEL, author_id=account, scope="all", state="all", sort="desc")
    ours = [
        one for one in found if one["author"]["id"] == account and is_of(one.get("description") or "", said, ("drift",))
    ]
    ours.sort(key=lambda one: one["state"] != "opened")
    if not ours:
        if code == _FOUND:
            where = " · ".join(re.sub(r"[^\w./-]", "_", said[name])[:80] for name in ("config", "env") if said[name])
            opened = {"title": f"sfdd drift: {where}", "description": cut(body), "labels": LABEL}
            gitlab.call("POST", gitlab.inner("/issues"), opened)
        return
    (one, path), is_open = (ours[0], gitlab.inner(f"/issues/{ours[0]['iid']}")), ours[0]["state"] == "opened"
    if code == _FOUND:
        is_other = marker(one["description"]).get("fingerprint") != said.get("fingerprint")
        gitlab.call("PUT", path, {"description": cut(body), **({} if is_open else {"state_event": "reopen"})})
        if is_other or not is_open:
            gitlab.call("POST", f"{path}/notes", {"body": "Another set than before is changed by hand."})
    elif is_open:
        gitlab.call("POST", f"{path}/notes", {"body": "Nothing is changed by hand any more."})
        gitlab.call("PUT", path, {"state_event": "close"})


def ended(name: str, act: Callable[[], None]) -> int:
    """Run it; what stops it is one sentence, in which nothing of an answer stands."""
    try:
        act()
    except Refusal as refusal:
        sys.stderr.write(f"{name}: {refusal}\n")
        return refusal.code
    except (KeyError, TypeError, ValueError) as error:
        sys.stderr.write(f"{name}: GitLab answered in a form that is not known ({type(error).__name__}).\n")
        return 1
    return 0


def run(words: argparse.Namespace, environ: Mapping[str, str]) -> None:
    if words.what == "issue" and words.exit_code not in (_NONE, _FOUND):
        raise Refusal("The look failed or was not complete: the issue stays as it is.", words.exit_code)
    gitlab, body = GitLab(environ), placed(prepared(words.file, words.env), environ)
    if words.what == "issue":
        issue(gitlab, body, words.exit_code)
    else:
        number = words.merged or environ.get("CI_MERGE_REQUEST_IID", "")
        merge_request(gitlab, body, number, is_merged=bool(words.merged))


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=("merge-request", "issue"))
    parser.add_argument("file", type=Path)
    parser.add_argument("--env")
    parser.add_argument("--merged")
    parser.add_argument("--exit-code", type=int, default=1)
    words = parser.parse_args()
    return ended("note.py", lambda: run(words, os.environ))


if __name__ == "__main__":
    sys.exit(main())
