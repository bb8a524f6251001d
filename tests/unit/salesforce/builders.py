"""What tests of the Salesforce room say, with the noise taken out."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from pydantic import SecretStr

from sfdd_declare.model.address import Address
from sfdd_declare.model.declared import AuthMethod, Salesforce, SalesforceAuth
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
from sfdd_declare.model.ports import Batch, Results, Row
from sfdd_declare.model.state import Scalar
from sfdd_declare.people.spool import RunDirectory
from sfdd_declare.salesforce.client import Client
from sfdd_declare.salesforce.writers import writers
from sfdd_declare.sandbox import faults
from sfdd_declare.sandbox.salesforce import rows as org
from sfdd_declare.sandbox.server import Running

LINEAGE = "8a1f"


def given_token(url: str, token: str) -> SalesforceAuth:
    return SalesforceAuth(AuthMethod.ACCESS_TOKEN, access_token=SecretStr(token), instance_url=url)


def by_refresh_token(token: str = "5Aep861sandbox.integration", *, client_id: str = "sandbox-client") -> SalesforceAuth:
    return SalesforceAuth(AuthMethod.REFRESH_TOKEN, client_id=client_id, refresh_token=SecretStr(token))


def by_credentials(secret: str = "sandbox-secret", *, client_id: str = "sandbox-client") -> SalesforceAuth:
    return SalesforceAuth(AuthMethod.CLIENT_CREDENTIALS, client_id=client_id, client_secret=SecretStr(secret))


def settings(auth: SalesforceAuth | None, *, login_url: str = "https://login.salesforce.com") -> Salesforce:
    return Salesforce(auth, login_url, "66.0", None, True)


class Org:
    """The sandbox org seen from outside: hands that make records and faults, eyes that count."""

    def __init__(self, running: Running) -> None:
        self.running = running
        self.world = running.world
        self.url = running.salesforce_url
        self.waits: list[float] = []

    def client(self, auth: SalesforceAuth | None = None, **more: Any) -> Client:
        return Client(settings(auth or self.given_token()), {}, pause=self.wait, **more)

    def given_token(self, *, admin: bool = False) -> SalesforceAuth:
        access = self.running.access
        return given_token(self.url, access.admin_token if admin else access.token)

    def wait(self, seconds: float) -> None:
        """Stands in for a pause; one of no length only asks whether to go on."""
        if seconds:
            self.waits.append(seconds)

    def make(self, sobject: str, *records: Mapping[str, Any]) -> list[str]:
        return org.insert_many(self.world, sobject, [dict(record) for record in records])

    def fault(self, kind: str, **more: Any) -> None:
        faults.add(self.world, {"system": "salesforce", "kind": kind, **more})

    def count(self) -> int:
        return len(self.templates())

    def templates(self) -> list[str]:
        """Method and path template of every request, in order."""
        query = "SELECT method, template FROM requests WHERE system = 'salesforce' ORDER BY seq"
        with self.world.lock:
            found = self.world.db.execute(query).fetchall()
        return [f"{row['method']} {row['template'].removeprefix('/services/data/{version}/')}" for row in found]

    def campaign(self, name: str = "Spring") -> str:
        return self.make("Campaign", {"Name": name})[0]

    def contacts(self, count: int, **values: Any) -> list[str]:
        people = [{"LastName": f"Person {i}", "Email": f"p{i}@example.com", **values} for i in range(count)]
        return self.make("Contact", *people)

    def join(self, campaign: str, contacts: list[str], field: str = "ContactId") -> None:
        self.make("CampaignMember", *({"CampaignId": campaign, field: record_id} for record_id in contacts))


def an_operation(
    task: Task,
    address: Address,
    *,
    action: Action = Action.CREATE,
    fields: Mapping[str, Scalar] | None = None,
    payload: Mapping[str, Scalar] | None = None,
    prior_id: str = "",
    id: str = "",
) -> Operation:
    return Operation(
        id=OperationId(id or str(address)),
        address=address,
        stage=Stage.SETUP,
        action=action,
        task=task,
        fields=tuple(FieldChange(name, None, value) for name, value in (fields or {}).items()),
        payload=tuple((payload or {}).items()),
        prior_id=prior_id,
    )


def send(
    client: Client, *operations: Operation, rows: tuple[Row, ...] = (), ids: Mapping[str, str] | None = None
) -> Results:
    writer = writers(client, LINEAGE)[operations[0].task]
    return writer.send(Batch(operations, 0, rows, ids or {}), lambda job: None, lambda done: None)


def mapped(
    index: int,
    field: str,
    data_field: str = "",
    *,
    kind: str = "string",
    form: Form = Form(FormKind.TEXT, 40),  # noqa: B008 - frozen
    record_type: RecordType = RecordType.CONTACT,
    account: str = "main",
) -> MappedField:
    mapping = FieldMapping(account, record_type, field, data_field or field.upper())
    return MappedField(index, mapping, form, kind, 40, 0, True, (), DataFieldType.STRING, data_field or field.upper())


def a_set(*fields: MappedField, record_type: RecordType = RecordType.CONTACT, account: str = "main") -> MappingSet:
    return MappingSet(account, record_type, fields)


def a_spool(folder: Path) -> RunDirectory:
    return RunDirectory(folder / "spool")


def read(spool: RunDirectory, dataset: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for part in spool.parts(dataset):
        found.extend(pq.read_table(part).to_pylist())
    return found
