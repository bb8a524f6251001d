"""The plan: a frozen value that is complete. Rendering, applying and commenting need nothing but this and the change
rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sfdd_declare.model.declared import Guards, Limit, NotApplied
from sfdd_declare.model.figures import Figures, at_most, held_back
from sfdd_declare.model.loosened import Loosened
from sfdd_declare.model.mapping import MappingSet, RecordType
from sfdd_declare.model.operation import Blocked, Operation
from sfdd_declare.model.state import BookState, Resource

TOLERANCE = Guards().plan_tolerance


@dataclass(frozen=True, slots=True)
class PeopleTotals:
    """The second half of the summary line; every person counts once per column."""

    add: int = 0
    update: int = 0
    remove: int = 0
    new_leads: int = 0
    conflicts: int = 0
    suppress: int = 0
    opt_out: int = 0  # records whose Email Opt Out is ticked
    members: int = 0  # campaign members added by declared selections
    adopt: int = 0  # records that become campaign members because their person joined a book (NEW-2)
    overwrites: int = 0  # people with a filled value replaced or blanked, per account

    @property
    def figures(self) -> Figures:
        return Figures(self.add, self.update, self.remove, self.new_leads, self.overwrites)


@dataclass(frozen=True, slots=True)
class LinkCount:
    """One line per link; a person counts at the first link, in file order, that wants them.

    `members`: campaign members who pass the link's filter. Each of them is on the book, to be added, or named in
    `skipped` (INV-11).
    """

    link: str
    campaign: str
    address_book: str
    members: int
    add: int
    update: int
    remove: int
    on_book: int
    skipped: tuple[tuple[str, int], ...] = ()  # reason -> people
    new_leads: int = 0
    adopt: int = 0
    pending: int = 0  # newcomers who lack a value


@dataclass(frozen=True, slots=True)
class FieldCount:
    """One line per mapped field and account."""

    account: str
    record_type: str
    salesforce_field: str
    data_field: str
    direction: str
    to_dotdigital: int
    to_salesforce: int
    overwritten: int
    blanked: int
    blanks_kept: int
    carriers: int = 0  # people in scope whose source is filled: printed beside a direction drift
    salesforce_won: int = 0  # conflicts, by who won
    dotdigital_won: int = 0
    conflicts_held: int = 0
    settled: int = 0  # carried by the old rule before its direction changes (BASE-7)
    is_new: bool = False  # back-fill of a mapping added since the last apply (RUN-5)
    filled_there: int = 0  # filled values before this plan, of people in scope, in Dotdigital and in Salesforce
    filled_here: int = 0
    replaced_there: int = 0  # of those: replaced or blanked by this plan
    replaced_here: int = 0

    @property
    def address(self) -> str:
        section = RecordType(self.record_type).section
        return f"field_mapping.{self.account}.{section}.{self.salesforce_field}"


@dataclass(frozen=True, slots=True)
class Sample:
    """One change of one person, as it may be shown: masked when it is built (`PeoplePlan.revealed`)."""

    person: str  # the Salesforce id, or `contact <id>`
    email: str | None
    link: str
    aspect: str
    field: str
    old: str | None
    new: str | None
    decision: str
    reason: str


@dataclass(frozen=True, slots=True)
class Held:
    """Something that waits or is left out: never a change (RUN-4)."""

    what: str
    people: int
    reason: str  # rule id
    headline: bool = False  # waits for a human: named beside `No changes.`
    detail: str = ""


@dataclass(frozen=True, slots=True)
class PeoplePlan:
    """Everything a plan says about people."""

    totals: PeopleTotals = PeopleTotals()
    links: tuple[LinkCount, ...] = ()
    fields: tuple[FieldCount, ...] = ()
    samples: tuple[Sample, ...] = ()
    revealed: bool = False  # the samples are in clear: for the terminal that asked, and for nothing else
    held: tuple[Held, ...] = ()
    scope: tuple[tuple[str, int], ...] = ()  # account -> people in scope (guards)
    moves: int = 0  # base moves without writes (BASE-6)
    first_run: tuple[str, ...] = ()  # account/record type or book whose first run this is (RUN-1)
    since: str = ""  # only people who changed since then were read; empty: everybody was (RUN-3)
    last_full: str = ""  # when everybody was read last
    due: int | None = None  # of the rows that a plan file holds, how many are still due


@dataclass(frozen=True, slots=True)
class Usage:
    """Calls used so far or estimated, and what is left today as the vendors say."""

    salesforce: int
    dotdigital: int
    salesforce_left: int | None = None
    dotdigital_left: int | None = None
    minutes: float = 0.0


@dataclass(frozen=True, slots=True)
class CallBudget:
    """`salesforce.daily_call_budget`: how many calls this tool grants itself in a UTC day, and how many it has made,
    those of this plan included. Plans that were not applied are not remembered, so they count only while they run.
    """

    ceiling: int
    used: int

    @property
    def left(self) -> int:
        return max(0, self.ceiling - self.used)


@dataclass(frozen=True, slots=True)
class Header:
    """What a plan was made from. An apply refuses a plan whose header does not fit the world any more."""

    format_version: str
    tool: str
    config_digest: str
    org_id: str
    accounts: tuple[tuple[str, str], ...]  # key -> account id
    lineage: str
    serial: int
    created: datetime
    watermarks: tuple[tuple[str, str], ...] = ()
    user_id: str = ""  # of the Salesforce user who planned
    last_applied: str = ""  # fingerprint of the plan that an apply carried out last, in whole or in part


@dataclass(frozen=True, slots=True)
class Stopped:
    """A link that is left out because of an error about it alone."""

    link: str
    error: str  # `SFDD-E…: text`, with its place
    hint: str


@dataclass(frozen=True, slots=True)
class CarriedLink:
    """A link all of whose people a plan is about."""

    address: str
    campaign: str
    address_book: str
    account: str


@dataclass(frozen=True, slots=True)
class After:
    """What an apply records when its operations are done, none of it a change: bases in step, baselines, watermarks."""

    resources: tuple[Resource, ...] = ()
    books: tuple[BookState, ...] = ()
    relisted: tuple[str, ...] = ()  # books whose list is another one now; forgotten before the first operation
    marks: tuple[tuple[str, str], ...] = ()
    looked_at: tuple[str, ...] = ()  # accounts of whose people everybody was looked at
    carried: tuple[CarriedLink, ...] = ()  # links that are up to date once everything is done
    pass_marks: tuple[tuple[str, str], ...] = ()  # what those of them get that nothing was left out of
    ids: tuple[tuple[str, str], ...] = ()  # `@kind.key` -> live id of what exists already
    has_state_object: bool = True  # the org can be told of an apply, without deploying anything first
    names_state: bool = False  # the org is told of this state whatever else is written (RUN-8)


@dataclass(frozen=True, slots=True)
class Plan:
    """The difference between declared and live, in the order it will be carried out."""

    header: Header
    operations: tuple[Operation, ...]
    people: PeoplePlan
    blocked: tuple[Blocked, ...]
    not_applied: tuple[NotApplied, ...]
    warnings: tuple[str, ...]
    read: Usage  # what planning used
    cost: Usage  # what applying will use
    fingerprint: str
    sets: tuple[MappingSet, ...] = ()
    after: After = After()
    budget: CallBudget | None = None
    left_to_apply: tuple[str, ...] = ()  # addresses of set-up that differs, where people alone are synchronised
    stopped: tuple[Stopped, ...] = ()  # links that are left out, where people alone are synchronised
    loosened: tuple[Loosened, ...] = ()  # by the proposal that was planned; those of its base judged it
    tolerance: Limit = TOLERANCE  # how far additions and updates may exceed an approved plan

    @property
    def figures(self) -> Figures:
        """Of what is carried out: whom a guard holds back is not approved with the rest."""
        back = held_back(self.operations)
        total = self.people.totals.figures
        return at_most((op for op in self.operations if op.id not in back), total) if back else total

    @property
    def token(self) -> str:
        """`fingerprint:add.update.remove.leads.overwrites`, what `apply --expect` takes."""
        return f"{self.fingerprint}:{self.figures}"

    @property
    def is_empty(self) -> bool:
        """No operation at all: held items and base moves are not changes."""
        return not self.operations
