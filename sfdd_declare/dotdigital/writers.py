"""Everything that can be written to one account, by task. `app.wiring` hands it to the executor."""

from __future__ import annotations

from collections.abc import Mapping

from sfdd_declare.dotdigital.client import Client
from sfdd_declare.dotdigital.consent import SuppressWriter
from sfdd_declare.dotdigital.fields import DataFieldWriter
from sfdd_declare.dotdigital.imports import ImportWriter
from sfdd_declare.dotdigital.lists import AddressBookWriter, RemovalWriter
from sfdd_declare.model.operation import Task
from sfdd_declare.model.ports import Writer


def writers(client: Client, *, may_create_suppressed: bool = True) -> Mapping[Task, Writer]:
    """The writers of one account. `may_create_suppressed`: see ImportWriter."""
    how = {"may_create_suppressed": may_create_suppressed}
    return {
        Task.ADDRESS_BOOK: AddressBookWriter(client),
        Task.DATA_FIELD: DataFieldWriter(client),
        Task.SUPPRESS: SuppressWriter(client),
        Task.RENAME: ImportWriter(client, Task.RENAME),
        Task.IMPORT_OPTED_OUT: ImportWriter(client, Task.IMPORT_OPTED_OUT, **how),
        Task.IMPORT_CONTACTS: ImportWriter(client, Task.IMPORT_CONTACTS, **how),
        Task.REMOVE_FROM_LIST: RemovalWriter(client),
    }
