"""Random small worlds: cells of one or two addresses around which anything may be true, side by side in one world.

Drawn from a seed, not from hypothesis' own choices: those prefer small and alike values, and then hardly two records
ever meet. Names and ids of different cells never meet, so that one world is as good as many.
"""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Any

from sfdd_declare.model.declared import Consent, NewLeads, OnDelete, Removals
from sfdd_declare.model.mapping import ConflictRule, DataFieldType, Direction, Flow, Form, FormKind, OnBlank, RecordType
from sfdd_declare.people import columns
from sfdd_declare.people.question import AccountRules, BookRules, CampaignRules, LinkRules, NewLeadRules
from tests.property.oracle_values import HELD
from tests.unit.people.worlds import CONTACT, LEAD, World, a_field, a_set, h, key_of

FORTH, BACK, BOTH = Direction.SALESFORCE_TO_DOTDIGITAL, Direction.DOTDIGITAL_TO_SALESFORCE, Direction.TWO_WAY
SET = Form(FormKind.SET)
USUAL = (ConflictRule.SALESFORCE, OnBlank.PROPAGATE)
POOLS: dict[DataFieldType, tuple[str | None, ...]] = {
    DataFieldType.STRING: (None, None, "a", "a", "A", "b", "x" * 1001, "X" * 120, "a;c", "a@b.co"),
    DataFieldType.NUMERIC: (None, "1.5", "2", "2", "1.54", "n/a", "1234567890123456789", "0.0123456789"),
    DataFieldType.BOOLEAN: (None, "true", "false", "true", "maybe"),
    DataFieldType.DATE: (None, "2026-03-01", "2026-03-01", "2026-02-31", "2026-03-01T10:00:00Z", "soon", "1600-01-01"),
}
FIELDS = (
    a_field(0, "NAME"),
    a_field(1, "TITLE", on_blank=OnBlank.KEEP),
    a_field(2, "SIZE", kind=DataFieldType.NUMERIC),
    a_field(3, "VIP", kind=DataFieldType.BOOLEAN),
    a_field(4, "SEEN", kind=DataFieldType.DATE),
    a_field(5, "BOTH", direction=BOTH, on_blank=OnBlank.KEEP),
    a_field(6, "BACK", direction=BACK),
    a_field(7, "SKIP", direction=BOTH, conflict=ConflictRule.SKIP),
    a_field(8, "THERE", direction=BOTH, conflict=ConflictRule.DOTDIGITAL),
    a_field(9, "STAGE", direction=BOTH, choices=("a", "c")),
    a_field(
        10, "TAGS", direction=BACK, choices=("a", "b.", "c"), form=Form(FormKind.SET), salesforce_type="multipicklist"
    ),
    a_field(11, "MAIL", direction=BACK, salesforce_type="email"),
    a_field(12, "COUNT", direction=BOTH, kind=DataFieldType.NUMERIC, salesforce_type="int"),
    replace(a_field(13, "PRICE", direction=BACK, kind=DataFieldType.NUMERIC), salesforce_digits=3),
    a_field(14, "BORN", direction=BOTH, kind=DataFieldType.DATE),
    a_field(15, "FLAG", direction=BOTH, kind=DataFieldType.BOOLEAN, salesforce_type="boolean"),
    a_field(16, "LONG", direction=BOTH, lossy=True),
    a_field(17, "NOW_BOTH", direction=BOTH, on_blank=OnBlank.KEEP, before=Flow(FORTH, *USUAL)),
    a_field(18, "NOW_BACK", direction=BACK, before=Flow(BOTH, ConflictRule.DOTDIGITAL, OnBlank.KEEP)),
    a_field(19, "NOW_FORTH", before=Flow(BACK, *USUAL)),
    replace(a_field(20, "ANEW", direction=BOTH, on_blank=OnBlank.PROPAGATE), renewed=True),
    replace(a_field(21, "OTHER_TYPE", direction=BOTH), retyped="d"),
    replace(a_field(22, "DEFAULT", direction=BACK), data_field_default="a"),
)
FLAGS = (
    *("wanted,on", "wanted,on,ours", "wanted,on,ours", "on", "on,ours"),
    *("left", "wanted,left", "wanted,left", "optout", "wanted,optout", ""),
)
BOOKS = ("news", "gala", "club", "shop")
CAMPAIGNS = ("spring", "autumn")
LINKS = (("spring", "news"), ("autumn", "news"), ("spring", "gala"), ("autumn", "club"), ("spring", "shop"))


def random_world(seed: int, size: int) -> World:
    random = Random(seed)
    world = _rules(random)
    for number in range(size):
        _Cell(random, world, number).place()
    for account in world.accounts:
        if random.random() < 0.6:
            _fade(random, world, account)
    return world


def _id(row: dict[str, Any]) -> str:
    return str(row.get("contact_id") or row["sf_id"])


def _fade(random: Random, world: World, account: AccountRules) -> None:
    """VAL-26: one column of one side loses all its values but few, or all of them become the default."""
    mapping = random.choice(account.sets)
    mapped = random.choice(mapping.fields)
    is_there = random.random() < 0.6
    dataset = columns.contacts(account.key) if is_there else columns.records(account.key, mapping.record_type)
    index = columns.slot_of(mapped, columns.slots(account.sets)).index if is_there else mapped.index
    becomes = mapped.data_field_default if is_there and random.random() < 0.5 else None
    rows = world.rows.get(dataset, [])
    spared = {who for who in sorted({_id(row) for row in rows}) if random.random() < 0.03}
    for row in rows:  # some stand there more than once
        if _id(row) not in spared:
            row[f"c{index}"] = row[f"r{index}"] = becomes


def _rules(random: Random) -> World:
    """Four books of different rules, two campaigns; one account or two."""

    def rarely() -> bool:
        return random.random() < 0.15

    def new_leads() -> NewLeads | None:
        status = random.choice((None, "Attended"))
        return NewLeads(status, existing=rarely()) if random.random() < 0.4 else None

    keys = ("main", "other") if random.random() < 0.3 else ("main",)
    fields = [field for i, field in enumerate(FIELDS) if i < 2 or random.random() < 0.3]
    fields = [replace(field, index=i) for i, field in enumerate(fields)]
    deleted = random.choice(list(OnDelete))
    accounts = []
    for key in keys:
        types = random.choice(((CONTACT, LEAD), (CONTACT, LEAD), (CONTACT,)))
        sets = tuple(a_set(*fields, record_type=t, account=key) for t in types)
        switch = random.choice(((CONTACT, LEAD), (CONTACT,), ()))
        consent = Consent(not rarely(), switch, random.choice(((), (), ("unsubscribed",))))
        first = types if rarely() else ()
        seen = random.choice((None, 1, 2))
        accounts.append(AccountRules(key, sets, consent, first, on_delete=deleted, hold_creations=rarely(), seen=seen))
    books = [
        BookRules(
            book,
            random.choice(keys),
            exists=True,
            removals=random.choice(list(Removals)),
            restore_left=rarely(),
            first_run=rarely(),
            complete=not rarely(),
            taken_over=rarely(),
        )
        for book in BOOKS
    ]
    statuses = ((), (), ("Sent",), ("Sent", "Attended"))
    links = [
        LinkRules(
            f"link.{campaign}.{book}",
            campaign,
            book,
            random.choice(statuses),
            new_leads=new_leads(),
        )
        for campaign, book in LINKS
    ]
    campaigns = [
        CampaignRules(
            key,
            exists=True,
            default_status=random.choice(("Sent", "Planned")),
            exact=random.random() < 0.3,
            complete=not rarely(),
        )
        for key in CAMPAIGNS
    ]
    precedence = random.choice(((CONTACT, RecordType.PERSON_ACCOUNT, LEAD), (LEAD, CONTACT, RecordType.PERSON_ACCOUNT)))
    world = World(accounts, campaigns, books, _with_primaries(links), {}, precedence, accept_first_sync=rarely())
    required = tuple(name for name in ("Both", "Back", "Price", "Born", "Else") if rarely())
    defaults = tuple((name, "preset") for name in ("Skip", "Born", "Origin") if random.random() < 0.3)
    world.leads = NewLeadRules(required, defaults)
    return world


def _with_primaries(links: list[LinkRules]) -> list[LinkRules]:
    """NEW-8: where two links of one book make new leads, the last of them is the primary one."""
    last = {link.address_book: link for link in links if link.new_leads}
    return [
        replace(link, new_leads=replace(link.new_leads, primary=True))
        if link.new_leads and last[link.address_book] is link
        else link
        for link in links
    ]


class _Cell:
    """Up to three records and two contacts that may or may not be one person."""

    def __init__(self, random: Random, world: World, number: int) -> None:
        self.random = random
        self.world = world
        self.number = number
        name = f"p{number}"
        usual = f"{name}@x.com"
        self.emails = (usual, usual, usual, usual, usual.upper(), f"{name}.b@x.com", None, "nobody", "y" * 260 + usual)
        self.contact_keys: dict[int, str | None] = {}
        self.is_odd = self._chance(0.7)  # the others are people as they mostly are
        self.is_leaver = self._chance(0.2)  # was wanted, and is a member no more
        self.is_unsubscriber = self._chance(0.2)

    def _chance(self, likelihood: float) -> bool:
        return self.random.random() < likelihood

    def _odd(self, likelihood: float) -> bool:
        return self.is_odd and self._chance(likelihood)

    def _email(self) -> str | None:
        return self.random.choice(self.emails) if self.is_odd else self.emails[0]

    def place(self) -> None:
        records = [self._record(j) for j in range(self.random.choice((0, 1, 1, 1, 2, 3)))]
        for j in range(self.random.choice((0, 0, 0, 1, 2))):
            self._place_found(f"00{self.number}-{j}", self.random.choice((CONTACT, LEAD)))
        for account in self.world.accounts:
            if account.key == "main" or self._chance(0.5):
                contacts = self._contacts(account)
                for record in records:
                    self._place_record(account, record, contacts)
                self._place_memories(account)
                self._place_told(account)

    def _values(self, account: AccountRules) -> list[str | None]:
        return [self.random.choice(POOLS[field.data_field_type]) for field in account.sets[0].fields]

    def _books(self, account: AccountRules) -> list[str]:
        return [book.key for book in self.world.books if book.account == account.key]

    def _contacts(self, account: AccountRules) -> dict[int, list[str | None]]:
        found: dict[int, list[str | None]] = {}
        for j in range(1, self.random.choice((0, 1, 1, 2)) + 1):
            contact_id, values = self.number * 10 + j, self._values(account)
            email = self._email() if self.is_odd or j == 1 else f"p{self.number}.b@x.com"
            channel = "subscribed"
            if self._odd(0.4):
                channel = self.random.choice(
                    ("unsubscribed", "suppressed", "hardbounced", "pendingoptin", "deleted", None)
                )
            if self.is_unsubscriber and self._chance(0.7):
                channel = self.random.choice(("unsubscribed", "unsubscribed", "suppressed"))
            status, looked_up = "binned" if self._odd(0.08) else "subscribed", self._chance(0.3)
            for _ in range(2 if self._odd(0.2) else 1):
                self.world.contact(
                    contact_id, email, *values, account=account.key, status=status, channel=channel, looked_up=looked_up
                )
            found[contact_id] = values
            self.contact_keys[contact_id] = key_of(email)
            for book in self._books(account):
                if self._chance(0.5):
                    status = (
                        self.random.choice(("suppressed", "unsubscribed", "other")) if self._odd(0.2) else "subscribed"
                    )
                    self.world.on_book(contact_id, book, account=account.key, status=status)
        return found

    def _record(self, j: int) -> dict[str, Any]:
        """What is the same for every account: the record's identity, its memberships and its fate."""
        kind = self.random.choice((CONTACT, CONTACT, LEAD))
        sf_id = f"00{self.number}-{j}"
        for campaign in CAMPAIGNS:
            if not self.is_leaver and self._chance(0.45):
                status = self.random.choice(("Sent", "Sent", "Sent", "Attended", "Planned"))
                converted_to = f"003{self.number}" if kind is LEAD and self._odd(0.1) else None
                member_id = f"00v-{campaign}-{sf_id}"
                self.world.member(
                    sf_id, campaign, status=status, record_type=kind, id=member_id, converted_to=converted_to
                )
            if not self.is_leaver and self._chance(0.2):
                chosen = self.random.choice((None, "Sent", "Planned"))
                address = self.random.choice((None, f"p{self.number}@x.com"))
                modified = self.random.randint(0, 1)
                self.world.selected(
                    sf_id, campaign, status=chosen, record_type=kind, address=address, modified=modified
                )
            if self._odd(0.1):
                self.world.protected(sf_id, campaign)
        fate = self.random.choice(("there", "there", "there", "deleted", "merged", "invisible", None))
        if fate:
            # A survivor that is read takes over (ID-5); that has tests of its own, and no place in the oracle yet.
            survivor = f"00{self.number}-s" if fate == "merged" else None
            self.world.fate(sf_id, fate, kind, survivor=survivor)
        if self._odd(0.1):
            email_key = self.random.choice((f"p{self.number}@x.com", None))
            self.world.add("opted_out", record_type=kind.value, sf_id=sf_id, email_key=email_key)
        if self._chance(0.2):
            email_key = self.random.choice(
                (f"p{self.number}@x.com", f"p{self.number}@x.com", f"p{self.number}.b@x.com")
            )
            other = self.random.choice((sf_id, f"00{self.number}-other{j}"))
            self.world.add("not_ticked", record_type=kind.value, sf_id=other, email_key=email_key)
        return {
            "sf_id": sf_id,
            "record_type": kind,
            "email": self._email(),
            "opted_out": self._odd(0.12),
            "modified_by": self.random.choice(("005", "005-other")),
            "converted": kind is LEAD and self._odd(0.2),
            "is_seen": not (self.is_leaver or self._odd(0.25)),
        }

    def _place_found(self, sf_id: str, kind: RecordType) -> None:
        """Somebody whom a look-up by address finds: a record of the cell, or one nobody has seen."""
        converted = kind is LEAD and self._chance(0.3)
        self.world.found(
            self.random.choice((sf_id, f"{sf_id}-found")),
            f"p{self.number}{self.random.choice(('', '.b'))}@x.com",
            kind,
            modified=self.random.randint(0, 2),
            converted=converted,
            converted_to=self.random.choice((f"{sf_id}-contact", None)) if converted else None,
        )

    def _place_record(
        self, account: AccountRules, record: dict[str, Any], contacts: dict[int, list[str | None]]
    ) -> None:
        kind, values = record["record_type"], self._values(account)
        if kind not in [mapping.record_type for mapping in account.sets]:
            return
        if record["is_seen"]:
            modified = self.random.randint(0, 2)
            spelt = self.random.choice(("", "\u00a0", " "))
            for again in range(2 if self._odd(0.2) else 1):
                self.world.record(
                    record["sf_id"],
                    record["email"],
                    *values,
                    record_type=kind,
                    account=account.key,
                    opted_out=record["opted_out"],
                    modified=modified + again,
                    converted=record["converted"],
                    modified_by=record["modified_by"],
                )
                row = self.world.rows[columns.records(account.key, kind)][-1]
                row |= {f"r{i}": f"{spelt}{value} " for i, value in enumerate(values) if value is not None and spelt}
        if self.is_leaver or self._chance(0.6):
            self._place_pair(account, record, values, contacts)

    def _place_pair(
        self,
        account: AccountRules,
        record: dict[str, Any],
        values: list[str | None],
        contacts: dict[int, list[str | None]],
    ) -> None:
        contact_id = self.number * 10 + self.random.choice((1, 1, 1, 2, 3) if self.is_odd else (1,))
        email = key_of(record["email"])
        if self._odd(0.2):
            email = self.random.choice((None, f"p{self.number}.old@x.com"))
        email_d = self.contact_keys.get(contact_id, email) if self._chance(0.7) else email
        theirs = contacts.get(contact_id, [None] * len(values))
        hashes: dict[str, str | None] = {}
        for i, (ours, other) in enumerate(zip(values, theirs, strict=True)):
            before = self.random.choice((ours, ours, other, other, None, "a", "b"))
            hashes[f"m{i}"] = self.random.choice((None, 0, 1, 2, 2, 1, 3, 5, 10, 15))  # type: ignore[assignment]
            for side, value in (("s", before), ("d", self.random.choice((before, before, other)))):
                hashes[f"b{side}{i}"] = None if self._chance(0.15) else h(value)
            if self._chance(0.1):
                hashes |= {f"bs{i}": HELD, f"bd{i}": HELD}
        self.world.add(
            columns.base(account.key, record["record_type"]),
            sf_id=record["sf_id"],
            contact_id=contact_id,
            email_s=h(email) if email else None,
            email_d=h(email_d) if email_d else None,
            out_s=self._odd(0.2),
            out_d=self._odd(0.2),
            wrote_s=self.random.choice((None, 1, 2)),
            wrote_d=self.random.choice((None, 1, 2)),
            **hashes,
        )

    def _place_memories(self, account: AccountRules) -> None:
        for book in self._books(account):
            for j in (1, 2, 3):
                if self._chance(0.6 if j == 1 else 0.15):
                    ids = (f"00v-spring-00{self.number}-0", f"00v-autumn-00{self.number}-0", "gone")
                    some = ";".join(sorted(self.random.sample(("", *ids), 2)))
                    member = self.random.choice((None, "", ids[0], "gone", some, ";".join(sorted(ids))))
                    flags = self.random.choice(FLAGS[:3] if self.is_leaver else FLAGS)
                    self.world.membership(self.number * 10 + j, flags, book, account=account.key, member=member)

    def _place_told(self, account: AccountRules) -> None:
        kinds = ("suppressed", "list_optouts", "remembered", "memory", "list", *["refused"] * 3, "intents")
        for kind in kinds:
            if not (self._odd(0.12) or (kind == "memory" and self.is_unsubscriber and self._chance(0.3))):
                continue
            email = self.random.choice((f"p{self.number}@x.com", f"p{self.number}.b@x.com", None))
            contact_id = self.random.choice((None, self.number * 10 + 1))
            reason = self.random.choice(("unsubscribed", "suppressed", "hardbounced"))
            told = {"email_key": email, "contact_id": contact_id, "reason": reason, "removed": "2026-01-01T00:00:00Z"}
            book = self.random.choice(self._books(account) or ["news"])
            if kind == "suppressed":
                self.world.add(columns.suppressed(account.key), **told)
            elif kind == "list_optouts":
                self.world.add(columns.list_optouts(account.key), address_book=book, **told)
            elif kind == "remembered":
                self.world.add(columns.remembered(account.key), email_hash=h(email), reason=reason)
            elif kind == "memory":
                known = self.random.choice(("ticked", "settled", "free"))
                self.world.add(columns.remembered(account.key), email_hash=h(f"\x1f\x1f{email}"), reason=known)
            elif kind == "list":
                self.world.add(columns.remembered(account.key), email_hash=h(f"{book}\x1f{email}"), reason="list")
            elif kind == "refused":
                self.world.add(columns.remembered(account.key), email_hash=h(f"\x1f{email}"), reason="refused")
            else:
                self.world.add(columns.intents(account.key), address_book=book, email_hash=h(email))
