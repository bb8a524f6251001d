"""Getting a session: JWT bearer, client credentials, refresh token, or an access token that somebody else got.

One call either way: the token request, or for a given token the question whose it is. Tokens and keys stay in
SecretStr.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeVar
from urllib.parse import urlencode, urlsplit

import msgspec
from pydantic import SecretStr

from sfdd_declare.model.declared import AuthMethod, Salesforce, SalesforceAuth
from sfdd_declare.model.errors import Denied, RemoteError, Terminal, Transient
from sfdd_declare.salesforce.errors import quoted
from sfdd_declare.wire.hosts import ALLOW_VARIABLE, Vendor, host_of, may_have_credentials, named_hosts
from sfdd_declare.wire.http import Http, Reply

_SECONDS_VALID = 180
_TIMEOUT = 30.0
_TOKEN_PATH = "/services/oauth2/token"  # noqa: S105 - a path
_USERINFO_PATH = "/services/oauth2/userinfo"
_NEW_TOKEN = "sf org auth show-access-token"  # noqa: S105 - a command
_PRODUCTION = "https://login.salesforce.com"
_SANDBOX = "https://test.salesforce.com"
_SANDBOX_HOST = re.compile(r"(^test\.salesforce\.com$)|(\.sandbox\.my\.salesforce\.com$)|(^cs\d+\.)", re.IGNORECASE)

#: The environment variables, brought in by whoever runs this.
Environ = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Session:
    """An open session, where to use it, and whose it is. `username` is the user's id where the login names no user."""

    token: SecretStr
    instance_url: str
    org_id: str
    user_id: str
    username: str


Answer = TypeVar("Answer", bound=msgspec.Struct)


class _Granted(msgspec.Struct):
    access_token: str
    instance_url: str
    id: str = ""
    refresh_token: str = ""


class _Whose(msgspec.Struct):
    user_id: str
    organization_id: str
    preferred_username: str = ""


class Login:
    """Opens sessions. `may_renew` says whether a second one can be had without a human."""

    def __init__(self, settings: Salesforce, environ: Environ, *, pause: Callable[[float], None] = time.sleep) -> None:
        """Raises Denied (SFDD-E2109) when neither the configuration nor the environment holds credentials."""
        self._settings = settings
        self._environ = environ
        self._pause = pause
        self._auth = credentials(settings, environ)
        self._named_hosts = named_hosts(environ)
        self._refresh_token = self._auth.refresh_token
        self.calls = 0

    @property
    def may_renew(self) -> bool:
        return self._auth.method is not AuthMethod.ACCESS_TOKEN

    def open(self) -> Session:
        """One call. Raises Denied with the YAML key to look at, or what the wire raises."""
        if self._auth.method is AuthMethod.ACCESS_TOKEN:
            return self._given()
        reply = self._send(
            self._settings.login_url, "POST", _TOKEN_PATH, "salesforce.login_url", _oauth_error, content=self._form()
        )
        granted = _decoded(reply, _Granted)
        self._check_host(granted.instance_url, "salesforce.login_url")
        org_id, user_id = _ids(granted.id)
        if granted.refresh_token:  # an app that rotates them takes the old one no more
            self._refresh_token = SecretStr(granted.refresh_token)
        whose = self._auth.username or user_id
        return Session(SecretStr(granted.access_token), granted.instance_url, org_id, user_id, whose)

    def _form(self) -> bytes:
        auth = self._auth
        form = {"grant_type": auth.method.value, "client_id": auth.client_id}
        if auth.client_secret:
            form["client_secret"] = auth.client_secret.get_secret_value()
        if auth.method is AuthMethod.REFRESH_TOKEN and self._refresh_token:
            form["refresh_token"] = self._refresh_token.get_secret_value()
        if auth.method is AuthMethod.JWT:
            form = {
                "grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer",
                "assertion": assertion(auth, audience(self._settings.login_url, self._environ), time.time()),
            }
        return urlencode(form).encode()

    def _given(self) -> Session:
        token = self._auth.access_token or SecretStr("")
        reply = self._send(
            self._auth.instance_url,
            "GET",
            _USERINFO_PATH,
            "salesforce.auth.instance_url",
            _given_token_error,
            headers={"authorization": f"Bearer {token.get_secret_value()}"},
        )
        whose = _decoded(reply, _Whose)
        url = self._auth.instance_url.rstrip("/")
        return Session(token, url, whose.organization_id, whose.user_id, whose.preferred_username)

    def _send(
        self,
        url: str,
        method: str,
        path: str,
        hint: str,
        classify: Callable[[Reply], RemoteError | None],
        *,
        headers: Mapping[str, str] = MappingProxyType({}),
        content: bytes | None = None,
    ) -> Reply:
        self._check_host(url, hint)
        form = {"content-type": "application/x-www-form-urlencoded"} if content else {}
        with Http(
            base_url=url, name="Salesforce", timeout=_TIMEOUT, pause=self._pause, classify=classify, hint=hint
        ) as http:
            try:
                return http.send(
                    method, path, template=path, content=content, headers={**form, **headers}, idempotent=True
                )
            finally:
                self.calls += http.calls

    def _check_host(self, url: str, key: str) -> None:
        if may_have_credentials(url, Vendor.SALESFORCE, self._named_hosts):
            return
        host = host_of(url)
        raise Denied(
            "SFDD-E2112",
            f"No credentials are sent to {quoted(host) if host else 'this address'}, no https address of Salesforce.",
            detail=f"hosts: {Vendor.SALESFORCE.hosts}; the environment may name others in {ALLOW_VARIABLE}",
            where=key,
            hint=key,
        )


def credentials(settings: Salesforce, environ: Environ) -> SalesforceAuth:
    """What is configured, else a token from the environment of Salesforce's own CLI."""
    if settings.auth is not None:
        return settings.auth
    token = environ.get("SF_ACCESS_TOKEN") or environ.get("SFDX_ACCESS_TOKEN")
    url = environ.get("SF_ORG_INSTANCE_URL", "")
    if token and url:
        return SalesforceAuth(AuthMethod.ACCESS_TOKEN, access_token=SecretStr(token), instance_url=url)
    missing = "SF_ORG_INSTANCE_URL is not set" if token else "SF_ACCESS_TOKEN is not set"
    raise Denied(
        "SFDD-E2109",
        f"No credentials for Salesforce: `salesforce.auth` is not configured and {missing}.",
        hint="salesforce.auth",
    )


def audience(login_url: str, environ: Environ) -> str:
    """The `aud` claim: production, sandbox, or the site itself; SF_AUDIENCE_URL overrides."""
    if override := environ.get("SF_AUDIENCE_URL"):
        return override
    parts = urlsplit(login_url)
    host = parts.hostname or ""
    if _SANDBOX_HOST.search(host):
        return _SANDBOX
    if host == "login.salesforce.com" or host.endswith(".my.salesforce.com"):
        return _PRODUCTION
    return f"{parts.scheme}://{parts.netloc}"


def assertion(auth: SalesforceAuth, aud: str, now: float) -> str:
    """The signed JWT. Raises Denied (SFDD-E2102) when the private key cannot be used."""
    import jwt  # noqa: PLC0415 - with it comes `cryptography`, which the other ways to log in do without

    claims = {"iss": auth.client_id, "sub": auth.username, "aud": aud, "exp": int(now) + _SECONDS_VALID}
    key = auth.private_key.get_secret_value() if auth.private_key else ""
    try:
        return jwt.encode(claims, key, algorithm="RS256")
    except (jwt.PyJWTError, ValueError, TypeError):  # from None: the cause's text can quote the key
        raise Denied(
            "SFDD-E2102",
            "The private key for Salesforce cannot be read: it must be an RSA key in PEM form without a passphrase.",
            hint="salesforce.auth.private_key",
        ) from None


@dataclass(frozen=True, slots=True)
class _Refusal:
    error: str  # OAuth error code; empty = any
    words: str  # in the description, lower case; empty = any
    id: str
    summary: str
    hint: str


_REFUSALS: tuple[_Refusal, ...] = (
    _Refusal("", "audience", "SFDD-E2103", "it does not accept the audience", "salesforce.login_url"),
    _Refusal(
        "",
        "hasn't approved",
        "SFDD-E2104",
        "the user is not pre-authorised for the app (an admin adds the user's profile or permission set to it)",
        "salesforce.auth.username",
    ),
    _Refusal(
        "",
        "not supported on this domain",
        "SFDD-E2111",
        "this way to log in works at the org's own My Domain only",
        "salesforce.login_url",
    ),
    _Refusal("", "locked", "SFDD-E2106", "the user is locked", "salesforce.auth.username"),
    _Refusal("", "inactive", "SFDD-E2106", "the user or the org is inactive", "salesforce.auth.username"),
    _Refusal("inactive_user", "", "SFDD-E2106", "the user is inactive", "salesforce.auth.username"),
    _Refusal("inactive_org", "", "SFDD-E2106", "the org is inactive", "salesforce.login_url"),
    _Refusal("", "refresh token", "SFDD-E2107", "the refresh token has expired or was revoked", _NEW_TOKEN),
    _Refusal("invalid_client_id", "", "SFDD-E2105", "it does not know the app", "salesforce.auth.client_id"),
    _Refusal(
        "invalid_client", "", "SFDD-E2105", "it does not accept the app or its secret", "salesforce.auth.client_id"
    ),
    _Refusal("unauthorized_client", "", "SFDD-E2105", "the app may not log in this way", "salesforce.auth.client_id"),
    _Refusal(
        "unsupported_grant_type",
        "",
        "SFDD-E2105",
        "it does not offer this way to log in here",
        "salesforce.auth.method",
    ),
    _Refusal("", "invalid password", "SFDD-E2106", "user or password are wrong", "salesforce.auth.username"),
    _Refusal("", "assertion", "SFDD-E2102", "it does not accept the signature", "salesforce.auth.private_key"),
    _Refusal("", "", "SFDD-E2101", "it does not accept the credentials", "salesforce.auth"),
)


def _oauth_error(reply: Reply) -> RemoteError | None:
    if reply.status < 300:
        return _unexpected_page(reply)
    if reply.status >= 500 or reply.status == 429:
        return None  # the wire's own words will do
    body = _object(reply)
    error, description = str(body.get("error", "")), str(body.get("error_description", ""))
    if not error:
        summary = f"{reply.host} does not look like Salesforce: its login answered {reply.status}."
        return Terminal("SFDD-E2101", summary, status=reply.status, hint="salesforce.login_url")
    text = description.lower()
    refusal = next(r for r in _REFUSALS if r.error in ("", error) and r.words in text)
    summary = f"Salesforce refused the login: {refusal.summary} ({error}: {quoted(description)})."
    return Denied(refusal.id, summary, code=error, status=reply.status, hint=refusal.hint)


def _given_token_error(reply: Reply) -> RemoteError | None:
    if reply.status < 300:
        return _unexpected_page(reply)
    if reply.status in (401, 403):
        return expired_given_token(reply.status)
    if reply.status < 500 and reply.status != 429:
        summary = f"{reply.host} does not look like a Salesforce instance: it answered {reply.status}."
        return Terminal("SFDD-E2110", summary, status=reply.status, hint="salesforce.auth.instance_url")
    return None


def expired_given_token(status: int) -> Denied:
    """A token that this program did not get cannot be renewed by it."""
    return Denied(
        "SFDD-E2108",
        "Salesforce does not accept the given access token: it has expired or was revoked.",
        code="INVALID_SESSION_ID",
        status=status,
        hint=_NEW_TOKEN,
    )


def _unexpected_page(reply: Reply) -> RemoteError | None:
    if "html" not in reply.headers.get("content-type", ""):
        return None
    summary = f"{reply.host} answered the login with an HTML page."
    return Transient("SFDD-E2006", summary, status=reply.status, hint="salesforce.login_url")


def _object(reply: Reply) -> dict[str, object]:
    try:
        body = msgspec.json.decode(reply.body)
    except msgspec.DecodeError:
        return {}
    return body if isinstance(body, dict) else {}


def _decoded(reply: Reply, kind: type[Answer]) -> Answer:
    try:
        return msgspec.json.decode(reply.body, type=kind)
    except msgspec.DecodeError:
        summary = f"{reply.host} does not look like Salesforce: its login answered something else."
        raise Terminal("SFDD-E2101", summary, status=reply.status, hint="salesforce.login_url") from None


def _ids(identity_url: str) -> tuple[str, str]:
    """Org and user id from `https://login.salesforce.com/id/00D…/005…`."""
    parts = identity_url.rstrip("/").split("/")
    if len(parts) < 2 or not parts[-2].startswith("00D"):
        raise Terminal("SFDD-E2101", "Salesforce's login did not say whose session this is.", hint="salesforce.auth")
    return parts[-2], parts[-1]
