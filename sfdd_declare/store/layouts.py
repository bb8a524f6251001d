"""Which 8 bytes of a base row belong to which mapped field: the version of the mapping set (BASE-1, BASE-7).

A new field is appended, so old rows stay readable and are brought up to date when they are written. A field that is
taken away is cut out of every row at once: its hashes are gone, also when the same mapping is declared again later.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import BindParameter, Connection, Select, bindparam, delete, func, insert, select, update

from sfdd_declare.model.mapping import FieldMapping, MappingSet
from sfdd_declare.store import schema
from sfdd_declare.store.bulk import write_rows

SIZE = 8
NO_HASH = bytes(SIZE)
_CHUNK = 20_000
_KEY = ("account", "record_type", "sf_id")
_RELAID = ("layout", "hashes_s", "hashes_d", "marks")


@dataclass(frozen=True, slots=True)
class Layout:
    """One version: the fields in the order of their hashes."""

    version: int
    fields: tuple[str, ...]

    @property
    def width(self) -> int:
        return len(self.fields) * SIZE

    def offset(self, field: str) -> int:
        return self.fields.index(field) * SIZE


@dataclass(frozen=True, slots=True)
class Layouts:
    """All versions of one (account, record type); `current` is the one rows are written with."""

    current: Layout
    versions: dict[int, Layout]

    def translate(self, blob: bytes, version: int) -> bytes:
        """The hashes of a row of any version in the current order; zeros for a field the row does not know."""
        return blob if version == self.current.version else _translate(blob, self.versions[version], self.current)

    def translate_marks(self, blob: bytes, version: int) -> bytes:
        """The marks of a row of any version in the current order; zero for a field the row does not know."""
        if version == self.current.version:
            return blob
        padded = blob + bytes(1)
        return bytes(padded[start // SIZE] for start in _starts(self.versions[version], self.current))


def read_layouts(connection: Connection, account: str, record_type: str) -> Layouts:
    """The versions of one (account, record type); version 0 with no fields when nothing was ever stored."""
    table = schema.layouts
    mine = (table.c.account == account, table.c.record_type == record_type)
    query = select(table.c.version, table.c.fields).where(*mine).order_by(table.c.version)
    found = [Layout(row.version, tuple(json.loads(row.fields))) for row in connection.execute(query)]
    current = found[-1] if found else Layout(0, ())
    return Layouts(current, {layout.version: layout for layout in found})


def extended_layouts(connection: Connection, account: str, record_type: str, fields: Iterable[str]) -> Layouts:
    """The layouts with all of `fields` in the current one."""
    layouts = read_layouts(connection, account, record_type)
    new = tuple(name for name in dict.fromkeys(fields) if name not in layouts.current.fields)
    if not new and layouts.versions:
        return layouts
    return _added(connection, account, record_type, layouts, layouts.current.fields + new)


def keep_fields(
    connection: Connection, account: str, sets: tuple[MappingSet, ...], declared: Iterable[FieldMapping] = ()
) -> None:
    """Delete the hashes of all fields of an account that are in none of `sets`, the account's complete mapping, nor
    among the declared rows: those whose values do not move now keep theirs (BASE-7).
    """
    table = schema.layouts
    known = connection.execute(select(table.c.record_type).where(table.c.account == account).distinct()).scalars().all()
    wanted = {(s.record_type.value, mapped.key) for s in sets if s.account == account for mapped in s.fields}
    wanted |= {(row.record_type.value, row.key) for row in declared if row.account == account}
    for record_type in sorted(known):
        layouts = read_layouts(connection, account, record_type)
        kept = tuple(name for name in layouts.current.fields if (record_type, name) in wanted)
        if kept != layouts.current.fields:
            _relay(connection, account, record_type, _added(connection, account, record_type, layouts, kept))


def _added(
    connection: Connection, account: str, record_type: str, layouts: Layouts, fields: tuple[str, ...]
) -> Layouts:
    table = schema.layouts
    highest = connection.execute(select(func.max(table.c.version))).scalar() or 0
    layout = Layout(highest + 1, fields)
    connection.execute(
        insert(table).values(
            version=layout.version, account=account, record_type=record_type, fields=json.dumps(list(fields))
        )
    )
    return Layouts(layout, {**layouts.versions, layout.version: layout})


def _relay(connection: Connection, account: str, record_type: str, layouts: Layouts) -> None:
    """Bring every row to the current version and drop the others."""
    base, table = schema.base, schema.layouts
    mine = (base.c.account == account, base.c.record_type == record_type)
    key = [base.c[name] == bindparam(f"key_{name}") for name in _KEY]
    new: dict[str, BindParameter[Any]] = {name: bindparam(f"new_{name}") for name in _RELAID}
    names = (*(f"new_{name}" for name in new), *(f"key_{name}" for name in _KEY))
    query = select(base.c.sf_id, *(base.c[name] for name in _RELAID)).where(*mine)
    version = layouts.current.version
    for rows in _chunks(connection, query):
        relaid = [
            (
                version,
                layouts.translate(s, old),
                layouts.translate(d, old),
                layouts.translate_marks(marks, old),
                account,
                record_type,
                sf_id,
            )
            for sf_id, old, s, d, marks in rows
        ]
        write_rows(connection, update(base).where(*key).values(new), names, relaid)
    others = (table.c.account == account, table.c.record_type == record_type, table.c.version != version)
    connection.execute(delete(table).where(*others))


def _translate(blob: bytes, old: Layout, new: Layout) -> bytes:
    padded = blob + NO_HASH
    return b"".join([padded[start : start + SIZE] for start in _starts(old, new)])


@lru_cache
def _starts(old: Layout, new: Layout) -> tuple[int, ...]:
    """Where in a padded blob of the old layout each hash of the new one stands; the padding is for unknown fields."""
    at = {name: i * SIZE for i, name in enumerate(old.fields)}
    return tuple(at.get(name, old.width) for name in new.fields)


def _chunks(connection: Connection, query: Select[Any]) -> Iterator[Sequence[Any]]:
    """The rows of a query over `base` in order of record id, a page at a time: they may be rewritten meanwhile."""
    column, last = schema.base.c.sf_id, ""
    while rows := connection.execute(query.where(column > last).order_by(column).limit(_CHUNK)).all():
        yield rows
        last = rows[-1].sf_id
