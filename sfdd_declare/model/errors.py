"""Every error a user can meet: one root, families by meaning, a stable id, a place and a hint.

The hint is a command or a YAML key, never advice in general. Texts hold no secret and no personal data: a message names
records by id, never by address. Id ranges: 10 reading YAML, 11 shape and interpolation, 12 offline checks, 13 checks
against live systems, 20 transport, 21 Salesforce, 22 Dotdigital, 30 state, 40 planning, 41 guards, 50 applying, 70 code
hosts, 80 notifications, 90 usage, 99 bug.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place in a configuration file; lines and columns count from 1, `text` is the offending line as read."""

    file: str
    line: int
    col: int
    text: str = ""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.col}"


class DeclareError(Exception):
    """Root of all expected errors. `where` is a position or words such as a record id or an address. `about` is the
    address of the link, campaign or address book that alone is concerned, where it is one: the others can go on.
    """

    def __init__(
        self,
        id: str,
        summary: str,
        *,
        detail: str = "",
        where: Position | str | None = None,
        hint: str = "",
        about: str = "",
    ) -> None:
        super().__init__(summary)
        self.id = id
        self.summary = summary
        self.detail = detail
        self.where = where
        self.hint = hint
        self.about = about

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        return f"{self.id} {place}{self.summary}"


class ConfigError(DeclareError):
    """The configuration is wrong; `where` is a Position whenever one exists."""


class ErrorList(DeclareError):
    """Several errors found together; shown together, sorted by place."""

    def __init__(self, errors: tuple[DeclareError, ...]) -> None:
        super().__init__(errors[0].id, f"{len(errors)} errors")
        self.errors = errors


class UsageError(DeclareError):
    """The command line is wrong."""


class RemoteError(DeclareError):
    """One of the two systems answered with an error, or did not answer. `code` is the vendor's own code, if any."""

    def __init__(
        self,
        id: str,
        summary: str,
        *,
        code: str = "",
        status: int = 0,
        detail: str = "",
        where: Position | str | None = None,
        hint: str = "",
    ) -> None:
        super().__init__(id, summary, detail=detail, where=where, hint=hint)
        self.code = code
        self.status = status


class Transient(RemoteError):
    """May go through if tried again later."""


class RateLimited(Transient):
    """Too many calls; `retry_after` seconds as the vendor says."""

    retry_after: float = 0.0


class Terminal(RemoteError):
    """Will not go through by trying again."""


class Denied(Terminal):
    """Wrong credentials, revoked session, missing permission."""


class NotFound(Terminal):
    """The thing asked for does not exist or is not visible."""


class Conflict(Terminal):
    """The thing exists already, or changed meanwhile."""


class StateError(DeclareError):
    """The state cannot be read or written."""


class Stale(StateError):
    """The plan was made from another state of the world; exit code 3."""


class Locked(StateError):
    """Somebody else holds the lease; exit code 4."""


class GuardError(DeclareError):
    """A guard blocks this; exit code 5."""


class BugError(DeclareError):
    """A mistake of this program. Shown with the request to report it, never with a traceback."""


class Interrupted(DeclareError):
    """A signal arrived; the call in hand was finished and journalled. `signal` is its number (2 or 15)."""

    def __init__(self, signal: int) -> None:
        super().__init__("SFDD-E5090", "Interrupted. Run `sfdd apply` again: it goes on where this run stopped.")
        self.signal = signal
