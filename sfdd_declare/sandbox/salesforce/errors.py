"""Refusals in the form Salesforce gives them.

One exception carries code, message and fields. A whole request turns it into a list with `errorCode`,
a row of a collection into an entry with `statusCode`; only the place where it is caught differs.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

_STATUS = {
    "INVALID_SESSION_ID": 401,
    "REQUEST_LIMIT_EXCEEDED": 403,
    "INSUFFICIENT_ACCESS": 403,
    "FUNCTIONALITY_NOT_ENABLED": 403,
    "NOT_FOUND": 404,
    "ENTITY_IS_DELETED": 404,
    "METHOD_NOT_ALLOWED": 405,
    "API_VERSION_MISMATCH": 409,
    "UNSUPPORTED_API_VERSION": 410,
    "JOB_NOT_COMPLETE": 412,
    "REQUEST_TOO_LARGE": 413,
    "URI_TOO_LONG": 414,
    "UNSUPPORTED_MEDIA_TYPE": 415,
    "REQUEST_HEADER_FIELDS_TOO_LARGE": 431,
}

GONE = "The requested resource does not exist"


class Refusal(Exception):
    """Salesforce says no: to one row, or to the whole request."""

    def __init__(
        self, code: str, message: str, fields: tuple[str, ...] | None = None, *, status: int | None = None
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.fields = fields
        self.status = status or _STATUS.get(code, 400)
        self.allowed: tuple[str, ...] = ()

    @property
    def headers(self) -> dict[str, str]:
        """What HTTP demands beside the body: how to log in (RFC 9110, 15.5.2), which methods there are (15.5.6)."""
        if self.status == 401:
            return {"WWW-Authenticate": "Token"}
        return {"Allow": ", ".join(self.allowed)} if self.status == 405 else {}

    def body(self) -> list[dict[str, Any]]:
        """The body of a refused request."""
        entry: dict[str, Any] = {"message": self.message, "errorCode": self.code}
        if self.fields is not None:
            entry["fields"] = list(self.fields)
        return [entry]

    def row(self) -> dict[str, Any]:
        """The result of a refused row; it has no id."""
        error = {"statusCode": self.code, "message": self.message, "fields": list(self.fields or ())}
        return {"success": False, "errors": [error]}


def not_found(message: str = GONE) -> Refusal:
    """The record or the path is not there."""
    return Refusal("NOT_FOUND", message)


def not_allowed(method: str, allowed: Iterable[str]) -> Refusal:
    """A method that the resource has not."""
    known = tuple(allowed)
    refusal = Refusal("METHOD_NOT_ALLOWED", f"HTTP Method '{method}' not allowed. Allowed are {','.join(known)}")
    refusal.allowed = known
    return refusal


def malformed_json(message: str) -> Refusal:
    """A body, or a value in it, that cannot be read."""
    return Refusal("JSON_PARSER_ERROR", message)


def unsupported_media_type(content_type: str) -> Refusal:
    """A body in a form that the resource does not take."""
    kind = content_type.partition(";")[0].strip()
    return Refusal("UNSUPPORTED_MEDIA_TYPE", f"MediaType of '{kind}' is not supported by this resource")


def not_in_the_sandbox(what: str) -> Refusal:
    """Something the real service has and the sandbox has not."""
    return Refusal("FUNCTIONALITY_NOT_ENABLED", f"{what} is not supported by the sandbox")


def no_such_object(name: str) -> Refusal:
    """An object that does not exist or that the user may not see."""
    return Refusal(
        "INVALID_TYPE",
        f"sObject type '{name}' is not supported. If you are attempting to use a custom object, be sure to "
        "append the '__c' after the entity name. Please reference your WSDL or the describe call for the "
        "appropriate names.",
    )


def no_such_column(field: str, entity: str) -> str:
    """What a query says about a field that does not exist or that is hidden: the same words for both."""
    return (
        f"No such column '{field}' on entity '{entity}'. If you are attempting to use a custom field, be sure to "
        "append the '__c' after the custom field name. Please reference your WSDL or the describe call for the "
        "appropriate names."
    )


def at_position(text: str, line: int, column: int, message: str) -> str:
    """The message with the place in the query in front of it, drawn as Salesforce draws it (1-based)."""
    rows = text.split("\n") or [""]
    row = rows[min(line, len(rows)) - 1]
    start = max(0, column - 1 - 40)
    shown = row[start : column + 60]
    return f"\n{shown}\n{' ' * (column - 1 - start)}^\nERROR at Row:{line}:Column:{column}\n{message}"
