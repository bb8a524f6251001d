"""Logging in: the token endpoint, sessions, identity.

JWT bearer is the real thing (signature checked when the setting `salesforce.jwt_public_key` holds a key). The password
of every user is `PASSWORD`; the setting `salesforce.password` makes it another one. With the setting
`salesforce.is_login_host` the server plays login.salesforce.com, which takes no client credentials; with
`salesforce.rotate_refresh_tokens` every refresh token works once and brings the next one. A session runs out by the
sandbox's clock, except the two fixed ones.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

import jwt

from sfdd_declare.sandbox.salesforce import sql, store
from sfdd_declare.sandbox.salesforce.errors import Refusal
from sfdd_declare.sandbox.world import World

CLIENT_ID = "sandbox-client"
CLIENT_SECRET = "sandbox-secret"  # noqa: S105 - the fake org's own
PASSWORD = "sandbox"  # noqa: S105 - the fake org's own
SECURITY_TOKEN = "securitytoken"  # noqa: S105 - the fake org's own
REFRESH_TOKENS = {"5Aep861sandbox.integration": store.INTEGRATION, "5Aep861sandbox.admin": store.ADMIN}
LOGIN_URLS = ("https://login.salesforce.com", "https://test.salesforce.com")
SESSION_SECONDS = 7200

_JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_PAST, _AHEAD = 180.0, 600.0
"""How long ago and how far ahead an `exp` may be, in seconds."""
_MILLISECONDS = 1e11
"""No second since 1970 has as large a number until the year 5138."""


class TokenError(Exception):
    """The token endpoint says no, in OAuth's form and not in that of the API."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(error)
        self.body = {"error": error, "error_description": description}


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """One request to the token endpoint."""

    world: World
    base_url: str
    form: Mapping[str, str]
    authorization: str


def token(request: TokenRequest) -> dict[str, Any]:
    """A new session. Raises TokenError."""
    grants = {
        _JWT_BEARER: _by_jwt,
        "client_credentials": _by_credentials,
        "refresh_token": _by_refresh_token,
        "password": _by_password,
    }
    grant = grants.get(request.form.get("grant_type", ""))
    if grant is None:
        raise TokenError("unsupported_grant_type", "grant type not supported")
    user = grant(request)
    return _session(request, user) | _next_refresh_token(request, user)


def read_form(body: bytes) -> dict[str, str]:
    """The fields of a urlencoded body; of repeated ones the last."""
    return dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))


def user_of(world: World, authorization: str) -> str:
    """The user whose session a request brings. Raises INVALID_SESSION_ID."""
    kind, _, given = authorization.partition(" ")
    if kind.lower() in ("bearer", "oauth") and given:
        with world.lock:
            query = "SELECT user, expires FROM sfx_session WHERE token = ?"
            row = world.db.execute(query, (given.strip(),)).fetchone()
        if row is not None and (row["expires"] is None or row["expires"] > store.stamp(world.now())):
            return str(row["user"])
    raise no_session()


def no_session() -> Refusal:
    """A session that is over or that never was."""
    return Refusal("INVALID_SESSION_ID", "Session expired or invalid")


def user_by_password(world: World, username: str, password: str) -> str | None:
    """The active user of that name, if the password is theirs, with or without the security token behind it."""
    right = str(world.setting("salesforce.password", PASSWORD))
    if password not in (right, right + SECURITY_TOKEN):
        return None
    with world.lock:
        found = sql.select(world.db, "sf_User", "Username = ? AND IsActive = 1", (username,), columns="Username")
    return str(found[0]["Username"]) if found else None


def revoke(world: World, given: str) -> bool:
    """End one session; False if there is none with that token."""
    with world.transaction() as db:
        return db.execute("DELETE FROM sfx_session WHERE token = ?", (given,)).rowcount > 0


def expire_sessions(world: World, user: str | None = None) -> int:
    """End every session, or those of one user; the fixed ones too. Returns how many."""
    with world.transaction() as db:
        if user is None:
            return db.execute("DELETE FROM sfx_session").rowcount
        return db.execute("DELETE FROM sfx_session WHERE user = ?", (user,)).rowcount


def open_session(world: World, user: str) -> str:
    """The token of a new session, which lasts as long as the org lets sessions last."""
    access_token = f"{store.organization_id(world)[:15]}!{secrets.token_urlsafe(48)}"
    seconds = float(world.setting("salesforce.session_seconds", SESSION_SECONDS))
    expires = store.stamp(world.now() + timedelta(seconds=seconds))
    with world.transaction() as db:
        db.execute("INSERT INTO sfx_session VALUES (?, ?, ?)", (access_token, user, expires))
    return access_token


def identity(world: World, base_url: str, user: str) -> dict[str, Any]:
    """Who a session belongs to: the body of the identity URL and of userinfo."""
    user_id = store.user_id(world, user)
    organization = store.organization_id(world)
    with world.lock:
        record = sql.select(world.db, "sf_User", "Id = ?", (user_id,))[0]
    url = f"{base_url}/id/{organization}/{user_id}"
    name = f"{record['FirstName']} {record['LastName']}"
    return {
        "id": url,
        "sub": url,
        "user_id": user_id,
        "organization_id": organization,
        "username": user,
        "preferred_username": user,
        "display_name": name,
        "name": name,
        "email": record["Email"],
        "user_type": "STANDARD",
        "active": bool(record["IsActive"]),
        "urls": {"rest": f"{base_url}/services/data/v{{version}}/", "custom_domain": base_url},
    }


def _session(request: TokenRequest, user: str) -> dict[str, Any]:
    world = request.world
    organization = store.organization_id(world)
    return {
        "access_token": open_session(world, user),
        "signature": base64.b64encode(secrets.token_bytes(32)).decode(),
        "scope": "api",
        "instance_url": request.base_url,
        "id": f"{request.base_url}/id/{organization}/{store.user_id(world, user)}",
        "token_type": "Bearer",
        "issued_at": str(int(world.now().timestamp() * 1000)),
    }


def _by_jwt(request: TokenRequest) -> str:
    claims = _claims(request)
    if claims.get("iss") != CLIENT_ID:
        raise TokenError("invalid_client_id", "client identifier invalid")
    audience = str(claims.get("aud", "")).rstrip("/")
    if audience not in (*LOGIN_URLS, request.base_url):
        raise TokenError("invalid_grant", "Audience validation failed")
    _check_expiry(request.world, claims.get("exp"))
    return _known_user(request.world, claims.get("sub"))


def _claims(request: TokenRequest) -> dict[str, Any]:
    key = request.world.setting("salesforce.jwt_public_key")
    options: jwt.types.Options = {"verify_signature": bool(key), "verify_exp": False, "verify_aud": False}
    try:
        assertion = request.form.get("assertion", "")
        if jwt.get_unverified_header(assertion).get("alg") != "RS256":
            raise TokenError("invalid_grant", "invalid assertion")
        claims: dict[str, Any] = jwt.decode(assertion, key or "", algorithms=["RS256"], options=options)
    except (jwt.PyJWTError, ValueError):
        raise TokenError("invalid_grant", "invalid assertion") from None
    return claims


def _check_expiry(world: World, expiry: Any) -> None:
    """Valid by the real clock or by the sandbox's: a client only knows the real one. Milliseconds and digits in quotes
    are taken for what they are: widely used clients sign them.
    """
    if isinstance(expiry, str) and expiry.isdecimal():
        expiry = int(expiry)
    if isinstance(expiry, int | float) and expiry >= _MILLISECONDS:
        expiry /= 1000
    if not isinstance(expiry, int | float) or not 0 < expiry < _MILLISECONDS:
        raise TokenError("invalid_grant", "invalid assertion")
    moment = datetime.fromtimestamp(expiry, UTC)
    past = timedelta(seconds=float(world.setting("salesforce.jwt_past_seconds", _PAST)))
    ahead = timedelta(seconds=float(world.setting("salesforce.jwt_ahead_seconds", _AHEAD)))
    if not any(now - past <= moment <= now + ahead for now in (datetime.now(UTC), world.now())):
        raise TokenError("invalid_grant", "expired authorization code")


def _by_credentials(request: TokenRequest) -> str:
    if request.world.setting("salesforce.is_login_host"):
        raise TokenError("invalid_grant", "request not supported on this domain")
    client, secret = request.form.get("client_id", ""), request.form.get("client_secret", "")
    kind, _, encoded = request.authorization.partition(" ")
    if kind.lower() == "basic":
        try:
            client, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
        except ValueError:
            raise TokenError("invalid_client", "invalid client credentials") from None
    if client != CLIENT_ID:
        raise TokenError("invalid_client_id", "client identifier invalid")
    if secret != request.world.setting("salesforce.client_secret", CLIENT_SECRET):
        raise TokenError("invalid_client", "invalid client credentials")
    return store.INTEGRATION


def _by_password(request: TokenRequest) -> str:
    if request.form.get("client_id") != CLIENT_ID:
        raise TokenError("invalid_client_id", "client identifier invalid")
    user = user_by_password(request.world, request.form.get("username", ""), request.form.get("password", ""))
    if user is None:
        raise TokenError("invalid_grant", "authentication failure")
    return user


def _by_refresh_token(request: TokenRequest) -> str:
    if request.form.get("client_id") != CLIENT_ID:
        raise TokenError("invalid_client_id", "client identifier invalid")
    secret = request.world.setting("salesforce.client_secret", CLIENT_SECRET)
    if request.form.get("client_secret", secret) != secret:
        raise TokenError("invalid_client", "invalid client credentials")
    known = request.world.setting("salesforce.refresh_tokens", REFRESH_TOKENS)
    user = known.get(request.form.get("refresh_token", ""))
    if user is None:
        raise TokenError("invalid_grant", "expired access/refresh token")
    return str(user)


def _next_refresh_token(request: TokenRequest, user: str) -> dict[str, str]:
    """The refresh token that takes the place of the one just used, where they are rotated."""
    world, used = request.world, request.form.get("refresh_token", "")
    if request.form.get("grant_type") != "refresh_token" or not world.setting("salesforce.rotate_refresh_tokens"):
        return {}
    fresh = f"5Aep861{secrets.token_urlsafe(32)}"
    known = world.setting("salesforce.refresh_tokens", REFRESH_TOKENS)
    kept = {name: owner for name, owner in known.items() if name != used}
    world.set_setting("salesforce.refresh_tokens", {**kept, fresh: user})
    return {"refresh_token": fresh}


def _known_user(world: World, name: Any) -> str:
    with world.lock:
        found = sql.select(world.db, "sf_User", "Username = ?", (str(name),), columns="Username, IsActive")
    if not found:
        raise TokenError("invalid_grant", "user hasn't approved this consumer")
    if not found[0]["IsActive"]:
        raise TokenError("inactive_user", "user is inactive")
    return str(found[0]["Username"])
