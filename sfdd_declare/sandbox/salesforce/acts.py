"""What people do by hand in Salesforce, for tests and demos: edits, deletions, conversions, merges, lost sessions.

`act` takes the body of `POST /__sandbox__/salesforce/act`. It obeys the same rules as the API, as the user named.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from sfdd_declare.sandbox.salesforce import dml, ids, oauth, query, rows, rules, sql, store
from sfdd_declare.sandbox.salesforce.calls import Call
from sfdd_declare.sandbox.salesforce.errors import Refusal
from sfdd_declare.sandbox.salesforce.members import converted
from sfdd_declare.sandbox.salesforce.views import View
from sfdd_declare.sandbox.world import World

Body = Mapping[str, Any]


def act(world: World, body: Body) -> dict[str, Any]:
    """Do one thing and say what it made. Raises ValueError for anything that cannot be done.

    Keys: `action`, `user` (default the administrator), `object`, `id`, `values`. Actions: insert, update, delete,
    undelete; touch (a system process moves only SystemModstamp); convert_lead (makes or takes `contact`); merge (`id`
    survives, `losers` do not); expire_sessions (of `of`, or all); revoke_token (`token`); expire_cursors.
    """
    action = ACTIONS.get(str(body.get("action")))
    if action is None:
        raise ValueError(f"action is one of {', '.join(sorted(ACTIONS))}")
    user = str(body.get("user", store.ADMIN))
    headers = {"sforce-auto-assign": "FALSE"}
    call = Call(world=world, view=View(world, user), method="POST", version="v66.0", headers=headers)
    try:
        with dml.attempt(world):
            return action(call, body)
    except Refusal as refusal:
        raise ValueError(str(refusal)) from refusal


def _insert(call: Call, body: Body) -> dict[str, Any]:
    return {"id": dml.create(call, call.view.object(body["object"]), body["values"])}


def _update(call: Call, body: Body) -> dict[str, Any]:
    record_id = ids.require(body["id"])
    dml.update(call, call.view.object(body["object"]), record_id, body["values"])
    return {"id": record_id}


def _delete(call: Call, body: Body) -> dict[str, Any]:
    record_id = ids.require(body["id"])
    dml.delete(call, call.view.object(body["object"]), record_id)
    return {"id": record_id}


def _undelete(call: Call, body: Body) -> dict[str, Any]:
    one = call.view.object(body["object"])
    record_id = ids.require(body["id"])
    old = rows.fetch(call.world, one, record_id)
    if old is None or not old.get("IsDeleted") or not one.has("undeletable"):
        raise Refusal("UNDELETE_FAILED", "Entity is not in the recycle bin")
    rows.undelete(call.world, one, record_id, who=call.user)
    return {"id": record_id}


def _touch(call: Call, body: Body) -> dict[str, Any]:
    record_id = ids.require(body["id"])
    one = call.view.object(body["object"])
    dml.living(call.world, one, record_id)
    rows.update(call.world, one, record_id, {}, who=call.user, system_only=True)
    return {"id": record_id}


def _convert_lead(call: Call, body: Body) -> dict[str, Any]:
    """The lead's memberships get the contact and keep the lead, as Salesforce shows them afterwards."""
    world = call.world
    lead = store.require_object(world, "Lead")
    record_id = ids.require(body["id"])
    old = dml.living(world, lead, record_id)
    if old["IsConverted"]:
        raise converted()
    contact_id = body.get("contact") or _contact_from(call, old)
    contact = dml.living(world, store.require_object(world, "Contact"), ids.require(contact_id))
    values = {
        "IsConverted": 1,
        "Status": "Closed - Converted",
        "ConvertedDate": world.now().date().isoformat(),
        "ConvertedContactId": contact["Id"],
        "ConvertedAccountId": contact["AccountId"],
    }
    rows.update(world, lead, record_id, values, who=call.user)
    member = store.require_object(world, "CampaignMember")
    where = "LeadId = ? AND IsDeleted = 0"
    for row in sql.select(world.db, "sf_CampaignMember", where, (record_id,)):
        pair = "CampaignId = ? AND ContactId = ? AND IsDeleted = 0"
        if sql.select(world.db, "sf_CampaignMember", pair, (row["CampaignId"], contact["Id"])):
            rows.delete(world, member, [row["Id"]], who=call.user)
        else:
            rows.update(world, member, row["Id"], {"ContactId": contact["Id"]}, who=call.user)
    return {"id": record_id, "contact": contact["Id"], "account": contact["AccountId"]}


def _contact_from(call: Call, lead: Mapping[str, Any]) -> str:
    account = dml.create(call, call.view.object("Account"), {"Name": lead["Company"]})
    same = ("FirstName", "LastName", "Email", "Title", "Phone", "MobilePhone", "LeadSource", "Description")
    contact = call.view.object("Contact")
    shared = [name for name in lead if name.endswith("__c") or name in ("HasOptedOutOfEmail", "DoNotCall")]
    values = {name: lead[name] for name in (*same, *shared) if lead[name] is not None and contact.field(name)}
    address = {f"Mailing{part}": lead[part] for part in ("Street", "City", "State", "PostalCode", "Country")}
    values |= {name: value for name, value in address.items() if value is not None}
    values.pop("External_Ref__c", None)  # unique, and the lead keeps it
    return rows.insert_many(call.world, "Contact", [{**values, "AccountId": account}], who=call.user)[0]


def _merge(call: Call, body: Body) -> dict[str, Any]:
    """The losers' memberships move to the survivor; the losers are deleted and point to it."""
    world = call.world
    one = call.view.object(body["object"])
    survivor = ids.require(body["id"])
    losers = [ids.require(loser) for loser in body["losers"]]
    if one.name not in ("Contact", "Lead") or not 1 <= len(losers) <= 2 or survivor in losers:
        raise Refusal("MERGE_FAILED", "one or two other records of the same object can be merged into one")
    dml.living(world, one, survivor)
    for loser in losers:
        dml.living(world, one, loser)
        _move_members(call, f"{one.name}Id", loser, survivor)
        rows.update(world, one, loser, {"MasterRecordId": survivor}, who=call.user)
        rows.delete(world, one, [loser], who=call.user)
    values = rules.read_record(call.view, one, body.get("values", {}), is_new=False)
    rows.update(world, one, survivor, values, who=call.user)
    return {"id": survivor}


def _move_members(call: Call, person: str, loser: str, survivor: str) -> None:
    world = call.world
    member = store.require_object(world, "CampaignMember")
    for row in sql.select(world.db, "sf_CampaignMember", f"{person} = ? AND IsDeleted = 0", (loser,)):
        pair = f"CampaignId = ? AND {person} = ? AND IsDeleted = 0"
        if sql.select(world.db, "sf_CampaignMember", pair, (row["CampaignId"], survivor)):
            rows.delete(world, member, [row["Id"]], who=call.user)
        else:
            rows.update(world, member, row["Id"], {person: survivor}, who=call.user)


def _expire_sessions(call: Call, body: Body) -> dict[str, Any]:
    of = body.get("of")
    return {"expired": oauth.expire_sessions(call.world, None if of is None else str(of))}


def _revoke_token(call: Call, body: Body) -> dict[str, Any]:
    return {"revoked": oauth.revoke(call.world, str(body["token"]))}


def _expire_cursors(call: Call, body: Body) -> dict[str, Any]:
    del body
    query.release_cursors(call.world)
    return {}


ACTIONS: Mapping[str, Callable[[Call, Body], dict[str, Any]]] = MappingProxyType(
    {
        "insert": _insert,
        "update": _update,
        "delete": _delete,
        "undelete": _undelete,
        "touch": _touch,
        "convert_lead": _convert_lead,
        "merge": _merge,
        "expire_sessions": _expire_sessions,
        "revoke_token": _revoke_token,
        "expire_cursors": _expire_cursors,
    }
)
