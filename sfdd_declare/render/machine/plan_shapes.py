"""The shape of a plan's document. Its names are public: see `document.FORMAT_VERSION` before changing one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sfdd_declare.model.operation import Action, Cause, Stage, Task
from sfdd_declare.render.machine.document import LeftOut, Shape

Scalar = str | bool | int | float | None


@dataclass(frozen=True, slots=True)
class HeaderPart(Shape):
    """What the plan was made from."""

    tool: str
    """Name and version of the program."""
    created: str
    """When, in UTC (ISO 8601)."""
    config_digest: str
    """Digest of the configuration, secrets left out."""
    org_id: str
    """Id of the Salesforce org."""
    accounts: dict[str, str]
    """Id of each Dotdigital account by its key."""
    lineage: str
    """Of the state."""
    serial: int
    """Of the state; every apply raises it."""


@dataclass(frozen=True, slots=True)
class Things(Shape):
    """Campaigns, address books and the like by what happens to them. A replacement is destroyed and added."""

    add: int
    change: int
    destroy: int
    imported: int
    """By an `import:` block; only the state changes."""
    adopt: int
    """Made by an apply that was interrupted; only the state changes."""
    move: int
    """By a `moved:` block; only the state changes."""
    forget: int
    """No longer managed, left as they are."""


@dataclass(frozen=True, slots=True)
class PeopleSummary(Shape):
    """People by what happens to them, each once per number."""

    add: int
    """Put on an address book."""
    update: int
    """With values that change."""
    remove: int
    """Taken off an address book, or out of a campaign."""
    new_leads: int
    """Made in Salesforce."""
    conflicts: int
    """With a value that changed on both sides and waits."""
    suppress: int
    """Opted out in Salesforce, to be suppressed in Dotdigital."""
    opt_out: int
    """Unsubscribed in Dotdigital, whose Email Opt Out will be ticked."""
    members: int
    """Made campaign members by a declared selection."""
    adopt: int
    """Made campaign members since they joined an address book."""
    overwrites: int
    """With a filled value that is replaced or blanked."""


@dataclass(frozen=True, slots=True)
class Summary(Shape):
    """The numbers of the summary line, whatever a guard holds back included."""

    things: Things
    people: PeopleSummary


@dataclass(frozen=True, slots=True)
class Most(Shape):
    """People by what happens to them, each once per number."""

    add: int
    update: int
    remove: int
    leads: int
    overwrites: int


@dataclass(frozen=True, slots=True)
class Change(Shape):
    """One attribute of a thing, in the vendor's own words. Never a person's value."""

    name: str
    old: Scalar
    """Null for nothing, and where `sensitive`."""
    new: Scalar
    """Null for nothing, where `sensitive`, and where not `known`."""
    cause: Cause
    """Who changed it: the configuration, somebody by hand (drift), or both."""
    known: bool
    """False: the new value is only known after the apply."""
    id_of: str | None
    """The new value will be the id of the thing with this address."""
    sensitive: bool
    """The values are a credential's, and left out."""
    forces_replacement: bool
    """The thing must be destroyed and made anew for it."""


@dataclass(frozen=True, slots=True)
class RowsPart(Shape):
    """How much an operation on people carries."""

    people: int
    rows: int
    counts: dict[str, int]
    """Rows by what they do: `FIRSTNAME:fill`, `list:add`."""


@dataclass(frozen=True, slots=True)
class OperationPart(Shape):
    """One step, in the order in which the plan is carried out."""

    id: str
    address: str
    """Of the thing in the configuration: `campaign.spring_launch`."""
    stage: Stage
    action: Action
    """What happens to the thing; `people` for an operation on people, whose `task` says what happens."""
    task: Task
    """How it is carried out."""
    part: str
    """Which part of the thing, where it is not the thing itself."""
    fields: tuple[Change, ...]
    """Attributes that change."""
    unchanged: int
    """How many attributes do not."""
    note: str
    """One line for the reader: what goes with it, why it is replaced."""
    destroys: str
    """The name to confirm before it is carried out; empty for none."""
    drift: bool
    """It puts back what somebody changed by hand."""
    drift_by: str
    """Id of that user and when, where the vendor tells."""
    blocked_by: str | None
    """The guard that holds it back, or that holds back something it needs."""
    rows: RowsPart | None
    """Only of operations on people."""


@dataclass(frozen=True, slots=True)
class Verdict(Shape):
    """Why a guard holds operations back."""

    guard: str
    """The name for `--allow`."""
    address: str
    count: int
    """How many there are."""
    limit: str
    """How many there may be: a number or a percentage."""
    of: int
    """Of how many."""
    operations: tuple[str, ...]
    """Ids of those held back; what needs them is held back too."""
    detail: str


@dataclass(frozen=True, slots=True)
class LoosenedPart(Shape):
    """A limit that the planned proposal loosens (`--base`). It holds once merged; until then the judging one does."""

    address: str
    """Of the thing that it protects; empty for a limit of the whole configuration."""
    key: str
    """In the configuration, or the flag."""
    base: str
    """As the base has it."""
    proposed: str
    judged: str
    """The stricter of both, or both where they cannot be compared."""


@dataclass(frozen=True, slots=True)
class LinkPart(Shape):
    """People of one link. Each counts at the first link, in the order of the files, that wants them."""

    link: str
    campaign: str
    address_book: str
    members: int
    """Campaign members who pass the link's filter."""
    add: int
    update: int
    remove: int
    on_book: int
    skipped: dict[str, int]
    """Members who are not put on the address book, by the reason."""
    new_leads: int
    adopt: int
    pending: int
    """Newcomers who lack a value that a lead needs."""


@dataclass(frozen=True, slots=True)
class FieldPart(Shape):
    """People of one field mapping."""

    address: str
    account: str
    record_type: str
    salesforce_field: str
    data_field: str
    direction: str
    to_dotdigital: int
    """Values written to Dotdigital."""
    to_salesforce: int
    """Values written to Salesforce."""
    overwritten: int
    """Filled values replaced by others."""
    blanked: int
    """Filled values replaced by nothing."""
    blanks_kept: int
    """Blanks that are not carried."""
    carriers: int
    """People in scope whose source is filled."""
    salesforce_won: int
    """Conflicts."""
    dotdigital_won: int
    """Conflicts."""
    conflicts_held: int
    settled: int
    """Carried by the old direction before it turns."""
    is_new: bool
    """The mapping was added since the last apply."""
    filled_there: int
    """Filled values in Dotdigital before this plan."""
    filled_here: int
    """Filled values in Salesforce before this plan."""
    replaced_there: int
    """Those of them in Dotdigital that are replaced or blanked."""
    replaced_here: int
    """Those of them in Salesforce that are replaced or blanked."""


@dataclass(frozen=True, slots=True)
class HeldPart(Shape):
    """Something that waits or is left alone; never a change."""

    what: str
    people: int
    reason: str
    """Id of the rule."""
    headline: bool
    """It waits for a human."""
    detail: str


@dataclass(frozen=True, slots=True)
class SamplePart(Shape):
    """One change of one person, always masked."""

    person: str
    """Salesforce id, or `contact` and the id of Dotdigital."""
    email: str | None
    """Masked."""
    link: str
    aspect: str
    field: str
    old: str | None
    """Masked."""
    new: str | None
    """Masked."""
    decision: str
    reason: str
    """Id of the rule."""


@dataclass(frozen=True, slots=True)
class People(Shape):
    """Everything that the plan says about people."""

    links: tuple[LinkPart, ...]
    fields: tuple[FieldPart, ...]
    held: tuple[HeldPart, ...]
    samples: tuple[SamplePart, ...]
    """The changes of the first people, as many as `--samples` asks for."""
    scope: dict[str, int]
    """People who were looked at, by account."""
    moves: int
    """Values that are in step without a write, and only remembered."""
    first_run: tuple[str, ...]
    """What is synchronised for the first time."""
    since: str | None
    """Only people who changed since then were read; null: everybody was."""
    last_full: str | None
    """When everybody was read last."""


@dataclass(frozen=True, slots=True)
class Calls(Shape):
    """Calls to both vendors."""

    salesforce: int
    dotdigital: int
    salesforce_left: int | None
    """Left today, as the vendor says; null where it is not known."""
    dotdigital_left: int | None
    """Left now, as the vendor says; null where it is not known."""
    minutes: float


@dataclass(frozen=True, slots=True)
class BudgetPart(Shape):
    """Salesforce calls that the configuration grants in a UTC day."""

    ceiling: int
    used: int
    left: int


@dataclass(frozen=True, slots=True)
class PlanDocument(Shape):
    """What an apply would change: `sfdd plan --json`."""

    format_version: str
    """`1.0`. Names may be added in 1.1; readers ignore those they do not know, and refuse 2.0."""
    kind: Literal["plan"]
    header: HeaderPart
    fingerprint: str
    """Of the set-up and of the rules that decide about people: the same for everybody, anywhere."""
    token: str
    """For `sfdd apply --expect`."""
    lets_through: Most
    """The most people that an apply with the token carries."""
    summary: Summary
    applyable: bool
    """There is something that no guard holds back."""
    complete: bool
    """Everybody was read; false where only those were who changed since `people.since`."""
    loosened: tuple[LoosenedPart, ...]
    """Limits that the proposal loosens; they are not the ones that judged this plan."""
    blocked: tuple[Verdict, ...]
    operations: tuple[OperationPart, ...]
    people: People
    warnings: tuple[str, ...]
    not_applied: tuple[LeftOut, ...]
    """Declared, but not carried out by this version."""
    read: Calls
    """Made while planning."""
    cost: Calls
    """Estimate of what the apply makes."""
    budget: BudgetPart | None
    """Null where none is declared."""
