"""Checks against describes and listings, and the mapping sets that come out of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sfdd_declare.config.checks_live import Live, check
from sfdd_declare.config.paths import related_objects
from sfdd_declare.model.errors import DeclareError, ErrorList, Position
from sfdd_declare.model.ids import SalesforceId
from sfdd_declare.model.live import (
    DotdigitalLive,
    FieldInfo,
    LiveCampaign,
    LiveDataField,
    LiveStatus,
    ObjectInfo,
    SalesforceLive,
)
from sfdd_declare.model.mapping import DataFieldType, Form, FormKind, RecordType

from .builders import BASE, TWO_ACCOUNTS, loaded, marked, place


def a_field(name: str, type: str = "string", **values: object) -> FieldInfo:
    defaults: dict[str, object] = {"length": 80, "createable": True, "updateable": True}
    return FieldInfo(name=name, type=type, **{**defaults, **values})  # type: ignore[arg-type]


OPT_OUT = a_field("HasOptedOutOfEmail", "boolean", length=0, nillable=False)
PERSON = (
    a_field("FirstName", length=40),
    a_field("LastName", nillable=False),
    a_field("Title", length=128),
    a_field("Description", "textarea", length=32000),
    a_field("Full__c", length=100, calculated=True, updateable=False, createable=False),
    a_field("Locked__c", updateable=False),
    a_field("Set_Once__c", createable=False),
    a_field("Score__c", "double", length=0, scale=2),
    a_field("Born__c", "date", length=0),
    a_field("Tags__c", "multipicklist", length=4099, choices=("A", "B")),
    a_field("OwnerId", "reference", length=18),
    a_field("Home", "location", length=0),
    a_field("AccountId", "reference", length=18, relationship_name="Account", reference_to=("Account",)),
    OPT_OUT,
)
LEAD_ONLY = (
    a_field("Company", nillable=False, length=255),
    a_field("LeadSource", "picklist", length=40, choices=("Web", "Phone")),
    a_field("Status", "picklist", nillable=False, defaulted_on_create=True, choices=("Open",)),
)
CAMPAIGN = (
    a_field("Name"),
    a_field("Type", "picklist", choices=("Email",)),
    a_field("Status", "picklist", choices=("Planned", "Done"), restricted_picklist=True),
    a_field("IsActive", "boolean", updateable=False),
    a_field("BudgetedCost", "currency", length=0),
    a_field("ExpectedResponse", "percent", length=0, scale=2),
    a_field("Description", "textarea", length=20),
)


def an_object(name: str, *fields: FieldInfo) -> ObjectInfo:
    return ObjectInfo(name, createable=True, updateable=True, deletable=True, fields={f.name: f for f in fields})


OWNER: dict[str, Any] = {"relationship_name": "Owner", "reference_to": ("Group", "User")}
DESCRIBES: dict[str, ObjectInfo | None] = {
    "Contact": an_object("Contact", *PERSON),
    "Lead": an_object("Lead", *PERSON, *LEAD_ONLY),
    "Campaign": an_object("Campaign", *CAMPAIGN),
    "Account": an_object("Account", a_field("Name"), a_field("Site"), a_field("OwnerId", "reference", **OWNER)),
    "User": None,
}


def salesforce(
    *campaigns: LiveCampaign, without: tuple[str, ...] = (), describes: dict[str, ObjectInfo | None] | None = None
) -> SalesforceLive:
    shown = {
        name: info and replace(info, fields={key: f for key, f in info.fields.items() if key not in without})
        for name, info in (describes or DESCRIBES).items()
    }
    return SalesforceLive("00D", "005", "me", shown, campaigns, (), may_deploy=True, calls_left=None)


def dotdigital(*fields: LiveDataField) -> DotdigitalLive:
    return DotdigitalLive("main", "1", "https://r1", (), fields, calls_left=None)


def live_field(name: str, type: DataFieldType = DataFieldType.STRING) -> LiveDataField:
    return LiveDataField(name, type, "Private", None)


def a_campaign(name: str, *labels: str) -> LiveCampaign:
    statuses = tuple(LiveStatus(SalesforceId(f"01Y{n}"), label, n == 0, False, n) for n, label in enumerate(labels))
    return LiveCampaign(SalesforceId("701000000000001AAA"), name, {}, statuses, 0)


STANDARD = dotdigital(live_field("firstname"), live_field("LASTNAME"), live_field("Shoe_Size", DataFieldType.NUMERIC))


def checked(folder: Path, text: str, org: SalesforceLive | None = None, account: DotdigitalLive = STANDARD) -> Live:
    return check(loaded(folder, text), org or salesforce(), {"main": account})


def errors_of(
    folder: Path, text: str, org: SalesforceLive | None = None, account: DotdigitalLive = STANDARD
) -> tuple[DeclareError, ...]:
    with pytest.raises(ErrorList) as caught:
        checked(folder, text, org, account)
    return caught.value.errors


FIELDS = "data_fields: {main: {TEXT: {type: string}, SIZE: {type: numeric}, DAY: {type: date}, YES: {type: boolean}}}\n"


def contacts(rows: str) -> str:
    return BASE + FIELDS + f"field_mappings: {{contacts: {{{rows}}}}}\n"


ROWS = {
    "misspelt field": ("«Titel: TEXT", "SFDD-E1302", "did you mean `Title`?"),
    "wrong case": ("«title: TEXT", "SFDD-E1302", "did you mean `Title`?"),
    "hidden field": ("«Secret_Thing__c: TEXT", "SFDD-E1303", "grant Read on Contact.Secret_Thing__c"),
    "often hidden field": ("«DoNotCall: TEXT", "SFDD-E1303", "grant Read on Contact.DoNotCall"),
    "unknown relation": ("«Acount.Name: TEXT", "SFDD-E1302", "did you mean `Account`?"),
    "unknown field of a relation": ("«Account.Nam: TEXT", "SFDD-E1303", "did you mean `Name`?"),
    "unreadable relation": ("«Account.Owner.Name: TEXT", "SFDD-E1301", "grant Read on User"),
    "calculated target": (
        "«Full__c: {data_field: TEXT, direction: two_way}",
        "SFDD-E1304",
        "direction: salesforce_to_dotdigital",
    ),
    "read-only target": (
        "«Locked__c: {data_field: TEXT, direction: dotdigital_to_salesforce}",
        "SFDD-E1304",
        "grant Edit on Contact.Locked__c",
    ),
    "text to numeric": ("«Title: SIZE", "SFDD-E1305", "type: string"),
    "number to date": ("«Score__c: DAY", "SFDD-E1305", "type: numeric"),
    "a type nothing takes": ("«Home: TEXT", "SFDD-E1305", "remove `Home:`"),
    "number as text, both ways": (
        "«Score__c: {data_field: TEXT, direction: two_way}",
        "SFDD-E1307",
        "type: numeric",
    ),
    "reference, back": (
        "«OwnerId: {data_field: TEXT, direction: dotdigital_to_salesforce}",
        "SFDD-E1307",
        "direction: salesforce_to_dotdigital",
    ),
    "long text, both ways": (
        "«Description: {data_field: TEXT, direction: two_way}",
        "SFDD-E1308",
        "lossy: salesforce_only",
    ),
}


@pytest.mark.parametrize(("rows", "id", "hint"), ROWS.values(), ids=ROWS)
def test_a_row_that_does_not_fit_is_an_error_at_its_place(tmp_path: Path, rows: str, id: str, hint: str) -> None:
    text, where = marked(contacts(rows))
    (error,) = errors_of(tmp_path, text)
    assert (error.id, place(error)) == (id, where)
    assert hint in error.hint


@pytest.mark.parametrize("form", ["lossy: salesforce_only", "direction: dotdigital_to_salesforce"])
def test_a_long_text_is_fine_when_nothing_is_lost_unasked(tmp_path: Path, form: str) -> None:
    direction = "" if "direction" in form else "direction: two_way, "
    assert checked(tmp_path, contacts(f"Description: {{data_field: TEXT, {direction}{form}}}")).sets


def test_a_long_text_one_way_is_a_warning(tmp_path: Path) -> None:
    (warning,) = checked(tmp_path, contacts("Description: TEXT")).warnings
    assert "`Description` can be longer than the 1,000 characters" in warning


def test_an_existing_data_field_that_does_not_exist_is_an_error_where_it_is_named(tmp_path: Path) -> None:
    text, where = marked(
        BASE + "data_fields: {main: {«Shoe_Sise: existing}}\nfield_mappings: {leads: {Score__c: Shoe_Sise}}\n"
    )
    (error,) = errors_of(tmp_path, text)
    assert (error.id, place(error), error.hint) == ("SFDD-E1306", where, "did you mean `Shoe_Size`?")


def test_an_existing_data_field_is_checked_although_nothing_uses_it(tmp_path: Path) -> None:
    (error,) = errors_of(tmp_path, BASE + "data_fields: {main: {ZZZ: existing}}\n")
    assert (error.id, error.hint) == ("SFDD-E1306", "ZZZ: {type: string}")


def test_a_built_in_data_field_need_not_be_listed(tmp_path: Path) -> None:
    text = BASE + "data_fields: {main: {notes: existing}}\nfield_mappings: {leads: {Title: notes}}\n"
    (found,) = checked(tmp_path, text).sets
    assert (found.fields[0].data_field_name, found.fields[0].data_field_type) == ("NOTES", DataFieldType.STRING)


def test_an_object_that_cannot_be_read_is_said_once(tmp_path: Path) -> None:
    text = contacts("FirstName: FIRSTNAME, Title: TEXT")
    errors = errors_of(tmp_path, text, salesforce(describes={**DESCRIBES, "Contact": None}))
    assert [error.id for error in errors] == ["SFDD-E1301"]
    assert errors[0].hint == "grant Read on Contact (object permissions)"


def test_email_opt_out_must_be_readable_on_every_mapped_record_type(tmp_path: Path) -> None:
    text, where = marked(BASE + "field_mappings: {contacts: {«Title: NOTES}, leads: {}}\n")
    first, second = errors_of(tmp_path, text, salesforce(without=("HasOptedOutOfEmail",)))
    assert (first.id, second.id) == ("SFDD-E1309", "SFDD-E1309")
    assert place(second) == where
    assert "grant Read and Edit on Contact.HasOptedOutOfEmail (field-level security)" in second.hint
    assert "Lead.HasOptedOutOfEmail" in first.hint


def read_only_opt_out() -> SalesforceLive:
    fields = (*(field for field in PERSON if field is not OPT_OUT), replace(OPT_OUT, updateable=False))
    return salesforce(describes={**DESCRIBES, "Contact": an_object("Contact", *fields)})


def test_email_opt_out_must_be_writable_where_its_switch_is_on(tmp_path: Path) -> None:
    (error,) = errors_of(tmp_path, contacts("Title: TEXT"), read_only_opt_out())
    assert error.id == "SFDD-E1310"
    assert "consent: {unsubscribe_to_salesforce: {contacts: false}}" in error.hint


def test_email_opt_out_may_be_read_only_where_its_switch_is_off(tmp_path: Path) -> None:
    text = contacts("Title: TEXT") + "consent: {unsubscribe_to_salesforce: {contacts: false}}\n"
    assert checked(tmp_path, text, read_only_opt_out()).sets


def test_email_opt_out_must_be_readable_where_nothing_is_mapped_too(tmp_path: Path) -> None:
    """A lead that nobody maps may share its address with a contact, and its opt-out counts."""
    lead = an_object("Lead", *(field for field in PERSON if field is not OPT_OUT))
    with pytest.raises(ErrorList) as caught:
        checked(tmp_path, contacts("Title: TEXT"), salesforce(describes={**DESCRIBES, "Lead": lead}))
    (error,) = caught.value.errors
    assert (error.id, "grant Read and Edit on Lead.HasOptedOutOfEmail" in error.hint) == ("SFDD-E1309", True)


def test_email_opt_out_of_what_is_not_mapped_must_be_writable_too_where_its_switch_is_on(tmp_path: Path) -> None:
    """A lead that nobody maps follows an unsubscribe of its address."""
    fields = (*(field for field in PERSON if field is not OPT_OUT), replace(OPT_OUT, updateable=False))
    live = salesforce(describes={**DESCRIBES, "Lead": an_object("Lead", *fields)})
    (error,) = errors_of(tmp_path, contacts("Title: TEXT"), live)
    assert (error.id, "grant Edit on Lead.HasOptedOutOfEmail" in error.hint) == ("SFDD-E1310", True)
    off = "consent: {unsubscribe_to_salesforce: {leads: false}}\n"
    assert checked(tmp_path, contacts("Title: TEXT") + off, live).sets


def test_sets_hold_what_moves_in_declared_order_with_live_names(tmp_path: Path) -> None:
    rows = (
        "LastName: LastName, FirstName: FIRSTNAME, Title: {data_field: TEXT, direction: two_way},"
        " Account.Name: NOTES, Score__c: SIZE"
    )
    text = contacts(rows) + "consent: {}\n"
    (found,) = checked(tmp_path, text).sets
    assert (found.account, found.record_type) == ("main", RecordType.CONTACT)
    assert [(field.index, field.mapping.salesforce_field, field.data_field_name) for field in found.fields] == [
        (0, "LastName", "LASTNAME"),
        (1, "FirstName", "firstname"),
        (2, "Title", "TEXT"),
        (3, "Account.Name", "NOTES"),
        (4, "Score__c", "SIZE"),
    ]


def test_objects_behind_paths_are_asked_for_step_by_step(tmp_path: Path) -> None:
    desired = loaded(tmp_path, contacts("Account.Owner.Name: TEXT, Account.Name: NOTES"))
    known = {name: DESCRIBES[name] for name in ("Contact", "Lead")}
    assert related_objects(desired, known) == ("Account",)
    assert related_objects(desired, {**known, "Account": DESCRIBES["Account"]}) == ("User",)
    assert related_objects(desired, DESCRIBES) == ()


def test_a_mapped_field_carries_what_was_seen_of_both_ends(tmp_path: Path) -> None:
    (found,) = checked(tmp_path, contacts("Score__c: SIZE, Tags__c: TEXT")).sets
    score, tags = found.fields
    assert (score.form, score.salesforce_type, score.salesforce_scale) == (Form(FormKind.DECIMAL, 2), "double", 2)
    assert score.data_field_type is DataFieldType.NUMERIC
    assert (tags.form.kind, tags.choices, tags.nillable) == (FormKind.SET, ("A", "B"), True)


def test_a_record_type_without_rows_is_an_empty_set(tmp_path: Path) -> None:
    (found,) = checked(tmp_path, BASE + "field_mappings: {leads: {}}\n").sets
    assert (found.record_type, found.fields) == (RecordType.LEAD, ())


def test_a_declared_type_counts_although_the_live_field_has_another(tmp_path: Path) -> None:
    account = dotdigital(live_field("size"))
    (found,) = checked(tmp_path, contacts("Score__c: SIZE"), account=account).sets
    assert (found.fields[0].data_field_type, found.fields[0].data_field_name) == (DataFieldType.NUMERIC, "size")


def test_a_calculated_field_may_be_a_source(tmp_path: Path) -> None:
    (found,) = checked(tmp_path, contacts("Full__c: TEXT")).sets
    assert found.fields[0].mapping.salesforce_field == "Full__c"


def test_accounts_that_were_not_read_are_left_out(tmp_path: Path) -> None:
    text = TWO_ACCOUNTS + "field_mappings: {main: {leads: {}}, events: {leads: {Nonsense__c: NOTES}}}\n"
    assert [found.account for found in checked(tmp_path, text).sets] == ["main"]


STATUSES = {
    "declared": ("member_statuses: {Came: {}}", "Came", (), None),
    "live": ("status: Planned", "Came", ("Came",), None),
    "of every new campaign": ("status: Planned", "Responded", None, None),
    "live ones replace those of a new one": ("status: Planned", "Responded", ("Came",), "member_statuses"),
    "misspelt": ("member_statuses: {Came: {}}", "Cane", (), "did you mean `Came`?"),
}


@pytest.mark.parametrize(("campaign", "label", "live", "hint"), STATUSES.values(), ids=STATUSES)
def test_labels_of_links_exist(
    tmp_path: Path, campaign: str, label: str, live: tuple[str, ...] | None, hint: str | None
) -> None:
    text = BASE + f"campaigns: {{a: {{name: A, {campaign}}}}}\naddress_books: {{b: {{name: B}}}}\n"
    text, where = marked(text + f"links: [«{{campaign: a, address_book: b, member_statuses: [{label}]}}]\n")
    org = salesforce() if live is None else salesforce(a_campaign("A", *live))
    if hint is None:
        assert checked(tmp_path, text, org)
    else:
        (error,) = errors_of(tmp_path, text, org)
        assert (error.id, place(error)) == ("SFDD-E1314", where)
        assert hint in error.hint


def test_labels_of_selections_exist(tmp_path: Path) -> None:
    text, where = marked(
        BASE + "campaigns: {a: {name: A, members: {contacts: {«where: Title != null, status: Snet}}}}\n"
    )
    (error,) = errors_of(tmp_path, text)
    assert (error.id, place(error), error.hint) == ("SFDD-E1314", where, "did you mean `Sent`?")


def test_labels_of_an_existing_campaign_are_those_it_has(tmp_path: Path) -> None:
    text = BASE + "campaigns: {a: {existing: {id: 701000000000001}}}\naddress_books: {b: {name: B}}\n"
    text += "links: [{campaign: a, address_book: b, member_statuses: [Came]}]\n"
    assert checked(tmp_path, text, salesforce(a_campaign("Any name", "Came")))


CAMPAIGNS = {
    "unknown field": ("fields: {Regin__c: x}", "SFDD-E1315", "grant Read and Edit on Campaign.Regin__c"),
    "field that cannot be written": ("active: true", "SFDD-E1315", "grant Edit on Campaign.IsActive"),
    "number that would be rounded": ("budgeted_cost: 99.5", "SFDD-E1317", "budgeted_cost: 100"),
    "text that is too long": (f"description: {'x' * 21}", "SFDD-E1317", "shorten `description`"),
    "value of a restricted picklist": ("status: Planed", "SFDD-E1316", "did you mean `Planned`?"),
}


@pytest.mark.parametrize(("key", "id", "hint"), CAMPAIGNS.values(), ids=CAMPAIGNS)
def test_fields_of_campaigns_exist_and_take_their_values(tmp_path: Path, key: str, id: str, hint: str) -> None:
    text, where = marked(BASE + f"campaigns: {{«a: {{name: A, {key}}}}}\n")
    (error,) = errors_of(tmp_path, text)
    assert (error.id, place(error)) == (id, where)
    assert hint in error.hint


def test_numbers_and_texts_that_fit_are_taken(tmp_path: Path) -> None:
    fields = f"budgeted_cost: 99, expected_response: 12.25, description: {'x' * 20}"
    assert checked(tmp_path, BASE + f"campaigns: {{a: {{name: A, {fields}}}}}\n")


WHERES = {
    "misspelt": ("Titel = 'Boss'", "SFDD-E1302", "did you mean `Title`?", "Titel = '••••'\n^"),
    "second": ("title = 'Boss' AND (NOT Socre__c > 5)", "SFDD-E1302", "did you mean `Score__c`?", ""),
    "like no other": ("Zzzzz__c = 'x'", "SFDD-E1303", "grant Read on Contact.Zzzzz__c", ""),
}


@pytest.mark.parametrize(("where", "id", "hint", "detail"), WHERES.values(), ids=WHERES)
def test_fields_that_a_condition_names_are_there(tmp_path: Path, where: str, id: str, hint: str, detail: str) -> None:
    text, at = marked(BASE + f'campaigns: {{a: {{name: A, members: {{contacts: {{«where: "{where}"}}}}}}}}\n')
    (error,) = errors_of(tmp_path, text)
    assert (error.id, place(error)) == (id, at)
    assert hint in error.hint
    assert detail in error.detail
    assert isinstance(error.where, Position)
    assert "Boss" not in f"{error.where.text} {error.detail} {error}"


@pytest.mark.parametrize(
    "where", ["Account.Nonsense = 'x'", "Id IN (SELECT ContactId FROM CampaignMember)", "title = 'Titel'"]
)
def test_what_only_salesforce_can_tell_is_left_to_it(tmp_path: Path, where: str) -> None:
    text = BASE + f'campaigns: {{a: {{name: A, members: {{contacts: {{where: "{where}"}}}}}}}}\n'
    describes = {**DESCRIBES, "Contact": an_object("Contact", *PERSON, a_field("Id", "id"))}
    checked(tmp_path, text, salesforce(describes=describes))


def test_a_value_that_an_open_picklist_does_not_offer_is_a_warning(tmp_path: Path) -> None:
    (warning,) = checked(tmp_path, BASE + "campaigns: {a: {name: A, type: Emial}}\n").warnings
    assert ":3:13: `Emial` is not a value of the picklist `Campaign.Type`; did you mean `Email`?" in warning
    assert checked(tmp_path, BASE + "campaigns: {a: {name: A, type: Email}}\n").warnings == ()


def test_an_unrestricted_picklist_takes_any_value(tmp_path: Path) -> None:
    assert checked(tmp_path, BASE + "campaigns: {a: {name: A, type: Carrier pigeon}}\n")


NEWCOMERS = (
    BASE
    + FIELDS
    + "campaigns: {a: {name: A}}\naddress_books: {b: {name: B}}\n"
    + "field_mappings:\n  leads:\n    FirstName: {data_field: FIRSTNAME, direction: two_way}\n"
    + "    LastName: {data_field: LASTNAME, direction: two_way}\n"
    + "    Company: {data_field: TEXT, direction: two_way}\n"
)
WITH_LEADS = "links: [{campaign: a, address_book: b, new_leads: true}]\n"


def test_new_leads_pass_when_every_required_field_is_filled(tmp_path: Path) -> None:
    assert checked(tmp_path, NEWCOMERS + WITH_LEADS + "leads: {defaults: {LeadSource: Web}}\n")


def test_new_leads_need_what_the_org_requires(tmp_path: Path) -> None:
    lead = an_object("Lead", *PERSON, *LEAD_ONLY, a_field("Region__c", nillable=False))
    org = salesforce(describes={**DESCRIBES, "Lead": lead})
    (error,) = errors_of(tmp_path, NEWCOMERS + WITH_LEADS, org)
    assert (error.id, error.hint) == ("SFDD-E1311", "leads: {defaults: {Region__c: …}}")
    assert checked(tmp_path, NEWCOMERS + WITH_LEADS + "leads: {defaults: {Region__c: North}}\n", org)


def test_new_leads_need_fields_that_can_be_set_on_creation(tmp_path: Path) -> None:
    rows = "    Set_Once__c: {data_field: NOTES, direction: dotdigital_to_salesforce}\n"
    (error,) = errors_of(tmp_path, NEWCOMERS + rows + WITH_LEADS)
    assert (error.id, error.hint) == ("SFDD-E1312", "grant Edit on Lead.Set_Once__c (field-level security)")


DEFAULTS = {
    "unknown field": ("LeadSorce: Web", "did you mean `LeadSource`?"),
    "field that cannot be set": ("Set_Once__c: x", "grant Edit on Lead.Set_Once__c"),
    "no picklist value": ("LeadSource: web", "did you mean `Web`?"),
}


@pytest.mark.parametrize(("written", "hint"), DEFAULTS.values(), ids=DEFAULTS)
def test_defaults_of_new_leads_exist_in_the_org(tmp_path: Path, written: str, hint: str) -> None:
    (error,) = errors_of(tmp_path, BASE + f"leads: {{defaults: {{{written}}}}}\n")
    assert error.id == "SFDD-E1313"
    assert hint in error.hint


def test_all_errors_come_together_sorted_by_place(tmp_path: Path) -> None:
    text = contacts("Titel: TEXT, Born__c: YES, Score__c: DAY") + "campaigns: {a: {name: A, status: Nope}}\n"
    assert [error.id for error in errors_of(tmp_path, text)] == ["SFDD-E1302", "SFDD-E1305", "SFDD-E1305", "SFDD-E1316"]
