"""Rules that belong to one object: campaign members and their statuses, leads.

Each function looks at a change that has passed the general rules and returns the values to store, or refuses.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from sfdd_declare.sandbox.salesforce import ids, rows, sql, store
from sfdd_declare.sandbox.salesforce.calls import Call
from sfdd_declare.sandbox.salesforce.errors import Refusal
from sfdd_declare.sandbox.salesforce.rules import bad_choice
from sfdd_declare.sandbox.salesforce.schema import Field
from sfdd_declare.sandbox.salesforce.values import Stored

Values = dict[str, Stored]
Record = Mapping[str, Any]

_STATUS = Field(name="Status", label="Status", type="picklist")


def before_insert(call: Call, name: str, values: Values) -> Values:
    """The values a new record is stored with."""
    if name in ("Contact", "Lead"):
        _check_duplicates(call, values)
    rule = _ON_INSERT.get(name)
    return values if rule is None else rule(call, values)


def before_update(call: Call, name: str, old: Record, values: Values) -> Values:
    """The values a changed record is stored with. The setting `salesforce.invalid_records` lists ids of records that a
    validation rule of the org refuses to store again.
    """
    if old["Id"] in call.world.setting("salesforce.invalid_records", []):
        raise Refusal("FIELD_CUSTOM_VALIDATION_EXCEPTION", "A validation rule refuses this record.")
    rule = _ON_UPDATE.get(name)
    return values if rule is None else rule(call, old, values)


def before_delete(call: Call, name: str, old: Record) -> None:
    """Refuse a deletion that Salesforce would refuse."""
    if name == "CampaignMemberStatus":
        _keep_status(call, old)


def _new_member(call: Call, values: Values) -> Values:
    if values.get("ContactId") is not None:
        values = {**values, "LeadId": None}
    elif values.get("LeadId") is None:
        message = "Required fields are missing: [ContactId, LeadId]"
        raise Refusal("REQUIRED_FIELD_MISSING", message, ("ContactId", "LeadId"))
    person = "ContactId" if values.get("ContactId") is not None else "LeadId"
    db = call.world.db
    if person == "LeadId" and sql.select(db, "sf_Lead", "Id = ? AND IsConverted = 1", (values["LeadId"],)):
        raise converted()
    where = f"CampaignId = ? AND {person} = ? AND IsDeleted = 0"
    if sql.select(db, "sf_CampaignMember", where, (values["CampaignId"], values[person])):
        raise Refusal("DUPLICATE_VALUE", "Already a campaign member.", ())
    if values.get("Status") is None:
        return {key: value for key, value in values.items() if key != "Status"}
    return {**values, "Status": _status(call, str(values["CampaignId"]), values["Status"])["Label"]}


def _changed_member(call: Call, old: Record, values: Values) -> Values:
    if "Status" not in values:
        return values
    status = _status(call, old["CampaignId"], values["Status"])
    changed: Values = {**values, "Status": status["Label"], "HasResponded": int(status["HasResponded"])}
    if status["HasResponded"] and not old["FirstRespondedDate"]:
        changed["FirstRespondedDate"] = call.world.now().date().isoformat()
    if not status["HasResponded"]:
        changed["FirstRespondedDate"] = None
    return changed


def _status(call: Call, campaign: str, label: Stored) -> dict[str, Any]:
    for row in rows.campaign_statuses(call.world, campaign):
        if (label is None and row["IsDefault"]) or str(label).lower() == row["Label"].lower():
            return row
    raise bad_choice(_STATUS, str(label))


def _new_status(call: Call, values: Values) -> Values:
    _check_label(call, str(values["CampaignId"]), values["Label"], own=None)
    if values.get("IsDefault"):
        _move_default(call, str(values["CampaignId"]))
    return values


def _changed_status(call: Call, old: Record, values: Values) -> Values:
    if values.get("Label") not in (None, old["Label"]):
        _check_label(call, old["CampaignId"], values["Label"], own=old["Id"])
        where = "CampaignId = ? AND Status = ? AND IsDeleted = 0"
        member = store.require_object(call.world, "CampaignMember")
        for row in sql.select(call.world.db, "sf_CampaignMember", where, (old["CampaignId"], old["Label"])):
            rows.update(call.world, member, row["Id"], {"Status": values["Label"]}, who=call.user)
    if values.get("IsDefault") == 0 and old["IsDefault"]:
        message = "A campaign must have one default member status."
        raise Refusal("FIELD_INTEGRITY_EXCEPTION", message, ("IsDefault",))
    if values.get("IsDefault") and not old["IsDefault"]:
        _move_default(call, old["CampaignId"])
    if values.get("HasResponded") == 0 and old["HasResponded"]:
        _keep_answer(call, old)
    return values


def _check_label(call: Call, campaign: str, label: Stored, *, own: str | None) -> None:
    for row in rows.campaign_statuses(call.world, campaign):
        if row["Id"] != own and row["Label"].lower() == str(label).lower():
            message = f"duplicate value found: Label duplicates value on record with id: {row['Id'][:15]}"
            raise Refusal("DUPLICATE_VALUE", message, ())


def _move_default(call: Call, campaign: str) -> None:
    status = store.require_object(call.world, "CampaignMemberStatus")
    for row in rows.campaign_statuses(call.world, campaign):
        if row["IsDefault"]:
            rows.update(call.world, status, row["Id"], {"IsDefault": 0}, who=call.user)


def _keep_answer(call: Call, old: Record) -> None:
    found = rows.campaign_statuses(call.world, old["CampaignId"])
    if not any(row["HasResponded"] for row in found if row["Id"] != old["Id"]):
        message = "A campaign must have at least one member status that counts as responded."
        raise Refusal("FIELD_INTEGRITY_EXCEPTION", message, ("HasResponded",))


def _keep_status(call: Call, old: Record) -> None:
    where = "CampaignId = ? AND Status = ? AND IsDeleted = 0 LIMIT 1"
    used = sql.select(call.world.db, "sf_CampaignMember", where, (old["CampaignId"], old["Label"]))
    if old["IsDefault"] or used:
        message = "The default member status, or one that members have, cannot be deleted."
        raise Refusal("DELETE_FAILED", message, ())
    if old["HasResponded"]:
        _keep_answer(call, old)


def _check_duplicates(call: Call, values: Values) -> None:
    """The duplicate rule, when the setting `salesforce.duplicate_rule` says `alert` or `block`.

    It compares the fields of the setting `salesforce.duplicate_rule_fields`, by default the address.
    """
    rule = call.world.setting("salesforce.duplicate_rule")
    may_save = "allowsave=true" in call.headers.get("sforce-duplicate-rule-header", "").lower().replace(" ", "")
    if rule not in ("alert", "block") or (rule == "alert" and may_save):
        return
    fields = call.world.setting("salesforce.duplicate_rule_fields") or ["Email"]
    wanted = [values.get(name) for name in fields]
    if any(value is None for value in wanted):
        return
    where = " AND ".join(f"{name} = ?" for name in fields)
    for name in ("Contact", "Lead"):
        if not all(store.require_object(call.world, name).field(field) for field in fields):
            continue
        if sql.select(call.world.db, f"sf_{name}", f"{where} AND IsDeleted = 0 LIMIT 1", wanted):
            raise Refusal("DUPLICATES_DETECTED", "Use one of these records?", ())


def _new_lead(call: Call, values: Values) -> Values:
    return values | _assigned(call)


def _changed_lead(call: Call, old: Record, values: Values) -> Values:
    if old["IsConverted"]:
        raise converted()
    return values | _assigned(call)


def converted() -> Refusal:
    """The refusal of everything that touches a converted lead."""
    return Refusal("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead", ())


def _assigned(call: Call) -> Values:
    """What the active assignment rule does, unless the caller sent `Sforce-Auto-Assign: FALSE`."""
    owner = call.world.setting("salesforce.assignment_rule_owner")
    if not owner or call.headers.get("sforce-auto-assign", "TRUE").upper() == "FALSE":
        return {}
    return {"OwnerId": ids.normalise(owner) or store.user_id(call.world, owner)}


def _new_assignment(call: Call, values: Values) -> Values:
    pair = (values["PermissionSetId"], values["AssigneeId"])
    where = "PermissionSetId = ? AND AssigneeId = ?"
    if sql.select(call.world.db, "sf_PermissionSetAssignment", where, pair):
        raise Refusal("DUPLICATE_VALUE", "duplicate value found: duplicates value on record with id", ())
    return values


_ON_INSERT: Mapping[str, Callable[[Call, Values], Values]] = MappingProxyType(
    {
        "CampaignMember": _new_member,
        "CampaignMemberStatus": _new_status,
        "Lead": _new_lead,
        "PermissionSetAssignment": _new_assignment,
    }
)
_ON_UPDATE: Mapping[str, Callable[[Call, Record, Values], Values]] = MappingProxyType(
    {
        "CampaignMember": _changed_member,
        "CampaignMemberStatus": _changed_status,
        "Lead": _changed_lead,
    }
)
