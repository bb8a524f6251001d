"""Values with defaults for these tests, and the hands that look into the sandbox."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from typing import Any

import httpx
import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import SecretStr

from sfdd_declare.model.address import Address, address_book, data_field
from sfdd_declare.model.declared import Account, Consent
from sfdd_declare.model.ids import OperationId
from sfdd_declare.model.mapping import (
    DataFieldType,
    FieldMapping,
    Form,
    FormKind,
    MappedField,
    MappingSet,
    RecordType,
)
from sfdd_declare.model.operation import Action, FieldChange, Operation, Stage, Task
from sfdd_declare.model.ports import Batch, ImportRow, ImportValue, RemovalRow, Row, Spool, SuppressRow
from sfdd_declare.sandbox import faults
from sfdd_declare.sandbox.dotdigital import books, contacts, fields
from sfdd_declare.sandbox.dotdigital.schema import home_account
from sfdd_declare.sandbox.world import World

USER = "apiuser-sandbox@apiconnector.com"


def an_account(region: str, *, user: str = USER, password: str = "sandbox") -> Account:
    return Account("main", user, SecretStr(password), region, True, None, Consent())


class Pauses(list[float]):
    """A pause that takes no time: it is noted, the sandbox's clock moves on, and then something may happen."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self._world = world
        self.then: Callable[[], None] = lambda: None

    def __call__(self, seconds: float) -> None:
        if not seconds:
            return  # only asked whether to go on
        self.append(seconds)
        self._world.set_clock(advance=timedelta(seconds=seconds))
        self.then()


class Hands:
    """Somebody at the sandbox's own controls."""

    def __init__(self, world: World, url: str) -> None:
        self.world = world
        self.http = httpx.Client(base_url=url, auth=(USER, "sandbox"), timeout=30, verify=False)

    def a_list(self, name: str = "Newsletter", *, visibility: str = "Private") -> int:
        return books.create(self.world, home_account(self.world), "seed", name=name, visibility=visibility).id

    def a_field(self, name: str, kind: str = "String") -> None:
        fields.create(self.world, home_account(self.world), "seed", name=name, kind=kind)

    def a_contact(self, email: str = "ada@example.org", **more: Any) -> int:
        return contacts.insert_many(self.world, [{"email": email, **more}])[0]

    def people(self, count: int, **more: Any) -> list[int]:
        rows = [{"email": f"person{number}@example.org", **more} for number in range(count)]
        return contacts.insert_many(self.world, rows)

    def contact(self, email: str = "ada@example.org") -> dict[str, Any] | None:
        reply = self.http.get(f"/contacts/v3/email/{email}")
        found: dict[str, Any] = reply.json()
        return found if reply.is_success else None

    def values(self, email: str = "ada@example.org") -> dict[str, Any]:
        found = self.contact(email)
        assert found is not None
        return {name.upper(): value for name, value in found["dataFields"].items()}

    def status(self, email: str = "ada@example.org") -> str | None:
        found = self.contact(email)
        return found["channelProperties"]["email"]["status"] if found else None

    def lists_of(self, email: str = "ada@example.org") -> dict[int, str]:
        found = self.contact(email)
        return {entry["id"]: entry["status"] for entry in found["lists"]} if found else {}

    def fault(self, kind: str, path: str, **more: Any) -> None:
        faults.add(self.world, {"kind": kind, "system": "dotdigital", "path": path, **more})

    def requests(self) -> dict[str, int]:
        """Requests to Dotdigital by template, since the last time."""
        counted: dict[str, int] = self.http.get("/__sandbox__/counters").json()["dotdigital"]["by_template"]
        self.http.post("/__sandbox__/counters/reset")
        return {template: count for template, count in counted.items() if count}

    def history(self, **query: str) -> list[dict[str, Any]]:
        entries: list[dict[str, Any]] = self.http.get("/__sandbox__/history", params=query).json()
        return entries


def a_mapped_field(
    data_field: str,
    kind: DataFieldType = DataFieldType.STRING,
    *,
    index: int = 0,
    form: Form | None = None,
) -> MappedField:
    mapping = FieldMapping("main", RecordType.CONTACT, f"Field{index}__c", data_field)
    return MappedField(index, mapping, form or Form(FormKind.TEXT, 255), "string", 255, 0, True, (), kind, data_field)


def a_set(*fields: MappedField, record_type: RecordType = RecordType.CONTACT) -> MappingSet:
    return MappingSet("main", record_type, fields)


def an_operation(
    task: Task,
    *,
    action: Action = Action.PEOPLE,
    address: Address | None = None,
    prior_id: str = "",
    **fields: str | bool | int | float | None,
) -> Operation:
    """`fields` are the attributes it sets."""
    return Operation(
        id=OperationId(f"{task.value}:{action.value}"),
        address=address or address_book("newsletter"),
        stage=Stage.SETUP,
        action=action,
        task=task,
        fields=tuple(FieldChange(name, None, value) for name, value in fields.items()),
        prior_id=prior_id,
    )


def a_field_operation(
    name: str, *, action: Action, prior_id: str = "", **fields: str | bool | int | float | None
) -> Operation:
    return an_operation(Task.DATA_FIELD, action=action, address=data_field("main", name), prior_id=prior_id, **fields)


def a_batch(operation: Operation, *rows: Row, lists: Mapping[str, int] | None = None) -> Batch:
    ids = {f"@address_book.{key}": str(number) for key, number in (lists or {}).items()}
    return Batch((operation,), 1, rows, ids)


def an_import_row(
    email: str = "ada@example.org",
    *,
    contact_id: int | None = None,
    books: tuple[str, ...] = (),
    opted_out: bool = False,
    **values: str | None,
) -> ImportRow:
    """`values` are texts by data field; a row's person is its address."""
    held = tuple(ImportValue(name, DataFieldType.STRING, text) for name, text in values.items())
    return ImportRow(email, contact_id, email, held, books, opted_out)


def a_suppress_row(contact_id: int, email: str = "ada@example.org") -> SuppressRow:
    return SuppressRow(email, contact_id, email)


def removal_rows(contact_ids: Iterable[int], book: str = "newsletter") -> tuple[RemovalRow, ...]:
    return tuple(RemovalRow(f"contact {number}", number, book) for number in contact_ids)


class Told:
    """What a writer told while it worked."""

    def __init__(self) -> None:
        self.jobs: list[str] = []
        self.done: list[int] = []


def rows_of(spool: Spool, dataset: str) -> list[dict[str, Any]]:
    """Every row of a dataset."""
    tables = [pq.read_table(part) for part in spool.parts(dataset)]
    return pa.concat_tables(tables).to_pylist() if tables else []
