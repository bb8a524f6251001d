"""People into the spool: members, selections, opt-outs, fates."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from sfdd_declare.model.errors import ConfigError, RemoteError, Terminal
from sfdd_declare.model.ids import SalesforceId
from sfdd_declare.model.mapping import Form, FormKind, RecordType
from sfdd_declare.model.ports import SelectionQuestion
from sfdd_declare.people import columns
from sfdd_declare.people.spool import RunDirectory
from sfdd_declare.salesforce.client import Client
from sfdd_declare.salesforce.people import People

from .builders import Org, a_set, mapped, read

CONTACT, LEAD = RecordType.CONTACT, RecordType.LEAD
CONTACTS = columns.records("main", CONTACT)
LEADS = columns.records("main", LEAD)
LOST = [{"errorCode": "INVALID_QUERY_LOCATOR", "message": "invalid query locator"}]

NAMES = a_set(mapped(0, "FirstName"), mapped(1, "LastName"))
LEAD_NAMES = a_set(mapped(0, "Company", record_type=LEAD), record_type=LEAD)


def linked(*campaigns: str) -> tuple[tuple[str, SalesforceId], ...]:
    return tuple((f"c{number}", SalesforceId(record_id)) for number, record_id in enumerate(campaigns))


def a_selection(
    *,
    where: str | None = None,
    ids: Iterable[str] = (),
    record_type: RecordType = CONTACT,
    status: str | None = "Sent",
) -> SelectionQuestion:
    return SelectionQuestion("spring", record_type, where, tuple(ids), status, "sfdd.yaml:12:5")


# --- members ------------------------------------------------------------------------------------------------------


def test_members_of_all_campaigns_are_read_with_their_records_in_one_query(
    org: Org, client: Client, spool: RunDirectory
) -> None:
    first, second = org.campaign("One"), org.campaign("Two")
    zoe, max_ = org.make(
        "Contact",
        {"FirstName": "Zoë", "LastName": "Ångström ", "Email": "Zoe@Example.com", "HasOptedOutOfEmail": True},
        {"LastName": "Mustermann"},
    )
    (lead,) = org.make("Lead", {"LastName": "Byron", "Company": "Analytical", "Email": "b@example.com"})
    org.join(first, [zoe, max_])
    org.join(second, [zoe])
    org.join(second, [lead], "LeadId")
    _ = client.session
    report = People(client).members(linked(first, second), (NAMES, LEAD_NAMES), spool)
    assert (report.rows, report.complete) == (4, True)
    assert report.stamp.endswith("Z")
    assert org.count() == 2
    members = {(m["campaign"], m["record_type"], m["sf_id"], m["status"]) for m in read(spool, "members")}
    assert members == {
        ("c0", "contact", zoe, "Sent"),
        ("c0", "contact", max_, "Sent"),
        ("c1", "contact", zoe, "Sent"),
        ("c1", "lead", lead, "Sent"),
    }
    by_id = {row["sf_id"]: row for row in read(spool, CONTACTS)}
    assert by_id[zoe]["email"] == "Zoe@Example.com"
    assert by_id[zoe]["email_key"] == "zoe@example.com"
    assert by_id[zoe]["opted_out"] is True
    assert (by_id[zoe]["r0"], by_id[zoe]["c1"]) == ("Zoë", "Ångström")
    assert by_id[zoe]["modified"] > 1_600_000_000
    assert by_id[zoe]["modified_by"].startswith("005")
    assert by_id[max_]["email_key"] is None
    assert (by_id[max_]["c0"], by_id[max_]["r0"]) == (None, None)
    assert by_id[max_]["opted_out"] is False
    (row,) = read(spool, LEADS)
    assert (row["sf_id"], row["c0"], row["converted"], row["converted_to"]) == (lead, "Analytical", False, None)


def test_members_of_a_kind_without_mapping_are_listed_without_records(
    org: Org, client: Client, spool: RunDirectory
) -> None:
    campaign = org.campaign()
    org.join(campaign, org.make("Lead", {"LastName": "Byron", "Company": "A"}), "LeadId")
    People(client).members(linked(campaign), (NAMES,), spool)
    assert [m["record_type"] for m in read(spool, "members")] == ["lead"]
    assert spool.parts(LEADS) == ()
    assert read(spool, CONTACTS) == []


def test_several_accounts_get_their_own_records_from_the_same_pages(
    org: Org, client: Client, spool: RunDirectory
) -> None:
    campaign = org.campaign()
    org.join(campaign, org.contacts(2, FirstName="Ada"))
    other = a_set(mapped(0, "FirstName", account="other"), account="other")
    _ = client.session
    People(client).members(linked(campaign), (NAMES, other), spool)
    assert org.count() == 2
    assert [row["r1"] for row in read(spool, CONTACTS)] == ["Person 0", "Person 1"]
    assert [row["r0"] for row in read(spool, columns.records("other", CONTACT))] == ["Ada", "Ada"]


def test_shrunk_pages_give_the_same_people(org: Org, client: Client, spool: RunDirectory) -> None:
    campaign = org.campaign()
    made = org.contacts(450)
    org.join(campaign, made)
    org.world.set_setting("salesforce.page_size", 200)
    _ = client.session
    report = People(client).members(linked(campaign), (NAMES,), spool)
    assert (report.rows, report.complete) == (450, True)
    assert {row["sf_id"] for row in read(spool, CONTACTS)} == set(made)
    assert org.count() == 1 + 3


def test_many_mapped_fields_cost_no_further_call(org: Org, client: Client, spool: RunDirectory) -> None:
    campaign = org.campaign()
    org.join(campaign, org.contacts(1, MailingCity="London"))
    names = ["FirstName", "LastName", "Title", "Department", "Phone", "Fax", "MailingCity", "MailingCountry"]
    names += ["MailingState", "MailingPostalCode", "OtherCity", "OtherState", "OtherPostalCode", "OtherCountry"]
    paths = ["", "ReportsTo.", "Account.Owner.", "ReportsTo.ReportsTo.", "ReportsTo.ReportsTo.ReportsTo."]
    fields = [f"{path}{name}" for path in paths for name in names if path != "Account.Owner." or name == "LastName"]
    wide = a_set(*(mapped(i, name) for i, name in enumerate(fields)))
    leads = a_set(*(mapped(i, name, record_type=LEAD) for i, name in enumerate(names[:3])), record_type=LEAD)
    _ = client.session
    report = People(client).members(linked(campaign), (wide, leads), spool)
    assert report.rows == 1
    assert org.templates()[-1] == "POST composite"
    assert org.count() == 2
    (row,) = read(spool, CONTACTS)
    assert row[f"r{fields.index('MailingCity')}"] == "London"


def test_fields_behind_a_relation_are_read(org: Org, client: Client, spool: RunDirectory) -> None:
    (account,) = org.make("Account", {"Name": "Acme"})
    campaign = org.campaign()
    org.join(campaign, org.contacts(1, AccountId=account) + org.contacts(1))
    People(client).members(linked(campaign), (a_set(mapped(0, "Account.Name")),), spool)
    assert sorted(row["r0"] or "" for row in read(spool, CONTACTS)) == ["", "Acme"]


def test_no_campaign_needs_no_call_and_leaves_empty_datasets(org: Org, client: Client, spool: RunDirectory) -> None:
    report = People(client).members((), (NAMES,), spool)
    assert (report.rows, report.complete, org.count()) == (0, True, 0)
    assert len(spool.parts("members")) == len(spool.parts(CONTACTS)) == 1


def test_empty_campaign_is_a_complete_read(org: Org, client: Client, spool: RunDirectory) -> None:
    report = People(client).members(linked(org.campaign()), (NAMES,), spool)
    assert (report.rows, report.complete) == (0, True)
    assert read(spool, "members") == []


def test_a_converted_leads_member_names_the_lead(org: Org, client: Client, spool: RunDirectory) -> None:
    campaign = org.campaign()
    (contact,) = org.contacts(1)
    (lead,) = org.make("Lead", {"LastName": "B", "Company": "A", "IsConverted": True, "ConvertedContactId": contact})
    org.make("CampaignMember", {"CampaignId": campaign, "LeadId": lead, "ContactId": contact})
    People(client).members(linked(campaign), (NAMES, LEAD_NAMES), spool)
    assert [(m["record_type"], m["sf_id"]) for m in read(spool, "members")] == [("lead", lead)]
    (row,) = read(spool, LEADS)
    assert (row["converted"], row["converted_to"]) == (True, contact)
    assert read(spool, CONTACTS) == []


def test_lost_locator_reads_again_without_a_row_twice(org: Org, client: Client, spool: RunDirectory) -> None:
    campaign = org.campaign()
    org.join(campaign, org.contacts(5))
    org.world.set_setting("salesforce.page_size", 2)
    org.fault("status", path=r"query/01g", status=400, body=LOST, nth=2)
    report = People(client).members(linked(campaign), (NAMES,), spool)
    assert (report.rows, report.complete) == (5, True)
    assert len(read(spool, "members")) == len(read(spool, CONTACTS)) == 5


def test_result_that_stops_short_is_not_complete(org: Org, client: Client, spool: RunDirectory) -> None:
    campaign = org.campaign()
    org.join(campaign, org.contacts(3))
    org.fault("status", path="query", status=200, body={"totalSize": 3, "done": True, "records": []})
    report = People(client).members(linked(campaign), (NAMES,), spool)
    assert not report.complete


def test_result_that_repeats_one_record_and_drops_another_is_not_complete(
    org: Org, client: Client, spool: RunDirectory
) -> None:
    twice = [{"Id": "003000000000001AAA", "Email": "ada@example.com"}] * 2
    org.fault("status", path="query", status=200, body={"totalSize": 2, "done": True, "records": twice})
    assert not People(client).opted_out((RecordType.CONTACT,), spool).complete


def test_values_are_text_as_it_would_be_written(org: Org, client: Client, spool: RunDirectory) -> None:
    org.make(
        "Lead",
        {
            "LastName": "Byron",
            "Company": "A",
            "Email": "b@example.com",
            "AnnualRevenue": 1_200_000.5,
            "NumberOfEmployees": 7,
            "DoNotCall": True,
        },
    )
    fields = a_set(
        mapped(0, "AnnualRevenue", kind="currency", form=Form(FormKind.DECIMAL, 2), record_type=LEAD),
        mapped(1, "NumberOfEmployees", kind="int", form=Form(FormKind.DECIMAL, 0), record_type=LEAD),
        mapped(2, "DoNotCall", kind="boolean", form=Form(FormKind.BOOL), record_type=LEAD),
        mapped(3, "CreatedDate", kind="datetime", form=Form(FormKind.DATETIME), record_type=LEAD),
        mapped(4, "CreatedDate", "DAY", kind="datetime", form=Form(FormKind.DATE), record_type=LEAD),
        record_type=LEAD,
    )
    People(client).selection(a_selection(where="Company = 'A'", record_type=LEAD), (fields,), spool)
    (row,) = read(spool, LEADS)
    assert (row["r0"], row["c0"]) == ("1200000.5", "1200000.5")
    assert (row["r1"], row["r2"], row["c2"]) == ("7", "true", "true")
    assert row["r3"] == row["c3"]
    assert row["r3"][10] == "T"
    assert row["r3"].endswith(":" + row["r3"][17:19] + "Z")
    assert row["c4"] == row["r3"][:10]


# --- selections ---------------------------------------------------------------------------------------------------


def test_selection_by_where_names_who_and_reads_their_records(org: Org, client: Client, spool: RunDirectory) -> None:
    org.contacts(2, MailingCountry="France")
    (wanted,) = org.contacts(1, MailingCountry="United Kingdom", FirstName="Ada")
    _ = client.session
    report = People(client).selection(a_selection(where="MailingCountry = 'United Kingdom'"), (NAMES,), spool)
    assert (report.rows, report.complete, org.count()) == (1, True, 2)
    (row,) = read(spool, "selected")
    assert row.pop("modified")
    assert row == {
        "campaign": "spring",
        "record_type": "contact",
        "sf_id": wanted,
        "status": "Sent",
        "address": None,
    }
    assert [row["r0"] for row in read(spool, CONTACTS)] == ["Ada"]


def test_or_in_a_where_stays_inside_its_parentheses(org: Org, client: Client, spool: RunDirectory) -> None:
    org.make("Lead", {"LastName": "A", "Company": "X", "IsConverted": True}, {"LastName": "B", "Company": "Y"})
    People(client).selection(a_selection(where="Company = 'X' OR Company = 'Y'", record_type=LEAD), (), spool)
    assert len(read(spool, "selected")) == 1


def test_selection_by_ids_is_read_in_as_few_queries_as_possible(org: Org, client: Client, spool: RunDirectory) -> None:
    made = org.contacts(2500)
    _ = client.session
    report = People(client).selection(a_selection(ids=[*made, made[0]], status=None), (NAMES,), spool)
    assert report.rows == 2500
    assert {row["sf_id"] for row in read(spool, "selected")} == set(made)
    assert org.count() == 1 + 2  # one statement in two pages


def test_selection_without_mapping_still_says_who(org: Org, client: Client, spool: RunDirectory) -> None:
    org.contacts(3)
    assert People(client).selection(a_selection(where="LastName LIKE 'Person%'"), (), spool).rows == 3
    assert len(read(spool, "selected")) == 3


@pytest.mark.parametrize(
    ("where", "code"),
    [
        ("Emial = 'x'", "INVALID_FIELD"),
        ("Title = ", "MALFORMED_QUERY"),
        ("Title = 'x' Title = 'y'", "MALFORMED_QUERY"),
        ("CreatedDate = 'yesterday'", "INVALID_FIELD"),
        ("Id = 'nonsense'", "INVALID_QUERY_FILTER_OPERATOR"),
    ],
)
def test_where_that_salesforce_rejects_names_selection_code_and_key(
    org: Org, client: Client, spool: RunDirectory, where: str, code: str
) -> None:
    with pytest.raises(RemoteError) as caught:
        People(client).selection(a_selection(where=where), (NAMES,), spool)
    error = caught.value
    assert isinstance(error, Terminal)
    assert (error.id, error.code) == ("SFDD-E2131", code)
    assert code in error.summary
    assert error.where == "sfdd.yaml:12:5"
    assert error.hint == "campaigns.spring.members.contacts.where"
    assert spool.parts("selected") == ()


def test_where_that_is_more_than_a_condition_is_refused_without_a_call(
    org: Org, client: Client, spool: RunDirectory
) -> None:
    with pytest.raises(ConfigError) as caught:
        People(client).selection(a_selection(where="Title = 'x' LIMIT 1", record_type=LEAD), (), spool)
    assert caught.value.hint == "campaigns.spring.members.leads.where"
    assert org.count() == 0


def test_outage_during_a_selection_is_not_blamed_on_the_where(org: Org, client: Client, spool: RunDirectory) -> None:
    _ = client.session
    org.fault("status", path="query", status=503, times=0)
    with pytest.raises(RemoteError) as caught:
        People(client).selection(a_selection(where="Title = 'x'"), (), spool)
    assert caught.value.id != "SFDD-E2131"


# --- consent and fates --------------------------------------------------------------------------------------------


def test_opted_out_records_of_the_whole_org_are_read(org: Org, client: Client, spool: RunDirectory) -> None:
    (out,) = org.make("Contact", {"LastName": "A", "Email": " Ada@Example.com", "HasOptedOutOfEmail": True})
    (nowhere,) = org.make("Contact", {"LastName": "B", "HasOptedOutOfEmail": True})
    org.make("Contact", {"LastName": "C", "Email": "c@example.com"})
    lead = {"LastName": "D", "Company": "X", "Email": "d@example.com", "HasOptedOutOfEmail": True, "IsConverted": True}
    (converted,) = org.make("Lead", lead)
    _ = client.session
    report = People(client).opted_out((CONTACT, LEAD), spool)
    assert (report.rows, report.complete, org.count()) == (3, True, 3)
    assert read(spool, "opted_out") == [
        {"record_type": "contact", "sf_id": out, "email_key": "ada@example.com"},
        {"record_type": "contact", "sf_id": nowhere, "email_key": None},
        {"record_type": "lead", "sf_id": converted, "email_key": "d@example.com"},
    ]


def test_records_with_an_address_that_are_not_ticked_are_found_in_the_whole_org(
    org: Org, client: Client, spool: RunDirectory
) -> None:
    contact, _ticked, _other = org.make(
        "Contact",
        {"LastName": "A", "Email": "Ada@Example.com"},
        {"LastName": "B", "Email": "ada@example.com", "HasOptedOutOfEmail": True},
        {"LastName": "C", "Email": "c@example.com"},
    )
    lead, _converted = org.make(
        "Lead",
        {"LastName": "D", "Company": "X", "Email": "ada@example.com"},
        {"LastName": "E", "Company": "X", "Email": "ada@example.com", "IsConverted": True},
    )
    _ = client.session
    report = People(client).not_ticked({CONTACT: ("ada@example.com",), LEAD: ("ada@example.com",)}, spool)
    assert (report.rows, report.complete, org.count()) == (2, True, 3)
    assert read(spool, "not_ticked") == [
        {"record_type": "contact", "sf_id": contact, "email_key": "ada@example.com"},
        {"record_type": "lead", "sf_id": lead, "email_key": "ada@example.com"},
    ]


def test_fates_tell_there_deleted_merged_and_invisible_apart(org: Org, client: Client, spool: RunDirectory) -> None:
    there, deleted = org.contacts(2)
    (merged,) = org.make("Contact", {"LastName": "Loser", "MasterRecordId": there, "IsDeleted": True})
    client.send("DELETE", f"sobjects/Contact/{deleted}", template="t", idempotent=True)
    never = "0035g00000zzzzzAAA"
    before = org.count()
    report = People(client).fates({CONTACT: (there, deleted, merged, never), LEAD: ()}, spool)
    assert (report.rows, report.complete) == (4, True)
    assert org.count() == before + 1
    assert {row["sf_id"]: (row["fate"], row["survivor"]) for row in read(spool, "fates")} == {
        there: ("there", None),
        deleted: ("deleted", None),
        merged: ("merged", there),
        never: ("invisible", None),
    }


def test_records_are_read_again_by_id_whoever_is_not_there_is_not_in_the_answer(
    org: Org, client: Client, spool: RunDirectory
) -> None:
    zoe, _ = org.make("Contact", {"FirstName": "Zoë", "LastName": "A"}, {"LastName": "B"})
    (lead,) = org.make("Lead", {"LastName": "Byron", "Company": "Analytical"})
    _ = client.session
    asked = {CONTACT: (zoe, "003000000000000AAA"), LEAD: (lead,)}
    report = People(client).records(asked, (NAMES, LEAD_NAMES), spool)
    assert (report.rows, report.complete, org.count()) == (2, True, 3)  # a query per record type, and the login
    assert [(row["sf_id"], row["c0"]) for row in read(spool, CONTACTS)] == [(zoe, "Zoë")]
    assert [(row["sf_id"], row["c0"]) for row in read(spool, LEADS)] == [(lead, "Analytical")]
