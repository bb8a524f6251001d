"""Throw-away records of an org: made, looked at, and removed by name."""

from __future__ import annotations

from datetime import timedelta

import pytest

from sfdd_declare.model.errors import Terminal
from sfdd_declare.salesforce.client import Client
from sfdd_declare.salesforce.query import rows
from sfdd_declare.salesforce.trial import Trial

from .builders import Org


@pytest.fixture
def trial(client: Client) -> Trial:
    return Trial(client)


def test_a_record_is_made_edited_and_removed_by_its_name(org: Org, client: Client, trial: Trial) -> None:
    made = trial.make("Contact", {"LastName": "it's a probe"})
    before = trial.stamp("Contact", made)
    org.world.set_clock(advance=timedelta(seconds=2))
    trial.edit("Contact", made, {"FirstName": "A"})
    assert trial.stamp("Contact", made) > before
    assert trial.remove("Contact", "LastName", "it's a probe") == (made,)
    assert trial.remove("Contact", "LastName", "it's a probe") == ()
    assert trial.stamp("Contact", made) == ""
    assert rows(client, "SELECT Id FROM Contact", {"Id": "id"}) == []
    assert trial.shows_deleted("Contact", made)


def test_a_deleted_member_shows_only_where_the_org_shows_it(org: Org, trial: Trial) -> None:
    (contact,) = org.contacts(1)
    campaign = trial.make("Campaign", {"Name": "probe", "IsActive": False})
    member = trial.make("CampaignMember", {"CampaignId": campaign, "ContactId": contact})
    assert not trial.shows_deleted("CampaignMember", member)
    trial.delete("CampaignMember", member)
    trial.delete("CampaignMember", member)
    assert not trial.shows_deleted("CampaignMember", member)
    org.running.world.set_switch("deleted_member_visible", "yes")
    assert trial.shows_deleted("CampaignMember", member)


def test_what_the_org_refuses_is_an_error_with_its_code(org: Org, trial: Trial) -> None:
    with pytest.raises(Terminal) as caught:
        trial.make("Contact", {"FirstName": "A"})
    assert (caught.value.id, caught.value.code) == ("SFDD-E2145", "REQUIRED_FIELD_MISSING")
