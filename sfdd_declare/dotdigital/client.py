"""The client of one Dotdigital account: where its API lives, who we are there, and every call made to it.

The region is found through `account-info`, which answers on any host; the address it names is used from then on.
Retries and pacing are the business of `wire`, the meaning
of errors that of `errors`. No call in this room subscribes or resubscribes a contact (CON-1).
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from datetime import UTC
from decimal import Decimal
from email.utils import parsedate_to_datetime
from functools import cache
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from sfdd_declare.dotdigital import errors
from sfdd_declare.model.declared import Account
from sfdd_declare.model.errors import Denied, RemoteError, Terminal
from sfdd_declare.wire.hosts import ALLOW_VARIABLE, THIS_MACHINE, Vendor, may_have_credentials
from sfdd_declare.wire.http import Http, Reply
from sfdd_declare.wire.pacing import LostReply

AUTO = "auto"
REGIONS: Mapping[str, str] = {f"r{n}": f"https://r{n}-api.dotdigital.com" for n in (1, 2, 3)}
_HOME = re.compile(r"(r\d+)-api\.(?:dotdigital|dotmailer)\.com")
TIMEOUT = 121.0
"""Seconds; the vendor says that calls may take this long."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where an account's API lives, which account it is, and whose days its dates are (VAL-25)."""

    url: str
    account_id: str
    time_zone: str = "UTC"


class _Info(msgspec.Struct):
    class Property(msgspec.Struct):
        name: str
        value: str | None = None

    id: int
    properties: list[Property] = []

    def value(self, name: str) -> str:
        return next((p.value or "" for p in self.properties if p.name == name), "")


class Client:
    """One account at its endpoint. `decoded` is how everything in this room talks to Dotdigital."""

    def __init__(
        self, *, account: str, endpoint: Endpoint, http: Http, used: int = 0, calls_remaining: int | None = None
    ) -> None:
        """`used` calls were made to find the endpoint; `calls_remaining` is what `account-info` said then."""
        self.account = account
        self.endpoint = endpoint
        self._http = http
        self._used = used
        self._calls_remaining = calls_remaining

    @property
    def calls(self) -> int:
        """Every request sent so far, repeats and the search for the region included."""
        return self._used + self._http.calls

    @property
    def calls_left(self) -> int | None:
        """Calls left as `account-info` told, less those made since; None when it was not asked.

        The rate headers are no answer to this question: they speak of one tier and one minute.
        """
        return None if self._calls_remaining is None else max(0, self._calls_remaining - self._http.calls)

    def pause(self, seconds: float) -> None:
        """Wait; injected so that tests and signals need not."""
        self._http.pause(seconds)

    def send(
        self,
        method: str,
        path: str,
        *,
        template: str = "",
        params: Mapping[str, str] | None = None,
        json: bytes | None = None,
        idempotent: bool = True,
    ) -> Reply:
        """One call; raises RemoteError by meaning. `template` is the path without ids, for messages."""
        return self._http.send(method, path, template=template or path, params=params, json=json, idempotent=idempotent)

    def decoded(
        self,
        method: str,
        path: str,
        kind: type[T],
        *,
        template: str = "",
        params: Mapping[str, str] | None = None,
        json: bytes | None = None,
        idempotent: bool = True,
    ) -> T:
        """The answer's body as `kind`. Raises LostReply when it is not readable."""
        return self.decoded_with_stamp(
            method, path, kind, template=template, params=params, json=json, idempotent=idempotent
        )[0]

    def decoded_with_stamp(
        self,
        method: str,
        path: str,
        kind: type[T],
        *,
        template: str = "",
        params: Mapping[str, str] | None = None,
        json: bytes | None = None,
        idempotent: bool = True,
    ) -> tuple[T, str]:
        """As `decoded`, and the vendor's clock. A body that was cut is asked for once more if that is safe."""
        reply = self.send(method, path, template=template, params=params, json=json, idempotent=idempotent)
        if idempotent and not _is_json(reply):
            reply = self.send(method, path, template=template, params=params, json=json, idempotent=True)
        return self.decode(reply, kind), stamp_of(reply)

    def decode(self, reply: Reply, kind: type[T]) -> T:
        """A reply's body as `kind`, decimals exact. Raises LostReply when it is not readable."""
        try:
            return cast(T, _decoder(cast(Hashable, kind)).decode(reply.body))
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise LostReply(
                "SFDD-E2214",
                f"Dotdigital's answer cannot be read ({reply.template})",
                code="unreadable",
                status=reply.status,
                where=f"dotdigital.accounts.{self.account}",
                hint="sfdd plan",
            ) from error

    def close(self) -> None:
        self._http.close()


def connect(
    account: Account,
    *,
    pause: Callable[[float], None] = time.sleep,
    hosts: tuple[str, ...] = THIS_MACHINE,
) -> Client:
    """The client of a declared account. Asks `account-info`, one call.

    `hosts` are those that the environment allows besides the vendor's. Raises Denied when the credentials or the
    declared region are wrong, Terminal when the region is no region.
    """
    asked = REGIONS["r1"] if account.region == AUTO else REGIONS.get(account.region, account.region.rstrip("/"))
    _check_url(account, asked, hosts)
    with _http(account, asked, pause) as http:
        info = Client(account=account.key, endpoint=Endpoint(asked, ""), http=http).decoded(
            "GET", "/v2/account-info", _Info
        )
        used = http.calls
    url = info.value("ApiEndpoint").rstrip("/") or asked
    _check_url(account, url, hosts)
    _check_region(account, url)
    remaining = info.value("ApiCallsRemaining")
    return Client(
        account=account.key,
        endpoint=Endpoint(url, str(info.id), _zone(info.value("TimeZoneIana"))),
        http=_http(account, url, pause),
        used=used,
        calls_remaining=int(remaining) if remaining.isdecimal() else None,
    )


def _zone(name: str) -> str:
    """A time zone that this machine knows; UTC where the account tells none."""
    try:
        return ZoneInfo(name).key if name else "UTC"
    except (ZoneInfoNotFoundError, ValueError):
        return "UTC"


def stamp_of(reply: Reply) -> str:
    """The vendor's clock at the time of a reply, ISO, UTC; empty when the reply does not tell."""
    try:
        return parsedate_to_datetime(reply.headers["date"]).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (KeyError, ValueError):
        return ""


def _http(account: Account, url: str, pause: Callable[[float], None]) -> Http:
    def classify(reply: Reply) -> RemoteError | None:
        return errors.classify(reply.status, reply.headers, reply.body, account=account.key)

    return Http(
        base_url=url,
        name="Dotdigital",
        timeout=TIMEOUT,
        auth=(account.user, account.password),
        pause=pause,
        classify=classify,
        hint=f"dotdigital.accounts.{account.key}.region",
    )


def _check_url(account: Account, url: str, hosts: tuple[str, ...]) -> None:
    """The password goes to this address."""
    if may_have_credentials(url, Vendor.DOTDIGITAL, hosts):
        return
    raise Terminal(
        "SFDD-E2215",
        "The region is none of auto, r1, r2, r3 and no https address of Dotdigital: no password is sent there",
        detail=f"hosts: {Vendor.DOTDIGITAL.hosts}; the environment may name others in {ALLOW_VARIABLE}",
        where=f"dotdigital.accounts.{account.key}.region",
        hint=f"dotdigital.accounts.{account.key}.region: auto",
    )


def _check_region(account: Account, url: str) -> None:
    """A declared region must be the one that the account lives in: every other host refuses all calls."""
    lives_in = _region_of(url)
    if account.region not in REGIONS or account.region == lives_in:
        return
    raise Denied(
        "SFDD-E2202",
        f"The account lives in region {lives_in}, not in {account.region}",
        code="wrongRegion",
        where=f"dotdigital.accounts.{account.key}.region",
        hint=f"dotdigital.accounts.{account.key}.region: auto",
    )


def _region_of(url: str) -> str:
    """The region that a host is in, or the address itself. The vendor's hosts still answer to the old name as well."""
    home = _HOME.fullmatch(urlsplit(url).hostname or "")
    return home.group(1) if home else next((name for name, address in REGIONS.items() if address == url), url)


def _is_json(reply: Reply) -> bool:
    """Cheap: a whole body, not one that was cut or a gateway's page. What is in it is told by decoding."""
    start, end = reply.body[:1], reply.body.rstrip()[-1:]
    return start + end in (b"{}", b"[]")


@cache
def _decoder(kind: Hashable) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(kind, float_hook=Decimal)
