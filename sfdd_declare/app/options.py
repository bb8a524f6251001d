"""What a command is asked: plain values from the command line, and who is asked for approval. Light: no other room."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from sfdd_declare.model.errors import DeclareError

if TYPE_CHECKING:
    from pydantic import SecretStr

    from sfdd_declare.model.plan import Plan


def never() -> int:
    """A stop that never comes."""
    return 0


def now() -> datetime:
    """The present, in UTC."""
    return datetime.now(UTC)


def _present() -> datetime:
    return now()


@dataclass(frozen=True, slots=True)
class Options:
    """The flags all commands share. `targets` and `excludes` are addresses as typed; `allow` holds names of guards.

    `delta` reads only who changed, where that is enough. `only_data` leaves the set-up alone; `names` are then what to
    synchronise, in a user's words: none means all. `stop` answers with the number of a signal that asks a running
    apply to end after the call in hand, else 0.
    """

    folder: Path
    base: Path | None = None  # the configuration whose limits judge this one
    env: str | None = None
    variables: Mapping[str, str] = field(default_factory=dict)
    environ: Mapping[str, str] = field(default_factory=dict, repr=False)  # holds credentials
    targets: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    allow: frozenset[str] = frozenset()
    accept_first_sync: bool = False  # RUN-1: settle what has been held since the first run
    adopt_lineage: str = ""  # RUN-8: go on with this state although the org knows a later one, or another
    samples: int = 5
    reveal: bool = False  # samples in clear: only for a terminal
    lock_timeout: float = 0.0
    parallelism: int = 4
    expect: str | None = None
    out: Path | None = None  # write the plan file here
    file: Path | None = None  # carry out what this plan file holds, and nothing else (CON-16)
    confirmed: tuple[str, ...] = ()  # names typed for things that go, for a plan file
    delta: bool = False
    only_data: bool = False
    names: tuple[str, ...] = ()
    stop: Callable[[], int] = never
    command: str = "apply"  # what the history says was run
    now: Callable[[], datetime] = _present


class Bell(Protocol):
    """What wakes a watch: it ends a wait, and says whether somebody asks for the configuration to be read again."""

    def wait(self, seconds: float) -> None: ...
    def is_set(self) -> bool: ...
    def clear(self) -> None: ...


@dataclass(frozen=True, slots=True)
class WatchOptions:
    """What the command line says of a watch beside `Options`. `put` writes a line of its log."""

    put: Callable[[str], None]
    bell: Bell
    as_json: bool = False
    listen: str | None = None
    token: SecretStr | None = None


class Approval(Protocol):
    """Asks a human. `show` comes first, then `approve`, then `typed` once per thing whose destruction needs its
    name.
    """

    def show(self, plan: Plan) -> None: ...
    def approve(self, plan: Plan) -> bool: ...
    def typed(self, name: str, why: str) -> bool: ...


class Declined(DeclareError):
    """Somebody said no; nothing was written."""

    def __init__(self, summary: str = "Apply declined. Nothing was written.") -> None:
        super().__init__("SFDD-E5001", summary, hint="sfdd plan")
