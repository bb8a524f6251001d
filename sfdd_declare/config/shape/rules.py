"""Shapes of the rules that hold for everybody: consent, leads, matching, sync, guards, engine, imports and moves."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, ConfigDict, Field

from sfdd_declare.config.shape.base import Bytes, Duration, Id, Schedule, Shape, Share, Text, TimeZone, Word, wrong
from sfdd_declare.model.address import Address

Reason = Literal[
    "unsubscribed",
    "directComplaint",
    "ispComplained",
    "knownComplainer",
    "suppressed",
    "hardBounced",
    "softBounced",
    "spamTrap",
    "blockedlocalpart",
    "sharedsuppression",
    "sharedDomainSuppression",
    "domainSuppressed",
    "purchased",
    "knownLitigator",
]


def _address(value: str) -> str:
    try:
        Address.parse(value)
    except ValueError:
        raise wrong("SFDD-E1105", "This is not an address such as `address_book.newsletter`.") from None
    return value


def _no_repeats(value: list[str]) -> list[str]:
    if len(set(value)) < len(value):
        raise wrong(
            "SFDD-E1105", "Each record type stands here once.", hint="precedence: [contact, person_account, lead]"
        )
    return value


Kind = Literal["contact", "person_account", "lead"]
AddressText = Annotated[str, AfterValidator(_address)]


class UnsubscribeSwitches(Shape):
    """Which records get Email Opt Out ticked when a person unsubscribes in Dotdigital."""

    contacts: bool = Field(default=True, description="Tick it on contacts.")
    leads: bool = Field(default=True, description="Tick it on leads.")
    person_accounts: bool = Field(default=True, description="Tick it on person accounts.")


class Consent(Shape):
    """How opt-outs travel. Every switch is on by default."""

    opt_out_to_dotdigital: bool | None = Field(
        default=None, description="Email Opt Out in Salesforce suppresses the contact in Dotdigital."
    )
    unsubscribe_to_salesforce: UnsubscribeSwitches | None = Field(
        default=None, description="An unsubscribe in Dotdigital ticks Email Opt Out in Salesforce."
    )
    reasons: list[Reason] | None = Field(
        default=None,
        min_length=1,
        description="The Dotdigital statuses that count as an opt-out; replaces the default.",
        examples=[["unsubscribed", "directComplaint"]],
    )


class Leads(Shape):
    """How new leads are written."""

    defaults: dict[Text, Word] = Field(
        default_factory=dict,
        description="Values of Lead fields that no mapping fills; an owner may be written `queue:Name`.",
        examples=[{"LeadSource": "Web", "OwnerId": "queue:Web leads"}],
    )
    assignment_rules: bool = Field(default=False, description="Run the org's assignment rules.")
    duplicate_rules: Literal["respect", "allow_save"] = Field(
        default="respect", description="allow_save saves in spite of duplicate rules that only alert."
    )


class Matching(Shape):
    """How records and contacts are matched."""

    precedence: Annotated[list[Kind], AfterValidator(_no_repeats)] | None = Field(
        default=None,
        description="Who writes when several records share one email address; the first wins.",
        examples=[["contact", "person_account", "lead"]],
    )
    email: Literal["salesforce_to_dotdigital", "two_way"] = Field(
        default="salesforce_to_dotdigital", description="Which way a changed email address travels."
    )
    on_delete: Literal["leave", "remove_from_books", "delete_contact"] = Field(
        default="remove_from_books", description="What a record deleted in Salesforce does in Dotdigital."
    )


class Sync(Shape):
    """When people are synchronised, and when everything is read again."""

    full_every: Duration = Field(default="24 hours", description="Longest time between two full reads.")
    schedule: Schedule = Field(
        default="every 15 minutes",
        description="When `sfdd watch` synchronises links that have no schedule of their own.",
        examples=["every hour", "*/10 6-20 * * 1-5", "manual"],
    )
    time_zone: TimeZone = Field(default="UTC", description="The zone of cron expressions.", examples=["Europe/London"])


class Guards(Shape):
    """Limits that block operations, never a plan and never consent."""

    max_overwrites: Share = Field(
        default="10%", description="Filled values replaced or blanked, of the people in scope."
    )
    max_removals: Share = Field(default="10%", description="People taken off a book, of the people on it.")
    max_new_records: int = Field(default=500, ge=0, description="Leads created and members adopted.")
    plan_tolerance: Share = Field(default="5%", description="How far counts may move between --expect and apply.")
    protect: list[AddressText] = Field(
        default_factory=list,
        description="Never destroyed or replaced; their people are never removed.",
        examples=[["address_book.newsletter"]],
    )


class Engine(Shape):
    """The people engine."""

    memory_limit: Bytes = Field(default="1GB", description="Memory the engine may use before it goes to disk.")


class Import(Shape):
    """Take a live thing under management."""

    to: AddressText = Field(description="The declared thing.", examples=["address_book.spring_launch"])
    id: Id = Field(description="Its live id.", examples=["901"])


class Moved(Shape):
    """A declared thing got another key."""

    model_config = ConfigDict(validate_by_alias=True)

    source: AddressText = Field(alias="from", description="The address it had.", examples=["campaign.spring"])
    to: AddressText = Field(description="The address it has now.", examples=["campaign.spring_launch"])
