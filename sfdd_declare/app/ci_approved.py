"""Which plan was approved: the file that the planning workflow left for the last commit of the pull request.

Nothing is taken from a comment, which anybody who may write can edit. The run is one of the named workflow, for exactly
that commit, within the repository itself: what a fork's run left is a stranger's file.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from sfdd_declare.app.ci_runner import Runner, plan_name
from sfdd_declare.host.archive import MOST, unpack
from sfdd_declare.host.github import GitHub
from sfdd_declare.host.shapes import Artifact, Pull, Run
from sfdd_declare.model.ci import Step
from sfdd_declare.model.errors import NotFound, Stale
from sfdd_declare.model.planfile import PlanFile
from sfdd_declare.store import planfile

_EVENT, _SUCCESS = "pull_request", "success"
_AGAIN = "open a pull request with the same change: it is planned anew"
_CHUNK = 1_000_000


@dataclass(frozen=True, slots=True)
class Approved:
    """A plan file, as it was left for a pull request."""

    path: Path
    file: PlanFile


def merged_pull(host: GitHub, runner: Runner) -> Pull:
    """The one that this commit merged. Raises Stale (SFDD-E7020, E7021) where it is not one, or a fork's."""
    try:
        found = host.pulls_of(runner.sha)
    except NotFound:
        found = ()
    merged = [pull for pull in found if pull.is_merged and pull.merge == runner.sha and _is_into(pull, runner)]
    if len(merged) != 1:
        what = "no pull request" if not merged else f"{len(merged)} pull requests"
        summary = f"The commit {runner.sha[:12]} is the merge of {what} into {_branch(runner) or 'this branch'}."
        raise Stale("SFDD-E7020", summary, hint=_AGAIN)
    require_no_fork(merged[0], runner)
    return merged[0]


def require_no_fork(pull: Pull, runner: Runner) -> None:
    """Raise Stale (SFDD-E7021) for a pull request from elsewhere."""
    if not pull.base_repository == pull.head_repository == runner.repository:
        summary = (
            f"#{pull.number} came from a fork: its runs plan without credentials, and none of their files is taken."
        )
        raise Stale("SFDD-E7021", summary, hint="open a pull request from a branch of this repository")


def approved_plan(host: GitHub, runner: Runner, step: Step, pull: Pull, folder: Path) -> Approved:
    """Fetch the plan file of a pull request into a folder of ours. Raises Stale (SFDD-E7022 to E7026) where there is
    none, or more than one, or not the one it should be.
    """
    name = plan_name(runner.config(step.folder), step.env, pull.head)
    runs = [run for run in host.runs(pull.head, _EVENT) if _is_trusted(run, pull, runner, step)]
    if not runs:
        summary = f"No run of {step.workflow} for #{pull.number} at {pull.head[:12]}, its last commit, succeeded."
        raise Stale("SFDD-E7022", summary, hint=_AGAIN)
    found = [artifact for run in runs for artifact in _newest(host.artifacts(run.id, name))]
    if len(found) != 1:
        what = "No plan" if not found else f"{len(found)} plans"
        summary = f"{what} of {pull.head[:12]}: {len(found)} artifacts of {len(runs)} runs of {step.workflow}."
        raise Stale("SFDD-E7023", summary, detail=f"They are named {name}.", hint=_AGAIN)
    (artifact,) = found
    if artifact.is_expired:
        raise Stale("SFDD-E7024", f"The plan of {pull.head[:12]} is expired at GitHub.", hint=_AGAIN)
    path = _fetched(host, artifact, name, folder)
    file = planfile.read(path)
    if (file.asked.env or "") != (step.env or ""):
        raise Stale("SFDD-E7026", "The plan file was made for another environment.", hint="sfdd ci apply --env NAME")
    return Approved(path, file)


def _is_trusted(run: Run, pull: Pull, runner: Runner, step: Step) -> bool:
    return (
        run.head == pull.head
        and run.event == _EVENT
        and run.conclusion == _SUCCESS
        and run.workflow == f".github/workflows/{step.workflow}"
        and run.repository == run.head_repository == runner.repository
    )


def _newest(artifacts: tuple[Artifact, ...]) -> tuple[Artifact, ...]:
    """A run that was repeated left one each time, and the last is what its comment showed."""
    return (max(artifacts, key=lambda artifact: artifact.id),) if artifacts else ()


def _fetched(host: GitHub, artifact: Artifact, name: str, folder: Path) -> Path:
    archive, target = folder / "artifact.zip", folder / f"{name}.sfddplan"
    host.fetch(artifact, archive, most=MOST)
    if artifact.digest.startswith("sha256:") and artifact.digest != f"sha256:{_digest(archive)}":
        raise Stale("SFDD-E7025", "The artifact of the plan is refused: its digest is another one.", hint=_AGAIN)
    unpack(archive, target.name, target)
    archive.unlink()
    return target


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _branch(runner: Runner) -> str:
    return runner.ref.removeprefix("refs/heads/") if runner.ref.startswith("refs/heads/") else ""


def _is_into(pull: Pull, runner: Runner) -> bool:
    return not _branch(runner) or pull.base_branch == _branch(runner)
