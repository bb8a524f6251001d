"""Dotdigital's answers as errors by meaning.

There are two shapes of error: v2 has one `message` with an `ERROR_…` code in it (or none), v3 has `errorCode`,
`description` and `details`, or a list of such. Texts of the vendor are scrubbed of addresses, quoted values and long
numbers before they are kept. A 429 means two things: too many calls, or too many jobs; the code in the body tells them
apart. What each code means stands in `codes`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from sfdd_declare.dotdigital.codes import BUSY, BY_STATUS, REFUSED, Meaning, meaning_of
from sfdd_declare.model.errors import RateLimited, RemoteError
from sfdd_declare.wire import redact
from sfdd_declare.wire.pacing import retry_after

#: Seconds to wait when the flat scheme's rolling hour is used up: its answer does not say when calls come free again.
HOURLY_WAIT = 60.0

_V2_CODE = re.compile(r"ERROR_[A-Z_]+")
_ADDRESS = re.compile(r"[^\s'\"<>(),;:]+@[^\s'\"<>(),;]+")
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"|“[^”]*”")
_NUMBER = re.compile(r"\+?\d[\d .-]{4,}\d")
_LONGEST = 200


def classify(status: int, headers: Mapping[str, str], body: bytes, *, account: str) -> RemoteError | None:
    """What an answer means; None when it is a success. `account` is the account's YAML key, for hints."""
    if 200 <= status < 300:
        return None
    code, text = _code_and_text(body)
    meaning = _meaning(status, code)
    place = f"dotdigital.accounts.{account}"
    error = meaning.kind(
        meaning.id,
        meaning.text,
        code=code or str(status),
        status=status,
        detail=scrubbed(text),
        where=place,
        hint=meaning.hint.format(account=place, key=account),
    )
    if isinstance(error, RateLimited):
        error.retry_after = retry_after(headers) or (HOURLY_WAIT if status == 400 else 0.0)
    return error


def scrubbed(text: str) -> str:
    """A vendor's text without addresses, quoted values and long numbers, cut to one short line."""
    text = " ".join(text.split())
    for pattern in (_ADDRESS, _QUOTED, _NUMBER):
        text = pattern.sub("•••", text)
    return text[:_LONGEST]


def of_things(text: str) -> str:
    """A vendor's text about things such as programs, cut to one short line: their names and numbers tell which."""
    return redact.scrub(" ".join(text.split()))[:_LONGEST]


def _meaning(status: int, code: str) -> Meaning:
    known = meaning_of(code)
    by_status = BUSY if status >= 500 else BY_STATUS.get(status)
    if known is None:
        return by_status or REFUSED
    # That something was refused says less than that it is not there or may go through later. A 403 without a code is
    # about the region, one with a code is not.
    gives_way = known.id == REFUSED.id and status != 403
    return by_status if by_status and gives_way else known


def _code_and_text(body: bytes) -> tuple[str, str]:
    """The first code there is, and what all entries say."""
    try:
        content: Any = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return "", ""
    found = [_entry(entry) for entry in _objects(content)]
    return next((code for code, _ in found if code), ""), " ".join(text for _, text in found if text)


def _entry(fields: Mapping[str, Any]) -> tuple[str, str]:
    if "errorcode" in fields:
        texts = (str(fields.get("description") or ""), *_details(fields.get("details")))
        return str(fields["errorcode"] or ""), " ".join(text for text in texts if text)
    message = str(fields.get("message") or "")
    code = _V2_CODE.search(message)
    return (code.group() if code else ""), message


def _details(details: object) -> Iterator[str]:
    """`item: description`; some answers say `error` instead of `description`, some put the list into `items`."""
    inner = next((value for fields in _objects(details) if isinstance(value := fields.get("items"), list)), details)
    yield from (entry for entry in (inner if isinstance(inner, list) else [inner]) if isinstance(entry, str))
    for fields in _objects(inner):
        yield f"{fields.get('item') or ''}: {fields.get('description') or fields.get('error') or ''}"


def _objects(content: object) -> Iterator[dict[str, Any]]:
    """The objects in a list, or the one there is, with keys in lower case."""
    for entry in content if isinstance(content, list) else [content]:
        if isinstance(entry, dict):
            yield {str(name).casefold(): value for name, value in entry.items()}
