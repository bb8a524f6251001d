"""A plan file on disk: one zip of fixed members, sealed with the state's key. It holds no personal data.

`plan.json` is the plan as it was shown, `rows.parquet` one keyed hash per row (`people/rules/meanings.sql`), `seal` the
HMAC of all. Nothing in it is carried out: it only says what a new plan may carry out. Where SFDD_KEY is set, the rows
themselves are in it, too, sealed with it: for a reader who has it, and for nothing else.
"""

from __future__ import annotations

import hashlib
import hmac
import io
import os
import secrets
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pydantic import SecretStr, TypeAdapter, ValidationError

from sfdd_declare.model.canonical import canonical_json
from sfdd_declare.model.errors import DeclareError, Stale
from sfdd_declare.model.planfile import FORMAT, PlanFile
from sfdd_declare.model.ports import Spool
from sfdd_declare.people.columns import APPROVED, APPROVED_DATASET, CHANGE, CHANGES, MEANINGS_DATASET

_PLAN, _ROWS, _PEOPLE, _SEAL = "plan.json", "rows.parquet", "people.sealed", "seal"
#: Bytes that a member may have when it is unpacked; a plan of ten million changes has rows of half a gigabyte.
_MOST = {_PLAN: 64_000_000, _ROWS: 2_000_000_000, _PEOPLE: 8_000_000_000, _SEAL: 200}
_CONTEXT = b"sfdd plan file people 1"
_LONG_AGO = (1980, 1, 1, 0, 0, 0)
#: How they are packed: whatever does not shrink is as large packed as unpacked, so no small file holds a huge one.
_HOW = {_PLAN: zipfile.ZIP_DEFLATED, _ROWS: zipfile.ZIP_STORED, _PEOPLE: zipfile.ZIP_STORED, _SEAL: zipfile.ZIP_STORED}
_MOST_DIRECTORY = 100_000
#: By their commas, before they are read: a value takes a hundred times the room that it has in the file.
_MOST_VALUES = 2_000_000
_CHUNK = 1_000_000
_NEW = "sfdd plan --out FILE"
_SMALLER = "sfdd plan --out FILE --target ADDRESS"


def write(path: Path, file: PlanFile, spool: Spool, key: SecretStr, passphrase: str = "") -> None:
    """Write a plan file whole or not at all. Rows are those of `meanings` whose operation the plan carries out;
    `passphrase` seals those of `changes`.

    Raises DeclareError when it cannot be written there.
    """
    if not path.name:
        raise DeclareError("SFDD-E5016", "The plan file cannot be written: Is a directory.", where=str(path))
    carried = {op.id for op in file.plan.operations if op.rows is not None and not op.blocked_by} | {"moves"}
    rows = spool.root / _ROWS
    _write_rows(rows, spool, carried)
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with zipfile.ZipFile(part, "x") as archive:
            seal = _Seal(key)
            plan = canonical_json(file).encode()
            if len(plan) > _MOST[_PLAN] or plan.count(b",") > _MOST_VALUES:
                raise DeclareError(
                    "SFDD-E5016", "The plan is too large for a plan file.", where=str(path), hint=_SMALLER
                )
            seal.add(_PLAN, len(plan), [plan])
            _add(archive, _PLAN, [plan])
            seal.add(_ROWS, rows.stat().st_size, _chunks_of(rows))
            _add(archive, _ROWS, _chunks_of(rows))
            if passphrase:
                _add_people(archive, seal, spool, passphrase)
            _add(archive, _SEAL, [seal.hexdigest().encode()])
        os.replace(part, path)
    except OSError as error:
        raise DeclareError(
            "SFDD-E5016", f"The plan file cannot be written: {error.strerror}.", where=str(path)
        ) from error
    finally:
        part.unlink(missing_ok=True)
        rows.unlink(missing_ok=True)


def read(path: Path, key: SecretStr | None = None) -> PlanFile:
    """What a plan file says. Raises Stale where it is none, or of another format, and with a key where it is not sealed
    with that: what was looked at is what is read, whatever becomes of the file meanwhile.
    """
    with _opened(path) as archive:
        if key is not None:
            _require_seal(archive, path, key)
        text = b"".join(_chunks(archive, _PLAN))
    if text.count(b",") > _MOST_VALUES:
        raise _not_one(path, f"its `{_PLAN}` is too large")
    try:
        found = TypeAdapter(PlanFile).validate_json(text)
    except ValidationError:
        raise _not_one(path, "its plan cannot be read") from None
    if found.format != FORMAT:
        raise _not_one(path, f"it has the format {found.format}, and this program reads {FORMAT}")
    return found


def is_sealed(path: Path, key: SecretStr) -> bool:
    """Whether it was written with this state's key, and by nobody else since."""
    with _opened(path) as archive:
        return _has_seal(archive, key)


def load_rows(path: Path, spool: Spool, key: SecretStr) -> None:
    """The rows of a file into the spool. Raises Stale where it is not sealed with the key."""
    with _opened(path) as archive:
        _require_seal(archive, path, key)
        with archive.open(_ROWS) as member, spool.sink(APPROVED_DATASET, APPROVED) as sink:
            for batch in pq.ParquetFile(member).iter_batches(columns=APPROVED.names):
                sink.write(batch.cast(APPROVED))


def _require_seal(archive: zipfile.ZipFile, path: Path, key: SecretStr) -> None:
    if not _has_seal(archive, key):
        summary = "This plan file is not as it was written, or it was sealed with another state's key."
        raise Stale("SFDD-E5012", summary, where=str(path), hint=_NEW)


def _has_seal(archive: zipfile.ZipFile, key: SecretStr) -> bool:
    seal = _Seal(key)
    for name in (name for name in (_PLAN, _ROWS, _PEOPLE) if name in archive.namelist()):
        seal.add(name, archive.getinfo(name).file_size, _chunks(archive, name))
    return hmac.compare_digest(b"".join(_chunks(archive, _SEAL)), seal.hexdigest().encode())


def unseal_people(path: Path, passphrase: str, target: Path) -> None:
    """The rows themselves, as Parquet. Raises Stale where the file holds none, or none that this passphrase opens."""
    from sfdd_declare.store.sealed import WrongKeyError, unseal_pieces  # noqa: PLC0415 - ciphers load slowly

    with _opened(path) as archive:
        if _PEOPLE not in archive.namelist():
            summary = "The people of this plan are not in its file: SFDD_KEY was not set when it was made."
            raise Stale("SFDD-E5018", summary, where=str(path), hint="export SFDD_KEY=…; sfdd plan --out FILE")
        try:
            with archive.open(_PEOPLE) as member, target.open("wb") as out:
                out.writelines(unseal_pieces(member, passphrase, _CONTEXT))
        except WrongKeyError:
            summary = "SFDD_KEY is not the key that the people of this plan were sealed with."
            raise Stale("SFDD-E5018", summary, where=str(path), hint="export SFDD_KEY=…") from None


def _add_people(archive: zipfile.ZipFile, seal: _Seal, spool: Spool, passphrase: str) -> None:
    """Sealed once, into a file, since the seal over all has to read it, too."""
    from sfdd_declare.store.sealed import seal_pieces  # noqa: PLC0415 - ciphers load slowly

    sealed = spool.root / _PEOPLE
    rows = spool.root / "people.parquet"
    try:
        with pq.ParquetWriter(rows, CHANGE, compression="zstd") as writer:
            for part in spool.parts(CHANGES):
                for batch in pq.ParquetFile(part).iter_batches():
                    writer.write_batch(batch)
        with sealed.open("wb") as out:
            out.writelines(seal_pieces(_chunks_of(rows), passphrase, _CONTEXT, secrets.token_bytes))
        seal.add(_PEOPLE, sealed.stat().st_size, _chunks_of(sealed))
        _add(archive, _PEOPLE, _chunks_of(sealed))
    finally:
        sealed.unlink(missing_ok=True)
        rows.unlink(missing_ok=True)


class _Seal:
    """HMAC-SHA-256 over the members' names, lengths and bytes, keyed by the state's hash key for this use alone."""

    def __init__(self, key: SecretStr) -> None:
        own = hashlib.sha256(b"sfdd plan file\x1f" + key.get_secret_value().encode()).digest()
        self._mac = hmac.new(own, digestmod=hashlib.sha256)

    def add(self, name: str, size: int, chunks: Iterable[bytes]) -> None:
        self._mac.update(f"{name}\x1f{size}\x1f".encode())
        for chunk in chunks:
            self._mac.update(chunk)

    def hexdigest(self) -> str:
        return self._mac.hexdigest()


def _write_rows(target: Path, spool: Spool, carried: set[str]) -> None:
    with pq.ParquetWriter(target, APPROVED, compression="zstd") as writer:
        for part in spool.parts(MEANINGS_DATASET):
            for batch in pq.ParquetFile(part).iter_batches():
                keep = pc.is_in(batch.column("operation"), value_set=pa.array(sorted(carried), pa.string()))
                writer.write_batch(batch.filter(keep).select(APPROVED.names).cast(APPROVED))


def _add(archive: zipfile.ZipFile, name: str, chunks: Iterable[bytes]) -> None:
    """The same bytes whenever and wherever it is written."""
    member = zipfile.ZipInfo(name, _LONG_AGO)
    member.compress_type = _HOW[name]
    with archive.open(member, "w", force_zip64=True) as out:
        for chunk in chunks:
            out.write(chunk)


def _chunks_of(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        yield from _read(file)


def _chunks(archive: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    with archive.open(name) as member:
        yield from _read(member)


def _read(file: IO[bytes]) -> Iterator[bytes]:
    while chunk := file.read(_CHUNK):
        yield chunk


class _Archive(io.FileIO):
    """A file whose directory is read at once, and may be all there is to it: `most` is how much of it."""

    most: int | None = _MOST_DIRECTORY

    def read(self, size: int | None = -1, /) -> bytes:
        if self.most is not None and size is not None and size > self.most:
            raise zipfile.BadZipFile
        return super().read(size) or b""


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    """Exactly our members, none larger than it may be; what is broken inside is found here, too."""
    try:
        with _Archive(path, "rb") as file, zipfile.ZipFile(file) as archive:
            file.most = None
            sizes = {member.filename: member.file_size for member in archive.infolist()}
            if sorted({*sizes, _PEOPLE}) != sorted(_MOST) or len(archive.infolist()) != len(sizes):
                raise _not_one(path, "it does not hold what a plan file holds")
            if too_large := next((name for name in sizes if sizes[name] > _MOST[name]), None):
                raise _not_one(path, f"its `{too_large}` is too large")
            if any(member.compress_type != _HOW[member.filename] for member in archive.infolist()):
                raise _not_one(path, "it is not packed as a plan file is")
            yield archive
    except OSError as error:
        raise DeclareError("SFDD-E5017", f"The plan file cannot be read: {error.strerror}.", where=str(path)) from error
    except (zipfile.BadZipFile, pa.ArrowException, EOFError, NotImplementedError, RuntimeError, ValueError):
        raise _not_one(path, "it is damaged, or something else") from None


def _not_one(path: Path, why: str) -> Stale:
    return Stale("SFDD-E5010", f"This is no plan file: {why}.", where=str(path), hint=_NEW)
