"""The one comment of a configuration and environment below a pull request: found by its marker and by who wrote it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sfdd_declare.host.github import GitHub
from sfdd_declare.host.shapes import Comment
from sfdd_declare.model.ci import Shell, Step
from sfdd_declare.model.errors import DeclareError, RemoteError
from sfdd_declare.render.markdown import Place
from sfdd_declare.render.markdown.marks import CLOSED, FAILED, OUTDATED, is_of, outdated, read_marker

#: Characters that GitHub takes.
_MOST = 65_536


@dataclass(frozen=True, slots=True)
class Comments:
    """Our comments of one configuration and environment, as one account."""

    host: GitHub
    author: str
    place: Place

    @classmethod
    def of(cls, host: GitHub, step: Step, place: Place) -> Comments:
        return cls(host, step.author or host.account(), place)

    def current(self, pull: int) -> Comment | None:
        """The newest that still stands for what is proposed."""
        return next((comment for comment in self._ours(pull) if _state(comment) != CLOSED), None)

    def of_commit(self, pull: int, head: str) -> Comment | None:
        """The one of a commit, closed or not; else the current one."""
        ours = tuple(self._ours(pull))
        same = (comment for comment in ours if read_marker(comment.body).get("head") == head)
        return next(same, None) or next((comment for comment in ours if _state(comment) != CLOSED), None)

    def put(self, pull: int, comment: Comment | None, body: str) -> None:
        """Edit it in place, or make it."""
        if comment is not None:
            self.host.edit_comment(comment.id, body)
        else:
            self.host.add_comment(pull, body)

    def mark_outdated(self, pull: int, by: int) -> None:
        """Say of the plan below a pull request that another one overtook it, once."""
        comment = self.current(pull)
        if comment is None or _state(comment) in (FAILED, OUTDATED):
            return
        body = outdated(comment.body, by)
        if len(body) <= _MOST:
            self.host.edit_comment(comment.id, body)

    def _ours(self, pull: int) -> Iterator[Comment]:
        """The newest first."""
        for comment in reversed(self.host.comments(pull)):
            if comment.author == self.author and is_of(read_marker(comment.body), "plan", self.place):
                yield comment


def not_posted(shell: Shell, what: str, error: DeclareError) -> None:
    """What could not be posted is said at the run, and the result stands."""
    shell.warn(f"{what} could not be written ({error.id}): {error.summary} The job summary has it.")


#: What posting may end in without taking the result with it.
POSTING = RemoteError


def _state(comment: Comment) -> object:
    return read_marker(comment.body).get("state")
