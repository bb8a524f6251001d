"""What the people engine is asked and what it answers, besides the tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import SecretStr

from sfdd_declare.model.declared import Consent, NewLeads, OnDelete, Removals
from sfdd_declare.model.drift import PeopleDrifts
from sfdd_declare.model.mapping import MappingSet, RecordType
from sfdd_declare.model.operation import RowSet
from sfdd_declare.model.plan import PeoplePlan


@dataclass(frozen=True, slots=True)
class BookRules:
    """One linked address book. `complete`: its page reads and its campaigns' reads were complete.

    `partial`: only people who changed were read, each of them whole; who is missing is no news (RUN-3). `taken_over`:
    the base may be older than what was done by it, so that whoever is not in it may have left since (RUN-8).
    """

    key: str
    account: str
    exists: bool
    removals: Removals
    restore_left: bool
    first_run: bool  # RUN-1: no baseline yet
    complete: bool = True
    partial: bool = False
    taken_over: bool = False
    predecessors: tuple[str, ...] = ()  # books that it took the place of: opt-outs from those bar from it (CON-5)


@dataclass(frozen=True, slots=True)
class LinkRules:
    """One link, in file order. Empty `statuses` = all."""

    address: str
    campaign: str
    address_book: str
    statuses: tuple[str, ...]
    new_leads: NewLeads | None = None  # newcomers of the book become leads (NEW)


@dataclass(frozen=True, slots=True)
class NewLeadRules:
    """How every new lead is written: what it must have, and what it gets where Dotdigital says nothing."""

    required: tuple[str, ...] = ()
    defaults: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class CampaignRules:
    """One linked campaign. `default_status`: what a predicted member without a declared status gets.

    `selects`: its members are declared. `exact`: members whom no selection names are removed (MEM-13). `complete`: its
    members were read to the end.
    """

    key: str
    exists: bool
    default_status: str
    exact: bool = False
    complete: bool = True
    selects: bool = False


@dataclass(frozen=True, slots=True)
class AccountRules:
    """One account. `sets` holds a MappingSet per mapped record type; a type without one is not imported (MEM-14)."""

    key: str
    sets: tuple[MappingSet, ...]
    consent: Consent
    first_run: tuple[RecordType, ...]
    on_delete: OnDelete = OnDelete.REMOVE_FROM_BOOKS
    hold_creations: bool = False  # CON-15: creations get an operation of their own, which a guard blocks
    filled: tuple[tuple[tuple[RecordType, str, str], int], ...] = ()  # (type, field key, side) -> filled values known
    seen: int | None = None  # when the last apply that ended had read; writes since then nobody has seen (BASE-5)


@dataclass(frozen=True, slots=True)
class Question:
    """What `decide` needs besides the spool's tables. Tuples are in file order; only counting depends on the order."""

    accounts: tuple[AccountRules, ...]
    campaigns: tuple[CampaignRules, ...]
    books: tuple[BookRules, ...]
    links: tuple[LinkRules, ...]
    precedence: tuple[RecordType, ...]
    hash_key: SecretStr
    salesforce_users: tuple[str, ...]  # who has applied with this state (BASE-5)
    memory_limit: str = "1GB"
    samples: int = 5
    reveal: bool = False  # samples in clear
    accept_first_sync: bool = False  # RUN-1: values held since the first run are settled as conflicts
    leads: NewLeadRules = NewLeadRules()
    allow: frozenset[str] = frozenset()  # names of guards that are overridden for this run
    is_approval: bool = False  # the plan is to be approved: its rows' meanings are kept, in `meanings`
    is_approved: bool = False  # only what `read_approved` names is to be done, and opt-outs (CON-16)
    asks_drift: bool = False  # what was changed by hand is told apart from the rest
    focus: tuple[str, ...] | None = None  # addresses of the links whose people are asked for; None = all
    by_hand: frozenset[str] = frozenset()  # addresses of links that are not asked for unless they are named
    stopped: frozenset[str] = frozenset()  # addresses of links that an error is about: whom they want nobody can say

    @property
    def is_narrowed(self) -> bool:
        """Whether something is left out, or may be."""
        return self.focus is not None or bool(self.by_hand | self.stopped)

    def asks(self, link: LinkRules) -> bool:
        """Whether the people of a link are asked for."""
        return (self.focus is None or link.address in self.focus) and link.address not in self.by_hand | self.stopped

    def asks_book(self, key: str) -> bool:
        """Of a book without links: whether everything is asked for."""
        return self._asks_any([link for link in self.links if link.address_book == key])

    def asks_campaign(self, key: str) -> bool:
        return self._asks_any([link for link in self.links if link.campaign == key])

    def _asks_any(self, links: Sequence[LinkRules]) -> bool:
        return any(map(self.asks, links)) or (not links and self.focus is None)


@dataclass(frozen=True, slots=True)
class BookCount:
    """Numbers the guards and the state need about one book."""

    account: str
    address_book: str
    wanted: int
    wanted_before: int
    on_book: int
    remove: int


@dataclass(frozen=True, slots=True)
class CampaignCount:
    """Numbers the guards need about one campaign: members there are, and members to remove."""

    campaign: str
    members: int
    remove: int


@dataclass(frozen=True, slots=True)
class Answer:
    """The decisions as counts and samples; the rows are in the spool's `changes` and `moves`."""

    people: PeoplePlan
    operations: tuple[tuple[str, RowSet], ...]  # operation id -> its rows, sorted by id
    books: tuple[BookCount, ...]
    overwrites: tuple[tuple[str, int], ...]  # account -> people with a filled value replaced or blanked
    creations: tuple[tuple[str, int], ...]  # account -> contacts to be created
    whole: tuple[str, ...] = ()  # accounts all of whose books and campaigns were read completely
    campaigns: tuple[CampaignCount, ...] = ()  # those that lose members
    selected: tuple[tuple[str, int], ...] = ()  # campaign -> people that its selections name (RUN-6)
    unproven: bool = False  # read in part, and that is not enough to decide (RUN-3)
    left_out: int = 0  # people of whom something was not approved, or waits for what was not (CON-16)
    pending: tuple[tuple[str, int], ...] = ()  # (account, contact) of newcomers who wait for a value (NEW-4)
    drift: PeopleDrifts | None = None  # only where it was asked for

    @property
    def new_records(self) -> int:
        """Leads created and members adopted."""
        return sum(rows.people for key, rows in self.operations if key.startswith((CREATE_LEADS, ADOPT)))


RECORDS = "update_records"


def suppress_id(account: str) -> str:
    return f"suppress:{account}"


def opt_out_records_id(account: str) -> str:
    return f"opt_out_records:{account}"


def members_id(campaign: str) -> str:
    return f"members:{campaign}"


def remove_members_id(campaign: str) -> str:
    return f"remove_members:{campaign}"


def opted_out_id(account: str) -> str:
    return f"import_opted_out:{account}"


def rename_id(account: str) -> str:
    """Of those whose new address is free; who must wait for them follows as `rename:<account>:<wave>`."""
    return f"rename:{account}"


def import_id(account: str) -> str:
    return f"import:{account}"


def records_id(account: str) -> str:
    """Values to Salesforce."""
    return f"{RECORDS}:{account}"


def create_id(account: str) -> str:
    """Only used while creations are held (CON-15)."""
    return f"create:{account}"


def problems_id(account: str) -> str:
    """Rows that name what was left out (VAL-23); nobody carries them out."""
    return f"problems:{account}"


MOVES_ID = "moves"

#: Moves about rows that an operation of the same run settles: recorded before it, so that what it proves stands.
EARLY_MOVES_ID = "moves:early"

CREATE_LEADS = "create_leads:"
ADOPT = "adopt:"


def remove_id(account: str, address_book: str) -> str:
    return f"remove:{account}:{address_book}"


def create_leads_id(account: str) -> str:
    return CREATE_LEADS + account


def adopt_id(campaign: str) -> str:
    return ADOPT + campaign


def pending_id(account: str) -> str:
    """Rows that name newcomers who lack a value (NEW-4); nobody carries them out."""
    return f"pending:{account}"
