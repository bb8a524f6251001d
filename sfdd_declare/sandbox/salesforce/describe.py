"""What the org tells about itself: versions, objects, fields, ids of changed records.

A describe answers 304 when nothing changed for this user since the date the client names.
"""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any

from sfdd_declare.sandbox.salesforce import rows, sql, store
from sfdd_declare.sandbox.salesforce.calls import Call, Reply
from sfdd_declare.sandbox.salesforce.compact import FLAGS, OBJECT_FLAGS
from sfdd_declare.sandbox.salesforce.errors import not_found
from sfdd_declare.sandbox.salesforce.schema import ID_TYPES, NUMBER_TYPES, Field, ObjectType
from sfdd_declare.sandbox.world import World

VERSIONS = tuple(range(60, 69))
_RELEASES = ("Spring", "Summer", "Winter")
_RESOURCES = ("composite", "jobs", "limits", "metadata", "query", "queryAll", "sobjects", "tooling")
_MASTER_TYPE = "012000000000000AAA"


def versions() -> list[dict[str, str]]:
    """GET /services/data; needs no session."""
    return [
        {
            "label": f"{_RELEASES[number % 3]} '{(number + 13) // 3}",
            "url": f"/services/data/v{number}.0",
            "version": f"{number}.0",
        }
        for number in VERSIONS
    ]


def resources(call: Call) -> Reply:
    """GET /services/data/vXX.0."""
    return Reply({name: f"{call.root}/{name}" for name in _RESOURCES})


def all_objects(call: Call) -> Reply:
    """GET sobjects."""
    listed = [_object_flags(call, one) for one in call.view.objects()]
    return Reply({"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": listed})


def one_object(call: Call) -> Reply:
    """GET sobjects/X."""
    one = _visible(call)
    return Reply({"objectDescribe": _object_flags(call, one), "recentItems": []})


def describe(call: Call) -> Reply:
    """GET sobjects/X/describe."""
    one = _visible(call)
    body = {
        **_object_flags(call, one),
        "childRelationships": _children(call, one),
        "fields": [_field(field) for field in one.fields.values()],
        "recordTypeInfos": _record_types(call.world, one),
    }
    changed = _changed_at(call, one, body)
    headers = {"Last-Modified": format_datetime(changed, usegmt=True)}
    since = _http_date(call.headers.get("if-modified-since", ""))
    if since is not None and changed <= since:
        return Reply(None, 304, headers)
    return Reply(body, 200, headers)


def _visible(call: Call) -> ObjectType:
    found = call.view.find(call.path["object"])
    if found is None:
        raise not_found()
    return found


def _object_flags(call: Call, one: ObjectType) -> dict[str, Any]:
    base = f"{call.root}/sobjects/{one.name}"
    return {
        "name": one.name,
        "label": one.label,
        "labelPlural": one.plural,
        "keyPrefix": one.prefix or None,
        "custom": one.is_custom,
        **{key: letter in one.flags for key, letter in OBJECT_FLAGS.items()},
        "retrieveable": one.has("queryable"),
        "searchable": one.has("queryable"),
        "customSetting": False,
        "urls": {"sobject": base, "describe": f"{base}/describe", "rowTemplate": f"{base}/{{ID}}"},
    }


def _field(field: Field) -> dict[str, Any]:
    return {
        "name": field.name,
        "label": field.label,
        "type": field.type,
        "length": field.length,
        "byteLength": field.length if field.type in ID_TYPES else field.length * 3,
        "precision": field.precision,
        "scale": field.scale,
        "digits": field.digits,
        **{key: letter in field.flags for key, letter in FLAGS.items()},
        "custom": field.is_custom,
        "filterable": field.is_filterable,
        "sortable": field.is_filterable and field.type != "multipicklist",
        "autoNumber": field.display_format is not None,
        "compoundFieldName": field.compound,
        "picklistValues": [
            {"active": active, "defaultValue": value == field.default, "label": value, "value": value}
            for active, values in ((True, field.values), (False, field.inactive))
            for value in values
        ],
        "referenceTo": list(field.reference_to),
        "relationshipName": field.relationship,
        "soapType": _soap_type(field),
    }


def _soap_type(field: Field) -> str:
    if field.type in NUMBER_TYPES:
        return "xsd:int" if field.type == "int" else "xsd:double"
    special = {"boolean": "xsd:boolean", "date": "xsd:date", "datetime": "xsd:dateTime"}
    special |= {"id": "tns:ID", "reference": "tns:ID", "address": "urn:address"}
    return special.get(field.type, "xsd:string")


def _children(call: Call, one: ObjectType) -> list[dict[str, Any]]:
    found = []
    for child, field, relationship, cascade in rows.children(call.world, one):
        seen = call.view.find(child)
        if seen is not None and seen.field(field) is not None:
            found.append(
                {
                    "cascadeDelete": cascade,
                    "childSObject": child,
                    "field": field,
                    "relationshipName": relationship,
                    "restrictedDelete": False,
                }
            )
    return found


def _record_types(world: World, one: ObjectType) -> list[dict[str, Any]]:
    with world.lock:
        found = sql.select(world.db, "sf_RecordType", "SobjectType = ? AND IsActive = 1", (one.name,))
    own = [(row["Id"], row["Name"], row["DeveloperName"], False) for row in found]
    return [
        {
            "active": True,
            "available": True,
            "defaultRecordTypeMapping": is_master,
            "developerName": developer_name,
            "master": is_master,
            "name": name,
            "recordTypeId": record_id,
        }
        for record_id, name, developer_name, is_master in [*own, (_MASTER_TYPE, "Master", "Master", True)]
    ]


def _changed_at(call: Call, one: ObjectType, body: dict[str, Any]) -> datetime:
    """When this description last became different for this user, never twice the same second."""
    world = call.world
    digest = hashlib.sha256(json.dumps(body).encode()).hexdigest()
    with world.transaction() as db:
        query = "SELECT digest, at FROM sfx_described WHERE user = ? AND object = ?"
        known = db.execute(query, (call.user, one.name)).fetchone()
        if known is not None and known["digest"] == digest:
            return datetime.fromisoformat(known["at"])
        moment = world.now().replace(microsecond=0)
        if known is not None:
            moment = max(moment, datetime.fromisoformat(known["at"]) + timedelta(seconds=1))
        row = (call.user, one.name, digest, store.stamp(moment))
        db.execute("INSERT OR REPLACE INTO sfx_described VALUES (?, ?, ?, ?)", row)
    return moment


def _http_date(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
    except ValueError:
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)
