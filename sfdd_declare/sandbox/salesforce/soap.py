"""Login with a name and a password over SOAP, as older clients do; served up to version 64.0."""

from __future__ import annotations

import re
from xml.etree.ElementTree import ParseError, fromstring
from xml.sax.saxutils import escape

from sfdd_declare.sandbox.salesforce import oauth, store
from sfdd_declare.sandbox.world import World

NEWEST = 64
_NAMESPACE = "urn:partner.soap.sforce.com"
_MAX = 20_000

_ENVELOPE = (
    '<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"'
    ' xmlns="{namespace}" xmlns:sf="urn:fault.partner.soap.sforce.com"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body>{body}</soapenv:Body></soapenv:Envelope>'
)
_WRONG = "Invalid username, password, security token; or user locked out."


class Fault(Exception):
    """SOAP says no; such answers have the status 500."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code)
        said = f"{code}: {message}"
        self.body = _envelope(
            f"<soapenv:Fault><faultcode>sf:{code}</faultcode><faultstring>{escape(said)}</faultstring><detail>"
            f'<sf:LoginFault xsi:type="sf:LoginFault"><sf:exceptionCode>{code}</sf:exceptionCode>'
            f"<sf:exceptionMessage>{escape(message)}</sf:exceptionMessage></sf:LoginFault></detail></soapenv:Fault>"
        )


def login(world: World, base_url: str, version: str, body: bytes) -> bytes:
    """The answer to a login. Raises Fault."""
    number = re.fullmatch(r"(\d{1,3})\.0", version)
    if number is None or int(number.group(1)) > NEWEST:
        raise Fault("UNSUPPORTED_API_VERSION", f"SOAP login is not served in version {version}")
    username, password = _read(body)
    user = oauth.user_by_password(world, username, password)
    if user is None:
        raise Fault("INVALID_LOGIN", _WRONG)
    organization = store.organization_id(world)
    server = f"{base_url}/services/Soap/{{}}/{version}/{organization[:15]}"
    seconds = int(world.setting("salesforce.session_seconds", oauth.SESSION_SECONDS))
    fields = {
        "metadataServerUrl": server.format("m"),
        "passwordExpired": "false",
        "sandbox": "true",
        "serverUrl": server.format("u"),
        "sessionId": oauth.open_session(world, user),
        "userId": store.user_id(world, user),
    }
    result = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in fields.items())
    whose = f"<organizationId>{organization}</organizationId><sessionSecondsValid>{seconds}</sessionSecondsValid>"
    whose += f"<userId>{fields['userId']}</userId><userName>{escape(user)}</userName>"
    return _envelope(f"<loginResponse><result>{result}<userInfo>{whose}</userInfo></result></loginResponse>")


def _read(body: bytes) -> tuple[str, str]:
    if len(body) > _MAX or b"<!" in body:  # no document type, so no entities
        raise Fault("INVALID_OPERATION", "The body is no login")
    try:
        found = {_local(one.tag): one.text or "" for one in fromstring(body).iter()}  # noqa: S314 - no entities
        return found["username"], found["password"]
    except (ParseError, KeyError):
        raise Fault("INVALID_OPERATION", "The body is no login") from None


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _envelope(body: str) -> bytes:
    return _ENVELOPE.format(namespace=_NAMESPACE, body=body).encode()
