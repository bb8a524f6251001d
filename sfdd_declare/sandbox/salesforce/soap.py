"""The SOAP APIs: which there are, and how a request to one of them is taken, in Salesforce's order."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from sfdd_declare.sandbox.salesforce import limits, metadata_soap, oauth, soap_envelope, soap_partner
from sfdd_declare.sandbox.salesforce.calls import Call
from sfdd_declare.sandbox.salesforce.errors import Refusal, not_in_the_sandbox
from sfdd_declare.sandbox.salesforce.soap_envelope import ClientFault, Message
from sfdd_declare.sandbox.salesforce.soap_login import login
from sfdd_declare.sandbox.salesforce.versions import VERSIONS
from sfdd_declare.sandbox.salesforce.views import View
from sfdd_declare.sandbox.salesforce.xml_text import element
from sfdd_declare.sandbox.world import World

MAX_BYTES = 52_428_800
"""Bytes of a request."""

Handler = Callable[[Call, Message], str]
"""From a call with a session to what its response element holds."""

_PARTNER: Mapping[str, Handler] = MappingProxyType(
    {
        "logout": soap_partner.logout,
        "getUserInfo": soap_partner.get_user_info,
        "getServerTimestamp": soap_partner.get_server_timestamp,
        "describeGlobal": soap_partner.describe_global,
    }
)


@dataclass(frozen=True, slots=True)
class _Api:
    namespace: str
    served: Mapping[str, Handler]
    refused: frozenset[str]
    has_login: bool = False


_APIS: Mapping[str, _Api] = MappingProxyType(
    {
        "u": _Api(soap_envelope.PARTNER, _PARTNER, soap_partner.REFUSED, has_login=True),
        "c": _Api(soap_envelope.ENTERPRISE, _PARTNER, soap_partner.REFUSED, has_login=True),
        "m": _Api(soap_envelope.METADATA, metadata_soap.SERVED, metadata_soap.REFUSED),
    }
)


@dataclass(frozen=True, slots=True)
class Asked:
    """One request. `letter` says of which API; `headers` have lower-case names."""

    world: World
    base_url: str
    letter: str
    version: str
    headers: Mapping[str, str]
    body: bytes
    has_expired: bool = False  # a fault says that the session is over


def answer(asked: Asked) -> tuple[int, bytes]:
    """Status and body of the answer."""
    api = _APIS[asked.letter]
    try:
        return 200, _answered(asked, api)
    except ClientFault as fault:
        return 500, soap_envelope.client_fault(api.namespace, fault)
    except Refusal as refusal:
        return 500, soap_envelope.refused(api.namespace, refusal)


def _answered(asked: Asked, api: _Api) -> bytes:
    if len(asked.body) > MAX_BYTES:
        words = f"Maximum size of request reached. Maximum size of request is {MAX_BYTES} bytes"
        raise Refusal("EXCEEDED_MAX_SIZE_REQUEST", words)
    if "soapaction" not in asked.headers:
        raise ClientFault("SOAPAction HTTP header missing")
    version = _version(asked.version)
    message = soap_envelope.read(asked.body, api.namespace)
    name = message.name if message.operation == f"{{{api.namespace}}}{message.name}" else ""
    if api.has_login and name == "login":
        result = login(asked.world, asked.base_url, asked.letter, version, message.call)
        return soap_envelope.answer(api.namespace, message, result)
    if name not in api.served and name not in api.refused:
        words = "please check the WSDL for the service."
        raise ClientFault(f"No operation available for request {message.operation}, {words}")
    call, message = _in_session(asked, version, message)
    if name in api.refused:
        raise not_in_the_sandbox(f"The SOAP call {name}")
    result = api.served[name](call, message)
    return soap_envelope.answer(api.namespace, message, result, _used(asked.world) if api.has_login else "")


def _version(given: str) -> int:
    found = re.fullmatch(r"([1-9][0-9]{1,2})\.0", given, re.ASCII)
    number = 0 if found is None else int(found.group(1))
    if number not in VERSIONS:
        raise Refusal("UNSUPPORTED_API_VERSION", "Invalid Api version specified on URL")
    return number


def _in_session(asked: Asked, version: int, message: Message) -> tuple[Call, Message]:
    """The call as the user of the session makes it: the envelope brings it, or else the HTTP header."""
    if asked.has_expired:
        raise oauth.no_session()
    given = message.session or asked.headers.get("authorization", "").partition(" ")[2].strip()
    user = oauth.user_of(asked.world, f"Bearer {given}")
    limits.count(asked.world)
    call = Call(
        world=asked.world,
        view=View(asked.world, user),
        method="POST",
        version=f"v{version}.0",
        headers=asked.headers,
        body=asked.body,
        base_url=asked.base_url,
    )
    return call, replace(message, session=given)


def _used(world: World) -> str:
    """The header of the partner API and of the enterprise API that says how many calls were made."""
    counted = {"current": limits.used(world), "limit": limits.allowed(world), "type": "API REQUESTS"}
    return element("LimitInfoHeader", {"limitInfo": counted})
