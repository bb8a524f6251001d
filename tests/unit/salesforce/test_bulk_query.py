"""Large results through Bulk: the same people as the ordinary way, for a handful of calls."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from sfdd_declare.model import limits
from sfdd_declare.model.errors import RemoteError, Terminal
from sfdd_declare.model.ids import SalesforceId
from sfdd_declare.model.mapping import Form, FormKind, MappingSet, RecordType
from sfdd_declare.model.ports import ReadReport, SelectionQuestion
from sfdd_declare.people import columns
from sfdd_declare.people.spool import RunDirectory
from sfdd_declare.salesforce.bulk import pages_by_size
from sfdd_declare.salesforce.client import Client
from sfdd_declare.salesforce.people import People
from sfdd_declare.salesforce.query import LostPlace, Page, Shape

from .builders import Org, a_set, by_refresh_token, mapped, read, settings

CONTACT, LEAD = RecordType.CONTACT, RecordType.LEAD
PEOPLE = ("members", columns.records("main", CONTACT), columns.records("main", LEAD))
SETS = (
    a_set(
        mapped(0, "FirstName"),
        mapped(1, "Description", kind="textarea"),
        mapped(2, "DoNotCall", kind="boolean", form=Form(FormKind.BOOL)),
        mapped(3, "CreatedDate", kind="datetime", form=Form(FormKind.DATETIME)),
        mapped(4, "Account.Name"),
    ),
    a_set(
        mapped(0, "AnnualRevenue", kind="currency", form=Form(FormKind.DECIMAL, 2), record_type=LEAD),
        mapped(1, "NumberOfEmployees", kind="int", form=Form(FormKind.DECIMAL, 0), record_type=LEAD),
        record_type=LEAD,
    ),
)


@pytest.fixture
def bulk(monkeypatch: pytest.MonkeyPatch, org: Org) -> None:
    """Everything that does not fit one small page goes through Bulk, in small pages."""
    monkeypatch.setattr(limits, "BULK_READ_ROWS", 3)
    monkeypatch.setattr(limits, "BULK_PAGE", 4)
    org.world.set_setting("salesforce.page_size", 2)


def a_campaign(org: Org) -> str:
    """A campaign with people of all kinds, whose values are hard to tell in CSV."""
    (account,) = org.make("Account", {"Name": 'Smith, "Sons"\n& Co'})
    people = org.make(
        "Contact",
        {"FirstName": "Zoë", "LastName": "A", "Email": "Zoe@Example.com", "Description": 'one\ntwo, "three"\n\n'},
        {"LastName": "B", "AccountId": account, "DoNotCall": True, "HasOptedOutOfEmail": True},
        {"FirstName": "N/A", "LastName": "C", "Description": "NULL"},
        {"FirstName": "null", "LastName": "D", "Description": "'=1+1'; DROP"},
        {"FirstName": "", "LastName": "E", "Description": "\u202eabc \u2028 end"},
    )
    leads = org.make(
        "Lead",
        {"LastName": "F", "Company": "X", "AnnualRevenue": 1_200_000.50, "NumberOfEmployees": 7},
        {"LastName": "G", "Company": "Y", "AnnualRevenue": 100, "IsConverted": True, "ConvertedContactId": people[0]},
    )
    campaign = org.campaign()
    org.join(campaign, people)
    org.join(campaign, leads, "LeadId")
    return campaign


def members(client: Client, campaign: str, folder: Path, sets: tuple[MappingSet, ...] = SETS) -> Any:
    spool = RunDirectory(folder)
    report = People(client).members((("spring", SalesforceId(campaign)),), sets, spool)
    found = {name: sorted(read(spool, name), key=lambda row: str(row["sf_id"])) for name in PEOPLE}
    return report, found


def everything(client: Client, soql: str, shape: Shape) -> list[Page]:
    return list(pages_by_size(client, soql, shape))


def test_bulk_gives_the_same_people_as_the_ordinary_way(org: Org, client: Client, tmp_path: Path) -> None:
    campaign = a_campaign(org)
    _, ordinary = members(client, campaign, tmp_path / "ordinary")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(limits, "BULK_READ_ROWS", 3)
        patch.setattr(limits, "BULK_PAGE", 3)
        org.world.set_setting("salesforce.page_size", 2)
        report, found = members(client, campaign, tmp_path / "bulk")
    assert "POST jobs/query" in org.templates()
    assert (report.rows, report.complete) == (7, True)
    assert found == ordinary
    assert len(found["members"]) == 7


@pytest.mark.usefixtures("bulk")
def test_a_large_result_costs_a_first_page_the_job_its_polls_and_its_pages(
    org: Org, client: Client, tmp_path: Path
) -> None:
    campaign = org.campaign()
    org.join(campaign, org.contacts(9))
    _ = client.session
    before = client.calls
    report, found = members(client, campaign, tmp_path / "spool", (a_set(mapped(0, "LastName")),))
    assert (report.rows, report.complete, len(found["members"])) == (9, True, 9)
    assert org.templates()[1:] == [
        "GET query/",
        "POST jobs/query",
        "GET jobs/query/{id}",
        "GET jobs/query/{id}",
        *["GET jobs/query/{id}/results"] * 3,
    ]
    assert client.calls - before == 7
    assert org.waits == [0.5]


def test_a_result_below_the_threshold_costs_no_call_more(org: Org, client: Client) -> None:
    org.contacts(5)
    _ = client.session
    everything(client, "SELECT Id FROM Contact", Shape({"Id": "id"}))
    assert org.templates()[1:] == ["GET query/"]


@pytest.mark.usefixtures("bulk")
def test_selections_and_opt_outs_go_through_bulk_too(org: Org, client: Client, spool: RunDirectory) -> None:
    org.contacts(6, HasOptedOutOfEmail=True, Department="Buyers")
    question = SelectionQuestion("spring", CONTACT, "Department = 'Buyers'", (), "Sent", "sfdd.yaml:1:1")
    reports: list[ReadReport] = [
        People(client).selection(question, (a_set(mapped(0, "LastName")),), spool),
        People(client).opted_out((CONTACT,), spool),
    ]
    assert [(report.rows, report.complete) for report in reports] == [(6, True)] * 2
    assert org.templates().count("POST jobs/query") == 2
    assert {row["email_key"] for row in read(spool, "opted_out")} == {f"p{i}@example.com" for i in range(6)}
    assert all(report.stamp.endswith("Z") for report in reports)


@pytest.mark.usefixtures("bulk")
def test_values_have_the_types_that_json_would_have_had(org: Org, client: Client) -> None:
    org.make("Lead", *({"LastName": f"L{i}", "Company": "X", "AnnualRevenue": i / 4} for i in range(5)))
    shape = Shape({"LastName": "string", "AnnualRevenue": "currency", "IsConverted": "boolean", "Email": "email"})
    found = everything(client, "SELECT LastName,AnnualRevenue,IsConverted,Email FROM Lead", shape)
    records = [record for page in found for record in page.records]
    assert shape.column(records, "AnnualRevenue")[:3] == [Decimal(0), Decimal("0.25"), Decimal("0.5")]
    assert set(shape.column(records, "IsConverted")) == {False}
    assert set(shape.column(records, "Email")) == {None}
    assert [page.is_last for page in found] == [False, True]
    assert {page.of for page in found} == {5}


@pytest.mark.usefixtures("bulk")
def test_an_object_that_bulk_does_not_know_is_read_page_by_page(org: Org, client: Client) -> None:
    org.contacts(5)
    org.world.set_setting("salesforce.bulk_unsupported", ["Contact"])
    shape = Shape({"Id": "id"})
    found = everything(client, "SELECT Id FROM Contact", shape)
    assert sum(len(page.records) for page in found) == 5
    assert org.templates().count("GET query/{locator}") == 2


@pytest.mark.usefixtures("bulk")
def test_a_quota_that_is_used_up_is_no_reason_to_read_nothing(org: Org, client: Client) -> None:
    org.contacts(5)
    org.world.set_setting("salesforce.bulk_query_quota", 0)
    found = everything(client, "SELECT Id FROM Contact", Shape({"Id": "id"}))
    assert sum(len(page.records) for page in found) == 5


@pytest.mark.usefixtures("bulk")
def test_compound_fields_are_never_asked_of_bulk(org: Org, client: Client) -> None:
    org.contacts(5)
    everything(client, "SELECT Id,LastName FROM Contact", Shape({"Id": "id", "LastName": "address"}))
    assert "POST jobs/query" not in org.templates()


@pytest.mark.usefixtures("bulk")
def test_a_job_that_failed_for_good_leaves_the_ordinary_way(org: Org, client: Client) -> None:
    org.contacts(5)
    org.fault("job_failed", path="jobs/query$", body={"error": "InvalidBatch : Failed to process query"})
    found = everything(client, "SELECT Id FROM Contact", Shape({"Id": "id"}))
    assert sum(len(page.records) for page in found) == 5
    assert org.templates()[-1] == "GET query/{locator}"


@pytest.mark.usefixtures("bulk")
def test_a_job_that_failed_in_passing_is_made_again(org: Org, client: Client, tmp_path: Path) -> None:
    campaign = org.campaign()
    org.join(campaign, org.contacts(5))
    org.fault("job_failed", path="jobs/query$", body={"error": "InternalServerError : Retried more than 15 times"})
    report, found = members(client, campaign, tmp_path / "spool", (a_set(mapped(0, "LastName")),))
    assert (report.rows, report.complete, len(found["members"])) == (5, True, 5)
    assert org.templates().count("POST jobs/query") == 2


@pytest.mark.usefixtures("bulk")
def test_a_job_that_somebody_aborted_ends_the_read(org: Org, client: Client) -> None:
    org.contacts(5)
    org.fault("status", method="GET", path="jobs/query/750", status=200, body={"id": "750x", "state": "Aborted"})
    with pytest.raises(Terminal) as caught:
        everything(client, "SELECT Id FROM Contact", Shape({"Id": "id"}))
    assert caught.value.id == "SFDD-E2133"


@pytest.mark.usefixtures("bulk")
def test_a_lost_locator_reads_again_without_a_row_twice(org: Org, client: Client, tmp_path: Path) -> None:
    campaign = org.campaign()
    org.join(campaign, org.contacts(9))
    org.fault("lost_locator", path="results$", nth=2)
    report, found = members(client, campaign, tmp_path / "spool", (a_set(mapped(0, "LastName")),))
    assert (report.rows, report.complete, len(found["members"])) == (9, True, 9)


@pytest.mark.usefixtures("bulk")
def test_a_place_lost_again_and_again_is_given_up(org: Org, client: Client, tmp_path: Path) -> None:
    campaign = org.campaign()
    org.join(campaign, org.contacts(9))
    org.fault("lost_locator", path="results$", times=0)
    with pytest.raises(LostPlace):
        members(client, campaign, tmp_path / "spool")


@pytest.mark.usefixtures("bulk")
def test_an_expired_session_is_renewed_in_the_middle_of_a_job(org: Org) -> None:
    org.contacts(5)
    org.fault("expired_session", path="jobs/query/.*/results$")
    with Client(settings(by_refresh_token(), login_url=org.url), {}, pause=org.wait) as client:
        found = everything(client, "SELECT Id FROM Contact", Shape({"Id": "id"}))
    assert sum(len(page.records) for page in found) == 5


@pytest.mark.usefixtures("bulk")
def test_fewer_rows_than_the_job_counted_are_not_complete(org: Org, client: Client, tmp_path: Path) -> None:
    campaign = org.campaign()
    org.join(campaign, org.contacts(9))
    over = {"id": "750x", "state": "JobComplete", "numberRecordsProcessed": 9}
    org.fault("status", method="GET", path="jobs/query/750[^/]*$", status=200, body=over)
    header = '"Id","CampaignId","ContactId","LeadId","Status","Contact.Id","Contact.Email","Contact.HasOptedOutOfEmail"'
    header += ',"Contact.LastModifiedDate","Contact.LastModifiedById","Contact.LastName"\n'
    org.fault("status", path="results$", status=200, body=header)
    report, _ = members(client, campaign, tmp_path / "spool", (a_set(mapped(0, "LastName")),))
    assert not report.complete


@pytest.mark.usefixtures("bulk")
@pytest.mark.parametrize("body", ['"Id","Nom"\n"1","Ada"\n', '"Id","LastName"\n"1","Ada","secret"\n'])
def test_a_result_of_another_form_is_an_error_that_quotes_no_value(org: Org, client: Client, body: str) -> None:
    org.contacts(5)
    org.fault("status", path="results$", status=200, body=body)
    with pytest.raises(RemoteError) as caught:
        everything(client, "SELECT Id,LastName FROM Contact", Shape({"Id": "id", "LastName": "string"}))
    assert caught.value.id == "SFDD-E2129"
    assert "Ada" not in f"{caught.value} {caught.value.detail}"


@pytest.mark.usefixtures("bulk")
def test_nul_bytes_in_a_result_do_not_end_a_value(org: Org, client: Client) -> None:
    org.contacts(5)
    org.fault("status", path="results$", status=200, body='"Id","LastName"\n"1","A\0da"\n')
    shape = Shape({"Id": "id", "LastName": "string"})
    (page,) = everything(client, "SELECT Id,LastName FROM Contact", shape)
    assert shape.column(page.records, "LastName") == ["Ada"]


@pytest.mark.usefixtures("bulk")
def test_a_job_that_never_ends_is_left_to_itself(org: Org, client: Client) -> None:
    org.contacts(5)
    org.world.set_setting("salesforce.bulk_polls", 1_000_000)
    with pytest.raises(RemoteError) as caught:
        everything(client, "SELECT Id FROM Contact", Shape({"Id": "id"}))
    assert caught.value.id == "SFDD-E2132"
    assert max(org.waits) == 10.0
