"""What the configuration wants, after reading, merging and resolving: plain frozen values without YAML.

`None` in a managed attribute means "not managed". Everything carries the position it was written at, for messages.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from pydantic import SecretStr

from sfdd_declare.model.address import Address
from sfdd_declare.model.errors import Position
from sfdd_declare.model.loosened import Loosened
from sfdd_declare.model.mapping import DataFieldType, FieldMapping, RecordType
from sfdd_declare.model.receiver import Receiver


class Removals(StrEnum):
    """What happens on the book when people leave its campaigns (MEM-4)."""

    KEEP = "keep"
    MANAGED = "managed"
    MIRROR = "mirror"


class OnDestroy(StrEnum):
    """What happens live when a declared thing leaves the configuration."""

    FORGET = "forget"
    DELETE = "delete"


class Visibility(StrEnum):
    """Visibility of lists and data fields, as Dotdigital spells it."""

    PRIVATE = "Private"
    PUBLIC = "Public"


class MemberMode(StrEnum):
    ADD = "add"
    EXACT = "exact"


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """`lifecycle:` and `on_destroy:` of any resource."""

    prevent_destroy: bool = False
    ignore_changes: tuple[str, ...] = ()
    on_destroy: OnDestroy = OnDestroy.FORGET


@dataclass(frozen=True, slots=True)
class Existing:
    """`existing:` - a live thing that is read and linked, never written. Exactly one of the two is set."""

    name: str | None = None
    id: str | None = None


@dataclass(frozen=True, slots=True)
class MemberStatus:
    """One label under `member_statuses`; None = not managed."""

    label: str
    default: bool | None = None
    responded: bool | None = None


@dataclass(frozen=True, slots=True)
class Selection:
    """Who of one record type is declared to be in a campaign: by exactly one of where, ids and emails.

    What a `file` names stands in ids or emails.
    """

    record_type: RecordType
    where: str | None = None
    ids: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    file: str | None = None
    status: str | None = None
    position: Position | None = None


@dataclass(frozen=True, slots=True)
class Campaign:
    """`campaigns.<key>`. `fields` maps Salesforce field names to declared values (text, bool, number; dates as ISO
    text).
    """

    key: str
    existing: Existing | None
    fields: tuple[tuple[str, str | bool | int | float], ...]  # Name first; only what is managed
    statuses: tuple[MemberStatus, ...]
    selections: tuple[Selection, ...]
    mode: MemberMode
    lifecycle: Lifecycle
    where: Position | None = None

    @property
    def name(self) -> str | None:
        return next((str(value) for name, value in self.fields if name == "Name"), None)


@dataclass(frozen=True, slots=True)
class AddressBook:
    """`address_books.<key>`."""

    key: str
    account: str
    existing: Existing | None
    name: str | None
    visibility: Visibility | None
    removals: Removals
    restore_left: bool  # `left: restore`
    lifecycle: Lifecycle
    where: Position | None = None


@dataclass(frozen=True, slots=True)
class DataField:
    """`data_fields.<account>.<name>`; `existing` fields have no declared type."""

    account: str
    name: str
    existing: bool
    type: DataFieldType | None
    visibility: Visibility | None
    default: str | bool | float | None
    lifecycle: Lifecycle
    where: Position | None = None


@dataclass(frozen=True, slots=True)
class NewLeads:
    """`new_leads` of a link."""

    member_status: str | None = None
    existing: bool = False
    primary: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """One campaign joined to one address book; lists of books are already spread out."""

    campaign: str
    address_book: str
    member_statuses: tuple[str, ...]  # empty = all
    new_leads: NewLeads | None
    schedule: str | None
    lifecycle: Lifecycle
    where: Position | None = None


@dataclass(frozen=True, slots=True)
class Consent:
    """Switches of one account (CON-14), already merged with the top-level default."""

    opt_out_to_dotdigital: bool = True
    unsubscribe_to_salesforce: tuple[RecordType, ...] = (
        RecordType.CONTACT,
        RecordType.PERSON_ACCOUNT,
        RecordType.LEAD,
    )
    reasons: tuple[str, ...] = ()  # replaces the set of CON-4 when not empty


class DoubleOptIn(StrEnum):
    ENFORCED = "enforced"
    NOT_ENFORCED = "not_enforced"


@dataclass(frozen=True, slots=True)
class Account:
    """`dotdigital.accounts.<key>`."""

    key: str
    user: str
    password: SecretStr
    region: str  # auto, r1, r2, r3, or a base URL
    enabled: bool
    double_opt_in: DoubleOptIn | None
    consent: Consent
    where: Position | None = None


class AuthMethod(StrEnum):
    JWT = "jwt"
    ACCESS_TOKEN = "access_token"  # noqa: S105 - the name of a method, not a secret
    CLIENT_CREDENTIALS = "client_credentials"
    REFRESH_TOKEN = "refresh_token"  # noqa: S105


@dataclass(frozen=True, slots=True)
class SalesforceAuth:
    """`salesforce.auth`; which attributes are set depends on the method."""

    method: AuthMethod
    client_id: str = ""
    username: str = ""
    private_key: SecretStr | None = None
    client_secret: SecretStr | None = None
    refresh_token: SecretStr | None = None
    access_token: SecretStr | None = None
    instance_url: str = ""


@dataclass(frozen=True, slots=True)
class Salesforce:
    """`salesforce:`."""

    auth: SalesforceAuth | None  # None: taken from the environment of Salesforce's own CLI
    login_url: str
    api_version: str
    daily_call_budget: int | None
    registry: bool  # custom_objects (True) or none
    where: Position | None = None


@dataclass(frozen=True, slots=True)
class Limit:
    """A guard's bound: a share of people (`10%`) or an absolute number; where both are set, both hold."""

    percent: float | None = None
    count: int | None = None

    def __str__(self) -> str:
        both = (self.count, None if self.percent is None else f"{self.percent:g}%")
        return " and ".join(str(bound) for bound in both if bound is not None)


@dataclass(frozen=True, slots=True)
class Guards:
    max_overwrites: Limit = Limit(percent=10.0)
    max_removals: Limit = Limit(percent=10.0)
    max_new_records: int = 500
    plan_tolerance: Limit = Limit(percent=5.0)
    protect: tuple[Address, ...] = ()


class OnDelete(StrEnum):
    """What a record deleted in Salesforce does in Dotdigital (ID-6)."""

    LEAVE = "leave"
    REMOVE_FROM_BOOKS = "remove_from_books"
    DELETE_CONTACT = "delete_contact"


@dataclass(frozen=True, slots=True)
class Matching:
    precedence: tuple[RecordType, ...] = (RecordType.CONTACT, RecordType.PERSON_ACCOUNT, RecordType.LEAD)
    email_two_way: bool = False
    on_delete: OnDelete = OnDelete.REMOVE_FROM_BOOKS


@dataclass(frozen=True, slots=True)
class LeadRules:
    """`leads:` - how new leads are written."""

    defaults: tuple[tuple[str, str], ...] = ()
    assignment_rules: bool = False
    allow_duplicates: bool = False


@dataclass(frozen=True, slots=True)
class Import:
    """`import:` block - take a live thing under management."""

    to: Address
    id: str
    where: Position | None = None


@dataclass(frozen=True, slots=True)
class Moved:
    """`moved:` block - a thing got another address."""

    source: Address
    target: Address
    where: Position | None = None


@dataclass(frozen=True, slots=True)
class NotApplied:
    """A declared part whose engine does not exist yet: skipped and listed, never silently."""

    what: str
    address: str
    where: Position | None = None


@dataclass(frozen=True, slots=True)
class Advice:
    """A warning: what is allowed, but probably not meant."""

    rule: str  # a stable id: SFDD-W1201
    text: str
    where: Position | None

    def __str__(self) -> str:
        return f"{self.where}: {self.text}"


@dataclass(frozen=True, slots=True)
class Desired:
    """The whole configuration, resolved. References resolve; addresses are unique; order is the order of the files."""

    digest: str  # of the merged configuration with interpolations, secrets and `notifications` left out
    salesforce: Salesforce
    accounts: tuple[Account, ...]
    campaigns: tuple[Campaign, ...]
    address_books: tuple[AddressBook, ...]
    data_fields: tuple[DataField, ...]
    mapped: tuple[
        tuple[str, RecordType], ...
    ]  # (account, record type) with an entry under field_mappings, even an empty one
    mappings: tuple[FieldMapping, ...]
    links: tuple[Link, ...]
    matching: Matching = Matching()
    leads: LeadRules = LeadRules()
    guards: Guards = Guards()
    imports: tuple[Import, ...] = ()
    moved: tuple[Moved, ...] = ()
    not_applied: tuple[NotApplied, ...] = ()
    advice: tuple[Advice, ...] = ()
    warnings: tuple[str, ...] = ()  # the advice as text, each with its place
    notifications: tuple[Receiver, ...] = ()
    state: str | None = None  # `state:` URL; None = .sfdd/state.db beside the configuration
    memory_limit: str = "1GB"
    full_every_hours: float = 24.0
    schedule: str = "every 15 minutes"  # of links without one of their own
    time_zone: str = "UTC"  # of cron expressions
    loosened: tuple[Loosened, ...] = ()  # limits that a base has stricter; those of this configuration are the judging
    kept: frozenset[str] = frozenset()  # addresses that a base has with `prevent_destroy`, declared here or not
    root: str = field(default=".")  # the folder the configuration was read from

    def schedule_of(self, link: Link) -> str:
        """The schedule that is in force for a link."""
        return link.schedule or self.schedule

    def book(self, key: str) -> AddressBook:
        return next(book for book in self.address_books if book.key == key)

    def campaign(self, key: str) -> Campaign:
        return next(campaign for campaign in self.campaigns if campaign.key == key)
