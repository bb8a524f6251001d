"""Salesforce's error answers as errors by meaning.

What each code means stands in `codes`; an answer without a known code is judged by its status. Messages are the
vendor's own, without the values they quote: those are people's data.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

from sfdd_declare.model.errors import Conflict, Denied, NotFound, RateLimited, RemoteError, Terminal, Transient
from sfdd_declare.salesforce.codes import LIMITS, meaning_of
from sfdd_declare.wire.http import Reply
from sfdd_declare.wire.redact import scrub

EXPIRED = "INVALID_SESSION_ID"
DUPLICATE = "DUPLICATE_VALUE"
ROW_LOCK = "UNABLE_TO_LOCK_ROW"

#: A row that failed with one of these is tried again in the same run.
TRANSIENT_CODES = frozenset(
    {ROW_LOCK, "QUERY_TIMEOUT", "SERVER_UNAVAILABLE", "UNKNOWN_EXCEPTION", "REQUEST_RUNNING_TOO_LONG"}
)

#: The place in a result is lost: to ask for it again is no use, the query has to start over.
LOST_LOCATORS = frozenset({"INVALID_QUERY_LOCATOR", "INVALID_LOCATOR"})

#: The record is not there any more.
GONE_CODES = frozenset({"ENTITY_IS_DELETED", "INVALID_CROSS_REFERENCE_KEY", "NOT_FOUND"})

#: The record is not there any more, or it is and the user may not touch it: only a look at it tells.
HIDDEN_OR_GONE = "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY"

#: A new session would not help with these, although they come with a 401 as well.
_HOPELESS_SESSIONS = ("not valid for use with the REST API", "not attached to Agent")

_PLAN = "sfdd plan"
_TRANSIENT_STATUSES = frozenset({406, 420, 500, 502, 503, 504})
_TELLING_STATUSES = frozenset({404, 409, 412, 429})

_QUOTED_VALUES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(data value too large: ).*?( \(max length=\d+\))", re.DOTALL), r"\1•••\2"),
    (re.compile(r"(invalid email address: ).*", re.DOTALL), r"\1•••"),
    (re.compile(r"(bad value for restricted picklist field: ).*", re.DOTALL), r"\1•••"),
    (re.compile(r"(outside of (?:the )?valid range on numeric field: ).*", re.DOTALL), r"\1•••"),
    (re.compile(r"(from VALUE_\w+ value ).*?( or request may be missing.*)?$", re.DOTALL), r"\1•••"),
)


def classify(reply: Reply) -> RemoteError | None:
    """The error a REST reply stands for, or None."""
    if reply.status < 300 or reply.status == 304:
        is_page = "html" in reply.headers.get("content-type", "")
        return _page(reply) if is_page else None
    try:
        body = msgspec.json.decode(reply.body)
    except msgspec.DecodeError:
        return _by_status(reply.status, reply.template)
    return error_of(reply.status, body, reply.template)


def error_of(status: int, body: Any, template: str) -> RemoteError:
    """The error a decoded body stands for; also for the parts of a composite reply."""
    code, message = _first(body)
    if not code:
        return _by_status(status, template)
    text = f"Salesforce: {quoted(message)} ({code})"
    known = meaning_of(code)
    if known is None or (known.kind is Terminal and _tells_more(status) and known.id not in LIMITS):
        general = _by_status(status, template)
        detail = known.text if known else ""
        return type(general)(general.id, text, code=code, status=status, detail=detail, hint=general.hint)
    return known.kind(known.id, text, code=code, status=status, detail=known.text, hint=known.hint)


def is_expired(error: RemoteError, message: str = "") -> bool:
    """Whether a new session would help."""
    text = message or error.summary
    return error.code == EXPIRED and not any(words in text for words in _HOPELESS_SESSIONS)


def quoted(message: str) -> str:
    """A vendor's message on one line, without people's values, tokens and addresses."""
    for pattern, replacement in _QUOTED_VALUES:
        message = pattern.sub(replacement, message)
    return scrub(" ".join(message.split()))


def words_of(code: str, message: str) -> str:
    """What a refused row is told: the vendor's words, or ours for its code when there are none."""
    known = meaning_of(code)
    return quoted(message) or (known.text if known else "")


def _first(body: Any) -> tuple[str, str]:
    entry = body[0] if isinstance(body, list) and body else body
    if not isinstance(entry, dict):
        return "", ""
    code = entry.get("errorCode") or entry.get("error") or ""
    return str(code), str(entry.get("message") or entry.get("error_description") or code)


def _tells_more(status: int) -> bool:
    """Whether a status says more than that something was refused: it is not there, or may go through later."""
    return status in _TELLING_STATUSES or status >= 500


def _by_status(status: int, template: str) -> RemoteError:
    text = f"Salesforce answered {status} ({template})."
    if status == 429:
        return RateLimited("SFDD-E2008", text, status=status, hint=_PLAN)
    if status in _TRANSIENT_STATUSES or status >= 500:
        return Transient("SFDD-E2007", text, status=status, hint=_PLAN)
    if status == 401:
        return Denied("SFDD-E2108", text, code=EXPIRED, status=status, hint="salesforce.auth")
    if status == 403:
        return Denied("SFDD-E2124", text, status=status, hint="salesforce.auth.username")
    if status == 404:
        return NotFound("SFDD-E2125", text, status=status, hint=_PLAN)
    if status in (409, 412):
        return Conflict("SFDD-E2128", text, status=status, hint=_PLAN)
    return Terminal("SFDD-E2139", text, status=status, hint=_PLAN)


def _page(reply: Reply) -> RemoteError:
    text = f"{reply.host} answered with an HTML page where JSON was expected ({reply.template})."
    return Transient("SFDD-E2006", text, status=reply.status, hint="salesforce.login_url")
