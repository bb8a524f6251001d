"""The only place that changes records: ids, stamps, defaults, cascades, and the history of it all.

No rule is checked here (`dml` does that first). `who` is the name of the user whose change it is; every change is
written to the history as (object, record, field, old, new, who), a new or deleted record as the pseudo-fields
`created`, `deleted` and `undeleted`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sfdd_declare.sandbox.salesforce import sql, store
from sfdd_declare.sandbox.salesforce.schema import Field, ObjectType
from sfdd_declare.sandbox.salesforce.store import SYSTEM, table
from sfdd_declare.sandbox.salesforce.values import Stored, plain
from sfdd_declare.sandbox.world import HistoryEntry, World

_STAMPS = ("CreatedDate", "CreatedById", "LastModifiedDate", "LastModifiedById", "SystemModstamp")
_MANY = 500  # ids per statement, below SQLite's limit of variables


def insert_many(
    world: World,
    object_name: str,
    records: Sequence[Mapping[str, Any]],
    *,
    who: str = "seed",
    created: datetime | None = None,
) -> list[str]:
    """Insert records as they are, with ids, stamps and defaults, fast. Unknown fields are a KeyError.

    `created` dates all of them back; a record may bring its own stamps, and its own `Id`.
    """
    one = store.require_object(world, object_name)
    if not records:
        return []
    with world.transaction() as db:
        filled = _filled(world, one, records, who, created)
        columns = _columns(one, filled)
        values = [[plain(record.get(name)) for name in columns] for record in filled]
        sql.insert(db, table(one.name), columns, values)
        ids = [str(record["Id"]) for record in filled]
        given = [{key: value for key, value in record.items() if key not in _STAMPS} for record in filled]
        world.history_many(
            (
                (SYSTEM, one.name, record_id, "created", None, record, who)
                for record_id, record in zip(ids, given, strict=True)
            ),
            at=created,
        )
        if one.name == "Campaign":
            _found_statuses(world, ids, who, created)
    return ids


def update(
    world: World,
    one: ObjectType,
    record_id: str,
    values: Mapping[str, Stored],
    *,
    who: str,
    system_only: bool = False,
) -> None:
    """Change fields and stamps of one record. With `system_only` just the SystemModstamp moves, as by a machine."""
    with world.transaction() as db:
        old = fetch(world, one, record_id) or {}
        moment = store.stamp(world.now())
        stamps = {"SystemModstamp": moment}
        if not system_only:
            stamps |= {"LastModifiedDate": moment, "LastModifiedById": store.user_id(world, who)}
        changes = {**values, **{key: value for key, value in stamps.items() if one.field(key)}}
        sql.change(db, table(one.name), changes, "Id = ?", (record_id,))
        moved = {name: new for name, new in values.items() if old.get(name) != new}
        world.history_many(_changes(one, record_id, old, moved, who))
        if one.name in ("Contact", "Lead") and world.switch("campaign_member_stamp_follows_person") == "yes":
            touched = {"SystemModstamp": moment}
            sql.change(db, "sf_CampaignMember", touched, f"{one.name}Id = ?", (record_id,))


def delete(world: World, one: ObjectType, ids: Sequence[str], *, who: str) -> None:
    """Move records to the recycle bin (or away, where an object has none), and what hangs on them."""
    for start in range(0, len(ids), _MANY):
        part = ids[start : start + _MANY]
        with world.transaction():
            _cascade(world, one, part, who)
            _set_deleted(world, one, part, who, is_deleted=True)


def undelete(world: World, one: ObjectType, record_id: str, *, who: str) -> None:
    """Bring a record back from the recycle bin; its campaign memberships do not come back."""
    _set_deleted(world, one, [record_id], who, is_deleted=False)


def purge(world: World, one: ObjectType, record_id: str) -> None:
    """Take a deleted record out of the recycle bin for good."""
    with world.transaction() as db:
        sql.erase(db, table(one.name), "Id = ?", (record_id,))


def fetch(world: World, one: ObjectType, record_id: str) -> dict[str, Any] | None:
    """The stored columns of one record, deleted ones included."""
    with world.lock:
        found = sql.select(world.db, table(one.name), "Id = ?", (record_id,))
    return found[0] if found else None


def _filled(
    world: World, one: ObjectType, records: Sequence[Mapping[str, Any]], who: str, created: datetime | None
) -> list[dict[str, Any]]:
    moment = store.stamp(created or world.now())
    user = store.user_id(world, who)
    stamps = {"CreatedDate": moment, "LastModifiedDate": moment, "SystemModstamp": moment}
    stamps |= {"CreatedById": user, "LastModifiedById": user}
    base: dict[str, Any] = {key: value for key, value in stamps.items() if one.field(key)}
    if one.field("OwnerId"):
        base["OwnerId"] = user
    base |= {field.name: _default(field) for field in one.fields.values() if field.default is not None}
    fresh = iter(store.next_ids(world, one.prefix, sum("Id" not in record for record in records)))
    filled = [{**base, "Id": record["Id"] if "Id" in record else next(fresh), **record} for record in records]
    _number(world, one, filled)
    if one.name == "CampaignMember":
        _answer(world, filled, moment)
    return filled


def _default(field: Field) -> str | bool | None:
    return field.default == "true" if field.type == "boolean" else field.default


def _columns(one: ObjectType, records: Iterable[Mapping[str, Any]]) -> list[str]:
    names = {name: None for record in records for name in record}
    unknown = [name for name in names if (field := one.field(name)) is None or not store.has_column(one, field)]
    if unknown:
        raise KeyError(f"{one.name} has no stored field {unknown[0]}")
    booleans = [field.name for field in one.fields.values() if field.type == "boolean" and field.name in names]
    for record in records:
        if isinstance(record, dict):
            for name in booleans:
                record.setdefault(name, False)
    return list(names)


def _number(world: World, one: ObjectType, records: Sequence[dict[str, Any]]) -> None:
    """Fill auto-number names."""
    for field in one.fields.values():
        if field.display_format is None:
            continue
        head, _, width = field.display_format.rstrip("}").partition("{")
        serials = store.next_ids(world, f"{one.prefix}#", len(records))
        with world.lock:
            row = world.db.execute("SELECT next FROM sfx_serial WHERE prefix = ?", (f"{one.prefix}#",)).fetchone()
        first = int(row["next"]) - len(serials)
        for at, record in enumerate(records):
            record[field.name] = f"{head}{first + at:0{len(width)}d}"


def _answer(world: World, members: Sequence[dict[str, Any]], moment: str) -> None:
    """Give members their campaign's default status, and the answered flag that goes with their status."""
    statuses: dict[str, dict[str, bool]] = {}
    defaults: dict[str, str] = {}
    for campaign in {str(member["CampaignId"]) for member in members}:
        found = campaign_statuses(world, campaign)
        statuses[campaign] = {row["Label"].lower(): bool(row["HasResponded"]) for row in found}
        defaults[campaign] = next((row["Label"] for row in found if row["IsDefault"]), "Sent")
    for member in members:
        campaign = str(member["CampaignId"])
        member.setdefault("Status", defaults[campaign])
        member["HasResponded"] = statuses[campaign].get(str(member["Status"]).lower(), False)
        if member["HasResponded"]:
            member.setdefault("FirstRespondedDate", moment[:10])


def campaign_statuses(world: World, campaign: str) -> list[dict[str, Any]]:
    """The member statuses of a campaign, in their order."""
    where = "CampaignId = ? AND IsDeleted = 0 ORDER BY SortOrder"
    with world.lock:
        return sql.select(world.db, "sf_CampaignMemberStatus", where, (campaign,))


def _found_statuses(world: World, campaigns: Sequence[str], who: str, created: datetime | None) -> None:
    defaults = [
        {
            "CampaignId": campaign,
            "Label": label,
            "SortOrder": order,
            "IsDefault": label == "Sent",
            "HasResponded": label == "Responded",
        }
        for campaign in campaigns
        for order, label in ((3, "Sent"), (4, "Responded"))
    ]
    insert_many(world, "CampaignMemberStatus", defaults, who=who, created=created)


def _changes(
    one: ObjectType, record_id: str, old: Mapping[str, Any], new: Mapping[str, Stored], who: str
) -> list[HistoryEntry]:
    return [(SYSTEM, one.name, record_id, name, old.get(name), value, who) for name, value in new.items()]


def _cascade(world: World, one: ObjectType, ids: Sequence[str], who: str) -> None:
    """Delete or let go of the records that refer to these."""
    for child_name, field_name, _, is_owned in children(world, one):
        child = store.require_object(world, child_name)
        field = child.field(field_name)
        if field is None or not store.has_column(child, field):
            continue
        found = _referring(world, child, field.name, ids)
        if is_owned or field.on_delete == "Cascade":
            delete(world, child, found, who=who)
        elif child.is_custom:
            for record_id in found:
                update(world, child, record_id, {field.name: None}, who=who)


def children(world: World, one: ObjectType) -> list[tuple[str, str, str, bool]]:
    """What may refer to an object: the recorded relationships, and the look-ups of custom objects."""
    custom = [
        (other.name, field.name, f"{other.name.removesuffix('__c')}s__r", field.on_delete == "Cascade")
        for other in store.catalog(world).objects.values()
        for field in other.fields.values()
        if field.is_custom and one.name in field.reference_to
    ]
    return [*one.children, *custom]


def _referring(world: World, child: ObjectType, field: str, ids: Sequence[str]) -> list[str]:
    alive = "AND IsDeleted = 0" if child.field("IsDeleted") else ""
    where = f"{field} IN ({sql.marks(len(ids))}) {alive}"
    with world.lock:
        return [str(row["Id"]) for row in sql.select(world.db, table(child.name), where, ids, columns="Id")]


def _set_deleted(world: World, one: ObjectType, ids: Sequence[str], who: str, *, is_deleted: bool) -> None:
    where = f"Id IN ({sql.marks(len(ids))})"
    with world.transaction() as db:
        if one.field("IsDeleted") is None:
            sql.erase(db, table(one.name), where, ids)
        else:
            moment = store.stamp(world.now())
            stamps = {"IsDeleted": int(is_deleted), "SystemModstamp": moment, "LastModifiedDate": moment}
            stamps["LastModifiedById"] = store.user_id(world, who)
            sql.change(db, table(one.name), stamps, where, ids)
        word = "deleted" if is_deleted else "undeleted"
        world.history_many((SYSTEM, one.name, record_id, word, None, None, who) for record_id in ids)
