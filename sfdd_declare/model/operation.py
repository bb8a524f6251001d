"""Operations: the one kind of thing a plan consists of."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from sfdd_declare.model.address import Address
from sfdd_declare.model.declared import OnDestroy
from sfdd_declare.model.ids import OperationId


class Action(StrEnum):
    """What an operation does; the symbol printed before it is `render.words`' business."""

    CREATE = "create"
    UPDATE = "update"
    REPLACE = "replace"
    DELETE = "delete"
    FORGET = "forget"  # taken out of the state, left alone live
    ADOPT = "adopt"  # found live, written by an interrupted apply of ours; state only
    IMPORT = "import"  # `import:` block; state only
    MOVE = "move"  # `moved:` block; state only
    PEOPLE = "people"  # rows in `changes`


class Stage(StrEnum):
    """The order of an apply. The graph of `needs` refines it."""

    CONSENT = "consent"
    SETUP = "setup"
    MEMBERS = "members"
    CONTACTS = "contacts"
    RECORDS = "records"
    NEWCOMERS = "newcomers"
    REMOVALS = "removals"


STAGES: tuple[Stage, ...] = tuple(Stage)


class Task(StrEnum):
    """Who carries an operation out: one writer function per task (`run.execute` dispatches on it, nothing else)."""

    STATE_ONLY = "state_only"
    DEPLOY_REGISTRY = "deploy_registry"
    REGISTRY_ROW = "registry_row"  # upsert or delete of one row of ours
    CAMPAIGN = "campaign"
    CAMPAIGN_STATUS = "campaign_status"
    ADDRESS_BOOK = "address_book"
    DATA_FIELD = "data_field"
    SUPPRESS = "suppress"  # CON-2
    ADD_MEMBERS = "add_members"
    REMOVE_MEMBERS = "remove_members"  # MEM-13: members whom no selection of an exact campaign names
    RENAME = "rename"  # ID-4: the address of known contacts, before any other import
    IMPORT_OPTED_OUT = "import_opted_out"  # CON-3
    IMPORT_CONTACTS = "import_contacts"
    REMOVE_FROM_LIST = "remove_from_list"
    OPT_OUT_RECORDS = "opt_out_records"  # CON-4: Email Opt Out
    UPDATE_RECORDS = "update_records"  # values to Salesforce
    CREATE_LEADS = "create_leads"  # NEW-3: leads, then their campaign members
    ADOPT = "adopt"  # NEW-2: records that exist become campaign members


class Cause(StrEnum):
    """Why a field differs (design 4.1)."""

    CONFIG = "config"  # the configuration changed
    DRIFT = "drift"  # somebody changed it by hand
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One attribute of a thing without rows. `known=False`: only known after apply. Never holds personal data."""

    name: str
    old: str | bool | int | float | None
    new: str | bool | int | float | None
    cause: Cause = Cause.CONFIG
    known: bool = True
    forces_replacement: bool = False


@dataclass(frozen=True, slots=True)
class RowSet:
    """The rows of one operation in `changes`: how many people and rows, their digest, and counts by field and
    decision.
    """

    people: int
    rows: int
    digest: str
    counts: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Cost:
    """Estimated calls of one operation."""

    salesforce: int = 0
    dotdigital: int = 0


@dataclass(frozen=True, slots=True)
class Operation:
    """One step of a plan.

    `fields` are attributes in the vendor's own words (see each adapter's table). `payload` carries what the writer
    needs
    and the reader of a plan does not (record ids, external keys); it never holds personal data. Values of the form
    `@campaign.key` or `@address_book.key` stand for ids that are known after apply.
    """

    id: OperationId
    address: Address
    stage: Stage
    action: Action
    task: Task
    fields: tuple[FieldChange, ...] = ()
    unchanged: int = 0
    payload: tuple[tuple[str, str | bool | int | float | None], ...] = ()
    needs: tuple[OperationId, ...] = ()
    precondition: str | None = None
    cost: Cost = Cost()
    rows: RowSet | None = None
    blocked_by: str | None = None  # name of the guard that blocks it
    part: str = ""  # which part of the thing, when it is not the thing itself: `member status "Sent"`, `registry row`
    note: str = ""  # one line for the reader: what goes with it, why it is replaced
    destroys: str = ""  # the name to type before this runs; empty = none
    drift: bool = False  # it reverts what somebody did by hand
    drift_by: str = ""  # id of the user and when, where the vendor tells
    prior_id: str = ""  # live id before the operation, for updates and deletes
    applied: tuple[tuple[str, str | bool | int | float | None], ...] = ()  # base of the next diff, once this is done
    on_destroy: OnDestroy = OnDestroy.FORGET  # remembered with the resource: it rules when the declaration is gone
    prevent_destroy: bool = False


@dataclass(frozen=True, slots=True)
class Blocked:
    """A guard's verdict, with both numbers."""

    guard: str
    address: str
    count: int
    limit: str
    of: int
    operations: tuple[OperationId, ...]
    detail: str = ""  # why it is asked about, where the numbers do not say it
