"""Who gets in, and how refusals, limits and wrong calls look."""

from __future__ import annotations

import base64

import httpx
import pytest

from sfdd_declare.sandbox.server import Running
from tests.unit.sandbox.dotdigital_side import DotdigitalSide, a_row

INFO = "/v2/account-info"


def properties(response: httpx.Response) -> dict[str, str]:
    return {each["name"]: each["value"] for each in response.json()["properties"]}


@pytest.mark.parametrize(
    "header",
    [
        None,
        "Bearer abc",
        "Basic ###",
        "Basic " + base64.b64encode(b"\xff\xfe").decode(),
        "Basic " + base64.b64encode(b"apiuser-sandbox@apiconnector.com:wrong").decode(),
        "Basic " + base64.b64encode(b"nobody:sandbox").decode(),
    ],
    ids=["none", "scheme", "base64", "bytes", "password", "user"],
)
def test_wrong_credentials_are_denied_in_json(sandbox: Running, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header}
    for path in (INFO, "/contacts/v3"):
        response = httpx.get(sandbox.dotdigital_url + path, headers=headers)
        assert response.status_code == 401
        assert response.headers["WWW-Authenticate"].startswith("Basic ")
        assert response.json() == {"message": "Authorization has been denied for this request."}
        assert response.headers["content-type"] == "application/json; charset=utf-8"


def test_account_info_names_the_endpoint_among_string_properties(sandbox: Running, dotdigital: DotdigitalSide) -> None:
    body = dotdigital.http.get(INFO)
    assert properties(body)["ApiEndpoint"].rstrip("/") == sandbox.dotdigital_url
    assert all(isinstance(value, str) for value in properties(body).values())
    assert "ApiEndpoint" not in body.json()


def test_account_of_another_region_is_refused_everywhere_but_for_its_info(
    sandbox: Running, dotdigital: DotdigitalSide
) -> None:
    home = sandbox.dotdigital_url.replace("127.0.0.1", "localhost")
    dotdigital.control("PUT", "settings", {"dotdigital.base_urls": {"r1": home, "r2": sandbox.dotdigital_url}})
    assert dotdigital.http.get("/v2/data-fields").status_code == 403
    assert dotdigital.http.get("/contacts/v3").status_code == 403
    endpoint = properties(dotdigital.http.get(INFO))["ApiEndpoint"].rstrip("/")
    assert endpoint == home
    assert dotdigital.http.get(f"{endpoint}/v2/data-fields").status_code == 200


def test_second_account_sees_nothing_of_the_first(sandbox: Running, dotdigital: DotdigitalSide) -> None:
    other = {"user": "apiuser-2@apiconnector.com", "password": "pw", "account_id": 78, "region": "r1"}
    dotdigital.control("PUT", "settings", {"dotdigital.accounts": [other]})
    first_list = dotdigital.a_list()
    dotdigital.a_contact()
    with DotdigitalSide(sandbox, user=other["user"], password="pw") as second:
        assert second.http.get(INFO).json()["id"] == 78
        assert [book["name"] for book in second.http.get("/v2/address-books").json()] == ["Test"]
        assert second.http.get(f"/v2/address-books/{first_list}").status_code == 404
        assert second.page()["_items"] == []
        assert len(second.http.get("/v2/data-fields").json()) == 7
        assert second.imported(a_row())["summary"]["newContacts"] == 1
    assert len(dotdigital.page()["_items"]) == 1


def test_every_answer_has_rate_headers(dotdigital: DotdigitalSide) -> None:
    for path in (INFO, "/contacts/v3", "/v2/address-books/5"):
        headers = dotdigital.http.get(path).headers
        assert headers["x-ratelimit-scope"].endswith("CallRate")
        assert int(headers["x-ratelimit-remaining"]) < int(headers["x-ratelimit-limit"])


def test_calls_over_the_limit_get_429_until_the_window_ends(dotdigital: DotdigitalSide) -> None:
    dotdigital.control("PUT", "clock", {"at": "2026-03-01T12:00:00Z", "frozen": True})
    dotdigital.control("PUT", "settings", {"dotdigital.rate_limit": {"low": 2}})
    answers = [dotdigital.http.get("/contacts/v3") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert (answers[2].headers["x-ratelimit-remaining"], answers[2].headers["x-ratelimit-scope"]) == (
        "0",
        "lowCallRate",
    )
    assert dotdigital.http.get(INFO).status_code == 200
    assert int(answers[2].headers["x-ratelimit-reset"]) == 1772366460
    dotdigital.control("PUT", "clock", {"advance_seconds": 60})
    assert dotdigital.http.get("/contacts/v3").status_code == 200


def test_flat_scheme_refuses_with_400_and_shows_the_budget(dotdigital: DotdigitalSide) -> None:
    dotdigital.control("PUT", "settings", {"dotdigital.rate_scheme": "flat", "dotdigital.flat_limit": 2})
    assert properties(dotdigital.http.get(INFO))["ApiCallsRemaining"] == "1"
    assert dotdigital.http.get("/contacts/v3").status_code == 200
    refused = dotdigital.http.get("/contacts/v3")
    assert refused.status_code == 400
    assert refused.json()["message"].endswith("ERROR_APIUSAGE_EXCEEDED")
    dotdigital.control("PUT", "clock", {"advance_seconds": 3601})
    assert dotdigital.http.get("/contacts/v3").status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "status", "key"),
    [
        ("GET", "/v2/nothing", 404, "message"),
        ("GET", "/nothing/v3", 404, "errorCode"),
        ("GET", "/", 404, "errorCode"),
        ("PATCH", INFO, 405, "message"),
        ("DELETE", "/contacts/v3", 405, "errorCode"),
    ],
)
def test_unknown_calls_are_refused_in_the_vendors_shape(
    dotdigital: DotdigitalSide, method: str, path: str, status: int, key: str
) -> None:
    response = dotdigital.http.request(method, path)
    assert response.status_code == status
    assert key in response.json()


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"3", b"null", b'"x"', b"[[]]", b"[null]", b"{}", b"[" * 3000])
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v2/address-books"),
        ("PUT", "/v2/address-books/902"),
        ("POST", "/v2/address-books/902/contacts/delete"),
        ("POST", "/v2/address-books/902/contacts/unsubscribe"),
        ("POST", "/v2/data-fields"),
        ("GET", "/v2/contacts/retrieve-collection"),
        ("PUT", "/v2/contacts/suppress-contacts"),
        ("POST", "/v2/contacts/unsubscribe"),
        ("POST", "/contacts/v3"),
        ("PATCH", "/contacts/v3/contactId/7"),
        ("PUT", "/contacts/v3/import"),
    ],
)
def test_malformed_bodies_are_client_errors(dotdigital: DotdigitalSide, method: str, path: str, content: bytes) -> None:
    assert dotdigital.a_list() == 902
    response = dotdigital.http.request(method, path, content=content)
    assert response.status_code in (400, 404)
    assert set(response.json()) & {"message", "errorCode"}


@pytest.mark.parametrize(
    "path",
    [
        "/v2/address-books/x",
        "/v2/address-books/99999999999999999999",
        "/v2/address-books?select=0",
        "/v2/address-books?select=1001",
        "/v2/address-books?skip=-1",
        "/v2/contacts/suppressed-since/yesterday",
        "/v2/contacts/unsubscribed-since/2026-13-45",
        "/v2/contacts/deletion/none",
        "/v2/contacts/%00",
        "/v2/contacts/٣",
        "/contacts/v3/email/%F0%9F%98%80",
        "/contacts/v3/contactId/abc",
        "/contacts/v3/shoeSize/44",
        "/contacts/v3/import/none",
        "/contacts/v3?limit=5001",
        "/contacts/v3?marker=%F0",
        "/contacts/v3?~modified=gte::2026-03-01",
        "/contacts/v3?~modified=lt::2026-03-01T00:00:00Z",
        "/contacts/v3?~listId=99999999999999999999",
        "/contacts/v3?~listId=1&~segmentId=2",
        "/contacts/v3?sort=email",
    ],
)
def test_senseless_addresses_and_queries_are_client_errors(dotdigital: DotdigitalSide, path: str) -> None:
    response = dotdigital.http.get(path)
    assert response.status_code in (400, 404)
    assert set(response.json()) & {"message", "errorCode"}


def test_server_time_is_the_sandbox_clock(dotdigital: DotdigitalSide) -> None:
    dotdigital.control("PUT", "clock", {"at": "2026-03-01T12:00:00Z", "frozen": True})
    assert dotdigital.http.get("/v2/server-time").json() == "2026-03-01T12:00:00.000Z"
