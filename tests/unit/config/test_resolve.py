"""What a valid configuration becomes."""

from __future__ import annotations

from pathlib import Path

import pytest

from sfdd_declare.config.read import load
from sfdd_declare.model.address import Address
from sfdd_declare.model.declared import (
    AuthMethod,
    Existing,
    Guards,
    Limit,
    MemberStatus,
    NewLeads,
    OnDestroy,
    Removals,
    Visibility,
)
from sfdd_declare.model.mapping import ConflictRule, DataFieldType, Direction, OnBlank, RecordType

from .builders import ACCOUNT, BASE, ENVIRON, errors_in, loaded, marked, place, the_error, write


def test_defaults_are_those_of_the_design(tmp_path: Path) -> None:
    desired = loaded(tmp_path, BASE)
    assert desired.guards == Guards()
    assert desired.salesforce.login_url == "https://login.salesforce.com"
    assert desired.salesforce.api_version == "66.0"
    assert desired.salesforce.registry
    assert desired.accounts[0].region == "auto"
    assert desired.accounts[0].double_opt_in is None
    assert (desired.memory_limit, desired.full_every_hours, desired.state) == ("1GB", 24.0, None)
    assert desired.matching.precedence == (RecordType.CONTACT, RecordType.PERSON_ACCOUNT, RecordType.LEAD)


def test_a_campaign_manages_only_what_is_written(tmp_path: Path) -> None:
    text = """
campaigns:
  a:
    name: A
    active: false
    start_date: 2026-03-01
    budgeted_cost: 1200.5
    fields: {Region__c: EMEA, Seats__c: 20, Open__c: true}
    member_statuses: {Sent: {default: true}, Attended: }
    lifecycle: {ignore_changes: [active, Region__c], prevent_destroy: true}
    on_destroy: delete
"""
    (campaign,) = loaded(tmp_path, BASE + text).campaigns
    assert campaign.fields == (
        ("Name", "A"),
        ("IsActive", False),
        ("StartDate", "2026-03-01"),
        ("BudgetedCost", 1200.5),
        ("Region__c", "EMEA"),
        ("Seats__c", 20),
        ("Open__c", True),
    )
    assert campaign.statuses == (MemberStatus("Sent", default=True), MemberStatus("Attended"))
    assert campaign.lifecycle.ignore_changes == ("IsActive", "Region__c")
    assert campaign.lifecycle.on_destroy is OnDestroy.DELETE
    assert campaign.lifecycle.prevent_destroy
    assert campaign.where is not None
    assert (campaign.where.line, campaign.where.col) == (5, 3)


def test_members_are_selected_per_record_type_with_their_status(tmp_path: Path) -> None:
    text = "campaigns:\n  a:\n    name: A\n    members:\n      contacts: {where: \"A = 'b'\", status: Sent}\n"
    text += "      leads: {ids: [00Q000000000001]}\n"
    (campaign,) = loaded(tmp_path, BASE + text).campaigns
    contacts, leads = campaign.selections
    assert (contacts.record_type, contacts.where, contacts.status) == (RecordType.CONTACT, "A = 'b'", "Sent")
    assert (leads.record_type, leads.ids, leads.where) == (RecordType.LEAD, ("00Q000000000001",), None)


def test_existing_things_have_no_managed_values(tmp_path: Path) -> None:
    text = "campaigns: {a: {existing: {id: 701000000000001}}}\n"
    text += "address_books: {b: {existing: {name: News}, removals: managed}}\n"
    desired = loaded(tmp_path, BASE + text)
    assert desired.campaigns[0].existing == Existing(id="701000000000001")
    assert desired.campaigns[0].fields == ()
    assert desired.campaigns[0].name is None
    assert desired.address_books[0].existing == Existing(name="News")
    assert desired.address_books[0].name is None
    assert desired.address_books[0].removals is Removals.MANAGED


def test_books_take_the_only_account_and_their_words_become_dotdigitals(tmp_path: Path) -> None:
    text = "address_books: {b: {name: B, visibility: public, left: restore, lifecycle: {ignore_changes: [removals]}}}\n"
    (book,) = loaded(tmp_path, BASE + text).address_books
    assert (book.account, book.visibility, book.restore_left) == ("main", Visibility.PUBLIC, True)
    assert book.lifecycle.ignore_changes == ("Removals__c",)


DEFAULTS = {
    "string": ("{type: string, default: 007}", DataFieldType.STRING, "007"),
    "numeric": ("{type: numeric, default: 2.50}", DataFieldType.NUMERIC, 2.5),
    "boolean": ("{type: boolean, default: false}", DataFieldType.BOOLEAN, False),
    "date": ("{type: date, default: 2026-03-01}", DataFieldType.DATE, "2026-03-01"),
    "none": ("{type: string}", DataFieldType.STRING, None),
    "existing": ("existing", None, None),
}


@pytest.mark.parametrize(("written", "kind", "default"), DEFAULTS.values(), ids=DEFAULTS)
def test_data_fields_have_typed_defaults(
    tmp_path: Path, written: str, kind: DataFieldType | None, default: object
) -> None:
    (field,) = loaded(tmp_path, BASE + f"data_fields: {{main: {{A: {written}}}}}\n").data_fields
    assert (field.account, field.name, field.type, field.default) == ("main", "A", kind, default)
    assert field.existing is (written == "existing")


def test_rows_in_short_and_long_form(tmp_path: Path) -> None:
    text = """
field_mappings:
  main:
    contacts:
      FirstName: FIRSTNAME
      Title: {data_field: NOTES, direction: two_way, conflict: skip, lossy: salesforce_only}
      Phone: {data_field: GENDER, direction: dotdigital_to_salesforce}
      Fax: {data_field: POSTCODE, on_blank: keep}
"""
    short, two_way, back, kept = loaded(tmp_path, BASE + text).mappings
    assert (short.direction, short.on_blank) == (Direction.SALESFORCE_TO_DOTDIGITAL, OnBlank.PROPAGATE)
    assert (two_way.direction, two_way.on_blank, two_way.conflict, two_way.lossy) == (
        Direction.TWO_WAY,
        OnBlank.KEEP,
        ConflictRule.SKIP,
        True,
    )
    assert (back.direction, back.on_blank) == (Direction.DOTDIGITAL_TO_SALESFORCE, OnBlank.PROPAGATE)
    assert kept.on_blank is OnBlank.KEEP
    assert short.where is not None
    assert (short.where.line, short.where.col) == (7, 7)


def test_the_account_of_mappings_may_be_left_out_when_there_is_one(tmp_path: Path) -> None:
    short = loaded(tmp_path, BASE + "field_mappings: {leads: {FirstName: FIRSTNAME}, contacts: {}}\n")
    assert short.mapped == (("main", RecordType.CONTACT), ("main", RecordType.LEAD))
    assert [(row.account, row.record_type) for row in short.mappings] == [("main", RecordType.LEAD)]


def test_use_defaults_adds_names_that_nothing_else_fills(tmp_path: Path) -> None:
    text = "field_mappings: {contacts: {use: [defaults], Preferred__c: FIRSTNAME, lastname: NOTES}}\n"
    rows = loaded(tmp_path, BASE + text).mappings
    assert [(row.salesforce_field, row.data_field) for row in rows] == [
        ("Preferred__c", "FIRSTNAME"),
        ("lastname", "NOTES"),
        ("Name", "FULLNAME"),
    ]


def test_links_are_spread_over_their_books(tmp_path: Path) -> None:
    text = "campaigns: {a: {name: A}}\naddress_books: {b: {name: B}, c: {name: C}}\n"
    text += "links:\n- campaign: a\n  address_book: [c, b]\n  member_statuses: [Sent]\n"
    text += "  lifecycle: {ignore_changes: [new_leads]}\n"
    links = loaded(tmp_path, BASE + text).links
    assert [(link.campaign, link.address_book, link.member_statuses) for link in links] == [
        ("a", "c", ("Sent",)),
        ("a", "b", ("Sent",)),
    ]
    assert links[0].lifecycle.ignore_changes == ("New_Leads__c", "New_Lead_Status__c")


NEW_LEADS = {
    "true": NewLeads(),
    "false": None,
    "{}": NewLeads(),
    "{member_status: Sent, existing: true, primary: true}": NewLeads("Sent", existing=True, primary=True),
}


@pytest.mark.parametrize(("written", "expected"), NEW_LEADS.items(), ids=NEW_LEADS)
def test_new_leads_in_every_form(tmp_path: Path, written: str, expected: NewLeads | None) -> None:
    text = "campaigns: {a: {name: A}}\naddress_books: {b: {name: B}}\ndata_fields: {main: {CO: existing}}\n"
    text += "field_mappings: {leads: {" + ", ".join(
        f"{field}: {{data_field: {target}, direction: two_way}}"
        for field, target in (("FirstName", "FIRSTNAME"), ("LastName", "LASTNAME"), ("Company", "CO"))
    )
    text += f"}}}}\nlinks: [{{campaign: a, address_book: b, new_leads: {written}}}]\n"
    assert loaded(tmp_path, BASE + text).links[0].new_leads == expected


ALL = ("contact", "person_account", "lead")
CONSENT = {
    "nothing said": ("", "", (True, ALL, ())),
    "default says": ("consent: {opt_out_to_dotdigital: false}\n", "", (False, ALL, ())),
    "account wins": (
        "consent: {opt_out_to_dotdigital: false, unsubscribe_to_salesforce: {leads: false, contacts: false}}\n",
        ", consent: {opt_out_to_dotdigital: true, unsubscribe_to_salesforce: {leads: true}}",
        (True, ("person_account", "lead"), ()),
    ),
    "reasons": ("consent: {reasons: [directComplaint]}\n", "", (True, ALL, ("directcomplaint",))),
}


@pytest.mark.parametrize(("top", "own", "expected"), CONSENT.values(), ids=CONSENT)
def test_consent_switches_of_an_account_stand_over_the_default(
    tmp_path: Path, top: str, own: str, expected: tuple[bool, tuple[str, ...], tuple[str, ...]]
) -> None:
    text = f"version: 1\ndotdigital: {{accounts: {{main: {ACCOUNT[:-1]}{own}}}}}}}\n{top}"
    consent = loaded(tmp_path, text).accounts[0].consent
    ticked = tuple(kind.value for kind in consent.unsubscribe_to_salesforce)
    assert (consent.opt_out_to_dotdigital, ticked, consent.reasons) == expected


def test_guards_and_rules(tmp_path: Path) -> None:
    text = """
guards: {max_overwrites: 25.5%, max_removals: 40, max_new_records: 0, protect: [link.a.b, campaign.x]}
leads:
  defaults: {LeadSource: Web, PostalCode: 01234, DoNotCall: true}
  assignment_rules: true
  duplicate_rules: allow_save
matching: {precedence: [lead], email: two_way, on_delete: leave}
sync: {full_every: 90 minutes}
engine: {memory_limit: 512MB}
import: [{to: campaign.a, id: 701000000000001}]
moved: [{from: campaign.old, to: campaign.a}]
campaigns: {a: {name: A}}
"""
    desired = loaded(tmp_path, BASE + text)
    assert desired.guards.max_overwrites == Limit(percent=25.5)
    assert desired.guards.max_removals == Limit(count=40)
    assert desired.guards.max_new_records == 0
    assert desired.guards.protect == (Address.parse("link.a.b"), Address.parse("campaign.x"))
    assert desired.leads.defaults == (("LeadSource", "Web"), ("PostalCode", "01234"), ("DoNotCall", "true"))
    assert desired.leads.allow_duplicates
    assert desired.leads.assignment_rules
    assert [kind.value for kind in desired.matching.precedence] == ["lead", "contact", "person_account"]
    assert desired.full_every_hours == 1.5
    assert desired.memory_limit == "512MB"
    assert (str(desired.imports[0].to), desired.imports[0].id) == ("campaign.a", "701000000000001")
    assert (str(desired.moved[0].source), str(desired.moved[0].target)) == ("campaign.old", "campaign.a")


AUTHS = {
    "absent, command line of Salesforce": (
        "",
        {"SF_ACCESS_TOKEN": "t", "SF_ORG_INSTANCE_URL": "https://o.my.salesforce.com"},
        (AuthMethod.ACCESS_TOKEN, "t", "https://o.my.salesforce.com"),
    ),
    "older variable": (
        "salesforce: {auth: {method: access_token}}\n",
        {"SF_ACCESS_TOKEN": "", "SFDX_ACCESS_TOKEN": "old", "SF_ORG_INSTANCE_URL": "https://o.my.salesforce.com/"},
        (AuthMethod.ACCESS_TOKEN, "old", "https://o.my.salesforce.com"),
    ),
    "written wins": (
        "salesforce: {auth: {method: access_token, access_token: '${env:DD_USER}',"
        " instance_url: 'https://w.my.salesforce.com'}}\n",
        {"SF_ACCESS_TOKEN": "t", "SF_ORG_INSTANCE_URL": "https://o.my.salesforce.com"},
        (AuthMethod.ACCESS_TOKEN, "apiuser-1", "https://w.my.salesforce.com"),
    ),
}


@pytest.mark.parametrize(("text", "environ", "expected"), AUTHS.values(), ids=AUTHS)
def test_a_given_token_comes_from_the_file_or_from_salesforces_own_variables(
    tmp_path: Path, text: str, environ: dict[str, str], expected: tuple[AuthMethod, str, str]
) -> None:
    desired = load(write(tmp_path, {"sfdd.yaml": BASE + text}), environ={**ENVIRON, **environ})
    auth = desired.salesforce.auth
    assert auth is not None
    assert auth.access_token is not None
    assert (auth.method, auth.access_token.get_secret_value(), auth.instance_url) == expected


@pytest.mark.parametrize("text", ["", "salesforce: {auth: {method: access_token}}\n"])
def test_without_credentials_a_token_may_be_missing(tmp_path: Path, text: str) -> None:
    auth = load(write(tmp_path, {"sfdd.yaml": BASE + text}), environ={}, credentials=False).salesforce.auth
    assert auth is None or (auth.access_token, auth.instance_url) == (None, "")


BOTH = ["SF_ACCESS_TOKEN", "SF_ORG_INSTANCE_URL"]
MISSING = {
    "nothing written": ("«version: 1\n", "Without `salesforce.auth`", BOTH),
    "no login written": (
        "version: 1\n«salesforce: {registry: none}\n",
        "Without",
        BOTH,
    ),
    "method alone": (
        "version: 1\nsalesforce: {auth: {method: «access_token}}\n",
        "The method `access_token`",
        BOTH,
    ),
    "token written": (
        "version: 1\nsalesforce: {auth: {method: «access_token, access_token: t}}\n",
        "The method `access_token`",
        ["SF_ORG_INSTANCE_URL"],
    ),
}


@pytest.mark.parametrize(("text", "words", "names"), MISSING.values(), ids=MISSING)
def test_what_is_missing_in_the_environment_is_named_with_its_place(
    tmp_path: Path, text: str, words: str, names: list[str]
) -> None:
    plain, where = marked(text)
    for around in ({}, dict.fromkeys(names, "")):
        errors = errors_in(tmp_path, plain, environ=around)
        assert [(error.id, place(error), error.hint) for error in errors] == [
            ("SFDD-E1244", where, f"export {name}=…") for name in names
        ]
        assert all(words in error.summary for error in errors)


@pytest.mark.parametrize("key", ["access_token", "instance_url"])
def test_an_empty_variable_is_an_error_at_its_own_key(tmp_path: Path, key: str) -> None:
    values = {"access_token": "t", "instance_url": "https://acme.my.salesforce.com", key: "'«${env:EMPTY}'"}
    keys = ", ".join(f"{name}: {value}" for name, value in values.items())
    plain, where = marked(BASE + f"salesforce: {{auth: {{method: access_token, {keys}}}}}\n")
    error = the_error(tmp_path, plain, environ={**ENVIRON, "EMPTY": ""})
    assert (error.id, place(error)) == ("SFDD-E1110", where)


def test_a_key_called_like_its_method_is_not_blamed_for_another(tmp_path: Path) -> None:
    text = BASE + "salesforce: {auth: {method: access_token, access_token: t, instance_url: «nonsense}}\n"
    plain, where = marked(text)
    error = the_error(tmp_path, plain)
    assert (place(error), error.summary.partition(":")[0]) == (where, "salesforce.auth.instance_url")


def test_jwt_needs_its_three_values(tmp_path: Path) -> None:
    text = "salesforce: {auth: {method: jwt, client_id: c, username: u, private_key: '${file:k.pem}'}}\n"
    write(tmp_path, {"k.pem": "-----BEGIN\nx\n"})
    auth = loaded(tmp_path, BASE + text).salesforce.auth
    assert auth is not None
    assert auth.private_key is not None
    assert (auth.method, auth.client_id, auth.username) == (AuthMethod.JWT, "c", "u")
    assert auth.private_key.get_secret_value() == "-----BEGIN\nx"
