"""The oracle's renames (ID-4): which contact takes which address in which order, and whose address nobody touches."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from tests.property.oracle_org import Row


@dataclass
class Renames:
    """`taken`: contact -> (record, wave) whose address it takes. `stopped`: contacts that stay as they are."""

    taken: dict[int, tuple[Row, int]] = field(default_factory=dict)
    stopped: set[int] = field(default_factory=set)
    addresses: set[str] = field(default_factory=set)  # that a stopped contact was to take


@dataclass
class Facts:
    """What the renames of one account are decided from."""

    records: dict[str, Row]
    pairs: dict[str, Row]
    contacts: dict[int, Row]
    hash: Callable[[str | None], str]
    first: Callable[[Iterable[Row]], Row]
    is_barred: Callable[[int, str], bool]

    def is_mover(self, record: Row) -> bool:
        pair = self.pairs.get(record["sf_id"])
        if record["hold"] or pair is None or pair["email_s"] is None:
            return False
        has_moved = pair["email_s"] != self.hash(record["email_key"])
        return has_moved and self.contacts[pair["contact_id"]]["email_key"] != record["email_key"]

    def contact_of(self, record: Row) -> Any:
        pair = self.pairs.get(record["sf_id"])
        return pair["contact_id"] if pair else None

    def is_still_used(self, contact_id: int) -> bool:
        """Another record has the old address."""
        for record in self.records.values():
            if record["hold"] or self.is_mover(record):
                continue
            mine = self.contact_of(record)
            if mine == contact_id or (mine is None and record["email_key"] == self.contacts[contact_id]["email_key"]):
                return True
        return False

    def decide(self) -> Renames:
        wishes: dict[int, Row] = {}
        movers = [record for record in self.records.values() if self.is_mover(record)]
        for contact_id in {self.contact_of(record) for record in movers}:
            if not self.is_still_used(contact_id):
                wishes[contact_id] = self.first(r for r in movers if self.contact_of(r) == contact_id)
        for address in {record["email_key"] for record in wishes.values()}:
            rivals = {c: r for c, r in wishes.items() if r["email_key"] == address}
            winner = self.first(rivals.values())
            wishes = {c: r for c, r in wishes.items() if c not in rivals or r is winner}
        return self._followed(wishes)

    def _followed(self, wishes: dict[int, Row]) -> Renames:
        found = Renames()
        owners: dict[str, int] = {}
        for contact_id in sorted(self.contacts, reverse=True):
            if self.contacts[contact_id]["email_key"]:
                owners[self.contacts[contact_id]["email_key"]] = contact_id
        for contact_id, record in wishes.items():
            verdict, steps = self._end(contact_id, wishes, owners)
            if verdict == "free":
                found.taken[contact_id] = (record, steps)
            elif verdict == "stopped":
                found.stopped.add(contact_id)
                found.addresses.add(record["email_key"])
        return found

    def _end(self, contact_id: int, wishes: dict[int, Row], owners: dict[str, int]) -> tuple[str, int]:
        """Follow who has the wanted address, who has the one that they want, and so on."""
        seen: list[int] = []
        while contact_id not in seen:
            seen.append(contact_id)
            address = wishes[contact_id]["email_key"]
            if address in owners and owners[address] not in wishes:
                return "taken", 0
            if self.is_barred(contact_id, address):
                return "stopped", 0
            if address not in owners:
                return "free", len(seen) - 1
            contact_id = owners[address]
        return "stopped", 0
