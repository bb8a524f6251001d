"""Which addresses are sent credentials."""

from __future__ import annotations

import pytest

from sfdd_declare.wire.hosts import (
    Vendor,
    is_this_machine,
    may_be_asked_here,
    may_have_credentials,
    named_hosts,
    origin_of,
)

VENDORS_OWN = {
    Vendor.SALESFORCE: (
        "https://login.salesforce.com",
        "https://test.salesforce.com/",
        "https://acme.my.salesforce.com",
        "https://ACME.my.salesforce.com:443",
        "https://acme--uat.sandbox.my.salesforce.com",
        "https://acme-dev-ed.develop.my.salesforce.com",
        "https://acme-1a2b.scratch.my.salesforce.com",
        "https://agency.my.salesforce.mil",
    ),
    Vendor.DOTDIGITAL: (
        "https://r1-api.dotdigital.com",
        "https://r3-api.dotdigital.com/",
        "https://r4-api.dotdigital.com",
        "https://r1-api.dotmailer.com",
    ),
}
ANYBODYS = (
    "",
    "https://",
    "https://collector.example.org",
    "http://login.salesforce.com",
    "http://r1-api.dotdigital.com",
    "https://my.salesforce.com",
    "https://login.salesforce.com.example.org",
    "https://evilmy.salesforce.com",
    "https://acme.my.salesforce.com.",
    "https://acme.my.salesforce.com@example.org",
    "https://example.org\\.my.salesforce.com",
    "https://example.org/.my.salesforce.com",
    "https://example.org?.my.salesforce.com",
    "https://example.org#.my.salesforce.com",
    "https://acme.my.salesforce.com/path",
    "https://acme.my.salesforce.com\n",
    "https://r1-api.dotdigital.com.example.org",
    "https://r1-apixdotdigital.com",
    "https://xr1-api.dotdigital.com",
    "ftp://127.0.0.1",
    "http://127.0.0.1@example.org",
    "http://127.0.0.1.example.org",
    "http://0.0.0.0",
)


@pytest.mark.parametrize("vendor", Vendor)
def test_the_vendors_own_hosts_are_sent_its_credentials_and_not_the_others(vendor: Vendor) -> None:
    for owner, urls in VENDORS_OWN.items():
        for url in urls:
            assert may_have_credentials(url, vendor, ()) is (owner is vendor), url


@pytest.mark.parametrize("url", ANYBODYS)
@pytest.mark.parametrize("vendor", Vendor)
def test_nobody_else_is(vendor: Vendor, url: str) -> None:
    assert not may_have_credentials(url, vendor, ())


@pytest.mark.parametrize("url", ["http://127.0.0.1:8042", "http://localhost", "https://localhost:1/", "http://[::1]:8"])
def test_this_machine_may_be_spoken_to_in_the_clear(url: str) -> None:
    assert may_have_credentials(url, Vendor.SALESFORCE, named_hosts({}))
    assert may_have_credentials(url, Vendor.SALESFORCE, named_hosts({"CI": "false"}))


@pytest.mark.parametrize("url", ["http://127.0.0.1:8042", "http://localhost", "https://localhost:1/", "http://[::1]:8"])
def test_on_a_runner_only_where_the_environment_has_that_address(url: str) -> None:
    """Another job of the same machine may listen there, and its author has written the configuration."""
    for runner in ({"CI": "true"}, {"GITHUB_ACTIONS": "true"}, {"GITLAB_CI": "1"}, {"TF_BUILD": "True"}):
        others = {"A": "http://127.0.0.1:1", "B": f"{url}0", "C": f"x{url}", "D": f"{url}/path"}
        assert not may_have_credentials(url, Vendor.SALESFORCE, named_hosts(runner | others))
        assert may_have_credentials(url, Vendor.SALESFORCE, named_hosts(runner | others | {"DD_URL": url}))
        named = {"SFDD_ALLOW_HOSTS": "http://127.0.0.1,localhost,http://[::1],http://localhost"}
        assert may_have_credentials(url, Vendor.SALESFORCE, named_hosts(runner | named))


NAMED = "gateway.example.org , http://sandbox,,https://Proxy.example.org"


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("https://gateway.example.org", True),
        ("https://gateway.example.org:8443", True),
        ("http://gateway.example.org", False),
        ("http://sandbox:8042", True),
        ("https://sandbox", True),
        ("https://proxy.example.org", True),
        ("http://proxy.example.org", False),
        ("https://x.gateway.example.org", False),
    ],
)
def test_the_environment_names_others_and_says_which_are_spoken_to_in_the_clear(url: str, allowed: bool) -> None:
    assert may_have_credentials(url, Vendor.DOTDIGITAL, named_hosts({"SFDD_ALLOW_HOSTS": NAMED})) is allowed


@pytest.mark.parametrize(
    ("url", "origin", "here"),
    [
        ("http://127.0.0.1:9/x/y", "http://127.0.0.1:9", True),
        ("https://[::1]/x", "https://[::1]", True),
        ("http://LOCALHOST?x", "http://LOCALHOST", True),
        ("https://acme.example#http://localhost", "https://acme.example", False),
        ("http://127.0.0.1@acme.example/x", "http://127.0.0.1@acme.example", False),
        ("http://127.0.0.1.acme.example", "http://127.0.0.1.acme.example", False),
    ],
)
def test_an_address_with_a_path_is_known_by_its_origin(url: str, origin: str, here: bool) -> None:
    assert origin_of(url) == origin
    assert is_this_machine(origin) is here


def test_on_a_runner_an_address_here_stands_in_the_environment() -> None:
    url = "http://127.0.0.1:9/Hook"
    assert may_be_asked_here(url, {})
    assert not may_be_asked_here(url, {"CI": "true", "OTHER": "http://127.0.0.1:9"})
    assert may_be_asked_here(url, {"CI": "true", "HOOK": url})
