"""The Tooling API, as far as it is asked which custom objects and fields there are."""

from __future__ import annotations

import re
from dataclasses import replace

from sfdd_declare.sandbox.salesforce import describe as descriptions
from sfdd_declare.sandbox.salesforce import query as queries
from sfdd_declare.sandbox.salesforce import tooling_rows
from sfdd_declare.sandbox.salesforce.calls import Call, Reply
from sfdd_declare.sandbox.salesforce.errors import Refusal, not_in_the_sandbox
from sfdd_declare.sandbox.salesforce.schema import ObjectType
from sfdd_declare.sandbox.salesforce.views import View

_FROM = re.compile(r"\bFROM\s+(\w+)", re.IGNORECASE)
_ONE_ROW = frozenset({"FullName"})


class _ToolingView(View):
    """The Tooling API's own objects, and the users that they refer to."""

    __slots__ = ()

    def find(self, name: str) -> ObjectType | None:
        found = tooling_rows.objects().get(name.lower())
        return View.find(self, name) if found is None and name.lower() == "user" else found

    def objects(self) -> list[ObjectType]:
        return list(tooling_rows.objects().values())


def resources(call: Call) -> Reply:
    """GET tooling."""
    return Reply({name: f"{call.root}/tooling/{name}" for name in ("query", "sobjects")})


def query(call: Call) -> Reply:
    """GET tooling/query. A full name may only be asked for one row, as it is put together for each."""
    tooling_rows.refresh(call.world)
    reply = queries.query(_within(call))
    records = reply.body.get("records", [])
    if reply.body.get("totalSize", 0) > 1 and any(_ONE_ROW & set(record) for record in records):
        message = (
            "When retrieving results with Metadata or FullName fields, the query qualifications must specify no "
            "more than one row for retrieval."
        )
        raise Refusal("MALFORMED_QUERY", message)
    return _shown(call, reply)


def more(call: Call) -> Reply:
    """GET tooling/query/LOCATOR."""
    return _shown(call, queries.more(_within(call)))


def all_objects(call: Call) -> Reply:
    """GET tooling/sobjects."""
    return descriptions.all_objects(_within(call))


def one_object(call: Call) -> Reply:
    """GET tooling/sobjects/X."""
    return descriptions.one_object(_within(call))


def describe(call: Call) -> Reply:
    """GET tooling/sobjects/X/describe."""
    return descriptions.describe(_within(call))


def refuse(call: Call) -> Reply:
    """Everything else of the Tooling API."""
    raise not_in_the_sandbox(f"The Tooling API resource {call.path['rest']}")


def _within(call: Call) -> Call:
    return replace(call, view=_ToolingView(call.world, call.user), version=f"{call.version}/tooling")


def _shown(call: Call, reply: Reply) -> Reply:
    """A page of results with what the Tooling API says beside it."""
    if "records" not in reply.body:
        return reply
    records = reply.body["records"]
    asked = _FROM.search(call.query.get("q", ""))
    entity = tooling_rows.objects().get(asked.group(1).lower()) if asked else None
    name = records[0]["attributes"]["type"] if records else None if entity is None else entity.name
    own = {"size": len(records), "queryLocator": None, "entityTypeName": name}
    return replace(reply, body={**own, **reply.body})
