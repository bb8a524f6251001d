"""One authenticated request on its way to its handler, and the vendor's checks before that."""

from __future__ import annotations

import base64
import binascii
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from sfdd_declare.sandbox.dotdigital import contacts, schema
from sfdd_declare.sandbox.dotdigital.answers import Refusal, decode, not_understood, v2_error
from sfdd_declare.sandbox.dotdigital.schema import Account
from sfdd_declare.sandbox.world import World

_NOWHERE = "/v2/account-info"  # the one call that any region answers


@dataclass(frozen=True, slots=True)
class Call:
    """What a handler gets."""

    world: World
    request: Request
    account: Account
    raw: bytes

    def path(self, name: str) -> str:
        """A variable part of the path."""
        return str(self.request.path_params[name])

    def number(self, name: str) -> int:
        """A variable part of the path that is an id; 0, which is nobody's, when it is no number."""
        text = self.path(name)
        return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0

    def v2_body(self) -> Any:
        """The JSON body of a v2 call. Raises Refusal."""
        try:
            return decode(self.raw)
        except ValueError:
            raise v2_error(400, "The request body is malformed", "ERROR_MALFORMED_REQUEST") from None

    def v3_body(self) -> Any:
        """The JSON body of a v3 call. Raises Refusal."""
        try:
            return decode(self.raw)
        except ValueError:
            raise not_understood(self.request.url.path, 400, "The request body is not valid JSON") from None


Handler = Callable[[Call], Response]


def authenticate(world: World, request: Request) -> Account:
    """The account of a request's API user. Raises Refusal: 401, or 403 in another account's region."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    denied = Refusal(401, {"message": "Authorization has been denied for this request."})
    if scheme.lower() != "basic":
        raise denied
    try:
        user, _, password = base64.b64decode(token, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        raise denied from None
    account = schema.accounts(world).get(user.lower())
    if account is None or not secrets.compare_digest(account.password.encode(), password.encode()):
        raise denied
    if request.url.path != _NOWHERE and _region(world, request) not in (None, account.region):
        raise not_understood(request.url.path, 403, "Forbidden: Access is denied")
    schema.equip(world, account.id)
    contacts.purge(world, account.id)
    return account


def endpoint_of(world: World, request: Request, account: Account) -> str:
    """The base URL that serves the account."""
    urls: dict[str, str] = world.setting("dotdigital.base_urls", {})
    return urls.get(account.region, str(request.base_url)).rstrip("/")


def _region(world: World, request: Request) -> str | None:
    urls: dict[str, str] = world.setting("dotdigital.base_urls", {})
    host = request.headers.get("host", "")
    return next((region for region, url in urls.items() if urlsplit(url).netloc == host), None)
