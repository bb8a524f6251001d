"""Reading set-up: describes in one call, campaigns with statuses and registry rows in another."""

from __future__ import annotations

import pytest

from sfdd_declare.model import registry
from sfdd_declare.model.address import REGISTRY, campaign, link
from sfdd_declare.model.live import SalesforceLive
from sfdd_declare.model.operation import Task
from sfdd_declare.model.ports import Batch, SetupQuestion
from sfdd_declare.salesforce.client import Client
from sfdd_declare.salesforce.setup import OBJECTS, Setup, scalar
from sfdd_declare.salesforce.writers import writers

from .builders import LINEAGE, Org, an_operation, send


def question(
    *, ids: tuple[str, ...] = (), names: tuple[str, ...] = (), fields: tuple[str, ...] = ("Type",), rows: bool = True
) -> SetupQuestion:
    return SetupQuestion(ids, names, fields, rows, LINEAGE)


def live(client: Client, asked: SetupQuestion) -> SalesforceLive:
    reader = Setup(client)
    return reader.setup(asked, reader.first_look(OBJECTS, registry=asked.registry))


def deploy(client: Client) -> None:
    assert send(client, an_operation(Task.DEPLOY_REGISTRY, REGISTRY)).items[0].ok


def put_row(client: Client, key: str, **fields: str | bool) -> None:
    operation = an_operation(
        Task.REGISTRY_ROW, link("a", "b"), fields=fields, payload={"sobject": registry.LINK, "key": key}
    )
    assert send(client, operation).items[0].ok


def test_all_describes_are_one_call_and_what_is_not_there_is_none(org: Org, client: Client) -> None:
    _ = client.session
    found = Setup(client).describes(("Contact", "Lead", registry.LINK))
    assert org.count() == 2
    contact = found["Contact"]
    assert contact is not None
    assert contact.fields["LastName"].type == "string"
    assert contact.fields["LastName"].length == 80
    assert contact.fields["Email"].createable
    assert "Web" in contact.fields["LeadSource"].choices
    assert contact.fields["AccountId"].reference_to == ("Account",)
    assert found[registry.LINK] is None


def test_hidden_field_is_absent(org: Org, client: Client) -> None:
    org.world.set_setting("salesforce.hidden_fields", ["Contact.Title"])
    contact = Setup(client).describes(("Contact",))["Contact"]
    assert contact is not None
    assert "Title" not in contact.fields


def test_more_objects_than_a_composite_takes_are_asked_in_two_calls(org: Org, client: Client) -> None:
    _ = client.session
    found = Setup(client).describes(tuple(f"Nothing{i}__c" for i in range(26)))
    assert len(found) == 26
    assert org.count() == 3


def test_campaigns_are_found_by_id_and_by_name_with_statuses_and_size(org: Org, client: Client) -> None:
    by_id, by_name = org.make("Campaign", {"Name": "By id"}, {"Name": "O'Brien's", "Type": "Email"})
    org.campaign("Somebody else's")
    org.join(by_name, org.contacts(3))
    found = live(client, question(ids=(by_id,), names=("O'Brien's",))).campaigns
    assert {c.id for c in found} == {by_id, by_name}
    theirs = next(c for c in found if c.id == by_name)
    assert theirs.members == 3
    assert theirs.fields == {"Type": "Email"}
    assert [(s.label, s.is_default, s.has_responded) for s in theirs.statuses] == [
        ("Sent", True, False),
        ("Responded", False, True),
    ]


def test_two_campaigns_of_one_name_are_both_found(org: Org, client: Client) -> None:
    org.make("Campaign", {"Name": "Twin"}, {"Name": "Twin"})
    assert len(live(client, question(names=("Twin",))).campaigns) == 2


def test_set_up_is_one_call(org: Org, client: Client) -> None:
    deploy(client)
    reader = Setup(client)
    look = reader.first_look(OBJECTS, registry=True)
    before = org.count()
    reader.setup(question(ids=(org.campaign(),), names=("Spring",)), look)
    assert org.count() == before + 1


def test_further_pages_of_one_query_are_fetched(org: Org, client: Client) -> None:
    org.make("Campaign", *({"Name": "Spring"} for _ in range(5)))
    org.world.set_setting("salesforce.page_size", 2)
    found = live(client, question(names=("Spring",)))
    assert len(found.campaigns) == 5
    assert all(len(c.statuses) == 2 for c in found.campaigns)
    assert found.complete


def test_nothing_asked_needs_no_query(org: Org, client: Client) -> None:
    reader = Setup(client)
    look = reader.first_look(OBJECTS, registry=False)
    before = org.count()
    found = reader.setup(question(rows=False), look)
    assert (found.campaigns, found.registry, found.may_deploy) == ((), None, True)
    assert org.count() == before


def test_identity_and_allowance_are_in_the_answer(org: Org, client: Client) -> None:
    found = live(client, question(names=("x",)))
    assert found.username == "integration@acme.example"
    assert found.user_id.startswith("005")
    assert found.org_id.startswith("00D")
    assert found.calls_left is not None


def test_registry_that_is_not_deployed_is_none(client: Client) -> None:
    assert live(client, question()).registry is None


@pytest.mark.parametrize("may", [True, False])
def test_whether_the_user_may_deploy_is_asked_while_the_registry_is_missing(
    org: Org, client: Client, may: bool
) -> None:
    org.world.set_setting("salesforce.may_deploy", may)
    assert live(client, question()).may_deploy is may


def test_registry_whose_fields_are_hidden_counts_as_not_deployed(org: Org, client: Client) -> None:
    deploy(client)
    org.world.set_setting("salesforce.hidden_fields", [f"{registry.LINK}.Schedule__c"])
    assert live(client, question()).registry is None


def test_own_rows_and_those_of_other_repositories_are_told_apart(client: Client) -> None:
    deploy(client)
    put_row(client, "link.a.b", Address_Book__c="b", New_Leads__c=False)
    other = an_operation(Task.REGISTRY_ROW, link("a", "b"), payload={"sobject": registry.LINK, "key": "link.a.b"})
    writer = writers(client, "other")[Task.REGISTRY_ROW]
    writer.send(Batch((other,), 0, (), {}), lambda job: None, lambda done: None)
    found = live(client, question())
    assert found.registry is not None
    (mine,) = found.registry
    assert (mine.sobject, mine.lineage, mine.key) == (registry.LINK, LINEAGE, "link.a.b")
    assert mine.fields["Address_Book__c"] == "b"
    assert mine.fields["New_Leads__c"] is False
    assert mine.fields["Schedule__c"] is None
    assert [row.lineage for row in found.other_lineages] == ["other"]


def test_a_hand_edit_names_who_and_when(org: Org, client: Client) -> None:
    deploy(client)
    put_row(client, "link.a.b", Address_Book__c="b")
    with org.client(auth=org.given_token(admin=True)) as admin:
        (row,) = live(client, question()).registry or ()
        admin.send(
            "PATCH",
            f"sobjects/{registry.LINK}/{row.id}",
            template="t",
            json=b'{"Address_Book__c":"elsewhere"}',
            idempotent=True,
        )
        who = admin.session.user_id
    (row,) = live(client, question()).registry or ()
    assert row.fields["Address_Book__c"] == "elsewhere"
    assert row.modified_by == who
    assert row.modified_at.endswith("Z")


def test_lost_locator_reads_set_up_anew_without_doubles(org: Org, client: Client) -> None:
    org.make("Campaign", *({"Name": "Spring"} for _ in range(5)))
    org.world.set_setting("salesforce.page_size", 2)
    lost = [{"errorCode": "INVALID_QUERY_LOCATOR", "message": "invalid query locator"}]
    org.fault("status", path=r"query/01g", status=400, body=lost, nth=2)
    assert len(live(client, question(names=("Spring",))).campaigns) == 5


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-03-01", "2026-03-01"),
        ("2026-11-23T09:15:12.000+0000", "2026-11-23T09:15:12Z"),
        ("2026-11-23T11:15:12.000+0200", "2026-11-23T09:15:12Z"),
        ("", None),
        ("a text of more than 24 char-1234", "a text of more than 24 char-1234"),
        (True, True),
        (1.5, 1.5),
        (None, None),
    ],
)
def test_values_are_compared_in_one_spelling(value: object, expected: object) -> None:
    assert scalar(value) == expected


def test_a_campaign_created_by_us_carries_our_user(client: Client) -> None:
    made = send(client, an_operation(Task.CAMPAIGN, campaign("a"), fields={"Name": "Ours"})).items[0]
    (found,) = live(client, question(ids=(made.live_id,))).campaigns
    assert found.created_by == client.session.user_id
