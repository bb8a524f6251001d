"""What a body has to be that makes or changes a subscription to events."""

from __future__ import annotations

from typing import Any

from sfdd_declare.sandbox.dotdigital.answers import Refusal, v3_error

EVENT_TYPES = frozenset(
    {"contact.created", "contact.updated", "contact.removed", "contact.membershipUpdated"}
    | {"contact.preferenceUpdated", "contact.consentAdded", "interaction.click", "interaction.unsubscribe"}
    | {"insightData.collectionCreated", "insightData.collectionRemoved", "insightData.removed", "insightData.set"}
    | {"message.sent", "message.status", "email.read", "email.doubleOptIn"}
)
"""The types that the vendor's description mentions; only what befalls contacts happens here."""
_MAX_NAME, _MAX_TYPES, _MAX_FILTERS, _MAX_PATTERN = 50, 100, 5, 1024
_KEYS = {"name", "status", "subscribedEventTypes", "alertsConfiguration"}


def invalid(text: str) -> Refusal:
    """What is answered to a call that does not match the vendor's description."""
    return v3_error(400, "events:badRequest", text)


def checked(body: Any) -> dict[str, Any]:
    """The subscription in a body. Raises Refusal."""
    if not isinstance(body, dict) or set(body) != _KEYS:
        raise invalid(f"A subscription has {', '.join(sorted(_KEYS))}")
    if not isinstance(body["name"], str) or not 1 <= len(body["name"]) <= _MAX_NAME:
        raise invalid(f"name is a text of 1 to {_MAX_NAME} characters")
    if body["status"] not in ("active", "inactive"):
        raise invalid("status is active or inactive")
    types = body["subscribedEventTypes"]
    if not isinstance(types, list) or not 1 <= len(types) <= _MAX_TYPES:
        raise invalid(f"subscribedEventTypes holds 1 to {_MAX_TYPES} types")
    for each in types:
        _check_type(each)
    _check_alerts(body["alertsConfiguration"])
    return body


def _check_type(each: Any) -> None:
    if not isinstance(each, dict) or not {"eventType"} <= set(each) <= {"eventType", "filters"}:
        raise invalid("An event type has eventType and perhaps filters")
    if not isinstance(each["eventType"], str) or each["eventType"] not in EVENT_TYPES:
        raise v3_error(400, "events:invalidEventType", f"The type value '{each['eventType']}' is invalid.")
    filters = each.get("filters", [{"field": "$", "matchPattern": "*"}])
    if not isinstance(filters, list) or not 1 <= len(filters) <= _MAX_FILTERS:
        raise invalid(f"filters holds 1 to {_MAX_FILTERS} filters")
    if not all(_is_filter(one) for one in filters):
        raise invalid("A filter has field and matchPattern, and perhaps caseSensitive")


def _is_filter(one: Any) -> bool:
    needed = {"field", "matchPattern"}
    if not isinstance(one, dict) or not needed <= set(one) <= needed | {"caseSensitive"}:
        return False
    pattern = one["matchPattern"]
    is_text = isinstance(one["field"], str) and isinstance(pattern, str) and 1 <= len(pattern) <= _MAX_PATTERN
    return is_text and isinstance(one.get("caseSensitive", True), bool)


def _check_alerts(alerts: Any) -> None:
    channels = alerts.get("alertChannels") if isinstance(alerts, dict) else None
    email = alerts.get("email") if isinstance(alerts, dict) else None
    if channels in ("none", "inApp") or (channels in ("email", "emailAndInApp") and "@" in str(email)):
        return
    raise invalid("alertsConfiguration has alertChannels, and an email where it alerts by e-mail")
