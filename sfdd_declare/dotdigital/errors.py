"""Dotdigital's answers as errors by meaning.

There are two shapes of error: v2 has one `message` with an `ERROR_…` code in it (or none), v3 has `errorCode`,
`description` and `details`. Texts of the vendor are scrubbed of addresses, quoted values and long numbers before they
are kept. A 429 means two things: too many calls, or too many jobs; the code in the body tells them apart.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from sfdd_declare.model.errors import Conflict, Denied, NotFound, RateLimited, RemoteError, Terminal, Transient
from sfdd_declare.wire.pacing import retry_after

#: Seconds to wait when the flat scheme's rolling hour is used up: its answer does not say when calls come free again.
HOURLY_WAIT = 60.0

_V2_CODE = re.compile(r"ERROR_[A-Z_]+")
_ADDRESS = re.compile(r"[^\s'\"<>(),;:]+@[^\s'\"<>(),;]+")
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"|“[^”]*”")
_NUMBER = re.compile(r"\+?\d[\d .-]{4,}\d")


class TooManyJobs(Terminal):
    """All of the account's job slots are taken. Waiting for a window does not help: a job has to end first."""


@dataclass(frozen=True, slots=True)
class _Meaning:
    id: str
    kind: type[RemoteError]
    summary: str
    hint: str = ""  # `{account}` is the account's YAML path


_CREDENTIALS = _Meaning(
    "SFDD-E2201",
    Denied,
    "Dotdigital does not accept the API user or its password",
    "{account}.user / {account}.password",
)
_REGION = _Meaning(
    "SFDD-E2202",
    Denied,
    "Dotdigital refuses access: most likely the account lives in another region",
    "{account}.region: auto",
)
_RATE = _Meaning("SFDD-E2203", RateLimited, "Dotdigital's limit of calls is used up")
_JOBS = _Meaning("SFDD-E2204", TooManyJobs, "Dotdigital runs as many jobs of this account as it allows")
_MISSING = _Meaning("SFDD-E2205", NotFound, "Dotdigital does not know what was asked for", "sfdd plan")
_TAKEN = _Meaning("SFDD-E2206", Conflict, "The name or identifier is in use already in Dotdigital", "sfdd import")
_BUSY = _Meaning("SFDD-E2207", Transient, "Dotdigital is not available just now", "sfdd apply")
_REFUSED = _Meaning("SFDD-E2208", Terminal, "Dotdigital refused the request")
_FULL = _Meaning("SFDD-E2209", Terminal, "A limit of the Dotdigital account is reached")
_READ_ONLY = _Meaning(
    "SFDD-E2217",
    Terminal,
    "This address book belongs to Dotdigital and cannot be written",
    "address_books.<key>.existing",
)

_BY_CODE: Mapping[str, _Meaning] = {
    "ERROR_INVALID_LOGIN": _CREDENTIALS,
    "ERROR_APIUSAGE_EXCEEDED": _RATE,
    "ERROR_IMPORT_TOOMANYACTIVEIMPORTS": _JOBS,
    "contacts:tooManyActiveImports": _JOBS,
    "contacts:tooManyBulkDeleteJobs": _JOBS,
    "ERROR_ADDRESSBOOK_NOT_FOUND": _MISSING,
    "ERROR_CONTACT_NOT_FOUND": _MISSING,
    "ERROR_DATAFIELD_NOTFOUND": _MISSING,
    "ERROR_IMPORT_NOT_FOUND": _MISSING,
    "ERROR_ADDRESSBOOK_DUPLICATE": _TAKEN,
    "ERROR_NON_UNIQUE_DATAFIELD": _TAKEN,
    "ERROR_NON_UNIQUE_EMAIL": _TAKEN,
    "ERROR_ADDRESSBOOK_IN_USE": _BUSY,
    "ERROR_SYSTEM_SERVICETEMPORARILYUNAVAILABLE": _BUSY,
    "ERROR_ADDRESSBOOK_LIMITEXCEEDED": _FULL,
    "ERROR_DATAFIELD_LIMITEXCEEDED": _FULL,
    "ERROR_CONTACT_TOOMANY": _FULL,
    "ERROR_FEATURENOTACTIVE": _FULL,
    "ERROR_ADDRESSBOOK_NOTWRITABLE": _READ_ONLY,
}

_BY_STATUS: Mapping[int, _Meaning] = {
    401: _CREDENTIALS,
    403: _REGION,
    404: _MISSING,
    408: _BUSY,
    409: _TAKEN,
    429: _RATE,
}


def classify(status: int, headers: Mapping[str, str], body: bytes, *, account: str) -> RemoteError | None:
    """What an answer means; None when it is a success. `account` is the account's YAML key, for hints."""
    if 200 <= status < 300:
        return None
    code, text = _code_and_text(body)
    meaning = _BY_CODE.get(code) or _BY_STATUS.get(status) or (_BUSY if status >= 500 else _REFUSED)
    place = f"dotdigital.accounts.{account}"
    error = meaning.kind(
        meaning.id,
        meaning.summary,
        code=code or str(status),
        status=status,
        detail=scrubbed(text),
        where=place,
        hint=meaning.hint.format(account=place),
    )
    if isinstance(error, RateLimited):
        error.retry_after = retry_after(headers) or (HOURLY_WAIT if status == 400 else 0.0)
    return error


def scrubbed(text: str) -> str:
    """A vendor's text without addresses, quoted values and long numbers, cut to one short line."""
    text = " ".join(text.split())
    for pattern in (_ADDRESS, _QUOTED, _NUMBER):
        text = pattern.sub("•••", text)
    return text[:200]


def _code_and_text(body: bytes) -> tuple[str, str]:
    try:
        content: Any = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return "", ""
    if not isinstance(content, dict):
        return "", ""
    fields = {str(name).casefold(): value for name, value in content.items()}
    if "errorcode" in fields:
        return str(fields["errorcode"]), " ".join(
            (str(fields.get("description", "")), *_details(fields.get("details")))
        )
    message = str(fields.get("message", ""))
    found = _V2_CODE.search(message)
    return (found.group() if found else ""), message


def _details(details: object) -> tuple[str, ...]:
    """`item: description`; some answers say `error` instead of `description`."""
    if not isinstance(details, list):
        return ()
    entries = (entry for entry in details if isinstance(entry, dict))
    return tuple(
        f"{entry.get('item', '')}: {entry.get('description') or entry.get('error') or ''}" for entry in entries
    )
