"""Opening sessions, and one clear message for every way it can fail."""

from __future__ import annotations

import functools
import time
from collections.abc import Mapping
from dataclasses import replace

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from pydantic import SecretStr

from sfdd_declare.model.declared import AuthMethod, SalesforceAuth
from sfdd_declare.model.errors import Denied, RemoteError, Terminal
from sfdd_declare.salesforce.client import Client
from sfdd_declare.salesforce.login import Login, assertion, audience
from sfdd_declare.salesforce.query import rows
from sfdd_declare.sandbox.salesforce.oauth import expire_sessions

from .builders import Org, by_credentials, by_refresh_token, given_token, settings

USER = "integration@acme.example"


@functools.cache
def key_pair() -> tuple[str, str]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return private.decode(), public.decode()


def by_jwt(*, client_id: str = "sandbox-client", username: str = USER, key: str | None = None) -> SalesforceAuth:
    private = key_pair()[0] if key is None else key
    return SalesforceAuth(AuthMethod.JWT, client_id=client_id, username=username, private_key=SecretStr(private))


def a_login(org: Org, auth: SalesforceAuth | None, environ: Mapping[str, str] = {}) -> Login:
    return Login(settings(auth, login_url=org.url), environ, pause=org.wait)


def refusal(org: Org, auth: SalesforceAuth, environ: Mapping[str, str] = {}) -> RemoteError:
    with pytest.raises(RemoteError) as caught:
        a_login(org, auth, environ).open()
    return caught.value


def test_jwt_bearer_opens_a_session_in_one_call(org: Org) -> None:
    org.world.set_setting("salesforce.jwt_public_key", key_pair()[1])
    login = a_login(org, by_jwt())
    session = login.open()
    assert session.username == USER
    assert session.org_id.startswith("00D")
    assert session.user_id.startswith("005")
    assert session.instance_url == org.url
    assert login.calls == org.count() == 1
    assert login.may_renew


def test_given_token_is_asked_whose_it_is_in_one_call(org: Org) -> None:
    login = a_login(org, org.given_token())
    session = login.open()
    assert (session.username, session.instance_url) == (USER, org.url)
    assert session.user_id.startswith("005")
    assert login.calls == org.count() == 1
    assert not login.may_renew


@pytest.mark.parametrize("name", ["SF_ACCESS_TOKEN", "SFDX_ACCESS_TOKEN"])
def test_credentials_come_from_the_environment_of_the_vendors_own_tool(org: Org, name: str) -> None:
    environ = {name: org.running.access.token, "SF_ORG_INSTANCE_URL": org.url + "/"}
    assert a_login(org, None, environ).open().instance_url == org.url


@pytest.mark.parametrize("environ", [{}, {"SF_ACCESS_TOKEN": "t"}, {"SF_ORG_INSTANCE_URL": "https://x.example"}])
def test_no_credentials_at_all_is_said_before_any_call(org: Org, environ: dict[str, str]) -> None:
    with pytest.raises(Denied) as caught:
        a_login(org, None, environ)
    assert caught.value.id == "SFDD-E2109"
    assert caught.value.hint == "salesforce.auth"
    assert org.count() == 0


@pytest.mark.parametrize("auth", [by_credentials(), by_refresh_token()], ids=["credentials", "refresh token"])
def test_client_credentials_and_refresh_token_open_sessions_in_one_call(org: Org, auth: SalesforceAuth) -> None:
    login = a_login(org, auth)
    session = login.open()
    assert session.user_id.startswith("005")
    assert session.org_id.startswith("00D")
    assert session.instance_url == org.url
    assert session.username == session.user_id  # this login names no user
    assert login.may_renew
    assert login.calls == org.count() == 1


@pytest.mark.parametrize("auth", [by_credentials(), by_refresh_token()], ids=["credentials", "refresh token"])
def test_a_session_that_expired_is_renewed_once_and_the_call_replayed(org: Org, auth: SalesforceAuth) -> None:
    made = org.contacts(1)
    with Client(settings(auth, login_url=org.url), {}, pause=org.wait) as client:
        _ = client.session
        expire_sessions(org.world)
        assert [row["Id"] for row in rows(client, "SELECT Id FROM Contact", {"Id": "id"})] == made
        token, query = "POST /services/oauth2/token", "GET query/"
        assert org.templates() == [token, query, token, query]
        assert client.calls == 4


def test_a_session_that_no_login_makes_good_is_not_renewed_for_ever(org: Org) -> None:
    org.fault("expired_session", path="query", times=0)
    with Client(settings(by_refresh_token(), login_url=org.url), {}, pause=org.wait) as client:
        with pytest.raises(Denied):
            rows(client, "SELECT Id FROM Contact", {"Id": "id"})
        assert client.calls == 4


def test_a_rotated_refresh_token_is_used_for_the_next_session(org: Org) -> None:
    org.world.set_setting("salesforce.rotate_refresh_tokens", True)
    login = a_login(org, by_refresh_token())
    first, second = login.open(), login.open()
    assert first.token.get_secret_value() != second.token.get_secret_value()
    assert refusal(org, by_refresh_token()).id == "SFDD-E2107"


def test_client_credentials_at_a_shared_host_point_at_the_login_address(org: Org) -> None:
    org.world.set_setting("salesforce.is_login_host", True)
    error = refusal(org, by_credentials())
    assert (error.id, error.hint) == ("SFDD-E2111", "salesforce.login_url")
    assert "My Domain" in error.summary


@pytest.mark.parametrize("auth", [by_credentials("no"), replace(by_refresh_token(), client_secret=SecretStr("no"))])
def test_a_wrong_secret_of_the_app_is_named_and_not_quoted(org: Org, auth: SalesforceAuth) -> None:
    error = refusal(org, auth)
    assert (error.id, error.hint) == ("SFDD-E2105", "salesforce.auth.client_id")
    assert "sandbox-client" not in error.summary


def test_unknown_app_is_named(org: Org) -> None:
    error = refusal(org, by_jwt(client_id="nobody"))
    assert (error.id, error.hint) == ("SFDD-E2105", "salesforce.auth.client_id")


def test_user_who_is_not_pre_authorised_is_named(org: Org) -> None:
    error = refusal(org, by_jwt(username="stranger@acme.example"))
    assert (error.id, error.hint) == ("SFDD-E2104", "salesforce.auth.username")
    assert "pre-authorised" in error.summary


def test_wrong_audience_points_at_the_login_address(org: Org) -> None:
    error = refusal(org, by_jwt(), {"SF_AUDIENCE_URL": "https://elsewhere.example"})
    assert (error.id, error.hint) == ("SFDD-E2103", "salesforce.login_url")


def test_wrong_key_points_at_the_key(org: Org) -> None:
    org.world.set_setting("salesforce.jwt_public_key", key_pair()[1])
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    error = refusal(org, by_jwt(key=other.decode()))
    assert (error.id, error.hint) == ("SFDD-E2102", "salesforce.auth.private_key")


@pytest.mark.parametrize(
    "key", ["", "no key at all", "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----"]
)
def test_unreadable_key_is_refused_without_a_call_and_not_quoted(org: Org, key: str) -> None:
    error = refusal(org, by_jwt(key=key))
    assert (error.id, error.hint) == ("SFDD-E2102", "salesforce.auth.private_key")
    assert org.count() == 0
    assert "c2VjcmV0" not in f"{error} {error.__cause__}"


def test_expired_refresh_token_is_named(org: Org) -> None:
    auth = SalesforceAuth(AuthMethod.REFRESH_TOKEN, client_id="sandbox-client", refresh_token=SecretStr("old"))
    assert refusal(org, auth).id == "SFDD-E2107"


@pytest.mark.parametrize(
    ("error", "description", "id"),
    [
        ("invalid_grant", "user is locked", "SFDD-E2106"),
        ("inactive_user", "user is inactive", "SFDD-E2106"),
        ("inactive_org", "", "SFDD-E2106"),
        ("invalid_grant", "authentication failure - Invalid Password", "SFDD-E2106"),
        ("unsupported_grant_type", "grant type not supported", "SFDD-E2105"),
        ("something_new", "for a@example.com", "SFDD-E2101"),
    ],
)
def test_every_documented_refusal_has_its_message(org: Org, error: str, description: str, id: str) -> None:
    org.fault("status", path="token", status=400, body={"error": error, "error_description": description})
    found = refusal(org, by_jwt())
    assert isinstance(found, Denied)
    assert (found.id, found.code) == (id, error)
    assert found.hint
    assert "a@example.com" not in found.summary


def test_revoked_given_token_hints_at_getting_a_new_one(org: Org) -> None:
    expire_sessions(org.world)
    error = refusal(org, org.given_token())
    assert isinstance(error, Denied)
    assert error.id == "SFDD-E2108"
    assert "sf org auth show-access-token" in error.hint


def test_login_is_tried_again_while_the_server_is_down(org: Org) -> None:
    org.fault("status", path="token", status=503, times=2)
    login = a_login(org, by_jwt())
    assert login.open().username == USER
    assert login.calls == 3


def test_a_host_that_is_not_salesforce_is_said_so(org: Org) -> None:
    org.fault("status", path="token", status=404, body="nothing here")
    error = refusal(org, by_jwt())
    assert isinstance(error, Terminal)
    assert "does not look like Salesforce" in error.summary
    assert error.hint == "salesforce.login_url"


def test_unreachable_host_names_the_key_to_check(org: Org) -> None:
    error = refusal(org, given_token("http://127.0.0.1:9", "t"))
    assert error.id == "SFDD-E2002"
    assert error.hint == "salesforce.auth.instance_url"


@pytest.mark.parametrize(
    ("login_url", "aud"),
    [
        ("https://login.salesforce.com", "https://login.salesforce.com"),
        ("https://acme.my.salesforce.com", "https://login.salesforce.com"),
        ("https://test.salesforce.com", "https://test.salesforce.com"),
        ("https://acme--uat.sandbox.my.salesforce.com", "https://test.salesforce.com"),
        ("https://cs42.salesforce.com/", "https://test.salesforce.com"),
        ("https://members.acme.example/site", "https://members.acme.example"),
        ("http://127.0.0.1:8042", "http://127.0.0.1:8042"),
    ],
)
def test_audience_follows_the_login_address(login_url: str, aud: str) -> None:
    assert audience(login_url, {}) == aud


def test_audience_can_be_set_in_the_environment() -> None:
    assert audience("https://login.salesforce.com", {"SF_AUDIENCE_URL": "https://x.example"}) == "https://x.example"


def test_assertion_holds_the_claims_for_three_minutes() -> None:
    now = time.time()
    token = assertion(by_jwt(), "https://login.salesforce.com", now)
    claims = jwt.decode(token, key_pair()[1], algorithms=["RS256"], audience="https://login.salesforce.com")
    assert claims == {
        "iss": "sandbox-client",
        "sub": USER,
        "aud": "https://login.salesforce.com",
        "exp": int(now) + 180,
    }
