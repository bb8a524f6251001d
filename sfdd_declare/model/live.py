"""What the readers saw: the live half of a three-way diff. `complete=False` means the listing may be cut short:
never delete from it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from sfdd_declare.model.ids import ListId, SalesforceId
from sfdd_declare.model.mapping import DataFieldType


@dataclass(frozen=True, slots=True)
class FieldInfo:
    """One field of a describe. A field hidden by field-level security is absent, not flagged."""

    name: str
    type: str
    label: str = ""
    length: int = 0
    precision: int = 0
    scale: int = 0
    digits: int = 0
    nillable: bool = True
    createable: bool = False
    updateable: bool = False
    filterable: bool = True
    calculated: bool = False
    defaulted_on_create: bool = False
    restricted_picklist: bool = False
    choices: tuple[str, ...] = ()  # active picklist values
    reference_to: tuple[str, ...] = ()
    relationship_name: str | None = None


@dataclass(frozen=True, slots=True)
class ObjectInfo:
    """One describe."""

    name: str
    createable: bool
    updateable: bool
    deletable: bool
    fields: dict[str, FieldInfo] = field(default_factory=dict)  # by API name


@dataclass(frozen=True, slots=True)
class LiveStatus:
    """One CampaignMemberStatus."""

    id: SalesforceId
    label: str
    is_default: bool
    has_responded: bool
    sort_order: int


@dataclass(frozen=True, slots=True)
class LiveCampaign:
    """One Campaign with the fields that are managed somewhere, and its statuses."""

    id: SalesforceId
    name: str
    fields: dict[str, str | bool | int | float | None]
    statuses: tuple[LiveStatus, ...]
    members: int  # NumberOfContacts + NumberOfLeads
    created_by: str = ""


@dataclass(frozen=True, slots=True)
class RegistryRow:
    """One row of our own objects in the org. `key` is the external id without lineage; `fields` by API name."""

    id: SalesforceId
    sobject: str
    lineage: str
    key: str
    fields: dict[str, str | bool | int | float | None]
    modified_by: str = ""  # id of the user who last changed it
    modified_at: str = ""


@dataclass(frozen=True, slots=True)
class StateRow:
    """One row that names a state (RUN-8). `name`: of its configuration; `last_apply`: the run that wrote it."""

    id: SalesforceId
    lineage: str
    name: str
    org_id: str
    last_apply: str
    modified_by: str = ""
    modified_at: str = ""


@dataclass(frozen=True, slots=True)
class FirstLook:
    """What the very first call to an org shows. `states`: None where their object is not deployed, or not asked for.
    `may_deploy`: unknown counts as yes, the deployment itself will tell.
    """

    describes: dict[str, ObjectInfo | None]
    states: tuple[StateRow, ...] | None = None
    may_deploy: bool = True


@dataclass(frozen=True, slots=True)
class SalesforceLive:
    """The set-up half of Salesforce."""

    org_id: str
    user_id: str
    username: str
    describes: dict[str, ObjectInfo | None]  # None: not there or not visible
    campaigns: tuple[LiveCampaign, ...]
    registry: tuple[RegistryRow, ...] | None  # our lineage's; None: the objects are not deployed (or registry: none)
    may_deploy: bool
    calls_left: int | None
    complete: bool = True
    references: dict[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)  # (field, words) -> ids they fit
    other_lineages: tuple[RegistryRow, ...] = ()  # rows of other repositories: reported, never written
    states: tuple[StateRow, ...] | None = ()  # everybody's; None: their object is not deployed (or registry: none)


@dataclass(frozen=True, slots=True)
class LiveList:
    """One Dotdigital list."""

    id: ListId
    name: str
    visibility: str
    contacts: int


@dataclass(frozen=True, slots=True)
class LiveDataField:
    """One Dotdigital contact data field."""

    name: str
    type: DataFieldType
    visibility: str
    default: str | bool | float | None


@dataclass(frozen=True, slots=True)
class DotdigitalLive:
    """The set-up half of one Dotdigital account."""

    account: str
    account_id: str
    endpoint: str
    lists: tuple[LiveList, ...]
    data_fields: tuple[LiveDataField, ...]
    calls_left: int | None
    complete: bool = True
    time_zone: str = "UTC"
