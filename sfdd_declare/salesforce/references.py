"""References of a plan to ids that are known only after apply."""

from __future__ import annotations

from collections.abc import Mapping

from sfdd_declare.model.errors import BugError
from sfdd_declare.model.operation import Operation
from sfdd_declare.model.state import Scalar


def resolved(value: Scalar, ids: Mapping[str, str]) -> Scalar:
    """The value, or the id that `@campaign.key` or `@address_book.key` stands for."""
    if not isinstance(value, str) or not value.startswith(("@campaign.", "@address_book.")):
        return value
    if value not in ids:
        raise BugError("SFDD-E9922", f"The id behind {value} is not known at this point of the apply.")
    return ids[value]


def body_of(operation: Operation, ids: Mapping[str, str]) -> dict[str, Scalar]:
    """The fields an operation writes, as the vendor names them; None clears."""
    return {change.name: resolved(change.new, ids) for change in operation.fields}


def payload_of(operation: Operation, ids: Mapping[str, str]) -> dict[str, Scalar]:
    """The operation's payload with its references resolved."""
    return {name: resolved(value, ids) for name, value in operation.payload}
