"""Consent records: what a contact agreed to, when and where, as both frameworks write and show it."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from sfdd_declare.sandbox.dotdigital.values import moment
from sfdd_declare.sandbox.world import stamp

MOST = 5
"""How many records one row of v3 may bring."""
_KEYS = ("text", "dateTimeConsented", "url", "ipAddress", "userAgent")
_OTHER_NAMES = {
    "consenttext": "text",
    "consentdatetime": "dateTimeConsented",
    "consenturl": "url",
    "consentip": "ipAddress",
    "consentuseragent": "userAgent",
}
_V2_KEYS = {key.lower(): key for key in _KEYS} | _OTHER_NAMES


class MalformedError(Exception):
    """Records that are none."""


@dataclass(frozen=True, slots=True)
class Consent:
    """One record; `created` is when it was stored, empty before."""

    text: str
    consented: str
    url: str
    ip: str
    agent: str
    created: str = ""

    def shown(self) -> dict[str, str]:
        """The v3 form."""
        given = (self.text, self.consented, self.url, self.ip, self.agent)
        return {**dict(zip(_KEYS, given, strict=True)), "dateTimeCreated": self.created}

    def shown_v2(self) -> dict[str, Any]:
        """The v2 form; a record that is only being stored has no id and no date of its creation."""
        pairs = [{"key": key.upper(), "value": value} for key, value in self.shown().items() if value]
        return {"id": self._id() if self.created else None, "fields": pairs}

    def _id(self) -> str:
        content = "\n".join((self.text, self.consented, self.url, self.ip, self.agent))
        digest = base64.b64encode(hashlib.sha256(content.encode("utf-8", "replace")).digest()).decode()
        return f"{datetime.fromisoformat(self.consented):%d/%m/%Y %H:%M:%S} ({digest})"


def of_body(given: Any) -> tuple[Consent, ...]:
    """The records of a v3 row. Raises MalformedError."""
    if not isinstance(given, list) or not 1 <= len(given) <= MOST:
        raise MalformedError(f"consentRecords holds 1 to {MOST} records")
    return tuple(_consent(each) for each in given)


def of_fields(given: Any) -> tuple[Consent, ...]:
    """The records of v2: keys and values, bare for a single record or as the `fields` of each.

    Raises MalformedError.
    """
    if given is None:
        return ()
    records = given if isinstance(given, list) else [given]
    if not all(isinstance(each, dict) for each in records):
        raise MalformedError("consentFields is not an array of objects")
    folded = [{str(key).lower(): value for key, value in each.items()} for each in records]
    if folded and all("key" in each for each in folded):
        return (_of_pairs(folded),)
    return tuple(_of_pairs(each.get("fields")) for each in folded)


def _of_pairs(pairs: Any) -> Consent:
    if not isinstance(pairs, list) or not all(isinstance(pair, dict) for pair in pairs):
        raise MalformedError("A consent record has no fields")
    folded = [{str(key).lower(): value for key, value in pair.items()} for pair in pairs]
    names = [_V2_KEYS.get(str(pair.get("key")).lower(), "") for pair in folded]
    return _consent({name: pair.get("value") for name, pair in zip(names, folded, strict=True)})


def _consent(raw: Any) -> Consent:
    if not isinstance(raw, dict) or set(raw) != set(_KEYS):
        raise MalformedError(f"A consent record has {', '.join(_KEYS)}")
    return Consent(
        text=_text(raw, "text"),
        consented=_moment(raw),
        url=_url(raw),
        ip=_address(raw),
        agent=_text(raw, "userAgent"),
    )


def _text(raw: Mapping[str, Any], key: str) -> str:
    value = raw[key]
    if not isinstance(value, str) or not value:
        raise MalformedError(f"{key} is not a text")
    return value


def _moment(raw: Mapping[str, Any]) -> str:
    try:
        return stamp(moment(_text(raw, "dateTimeConsented")))
    except ValueError:
        raise MalformedError("dateTimeConsented is not a date-time") from None


def _url(raw: Mapping[str, Any]) -> str:
    text = _text(raw, "url")
    try:
        parts = urlsplit(text)
    except ValueError:
        raise MalformedError("url is not a URL") from None
    if not parts.scheme or not parts.netloc:
        raise MalformedError("url is not a URL")
    return text


def _address(raw: Mapping[str, Any]) -> str:
    text = _text(raw, "ipAddress")
    try:
        ip_address(text)
    except ValueError:
        raise MalformedError("ipAddress is not an IP address") from None
    return text
