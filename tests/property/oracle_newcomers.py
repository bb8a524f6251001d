"""The oracle's newcomers (NEW-2 to NEW-5): adopted, created, pending or skipped, one after the other."""

from __future__ import annotations

from typing import Any

from sfdd_declare.model.mapping import RecordType
from sfdd_declare.people.columns import slot_of, slots
from tests.property.oracle_lists import SHOWN
from tests.property.oracle_org import Row, a_row
from tests.property.oracle_people import People
from tests.property.oracle_values import is_address, misfit_there, sent_to_salesforce


class Newcomers:
    """What becomes of the newcomers of one account."""

    def __init__(self, account: People) -> None:
        self.account = account
        self.org = account.org
        self.rules = account.org.question.leads

    def rows(self) -> list[Row]:
        by_contact: dict[int, list[str]] = {}
        for book, contact_id in self.account.newcomers:
            by_contact.setdefault(contact_id, []).append(book)
        rows: list[Row] = []
        for contact_id, books in by_contact.items():
            contact = self.account.contacts.get(contact_id)
            if contact and self._may_be_mailed(contact):
                rows += self._adopt(contact, books) if self._found(contact) else self._create(contact, books)
        return rows

    def _may_be_mailed(self, contact: Row) -> bool:
        """NEW-5."""
        address = contact["email_key"]
        if not address or contact["channel"] not in SHOWN or address in self.org.out_addresses:
            return False
        return not self.org.out_by_dotdigital(self.account.rules, address)

    def _found(self, contact: Row) -> list[Row]:
        return [row for row in self.org.rows.get("found", []) if row["email_key"] == contact["email_key"]]

    def _joins(self, book: str) -> tuple[str, str]:
        """The campaign and status of the link whose newcomers they are (NEW-8)."""
        links = [x for x in self.org.question.links if x.address_book == book and x.new_leads]
        link = next((x for x in links if x.new_leads and x.new_leads.primary), links[0])
        assert link.new_leads is not None
        default = next(c.default_status for c in self.org.question.campaigns if c.key == link.campaign)
        return link.campaign, link.new_leads.member_status or default

    def _adopt(self, contact: Row, books: list[str]) -> list[Row]:
        """NEW-2; a converted lead stands for its contact (ID-5)."""
        known = []
        for row in self._found(contact):
            kind = "contact" if row["converted"] else row["record_type"]
            sf_id = row["converted_to"] if row["converted"] else row["sf_id"]
            rank = [t.value for t in (*self.org.question.precedence, *RecordType)].index(kind)
            if row["converted"] and sf_id is not None:
                fates = [f for f in self.org.rows.get("fates", []) if f["sf_id"] == sf_id]
                fate = min(fates, key=lambda f: (f["fate"], f["survivor"] or "\uffff"), default=None)
                gone = {"merged": fate["survivor"], "deleted": None, "invisible": None} if fate else {}
                sf_id = gone.get(fate["fate"], sf_id) if fate else sf_id
            if sf_id is not None:
                known.append((rank, -row["modified"], sf_id, kind))
        if not known:
            return []
        _, _, sf_id, kind = min(known)
        settles = kind in self.account.mapped and sf_id not in self.account.pairs
        who = {"account": self.account.key, "person": sf_id, "sf_id": sf_id, "record_type": kind}
        who |= {"contact_id": contact["contact_id"], "email": contact["email"], "reason": "NEW-2"}
        rows = []
        address = self.org.hash(contact["email_key"])
        for book in books:
            campaign, status = self._joins(book)
            member = {"aspect": "member", "field": "Status", "new": status, "decision": "adopt"}
            member |= {"expect_s": "wanted", "expect_d": "on", "campaign": campaign}
            member["address_book"] = book if settles else None
            rows.append(a_row(operation=f"adopt:{campaign}", **who, **member))
        for campaign in {self._joins(book)[0] for book in books} if settles else ():
            pair = {"aspect": "identity", "field": "email", "decision": "pair", "expect_s": address}
            rows.append(a_row(operation=f"adopt:{campaign}", **who, **pair, expect_d=address))
        return rows

    def _create(self, contact: Row, books: list[str]) -> list[Row]:
        """NEW-3, or NEW-4 when something is missing."""
        given, wrong = self._values(contact)
        defaults = {f: v for f, v in self.rules.defaults if f not in given and f not in wrong}
        missing = [f"no {f}" for f in self.rules.required if f not in {*given, *wrong, *defaults}]
        missing += [f"{f} {problem}" for f, (_, problem) in wrong.items() if f in self.rules.required]
        missing += ["email_too_long"] if len(contact["email"]) > 80 else []
        missing += [] if is_address(contact["email"].strip()) else ["invalid_email"]
        if missing:
            why = {"aspect": "problem", "field": "new lead", "decision": ", ".join(sorted(missing)), "reason": "NEW-4"}
            return [self._row(f"pending:{self.account.key}", contact, **why)]
        lead, address = f"create_leads:{self.account.key}", self.org.hash(contact["email_key"])
        new = {"aspect": "identity", "field": "email", "new": contact["email"], "decision": "create_lead"}
        rows = [self._row(lead, contact, **new, reason="NEW-3", expect_s=address, expect_d=address)]
        for field, (text, form) in given.items():
            fill = {"aspect": "value", "field": field, "new": text, "decision": "fill", "reason": "NEW-3"}
            rows.append(self._row(lead, contact, **fill, expect_s=self.org.hash(form), expect_d=self.org.hash(form)))
        for field, text in defaults.items():
            preset = {"aspect": "value", "field": field, "new": text, "decision": "default", "reason": "NEW-3"}
            rows.append(self._row(lead, contact, **preset))
        for field, (text, problem) in wrong.items():
            bad = {"aspect": "problem", "field": field, "new": text, "decision": problem, "reason": "VAL-23"}
            rows.append(self._row(f"problems:{self.account.key}", contact, **bad))
        for book in books:
            campaign, status = self._joins(book)
            member = {"aspect": "member", "field": "Status", "new": status, "decision": "add", "reason": "NEW-3"}
            member |= {"address_book": book, "campaign": campaign, "expect_s": "wanted", "expect_d": "on"}
            rows.append(self._row(lead, contact, **member))
        return rows

    def _row(self, operation: str, contact: Row, **given: Any) -> Row:
        return a_row(
            operation=operation,
            account=self.account.key,
            person=f"contact {contact['contact_id']}",
            record_type="lead",
            contact_id=contact["contact_id"],
            email=contact["email"],
            **given,
        )

    def _values(self, contact: Row) -> tuple[dict[str, tuple[str, str]], dict[str, tuple[str, str]]]:
        """What would be written: field -> (text, form); and what cannot be: field -> (text, problem)."""
        given: dict[str, tuple[str, str]] = {}
        wrong: dict[str, tuple[str, str]] = {}
        for mapping in self.account.rules.sets:
            for mapped in mapping.fields if mapping.record_type is RecordType.LEAD else ():
                slot = slot_of(mapped, slots(self.account.rules.sets)).index
                form, raw = contact[f"c{slot}"], contact[f"r{slot}"]
                if form is None or mapped.renewed or not mapped.mapping.direction.writes_salesforce:
                    continue
                text = sent_to_salesforce(mapped, form, raw)
                assert text is not None
                problem = misfit_there(mapped, form, text)
                if problem:
                    wrong[mapped.mapping.salesforce_field] = (text, problem)
                else:
                    given[mapped.mapping.salesforce_field] = (text, form)
        return given, wrong
