"""What is taken out of a recorded conversation before it is written: hosts, credentials, ids of orgs and users, and
whatever may be somebody's name or address. What the conversations themselves made begins with `OURS` and stays.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

OURS = "sfdd-live"
SALESFORCE = "https://sandbox.my.salesforce.com"
DOTDIGITAL = "https://r1-api.dotdigital.com"
MASKED = "masked"
KEPT_HEADERS = ("content-type", "accept", "sforce-auto-assign", "sforce-query-options", "sforce-locator")
ANSWERED_HEADERS = (
    *("content-type", "location", "sforce-limit-info", "sforce-locator", "sforce-numberofrecords", "date"),
    *("x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-scope"),
)

_SECRETS = frozenset(
    {"access_token", "refresh_token", "client_secret", "client_id", "assertion", "signature", "password", "issued_at"}
)
_PERSONAL = frozenset(
    {
        *("firstname", "lastname", "fullname", "displayname", "username", "preferredusername", "nickname", "title"),
        *(
            "email",
            "phone",
            "mobile",
            "mobilephone",
            "mobilenumber",
            "street",
            "city",
            "mailingstate",
            "postalcode",
            "company",
        ),
        *("mailingstreet", "mailingcity", "mailingpostalcode", "department", "description", "birthdate", "urls"),
    }
)
_ACCOUNT_FACTS = ("ApiEndpoint", "ApiCallsInLastHour", "ApiCallsRemaining", "TimeZoneIana", "APILocale")
_EMAIL = re.compile(r"[A-Za-z0-9._%+\-]+@[A-Za-z0-9.\-]+\.[A-Za-z]{2,}")
_HOSTS = (
    (re.compile(r"[A-Za-z0-9.\-]+\.my\.salesforce\.com"), SALESFORCE.partition("//")[2]),
    (re.compile(r"r\d-api\.dot(?:digital|mailer)\.com"), DOTDIGITAL.partition("//")[2]),
)
_TOKEN = re.compile(r"00D[A-Za-z0-9]{12,15}![A-Za-z0-9._\-+/=]+")
_IDS = (
    (re.compile(r"\b00D[A-Za-z0-9]{12,15}\b"), "00D000000000001AAA"),
    (re.compile(r"\b005[A-Za-z0-9]{12,15}\b"), "005000000000001AAA"),
)
_FORM_SECRET = re.compile(rf"({'|'.join(sorted(_SECRETS))})=[^&]*")


def text(content: str, hosts: Mapping[str, str]) -> str:
    """A text of any kind: hosts, tokens, ids and addresses."""
    for real, told in hosts.items():
        content = content.replace(real, told).replace(real.partition("//")[2], told.partition("//")[2])
    content = _TOKEN.sub("00D000000000001AAA!token", content)
    for pattern, told in (*_HOSTS, *_IDS):
        content = pattern.sub(told, content)
    return _EMAIL.sub(lambda found: found.group() if found.group().startswith(OURS) else "masked@example.com", content)


def body(content: bytes, hosts: Mapping[str, str]) -> bytes:
    """The body of a request or of an answer; what is no text stays as it is."""
    try:
        decoded = content.decode()
    except UnicodeDecodeError:
        return content
    try:
        value = json.loads(decoded)
    except ValueError:
        return _FORM_SECRET.sub(rf"\1={MASKED}", text(decoded, hosts)).encode()
    return text(json.dumps(_masked(value, "")), hosts).encode()


def _masked(value: Any, key: str) -> Any:
    if isinstance(value, dict):
        if set(value) >= {"id", "name", "visibility"}:  # an address book
            return {**value, "name": _of_person(value["name"])}
        if set(value) >= {"name", "type", "value"}:  # a property of the account
            told = value["value"] if value["name"] in _ACCOUNT_FACTS else MASKED
            return {**value, "value": told}
        if set(value) == {"key", "value"}:
            return {"key": value["key"], "value": _of_person(value["value"])}
        return {name: _masked(inner, name) for name, inner in value.items()}
    if isinstance(value, list):
        return [_masked(inner, key) for inner in value]
    folded = key.replace("_", "").lower()
    if key in _SECRETS:
        return MASKED
    if folded in _PERSONAL or key == "Name":
        return _of_person(value)
    return value


def _of_person(value: Any) -> Any:
    return value if not isinstance(value, str) or value.lower().startswith(OURS) else MASKED
