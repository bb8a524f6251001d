"""Login with a name and a password over SOAP, as older clients do; served up to version 64.0."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from sfdd_declare.sandbox.salesforce import oauth, store
from sfdd_declare.sandbox.salesforce.errors import Refusal
from sfdd_declare.sandbox.salesforce.soap_users import user_info
from sfdd_declare.sandbox.salesforce.xml_text import element
from sfdd_declare.sandbox.world import World

NEWEST = 64
_WRONG = "Invalid username, password, security token; or user locked out."


def login(world: World, base_url: str, letter: str, version: int, call: Element) -> str:
    """The result of a login. Raises INVALID_LOGIN, and UNSUPPORTED_API_VERSION where there is none any more."""
    if version > NEWEST:
        raise Refusal("UNSUPPORTED_API_VERSION", f"SOAP login is not served in version {version}.0")
    namespace = call.tag.rpartition("}")[0] + "}"
    username, password = (call.findtext(namespace + name) or "" for name in ("username", "password"))
    user = oauth.user_by_password(world, username, password)
    if user is None:
        raise Refusal("INVALID_LOGIN", _WRONG)
    server = f"{base_url}/services/Soap/{{}}/{version}.0/{store.organization_id(world)[:15]}"
    result = {
        "metadataServerUrl": server.format("m"),
        "passwordExpired": False,
        "sandbox": True,
        "serverUrl": server.format(letter),
        "sessionId": oauth.open_session(world, user),
        "userId": store.user_id(world, user),
        "userInfo": user_info(world, user),
    }
    return element("result", result)
