"""Shapes of the declared things: campaigns with their members, address books, data fields, field mappings and links."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import ConfigDict, Discriminator, Field, Tag, model_validator

from sfdd_declare.config.shape.base import Day, Existing, Formed, Free, Key, Schedule, Shape, Text, Word, wrong

Visibility = Literal["private", "public"]
OnDestroy = Literal["forget", "delete"]


class Lifecycle(Shape):
    """What may happen to a thing."""

    prevent_destroy: bool = Field(default=False, description="A plan that would destroy it is an error.")
    ignore_changes: list[Text] = Field(
        default_factory=list, description="Keys whose live changes are left alone.", examples=[["status"]]
    )


class Resource(Shape):
    """Keys of every thing that can be destroyed."""

    lifecycle: Lifecycle = Field(default_factory=Lifecycle)
    on_destroy: OnDestroy = Field(default="forget", description="What happens live when it leaves the configuration.")


def _one_existing(existing: Existing | None) -> None:
    if existing is not None and (existing.name is None) is (existing.id is None):
        raise wrong(
            "SFDD-E1106",
            "`existing` takes exactly one of `name` and `id`.",
            at="existing",
            hint="existing: {name: Newsletter}",
        )


class MemberStatus(Shape):
    """One label a campaign member can have."""

    default: bool | None = Field(default=None, description="New members get this status.")
    responded: bool | None = Field(default=None, description="Counts as a response.")


class Selection(Shape):
    """Who is in the campaign: exactly one of where, ids, emails and file."""

    where: Text | None = Field(default=None, description="A SOQL condition.", examples=["MailingCountry = 'Iceland'"])
    ids: list[Text] | None = Field(
        default=None, min_length=1, description="Salesforce ids.", examples=[["003000000000001"]]
    )
    emails: list[Text] | None = Field(
        default=None,
        min_length=1,
        description="Addresses (personal data in the repository).",
        examples=[["name@example.com"]],
    )
    file: Text | None = Field(
        default=None, description="A CSV file with a column of ids or addresses.", examples=["members/leads.csv"]
    )
    status: Text | None = Field(
        default=None, description="The member status of those who are added.", examples=["Sent"]
    )

    @model_validator(mode="after")
    def _one_of(self) -> Self:
        given = [name for name in ("where", "ids", "emails", "file") if getattr(self, name) is not None]
        if len(given) != 1:
            summary = "Members are selected by exactly one of `where`, `ids`, `emails` and `file`."
            raise wrong(
                "SFDD-E1106", summary, hint="""where: "MailingCountry = 'Iceland'\"""", at=given[1] if given else ""
            )
        return self


class Members(Shape):
    """Who is declared to be in the campaign. Absent: members are managed in Salesforce and only read."""

    contacts: Selection | None = None
    leads: Selection | None = None
    person_accounts: Selection | None = None
    mode: Literal["add", "exact"] = Field(default="add", description="exact also takes out who is not selected.")


CAMPAIGN_FIELDS = {
    "name": "Name",
    "type": "Type",
    "status": "Status",
    "active": "IsActive",
    "description": "Description",
    "start_date": "StartDate",
    "end_date": "EndDate",
    "budgeted_cost": "BudgetedCost",
    "expected_revenue": "ExpectedRevenue",
    "expected_response": "ExpectedResponse",
}
"""Keys of a campaign and the Salesforce fields they stand for."""


class Campaign(Resource):
    """A Salesforce campaign. Only what is written here is managed."""

    model_config = ConfigDict(json_schema_extra={"oneOf": [{"required": ["name"]}, {"required": ["existing"]}]})

    existing: Existing | None = Field(default=None, description="Link a live campaign without managing it.")
    name: Annotated[str, Formed(r"(?=.*\S).{1,80}", "a campaign name of 1 to 80 characters")] | None = Field(
        default=None, description="What the campaign is called.", examples=["Spring launch 2026"]
    )
    type: Text | None = Field(default=None, description="A value of the Type picklist.", examples=["Email"])
    status: Text | None = Field(default=None, description="A value of the Status picklist.", examples=["Planned"])
    active: bool | None = Field(default=None, description="Whether the campaign is active.")
    description: Text | None = Field(default=None, description="Free text.", examples=["Everybody who came last year"])
    start_date: Day | None = Field(default=None, description="First day.", examples=["2026-03-01"])
    end_date: Day | None = Field(default=None, description="Last day.", examples=["2026-05-31"])
    budgeted_cost: float | None = Field(default=None, description="Budgeted cost, in the org's currency.")
    expected_revenue: float | None = Field(default=None, description="Expected revenue, in the org's currency.")
    expected_response: float | None = Field(default=None, description="Expected response, in per cent.")
    fields: dict[Text, Free] = Field(
        default_factory=dict, description="Other Campaign fields by API name.", examples=[{"Region__c": "EMEA"}]
    )
    member_statuses: dict[Text, MemberStatus | None] | None = Field(
        default=None,
        description="Statuses that must exist; others are left alone.",
        examples=[{"Sent": {"default": True}}],
    )
    members: Members | None = None

    @model_validator(mode="after")
    def _new_or_existing(self) -> Self:
        _one_existing(self.existing)
        managed = (*CAMPAIGN_FIELDS, "fields", "member_statuses", "members", "on_destroy")
        _managed_or_existing(self, managed, "campaign")
        return self


class AddressBook(Resource):
    """A Dotdigital list."""

    model_config = ConfigDict(json_schema_extra={"oneOf": [{"required": ["name"]}, {"required": ["existing"]}]})

    account: Key | None = Field(
        default=None, description="May be left out when there is one account.", examples=["main"]
    )
    existing: Existing | None = Field(default=None, description="Link a live list without managing it.")
    name: Text | None = Field(
        default=None, description="At most 128 characters; unique in the account.", examples=["Newsletter"]
    )
    visibility: Visibility | None = Field(default=None, description="Who sees it in Dotdigital; private unless said.")
    removals: Literal["keep", "managed", "mirror"] = Field(
        default="keep",
        description="Who is taken off when they leave the campaigns: nobody, those we added, everybody else.",
    )
    left: Literal["keep", "restore"] = Field(
        default="keep", description="restore puts people back on who were taken off by hand."
    )

    @model_validator(mode="after")
    def _new_or_existing(self) -> Self:
        _one_existing(self.existing)
        _managed_or_existing(self, ("name", "visibility", "on_destroy"), "address book")
        return self


class DataField(Resource):
    """A Dotdigital contact data field. Its type, visibility and default can only be changed by replacing it."""

    type: Literal["string", "numeric", "date", "boolean"] = Field(description="What it holds.")
    visibility: Visibility | None = Field(default=None, description="Who sees it in Dotdigital; private unless said.")
    default: Word | None = Field(default=None, description="Value of contacts that have none.", examples=["unknown"])


class MappingRow(Shape):
    """One Salesforce field joined to one data field."""

    data_field: Text = Field(description="Name of the Dotdigital data field.", examples=["FIRSTNAME"])
    direction: Literal["salesforce_to_dotdigital", "dotdigital_to_salesforce", "two_way"] = Field(
        default="salesforce_to_dotdigital", description="Where values flow."
    )
    conflict: Literal["salesforce", "dotdigital", "skip"] = Field(
        default="salesforce", description="Who wins when both sides of a two-way field changed."
    )
    on_blank: Literal["propagate", "keep"] | None = Field(
        default=None, description="What an emptied value does to the other side; two_way keeps, one-way propagates."
    )
    lossy: Literal["salesforce_only"] | None = Field(
        default=None, description="Accept that texts too long for Dotdigital only travel towards it."
    )


class NewLeads(Shape):
    """People who joined the book in Dotdigital become leads and members."""

    member_status: Text | None = Field(default=None, description="The status they get.", examples=["Sent"])
    existing: bool = Field(default=False, description="Also those who are on the book when the link is new.")
    primary: bool = Field(default=False, description="This link takes them, when several of the book could.")


def _short_or_long(value: Any) -> str | None:
    return "(text)" if isinstance(value, str) else "(mapping)" if isinstance(value, dict) else None


def _one_or_many(value: Any) -> str | None:
    return "(text)" if isinstance(value, str) else "(list)" if isinstance(value, list) else None


def _flag_or_long(value: Any) -> str | None:
    return "(flag)" if isinstance(value, bool) else "(mapping)" if isinstance(value, dict) else None


AnyDataField = Annotated[
    Annotated[Literal["existing"], Tag("(text)")] | Annotated[DataField, Tag("(mapping)")],
    Discriminator(
        _short_or_long,
        custom_error_type="SFDD-E1104",
        custom_error_message="A data field is `existing` or a mapping such as `{type: string}`.",
    ),
]
AnyRow = Annotated[
    Annotated[Text, Tag("(text)")] | Annotated[MappingRow, Tag("(mapping)")],
    Discriminator(
        _short_or_long,
        custom_error_type="SFDD-E1104",
        custom_error_message="A row is the name of a data field, or a mapping such as `{data_field: FIRSTNAME}`.",
    ),
]


class RecordTypeRows(Shape):
    """Salesforce field: data field. Empty (`{}`) adds people by their address only."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, AnyRow]

    use: list[Literal["defaults"]] = Field(
        default_factory=list,
        description="defaults adds FirstName, LastName and Name (to FULLNAME).",
        examples=[["defaults"]],
    )


class AccountRows(Shape):
    """The record types of one account."""

    contacts: RecordTypeRows | None = None
    leads: RecordTypeRows | None = None
    person_accounts: RecordTypeRows | None = None


class FieldMappings(AccountRows):
    """By account; with one account its key may be left out."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, AccountRows]


class Link(Shape):
    """One campaign joined to one or several address books."""

    campaign: Key = Field(description="A key under `campaigns`.", examples=["spring_launch"])
    address_book: Annotated[
        Annotated[Key, Tag("(text)")] | Annotated[list[Key], Tag("(list)"), Field(min_length=1)],
        Discriminator(
            _one_or_many,
            custom_error_type="SFDD-E1104",
            custom_error_message="This takes the key of a book, or a list of them.",
        ),
    ] = Field(description="A key under `address_books`, or a list of keys.", examples=["newsletter"])
    member_statuses: list[Text] | None = Field(
        default=None, min_length=1, description="Only members with these statuses.", examples=[["Sent", "Attended"]]
    )
    new_leads: (
        Annotated[
            Annotated[bool, Tag("(flag)")] | Annotated[NewLeads, Tag("(mapping)")],
            Discriminator(
                _flag_or_long,
                custom_error_type="SFDD-E1104",
                custom_error_message="This takes `true`, or a mapping such as `{member_status: Sent}`.",
            ),
        ]
        | None
    ) = Field(default=None, description="Make leads of people who joined the book in Dotdigital.")
    schedule: Schedule | None = Field(
        default=None,
        description="When `sfdd watch` runs it; absent: as `sync.schedule` says. `manual`: only `sfdd sync NAME` does.",
        examples=["every 15 minutes", "30 6 * * 1-5", "manual"],
    )
    lifecycle: Lifecycle = Field(default_factory=Lifecycle)
    on_destroy: OnDestroy = Field(default="forget", description="Links are our own rows: they are deleted either way.")


def _managed_or_existing(thing: Campaign | AddressBook, managed: tuple[str, ...], noun: str) -> None:
    given = [key for key in managed if key in thing.model_fields_set]
    if thing.existing is None and thing.name is None:
        raise wrong("SFDD-E1102", f"This {noun} has neither `name` nor `existing`.", hint="name: Spring launch 2026")
    if thing.existing is not None and given:
        summary = f"An existing {noun} is never written: `{given[0]}` cannot stand beside `existing`."
        raise wrong("SFDD-E1107", summary, at=given[0], hint=f"remove `{given[0]}:`, or use an `import:` block")
