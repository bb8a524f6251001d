"""Writing campaigns and their statuses, also when answers get lost."""

from __future__ import annotations

import pytest

from sfdd_declare.model.address import campaign
from sfdd_declare.model.errors import Denied, Transient
from sfdd_declare.model.operation import Action, Operation, Task
from sfdd_declare.model.ports import Batch, ItemResult
from sfdd_declare.model.state import Scalar
from sfdd_declare.salesforce.client import Client
from sfdd_declare.salesforce.query import rows
from sfdd_declare.salesforce.writers import writers
from sfdd_declare.sandbox.salesforce.oauth import expire_sessions

from .builders import LINEAGE, Org, an_operation, send

CREATE = r"sobjects/Campaign$"


def creation(name: str = "Spring", **fields: Scalar) -> Operation:
    return an_operation(Task.CAMPAIGN, campaign("a"), fields={"Name": name, **fields}, payload={"sobject": "Campaign"})


def one(client: Client, operation: Operation, ids: dict[str, str] | None = None) -> ItemResult:
    (item,) = send(client, operation, ids=ids).items
    return item


def campaigns(client: Client) -> list[tuple[str, str, str]]:
    columns = {"Id": "id", "Name": "string", "Type": "picklist"}
    found = rows(client, "SELECT Id,Name,Type FROM Campaign ORDER BY Id", columns)
    return [(row["Id"], row["Name"], row["Type"]) for row in found]


def statuses(client: Client, campaign_id: str) -> dict[str, tuple[bool, bool]]:
    columns = {"Label": "string", "IsDefault": "boolean", "HasResponded": "boolean"}
    soql = f"SELECT Label,IsDefault,HasResponded FROM CampaignMemberStatus WHERE CampaignId = '{campaign_id}'"
    return {row["Label"]: (row["IsDefault"], row["HasResponded"]) for row in rows(client, soql, columns)}


def test_campaign_is_created_with_its_fields(client: Client) -> None:
    item = one(client, creation("Ünï 'quoted'", Type="Email", IsActive=True, StartDate="2026-03-01"))
    assert item.ok
    assert campaigns(client) == [(item.live_id, "Ünï 'quoted'", "Email")]


def test_campaign_is_updated_by_its_id_and_null_clears(client: Client) -> None:
    made = one(client, creation(Type="Email"))
    update = an_operation(
        Task.CAMPAIGN, campaign("a"), action=Action.UPDATE, fields={"Type": None}, prior_id=made.live_id
    )
    assert one(client, update) == ItemResult(update.id, ok=True, live_id=made.live_id)
    assert campaigns(client) == [(made.live_id, "Spring", None)]


def test_campaign_is_deleted_and_a_second_time_is_fine(client: Client) -> None:
    made = one(client, creation())
    removal = an_operation(Task.CAMPAIGN, campaign("a"), action=Action.DELETE, prior_id=made.live_id)
    assert one(client, removal).ok
    assert campaigns(client) == []
    again = one(client, removal)
    assert (again.ok, again.already) == (True, True)


HIDDEN = [
    {
        "errorCode": "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY",
        "message": "insufficient access rights",
        "fields": [],
    }
]


def test_a_campaign_out_of_reach_is_not_taken_for_deleted(org: Org, client: Client) -> None:
    made = one(client, creation())
    org.fault("status", method="DELETE", path="sobjects/Campaign", status=400, body=HIDDEN)
    removal = an_operation(Task.CAMPAIGN, campaign("a"), action=Action.DELETE, prior_id=made.live_id)
    refused = one(client, removal)
    assert (refused.ok, refused.already, refused.hint) == (False, False, "salesforce.auth.username")
    assert [record for record, *_ in campaigns(client)] == [made.live_id]


def test_a_campaign_out_of_reach_that_is_seen_to_be_deleted_is_done(org: Org, client: Client) -> None:
    made = one(client, creation())
    removal = an_operation(Task.CAMPAIGN, campaign("a"), action=Action.DELETE, prior_id=made.live_id)
    assert one(client, removal).ok
    org.fault("status", method="DELETE", path="sobjects/Campaign", status=400, body=HIDDEN)
    again = one(client, removal)
    assert (again.ok, again.already) == (True, True)


@pytest.mark.parametrize("kind", ["reset_after", "reset_before", "html"])
def test_campaign_whose_answer_got_lost_is_created_once(org: Org, client: Client, kind: str) -> None:
    org.fault(kind, method="POST", path=CREATE, status=502)
    item = one(client, creation("It's here"))
    assert item.ok
    assert [(found[0], found[1]) for found in campaigns(client)] == [(item.live_id, "It's here")]


def test_somebody_elses_campaign_of_that_name_is_not_taken_for_ours(org: Org, client: Client) -> None:
    theirs = org.campaign("Spring")
    org.fault("reset_before", method="POST", path=CREATE)
    item = one(client, creation("Spring"))
    assert item.live_id != theirs
    assert len(campaigns(client)) == 2


def test_our_other_campaign_of_that_name_is_not_taken_for_the_lost_one(org: Org, client: Client) -> None:
    first = one(client, creation("Twin"))
    org.fault("reset_before", method="POST", path=CREATE)
    second = one(client, creation("Twin"), {"@campaign.first": first.live_id})
    assert second.live_id != first.live_id
    assert len(campaigns(client)) == 2


def test_server_that_never_answers_is_an_error_after_a_few_attempts(org: Org, client: Client) -> None:
    org.fault("reset_before", method="POST", path=CREATE, times=0)
    with pytest.raises(Transient):
        one(client, creation())
    assert sum(template.startswith("POST") for template in org.templates()) == 4


def test_refused_campaign_is_a_result_with_the_vendors_code(client: Client) -> None:
    item = one(client, creation("x" * 81))
    assert (item.ok, item.code) == (False, "STRING_TOO_LONG")
    assert "xxx" not in item.message


def test_one_refused_campaign_leaves_the_others_alone(client: Client) -> None:
    bad = an_operation(Task.CAMPAIGN, campaign("bad"), fields={"Name": "B", "StartDate": "someday"})
    good = an_operation(Task.CAMPAIGN, campaign("good"), fields={"Name": "G"})
    items = send(client, bad, good).items
    assert [(item.operation, item.ok) for item in items] == [("campaign.bad", False), ("campaign.good", True)]


def test_revoked_session_is_raised_and_not_a_result(org: Org, client: Client) -> None:
    _ = client.session
    expire_sessions(org.world)
    with pytest.raises(Denied):
        one(client, creation())


# --- statuses -----------------------------------------------------------------------------------------------------


def a_status(label: str, *, prior_id: str = "", action: Action = Action.CREATE, **fields: Scalar) -> Operation:
    return an_operation(
        Task.CAMPAIGN_STATUS,
        campaign("a"),
        action=action,
        fields={"Label": label, **fields},
        payload={"campaign": "@campaign.a", "label": label},
        prior_id=prior_id,
        id=f"campaign.a.member_statuses.{label}",
    )


def status_id(client: Client, campaign_id: str, label: str) -> str:
    soql = f"SELECT Id FROM CampaignMemberStatus WHERE CampaignId = '{campaign_id}' AND Label = '{label}'"
    return str(rows(client, soql, {"Id": "id"})[0]["Id"])


def test_status_is_created_beside_those_a_new_campaign_brings(org: Org, client: Client) -> None:
    made = org.campaign()
    item = one(client, a_status("Attended", HasResponded=True), {"@campaign.a": made})
    assert item.ok
    assert statuses(client, made) == {
        "Sent": (True, False),
        "Responded": (False, True),
        "Attended": (False, True),
    }


def test_status_the_campaign_brought_along_is_updated_instead_of_created(org: Org, client: Client) -> None:
    made = org.campaign()
    item = one(client, a_status("responded", IsDefault=True), {"@campaign.a": made})
    assert item.ok
    found = statuses(client, made)
    assert len(found) == 2
    assert found["responded"] == (True, True)
    assert found["Sent"] == (False, False)


def test_status_that_is_as_declared_is_not_written(org: Org, client: Client) -> None:
    made = org.campaign()
    item = one(client, a_status("Sent", IsDefault=True), {"@campaign.a": made})
    assert (item.ok, item.already) == (True, True)
    assert not any(template.startswith(("POST sobjects", "PATCH")) for template in org.templates())


def test_statuses_of_one_campaign_are_looked_up_once_while_nothing_changes(org: Org, client: Client) -> None:
    ids = {"@campaign.a": org.campaign()}
    writer = writers(client, LINEAGE)[Task.CAMPAIGN_STATUS]
    for label in ("Sent", "Responded"):
        writer.send(Batch((a_status(label),), 0, (), ids), lambda job: None, lambda done: None)
    assert org.templates().count("GET query/") + org.templates().count("GET query") == 1


def test_default_moves_whatever_the_order_of_the_operations(org: Org, client: Client) -> None:
    made = org.campaign()
    sent = status_id(client, made, "Sent")
    demoted = a_status("Sent", prior_id=sent, action=Action.UPDATE, IsDefault=False)
    promoted = a_status("Attended", IsDefault=True, HasResponded=False)
    for operation in (demoted, promoted):
        assert one(client, operation, {"@campaign.a": made}).ok
    found = statuses(client, made)
    assert [label for label, (is_default, _) in found.items() if is_default] == ["Attended"]


def test_status_whose_answer_got_lost_is_created_once(org: Org, client: Client) -> None:
    made = org.campaign()
    org.fault("reset_after", method="POST", path="sobjects/CampaignMemberStatus")
    item = one(client, a_status("Attended", HasResponded=True), {"@campaign.a": made})
    assert item.ok
    assert item.live_id == status_id(client, made, "Attended")
    assert len(statuses(client, made)) == 3


def test_status_is_deleted_by_its_id(org: Org, client: Client) -> None:
    made = org.campaign()
    one(client, a_status("Attended"), {"@campaign.a": made})
    removal = a_status("Attended", action=Action.DELETE, prior_id=status_id(client, made, "Attended"))
    assert one(client, removal, {"@campaign.a": made}).ok
    assert set(statuses(client, made)) == {"Sent", "Responded"}
