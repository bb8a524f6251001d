"""Calls with a session: renewal, counting, limits, composite."""

from __future__ import annotations

import pytest

from sfdd_declare.model.errors import Denied, Terminal, Transient
from sfdd_declare.salesforce.client import Client, SubRequest
from sfdd_declare.salesforce.query import rows
from sfdd_declare.sandbox.salesforce import sql
from sfdd_declare.sandbox.salesforce.oauth import expire_sessions

from .builders import Org, settings
from .test_login import by_jwt

CONTACTS = "SELECT Id FROM Contact"


def by_key(org: Org) -> Client:
    return Client(settings(by_jwt(), login_url=org.url), {}, pause=org.wait)


def test_nothing_is_sent_before_it_is_needed(org: Org) -> None:
    with org.client() as client:
        assert client.calls == 0
    assert org.count() == 0


def test_own_count_of_calls_is_the_servers_count(org: Org, client: Client) -> None:
    org.fault("status", path="query", status=500)
    rows(client, CONTACTS, {"Id": "id"})
    assert client.calls == org.count() == 3  # whose token, the failure, the repeat


def test_calls_left_are_read_from_the_limit_header(org: Org, client: Client) -> None:
    assert client.calls_left is None
    rows(client, CONTACTS, {"Id": "id"})
    assert client.calls_left == 15_000 - 1


def test_expired_session_is_renewed_once_and_the_call_replayed(org: Org) -> None:
    with by_key(org) as client:
        rows(client, CONTACTS, {"Id": "id"})
        first = client.session
        expire_sessions(org.world)
        rows(client, CONTACTS, {"Id": "id"})
        assert client.session is not first
    assert org.templates().count("POST /services/oauth2/token") == 2


def test_a_session_that_stays_invalid_is_not_renewed_forever(org: Org) -> None:
    org.fault("expired_session", path="query", times=0)
    with by_key(org) as client, pytest.raises(Denied) as caught:
        rows(client, CONTACTS, {"Id": "id"})
    assert caught.value.id == "SFDD-E2108"
    assert org.templates().count("POST /services/oauth2/token") == 2


def test_expired_given_token_is_not_replayed(org: Org, client: Client) -> None:
    _ = client.session
    expire_sessions(org.world)
    with pytest.raises(Denied) as caught:
        rows(client, CONTACTS, {"Id": "id"})
    assert "sf org auth show-access-token" in caught.value.hint
    assert org.count() == 2


def test_used_up_allowance_is_not_tried_again(org: Org, client: Client) -> None:
    _ = client.session
    org.world.set_setting("salesforce.daily_limit", 0)
    with pytest.raises(Terminal) as caught:
        rows(client, CONTACTS, {"Id": "id"})
    assert (caught.value.id, caught.value.code) == ("SFDD-E2120", "REQUEST_LIMIT_EXCEEDED")
    assert org.count() == 2


def test_parts_of_a_composite_fail_one_by_one_in_one_call(org: Org, client: Client) -> None:
    _ = client.session
    answers = client.composite(
        (SubRequest("a", "sobjects/Contact/describe"), SubRequest("b", "sobjects/Nothing__c/describe"))
    )
    assert org.count() == 2
    assert answers["a"].error("t") is None
    error = answers["b"].error("t")
    assert error is not None
    assert error.code == "NOT_FOUND"


def test_every_write_switches_assignment_rules_off(org: Org, client: Client) -> None:
    with org.world.lock:
        queue = sql.select(org.world.db, "sf_Group", "Name = ?", ("Web leads",), columns="Id")[0]["Id"]
    org.world.set_setting("salesforce.assignment_rule_owner", queue)
    client.send(
        "POST",
        "sobjects/Lead",
        template="sobjects/Lead",
        json=b'{"LastName":"Byron","Company":"Analytical"}',
        idempotent=False,
    )
    (lead,) = rows(client, "SELECT OwnerId FROM Lead", {"OwnerId": "reference"})
    assert lead["OwnerId"] == client.session.user_id


def test_html_page_of_a_gateway_is_waited_out(org: Org, client: Client) -> None:
    org.make("Contact", {"LastName": "A"})
    org.fault("html", path="query", status=200)
    assert len(rows(client, CONTACTS, {"Id": "id"})) == 1


def test_outage_ends_in_a_transient_error_within_the_budget(org: Org, client: Client) -> None:
    _ = client.session
    org.fault("status", path="query", status=503, times=0)
    with pytest.raises(Transient):
        rows(client, CONTACTS, {"Id": "id"})
    assert org.count() == 1 + 6
    assert sum(org.waits) <= 300


def test_clock_of_the_server_is_known_after_the_first_call(org: Org, client: Client) -> None:
    assert client.last_date == ""
    assert client.server_time().endswith("Z")
    assert client.last_date
