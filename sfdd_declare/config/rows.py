"""Field-mapping rows of the whole configuration in one flat form, however they were written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sfdd_declare.config.positions import Path
from sfdd_declare.config.shape.root import Root
from sfdd_declare.config.shape.things import AccountRows, MappingRow, RecordTypeRows
from sfdd_declare.model.mapping import Direction, RecordType

#: What `use: [defaults]` adds, as the connector does (Salesforce field, data field).
DEFAULT_ROWS = (("FirstName", "FIRSTNAME"), ("LastName", "LASTNAME"), ("Name", "FULLNAME"))


@dataclass(frozen=True, slots=True)
class Row:
    """One mapped field with its place."""

    account: str
    record_type: RecordType
    field: str
    row: MappingRow
    path: Path  # of the key; rows of `use` stand at `use`
    short: bool  # the name of the data field alone

    @property
    def direction(self) -> Direction:
        return Direction(self.row.direction)

    @property
    def data_field_path(self) -> Path:
        """Where the data field's name is written, in the short and in the long form."""
        return self.path if self.short else (*self.path, "data_field")


@dataclass(frozen=True, slots=True)
class Section:
    """One record type of one account. `account` is empty when it is left out and there is not exactly one."""

    account: str
    record_type: RecordType
    rows: tuple[Row, ...]
    path: Path


def sections(root: Root, accounts: tuple[str, ...]) -> tuple[Section, ...]:
    """All record types under `field_mappings`, in the order of the shape: without an account key first."""
    only = accounts[0] if len(accounts) == 1 else ""
    top = root.field_mappings
    found = [*_sections(top, only, ("field_mappings",))]
    for account, mappings in (top.__pydantic_extra__ or {}).items():
        found += _sections(mappings, account, ("field_mappings", account))
    return tuple(found)


def _sections(mappings: AccountRows, account: str, path: Path) -> Iterator[Section]:
    for kind in RecordType:
        rows: RecordTypeRows | None = getattr(mappings, kind.section)
        if rows is not None:
            here = (*path, kind.section)
            yield Section(account, kind, tuple(_rows(rows, account, kind, here)), here)


def _rows(rows: RecordTypeRows, account: str, kind: RecordType, path: Path) -> Iterator[Row]:
    written = rows.__pydantic_extra__ or {}
    fields, targets = set(), set()
    for name, row in written.items():
        long = row if isinstance(row, MappingRow) else MappingRow(data_field=row)
        fields.add(name.casefold())
        targets.add(long.data_field.casefold())
        yield Row(account, kind, name, long, (*path, name), short=long is not row)
    for name, data_field in DEFAULT_ROWS if rows.use else ():
        if name.casefold() not in fields and data_field.casefold() not in targets:
            yield Row(account, kind, name, MappingRow(data_field=data_field), (*path, "use"), short=True)
