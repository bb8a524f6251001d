"""What the sandbox's history must never show of us, whatever happens (INV-3, INV-4, INV-9)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sfdd_declare.model.canonical import email_key

#: Who we are in the histories of both systems.
US = frozenset({"apiuser-sandbox@apiconnector.com", "apiuser-events@apiconnector.com", "integration"})
OUT = frozenset({"unsubscribed", "suppressed"})
Entry = dict[str, Any]


@dataclass
class Past:
    """Replays the history in order. `wrongs` are entries of ours that should not be."""

    opted_out: set[str] = field(default_factory=set)  # contacts
    left_lists: set[tuple[str, str]] = field(default_factory=set)  # contact, list: unsubscribed from it by hand
    emails: dict[str, str] = field(default_factory=dict)  # of contacts
    addresses: dict[str, str] = field(default_factory=dict)  # of records
    ticked: set[str] = field(default_factory=set)  # records
    wrongs: list[str] = field(default_factory=list)

    def replay(self, entries: Iterable[Entry], allowed: Mapping[str, frozenset[str]]) -> None:
        """`allowed`: the fields that may be written, by `salesforce` and `dotdigital`."""
        for entry in entries:
            is_ours = entry["who"] in US
            if is_ours:
                self._judge(entry, allowed)
            if entry["system"] == "salesforce":
                self._follow_record(entry)
            else:
                self._follow_contact(entry, is_ours=is_ours)

    def _judge(self, entry: Entry, allowed: Mapping[str, frozenset[str]]) -> None:
        kind, name, record, new = entry["kind"], entry["field"], entry["record"], entry["new"]
        rules = {
            "CON-1": kind == "contact" and name == "status" and new == "subscribed" and entry["old"] is not None,
            "INV-3": kind == "contact" and name == "status" and new == "subscribed" and self._is_out(record),
            "INV-3, on a book": kind == "list_member" and new in ("subscribed", "pending") and self._is_out(record),
            "CON-5": kind == "list_member" and new not in (None, "suppressed") and (record, name) in self.left_lists,
            "INV-4": _is_value(entry) and name not in allowed[entry["system"]],
            "INV-9": name == "deleted"
            and kind in ("Contact", "Lead", "Account", "Campaign", "contact", "address_book"),
        }
        self.wrongs += [f"{rule}: {entry}" for rule, is_broken in rules.items() if is_broken]

    def _is_out(self, contact: str) -> bool:
        return contact in self.opted_out or self.emails.get(contact) in {self.addresses.get(r) for r in self.ticked}

    def _follow_record(self, entry: Entry) -> None:
        record, name, new = entry["record"], entry["field"], entry["new"]
        if entry["kind"] not in ("Contact", "Lead"):
            return
        values = new if name == "created" else {name: new}
        if name == "deleted":
            self.ticked.discard(record)
            self.addresses.pop(record, None)
        if values and "Email" in values:
            self.addresses[record] = folded(values["Email"])
        if values and "HasOptedOutOfEmail" in values:
            (self.ticked.add if values["HasOptedOutOfEmail"] else self.ticked.discard)(record)

    def _follow_contact(self, entry: Entry, *, is_ours: bool) -> None:
        kind, name, contact, new = entry["kind"], entry["field"], entry["record"], entry["new"]
        if kind == "contact" and name == "created":
            self.emails[contact] = folded(new["email"] if isinstance(new, dict) else new)
        elif kind == "contact" and name == "email":
            self.emails[contact] = folded(new)
        elif kind == "contact" and name == "status":
            (self.opted_out.add if new in OUT else self.opted_out.discard)(contact)
        elif kind == "list_member" and not is_ours and contact not in self.opted_out:
            (self.left_lists.add if new == "suppressed" else self.left_lists.discard)((contact, name))


def folded(email: object) -> str:
    return email_key(str(email or ""))


def _is_value(entry: Entry) -> bool:
    if entry["system"] == "dotdigital":
        return bool(entry["kind"] == "data_field")
    stamps = ("created", "deleted", "undeleted", "HasOptedOutOfEmail")
    return entry["kind"] in ("Contact", "Lead") and entry["field"] not in stamps
