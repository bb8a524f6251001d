from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.unit.sandbox.salesforce_side import VERSION, SalesforceSide

GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def an_assertion(key: rsa.RSAPrivateKey = KEY, **claims: Any) -> str:
    usual = {
        "iss": "sandbox-client",
        "sub": "integration@acme.example",
        "aud": "https://login.salesforce.com",
        "exp": int(time.time()) + 120,
    }
    return jwt.encode({**usual, **claims}, key, algorithm="RS256")


def log_in(salesforce: SalesforceSide, **form: str) -> httpx.Response:
    return httpx.post(f"{salesforce.url}/services/oauth2/token", data=form)


def test_a_jwt_gives_a_session_that_works_and_names_the_user(salesforce: SalesforceSide) -> None:
    answer = log_in(salesforce, grant_type=GRANT, assertion=an_assertion()).json()
    headers = {"Authorization": f"{answer['token_type']} {answer['access_token']}"}
    assert answer["instance_url"] == salesforce.url
    assert answer["access_token"].startswith("00D")
    assert "!" in answer["access_token"]
    who = httpx.get(answer["id"], headers=headers).json()
    assert who["username"] == "integration@acme.example"
    assert answer["id"].endswith(who["user_id"])
    assert httpx.get(answer["instance_url"] + VERSION + "/limits", headers=headers).status_code == 200


@pytest.mark.parametrize("unit", [lambda s: s, lambda s: s * 1000, str], ids=["seconds", "milliseconds", "text"])
def test_an_expiry_is_taken_as_clients_write_it(salesforce: SalesforceSide, unit: Callable[[int], Any]) -> None:
    assertion = an_assertion(exp=unit(int(time.time()) + 120))
    assert log_in(salesforce, grant_type=GRANT, assertion=assertion).status_code == 200


@pytest.mark.parametrize(
    ("claims", "error", "description"),
    [
        ({"aud": "https://elsewhere.example"}, "invalid_grant", "Audience validation failed"),
        ({"iss": "another"}, "invalid_client_id", "client identifier invalid"),
        ({"sub": "nobody@acme.example"}, "invalid_grant", "user hasn't approved this consumer"),
        ({"exp": 1_000_000_000_000}, "invalid_grant", "expired authorization code"),
        ({"exp": "soon"}, "invalid_grant", "invalid assertion"),
        ({"exp": 1_000_000_000}, "invalid_grant", "expired authorization code"),
    ],
    ids=["audience", "issuer", "user", "expired in milliseconds", "no expiry", "expired"],
)
def test_a_wrong_claim_is_refused_in_the_form_of_oauth(
    salesforce: SalesforceSide, claims: dict[str, Any], error: str, description: str
) -> None:
    answer = log_in(salesforce, grant_type=GRANT, assertion=an_assertion(**claims))
    assert answer.status_code == 400
    assert answer.json() == {"error": error, "error_description": description}


def test_with_a_public_key_set_only_its_signature_counts(salesforce: SalesforceSide) -> None:
    public = KEY.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    salesforce.world.set_setting("salesforce.jwt_public_key", public.decode())
    assert log_in(salesforce, grant_type=GRANT, assertion=an_assertion()).status_code == 200
    forged = log_in(salesforce, grant_type=GRANT, assertion=an_assertion(OTHER_KEY))
    assert forged.json()["error_description"] == "invalid assertion"


@pytest.mark.parametrize("assertion", ["", "x.y.z", "äöü"])
def test_what_is_no_jwt_is_refused(salesforce: SalesforceSide, assertion: str) -> None:
    assert log_in(salesforce, grant_type=GRANT, assertion=assertion).json()["error"] == "invalid_grant"


def test_client_credentials_and_refresh_tokens_give_sessions_too(salesforce: SalesforceSide) -> None:
    form = {"client_id": "sandbox-client", "client_secret": "sandbox-secret"}
    assert log_in(salesforce, grant_type="client_credentials", **form).status_code == 200
    wrong = log_in(salesforce, grant_type="client_credentials", client_id="sandbox-client", client_secret="no")
    assert wrong.json()["error"] == "invalid_client"
    refresh = {"client_id": "sandbox-client", "refresh_token": "5Aep861sandbox.integration"}
    assert log_in(salesforce, grant_type="refresh_token", **refresh).status_code == 200
    refresh["refresh_token"] = "gone"
    stale = log_in(salesforce, grant_type="refresh_token", **refresh)
    assert stale.json()["error_description"] == "expired access/refresh token"
    assert log_in(salesforce, grant_type="device").json()["error"] == "unsupported_grant_type"


def test_a_login_host_takes_no_client_credentials(salesforce: SalesforceSide) -> None:
    salesforce.world.set_setting("salesforce.is_login_host", True)
    form = {"client_id": "sandbox-client", "client_secret": "sandbox-secret"}
    refused = log_in(salesforce, grant_type="client_credentials", **form)
    assert refused.status_code == 400
    assert refused.json() == {"error": "invalid_grant", "error_description": "request not supported on this domain"}
    assert log_in(salesforce, grant_type=GRANT, assertion=an_assertion()).status_code == 200


def test_client_credentials_may_come_as_basic_authentication(salesforce: SalesforceSide) -> None:
    url = f"{salesforce.url}/services/oauth2/token"
    form = {"grant_type": "client_credentials"}
    assert httpx.post(url, data=form, auth=("sandbox-client", "sandbox-secret")).status_code == 200
    assert httpx.post(url, data=form, auth=("sandbox-client", "no")).json()["error"] == "invalid_client"


def test_rotated_refresh_tokens_work_once(salesforce: SalesforceSide) -> None:
    salesforce.world.set_setting("salesforce.rotate_refresh_tokens", True)
    form = {"grant_type": "refresh_token", "client_id": "sandbox-client"}
    first = log_in(salesforce, refresh_token="5Aep861sandbox.integration", **form).json()
    again = log_in(salesforce, refresh_token="5Aep861sandbox.integration", **form)
    assert again.json()["error_description"] == "expired access/refresh token"
    assert log_in(salesforce, refresh_token=first["refresh_token"], **form).status_code == 200


def test_a_refresh_token_comes_with_the_apps_secret_or_without_one(salesforce: SalesforceSide) -> None:
    form = {"grant_type": "refresh_token", "client_id": "sandbox-client"}
    form |= {"refresh_token": "5Aep861sandbox.integration"}
    assert log_in(salesforce, client_secret="sandbox-secret", **form).status_code == 200
    assert log_in(salesforce, client_secret="no", **form).json()["error"] == "invalid_client"


def test_a_session_ends_by_time_by_revocation_and_by_hand(salesforce: SalesforceSide) -> None:
    def status(access_token: str) -> int:
        headers = {"Authorization": f"Bearer {access_token}"}
        return httpx.get(f"{salesforce.url}{VERSION}/limits", headers=headers).status_code

    tokens = [log_in(salesforce, grant_type=GRANT, assertion=an_assertion()).json()["access_token"] for _ in range(3)]
    httpx.post(f"{salesforce.url}/services/oauth2/revoke", data={"token": tokens[0]})
    assert [status(token) for token in tokens] == [401, 200, 200]
    salesforce.control("PUT", "clock", {"advance_seconds": 7201})
    assert [status(token) for token in tokens] == [401, 401, 401]
    assert salesforce.get("/limits").status_code == 200


def test_a_lost_session_is_a_list_with_the_documented_code(salesforce: SalesforceSide) -> None:
    answer = httpx.get(f"{salesforce.url}{VERSION}/query?q=x", headers={"Authorization": "Bearer 00D!gone"})
    assert answer.status_code == 401
    assert answer.json() == [{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}]


def test_every_reply_counts_against_the_budget_and_says_so(salesforce: SalesforceSide) -> None:
    salesforce.world.set_setting("salesforce.daily_limit", 3)
    seen = [salesforce.get(path).headers["Sforce-Limit-Info"] for path in ("/limits", "/nope", "/sobjects")]
    assert seen == ["api-usage=1/3", "api-usage=2/3", "api-usage=3/3"]
    refused = salesforce.get("/limits")
    assert refused.status_code == 403
    assert refused.json()[0]["errorCode"] == "REQUEST_LIMIT_EXCEEDED"


def test_the_versions_need_no_session(salesforce: SalesforceSide) -> None:
    listed = httpx.get(f"{salesforce.url}/services/data").json()
    assert {"label": "Spring '26", "url": "/services/data/v66.0", "version": "66.0"} in listed


SOAP = (
    '<?xml version="1.0" encoding="utf-8"?><env:Envelope xmlns:env="http://schemas.xmlsoap.org/soap/envelope/">'
    '<env:Body><n1:login xmlns:n1="urn:partner.soap.sforce.com"><n1:username>{user}</n1:username>'
    "<n1:password>{password}</n1:password></n1:login></env:Body></env:Envelope>"
)


def log_in_over_soap(
    salesforce: SalesforceSide, body: str = SOAP, *, version: str = "59.0", **given: str
) -> httpx.Response:
    content = body.format(**{"user": "integration@acme.example", "password": "sandbox", **given})
    headers = {"content-type": "text/xml", "soapaction": "login"}
    return httpx.post(f"{salesforce.url}/services/Soap/u/{version}", content=content, headers=headers)


@pytest.mark.parametrize("password", ["sandbox", "sandboxsecuritytoken"])
def test_a_name_and_a_password_log_in_over_soap(salesforce: SalesforceSide, password: str) -> None:
    answer = log_in_over_soap(salesforce, password=password)
    assert answer.status_code == 200
    (session,) = re.findall("<sessionId>(.+?)</sessionId>", answer.text)
    (server,) = re.findall("<serverUrl>(.+?)</serverUrl>", answer.text)
    assert server.startswith(f"{salesforce.url}/services/Soap/u/59.0/00D")
    headers = {"authorization": f"Bearer {session}"}
    assert httpx.get(salesforce.url + VERSION + "/limits", headers=headers).status_code == 200


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"password": "wrong"}, "INVALID_LOGIN"),
        ({"user": "nobody@acme.example"}, "INVALID_LOGIN"),
        ({"version": "65.0"}, "UNSUPPORTED_API_VERSION"),
        ({"version": "x"}, "UNSUPPORTED_API_VERSION"),
        ({"body": SOAP.replace("username", "name")}, "INVALID_LOGIN"),
    ],
)
def test_a_login_over_soap_that_is_refused_is_a_fault(
    salesforce: SalesforceSide, given: dict[str, str], code: str
) -> None:
    answer = log_in_over_soap(salesforce, **given)
    assert (answer.status_code, answer.headers["content-type"]) == (500, "text/xml; charset=utf-8")
    assert f"<faultcode>sf:{code}</faultcode><faultstring>{code}: " in answer.text


def test_a_password_at_the_token_endpoint(salesforce: SalesforceSide) -> None:
    form = {"grant_type": "password", "client_id": "sandbox-client", "username": "admin@acme.example"}
    assert log_in(salesforce, **form, password="sandbox").json()["access_token"].startswith("00D")
    refused = log_in(salesforce, **form, password="x").json()
    assert refused == {"error": "invalid_grant", "error_description": "authentication failure"}
