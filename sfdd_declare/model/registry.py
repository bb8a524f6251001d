"""The registry: our own rows in the org, one per address book, link and field mapping, and one per state.

Names of objects and fields, and what a declared thing looks like as a row. Planning compares these rows with live ones;
the Salesforce room deploys the objects and writes the rows. `None` is a blank field.
"""

from __future__ import annotations

from types import MappingProxyType

from sfdd_declare.model import address
from sfdd_declare.model.address import Kind
from sfdd_declare.model.declared import AddressBook, Link
from sfdd_declare.model.mapping import ConflictRule, Direction, FieldMapping, OnBlank
from sfdd_declare.model.state import Bound, Scalar

ADDRESS_BOOK = "SFDD_Address_Book__c"
LINK = "SFDD_Link__c"
FIELD_MAPPING = "SFDD_Field_Mapping__c"

STATE = "SFDD_State__c"

#: Those that hold what is declared, in the order they are described, read and deployed.
DECLARED: tuple[str, ...] = (ADDRESS_BOOK, LINK, FIELD_MAPPING)
OBJECTS: tuple[str, ...] = (*DECLARED, STATE)

SOBJECT_OF = MappingProxyType({Kind.ADDRESS_BOOK: ADDRESS_BOOK, Kind.LINK: LINK, Kind.FIELD_MAPPING: FIELD_MAPPING})

#: Unique on every one of the objects: lineage, colon, key. The key is the address of the declared thing. Of a state it
#: is the lineage alone.
EXTERNAL_ID = "External_Id__c"
NAME = "Name"
NAME_LENGTH = 80

#: The fields a row holds besides Id and External_Id__c.
FIELDS: MappingProxyType[str, tuple[str, ...]] = MappingProxyType(
    {
        ADDRESS_BOOK: (NAME, "Account__c", "List_Id__c", "List_Name__c", "Removals__c"),
        LINK: (
            NAME,
            "Campaign__c",
            "Address_Book__c",
            "Member_Statuses__c",
            "New_Leads__c",
            "New_Lead_Status__c",
            "Schedule__c",
        ),
        FIELD_MAPPING: (
            NAME,
            "Account__c",
            "Record_Type__c",
            "Salesforce_Field__c",
            "Data_Field__c",
            "Direction__c",
            "Conflict__c",
            "On_Blank__c",
        ),
        STATE: (NAME, "Org_Id__c", "Account_Ids__c", "Last_Apply__c"),
    }
)

#: API name and label of the permission set that makes the objects and fields visible and editable.
PERMISSION_SET = "SFDD_Registry"
PERMISSION_SET_LABEL = "SFDD Registry"

Row = tuple[str, dict[str, Scalar]]


def external_id(lineage: str, key: str) -> str:
    """The value of External_Id__c. A lineage holds no colon."""
    return f"{lineage}:{key}"


def split_external_id(value: str) -> tuple[str, str]:
    """Lineage and key; a value that is not ours gives an empty lineage."""
    lineage, colon, key = value.partition(":")
    return (lineage, key) if colon else ("", value)


def address_book_row(book: AddressBook, list_name: str, list_ref: str) -> Row:
    """`list_ref` is the list id as text, or `@address_book.<key>` while the list does not exist."""
    return str(address.address_book(book.key)), {
        NAME: book.key[:NAME_LENGTH],
        "Account__c": book.account,
        "List_Id__c": list_ref,
        "List_Name__c": list_name,
        "Removals__c": book.removals.value,
    }


def link_row(link: Link, campaign_ref: str) -> Row:
    """`campaign_ref` is the campaign's id, or `@campaign.<key>` while the campaign does not exist."""
    newcomers = link.new_leads
    return str(address.link(link.campaign, link.address_book)), {
        NAME: f"{link.campaign} → {link.address_book}"[:NAME_LENGTH],
        "Campaign__c": campaign_ref,
        "Address_Book__c": link.address_book,
        "Member_Statuses__c": "; ".join(link.member_statuses) or None,
        "New_Leads__c": newcomers is not None,
        "New_Lead_Status__c": newcomers.member_status if newcomers else None,
        "Schedule__c": link.schedule,
    }


def field_mapping_row(mapping: FieldMapping) -> Row:
    """The row of one mapped field."""
    thing = address.field_mapping(mapping.account, mapping.record_type.section, mapping.salesforce_field)
    return str(thing), {
        NAME: f"{mapping.record_type.section}: {mapping.salesforce_field} / {mapping.data_field}"[:NAME_LENGTH],
        "Account__c": mapping.account,
        "Record_Type__c": mapping.record_type.section,
        "Salesforce_Field__c": mapping.salesforce_field,
        "Data_Field__c": mapping.data_field,
        "Direction__c": mapping.direction.value,
        "Conflict__c": mapping.conflict.value,
        "On_Blank__c": mapping.on_blank.value,
    }


def state_row(name: str, bound: Bound, apply: str) -> dict[str, Scalar]:
    """The row that names a state: whose it is, where it belongs, and what it did last (RUN-8)."""
    return {
        NAME: name[:NAME_LENGTH],
        "Org_Id__c": bound.org_id,
        "Account_Ids__c": "; ".join(f"{key} = {account_id}" for key, account_id in bound.accounts),
        "Last_Apply__c": apply,
    }


#: What the picklists of the registry offer, by field: the words of the YAML.
CHOICES: MappingProxyType[str, tuple[str, ...]] = MappingProxyType(
    {
        "Removals__c": ("keep", "managed", "mirror"),
        "Direction__c": tuple(direction.value for direction in Direction),
        "Conflict__c": tuple(rule.value for rule in ConflictRule),
        "On_Blank__c": tuple(rule.value for rule in OnBlank),
    }
)
