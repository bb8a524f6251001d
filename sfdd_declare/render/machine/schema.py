"""The JSON Schemas of the documents, generated from their shapes."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Any

from sfdd_declare.render.machine.apply import ApplyDocument
from sfdd_declare.render.machine.drift import DriftDocument
from sfdd_declare.render.machine.error import ErrorDocument
from sfdd_declare.render.machine.events import Message
from sfdd_declare.render.machine.explain import ExplainDocument
from sfdd_declare.render.machine.history import HistoryDocument
from sfdd_declare.render.machine.ledger import LedgerDocument
from sfdd_declare.render.machine.notification import NotificationDocument
from sfdd_declare.render.machine.plan_shapes import PlanDocument
from sfdd_declare.render.machine.probe import ProbeDocument
from sfdd_declare.render.machine.state import StateDocument
from sfdd_declare.render.machine.status import StatusDocument
from sfdd_declare.render.machine.validate import ValidateDocument

DIALECT = "https://json-schema.org/draft/2020-12/schema"


class DocumentKind(StrEnum):
    """The `kind` of each document; `events` is each line of the stream."""

    PLAN = "plan"
    APPLY = "apply"
    DRIFT = "drift"
    ERROR = "error"
    ERRORS = "errors"
    EVENTS = "events"
    EXPLAIN = "explain"
    HISTORY = "history"
    NOTIFICATION = "notification"
    PROBE = "probe"
    STATE = "state"
    STATUS = "status"
    VALIDATE = "validate"


_SHAPES: dict[DocumentKind, Any] = {
    DocumentKind.PLAN: PlanDocument,
    DocumentKind.APPLY: ApplyDocument,
    DocumentKind.DRIFT: DriftDocument,
    DocumentKind.ERROR: ErrorDocument,
    DocumentKind.ERRORS: LedgerDocument,
    DocumentKind.EVENTS: Message,
    DocumentKind.EXPLAIN: ExplainDocument,
    DocumentKind.HISTORY: HistoryDocument,
    DocumentKind.NOTIFICATION: NotificationDocument,
    DocumentKind.PROBE: ProbeDocument,
    DocumentKind.STATE: StateDocument,
    DocumentKind.STATUS: StatusDocument,
    DocumentKind.VALIDATE: ValidateDocument,
}


def schema(kind: DocumentKind) -> dict[str, Any]:
    """The schema of one kind of document. Names that it does not know are valid: later versions add some."""
    from pydantic import TypeAdapter  # noqa: PLC0415 - slow to build, and only schemas need it

    shape: TypeAdapter[Any] = TypeAdapter(_SHAPES[kind])
    found = shape.json_schema(mode="serialization")
    for part in found.get("$defs", {}).values():
        if "enum" in part:  # their descriptions are written for who reads the code
            part.pop("description", None)
    return {"$schema": DIALECT, **_untitled(found), "title": f"sfdd {kind.value}"}


def schema_text(kind: DocumentKind) -> str:
    """The schema as it stands in its file."""
    return json.dumps(schema(kind), indent=2, ensure_ascii=False) + "\n"


def _untitled(part: Any) -> Any:
    """Without the titles that repeat each name in other letters."""
    if isinstance(part, list):
        return [_untitled(each) for each in part]
    if not isinstance(part, dict):
        return part
    kept = {name: value for name, value in part.items() if not (name == "title" and isinstance(value, str))}
    return {name: _untitled(value) for name, value in kept.items()}
