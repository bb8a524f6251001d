"""The oracle's people of one account: which records and contact are one person, who is opted out, who is wanted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sfdd_declare.model.mapping import RecordType
from sfdd_declare.people.question import AccountRules
from tests.property.oracle_identity import Facts
from tests.property.oracle_org import OPT_OUTS, Org, Row, one_per_contact, one_per_record, pairs_of


@dataclass
class Person:
    """All records of one person in one account, and the contact, if there is one."""

    contact: Row | None = None
    contact_id: int | None = None
    records: list[Row] = field(default_factory=list)

    @property
    def free(self) -> list[Row]:
        return [record for record in self.records if record["hold"] is None]

    @property
    def is_frozen(self) -> bool:
        return any(record["hold"] for record in self.records)


class People:
    """One account of the org before anything is decided."""

    def __init__(self, org: Org, rules: AccountRules) -> None:
        self.org = org
        self.rules = rules
        self.key = rules.key
        self.reasons = set(rules.consent.reasons) or OPT_OUTS
        self.mapped = {s.record_type.value: s for s in rules.sets}
        self.carried: set[int] = set()  # contacts opted out because another one is (ID-4)
        self.contacts = one_per_contact(rules, org.rows)
        self.read = one_per_record(rules, org.rows)
        self.pairs = pairs_of(rules, org.rows)
        past = org.successions[rules.key]
        self.heirs, self.left = past.heirs, past.left
        self.records = {sf_id: record for sf_id, record in self.read.items() if sf_id not in self.heirs}
        self.kept = {**self.pairs, **past.taken}  # with those that heirs take over
        rows = org.rows.get(f"memberships.{rules.key}", [])
        self.memberships = {(row["address_book"], row["contact_id"]): row for row in rows}
        self.after = {contact_id: dict(contact) for contact_id, contact in self.contacts.items()}  # the renames
        self.by_address: dict[str, int] = {}
        self.newcomers: list[tuple[str, int]] = []
        self.people = self._people()
        self.by_contact = {p.contact_id: p for p in self.people.values() if p.contact_id is not None}

    def _rank(self, kind: str) -> int:
        return [t.value for t in (*self.org.question.precedence, *RecordType)].index(kind)

    def _hold(self, record: Row) -> str | None:
        pair = self.kept.get(record["sf_id"])
        if record["converted"]:
            return "converted lead"
        if pair and pair["contact_id"] not in self.contacts:
            return "deleted in Dotdigital"
        return None if record["email_key"] else "no address"

    def _rename(self) -> None:
        """ID-4: decide the renames; `staying` is the contact a record stays with, `former` the one it leaves."""
        facts = Facts(self.records, self.kept, self.contacts, self.org.hash, self._first, self._is_barred)
        self.renames = facts.decide()
        for contact_id, (record, _) in self.renames.taken.items():
            self.after[contact_id] |= {"email": record["email"].strip(), "email_key": record["email_key"]}
        for contact_id in sorted(self.after, reverse=True):
            if self.after[contact_id]["email_key"]:
                self.by_address[self.after[contact_id]["email_key"]] = contact_id
        movers = [record for record in self.records.values() if facts.is_mover(record)]
        for record in self.records.values():
            record["staying"], record["former"], record["carries"] = facts.contact_of(record), None, False
        for record in movers:
            contact_id = record["staying"]
            if contact_id in self.renames.taken and self.after[contact_id]["email_key"] == record["email_key"]:
                continue
            if contact_id in self.renames.stopped or record["email_key"] in self.renames.addresses:
                record["hold"] = "stopped"
            else:
                record["staying"], record["former"] = None, contact_id

    def _is_barred(self, contact_id: int, address: str) -> bool:
        """No contact that may be mailed gets an address that is opted out, or the one of a deleted contact."""
        if self._is_lost(address) or self._is_refused(address):
            return True
        if self.channel_out(self.contacts[contact_id]):
            return False
        books = {
            r["address_book"] for r in self.org.rows.get(f"listed.{self.key}", []) if r["contact_id"] == contact_id
        }
        told = {
            r["address_book"] for r in self.org.rows.get(f"list_optouts.{self.key}", []) if r["email_key"] == address
        }
        if any(book in told or self.remembers_opt_out(book, address) for book in books):
            return True
        is_ticked = address in self.org.out_addresses and not self.rules.consent.opt_out_to_dotdigital
        return is_ticked or self.org.out_by_dotdigital(self.rules, address)

    def _is_lost(self, address: str | None) -> bool:
        lost = [p for p in self.pairs.values() if p["contact_id"] not in self.contacts]
        known = {hash_ for pair in lost for hash_ in (pair["email_s"], pair["email_d"])}
        return address is not None and self.org.hash(address) in known

    def _people(self) -> dict[str, Person]:
        people: dict[str, Person] = {}
        for record in self.records.values():
            record["hold"] = self._hold(record)
        self._rename()
        self.own_hold = {sf_id: record["hold"] for sf_id, record in self.records.items()}
        for record in self.records.values():
            name, contact_id = self._identity(record)
            record["hold"] = record["hold"] or self._hold_of_contact(record, contact_id)
            if name is None:
                continue
            person = people.setdefault(name, Person(self.contacts.get(contact_id or -1), contact_id))
            person.records.append(record)
        for record in self.records.values():
            self._carry(record, people)
        return people

    def _carry(self, record: Row, people: dict[str, Person]) -> None:
        """ID-4: an opt-out of the contact that is left, or of the one that is met, holds for both."""
        record["carries"] = record["meets"] = False
        left = {contact_id for heir, contact_id in self.left if heir == record["sf_id"]}
        former = {record["former"]} - {None}
        if record["hold"] or not former | left:
            return
        contact_id = people[record["person"]].contact_id
        everybody = {p.contact_id: p for p in people.values() if p.contact_id is not None}
        brings = any(self._is_out_contact(contact, everybody) for contact in former if contact in self.contacts)
        carries = brings or any(self._is_out_contact(contact, everybody) for contact in left)
        meets = contact_id is not None and self._is_out_contact(contact_id, everybody)
        if former and contact_id is not None and (brings or meets) and not self.rules.consent.opt_out_to_dotdigital:
            record["hold"] = "barred"
        else:
            record["carries"], record["meets"] = carries, meets
            if carries and contact_id is not None:
                self.carried.add(contact_id)
            if meets:
                self.carried |= former | left

    def _is_out_contact(self, contact_id: int, everybody: dict[int | None, Person]) -> bool:
        contact = self.contacts.get(contact_id)
        if contact and (self.channel_out(contact) or self.org.out_by_dotdigital(self.rules, contact["email_key"])):
            return True
        return self._s_out_contact(contact_id, everybody)

    def _hold_of_contact(self, record: Row, contact_id: int | None) -> str | None:
        """ID-4 to ID-7: what stops everybody who has this contact, or this address of a contact that is gone."""
        if contact_id is None:
            return "deleted in Dotdigital" if self._is_lost(record["email_key"]) else None
        if contact_id in self.renames.stopped:
            return "stopped"
        return None

    def _identity(self, record: Row) -> tuple[str | None, int | None]:
        """ID-1: the pair's contact; else the contact with that address; else the pair of a record with it."""
        record["person"] = None
        contact_id = None
        if record["staying"] is not None:
            contact_id = record["staying"]
        elif not record["email_key"]:
            return None, None
        elif record["email_key"] in self.by_address:
            contact_id = self.by_address[record["email_key"]]
        else:
            contact_id = self._peer(record)
        record["person"] = f"contact {contact_id}" if contact_id is not None else record["email_key"]
        return record["person"], contact_id

    def _peer(self, record: Row) -> int | None:
        peers = []
        for other in self.records.values():
            staying = other["staying"]
            if staying is not None and other["email_key"] == record["email_key"]:
                hold = None if other["converted"] else self.own_hold[other["sf_id"]]
                if staying not in self.contacts:
                    hold = "deleted in Dotdigital"
                peers.append((hold is not None, staying, other["sf_id"], hold))
        if not peers:
            return None
        _, contact_id, _, hold = min(peers)
        record["hold"] = record["hold"] or hold
        return contact_id

    def _first(self, records: Iterable[Row]) -> Row:
        """ID-3."""

        def order(record: Row) -> tuple[Any, ...]:
            pair = None if record.get("former") is not None else self.kept.get(record["sf_id"])
            wrote = pair["wrote_d"] if pair and pair["wrote_d"] is not None else -1
            return (
                self._rank(record["record_type"]),
                pair is None,
                -wrote,
                -(record["modified"] or 0),
                record["sf_id"],
            )

        return min(records, key=order)

    def _writing(self, records: Iterable[Row]) -> Row:
        """ID-3 among those who stay in scope, if any does."""
        there = list(records)
        staying = [record for record in there if not self.org.is_leaving(record["sf_id"])]
        return self._first(staying or there)

    def writer(self, person: Person) -> Row | None:
        return self._writing(person.free) if person.free else None

    def name_of_contact(self, contact_id: int) -> tuple[str | None, str | None]:
        """The record a contact is called by: in scope, or once paired."""
        person = self.by_contact.get(contact_id)
        if person:
            record = self._writing(person.free or person.records)
            return record["sf_id"], record["record_type"]
        past = [p for p in self.pairs.values() if p["contact_id"] == contact_id and not self._went_over(p)]
        if past:
            pair = min(past, key=lambda p: (self._rank(p["record_type"]), p["sf_id"]))
            return pair["sf_id"], pair["record_type"]
        return None, None

    def _went_over(self, pair: Row) -> bool:
        record = self.records.get(pair["sf_id"])
        return record is not None and record["former"] is not None and record["hold"] is None

    def s_out_contact(self, contact_id: int) -> bool:
        return self._s_out_contact(contact_id, self.by_contact)

    def _s_out_contact(self, contact_id: int, by_contact: Mapping[int | None, Person]) -> bool:
        contact = self.contacts.get(contact_id)
        if contact and contact["email_key"] in self.org.out_addresses:
            return True
        if any(p["contact_id"] == contact_id and p["sf_id"] in self.org.out_records for p in self.pairs.values()):
            return True
        person = by_contact.get(contact_id)
        return person is not None and any(self._record_out(record) for record in person.records)

    def _record_out(self, record: Row) -> bool:
        return record["sf_id"] in self.org.out_records or record["email_key"] in self.org.out_addresses

    def s_out(self, person: Person) -> bool:
        if person.contact_id is not None and self.s_out_contact(person.contact_id):
            return True
        return any(self._record_out(record) for record in person.records)

    def channel_out(self, contact: Row | None) -> bool:
        return contact is not None and contact["channel"] in self.reasons

    def d_out(self, person: Person) -> bool:
        addresses = [record["email_key"] for record in person.records]
        if person.contact:
            addresses.append(person.contact["email_key"])
        by_address = any(self.org.out_by_dotdigital(self.rules, address) for address in addresses)
        return self.channel_out(person.contact) or by_address or person.contact_id in self.carried

    def is_carried(self, person: Person) -> bool:
        return person.contact_id in self.carried or any(record["carries"] for record in person.records)

    def remembers_opt_out(self, book: str, address: str | None) -> bool:
        """CON-5: whether an earlier run saw this address unsubscribe from this book."""
        known = self.org.rows.get(f"remembered.{self.key}", [])
        sought = self.org.hash(f"{book}\x1f{address}")
        return address is not None and any(r["reason"] == "list" and r["email_hash"] == sought for r in known)

    def is_refused(self, person: Person) -> bool:
        """WIRE-1: whether the address that we send, the contact's own or else the record's, was refused for good."""
        contact, writer = person.contact, self.writer(person) or self._writing(person.records)
        address = (self.after[contact["contact_id"]]["email_key"] if contact else None) or writer["email_key"]
        return self._is_refused(address)

    def _is_refused(self, address: str | None) -> bool:
        known = {r["email_hash"] for r in self.org.rows.get(f"remembered.{self.key}", []) if r["reason"] == "refused"}
        return address is not None and self.org.hash(f"\x1f{address}") in known

    def is_member(self, contact_id: int, campaigns: set[str]) -> bool:
        """NEW-1: whether a record of this contact, or one that has its address, is or becomes a member, or was one
        until this very plan."""
        email = (self.contacts.get(contact_id) or {}).get("email_key")
        same_address = {f["sf_id"] for f in self.org.rows.get("found", []) if email and f["email_key"] == email}
        known = {r["sf_id"] for r in self.records.values() if r["person"] == f"contact {contact_id}"}
        everybody = (*self.org.members, *self.org.removed, *self.org.selected)
        joined = {m["sf_id"] for m in everybody if m["campaign"] in campaigns}
        return bool(joined & (same_address | known))

    def wants(self, *, passing: bool = True, leaving: bool = False) -> list[tuple[int, str, str, Row]]:
        """(link, book, campaign, member) of every member that a link of ours wants, or whom its filter turns down.

        `leaving`: of those who are about to be removed from their campaign instead.
        """
        books = {b.key for b in self.org.question.books if b.account == self.key}
        return [
            (number, link.address_book, link.campaign, member)
            for number, link in enumerate(self.org.question.links)
            if link.address_book in books
            for member in (self.org.removed if leaving else (*self.org.members, *self.org.selected))
            if member["campaign"] == link.campaign
            if (not link.statuses or member["status"] in link.statuses) is passing
        ]

    def wanted(self) -> dict[tuple[str, str], tuple[int, str, str]]:
        """(book, person) -> (link, campaign, member id) of the first link that wants a person nothing holds up."""
        found: dict[tuple[str, str], list[tuple[Any, ...]]] = {}
        for number, book, campaign, member in self.wants():
            record = self.records.get(member["sf_id"]) if member["record_type"] in self.mapped else None
            if record is None or record["hold"] or record["person"] is None:
                continue
            person = self.people[record["person"]]
            writer = self.writer(person)
            is_writer = writer is not None and writer["sf_id"] == record["sf_id"]
            order = (number, member["member_id"] == "", not is_writer, member["member_id"])
            found.setdefault((book, record["person"]), []).append((order, number, campaign, member["member_id"]))
        return {key: min(rows)[1:] for key, rows in found.items()}  # type: ignore[misc]
