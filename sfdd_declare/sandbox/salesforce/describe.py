"""What the org tells about itself: its resources, objects and fields.

A describe answers 304 when nothing changed for this user since the date the client names.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from types import MappingProxyType
from typing import Any

from sfdd_declare.sandbox.salesforce import rows, sql, store
from sfdd_declare.sandbox.salesforce.calls import Call, Reply
from sfdd_declare.sandbox.salesforce.compact import OBJECT_FLAGS
from sfdd_declare.sandbox.salesforce.describe_fields import field_body
from sfdd_declare.sandbox.salesforce.errors import not_found
from sfdd_declare.sandbox.salesforce.schema import ObjectType
from sfdd_declare.sandbox.salesforce.shape import filled
from sfdd_declare.sandbox.salesforce.versions import SINCE, number_of

_RESOURCES: Mapping[str, int] = MappingProxyType(
    {
        "composite": SINCE["composite/batch"],
        "jobs": SINCE["jobs/ingest"],
        "limits": 0,
        "metadata": SINCE["metadata/deployRequest"],
        "query": 0,
        "queryAll": 0,
        "sobjects": 0,
        "tooling": 0,
    }
)
"""What a version lists, and the first that does."""
_MASTER_TYPE = "012000000000000AAA"
_LISTED_URLS = ("describe", "rowTemplate", "sobject")
_NOT_LISTED = frozenset(
    {
        "actionOverrides",
        "compactLayoutable",
        "defaultImplementation",
        "extendedBy",
        "extendsInterfaces",
        "implementedBy",
        "implementsInterfaces",
        "listviewable",
        "lookupLayoutable",
        "namedLayoutInfos",
        "networkScopeFieldName",
        "searchLayoutable",
    }
)
"""What only the describe of one object says."""


def resources(call: Call) -> Reply:
    """GET /services/data/vXX.0."""
    identity = f"{call.base_url}/id/{store.organization_id(call.world)}/{store.user_id(call.world, call.user)}"
    served = [name for name, since in _RESOURCES.items() if number_of(call.version) >= since]
    return Reply({"identity": identity, **{name: f"{call.root}/{name}" for name in served}})


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
    whole = {
        **_object_flags(call, one),
        "childRelationships": _children(call, one),
        "fields": [field_body(field) for field in one.fields.values()],
        "recordTypeInfos": _record_types(call, one),
        "sobjectDescribeOption": "FULL",
        "supportedScopes": [filled("scope", {"name": name, "label": label}) for name, label in one.scopes],
        "urls": _urls(call, one),
    }
    body = filled("object", whole)
    digest = _digest(call, body)
    changed = _changed_at(call, one, digest)
    headers = {"ETag": f'"{digest[:32]}"', "Last-Modified": format_datetime(changed, usegmt=True)}
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
    """An object as the list of objects shows it."""
    own = {
        "name": one.name,
        "label": one.label,
        "labelPlural": one.plural,
        "keyPrefix": one.prefix or None,
        "custom": one.is_custom,
        **{key: letter in one.flags for key, letter in OBJECT_FLAGS.items()},
        "retrieveable": one.has("queryable"),
        "urls": {name: url for name, url in _urls(call, one).items() if name in _LISTED_URLS},
    }
    return {key: value for key, value in filled("object", own).items() if key not in _NOT_LISTED}


def _urls(call: Call, one: ObjectType) -> dict[str, str]:
    base = f"{call.root}/sobjects/{one.name}"
    urls = {
        "sobject": base,
        "describe": f"{base}/describe",
        "rowTemplate": f"{base}/{{ID}}",
        "approvalLayouts": f"{base}/describe/approvalLayouts",
        "compactLayouts": f"{base}/describe/compactLayouts",
        "layouts": f"{base}/describe/layouts",
        "listviews": f"{base}/listviews",
        "quickActions": f"{base}/quickActions",
        "uiDetailTemplate": f"{call.base_url}/{{ID}}",
        "uiEditTemplate": f"{call.base_url}/{{ID}}/e",
        "uiNewRecord": f"{call.base_url}/{one.prefix}/e",
    }
    return dict(sorted(urls.items()))


def _children(call: Call, one: ObjectType) -> list[dict[str, Any]]:
    found = []
    for child, field, relationship, cascade in rows.children(call.world, one):
        seen = call.view.find(child)
        link = None if seen is None else seen.field(field)
        if link is not None:
            own = {
                "cascadeDelete": cascade,
                "childSObject": child,
                "field": field,
                "relationshipName": relationship,
                "restrictedDelete": link.is_custom and link.on_delete == "Restrict",
            }
            found.append(filled("childRelationship", own))
    return found


def _record_types(call: Call, one: ObjectType) -> list[dict[str, Any]]:
    with call.world.lock:
        found = sql.select(call.world.db, "sf_RecordType", "SobjectType = ? AND IsActive = 1", (one.name,))
    layouts = f"{call.root}/sobjects/{one.name}/describe/layouts"
    own = [(row["Id"], row["Name"], row["DeveloperName"], False) for row in found]
    return [
        filled(
            "recordType",
            {
                "defaultRecordTypeMapping": is_master,
                "developerName": developer_name,
                "master": is_master,
                "name": name,
                "recordTypeId": record_id,
                "urls": {"layout": f"{layouts}/{record_id}"},
            },
        )
        for record_id, name, developer_name, is_master in [*own, (_MASTER_TYPE, "Master", "Master", True)]
    ]


def _digest(call: Call, body: dict[str, Any]) -> str:
    """A digest of what is described, whichever version and address it is asked under."""
    text = json.dumps(body).replace(call.root, "").replace(call.base_url, "")
    return hashlib.sha256(text.encode()).hexdigest()


def _changed_at(call: Call, one: ObjectType, digest: str) -> datetime:
    """When this description last became different for this user, never twice the same second."""
    world = call.world
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
