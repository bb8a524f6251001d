"""What Bulk API 1.0 reads and writes around the rows: XML or JSON, whichever the client or the job speaks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from xml.etree.ElementTree import Element

import msgspec

from sfdd_declare.sandbox.salesforce.calls import Call, Reply
from sfdd_declare.sandbox.salesforce.errors import Refusal
from sfdd_declare.sandbox.salesforce.xml_text import DECLARED, XSI, elements, local, parse

NAMESPACE = "http://www.force.com/2009/06/asyncapi/dataload"
NIL = f"{{{XSI}}}nil"
MEDIA_TYPES: Mapping[str, str] = {"CSV": "text/csv", "JSON": "application/json", "XML": "application/xml"}

_CODES: Mapping[str, str] = {
    "API_VERSION_MISMATCH": "InvalidVersion",
    "EXCEEDEDQUOTA": "ExceededQuota",
    "FEATURENOTENABLED": "FeatureNotEnabled",
    "INVALIDENTITY": "InvalidEntity",
    "INVALIDJOB": "InvalidJob",
    "INVALIDJOBSTATE": "InvalidJobState",
    "INVALID_SESSION_ID": "InvalidSessionId",
    "METHOD_NOT_ALLOWED": "MethodNotAllowed",
    "NOT_FOUND": "InvalidUrl",
    "REQUEST_LIMIT_EXCEEDED": "ExceededQuota",
    "UNSUPPORTED_API_VERSION": "InvalidVersion",
}
_MESSAGES = {"InvalidSessionId": "Invalid session id"}
_KEPT_STATUS = (405, 414, 431)


def content_type(headers: Mapping[str, str]) -> str | None:
    """`CSV`, `JSON` or `XML`, by the header of that name; None for no header, and the header for another."""
    given = headers.get("content-type", "").partition(";")[0].strip().lower()
    named = {**{kind: name for name, kind in MEDIA_TYPES.items()}, "text/xml": "XML"}
    return named.get(given, given or None)


def job_body(call: Call) -> dict[str, Any]:
    """What is asked of a job. Raises InvalidJob or InvalidXML for what cannot be read."""
    is_xml = call.body.lstrip()[:1] == b"<" if content_type(call.headers) not in ("JSON", "XML") else None
    if is_xml or (is_xml is None and content_type(call.headers) == "XML"):
        return {local(one): (one.text or "").strip() for one in read_xml(call.body)}
    try:
        body = msgspec.json.decode(call.body)
    except (ValueError, RecursionError):
        raise Refusal("InvalidJob", "Unable to parse Job") from None
    if not isinstance(body, dict):
        raise Refusal("InvalidJob", "Unable to parse Job")
    return body


def read_xml(data: bytes) -> Element:
    """The root of a document. Raises InvalidXML."""
    try:
        return parse(data)
    except ValueError:
        raise Refusal("InvalidXML", "Unable to parse the XML of the request") from None


def document(name: str, inner: str, more: str = "") -> Reply:
    """A document with that root."""
    whole = f'{DECLARED}<{name} xmlns="{NAMESPACE}"{more}>{inner}</{name}>'
    return Reply(pieces=[whole.encode("utf-8", "replace")], kind=MEDIA_TYPES["XML"])


def as_json(body: Any) -> Reply:
    """The same in JSON."""
    return Reply(body, kind=MEDIA_TYPES["JSON"])


def refused(headers: Mapping[str, str], refusal: Refusal) -> Reply:
    """A refusal in the form of this API: JSON for who sends it, otherwise XML; the status is mostly 400."""
    code = _CODES.get(refusal.code, "ClientInputError" if refusal.code.isupper() else refusal.code)
    error = {"exceptionCode": code, "exceptionMessage": _MESSAGES.get(code, refusal.message)}
    status = refusal.status if refusal.status in _KEPT_STATUS else 400
    if content_type(headers) == "JSON":
        return Reply(error, status, kind=MEDIA_TYPES["JSON"])
    found = document("error", elements(error))
    return Reply(status=status, pieces=found.pieces, kind=found.kind)
