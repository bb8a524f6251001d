"""What is said of a query that cannot be read: where it is wrong, or that the sandbox is at its end."""

from __future__ import annotations

import re

from lark import UnexpectedCharacters, UnexpectedEOF, UnexpectedToken
from lark.exceptions import UnexpectedInput

from sfdd_declare.sandbox.salesforce.errors import Refusal, at_position

NOT_SUPPORTED = "not supported by the sandbox"

_GAPS = (
    r"with\s+(data\s+category|pricebookid|user\b)",
    r"group\s+by\s+(rollup|cube)\b",
    r"for\s+update\b",
    r"update\s+(tracking|viewstat)\b",
    r"(?:convertcurrency|converttimezone|distance|geolocation|grouping)(?=\s*\()",
    r"from\s+\w+(\s+\w+)?\s*,",
)
"""What Salesforce reads and the sandbox does not: a query with it that cannot be read says so."""

_STRING = re.compile(r"'(\\.|[^'\\])*'", re.DOTALL)


def malformed(text: str, error: UnexpectedInput) -> Refusal:
    """The refusal of a text that the grammar does not take."""
    return _gap(text) or _refusal(text, error)


def _gap(text: str) -> Refusal | None:
    blanked = _STRING.sub(lambda match: " " * len(match.group()), text)
    for pattern in _GAPS:
        found = re.search(pattern, blanked, re.IGNORECASE)
        if found is not None:
            what = " ".join(found.group().upper().rstrip(",").split())
            return Refusal("MALFORMED_QUERY", f"{what} is {NOT_SUPPORTED}")
    return None


def _refusal(text: str, error: UnexpectedInput) -> Refusal:
    if isinstance(error, UnexpectedCharacters):
        what = f"no viable alternative at character '{error.char}'"
        if error.char == "'":
            what = "mismatched character '<EOF>' expecting '''"
        message = f"line {error.line}:{error.column - 1} {what}"
        return Refusal("MALFORMED_QUERY", message)
    if isinstance(error, UnexpectedToken) and error.token.type != "$END":
        message = f"unexpected token: '{error.token}'"
        line, column = error.line, error.column
    else:
        assert isinstance(error, UnexpectedToken | UnexpectedEOF)
        message = "unexpected token: '<EOF>'"
        line = text.count("\n") + 1
        column = len(text) - (text.rfind("\n") + 1) + 1
    return Refusal("MALFORMED_QUERY", at_position(text, line, column, message))
