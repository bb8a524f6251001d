"""The Metadata API over SOAP: what there is, and deployments. It works on what the REST deployment works on."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from sfdd_declare.sandbox.salesforce import metadata, metadata_list, metadata_parts, metadata_write
from sfdd_declare.sandbox.salesforce.calls import Call
from sfdd_declare.sandbox.salesforce.errors import Refusal
from sfdd_declare.sandbox.salesforce.metadata_change import create, delete, update, upsert
from sfdd_declare.sandbox.salesforce.metadata_read import Node
from sfdd_declare.sandbox.salesforce.soap_envelope import ClientFault, Message
from sfdd_declare.sandbox.salesforce.xml_text import element, elements

Handler = Callable[[Call, Message], str]

REFUSED = frozenset(
    {
        "cancelDeploy",
        "checkRetrieveStatus",
        "deployRecentValidation",
        "describeValueType",
        "renameMetadata",
        "retrieve",
    }
)
"""Calls that the real service has and the sandbox has not."""

MAX_QUERIES = 3
_OPTIONS = (
    "allowMissingFiles",
    "autoUpdatePackage",
    "checkOnly",
    "ignoreWarnings",
    "performRetrieve",
    "purgeOnDelete",
    "rollbackOnError",
    "singlePackage",
)
_NOT_IN_SOAP = frozenset({"warning"})
_DESCRIBED = (
    {
        "childXmlNames": ["CustomField"],
        "directoryName": "objects",
        "inFolder": False,
        "metaFile": False,
        "suffix": "object",
        "xmlName": "CustomObject",
    },
    {
        "directoryName": "permissionsets",
        "inFolder": False,
        "metaFile": False,
        "suffix": "permissionset",
        "xmlName": "PermissionSet",
    },
)


def _describe(call: Call, message: Message) -> str:
    del call, message
    result = {
        "metadataObjects": list(_DESCRIBED),
        "organizationNamespace": "",
        "partialSaveAllowed": True,
        "testRequired": False,
    }
    return element("result", result)


def _list(call: Call, message: Message) -> str:
    kinds = [query.text("type") for query in Node(message.call).all("queries")]
    if len(kinds) > MAX_QUERIES:
        raise metadata_parts.too_many(MAX_QUERIES)
    for kind in kinds:
        if kind not in metadata_parts.KINDS:
            raise Refusal("INVALID_TYPE", f"Unknown type:{kind}")
    return "".join(element("result", metadata_list.listed(call.world, kind)) for kind in kinds)


def _read(call: Call, message: Message) -> str:
    node = Node(message.call)
    kind = node.text("type")
    metadata_parts.require_kind(kind)
    names = [(one.element.text or "").strip() for one in node.all("fullNames")]
    if len(names) > metadata_parts.MAX_AT_ONCE:
        raise metadata_parts.too_many()
    found = [metadata_write.component(call.world, kind, name) for name in names]
    return f"<result>{''.join(_record(kind, one) for one in found)}</result>"


def _record(kind: str, one: Mapping[str, Any] | None) -> str:
    return '<records xsi:nil="true"/>' if one is None else f'<records xsi:type="{kind}">{elements(one)}</records>'


def _deploy(call: Call, message: Message) -> str:
    node = Node(message.call)
    try:
        archive = base64.b64decode("".join(node.text("ZipFile").split()), validate=True)
    except (binascii.Error, ValueError):
        raise ClientFault("ZipFile is not base64") from None
    asked = node.one("DeployOptions")
    options: dict[str, Any] = {name: asked is not None and asked.is_true(name) for name in _OPTIONS}
    if asked is not None and asked.has("testLevel"):
        options["testLevel"] = asked.text("testLevel")
    begun = metadata.begin(call, options, archive)
    return element("result", {"done": False, "id": begun["id"], "state": "Queued"})


def _check(call: Call, message: Message) -> str:
    node = Node(message.call)
    try:
        _, result = metadata.progress(call.world, node.text("asyncProcessId"), details=node.is_true("includeDetails"))
    except Refusal:
        raise Refusal("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id") from None
    details = result.get("details", {})
    # No tests ever run; yet every result says that much about them.
    tests = {"numFailures": 0, "numTestsRun": 0, "totalTime": 0.0}
    return element("result", _in_order({**result, "details": {**details, "runTestResult": tests}}))


def _in_order(value: Any, name: str = "") -> Any:
    """A value of REST as SOAP has it: elements in the order of the alphabet, moments with `Z`."""
    if isinstance(value, dict):
        return {key: _in_order(value[key], key) for key in sorted(value) if key not in _NOT_IN_SOAP}
    if isinstance(value, list):
        return [_in_order(one) for one in value]
    return value.replace("+0000", "Z") if name.endswith("Date") and value else value


def _with_right(handler: Handler) -> Handler:
    """The call for those who may change metadata: nobody else may use this API at all."""

    def checked(call: Call, message: Message) -> str:
        metadata.require_right(call)
        return handler(call, message)

    return checked


_HANDLERS: Mapping[str, Handler] = {
    "checkDeployStatus": _check,
    "createMetadata": create,
    "deleteMetadata": delete,
    "deploy": _deploy,
    "describeMetadata": _describe,
    "listMetadata": _list,
    "readMetadata": _read,
    "updateMetadata": update,
    "upsertMetadata": upsert,
}
SERVED: Mapping[str, Handler] = MappingProxyType({name: _with_right(one) for name, one in _HANDLERS.items()})
"""Calls that are served, by name."""
