"""Fields that are computed instead of stored: names, formulas, roll-ups, a member's copies of its person.

Each is one SQL expression over the record's own table, aliased `{t}`. Addresses are put together as JSON.
Nothing here moves a SystemModstamp, as with real formulas.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_FULL_NAME = "nullif(trim(coalesce({t}.FirstName || ' ', '') || coalesce({t}.LastName, '')), '')"
_GREETING = "'Dear ' || coalesce({t}.FirstName, {t}.LastName)"


def _members(condition: str) -> str:
    own = "m.CampaignId = {t}.Id AND m.IsDeleted = 0"
    return f"(SELECT count(*) FROM sf_CampaignMember m WHERE {own} AND {condition})"  # noqa: S608 - constants


def _person(contact: str, lead: str | None = None) -> str:
    """An expression over the member's contact, or else over its lead (both aliased p)."""
    of_contact = f"(SELECT {contact} FROM sf_Contact p WHERE p.Id = {{t}}.ContactId)"  # noqa: S608 - constants
    of_lead = f"(SELECT {lead or contact} FROM sf_Lead p WHERE p.Id = {{t}}.LeadId)"  # noqa: S608 - constants
    return f"CASE WHEN {{t}}.ContactId IS NOT NULL THEN {of_contact} ELSE {of_lead} END"


_ACCOUNT_NAME = "(SELECT a.Name FROM sf_Account a WHERE a.Id = p.AccountId)"

_SAME_NAME = (
    "Salutation",
    "FirstName",
    "LastName",
    "Title",
    "Email",
    "Phone",
    "Fax",
    "MobilePhone",
    "Description",
    "LeadSource",
    "DoNotCall",
    "HasOptedOutOfEmail",
    "HasOptedOutOfFax",
)
_ADDRESS_PARTS = (
    "City",
    "Country",
    "GeocodeAccuracy",
    "Latitude",
    "Longitude",
    "PostalCode",
    "State",
    "Street",
)

DERIVED: Mapping[tuple[str, str], str] = MappingProxyType(
    {
        ("Contact", "Name"): _FULL_NAME,
        ("Lead", "Name"): _FULL_NAME,
        ("User", "Name"): _FULL_NAME,
        ("Contact", "Greeting__c"): _GREETING,
        ("Lead", "Greeting__c"): _GREETING,
        ("Contact", "IsEmailBounced"): "({t}.EmailBouncedDate IS NOT NULL)",
        ("Campaign", "NumberOfLeads"): _members("m.LeadId IS NOT NULL"),
        ("Campaign", "NumberOfContacts"): _members("m.ContactId IS NOT NULL"),
        ("Campaign", "NumberOfResponses"): _members("m.HasResponded = 1"),
        ("Campaign", "NumberOfConvertedLeads"): _members(
            "m.LeadId IN (SELECT l.Id FROM sf_Lead l WHERE l.IsConverted = 1)"
        ),
        ("Campaign", "NumberOfOpportunities"): "0",
        ("Campaign", "NumberOfWonOpportunities"): "0",
        ("Campaign", "AmountAllOpportunities"): "0.0",
        ("Campaign", "AmountWonOpportunities"): "0.0",
        **{("CampaignMember", name): _person(f"p.{name}") for name in _SAME_NAME},
        **{
            ("CampaignMember", part): _person(f"p.Mailing{part}", f"p.{part}")
            for part in ("Street", "City", "State", "PostalCode", "Country")
        },
        ("CampaignMember", "Name"): _person(_FULL_NAME.replace("{t}", "p")),
        ("CampaignMember", "CompanyOrAccount"): _person(_ACCOUNT_NAME, "p.Company"),
        ("CampaignMember", "Type"): "CASE WHEN {t}.ContactId IS NOT NULL THEN 'Contact' ELSE 'Lead' END",
        ("CampaignMember", "LeadOrContactId"): "coalesce({t}.ContactId, {t}.LeadId)",
        ("CampaignMember", "LeadOrContactOwnerId"): _person("p.OwnerId"),
    }
)
"""SQL by (object, field)."""


def address(name: str, alias: str) -> str:
    """A compound address as JSON text, or NULL when all its parts are empty."""
    prefix = name.removesuffix("Address")
    pairs = ", ".join(f"'{part[:1].lower()}{part[1:]}', {alias}.{prefix}{part}" for part in _ADDRESS_PARTS)
    filled = ", ".join(f"{alias}.{prefix}{part}" for part in _ADDRESS_PARTS)
    return f"CASE WHEN coalesce({filled}) IS NOT NULL THEN json_object({pairs}) END"


def column(owner: str, field: str, kind: str, alias: str) -> str:
    """The SQL expression of a field of the table with that alias."""
    if kind == "address":
        return address(field, alias)
    expression = DERIVED.get((owner, field))
    return f"{alias}.{field}" if expression is None else f"({expression.replace('{t}', alias)})"
