"""Creating and changing contacts by v3 rows: what an import and the single v3 calls have in common."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sfdd_declare.sandbox.dotdigital import lookup, preferences
from sfdd_declare.sandbox.dotdigital.changes import Changes
from sfdd_declare.sandbox.dotdigital.lookup import Contact, email_key
from sfdd_declare.sandbox.dotdigital.rows import Channel, Row, RowRefusedError
from sfdd_declare.sandbox.dotdigital.values import UnfitError, Writing, writing
from sfdd_declare.sandbox.world import World


@dataclass(frozen=True, slots=True)
class Rules:
    """The account's state and the switches that decide about rows, read once per import."""

    writing: Writing
    lists: frozenset[int]
    preferences: frozenset[int]
    preference_names: Mapping[str, int]
    merge: str
    globally_suppressed: frozenset[str]
    suppressed_domains: frozenset[str]
    undeletes: bool
    clears_optout: bool
    creates_suppressed: bool
    double_opt_in: bool


def rules_of(world: World, account: int, merge: str) -> Rules:
    """What decides about rows in this account at present."""
    with world.lock:
        lists = world.db.execute("SELECT id FROM dd_list WHERE account = ?", (account,)).fetchall()
    known = preferences.preferences(world, account)
    suppressed = world.setting("dotdigital.globally_suppressed", [])
    domains = world.setting("dotdigital.suppressed_domains", [])
    return Rules(
        writing=writing(world, account),
        lists=frozenset(row["id"] for row in lists),
        preferences=frozenset(number for number, each in known.items() if each.is_preference),
        preference_names=preferences.by_name(known),
        merge=merge,
        globally_suppressed=frozenset(email_key(email) for email in suppressed),
        suppressed_domains=frozenset(domain.lower() for domain in domains),
        undeletes=world.switch("import_undeletes_binned") == "yes",
        clears_optout=world.switch("import_clears_list_optout") == "yes",
        creates_suppressed=world.switch("new_contact_status_suppressed") == "accepted",
        double_opt_in=bool(world.setting("dotdigital.enforce_double_opt_in", False)),
    )


class People:
    """The contacts that rows may mean, found by address, number or id; kept current while rows are applied."""

    def __init__(self, world: World, account: int, rows: Sequence[Row]) -> None:
        by_id = lookup.by_ids(world, account, [row.contact_id for row in rows if row.contact_id])
        by_email = lookup.by_emails(world, account, [row.email for row in rows if row.email])
        by_mobile = {
            row.mobile: found
            for row in rows
            if row.mobile and (found := lookup.find(world, account, "mobileNumber", row.mobile))
        }
        by_custom = lookup.by_custom(world, account, [pair for row in rows for pair in row.custom.items()])
        # One object per contact, whichever way it was found.
        self._by_id = by_id
        for found in (*by_email.values(), *by_mobile.values(), *by_custom.values()):
            self._by_id.setdefault(found.id, found)
        self._by_email = {key: self._by_id[found.id] for key, found in by_email.items()}
        self._by_mobile = {key: self._by_id[found.id] for key, found in by_mobile.items()}
        self._by_custom = {pair: self._by_id[found.id] for pair, found in by_custom.items()}

    def find(self, row: Row) -> Contact | None:
        """The contact that a row's match identifier names."""
        if row.match == "contactId":
            return self._by_id.get(row.contact_id or 0)
        if row.match == "email":
            return self._by_email.get(email_key(row.email or ""))
        if row.match == "mobileNumber":
            return self._by_mobile.get(row.mobile or "")
        return self._by_custom.get((row.match, row.custom[row.match]))

    def same(self, contact: Contact) -> Contact:
        """The object that stands for a contact here, which it becomes if there is none yet."""
        return self._by_id.setdefault(contact.id, contact)

    def is_free(self, row: Row, contact: Contact | None) -> bool:
        """Whether the row's identifiers belong to nobody else."""
        by_email = None if row.email is None else self._by_email.get(email_key(row.email))
        by_mobile = None if row.mobile is None else self._by_mobile.get(row.mobile)
        by_custom = [self._by_custom.get(pair) for pair in row.custom.items()]
        return all(other is None or other is contact for other in (by_email, by_mobile, *by_custom))

    def forget(self, contact: Contact) -> None:
        """The contact is about to change its identifiers."""
        self._by_email.pop(email_key(contact.email or ""), None)
        self._by_mobile.pop(contact.mobile or "", None)
        for pair in contact.custom.items():
            self._by_custom.pop(pair, None)

    def note(self, contact: Contact) -> None:
        """The contact is new or has changed its identifiers."""
        self._by_id[contact.id] = contact
        if contact.email is not None:
            self._by_email[email_key(contact.email)] = contact
        if contact.mobile is not None:
            self._by_mobile[contact.mobile] = contact
        self._by_custom.update(dict.fromkeys(contact.custom.items(), contact))


class Upsert:
    """One unit of creating and changing contacts by rows. Use inside a transaction, then `store`."""

    def __init__(self, world: World, account: int, who: str, rows: Sequence[Row], *, merge: str = "overwrite") -> None:
        self.rules = rules_of(world, account, merge)
        self.people = People(world, account, rows)
        self.changes = Changes(world, account, who)

    def check(self, row: Row) -> None:
        """Refuse addresses that the vendor mails to for nobody. Raises RowRefusedError."""
        if row.email is None:
            return
        key = email_key(row.email)
        if key in self.rules.globally_suppressed:
            raise RowRefusedError("globallySuppressed", "The address is globally suppressed")
        if key.rpartition("@")[2] in self.rules.suppressed_domains:
            raise RowRefusedError("SuppressedByDomain", "The domain is suppressed")

    def save(self, row: Row, contact: Contact | None) -> Contact:
        """Create or change a contact as a row says, lists apart; restores a binned one.

        Raises RowRefusedError before anything is changed.
        """
        if not self.people.is_free(row, contact):
            raise RowRefusedError("duplicateIdentifier", "An identifier belongs to another contact")
        try:
            values = self.rules.writing.values(row.values)
        except UnfitError as error:
            raise RowRefusedError("InvalidContact", str(error)) from error
        if not self.rules.preferences.issuperset(row.choices):
            raise RowRefusedError("ApiSchemaViolation", "A preference does not exist")
        if contact is None and row.email is None and row.mobile is None and row.custom:
            raise RowRefusedError("NoValidIdentifiers", "A custom identifier cannot be a contact's only one")
        if contact is None:
            contact = self._create(row)
        else:
            self._rename(row, contact)
            _change_channel(row.channel, contact, self.changes)
        for name, value in row.custom.items():
            self.changes.set_custom(contact, name, value)
        self.people.note(contact)
        if row.values:
            self.changes.set_values(contact, _merged(values, contact, self.rules.merge))
        if contact.is_binned:
            self.changes.restore(contact)
        for number, is_in in self._choices(row).items():
            self.changes.choose(contact, number, is_in=is_in)
        for record in row.consents:
            self.changes.consent(contact, record)
        return contact

    def _choices(self, row: Row) -> dict[int, bool]:
        """What a row chooses, by id; a name that no preference has is passed over."""
        names = self.rules.preference_names
        return {names[name]: is_in for name, is_in in row.named_choices.items() if name in names} | dict(row.choices)

    def attach(self, row: Row, contact: Contact) -> bool:
        """Put a contact on the row's lists; False when one of them does not exist."""
        for list_id in row.lists:
            if list_id in self.rules.lists:
                self.changes.join(contact, list_id, clears_optout=self.rules.clears_optout)
        return self.rules.lists.issuperset(row.lists)

    def refuses_status(self, row: Row) -> bool:
        """Whether a new contact cannot be given the status that the row asks for."""
        return row.channel.status == "suppressed" and not self.rules.creates_suppressed

    def store(self) -> None:
        """Write everything."""
        self.changes.store()

    def _create(self, row: Row) -> Contact:
        asked = row.channel.status
        if self.refuses_status(row):
            asked = None
        confirms = self.rules.double_opt_in or row.channel.opt_in == "VerifiedDouble"
        status = asked or ("pendingOptIn" if confirms else "subscribed")
        if status == "subscribed" and confirms:
            status = "pendingOptIn"
        return self.changes.create(
            email=row.email,
            mobile=row.mobile,
            status=status if row.email is not None else "noSubscription",
            opt_in=row.channel.opt_in or "Single",
            email_type=row.channel.email_type or "Html",
        )

    def _rename(self, row: Row, contact: Contact) -> None:
        new_email = row.email if row.email and email_key(row.email) != email_key(contact.email or "") else None
        new_mobile = row.mobile if row.mobile and row.mobile != contact.mobile else None
        if new_email or new_mobile or row.custom:
            self.people.forget(contact)
        if new_email:
            self.changes.set_email(contact, new_email)
        if new_mobile:
            self.changes.set_mobile(contact, new_mobile)


def _change_channel(channel: Channel, contact: Contact, changes: Changes) -> None:
    if channel.opt_in or channel.email_type:
        changes.set_kind(contact, opt_in=channel.opt_in, email_type=channel.email_type)
    # A contact that is out stays as it is, unless somebody subscribes it again without asking it.
    comes_back = channel.status == "subscribed" and not channel.asks
    if channel.status is not None and (not contact.is_out or comes_back):
        changes.set_status(contact, channel.status)


def _merged(values: Mapping[str, Any], contact: Contact, merge: str) -> Mapping[str, Any]:
    if merge == "overwriteIfNotEmpty":
        return {key: value for key, value in values.items() if value not in (None, "")}
    if merge == "overwriteIfEmpty":
        return {key: value for key, value in values.items() if contact.data.get(key) in (None, "")}
    return values
