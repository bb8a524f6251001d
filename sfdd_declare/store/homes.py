"""The homes a state can have, told by how its place is written."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path

from sfdd_declare.model.errors import StateError
from sfdd_declare.store.aside import copied, may_be_written
from sfdd_declare.store.database import Database, make_file, memory, postgres, sqlite_file, sqlite_replica

OBJECT_STORES = ("s3", "gs", "az")
SERVERS = ("postgresql", "postgres")

#: Makes a folder that is there until it is left.
Room = Callable[[], AbstractContextManager[Path]]


@contextmanager
def temporary_room() -> Iterator[Path]:
    """A folder among the system's temporary ones, which only its owner can enter."""
    with tempfile.TemporaryDirectory(prefix="sfdd-state-") as folder:
        yield Path(folder)


def scheme_of(home: Path | str) -> str:
    """`s3` of `s3://…`; nothing for a file."""
    return home.partition("://")[0] if isinstance(home, str) and "://" in home else ""


def is_in_bucket(home: Path | str) -> bool:
    return scheme_of(home) in OBJECT_STORES


def database_at(
    home: Path | str,
    *,
    create: bool,
    environ: Mapping[str, str],
    aside: Callable[[], Path] | None = None,
    room: Room = temporary_room,
) -> Database:
    """Where a state lives, or is to. Raises StateError for a place that none can live in."""
    scheme = scheme_of(home)
    if scheme in SERVERS and isinstance(home, str):
        return postgres(home.replace("postgres://", "postgresql://", 1))
    if scheme in OBJECT_STORES and isinstance(home, str):
        return _bucket(home, create=create, environ=environ, room=room)
    if scheme:
        raise StateError(
            "SFDD-E3012",
            f"A state cannot live at `{scheme}://`.",
            hint="state: a file name, postgresql://…, s3://BUCKET/PATH, gs://BUCKET/PATH or az://CONTAINER/PATH",
        )
    path = Path(home)
    if create:
        make_file(path)
    if not path.exists():
        return memory()
    if aside is None:
        return sqlite_file(path)
    found = path if may_be_written(path) else copied(path, aside())
    return sqlite_file(found, shown=path, read_only=True)


def _bucket(home: str, *, create: bool, environ: Mapping[str, str], room: Room) -> Database:
    # An object store is seldom in use, and its library is not small.
    from sfdd_declare.store.bucket import Replica  # noqa: PLC0415
    from sfdd_declare.store.objects import Objects, name_in  # noqa: PLC0415

    name = name_in(home)
    objects = Objects(home, environ)
    with ExitStack() as stack:
        replica = Replica(objects, name, stack.enter_context(room()))
        if not replica.load():
            if not create:
                return memory()
            make_file(replica.path)
        return sqlite_replica(replica, stack.pop_all())
