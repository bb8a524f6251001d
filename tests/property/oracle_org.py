"""The oracle's org: members, selections, who is opted out over all accounts, and which reading of a row counts."""

from __future__ import annotations

from typing import Any

from sfdd_declare.model.canonical import keyed_hash
from sfdd_declare.people.columns import CHANGE
from sfdd_declare.people.question import AccountRules, Question
from tests.property.oracle_heirs import Succession, succession

Row = dict[str, Any]
Rows = dict[str, list[Row]]

OPT_OUTS = {"unsubscribed", "directcomplaint", "ispcomplained", "knowncomplainer", "suppressed"}


class Org:
    """What holds for all accounts: members, selections, and who is opted out."""

    def __init__(self, question: Question, rows: Rows) -> None:
        self.question = question
        self.rows = rows
        self.key = question.hash_key.get_secret_value()
        self.successions = {account.key: self._succession(account) for account in question.accounts}
        everybody = [self._as_heir(member) for member in rows.get("members", [])]
        self.converted = {
            sf_id
            for account in question.accounts
            for sf_id, record in one_per_record(account, rows).items()
            if record["converted"]
        }
        self.removed = [member for member in everybody if self._is_unnamed(member)]
        self.members = [member for member in everybody if member not in self.removed]
        self.selected = self._selected(everybody)
        ticked = list(rows.get("opted_out", []))
        self.addresses: dict[str, set[str]] = {}  # address -> record types that have it
        for account in question.accounts:
            for mapping in account.sets:
                kind = mapping.record_type.value
                for record in rows.get(f"records.{account.key}.{kind}", []):
                    if record["opted_out"]:
                        ticked.append(record)
        for account in question.accounts:
            for record in one_per_record(account, rows).values():
                self._note_address(record["email_key"], record["record_type"])
        for record in (*rows.get("opted_out", []), *rows.get("not_ticked", [])):
            self._note_address(record["email_key"], record["record_type"])
        self.out_records = {record["sf_id"] for record in ticked}
        self.out_addresses = {record["email_key"] for record in ticked if record["email_key"]}
        self.held = {account.key: self._held(account) for account in question.accounts}

    def _succession(self, account: AccountRules) -> Succession:
        records, pairs = one_per_record(account, self.rows), pairs_of(account, self.rows)
        return succession(records, pairs, self.rows.get("fates", []))

    def _as_heir(self, member: Row) -> Row:
        """ID-5: the membership stays, and is that of the heir."""
        found = []
        for account in self.question.accounts:
            heir = self.successions[account.key].heirs.get(member["sf_id"])
            if heir is not None:
                found.append((one_per_record(account, self.rows)[heir]["record_type"], heir))
        if not found:
            return member
        kind, heir = min(found)
        return {**member, "sf_id": heir, "record_type": kind}

    def will_tick(self, ticks: list[Row]) -> None:
        """From here on the org is as it will be once these records are ticked: what follows is decided with them."""
        self.out_records |= {tick["sf_id"] for tick in ticks}
        self.out_addresses |= {tick["email_key"] for tick in ticks if tick["email_key"]}

    def _note_address(self, address: str | None, kind: str) -> None:
        if address:
            self.addresses.setdefault(address, set()).add(kind)

    def hash(self, text: str | None) -> str:
        return keyed_hash(self.key, text or "")

    def _is_unnamed(self, member: Row) -> bool:
        """MEM-13: in an exact campaign, named by no selection, and nobody whom that may not touch."""
        campaign = next((c for c in self.question.campaigns if c.key == member["campaign"]), None)
        if campaign is None or not (campaign.exact and campaign.exists and campaign.complete):
            return False
        key = (member["campaign"], member["sf_id"])
        named = {(row["campaign"], row["sf_id"]) for row in self.rows.get("selected", [])}
        newcomers = {(row["campaign"], row["sf_id"]) for row in self.rows.get("protected", [])}
        survivors = {row["survivor"] for row in self.rows.get("fates", [])}
        is_account = member["sf_id"] is None
        is_converted = member["converted_to"] is not None or member["sf_id"] in self.converted
        was_somebody = is_converted or member["sf_id"] in survivors
        return not (key in named or key in newcomers or was_somebody or is_account)

    def _selected(self, members: list[Row]) -> list[Row]:
        """Selected records that are no members yet, with the status they get. Converted leads cannot be added. Of
        those who were selected by one address, one is enough: a member if there is one, else the last modified."""
        there = {(m["campaign"], m["sf_id"]) for m in members}
        found: dict[tuple[str, str], Row] = {}
        for row in sorted(self.rows.get("selected", []), key=lambda r: (r["status"] is None, r["status"] or "")):
            key = (row["campaign"], row["sf_id"])
            if key in there or key in found or not self._stands_for_its_address(row, there):
                continue
            if row["sf_id"] not in self.converted:
                default = next((c.default_status for c in self.question.campaigns if c.key == row["campaign"]), None)
                found[key] = {**row, "status": row["status"] or default, "member_id": ""}
        return list(found.values())

    def _stands_for_its_address(self, row: Row, there: set[tuple[str, str]]) -> bool:
        """ID-3, among records of one type."""
        if row["address"] is None:
            return True
        peers = [
            other
            for other in self.rows["selected"]
            if all(other[name] == row[name] for name in ("campaign", "record_type", "address"))
        ]
        if any((peer["campaign"], peer["sf_id"]) in there for peer in peers):
            return False
        return row["sf_id"] == min(peers, key=lambda peer: (-(peer["modified"] or 0), peer["sf_id"]))["sf_id"]

    def is_leaving(self, sf_id: str) -> bool:
        """A member of nothing once the removals are made."""
        staying = {row["sf_id"] for row in (*self.members, *self.selected)}
        return sf_id in {row["sf_id"] for row in self.removed} and sf_id not in staying

    def member_changes(self) -> list[Row]:
        emails: dict[str, str] = {}
        for account in self.question.accounts:
            for sf_id, record in one_per_record(account, self.rows).items():
                if record["email"] is not None:
                    emails[sf_id] = min(record["email"], emails.get(sf_id, record["email"]))
        return [
            a_row(
                operation=f"members:{row['campaign']}",
                account="",
                person=row["sf_id"],
                record_type=row["record_type"],
                sf_id=row["sf_id"],
                email=emails.get(row["sf_id"]),
                campaign=row["campaign"],
                aspect="member",
                field="Status",
                new=row["status"],
                decision="add",
                reason="MEM-13",
            )
            for row in self.selected
        ] + [
            a_row(
                operation=f"remove_members:{row['campaign']}",
                account="",
                person=row["sf_id"],
                record_type=row["record_type"],
                sf_id=row["sf_id"],
                email=emails.get(row["sf_id"]),
                campaign=row["campaign"],
                aspect="member",
                field=row["member_id"],
                old=row["status"],
                decision="remove",
                reason="MEM-13",
            )
            for row in self.removed
        ]

    def _held(self, account: AccountRules) -> set[str]:
        """Addresses this account holds with a reason that is an opt-out (CON-4)."""
        reasons = set(account.consent.reasons) or OPT_OUTS
        contacts = one_per_contact(account, self.rows).values()
        present = {c["email_key"] for c in contacts if c["email_key"]}
        held = {c["email_key"] for c in contacts if c["email_key"] and c["channel"] in reasons}
        for told in self.rows.get(f"suppressed.{account.key}", []):
            if told["reason"] in reasons:
                held.add(told["email_key"])
                held |= {c["email_key"] for c in contacts if c["contact_id"] == told["contact_id"]}
        remembered = {r["email_hash"] for r in self.rows.get(f"remembered.{account.key}", []) if r["reason"] in reasons}
        held |= {a for a in self.addresses if a not in present and self.hash(a) in remembered}
        return held - {None}  # type: ignore[arg-type]

    def out_by_dotdigital(self, account: AccountRules, address: str | None) -> bool:
        """By this account, or by another one that tells Salesforce about a record type that has the address."""
        if address is None:
            return False
        if address in self.held[account.key]:
            return True
        for other in self.question.accounts:
            switch = {t.value for t in other.consent.unsubscribe_to_salesforce}
            told = bool(switch & self.addresses.get(address, set()))
            if other.key != account.key and told and address in self.held[other.key]:
                return True
        return False


def one_per_record(account: AccountRules, rows: Rows) -> dict[str, Row]:
    """The last modified reading of each record; alike ones differ in nothing that matters, or the ticked one counts."""
    found: dict[str, Row] = {}
    for mapping in account.sets:
        kind = mapping.record_type.value
        readings = rows.get(f"records.{account.key}.{kind}", [])
        for row in sorted(
            readings,
            key=lambda r: (
                -(r["modified"] or 0),
                not r["opted_out"],
                not r["converted"],
                r["email_key"] or "",
                r["email"] or "",
            ),
        ):
            found.setdefault(row["sf_id"], {**row, "record_type": kind})
    return found


def pairs_of(account: AccountRules, rows: Rows) -> dict[str, Row]:
    """The pairs of the base by record."""
    kinds = [mapping.record_type.value for mapping in account.sets]
    return {row["sf_id"]: {**row, "record_type": k} for k in kinds for row in rows.get(f"base.{account.key}.{k}", [])}


def _reading(r: Row) -> tuple[Any, ...]:
    return (-(r["modified"] or 0), not r["opted_out"], not r["converted"], r["email_key"] or "", r["email"] or "")


def one_per_contact(account: AccountRules, rows: Rows) -> dict[int, Row]:
    reasons = set(account.consent.reasons) or OPT_OUTS
    there = [
        c for c in rows.get(f"contacts.{account.key}", []) if not {c["status"], c["channel"]} & {"deleted", "binned"}
    ]
    found: dict[int, Row] = {}

    def order(c: Row) -> tuple[Any, ...]:
        return (c["channel"] not in reasons, c["looked_up"], c["channel"] or "", c["email_key"] or "", c["email"] or "")

    for contact in sorted(there, key=order):
        found.setdefault(contact["contact_id"], contact)
    return found


def a_row(**given: Any) -> Row:
    return {name: given.get(name) for name in CHANGE.names}
