"""Builders with defaults for planning tests: a small declared world and its live counterpart."""

from __future__ import annotations

from typing import Any

from pydantic import SecretStr

from sfdd_declare.model.declared import (
    Account,
    AddressBook,
    Campaign,
    Consent,
    DataField,
    Desired,
    DoubleOptIn,
    Lifecycle,
    Link,
    MemberMode,
    Removals,
    Salesforce,
)
from sfdd_declare.model.ids import ListId, SalesforceId
from sfdd_declare.model.live import (
    DotdigitalLive,
    LiveCampaign,
    LiveDataField,
    LiveList,
    LiveStatus,
    RegistryRow,
    SalesforceLive,
)
from sfdd_declare.model.mapping import DataFieldType, FieldMapping, RecordType
from sfdd_declare.model.state import Resource
from sfdd_declare.plan.world import World


def a_campaign(key: str = "spring", **changes: Any) -> Campaign:
    defaults: dict[str, Any] = {
        "key": key,
        "existing": None,
        "fields": (("Name", "Spring launch"), ("IsActive", True)),
        "statuses": (),
        "selections": (),
        "mode": MemberMode.ADD,
        "lifecycle": Lifecycle(),
    }
    return Campaign(**{**defaults, **changes})


def a_book(key: str = "spring", **changes: Any) -> AddressBook:
    defaults: dict[str, Any] = {
        "key": key,
        "account": "main",
        "existing": None,
        "name": "Spring book",
        "visibility": None,
        "removals": Removals.KEEP,
        "restore_left": False,
        "lifecycle": Lifecycle(),
    }
    return AddressBook(**{**defaults, **changes})


def a_data_field(name: str = "TIER", **changes: Any) -> DataField:
    defaults: dict[str, Any] = {
        "account": "main",
        "name": name,
        "existing": False,
        "type": DataFieldType.STRING,
        "visibility": None,
        "default": None,
        "lifecycle": Lifecycle(),
    }
    return DataField(**{**defaults, **changes})


def a_link(campaign: str = "spring", book: str = "spring", **changes: Any) -> Link:
    defaults: dict[str, Any] = {
        "campaign": campaign,
        "address_book": book,
        "member_statuses": (),
        "new_leads": None,
        "schedule": None,
        "lifecycle": Lifecycle(),
    }
    return Link(**{**defaults, **changes})


def a_mapping(field: str = "FirstName", data_field: str = "FIRSTNAME", **changes: Any) -> FieldMapping:
    return FieldMapping("main", RecordType.CONTACT, field, data_field, **changes)


def an_account(key: str = "main", **changes: Any) -> Account:
    defaults: dict[str, Any] = {
        "key": key,
        "user": "apiuser",
        "password": SecretStr("x"),
        "region": "auto",
        "enabled": True,
        "double_opt_in": DoubleOptIn.NOT_ENFORCED,
        "consent": Consent(),
    }
    return Account(**{**defaults, **changes})


def desired(**changes: Any) -> Desired:
    defaults: dict[str, Any] = {
        "digest": "d" * 64,
        "salesforce": Salesforce(None, "https://login.salesforce.com", "66.0", None, registry=True),
        "accounts": (an_account(),),
        "campaigns": (a_campaign(),),
        "address_books": (a_book(),),
        "data_fields": (),
        "mapped": (("main", RecordType.CONTACT),),
        "mappings": (a_mapping(),),
        "links": (a_link(),),
    }
    return Desired(**{**defaults, **changes})


def a_live_campaign(id: str = "701000000000001AAA", name: str = "Spring launch", **changes: Any) -> LiveCampaign:
    defaults: dict[str, Any] = {
        "id": SalesforceId(id),
        "name": name,
        "fields": {"IsActive": True},
        "statuses": (
            LiveStatus(SalesforceId("01Y000000000001AAA"), "Sent", True, False, 1),
            LiveStatus(SalesforceId("01Y000000000002AAA"), "Responded", False, True, 2),
        ),
        "members": 3,
    }
    return LiveCampaign(**{**defaults, **changes})


def a_live_list(id: int = 901, name: str = "Spring book", contacts: int = 3) -> LiveList:
    return LiveList(ListId(id), name, "Private", contacts)


def a_live_field(name: str = "FIRSTNAME", type: DataFieldType = DataFieldType.STRING) -> LiveDataField:
    return LiveDataField(name, type, "Private", None)


def a_row(sobject: str, key: str, **fields: Any) -> RegistryRow:
    return RegistryRow(
        SalesforceId("a00000000000001AAA"), sobject, "lin", key, fields, "0055g000004AdminAAA", "2026-11-01"
    )


def world(
    *,
    campaigns: tuple[LiveCampaign, ...] = (),
    lists: tuple[LiveList, ...] = (),
    data_fields: tuple[LiveDataField, ...] = (a_live_field(),),
    registry: tuple[RegistryRow, ...] | None = None,
    resources: tuple[Resource, ...] = (),
    interrupted: frozenset[str] = frozenset(),
    may_deploy: bool = True,
) -> World:
    salesforce = SalesforceLive(
        "00D000000000001AAA",
        "005000000000001AAA",
        "integration@acme.example",
        {},
        campaigns,
        registry,
        may_deploy,
        15000,
    )
    dotdigital = DotdigitalLive("main", "77", "https://r1-api.dotdigital.com", lists, data_fields, None)
    return World(salesforce, {"main": dotdigital}, {r.address: r for r in resources}, interrupted)
