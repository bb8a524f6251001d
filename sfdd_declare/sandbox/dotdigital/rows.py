"""One row of an import body (or the body of a single v3 call) and its shape.

Only what can be said without looking at the account is checked here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sfdd_declare.sandbox.dotdigital import consents
from sfdd_declare.sandbox.dotdigital.consents import Consent, MalformedError

IDENTIFIERS = ("email", "contactId", "mobileNumber")
MAX_LISTS = 100
MAX_CUSTOM = 256
_EMAIL = re.compile(r"[^@\s,;<>()\[\]\\\"]+@(?:[^\W_](?:[\w-]*[^\W_])?\.)+[^\W\d_]{2,}")
_KEYS = frozenset(
    {"matchIdentifier", "identifiers", "dataFields", "channelProperties", "lists", "preferences"} | {"consentRecords"}
)
_OPT_IN = {"unknown": "Unknown", "single": "Single", "double": "Double", "verifieddouble": "VerifiedDouble"}
_EMAIL_TYPE = {"html": "Html", "plaintext": "PlainText"}
_WRITABLE = ("subscribed", "unsubscribed", "suppressed")


class RowRefusedError(Exception):
    """A row that cannot be taken, with the vendor's code for it."""

    def __init__(self, code: str, description: str) -> None:
        super().__init__(description)
        self.code = code
        self.description = description


@dataclass(frozen=True, slots=True)
class Channel:
    """What a row says about the e-mail channel; None where it says nothing."""

    status: str | None = None
    opt_in: str | None = None
    email_type: str | None = None
    asks: bool = False
    """Whether who is out is only asked to subscribe again."""


@dataclass(frozen=True, slots=True)
class Row:
    """One contact of a body, checked for shape."""

    match: str
    email: str | None
    mobile: str | None
    contact_id: int | None
    values: Mapping[str, Any]
    channel: Channel
    lists: tuple[int, ...]
    custom: Mapping[str, str]
    choices: Mapping[int, bool] = field(default_factory=dict)
    """Preferences to opt in to or out of, by id."""
    named_choices: Mapping[str, bool] = field(default_factory=dict)
    """The same by the folded name that imports of v2 write."""
    consents: tuple[Consent, ...] = ()
    consent_fault: str = ""
    """Why there are no consent records although some were given."""

    def on(self, lists: tuple[int, ...]) -> Row:
        """The same row for other lists."""
        return replace(self, lists=lists)

    def agreeing(self, records: Callable[[Any], tuple[Consent, ...]], raw: Mapping[str, Any], key: str) -> Row:
        """The same row with the consent records that are given under a key, or with what is wrong about them.

        They do not refuse a row: the contact can be saved without them.
        """
        try:
            return replace(self, consents=records(raw[key])) if key in raw else self
        except MalformedError as fault:
            return replace(self, consent_fault=str(fault))


def parse_row(raw: Any, custom: frozenset[str] = frozenset()) -> Row:
    """A row by its shape alone; `custom` are the names of custom identifiers. Raises RowRefusedError."""
    if not isinstance(raw, dict) or set(raw) - _KEYS:
        raise RowRefusedError("ApiSchemaViolation", "The contact does not match the schema")
    identifiers = raw.get("identifiers")
    if not isinstance(identifiers, dict) or not identifiers:
        raise RowRefusedError("NoValidIdentifiers", "The Identifiers field is required")
    match = raw.get("matchIdentifier")
    if not isinstance(match, str) or match not in custom.union(IDENTIFIERS):
        raise RowRefusedError("InvalidMatchIdentifier", "The match identifier is not known")
    if set(identifiers) - custom.union(IDENTIFIERS) or identifiers.get(match) in (None, ""):
        raise RowRefusedError("NoValidIdentifiers", "The contact lacks the identifier to match by")
    values = raw.get("dataFields", {})
    if not isinstance(values, dict):
        raise RowRefusedError("ApiSchemaViolation", "dataFields is not an object")
    return Row(
        match=match,
        email=_email(identifiers.get("email")),
        mobile=_mobile(identifiers.get("mobileNumber")),
        contact_id=_contact_id(identifiers.get("contactId")),
        values=values,
        channel=_channel(raw),
        lists=_lists(raw),
        custom={name: _custom(identifiers[name]) for name in sorted(custom.intersection(identifiers))},
        choices=_choices(raw),
    ).agreeing(consents.of_body, raw, "consentRecords")


def _email(value: Any) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or len(value) > 256 or not _EMAIL.fullmatch(value.strip()):
        raise RowRefusedError("invalidEmail", "The e-mail address is not valid")
    return value.strip()


def _mobile(value: Any) -> str | None:
    if value is None:
        return None
    digits = str(value).lstrip("+")
    if not digits.isascii() or not digits.isdigit() or not 7 <= len(digits) <= 15:
        raise RowRefusedError("InvalidPhoneNumber", "The mobile number is not valid")
    return digits


def _custom(value: Any) -> str:
    if not isinstance(value, str) or not 1 <= len(value) <= MAX_CUSTOM:
        raise RowRefusedError("NoValidIdentifiers", f"A custom identifier is a text of 1 to {MAX_CUSTOM} characters")
    return value


def _contact_id(value: Any) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < 2**63:
        raise RowRefusedError("InvalidContactId", "The contact id is not valid")
    return value


def _channel(raw: Mapping[str, Any]) -> Channel:
    properties = raw.get("channelProperties", {})
    email = properties.get("email", {}) if isinstance(properties, dict) else None
    if not isinstance(email, dict):
        raise RowRefusedError("ApiSchemaViolation", "channelProperties is not an object of objects")
    return Channel(
        status=_choice(email.get("status"), {name: name for name in _WRITABLE}, "InvalidContactStatus"),
        opt_in=_choice(email.get("optInType"), _OPT_IN, "ApiSchemaViolation"),
        email_type=_choice(email.get("emailType"), _EMAIL_TYPE, "ApiSchemaViolation"),
        asks=_asks(email.get("resubscribeOptions")),
    )


def _asks(options: Any) -> bool:
    if options is None:
        return False
    unasked = options.get("resubscribeWithNoChallenge", True) if isinstance(options, dict) else None
    if not isinstance(unasked, bool):
        raise RowRefusedError("ApiSchemaViolation", "resubscribeOptions does not match the schema")
    return not unasked


def _choice(value: Any, choices: Mapping[str, str], code: str) -> str | None:
    if value is None:
        return None
    chosen = choices.get(value.lower()) if isinstance(value, str) else None
    if chosen is None:
        raise RowRefusedError(code, "A value of the e-mail channel is not one of the known ones")
    return chosen


def _lists(raw: Mapping[str, Any]) -> tuple[int, ...]:
    if "lists" not in raw:
        return ()
    lists = raw["lists"]
    if not isinstance(lists, list) or not 1 <= len(lists) <= MAX_LISTS:
        raise RowRefusedError("ApiSchemaViolation", "lists holds 1 to 100 ids")
    if any(isinstance(number, bool) or not isinstance(number, int) for number in lists):
        raise RowRefusedError("ApiSchemaViolation", "lists holds ids")
    return tuple(lists)


def _choices(raw: Mapping[str, Any]) -> dict[int, bool]:
    if "preferences" not in raw:
        return {}
    given = raw["preferences"]
    if not isinstance(given, list) or not given or not all(isinstance(each, dict) for each in given):
        raise RowRefusedError("ApiSchemaViolation", "preferences holds at least one object")
    if any(type(each.get("id")) is not int or type(each.get("isOptedIn")) is not bool for each in given):
        raise RowRefusedError("ApiSchemaViolation", "A preference has an id and isOptedIn")
    return {each["id"]: each["isOptedIn"] for each in given}
