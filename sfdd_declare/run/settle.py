"""Results -> settlements: which bases move, which things are remembered, what goes to the ledger (BASE-4).

Only rows that a result confirmed move anything. The same code settles base moves that need no write (BASE-6).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc
from pydantic import SecretStr

from sfdd_declare.model.address import Address, Kind
from sfdd_declare.model.mapping import MappingSet
from sfdd_declare.model.operation import Action, Operation, Task
from sfdd_declare.model.outcome import Problem
from sfdd_declare.model.ports import ItemResult, PersonResult, Settlement
from sfdd_declare.model.state import Resource, Scalar
from sfdd_declare.people.columns import MEMBERSHIPS, PAIRS
from sfdd_declare.people.parked import may_park, refused_hash
from sfdd_declare.plan.setup import SIDE_ATTRIBUTES


@dataclass(frozen=True, slots=True)
class Keys:
    """State keys of mapped fields by (account, record type, field): by the Salesforce field, and by the data field of
    those that write to it (of which a record type has one, VAL-24).
    """

    by_salesforce: Mapping[tuple[str, str, str], str]
    by_data_field: Mapping[tuple[str, str, str], str]

    @classmethod
    def of(cls, sets: tuple[MappingSet, ...]) -> Keys:
        fields = [(s.account, s.record_type.value, f) for s in sets for f in s.fields]
        writers = [(account, kind, f) for account, kind, f in fields if f.writes_dotdigital]
        return cls(
            {(account, kind, f.mapping.salesforce_field): f.key for account, kind, f in fields},
            {(account, kind, f.data_field_name): f.key for account, kind, f in writers},
        )


def people_settlement(
    operation: Operation, table: pa.Table, results: tuple[PersonResult, ...], keys: Keys, hash_key: SecretStr
) -> Settlement:
    """What a people batch proved."""
    failed = {result.person for result in results if not result.ok}
    refused = _refused(table, failed, hash_key) if may_park(operation.id) else {}
    confirmed = {result.person: result for result in results if result.ok}
    account = str(dict(operation.payload).get("account", ""))
    problems = tuple(
        Problem(
            *(operation.id, account, r.person, "", r.code, r.message),
            refused=refused.get(r.person, ""),
            permanent=r.permanent,
        )
        for r in results
        if not r.ok or r.refused
    )
    solved = tuple((account, person) for person, result in confirmed.items() if not result.refused)
    pairs, memberships = _tables(table, confirmed, keys, wrote=_WRITTEN_SIDES.get(operation.task, ""))
    return Settlement(pairs=pairs, memberships=memberships, problems=problems, solved=solved)


def _refused(table: pa.Table, people: Collection[str], hash_key: SecretStr) -> dict[str, str]:
    """What was refused of each person, as a hash: parked, it is held until it differs (RUN-4)."""
    rows: dict[str, list[dict[str, object]]] = defaultdict(list)
    if people:
        for row in table.filter(pc.is_in(table["person"], value_set=pa.array(sorted(people), pa.string()))).to_pylist():
            rows[row["person"]].append(row)
    key = hash_key.get_secret_value()
    return {person: refused_hash(key, of_person) for person, of_person in rows.items()}


#: Tasks that write values, and to which side. Ticking Email Opt Out writes none that could come back as an echo.
_WRITTEN_SIDES = {
    Task.IMPORT_CONTACTS: "d",
    Task.IMPORT_OPTED_OUT: "d",
    Task.UPDATE_RECORDS: "s",
    Task.CREATE_LEADS: "s",
}


def _altered(row: Mapping[str, str | None]) -> str | None:
    """BASE-5: which side altered what we wrote; empty where both hold the same."""
    if row["reason"] == "BASE-5":
        return "s" if row["expect_s"] is not None else "d"
    return "" if row["reason"] == "VAL-1" else None


def moves_settlement(table: pa.Table, keys: Keys) -> Settlement:
    """Base moves: everything in them was read, nothing needs a result."""
    pairs, memberships = _tables(table, None, keys, wrote="")
    return Settlement(pairs=pairs, memberships=memberships)


def _tables(
    table: pa.Table, confirmed: Mapping[str, PersonResult] | None, keys: Keys, *, wrote: str
) -> tuple[pa.Table, pa.Table]:
    pairs: list[dict[str, object]] = []
    memberships: list[dict[str, object]] = []
    for row in table.to_pylist():
        result = confirmed.get(row["person"]) if confirmed is not None else None
        if confirmed is not None and result is None:
            continue
        contact_id = row["contact_id"] if result is None or result.contact_id is None else result.contact_id
        if row["aspect"] == "list" or (row["aspect"] == "member" and row["address_book"] is not None):
            if contact_id is not None and not (result is not None and result.refused):
                memberships.append(_membership(row, contact_id))
            continue
        item = _item(row, keys, wrote)
        sf_id = row["sf_id"] if result is None or not result.sf_id else result.sf_id
        if item is not None and sf_id is not None and contact_id is not None:
            pairs.append(
                {
                    "account": row["account"],
                    "record_type": row["record_type"],
                    "sf_id": sf_id,
                    "contact_id": contact_id,
                    "item": item,
                    "expect_s": row["expect_s"],
                    "expect_d": row["expect_d"],
                    "wrote_d": wrote == "d" and row["aspect"] == "value",
                    "wrote_s": wrote == "s",
                    "altered": None if wrote else _altered(row),
                }
            )
    return pa.Table.from_pylist(pairs, schema=PAIRS), pa.Table.from_pylist(memberships, schema=MEMBERSHIPS)


def _item(row: Mapping[str, str | int | None], keys: Keys, wrote: str) -> str | None:
    if row["aspect"] == "value":
        by_field = keys.by_data_field if wrote == "d" else keys.by_salesforce
        return by_field.get((str(row["account"]), str(row["record_type"]), str(row["field"])))
    return {"identity": "email", "consent": "opted_out"}.get(str(row["aspect"]))


def _membership(row: Mapping[str, str | int | None], contact_id: int) -> dict[str, object]:
    flags = set(str(row["expect_d"] or "").split(","))
    return {
        "account": row["account"],
        "address_book": row["address_book"],
        "contact_id": contact_id,
        "wanted": row["expect_s"] == "wanted",
        "on_book": "on" in flags,
        "added_by_us": "ours" in flags,
        "list_optout": "optout" in flags,
        "left": "left" in flags,
        "member": row["field"] if row["aspect"] == "list" else None,
        "forget": row["expect_d"] is None,
    }


def item_settlement(
    operation: Operation, result: ItemResult, known: Mapping[str, Resource], ids: Mapping[str, str]
) -> Settlement:
    """What an operation without rows proved."""
    address = str(operation.address)
    if not result.ok:
        message = Problem(operation.id, "", address, "", result.code, result.message)
        return Settlement(problems=(message,))
    if operation.action is Action.MOVE:
        source = str(dict(operation.payload)["from"])
        return Settlement(resources=(_moved(known[source], address),), forgotten=(source,))
    if operation.action in (Action.DELETE, Action.FORGET):
        is_side_row = operation.task is Task.REGISTRY_ROW and operation.address.kind is Kind.ADDRESS_BOOK
        return Settlement(forgotten=() if is_side_row else (address,))
    return Settlement(resources=(_resource(operation, result, known.get(address), ids),))


def _moved(resource: Resource, address: str) -> Resource:
    return Resource(
        address=address,
        salesforce_id=resource.salesforce_id,
        dotdigital_id=resource.dotdigital_id,
        applied=resource.applied,
        on_destroy=resource.on_destroy,
        prevent_destroy=resource.prevent_destroy,
        created_by_us=resource.created_by_us,
    )


def _resource(operation: Operation, result: ItemResult, known: Resource | None, ids: Mapping[str, str]) -> Resource:
    is_side = operation.task is Task.CAMPAIGN_STATUS or (
        operation.task is Task.REGISTRY_ROW and operation.address.kind is Kind.ADDRESS_BOOK
    )
    before = known or Resource(address=str(operation.address))
    applied: dict[str, Scalar] = {name: _resolved(value, ids) for name, value in operation.applied}
    kept = before.applied if is_side else _side_attributes(before.applied)
    salesforce_id, dotdigital_id = _ids(operation.address, result.live_id or operation.prior_id)
    return Resource(
        address=str(operation.address),
        salesforce_id=before.salesforce_id if is_side else salesforce_id or before.salesforce_id,
        dotdigital_id=before.dotdigital_id if is_side else dotdigital_id or before.dotdigital_id,
        applied={**kept, **applied},
        on_destroy=before.on_destroy if is_side else operation.on_destroy,
        prevent_destroy=before.prevent_destroy if is_side else operation.prevent_destroy,
        created_by_us=before.created_by_us or operation.action in (Action.CREATE, Action.ADOPT),
    )


def _side_attributes(applied: Mapping[str, Scalar]) -> dict[str, Scalar]:
    return {name: value for name, value in applied.items() if name.startswith(SIDE_ATTRIBUTES)}


def _resolved(value: Scalar, ids: Mapping[str, str]) -> Scalar:
    return ids.get(value, value) if isinstance(value, str) and value.startswith("@") else value


def _ids(address: Address, live_id: str) -> tuple[str, str]:
    is_dotdigital = address.kind in (Kind.ADDRESS_BOOK, Kind.DATA_FIELD)
    return ("", live_id) if is_dotdigital else (live_id, "")
