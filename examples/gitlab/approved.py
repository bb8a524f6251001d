"""The plan file that was reviewed: approved.py CONFIG ENV FILE [--most BYTES]

Finds the merge request that CI_COMMIT_SHA merged, the pipeline of exactly its last commit, and the plan file among the
artifacts of its job `plan`; writes it to FILE and prints the number of the merge request. Nothing is taken from a note,
and nothing from a fork. Exit codes: 0 found, 3 there is none, 1 GitLab could not be asked.
"""

from __future__ import annotations

import argparse
import http.client
import os
import re
import sys
import urllib.error
import urllib.parse
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from note import OPENER, GitLab, Refusal, ended, is_number, is_safe, require

MOST = 1_000_000_000  # bytes of a plan file
_JOB = "plan"
_AGAIN = "Open a merge request with the same change: it is planned anew."
_CHUNK = 1_000_000
_SHA = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,60}")


def merged(gitlab: GitLab, sha: str, branch: str) -> dict[str, Any]:
    """The one merge request that this commit merged, from a branch of the project itself."""
    found = [
        one
        for one in gitlab.rows(f"/repository/commits/{sha}/merge_requests")
        if one["state"] == "merged"
        and one["target_branch"] == branch
        and sha in (one.get("merge_commit_sha"), one.get("squash_commit_sha"), one.get("sha"))
    ]
    require(len(found) == 1, f"The commit {sha[:12]} is the merge of {len(found) or 'no'} merge requests. {_AGAIN}", 3)
    (one,) = found
    is_own = one["source_project_id"] == one["target_project_id"] == int(gitlab.project)
    require(is_own, f"!{int(one['iid'])} came from a fork: none of its files is taken.", 3)
    require(_SHA.fullmatch(str(one["sha"])), f"GitLab does not say what !{int(one['iid'])} ended in.", 3)
    return one


def plan_job(gitlab: GitLab, request: Mapping[str, Any]) -> int:
    """The job that planned the last commit. Of a pipeline that was repeated the newest counts: its note is the last."""
    head, number = request["sha"], int(request["iid"])
    wanted = {
        "sha": head, "source": "merge_request_event", "status": "success", "ref": f"refs/merge-requests/{number}/head",
    }  # fmt: skip
    found = [
        one
        for one in gitlab.rows("/pipelines", **wanted)
        if all(one[name] == value for name, value in wanted.items()) and one["project_id"] == int(gitlab.project)
    ]
    require(found, f"No pipeline of !{number} at {head[:12]}, its last commit, succeeded. {_AGAIN}", 3)
    pipeline = max(int(one["id"]) for one in found)
    rows = gitlab.rows(f"/pipelines/{pipeline}/jobs", **{"scope[]": "success"})
    jobs = [int(one["id"]) for one in rows if one["name"] == _JOB and one["status"] == "success"]
    require(len(jobs) == 1, f"The pipeline of {head[:12]} has {len(jobs) or 'no'} jobs that planned. {_AGAIN}", 3)
    return jobs[0]


def fetch(gitlab: GitLab, job: int, name: str, target: Path, most: int) -> None:
    """Write one file of the artifacts, no more than so many bytes, or nothing."""
    try:
        path = gitlab.inner(f"/jobs/{job}/artifacts/{urllib.parse.quote(name, safe='')}")
        reply = gitlab.open("GET", path, may_point=True)
    except Refusal as refusal:
        require(refusal.status != 404, f"The job that planned has no plan file, or it expired. {_AGAIN}", 3)
        raise
    if getattr(reply, "code", 200) >= 300:
        reply = _elsewhere(reply.headers.get("location", ""))
    part = target.with_name(f"{target.name}.part")
    size, declared = 0, reply.headers.get("content-length") or ""
    try:
        with reply, open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            while chunk := reply.read(_CHUNK):
                size += len(chunk)
                require(size <= most, f"The plan file has more than {most:,} bytes, and is refused.", 3)
                out.write(chunk)
        require(not is_number(declared) or size == int(declared), "The plan file broke off.")
        part.rename(target)
    except (OSError, http.client.HTTPException) as error:
        raise Refusal(f"The plan file could not be fetched ({type(error).__name__}).") from None
    finally:
        part.unlink(missing_ok=True)


def _elsewhere(url: str) -> Any:
    """Artifacts may lie on another host, which is sent no token."""
    require(is_safe(url), "GitLab names an address for the plan file that is not https.")
    try:
        return OPENER.open(url, timeout=60)
    except urllib.error.HTTPError as error:
        raise Refusal(f"The store of artifacts answered {error.code}.") from None
    except OSError as error:
        raise Refusal(f"The store of artifacts cannot be reached ({type(error).__name__}).") from None


def run(words: argparse.Namespace, environ: Mapping[str, str]) -> None:
    sha, branch = environ.get("CI_COMMIT_SHA", ""), environ.get("CI_COMMIT_BRANCH", "")
    require(_SHA.fullmatch(sha) and branch, "CI_COMMIT_SHA and CI_COMMIT_BRANCH are not set as GitLab CI sets them.")
    require(_NAME.fullmatch(words.config) and _NAME.fullmatch(words.env), "That is no name for a file.")
    gitlab = GitLab(environ)
    request = merged(gitlab, sha, branch)
    name = f"sfdd-plan-{words.config}-{words.env}-{request['sha']}.sfddplan"
    fetch(gitlab, plan_job(gitlab, request), name, words.file, words.most)
    sys.stdout.write(f"{int(request['iid'])}\n")


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("config")
    parser.add_argument("env")
    parser.add_argument("file", type=Path)
    parser.add_argument("--most", type=int, default=MOST)
    words = parser.parse_args()
    return ended("approved.py", lambda: run(words, os.environ))


if __name__ == "__main__":
    sys.exit(main())
