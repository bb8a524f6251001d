"""How contacts look from outside: the v2 and the v3 form of the same row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sfdd_declare.sandbox.dotdigital import preferences, values
from sfdd_declare.sandbox.dotdigital.lookup import Contact
from sfdd_declare.sandbox.dotdigital.preferences import Preference
from sfdd_declare.sandbox.dotdigital.values import Field
from sfdd_declare.sandbox.world import World

COUNTRY = "GB"
"""The country that numbers are taken for when nothing else is said: the account's own."""
SECTIONS = ("channelProperties", "lists", "preferences", "consentRecords")
_V2_STATUS = {
    "subscribed": "Subscribed",
    "unsubscribed": "Unsubscribed",
    "softBounced": "SoftBounced",
    "hardBounced": "HardBounced",
    "ispComplained": "IspComplained",
    "pendingOptIn": "PendingOptIn",
    "directComplaint": "DirectComplaint",
    "deleted": "Deleted",
    "sharedsuppression": "SharedSuppression",
    "suppressed": "Suppressed",
    "domainSuppressed": "DomainSuppression",
}
_OVERALL = {
    "softBounced": "subscribed",
    "deleted": "deleted",
    "binned": "binned",
    **{name: name for name in ("subscribed", "unsubscribed", "pendingOptIn", "noSubscription")},
}


@dataclass(frozen=True, slots=True)
class View:
    """The names that an account's contacts are shown with."""

    fields: Mapping[str, Field]
    v2_names: Mapping[str, str]
    v3_names: Mapping[str, str]
    list_names: Mapping[int, str]
    preferences: Mapping[int, Preference]


def view(world: World, account: int) -> View:
    """The present names of an account's fields, lists and preferences."""
    fields = values.fields(world, account)
    with world.lock:
        rows = world.db.execute("SELECT id, name FROM dd_list WHERE account = ?", (account,)).fetchall()
    return View(
        fields=fields,
        v2_names={key: values.v2_name(world, field) for key, field in fields.items()},
        v3_names={key: values.v3_name(world, field) for key, field in fields.items()},
        list_names={row["id"]: row["name"] for row in rows},
        preferences=preferences.preferences(world, account),
    )


def v2_status(status: str) -> str:
    """An e-mail channel status in v2's words."""
    return _V2_STATUS.get(status, "NotAvailableInThisVersion")


def v2_contact(contact: Contact, names: View, *, with_full_data: bool) -> dict[str, Any]:
    """A contact as v2 shows it; every field of the account is there when asked for."""
    pairs = [{"key": name, "value": contact.data.get(key)} for key, name in names.v2_names.items()]
    return {
        "id": contact.id,
        "email": contact.email,
        "optInType": contact.opt_in,
        "emailType": contact.email_type,
        "dataFields": pairs if with_full_data else None,
        "status": v2_status(contact.status),
    }


def suppression(contact: Contact, names: View, *, at: str, reason: str) -> dict[str, Any]:
    """A v2 suppression record."""
    shown = v2_contact(contact, names, with_full_data=False)
    return {"suppressedContact": shown, "dateRemoved": at, "reason": reason}


def v3_contact(
    contact: Contact, names: View, *, fields: tuple[str, ...] | None, sections: tuple[str, ...]
) -> dict[str, Any]:
    """A contact as v3 shows it: the wanted fields (None leaves the part out) and sections only."""
    shown: dict[str, Any] = {
        "contactId": contact.id,
        "status": "binned" if contact.is_binned else _OVERALL.get(contact.status, "suppressed"),
        "created": contact.created,
        "updated": contact.updated,
        "identifiers": contact.identifiers,
    }
    if fields is not None:
        shown["dataFields"] = {names.v3_names[key]: contact.data.get(key) for key in fields}
    for section in sections:
        shown[section] = _section(section, contact, names)
    return shown


def _section(section: str, contact: Contact, names: View) -> Any:
    if section == "channelProperties":
        return {
            "email": {
                "status": contact.status,
                "emailType": contact.email_type,
                "optInType": contact.opt_in,
            },
            "sms": {"status": "noSubscription", "countryCode": COUNTRY},
        }
    if section == "lists":
        return [
            {"id": number, "name": names.list_names.get(number, ""), "status": contact.list_status(number)}
            for number in sorted(contact.lists)
        ]
    if section == "preferences":
        return [_preference(each) for each in names.preferences.values() if contact.choices.get(each.id)]
    return [record.shown() for record in contact.consents]


def _preference(each: Preference) -> dict[str, Any]:
    """A preference that a contact opted in to; the others are not told."""
    return {"id": each.id, "publicName": each.public_name, "privateName": each.private_name, "isOptedIn": True}
