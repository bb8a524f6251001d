"""Keeps secrets and personal data out of logs and error texts.

Our own log lines hold none to begin with. This is for texts that others wrote: vendors' messages, and whatever a
library logs about a request.
"""

from __future__ import annotations

import logging
import re

#: The log of every request: method, path template, status, milliseconds, attempt. Never bodies, tokens, query strings.
log = logging.getLogger("sfdd.wire")

_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"\b(Bearer|Basic)\s+[^\s\"',;]+", re.IGNORECASE), r"\1 •••"),
    (re.compile(r"\b00D\w{0,15}![\w.~+/=-]*"), "00D•••"),
    (
        re.compile(
            r"\b(access_token|refresh_token|client_secret|assertion|password)(\"?\s*[=:]\s*\"?)[^\s\"'&]+", re.I
        ),
        r"\1\2•••",
    ),
    (re.compile(r"\b([\w%+-])[\w.%+'-]*@([\w-]+(?:\.[\w-]+)+)"), r"\1•••@\2"),
    (re.compile(r"(https?://[^\s?\"']+)\?[^\s\"']+"), r"\1?•••"),
)


def scrub(text: str) -> str:
    """The text without tokens, passwords, query strings and the local part of email addresses."""
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    return text


class Redaction(logging.Filter):
    """A filter for log handlers: scrubs every record that passes, whoever wrote it."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Scrub the formatted message in place; never drops a record."""
        record.msg = scrub(record.getMessage())
        record.args = ()
        return True


def quiet_libraries() -> None:
    """Stop the HTTP libraries from logging requests: their lines hold whole URLs, and those hold SOQL."""
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)
