"""Finding the account: regions, credentials, limits, repeats, and what every call costs."""

from __future__ import annotations

import pytest

from sfdd_declare.dotdigital import client as client_module
from sfdd_declare.dotdigital.client import Client, Endpoint, connect
from sfdd_declare.dotdigital.setup import Setup, data_fields
from sfdd_declare.model.errors import Denied, RateLimited, RemoteError, Terminal, Transient
from sfdd_declare.sandbox.dotdigital.schema import home_account
from sfdd_declare.sandbox.server import Running
from sfdd_declare.sandbox.world import World

from .builders import Hands, Pauses, an_account


def test_the_endpoint_and_the_account_come_from_account_info(url: str, world: World) -> None:
    client = connect(an_account(url))
    assert client.endpoint == Endpoint(url, str(home_account(world)), "Europe/London")  # the slash at the end is gone
    assert client.calls == 1


@pytest.mark.parametrize(("told", "zone"), [("America/New_York", "America/New_York"), ("Nowhere", "UTC"), ("", "UTC")])
def test_VAL_25_the_time_zone_comes_from_account_info_and_is_utc_where_none_is_told(
    url: str, world: World, told: str, zone: str
) -> None:
    with world.transaction() as db:  # no switch takes what is no zone
        db.execute("INSERT OR REPLACE INTO switches VALUES ('account_time_zone', ?)", (told,))
    assert connect(an_account(url)).endpoint.time_zone == zone


def test_a_wrong_password_says_where_it_is_written(url: str) -> None:
    with pytest.raises(Denied) as caught:
        connect(an_account(url, password="wrong"))
    assert caught.value.id == "SFDD-E2201"
    assert "dotdigital.accounts.main.password" in caught.value.hint
    assert "wrong" not in f"{caught.value} {caught.value.detail}"


def test_the_account_is_looked_for_where_account_info_says(url: str, world: World) -> None:
    elsewhere = url.replace("127.0.0.1", "localhost")
    world.set_setting("dotdigital.base_urls", {"r1": elsewhere})
    client = connect(an_account(url))
    assert client.endpoint.url == elsewhere
    assert Setup(client).setup().account_id == str(home_account(world))


def test_auto_asks_europe_first_wherever_the_account_lives(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_module, "REGIONS", {"r1": url, "r2": "http://localhost:1"})
    assert connect(an_account("auto")).endpoint.url == url


def test_a_declared_region_that_is_not_the_accounts_is_named(
    url: str, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = url.replace("127.0.0.1", "localhost")
    monkeypatch.setattr(client_module, "REGIONS", {"r1": home, "r2": url})
    world.set_setting("dotdigital.base_urls", {"r1": home})
    with pytest.raises(Denied) as caught:
        connect(an_account("r2"))
    assert caught.value.id == "SFDD-E2202"
    assert "region r1, not in r2" in str(caught.value)
    assert connect(an_account("r1")).endpoint.url == home


@pytest.mark.parametrize("host", ["r1-api.dotmailer.com", "r1-api.dotdigital.com", "R1-API.dotmailer.com"])
def test_a_region_is_known_by_the_label_of_the_host(
    url: str, world: World, monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    monkeypatch.setattr(client_module, "REGIONS", {"r1": url, "r2": url})
    world.set_setting("dotdigital.base_urls", {"r1": f"https://{host}"})
    assert connect(an_account("r1")).endpoint.url == f"https://{host}"
    with pytest.raises(Denied, match="region r1, not in r2"):
        connect(an_account("r2"))


@pytest.mark.parametrize("host", ["r1-api.example.com", "r1-api.dotmailer.com.example.com"])
def test_the_label_of_another_vendors_host_is_no_region(
    url: str, world: World, monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    monkeypatch.setattr(client_module, "REGIONS", {"r1": url})
    world.set_setting("dotdigital.base_urls", {"r1": f"https://{host}"})
    with pytest.raises(Terminal, match="no password is sent there"):
        connect(an_account("r1"))


def test_an_unreachable_host_points_to_the_region(url: str, pauses: Pauses) -> None:
    with pytest.raises(RemoteError) as caught:
        connect(an_account("http://127.0.0.1:9"), pause=pauses)
    assert caught.value.hint == "dotdigital.accounts.main.region"


def test_a_host_of_another_region_refuses_and_the_error_says_so(url: str, world: World) -> None:
    client = connect(an_account(url))
    world.set_setting("dotdigital.base_urls", {"r1": "http://localhost:1", "r2": url})  # it moved meanwhile
    with pytest.raises(Denied) as caught:
        Setup(client).setup()
    assert caught.value.id == "SFDD-E2202"
    assert caught.value.hint == "dotdigital.accounts.main.region: auto"


@pytest.mark.parametrize("region", ["r9", "http://dotdigital.example.com", "ftp://127.0.0.1"])
def test_the_password_is_not_sent_in_the_clear_or_to_nowhere(region: str) -> None:
    with pytest.raises(Terminal) as caught:
        connect(an_account(region))
    assert caught.value.id == "SFDD-E2215"


def test_the_password_does_not_follow_the_vendor_into_the_clear(url: str, world: World) -> None:
    world.set_setting("dotdigital.base_urls", {"r1": "http://api.example.com"})
    with pytest.raises(Terminal) as caught:
        connect(an_account(url))
    assert caught.value.id == "SFDD-E2215"


def test_calls_left_are_those_of_account_info_less_our_own(client: Client) -> None:
    before = client.calls_left
    assert before is not None
    data_fields(client)
    assert client.calls_left == before - 1


def test_a_full_window_is_waited_for_as_long_as_the_vendor_says(
    client: Client, world: World, pauses: Pauses, running: Running
) -> None:
    world.set_setting("dotdigital.rate_limit", {"high": 1})
    world.set_setting("dotdigital.rate_window_seconds", 20)
    calls = client.calls
    for _ in range(3):
        data_fields(client)
    assert client.calls > calls + 3
    assert pauses
    assert max(pauses) <= 22
    assert sum(pauses) >= 15


def test_a_window_too_long_to_wait_for_says_when_to_try_again(client: Client, world: World, pauses: Pauses) -> None:
    world.set_setting("dotdigital.rate_limit", {"high": 0})
    world.set_setting("dotdigital.rate_window_seconds", 7200)
    with pytest.raises(RateLimited, match=r"limit of calls is used up\. Try again in \d+ minutes\.") as caught:
        data_fields(client)
    assert caught.value.hint == "sfdd plan"
    assert pauses == []


def test_a_read_that_fails_for_good_hints_to_plan_and_not_to_apply(client: Client, hands: Hands) -> None:
    hands.fault("status", "/v2/data-fields", status=500, times=0)
    with pytest.raises(Transient) as caught:
        data_fields(client)
    assert (caught.value.id, caught.value.hint) == ("SFDD-E2207", "sfdd plan")


def test_a_used_up_hour_ends_in_an_error_that_says_so(client: Client, world: World, pauses: Pauses) -> None:
    world.set_setting("dotdigital.rate_scheme", "flat")
    world.set_setting("dotdigital.flat_limit", 0)
    with pytest.raises(RateLimited) as caught:
        data_fields(client)
    assert caught.value.code == "ERROR_APIUSAGE_EXCEEDED"
    assert pauses


@pytest.mark.parametrize("kind", ["reset_before", "reset_after", "html", "truncate"])
def test_a_read_survives_whatever_happens_to_one_answer(client: Client, hands: Hands, kind: str) -> None:
    hands.fault(kind, "/v2/data-fields")
    assert len(data_fields(client)) > 5
    assert client.calls == 3  # account-info, the spoilt one, the repeat


def test_a_server_error_is_repeated_and_then_reported(client: Client, hands: Hands) -> None:
    hands.fault("status", "/v2/data-fields", status=503, times=0)
    with pytest.raises(Transient) as caught:
        data_fields(client)
    assert caught.value.status == 503


def test_an_answer_that_stays_unreadable_is_an_error(client: Client, hands: Hands) -> None:
    hands.fault("status", "/v2/data-fields", status=200, body="{", times=0)
    with pytest.raises(RemoteError):
        data_fields(client)
