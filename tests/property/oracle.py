"""The people rules once more, in plain Python with dicts and loops: what the engine must agree with.

Written from the rules, not from the engine. It reads the plain rows of a small world and returns the change rows and
the moves as dicts with the columns of CHANGE. It cares about nothing but being easy to check against the rules.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sfdd_declare.model.declared import OnDelete
from sfdd_declare.model.mapping import Direction, FormKind, MappedField, RecordType
from sfdd_declare.people.columns import slot_of, slots
from sfdd_declare.people.question import BookRules, Question
from tests.property.oracle_lists import OnBook
from tests.property.oracle_newcomers import Newcomers
from tests.property.oracle_optouts import OptOuts, is_touched
from tests.property.oracle_org import Org, Row, Rows, a_row
from tests.property.oracle_parked import without_parked
from tests.property.oracle_people import People, Person
from tests.property.oracle_renewed import renewed_fields
from tests.property.oracle_values import (
    HELD,
    Base,
    Written,
    echo,
    is_cut,
    misfit,
    misfit_there,
    sent_to_salesforce,
    settle,
)

NEVER: Row = {**dict.fromkeys(("wanted", "on_book", "added_by_us", "list_optout", "left"), False), "member": None}
MAY_SUPPRESS = {"subscribed", "pendingoptin", "softbounced", "nosubscription"}


@dataclass
class Verdict:
    changes: list[Row] = field(default_factory=list)
    moves: list[Row] = field(default_factory=list)


def judge(question: Question, rows: Rows) -> Verdict:
    """Everything that should be written and remembered."""
    verdict = Verdict()
    org = Org(question, rows)
    verdict.changes += org.member_changes()
    opt_outs = [OptOuts(org, People(org, rules)) for rules in question.accounts]
    ticks = [tick for each in opt_outs for tick in each.ticks]
    org.will_tick(ticks)
    for each in opt_outs:
        each.people = account = Account(org, each.people.rules)
        account.judge(verdict, each, ticks)
    keys = [rules.key for rules in question.accounts]
    verdict.changes = without_parked(verdict.changes, rows, keys, org.key)
    return verdict


class Account(People):
    """What is decided about the people of one account."""

    def judge(self, verdict: Verdict, opt_outs: OptOuts, ticks: list[Row]) -> None:
        wanted = self.wanted()
        self.refused: set[tuple[str | None, str | None, int | None]] = set()
        self._suppress(verdict)
        self._rename_rows(verdict)
        self._pair_moves(verdict, wanted)
        self._lists(verdict, wanted)
        verdict.changes += Newcomers(self).rows()
        self._create(verdict, wanted)
        wanted_people = {name for _, name in wanted}
        active: dict[str, int] = {}
        ours = [p for name, p in self.people.items() if name in wanted_people or self._is_ours(p)]
        compared = [(self.writer(p), p.contact) for p in ours]
        both = [(writer, contact) for writer, contact in compared if writer is not None and contact is not None]
        self.renewed = renewed_fields(self.rules.sets, both, self.pairs, self.org.hash)
        for name, person in self.people.items():
            writer = self.writer(person)
            if writer is None or person.contact is None:
                continue
            if name in wanted_people or self._is_ours(person):
                self._synchronise(verdict, person, writer)
                active[writer["sf_id"]] = person.contact["contact_id"]
                if not is_touched(self, person.contact["contact_id"], ticks, opt_outs.ticks):
                    self._agree(verdict, person, writer)
        verdict.changes += opt_outs.tick_rows(active)
        verdict.moves += opt_outs.moves(active)
        self._long_addresses(verdict)
        for sf_id, kind, contact_id in self.refused:
            given = {"aspect": "problem", "field": "email", "decision": "refused", "reason": "WIRE-1"}
            record = {"sf_id": sf_id, "record_type": kind}
            verdict.changes.append(self.row(f"problems:{self.key}", record, contact_id, **given))

    def row(self, operation: str, record: Row | None, contact_id: int | None, **given: Any) -> Row:
        sf_id = record["sf_id"] if record else None
        return a_row(
            operation=operation,
            account=self.key,
            person=sf_id or f"contact {contact_id}",
            sf_id=sf_id,
            record_type=record["record_type"] if record else None,
            contact_id=contact_id,
            **given,
        )

    def _suppress(self, verdict: Verdict) -> None:
        """CON-2, CON-7."""
        if not self.rules.consent.opt_out_to_dotdigital:
            return
        for contact_id, contact in self.contacts.items():
            is_out = self.s_out_contact(contact_id)
            if contact["channel"] in MAY_SUPPRESS and (is_out or contact_id in self.carried):
                sf_id, kind = self.name_of_contact(contact_id)
                record = {"sf_id": sf_id, "record_type": kind} if sf_id else None
                verdict.changes.append(
                    self.row(
                        f"suppress:{self.key}",
                        record,
                        contact_id,
                        email=contact["email"],
                        aspect="consent",
                        field="opted_out",
                        old=contact["channel"],
                        new="suppressed",
                        decision="suppress",
                        reason="CON-7" if is_out else "ID-4",
                        expect_s="1" if is_out else "0",
                        expect_d="1",
                    )
                )

    def _create(self, verdict: Verdict, wanted: dict[tuple[str, str], tuple[int, str, str]]) -> None:
        """MEM-1, CON-3, VAL-20 for people without a contact; WIRE-1 speaks only where something would be sent."""
        for name, person in self.people.items():
            writer = self.writer(person)
            books = {book: via for (book, who), via in wanted.items() if who == name}
            if writer is None or person.contact is not None or not books:
                continue
            is_refused, may_suppress = self.is_refused(person), self.rules.consent.opt_out_to_dotdigital
            is_out = self.s_out(person) or self.is_carried(person)
            if is_refused and (may_suppress if is_out else not self.d_out(person)):
                self.refused.add((writer["sf_id"], writer["record_type"], None))
                continue
            if is_out:
                is_out = self.s_out(person)
                if self.rules.consent.opt_out_to_dotdigital:
                    operation = f"import_opted_out:{self.key}"
                    given = {"email": writer["email"], "aspect": "consent", "field": "opted_out", "new": "suppressed"}
                    given |= {"decision": "create_opted_out", "expect_d": "1"}
                    given |= {"reason": "CON-3", "expect_s": "1"} if is_out else {"reason": "ID-4", "expect_s": "0"}
                    verdict.changes.append(self.row(operation, writer, None, **given))
                    self._new_contact(verdict, operation, writer)
                continue
            if self.d_out(person):
                continue
            told = {
                row["address_book"]
                for row in self.org.rows.get(f"list_optouts.{self.key}", [])
                if row["email_key"] == writer["email_key"]
            }
            told |= {book for book in books if self.remembers_opt_out(book, writer["email_key"])}
            told |= {book for book in books if self._left_before(book, person)}
            adds = {b: via for b, via in books.items() if b not in told and self._may_add(b)}
            operation = f"{'create' if self.rules.hold_creations else 'import'}:{self.key}"
            for book, (_, campaign, member) in adds.items():
                given = {"email": writer["email"], "address_book": book, "campaign": campaign, "aspect": "list"}
                given |= {"field": member, "decision": "add", "reason": "MEM-1"}
                given["old"] = self._rests_on(book, person.records)
                verdict.changes.append(
                    self.row(operation, writer, None, **given, expect_s="wanted", expect_d="on,ours")
                )
            if adds:
                self._new_contact(verdict, operation, writer)

    def _new_contact(self, verdict: Verdict, operation: str, writer: Row) -> None:
        email, address = writer["email"], self.org.hash(writer["email_key"])
        given = {"email": email, "aspect": "identity", "field": "email", "new": email, "decision": "create"}
        verdict.changes.append(
            self.row(operation, writer, None, **given, reason="ID-2", expect_s=address, expect_d=address)
        )
        for mapped in self.mapped[writer["record_type"]].fields:
            value = writer[f"c{mapped.index}"]
            if value is not None and mapped.mapping.direction is not Direction.DOTDIGITAL_TO_SALESFORCE:
                rest = {"contact_id": None, "email": email, "old": None, "decision": "fill", "reason": "VAL-20"}
                self._write(verdict, operation, writer, mapped, **rest)

    def _rests_on(self, book: str, records: list[Row], apart_from: frozenset[str] = frozenset()) -> str | None:
        """The records that must become members first, when no member there is already wants the person."""
        names = {record["sf_id"] for record in records if record["hold"] is None}
        wants = [m for _, other, _, m in self.wants() if other == book and m["sf_id"] in names]
        wants = [m for m in wants if m["member_id"] not in apart_from]
        if any(member["member_id"] for member in wants):
            return None
        return ";".join(sorted({member["sf_id"] for member in wants}))

    def book(self, key: str) -> BookRules:
        return next(book for book in self.org.question.books if book.key == key)

    def _lists(self, verdict: Verdict, wanted: dict[tuple[str, str], tuple[int, str, str]]) -> None:
        on, told = self._present()
        contacts = {name: person.contact_id for name, person in self.people.items() if person.contact}
        via = {(book, contacts[name]): how for (book, name), how in wanted.items() if name in contacts}
        ours = {b.key for b in self.org.question.books if b.account == self.key}
        for key in sorted({*on, *told, *self.memberships, *via}, key=str):
            if key[0] in ours:
                self._list(verdict, key, via.get(key), is_on=key in on, is_told=key in told)

    def _present(self) -> tuple[set[tuple[str, int]], set[tuple[str, int]]]:
        """Who is on which book, and who unsubscribed from which."""
        on: set[tuple[str, int]] = set()
        told: set[tuple[str, int]] = set()
        for row in self.org.rows.get(f"listed.{self.key}", []):
            key = (row["address_book"], row["contact_id"])
            is_in = not self.channel_out(self.contacts.get(row["contact_id"]))
            is_off = row["status"] in ("suppressed", "unsubscribed") and is_in
            was_off = self.memberships.get(key, NEVER)["list_optout"]
            if is_off:
                told.add(key)
            elif not was_off or (row["status"] == "subscribed" and is_in):
                on.add(key)
        for row in self.org.rows.get(f"list_optouts.{self.key}", []):
            if row["contact_id"] is not None:
                told.add((row["address_book"], row["contact_id"]))
            for contact in self.contacts.values():
                if row["email_key"] is not None and contact["email_key"] == row["email_key"]:
                    told.add((row["address_book"], contact["contact_id"]))
        return on, told

    def _list(
        self, verdict: Verdict, key: tuple[str, int], via: tuple[int, str, str] | None, *, is_on: bool, is_told: bool
    ) -> None:
        facts = self._facts(key, via, is_on=is_on, is_told=is_told)
        decision, rule, flags = facts.judge()
        if (decision, rule) == ("nothing", "WIRE-1"):
            self.refused.add((*self.name_of_contact(key[1]), key[1]))
        contact = self.contacts.get(key[1])
        given = {"address_book": key[0], "aspect": "list", "decision": decision, "reason": rule}
        if decision == "add":
            assert contact is not None
            assert via is not None
            given |= {"email": self.after[key[1]]["email"], "campaign": via[1], "field": via[2], "expect_s": "wanted"}
            before = _ids(facts.was["member"]) if facts.is_released and facts.was["left"] else frozenset()
            given["old"] = self._rests_on(key[0], self.by_contact[key[1]].records, before)
            verdict.changes.append(self._named(f"import:{self.key}", key[1], **given, expect_d="on,ours"))
        elif decision == "remove":
            email = self.after[key[1]]["email"] if contact else None
            given |= {"email": email, "old": self._leaving(key)}
            verdict.changes.append(self._named(f"remove:{self.key}:{key[0]}", key[1], **given))
            is_left = any(r["former"] == key[1] and r["hold"] is None for r in self.records.values())
            if is_left and facts.was["wanted"] and self.name_of_contact(key[1])[0] is None:
                given = {"address_book": key[0], "aspect": "list", "decision": "bystander", "reason": "ID-4"}
                verdict.moves.append(self._named("moves:early", key[1], **given, expect_d=facts.here if is_on else ""))
        elif decision == "newcomer":
            self.newcomers.append(key)
        elif decision != "nothing" and (via is not None or self._leaving(key) is None):
            member = self._member(facts, self._wanting(key)) if decision == "left" else None
            if not self._is_known(facts, flags, member, has_base=key in self.memberships):
                given |= {"campaign": via[1] if via else None, "field": member, "expect_d": flags}
                verdict.moves.append(self._named("moves", key[1], **given, expect_s="wanted" if via else None))

    def _leaving(self, key: tuple[str, int]) -> str | None:
        """The members that want this contact there until they are removed, as this plan does."""
        found = {
            m["member_id"] for _, book, _, m in self.wants(leaving=True) if book == key[0] and self._belongs(m, key[1])
        }
        return ";".join(sorted(found)) or None

    def _facts(self, key: tuple[str, int], via: tuple[int, str, str] | None, *, is_on: bool, is_told: bool) -> OnBook:
        book_key, contact_id = key
        book, base = self.book(book_key), self.memberships.get(key)
        person, contact = self.by_contact.get(contact_id), self.contacts.get(contact_id)
        was = base or NEVER
        intents = {(r["address_book"], r["email_hash"]) for r in self.org.rows.get(f"intents.{self.key}", [])}
        has_intent = (book_key, self.org.hash(contact["email_key"] if contact else None)) in intents
        is_ours = was["added_by_us"] or (base is None and has_intent)
        current, before = self._wanting(key), _ids(was["member"])
        turned_down = (m for _, other, _, m in self.wants(passing=False) if other == book_key)
        links = [link for link in self.org.question.links if link.address_book == book_key]
        new_leads = [link.new_leads for link in links if link.new_leads]
        return OnBook(
            book=book,
            is_wanted=via is not None,
            is_on=is_on,
            is_told=is_told
            or self.remembers_opt_out(book_key, contact["email_key"] if contact else None)
            or (person is not None and self._left_before(book_key, person)),
            was=was,
            has_base=base is not None,
            is_ours=is_ours,
            is_refused=person is not None and self.is_refused(person),
            is_out=person is not None and (self.s_out(person) or self.d_out(person)),
            channel=contact["channel"] if contact else None,
            is_frozen=person is not None and person.is_frozen,
            is_gone=self._is_gone(contact_id),
            is_released="" not in before and bool(current - before),
            is_turned_down=any(self._belongs(member, contact_id) for member in turned_down),
            is_new_lead=any(not book.first_run or rules.existing for rules in new_leads)
            and base is None
            and not has_intent
            and not any(pair["contact_id"] == contact_id for pair in self.pairs.values())
            and not self.is_member(contact_id, {link.campaign for link in links}),
        )

    def _left_before(self, book: str, person: Person) -> bool:
        """CON-5, MEM-2: what somebody left, or opted out of, with the contact they had before, they stay off."""
        on, told = self._present()
        here = [record for record in person.records if record["hold"] is None]
        before = {record["former"] for record in here} - {None}
        before |= {contact for heir, contact in self.left if heir in {record["sf_id"] for record in here}}
        for contact_id in before:
            contact, was = self.contacts.get(contact_id), self.memberships.get((book, contact_id), NEVER)
            key = (book, contact_id)
            if key in told or self.remembers_opt_out(book, contact["email_key"] if contact else None):
                return True
            if was["list_optout"] or was["left"] or (was["on_book"] and key not in on):
                return True
        return False

    def _member(self, facts: OnBook, current: set[str]) -> str | None:
        """The members that wanted them when they left; one that was only predicted gets its id later."""
        before = _ids(facts.was["member"])
        if not facts.is_wanted or ("" not in before and not facts.was["on_book"]):
            return facts.was["member"]
        return ";".join(sorted(current if facts.was["on_book"] else (before - {""}) | current))

    def _wanting(self, key: tuple[str, int]) -> set[str]:
        """All campaign members that want this contact on this book; without an id where they are predicted."""
        wants = (member for _, book, _, member in self.wants() if book == key[0])
        return {member["member_id"] for member in wants if self._wants_contact(member, key[1])}

    def _is_known(self, facts: OnBook, flags: str | None, member: str | None, *, has_base: bool) -> bool:
        names = (("on_book", "on"), ("added_by_us", "ours"), ("list_optout", "optout"), ("left", "left"))
        old = ",".join(word for name, word in names if facts.was[name])
        same_member = flags != "left" or (facts.was["member"] or "") == (member or "")
        return has_base and old == flags and bool(facts.was["wanted"]) == facts.is_wanted and same_member

    def _belongs(self, member: Row, contact_id: int) -> bool:
        record = self.records.get(member["sf_id"])
        return record is not None and record["person"] == f"contact {contact_id}"

    def _wants_contact(self, member: Row, contact_id: int) -> bool:
        record = self.records.get(member["sf_id"])
        return self._belongs(member, contact_id) and record is not None and record["hold"] is None

    def _is_gone(self, contact_id: int) -> bool:
        """Whether some record of the person left the scope, and nobody can say that it has left its campaigns."""
        as_left = {"there", "merged"} | ({"deleted"} if self.rules.on_delete is not OnDelete.LEAVE else set())
        fates = {row["sf_id"]: row["fate"] for row in self.org.rows.get("fates", [])}
        paired = [p["sf_id"] for p in self.pairs.values() if p["contact_id"] == contact_id]
        gone = {s for s in paired if s not in self.read and s not in self.heirs}
        return not paired or any(fates.get(s) not in as_left for s in gone)

    def _named(self, operation: str, contact_id: int, **given: Any) -> Row:
        sf_id, kind = self.name_of_contact(contact_id)
        return self.row(operation, {"sf_id": sf_id, "record_type": kind} if sf_id else None, contact_id, **given)

    def _is_ours(self, person: Person) -> bool:
        return any(self._is_pair(record) or record["former"] is not None for record in person.free)

    def _is_pair(self, record: Row) -> bool:
        """The base knows with which address it has the contact that it stays with."""
        pair = self.pairs.get(record["sf_id"])
        return record["staying"] is not None and pair is not None and pair["email_s"] is not None

    def _may_add(self, book: str) -> bool:
        """RUN-8: whoever the state that was taken over does not know may have left since."""
        return self.book(book).complete and not self.book(book).taken_over

    def _rename_rows(self, verdict: Verdict) -> None:
        """ID-4."""
        for contact_id, (leader, wave) in self.renames.taken.items():
            old = self.contacts[contact_id]["email"]
            for record in self.records.values():
                is_same = record["staying"] == contact_id and record["email_key"] == leader["email_key"]
                if record is leader or (is_same and record["hold"] is None):
                    operation = f"rename:{self.key}" + (f":{wave}" if wave else "")
                    now = self.org.hash(leader["email_key"])
                    given = {"email": leader["email"], "aspect": "identity", "field": "email", "old": old}
                    given |= {"new": leader["email"], "decision": "rename" if record is leader else "follow"}
                    row = self.row(operation, record, contact_id, **given, reason="ID-4", expect_s=now, expect_d=now)
                    verdict.changes.append({**row, "person": leader["sf_id"]})

    def _pair_moves(self, verdict: Verdict, wanted: dict[tuple[str, str], tuple[int, str, str]]) -> None:
        """ID-1, ID-2, ID-4: pairs that the base does not know as they are now."""
        for name, person in self.people.items():
            writer = self.writer(person)
            if person.contact is None or writer is None:
                continue
            if person.contact_id in self.renames.taken:
                continue  # BASE-4: known only when the rename is confirmed
            is_active = name in {who for _, who in wanted} or self._is_ours(person)
            now = self.org.hash(self.after[person.contact["contact_id"]]["email_key"])
            for record in person.free:
                pair, mine = self.pairs.get(record["sf_id"]), self.org.hash(record["email_key"])
                known = (pair["email_s"], pair["email_d"]) if pair else None
                reason = "ID-4"
                if record is writer and is_active and not self._is_pair(record):
                    decision = "pair"
                    if record["former"] is None:
                        reason = "ID-2" if person.contact["looked_up"] else "ID-1"
                elif record["former"] is not None:
                    decision = "pair"
                elif self._is_pair(record) and mine == now and known != (mine, now):
                    decision = "known"
                else:
                    continue
                given = {"aspect": "identity", "field": "email", "decision": decision, "reason": reason}
                row = self.row("moves", record, person.contact["contact_id"], **given, expect_s=mine, expect_d=now)
                verdict.moves.append(row)

    def _synchronise(self, verdict: Verdict, person: Person, writer: Row) -> None:
        contact, pair = person.contact, self.pairs.get(writer["sf_id"])
        assert contact is not None
        for mapped in self.mapped[writer["record_type"]].fields:
            self._value(verdict, writer, contact, pair, mapped)

    def _agree(self, verdict: Verdict, person: Person, writer: Row) -> None:
        """CON-10: the same on both sides, and the base does not know it."""
        contact, pair = person.contact, self.kept.get(writer["sf_id"])
        assert contact is not None
        s, d = self.s_out(person), self.channel_out(contact)
        known = (bool(pair and pair["out_s"]), bool(pair and pair["out_d"]))
        if s == d and known != (s, d):
            given = {"aspect": "consent", "field": "opted_out", "decision": "known", "reason": "CON-10"}
            state = "1" if s else "0"
            verdict.moves.append(
                self.row("moves", writer, contact["contact_id"], **given, expect_s=state, expect_d=state)
            )

    def _value(self, verdict: Verdict, writer: Row, contact: Row, pair: Row | None, mapped: MappedField) -> None:
        slot, i = slot_of(mapped, slots(self.rules.sets)), mapped.index
        s, d = writer[f"c{i}"], contact[f"c{slot.index}"]
        pair = None if writer["former"] is not None else pair  # that was another contact
        own = (pair[f"bs{i}"], pair[f"bd{i}"]) if pair else (None, None)
        late = self._last_writers_base(contact, mapped) if pair is None or pair["email_s"] is None else (None, None)
        base = (own[0] or late[0], own[1] or late[1])
        is_strange = self._is_new_writer(writer, contact) and mapped.mapping.direction is Direction.TWO_WAY
        is_strange = is_strange and not is_cut(mapped, s) and d is not None and s != d
        base = (None, None) if is_strange else base
        is_first = is_strange or RecordType(writer["record_type"]) in self.rules.first_run
        settled = (None, None) if HELD in base or mapped.renewed or mapped.retyped else base
        if self._echo(verdict, writer, contact, pair, mapped, now=(s, d), base=settled, own=own):
            return
        accepts = self.org.question.accept_first_sync
        to, rule, *found = settle(self.org.hash, mapped, s, d, base, is_first=is_first, accepts=accepts)
        if self._comes_out_of_a_renewed_field(writer, mapped, (s, d), to, found):
            to, rule, found = None, "VAL-26", [None, None]
        if to is None:
            nexts = [new or (None if has else old) for new, has, old in zip(found, own, late, strict=True)]
            forgets = rule == "VAL-1" and pair is not None and (pair.get(f"m{i}") or 0) & 12
            if forgets or any(new is not None and new != has for new, has in zip(nexts, own, strict=True)):
                decision = "held" if found == [HELD, HELD] else "known"
                given = {"aspect": "value", "field": mapped.mapping.salesforce_field, "decision": decision}
                given |= {"reason": rule, "expect_s": nexts[0], "expect_d": nexts[1]}
                verdict.moves.append(self.row("moves", writer, contact["contact_id"], **given))
            return
        if to == "d" and self.is_refused(self.by_contact[contact["contact_id"]]):
            self.refused.add((writer["sf_id"], writer["record_type"], contact["contact_id"]))
            return
        source, target = (s, d) if to == "d" else (d, s)
        decision = "fill" if target is None else "blank" if source is None else "overwrite"
        email = self.after[contact["contact_id"]]["email"]
        email = email if email is not None else writer["email"]
        rest = {"contact_id": contact["contact_id"], "email": email, "decision": decision, "reason": rule}
        if to == "d":
            self._write(verdict, f"import:{self.key}", writer, mapped, **rest, old=contact[f"r{slot.index}"])
        else:
            sent = sent_to_salesforce(mapped, d, contact[f"r{slot.index}"])
            given = {**rest, "field": mapped.mapping.salesforce_field, "old": writer[f"r{i}"], "new": sent}
            now = self.org.hash(d)
            operation = f"update_records:{self.key}"
            self._row_or_problem(verdict, operation, writer, misfit_there(mapped, d, sent), (now, now), **given)

    def _comes_out_of_a_renewed_field(
        self, writer: Row, mapped: MappedField, now: Base, to: str | None, found: list[str | None]
    ) -> bool:
        """VAL-26: a value from there, or a blank of it that would be remembered."""
        for side, value, other in (("s", now[0], "d"), ("d", now[1], "s")):
            if (writer["record_type"], mapped.index, side) in self.renewed:
                kept = {"s": found[0], "d": found[1]}
                if to == other or (to is None and value is None and kept[side] is not None and kept[other] is None):
                    return True
        return False

    def _is_new_writer(self, writer: Row, contact: Row) -> bool:
        """ID-3: the base knows the contact with another record, which is no former self."""
        paired = any(p["contact_id"] == contact["contact_id"] for p in self.pairs.values())
        taken = {p["contact_id"] for p in self.org.successions[self.rules.key].taken.values()}
        return not self._is_pair(writer) and paired and contact["contact_id"] not in taken

    def _last_writers_base(self, contact: Row, mapped: MappedField) -> tuple[str | None, str | None]:
        """BASE-1: the value base belongs to the contact; a new writer finds what the last one left."""
        known = [p for p in self.pairs.values() if p["contact_id"] == contact["contact_id"]]
        if not known:
            return None, None
        last = min(known, key=lambda p: (-(p["wrote_d"] or -1), p["sf_id"]))
        same = (mapped.data_field_name, mapped.form)
        fields = self.mapped[last["record_type"]].fields
        twins = [twin.index for twin in fields if (twin.data_field_name, twin.form) == same]
        return (last[f"bs{twins[0]}"], last[f"bd{twins[0]}"]) if twins else (None, None)

    def _echo(
        self,
        verdict: Verdict,
        writer: Row,
        contact: Row,
        pair: Row | None,
        mapped: MappedField,
        *,
        now: Base,
        base: Base,
        own: Base,
    ) -> bool:
        """BASE-5: nothing is written; what was read becomes the base, unless it is held."""
        if pair is None:
            return False
        mark, seen = pair.get(f"m{mapped.index}") or 0, self.rules.seen
        times = {"s": pair["wrote_s"], "d": pair["wrote_d"]}
        written = Written(
            last=frozenset(side for side, bit in (("s", 1), ("d", 2)) if mark & bit),
            altered=frozenset(side for side, bit in (("s", 4), ("d", 8)) if mark & bit),
            unread=frozenset(x for x, at in times.items() if at is not None and (seen is None or at >= seen)),
            by_us=writer["modified_by"] in self.org.question.salesforce_users,
        )
        s, d = now
        found = echo(self.org.hash, mapped, s, d, base, written=written)
        if found in ("s", "d"):
            name = mapped.mapping.salesforce_field
            given: Row = {"aspect": "value", "field": name, "decision": "known", "reason": "BASE-5"}
            given |= {f"expect_{side}": late for side, late, has in zip("sd", base, own, strict=True) if has is None}
            value = s if found == "s" else d
            if value is None and (writer["record_type"], mapped.index, found) in self.renewed:
                given["reason"] = "VAL-26"  # a blank of a renewed field is not remembered
                if not any(side.startswith("expect_") for side in given):
                    return True
            else:
                given[f"expect_{found}"] = self.org.hash(value)
            verdict.moves.append(self.row("moves", writer, contact["contact_id"], **given))
        return found is not None

    def _write(self, verdict: Verdict, operation: str, writer: Row, mapped: MappedField, **rest: Any) -> None:
        """One value to Dotdigital; `rest` are contact_id, email, old, decision and reason."""
        form, raw = writer[f"c{mapped.index}"], writer[f"r{mapped.index}"]
        now = there = self.org.hash(form)
        if is_cut(mapped, form):
            raw = form[:1000].strip()
            there = self.org.hash(raw)
        raw = form if mapped.form.kind is FormKind.DECIMAL or raw is None else raw.strip()
        problem = misfit(mapped.data_field_type, form, raw)
        given = {**rest, "field": mapped.data_field_name, "new": raw}
        self._row_or_problem(verdict, operation, writer, problem, (now, there), **given)

    def _row_or_problem(
        self, verdict: Verdict, operation: str, writer: Row, problem: str | None, bases: tuple[str, str], **given: Any
    ) -> None:
        contact_id = given.pop("contact_id")
        if problem:
            given |= {"aspect": "problem", "decision": problem, "reason": "VAL-23"}
            verdict.changes.append(self.row(f"problems:{self.key}", writer, contact_id, **given))
        else:
            given |= {"aspect": "value", "expect_s": bases[0], "expect_d": bases[1]}
            verdict.changes.append(self.row(operation, writer, contact_id, **given))

    def _long_addresses(self, verdict: Verdict) -> None:
        wanted = {member["sf_id"] for _, _, _, member in self.wants()}
        for record in self.records.values():
            is_long = len(record["email"] or "") > 256
            if record["sf_id"] in wanted and record["hold"] == "no address" and is_long:
                pair = self.pairs.get(record["sf_id"])
                given = {"field": "email", "new": record["email"], "aspect": "problem"}
                given |= {"decision": "email_too_long", "reason": "VAL-23"}
                contact_id = pair["contact_id"] if pair else None
                verdict.changes.append(self.row(f"problems:{self.key}", record, contact_id, **given))


def _ids(joined: str | None) -> frozenset[str]:
    return frozenset((joined or "").split(";"))
