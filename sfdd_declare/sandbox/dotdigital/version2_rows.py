"""A contact as v2 bodies give it, turned into the row that everything is written by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sfdd_declare.sandbox.dotdigital.answers import Refusal, v2_error
from sfdd_declare.sandbox.dotdigital.consents import of_fields
from sfdd_declare.sandbox.dotdigital.rows import Row, RowRefusedError, parse_row
from sfdd_declare.sandbox.dotdigital.values import OverlongError, UnknownFieldError

MERGE_OPTIONS = {
    **dict.fromkeys(("0", "overwrite"), "overwrite"),
    **dict.fromkeys(("1", "onlyoverwriteifnotempty"), "overwriteIfNotEmpty"),
    **dict.fromkeys(("2", "onlyoverwriteifcontactdatanotpopulated"), "overwriteIfEmpty"),
}
"""v2's merge options, by number or lower-cased name, in v3's words."""
PREFERENCE = "preference:"
"""What the key of a preference among the data fields begins with."""
_ERRORS = {
    "invalidEmail": ("The e-mail address is not valid", "ERROR_INVALID_EMAIL"),
    "duplicateIdentifier": ("The e-mail address belongs to another contact", "ERROR_NON_UNIQUE_EMAIL"),
    "globallySuppressed": ("The contact is suppressed", "ERROR_CONTACT_SUPPRESSED"),
    "SuppressedByDomain": ("The e-mail address is banned", "ERROR_EMAIL_BANNED"),
}


def parse_contact(raw: Any, *, lists: tuple[int, ...] = (), contact_id: int | None = None, agrees: bool = False) -> Row:
    """The row that a v2 contact stands for, matched by its id if one is given, else by its address.

    Its consent records are taken only where the call knows of them. Raises RowRefusedError.
    """
    if not isinstance(raw, dict):
        raise RowRefusedError("ApiSchemaViolation", "The contact is not an object")
    given = {str(key).lower(): value for key, value in raw.items()}
    email = given.get("email")
    if not isinstance(email, str) or not email.strip():
        raise RowRefusedError("invalidEmail", "The contact has no e-mail address")
    kinds = {"optInType": given.get("optintype"), "emailType": given.get("emailtype")}
    body: dict[str, Any] = {
        "matchIdentifier": "email",
        "identifiers": {"email": email},
        "dataFields": _values(given.get("datafields")),
        "channelProperties": {"email": {name: kind for name, kind in kinds.items() if kind is not None}},
    }
    if contact_id is not None:
        body |= {"matchIdentifier": "contactId", "identifiers": {"email": email, "contactId": contact_id}}
    row = replace(parse_row(body).on(lists), named_choices=_choices(given.get("datafields")))
    return row.agreeing(of_fields, given, "consentfields") if agrees else row


def refusal_of(refused: RowRefusedError) -> Refusal:
    """What v2 answers for a contact that cannot be written."""
    cause = refused.__cause__
    if isinstance(cause, UnknownFieldError):
        return v2_error(400, "The data field could not be found", "ERROR_DATAFIELD_NOTFOUND")
    if isinstance(cause, OverlongError):
        return v2_error(400, "The value of a data field is too long", "ERROR_DATAFIELD_VALUE_OVERFLOW")
    if refused.code == "InvalidContact":
        return v2_error(400, "A data field is not valid", "ERROR_DATAFIELD_INVALID")
    text, code = _ERRORS.get(refused.code, ("The contact is not valid", "ERROR_CONTACT_INVALID"))
    return v2_error(400, text, code)


def _values(pairs: Any) -> Mapping[str, Any]:
    """Data fields as key and value; preferences, which come among them, are none."""
    return {key: value for key, value in _pairs(pairs) if not key.lower().startswith(PREFERENCE)}


def _choices(pairs: Any) -> dict[str, bool]:
    """The preferences among the data fields, by folded name; a blank value says nothing."""
    given = {key[len(PREFERENCE) :].strip().casefold(): value for key, value in _preferences(pairs)}
    return {name: _flag(value) for name, value in given.items()}


def _preferences(pairs: Any) -> list[tuple[str, Any]]:
    return [
        (key, value) for key, value in _pairs(pairs) if key.lower().startswith(PREFERENCE) and value not in (None, "")
    ]


def _flag(value: Any) -> bool:
    text = str(value).strip().lower()
    if text not in ("true", "false"):
        raise RowRefusedError("ApiSchemaViolation", "A preference is neither True nor False")
    return text == "true"


def _pairs(pairs: Any) -> list[tuple[str, Any]]:
    if pairs is None:
        return []
    if not isinstance(pairs, list) or not all(isinstance(pair, dict) for pair in pairs):
        raise RowRefusedError("ApiSchemaViolation", "dataFields is not an array of keys and values")
    folded = [{str(name).lower(): value for name, value in pair.items()} for pair in pairs]
    if not all(isinstance(pair.get("key"), str) for pair in folded):
        raise RowRefusedError("ApiSchemaViolation", "A data field has no key")
    return [(pair["key"], pair.get("value")) for pair in folded]
