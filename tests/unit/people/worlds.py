"""Builders of small worlds: the tables readers would have written, as plain rows, and the question about them."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import SecretStr

from sfdd_declare.model.canonical import email_key, keyed_hash
from sfdd_declare.model.declared import Consent, Removals
from sfdd_declare.model.mapping import (
    ConflictRule,
    DataFieldType,
    Direction,
    FieldMapping,
    Flow,
    Form,
    FormKind,
    MappedField,
    MappingSet,
    OnBlank,
    RecordType,
)
from sfdd_declare.people import columns
from sfdd_declare.people.decide import decide
from sfdd_declare.people.lookups import OpenQuestions, open_questions
from sfdd_declare.people.question import (
    AccountRules,
    Answer,
    BookRules,
    CampaignRules,
    LinkRules,
    NewLeadRules,
    Question,
)
from sfdd_declare.people.spool import RunDirectory

KEY = "test key"
CONTACT, LEAD, PERSON = RecordType.CONTACT, RecordType.LEAD, RecordType.PERSON_ACCOUNT
Row = dict[str, Any]
Found = TypeVar("Found")


def h(text: str | None) -> str:
    return keyed_hash(KEY, text or "")


def a_field(
    index: int,
    name: str = "",
    *,
    kind: DataFieldType = DataFieldType.STRING,
    form: Form | None = None,
    direction: Direction = Direction.SALESFORCE_TO_DOTDIGITAL,
    on_blank: OnBlank = OnBlank.PROPAGATE,
    conflict: ConflictRule = ConflictRule.SALESFORCE,
    choices: tuple[str, ...] = (),
    record_type: RecordType = CONTACT,
    account: str = "main",
    salesforce_type: str = "string",
    lossy: bool = False,
    before: Flow | None = None,
) -> MappedField:
    name = name or f"FIELD{index}"
    mapping = FieldMapping(account, record_type, name.title(), name, direction, conflict, on_blank, lossy)
    forms = {
        DataFieldType.STRING: Form(FormKind.TEXT),
        DataFieldType.NUMERIC: Form(FormKind.DECIMAL, 2),
        DataFieldType.DATE: Form(FormKind.DATE),
        DataFieldType.BOOLEAN: Form(FormKind.BOOL),
    }
    return MappedField(
        *(index, mapping, form or forms[kind], salesforce_type, 32_000 if lossy else 255, 0, True, choices, kind, name),
        restricted=bool(choices) and direction.writes_salesforce,
        before=before,
    )


def a_set(*fields: MappedField, record_type: RecordType = CONTACT, account: str = "main") -> MappingSet:
    mapped = (replace(f, mapping=replace(f.mapping, record_type=record_type, account=account)) for f in fields)
    return MappingSet(account, record_type, tuple(mapped))


@dataclass
class World:
    """Rows by dataset, and the rules. Each method adds one thing with harmless defaults."""

    accounts: list[AccountRules] = field(default_factory=list)
    campaigns: list[CampaignRules] = field(default_factory=list)
    books: list[BookRules] = field(default_factory=list)
    links: list[LinkRules] = field(default_factory=list)
    rows: dict[str, list[Row]] = field(default_factory=dict)
    precedence: tuple[RecordType, ...] = (CONTACT, PERSON, LEAD)
    samples: int = 5
    reveal: bool = False
    accept_first_sync: bool = False
    allow: frozenset[str] = frozenset()
    leads: NewLeadRules = field(default_factory=NewLeadRules)
    approved: frozenset[str] | None = None  # what a plan file holds
    asks_drift: bool = False

    def add(self, dataset: str, **row: Any) -> None:
        self.rows.setdefault(dataset, []).append(row)

    def account(self, key: str = "main") -> AccountRules:
        return next(a for a in self.accounts if a.key == key)

    def mapping(self, record_type: RecordType, account: str = "main") -> MappingSet:
        return next(s for s in self.account(account).sets if s.record_type is record_type)

    def record(
        self,
        sf_id: str,
        email: str | None,
        *values: str | None,
        record_type: RecordType = CONTACT,
        account: str = "main",
        opted_out: bool = False,
        modified: int = 0,
        converted: bool = False,
        modified_by: str = "005",
    ) -> None:
        self.add(
            columns.records(account, record_type),
            sf_id=sf_id,
            email=email,
            email_key=key_of(email),
            opted_out=opted_out,
            modified=modified,
            modified_by=modified_by,
            converted=converted,
            converted_to=None,
            **_values(values, len(self.mapping(record_type, account).fields)),
        )

    def member(
        self,
        sf_id: str,
        campaign: str = "spring",
        *,
        status: str = "Sent",
        record_type: RecordType = CONTACT,
        id: str = "",
        converted_to: str | None = None,
    ) -> None:
        self.add(
            "members",
            campaign=campaign,
            member_id=id or f"00v-{campaign}-{sf_id}",
            record_type=record_type.value,
            sf_id=sf_id,
            status=status,
            converted_to=converted_to,
        )

    def selected(
        self,
        sf_id: str,
        campaign: str = "spring",
        *,
        status: str | None = None,
        record_type: RecordType = CONTACT,
        address: str | None = None,
        modified: int = 0,
    ) -> None:
        chosen = {"campaign": campaign, "record_type": record_type.value, "sf_id": sf_id, "status": status}
        self.add("selected", **chosen, address=address, modified=modified)

    def contact(
        self,
        contact_id: int,
        email: str | None,
        *values: str | None,
        account: str = "main",
        status: str = "subscribed",
        channel: str = "subscribed",
        looked_up: bool = False,
        books: Iterable[str] = (),
    ) -> None:
        self.add(
            columns.contacts(account),
            contact_id=contact_id,
            email=email,
            email_key=key_of(email),
            status=status,
            channel=channel,
            looked_up=looked_up,
            **_values(values, len(columns.slots(self.account(account).sets))),
        )
        for book in books:
            self.on_book(contact_id, book, account=account)

    def on_book(
        self, contact_id: int, book: str = "news", *, account: str = "main", status: str = "subscribed"
    ) -> None:
        self.add(columns.listed(account), address_book=book, contact_id=contact_id, status=status)

    def pair(
        self,
        sf_id: str,
        contact_id: int,
        email: str | None,
        *values: str | None,
        record_type: RecordType = CONTACT,
        account: str = "main",
        email_d: str | None = None,
        out_s: bool = False,
        out_d: bool = False,
        wrote_d: int | None = None,
        wrote_s: int | None = None,
        marks: tuple[int, ...] = (),
        dotdigital: tuple[str | None, ...] | None = None,
    ) -> None:
        """The base of a pair; `values` are what both sides held, unless `dotdigital` says otherwise."""
        count = len(self.mapping(record_type, account).fields)
        sides = {"bs": values, "bd": dotdigital if dotdigital is not None else values}
        self.add(
            columns.base(account, record_type),
            sf_id=sf_id,
            contact_id=contact_id,
            email_s=h(key_of(email)) if email else None,
            email_d=h(key_of(email_d or email)) if email_d or email else None,
            out_s=out_s,
            out_d=out_d,
            wrote_s=wrote_s,
            wrote_d=wrote_d,
            **{f"m{i}": mark for i, mark in enumerate(marks)},
            **{
                f"{side}{i}": h(held[i]) if i < len(held) else None
                for side, held in sides.items()
                for i in range(count)
            },
        )

    def membership(
        self,
        contact_id: int,
        flags: str = "wanted,on",
        book: str = "news",
        *,
        account: str = "main",
        member: str | None = None,
    ) -> None:
        words = set(flags.split(","))
        self.add(
            columns.memberships(account),
            account=account,
            address_book=book,
            contact_id=contact_id,
            wanted="wanted" in words,
            on_book="on" in words,
            added_by_us="ours" in words,
            list_optout="optout" in words,
            left="left" in words,
            member=member,
            forget=False,
        )

    def fate(self, sf_id: str, fate: str, record_type: RecordType = CONTACT, *, survivor: str | None = None) -> None:
        self.add("fates", record_type=record_type.value, sf_id=sf_id, fate=fate, survivor=survivor)

    def protected(self, sf_id: str, campaign: str = "spring") -> None:
        self.add("protected", campaign=campaign, sf_id=sf_id)

    def found(
        self,
        sf_id: str,
        email: str,
        record_type: RecordType = CONTACT,
        *,
        modified: int = 0,
        converted: bool = False,
        converted_to: str | None = None,
    ) -> None:
        """Somebody in the org who has the address of a newcomer."""
        facts = {"modified": modified, "converted": converted, "converted_to": converted_to}
        self.add("found", record_type=record_type.value, sf_id=sf_id, email_key=key_of(email), **facts)

    def question(self) -> Question:
        return Question(
            accounts=tuple(self.accounts),
            campaigns=tuple(self.campaigns),
            books=tuple(self.books),
            links=tuple(self.links),
            precedence=self.precedence,
            hash_key=SecretStr(KEY),
            salesforce_users=("005", "005-before"),
            samples=self.samples,
            reveal=self.reveal,
            accept_first_sync=self.accept_first_sync,
            allow=self.allow,
            leads=self.leads,
            is_approval=self.approved is None,
            is_approved=self.approved is not None,
            asks_drift=self.asks_drift,
        )

    def schemas(self) -> dict[str, pa.Schema]:
        """Of every dataset this world may have."""
        found = {
            "members": columns.MEMBERS,
            "selected": columns.SELECTED,
            "opted_out": columns.OPTED_OUT,
            "not_ticked": columns.NOT_TICKED,
            "fates": columns.FATES,
            "protected": columns.PROTECTED,
            "found": columns.FOUND,
            columns.APPROVED_DATASET: columns.APPROVED,
        }
        for account in self.accounts:
            key = account.key
            found[columns.contacts(key)] = columns.contacts_schema(account.sets)
            found[columns.listed(key)] = columns.LISTED
            found[columns.suppressed(key)] = columns.SUPPRESSED
            found[columns.list_optouts(key)] = columns.LIST_OPTOUTS
            found[columns.memberships(key)] = columns.MEMBERSHIPS
            found[columns.intents(key)] = columns.INTENTS
            found[columns.remembered(key)] = columns.REMEMBERED
            found[columns.parked(key)] = columns.PARKED
            for mapping in account.sets:
                found[columns.records(key, mapping.record_type)] = columns.records_schema(mapping)
                found[columns.base(key, mapping.record_type)] = columns.base_schema(mapping)
        return found

    def book(self, **changes: Any) -> None:
        """Change the rules of the first book."""
        self.books[0] = replace(self.books[0], **changes)

    def rules(self, **changes: Any) -> None:
        """Change the rules of the first account."""
        self.accounts[0] = replace(self.accounts[0], **changes)


def a_world(*fields: MappedField, leads: bool = True, removals: Removals = Removals.KEEP) -> World:
    """One account, campaign `spring` linked to book `news`, which is past its first run; two text fields by default."""
    fields = fields or (a_field(0, "FIRSTNAME"), a_field(1, "TITLE"))
    sets = (a_set(*fields), *([a_set(*fields, record_type=LEAD)] if leads else []))
    return World(
        accounts=[AccountRules("main", sets, Consent(), ())],
        campaigns=[CampaignRules("spring", exists=True, default_status="Sent")],
        books=[BookRules("news", "main", exists=True, removals=removals, restore_left=False, first_run=False)],
        links=[LinkRules("link.spring.news", "spring", "news", ())],
    )


def key_of(email: str | None) -> str | None:
    return email_key(email) if email and "@" in email and len(email) <= 256 else None


def _values(values: tuple[str | None, ...], count: int) -> Row:
    padded = (*values, *[None] * (count - len(values)))
    return {f"{side}{i}": padded[i] for side in "cr" for i in range(count)}


@dataclass(frozen=True)
class Decision:
    answer: Answer
    changes: list[Row]
    moves: list[Row]
    meanings: frozenset[str]

    def rows(self, **like: Any) -> list[Row]:
        return [row for row in self.changes if all(row[k] == v for k, v in like.items())]

    def moved(self, **like: Any) -> list[Row]:
        return [row for row in self.moves if all(row[k] == v for k, v in like.items())]

    def held(self) -> dict[str, int]:
        return {held.what: held.people for held in self.answer.people.held}


def decided(world: World, *, seed: int | None = None) -> Decision:
    """Write the tables, ask, read the answer. With a seed, rows are shuffled and cut into several parts."""
    with tempfile.TemporaryDirectory() as folder:
        spool = _spooled(world, Path(folder), random.Random(seed) if seed is not None else None)
        answer = decide(world.question(), spool)
        changes, moves, said = (
            _read(spool, dataset) for dataset in (columns.CHANGES, columns.MOVES, columns.MEANINGS_DATASET)
        )
    return Decision(answer, changes, moves, frozenset(row["meaning"] for row in said))


def asked(world: World) -> OpenQuestions:
    """What the tables of this world leave open."""
    return question_of(world, open_questions)


def question_of(world: World, ask: Callable[[Question, RunDirectory], Found]) -> Found:
    """What something that asks the tables finds in this world."""
    with tempfile.TemporaryDirectory() as folder:
        return ask(world.question(), _spooled(world, Path(folder), None))


def _spooled(world: World, folder: Path, shuffle: random.Random | None) -> RunDirectory:
    spool = RunDirectory(folder)
    approved = {columns.APPROVED_DATASET: [{"meaning": one} for one in sorted(world.approved or ())]}
    for dataset, schema in world.schemas().items():
        rows = list((world.rows | approved).get(dataset, []))
        for part in _parts(rows, shuffle):
            with spool.sink(dataset, schema) as sink:
                for batch in pa.Table.from_pylist(part, schema=schema).to_batches():
                    sink.write(batch)
    return spool


def _parts(rows: list[Row], shuffle: random.Random | None) -> list[list[Row]]:
    if shuffle is None:
        return [rows] if rows else []
    shuffle.shuffle(rows)
    cut = shuffle.randint(0, len(rows))
    return [part for part in (rows[:cut], rows[cut:]) if part]


def _read(spool: RunDirectory, dataset: str) -> list[Row]:
    rows: list[Row] = []
    for part in spool.parts(dataset):
        rows += pq.read_table(part).to_pylist()
    return rows
