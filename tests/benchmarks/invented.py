"""Invented people whom both systems know, what happened to each since the last run, and the rules about them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Enum, auto
from functools import cached_property

from pydantic import SecretStr

from sfdd_declare.model.declared import Consent, Removals
from sfdd_declare.model.mapping import (
    DataFieldType,
    Direction,
    FieldMapping,
    Form,
    FormKind,
    MappedField,
    MappingSet,
    RecordType,
)
from sfdd_declare.people.question import AccountRules, BookRules, CampaignRules, LinkRules, Question

ACCOUNT, CAMPAIGN, BOOK = "main", "spring", "news"
HASH_KEY = "a key for benchmarks"
LAST_RUN = 1_700_000_000
LAST_READ = LAST_RUN + 100
KINDS = (RecordType.CONTACT, RecordType.LEAD)

_FIRST = ("Anna", "José", "Zoë", "Liam", "Olivia", "Søren", "Emma", "Jürgen", "Li", "Priya")
_LAST = ("Smith", "Müller", "García", "O'Brien", "Nguyen", "Patel", "Østergaard", "Rossi", "Novák")
_CITIES = ("London", "São Paulo", "Zürich", "New York", "Paris", "Tokyo", "Leeds")
_TITLES = (None, "CEO", "Engineer", "Sales Manager", "Buyer, Retail", "Head of Marketing", "Analyst")

_TO_DOTDIGITAL, _TO_SALESFORCE = Direction.SALESFORCE_TO_DOTDIGITAL, Direction.DOTDIGITAL_TO_SALESFORCE
_TEXT = (Form(FormKind.TEXT), DataFieldType.STRING, "string")
#: Salesforce field, data field, direction; form and the two types.
FIELDS = (
    ("FirstName", "FIRSTNAME", Direction.TWO_WAY, _TEXT),
    ("LastName", "LASTNAME", _TO_DOTDIGITAL, _TEXT),
    ("City__c", "CITY", Direction.TWO_WAY, _TEXT),
    ("Title", "TITLE", _TO_DOTDIGITAL, _TEXT),
    ("Score__c", "SCORE", _TO_SALESFORCE, (Form(FormKind.DECIMAL, 2), DataFieldType.NUMERIC, "double")),
    ("Last_Seen__c", "LAST_SEEN", _TO_DOTDIGITAL, (Form(FormKind.DATE), DataFieldType.DATE, "date")),
)
_LAST_NAME, _CITY = 1, 2

Values = tuple[str | None, ...]


class Since(Enum):
    """What happened since the last run."""

    NOTHING = auto()
    EDITED_IN_SALESFORCE = auto()
    EDITED_IN_DOTDIGITAL = auto()
    EDITED_IN_BOTH = auto()
    JOINED = auto()  # a new member whom Dotdigital does not know
    WAS_REMOVED = auto()  # from the campaign
    LEFT = auto()  # the address book
    OPTED_OUT_IN_SALESFORCE = auto()
    OPTED_OUT_IN_DOTDIGITAL = auto()
    OUT_FOR_LONG = auto()  # before the last run, on both sides


#: Of a thousand people, in the order of `Since`.
_SHARES = (955, 10, 9, 1, 5, 2, 1, 2, 3, 12)


@dataclass(frozen=True)
class Person:
    """One person: what both sides held after the last run, and what each holds now."""

    number: int
    since: Since
    is_lead: bool
    known: Values
    salesforce: Values
    dotdigital: Values

    @property
    def kind(self) -> RecordType:
        return RecordType.LEAD if self.is_lead else RecordType.CONTACT

    @cached_property
    def sf_id(self) -> str:
        return f"{'00Q' if self.is_lead else '003'}{self.number:012d}AAA"

    @property
    def contact_id(self) -> int:
        return 10_000_000 + self.number

    @cached_property
    def email(self) -> str:
        """As it is matched; the systems hold it in other letter cases here and there."""
        return f"user{self.number}@example{self.number % 500}.com"


def people(count: int) -> Iterator[Person]:
    """The same people each time."""
    dice = random.Random(count)
    for number in range(count):
        known = (
            dice.choice(_FIRST),
            dice.choice(_LAST),
            f"{dice.choice(_CITIES)} {dice.randrange(400)}",
            dice.choice(_TITLES),
            f"{dice.randrange(1, 100_000)}.{dice.randrange(1, 10)}",
            f"{dice.randrange(2022, 2026)}-{dice.randrange(1, 13):02d}-{dice.randrange(1, 29):02d}",
        )
        since = dice.choices(list(Since), _SHARES)[0]
        yield _edited(Person(number, since, dice.random() < 0.2, known, known, known))


def _edited(person: Person) -> Person:
    if person.since is Since.EDITED_IN_SALESFORCE:
        return replace(person, salesforce=_with(person.known, _LAST_NAME, "Married"))
    if person.since is Since.EDITED_IN_DOTDIGITAL:
        return replace(person, dotdigital=_with(person.known, _CITY, "Moved"))
    if person.since is Since.EDITED_IN_BOTH:
        here, there = _with(person.known, _CITY, "Here"), _with(person.known, _CITY, "There")
        return replace(person, salesforce=here, dotdigital=there)
    return person


def _with(values: Values, at: int, value: str) -> Values:
    return (*values[:at], value, *values[at + 1 :])


def mapping_sets() -> tuple[MappingSet, ...]:
    """The same six fields for contacts and for leads."""
    return tuple(
        MappingSet(
            ACCOUNT,
            kind,
            tuple(
                MappedField(
                    index, FieldMapping(ACCOUNT, kind, name, data_field, direction), form, sf_type, 255, 2, True, (),
                    dd_type, data_field,
                )
                for index, (name, data_field, direction, (form, dd_type, sf_type)) in enumerate(FIELDS)
            ),
        )
        for kind in KINDS
    )  # fmt: skip


def question() -> Question:
    """One campaign, linked to one address book that mirrors it."""
    return Question(
        accounts=(AccountRules(ACCOUNT, mapping_sets(), Consent(), (), seen=LAST_READ),),
        campaigns=(CampaignRules(CAMPAIGN, exists=True, default_status="Sent"),),
        books=(
            BookRules(
                BOOK, ACCOUNT, exists=True, removals=Removals.MANAGED, restore_left=False, first_run=False
            ),
        ),
        links=(LinkRules("link.spring.news", CAMPAIGN, BOOK, ()),),
        precedence=(RecordType.CONTACT, RecordType.PERSON_ACCOUNT, RecordType.LEAD),
        hash_key=SecretStr(HASH_KEY),
        salesforce_users=("005",),
    )  # fmt: skip
