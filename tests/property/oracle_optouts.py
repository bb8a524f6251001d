"""The oracle's opt-outs of one account: who is out in Dotdigital, which records follow, what the base learns of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.property.oracle_org import Org, Row, a_row, one_per_record
from tests.property.oracle_people import People

FIELDS = {
    "contact": "HasOptedOutOfEmail",
    "lead": "HasOptedOutOfEmail",
    "person_account": "PersonHasOptedOutOfEmail",
}


@dataclass(frozen=True)
class OptOut:
    """A contact who is out for a reason of CON-4, as things stood before anything was written."""

    contact: Row
    s_out: bool
    was_s: bool
    was_d: bool

    @property
    def is_due(self) -> bool:
        """CON-8, but not CON-9; and again while a record was refused, which leaves the base half moved."""
        if self.s_out:
            return self.was_s and not self.was_d
        return not self.was_s


class OptOuts:
    """Built for every account before any tick counts; `ticks` are the records to tick."""

    def __init__(self, org: Org, people: People) -> None:
        self.org = org
        self.people = people
        self.key = people.key
        self.out = {c["contact_id"]: self._opt_out(c) for c in people.contacts.values() if self._counts(c)}
        self.ticks = self._ticks()

    def _counts(self, contact: Row) -> bool:
        """CON scope: everyone on a linked book, in the base, or who is a record that was read."""
        here = contact["contact_id"]
        listed = {row["contact_id"] for row in self.org.rows.get(f"listed.{self.key}", [])}
        based = {contact_id for _, contact_id in self._bonds()}
        known = {contact_id for _, contact_id in self.people.memberships}
        addresses = {record["email_key"] for record in self.people.read.values()}
        in_scope = here in listed | based | known or contact["email_key"] in addresses
        return self.people.channel_out(contact) and contact["email_key"] is not None and in_scope

    def _opt_out(self, contact: Row) -> OptOut:
        pairs = self._pairs_of(contact["contact_id"])
        memory = self._memory(contact)
        return OptOut(
            contact,
            s_out=self._is_out_in_salesforce(contact),
            was_s=bool(memory) or any(pair["out_s"] for pair in pairs),
            was_d="settled" in memory or any(pair["out_d"] for pair in pairs),
        )

    def _pairs_of(self, contact_id: int) -> list[Row]:
        return [pair for pair in self.people.pairs.values() if pair["contact_id"] == contact_id]

    def _bonds(self) -> set[tuple[str, int]]:
        """Records and their contacts; of heirs also those that their former selves had (ID-5)."""
        return {(sf_id, pair["contact_id"]) for sf_id, pair in self.people.kept.items()} | self.people.left

    def _memory(self, contact: Row) -> set[str]:
        sought = self.org.hash(f"\x1f\x1f{contact['email_key']}")
        remembered = self.org.rows.get(f"remembered.{self.key}", [])
        return {r["reason"] for r in remembered if r["email_hash"] == sought} & {"ticked", "settled"}

    def _is_out_in_salesforce(self, contact: Row) -> bool:
        """On any record with that address, or that is the contact's pair."""
        bonds = {sf_id for sf_id, contact_id in self._bonds() if contact_id == contact["contact_id"]}
        ticked = {r["email_key"] for r in self.people.read.values() if r["sf_id"] in self.org.out_records}
        addresses = (self.org.out_addresses | ticked) - {None}
        read = (self.people.read.get(sf_id) for sf_id in bonds)
        return (
            contact["email_key"] in addresses
            or bool(bonds & self.org.out_records)
            or any(record is not None and record["email_key"] in addresses for record in read)
        )

    def _ticks(self) -> list[Row]:
        """All records with the address, of whatever account or none, and the pairs that were read; by the switch."""
        switch = {kind.value for kind in self.people.rules.consent.unsubscribe_to_salesforce}
        readings = [one_per_record(account, self.org.rows) for account in self.org.question.accounts]
        converted = {sf_id for read in readings for sf_id, record in read.items() if record["converted"]}
        records = [record for read in readings for record in read.values()] + self.org.rows.get("not_ticked", [])
        found: dict[str, tuple[Any, ...]] = {}
        for opt_out in self.out.values():
            if not opt_out.is_due:
                continue
            contact = opt_out.contact
            own = [self.people.read.get(sf_id) for sf_id, there in self._bonds() if there == contact["contact_id"]]
            addressed = [record for record in records if record["email_key"] == contact["email_key"]]
            for record in (*addressed, *filter(None, own)):
                sf_id, kind = record["sf_id"], record["record_type"]
                if kind in switch and sf_id not in self.org.out_records | converted:
                    row = (contact["contact_id"], kind, record["email_key"] or "")
                    found[sf_id] = min(found.get(sf_id, row), row)
        return [
            {"sf_id": sf_id, "contact_id": contact_id, "record_type": kind, "email_key": email or None}
            for sf_id, (contact_id, kind, email) in found.items()
        ]

    def tick_rows(self, active: dict[str, int]) -> list[Row]:
        """`active`: contact of each writer whose values travel."""
        return [self._tick_row(tick, active) for tick in self.ticks]

    def _tick_row(self, tick: Row, active: dict[str, int]) -> Row:
        sf_id, contact_id = tick["sf_id"], tick["contact_id"]
        pair = self.people.kept.get(sf_id)
        is_pair = contact_id in (active.get(sf_id), pair["contact_id"] if pair else None)
        is_only = sum(other["contact_id"] == contact_id for other in self.ticks) == 1
        return a_row(
            operation=f"opt_out_records:{self.key}",
            account=self.key,
            person=sf_id,
            sf_id=sf_id,
            record_type=tick["record_type"],
            contact_id=contact_id if is_pair else None,
            email=self.out[contact_id].contact["email"],
            aspect="consent",
            field=FIELDS[tick["record_type"]],
            old="false",
            new="true",
            decision="tick",
            reason="CON-8",
            expect_s="1",
            expect_d="1" if is_only else None,
        )

    def moves(self, active: dict[str, int]) -> list[Row]:
        """CON-10 of everybody who is not active; `people` now knows what will have been ticked."""
        due = {tick["contact_id"] for tick in self.ticks}
        agreed = {c: out for c, out in self.out.items() if out.s_out and c not in due}
        free = {
            contact_id: contact
            for contact_id, contact in self.people.contacts.items()
            if not self.people.channel_out(contact) and not self.people.s_out_contact(contact_id)
        }
        found = []
        for sf_id, pair in self.people.pairs.items():
            if sf_id in active or sf_id in self.people.heirs:
                continue
            if pair["contact_id"] in agreed and not (pair["out_s"] and pair["out_d"]):
                found.append(self._move(pair["contact_id"], "1", pair))
            if pair["contact_id"] in free and (pair["out_s"] or pair["out_d"]):
                found.append(self._move(pair["contact_id"], "0", pair))
        for contact_id, out in agreed.items():
            is_settled = out.was_s and out.was_d
            if not is_settled and not self._pairs_of(contact_id) and contact_id not in active.values():
                found.append(self._move(contact_id, "1", None))
        found += [
            self._move(c, "0", None) for c, contact in free.items() if contact["email_key"] and self._memory(contact)
        ]
        return found

    def _move(self, contact_id: int, state: str, pair: Row | None) -> Row:
        return a_row(
            operation="moves",
            account=self.key,
            person=pair["sf_id"] if pair else f"contact {contact_id}",
            sf_id=pair["sf_id"] if pair else None,
            record_type=pair["record_type"] if pair else None,
            contact_id=contact_id,
            email=None if pair else self.people.contacts[contact_id]["email"],
            aspect="consent",
            field="opted_out",
            decision="known",
            reason="CON-10",
            expect_s=state,
            expect_d=state,
        )


def is_touched(people: People, contact_id: int, all_ticks: list[Row], own: list[Row]) -> bool:
    """Whether a record of the person is to be ticked, by whichever account: the base waits for what becomes of it."""
    ids = {tick["sf_id"] for tick in all_ticks}
    addresses = {tick["email_key"] for tick in all_ticks} - {None}
    person = people.by_contact.get(contact_id)
    records = person.records if person else []
    paired = {pair["sf_id"] for pair in people.kept.values() if pair["contact_id"] == contact_id}
    return (
        people.contacts[contact_id]["email_key"] in addresses
        or bool(ids & paired)
        or any(record["sf_id"] in ids or record["email_key"] in addresses for record in records)
        or any(tick["contact_id"] == contact_id for tick in own)
    )
