"""Requests that no resource takes are refused with Salesforce's own statuses and in its own form."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

import httpx
import pytest

from sfdd_declare.sandbox.salesforce.routes import ROUTES
from tests.unit.sandbox.salesforce_side import VERSION, SalesforceSide

UNSUPPORTED = (
    "/search?q=FIND+%7Ba%7D",
    "/search/layout?q=Contact",
    "/parameterizedSearch?q=a",
    "/recent",
    "/sobjects/Contact/describe/layouts",
    "/sobjects/Contact/describe/layouts/012000000000000AAA",
    "/sobjects/Contact/describe/compactLayouts",
    "/sobjects/Contact/listviews",
    "/sobjects/Contact/listviews/00B000000000001AAA/results",
    "/sobjects/Contact/quickActions",
)


def error_of(answer: httpx.Response) -> tuple[int, str]:
    (error,) = answer.json()
    assert error["message"]
    assert ("Allow" in answer.headers) == (answer.status_code == 405)
    assert ("WWW-Authenticate" in answer.headers) == (answer.status_code == 401)
    return answer.status_code, error["errorCode"]


@pytest.mark.parametrize("path", UNSUPPORTED)
def test_what_the_sandbox_has_not_is_refused_in_words(salesforce: SalesforceSide, path: str) -> None:
    answer = salesforce.get(path)
    assert error_of(answer) == (403, "FUNCTIONALITY_NOT_ENABLED")
    assert "not supported by the sandbox" in answer.json()[0]["message"]


def test_layouts_and_list_views_of_no_object_are_not_found(salesforce: SalesforceSide) -> None:
    for path in ("/sobjects/Nope/describe/layouts", "/sobjects/Nope/listviews"):
        assert error_of(salesforce.get(path)) == (404, "NOT_FOUND")


def test_the_root_names_who_asks_and_only_what_is_served(salesforce: SalesforceSide) -> None:
    root = salesforce.get("").json()
    identity = root.pop("identity")
    assert identity.startswith(f"{salesforce.url}/id/00D")
    assert salesforce.http.get(identity).json()["username"] == "integration@acme.example"
    assert "tooling" in root
    served = [template.replace("{version}", "v66.0") for template in ROUTES]
    for name, path in root.items():
        assert path == f"{VERSION}/{name}"
        assert any(template == path or template.startswith(f"{path}/") for template in served), name
    assert not {"search", "parameterizedSearch", "recent"} & set(root)


@pytest.mark.parametrize("path", ["/", "/services", "/services/data/v66.0/nope", "/a%00b"])
def test_unknown_paths_are_not_found(salesforce: SalesforceSide, path: str) -> None:
    assert error_of(salesforce.http.get(path)) == (404, "NOT_FOUND")


@pytest.mark.parametrize("path", [*ROUTES, "/services/data"])
@pytest.mark.parametrize("method", ["PUT", "TRACE", "PROPFIND"])
def test_a_method_that_a_resource_has_not_is_not_allowed(salesforce: SalesforceSide, path: str, method: str) -> None:
    if method in ROUTES.get(path, {}):
        return
    filled = path.replace("{version}", "v66.0").replace("{object}", "Contact").replace(":path", "")
    answer = salesforce.http.request(method, filled.replace("{", "").replace("}", ""))
    assert error_of(answer) == (405, "METHOD_NOT_ALLOWED")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/sobjects/Contact"),
        ("PATCH", "/sobjects/Contact/003000000000001AAA"),
        ("POST", "/composite"),
        ("POST", "/composite/sobjects"),
        ("POST", "/jobs/query"),
        ("POST", "/jobs/ingest"),
    ],
)
@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "application/jsonx"])
def test_a_body_that_is_no_json_by_its_own_word_is_not_taken(
    salesforce: SalesforceSide, method: str, path: str, kind: str
) -> None:
    contact = salesforce.a_contact()
    filled = path.replace("003000000000001AAA", contact)
    answer = salesforce.http.request(method, VERSION + filled, content=b"{}", headers={"Content-Type": kind})
    assert error_of(answer) == (415, "UNSUPPORTED_MEDIA_TYPE")
    assert kind in answer.json()[0]["message"]


def test_json_is_taken_with_a_charset_in_any_case_and_without_a_type(salesforce: SalesforceSide) -> None:
    for headers in ({"Content-Type": "Application/JSON; charset=UTF-8"}, {}):
        answer = salesforce.http.post(f"{VERSION}/sobjects/Contact", content=b'{"LastName": "a"}', headers=headers)
        assert answer.status_code == 201, headers


def test_rows_of_a_job_are_csv(salesforce: SalesforceSide) -> None:
    job = salesforce.post("/jobs/ingest", {"object": "Contact", "operation": "insert"}).json()
    url = f"/{job['contentUrl']}"
    answer = salesforce.http.put(url, content=b"LastName\na\n", headers={"Content-Type": "application/json"})
    assert error_of(answer) == (415, "UNSUPPORTED_MEDIA_TYPE")


@pytest.mark.parametrize("path", ["/services/data", f"{VERSION}/sobjects"])
def test_a_long_uri_and_long_headers_are_told_apart(salesforce: SalesforceSide, path: str) -> None:
    assert error_of(salesforce.http.get(path, params={"a": "b" * 16_384})) == (414, "URI_TOO_LONG")
    answer = salesforce.http.get(path, params={"a": "b" * 9_000}, headers={"X-Much": "c" * 8_000})
    assert error_of(answer) == (431, "REQUEST_HEADER_FIELDS_TOO_LARGE")
    assert salesforce.http.get(path, params={"a": "b" * 9_000}, headers={"X-Much": "c" * 6_000}).status_code == 200


def test_a_long_request_that_comes_in_pieces_is_refused_in_form_too(salesforce: SalesforceSide) -> None:
    address = urlsplit(salesforce.url)
    with socket.create_connection((str(address.hostname), int(address.port or 0)), timeout=10) as opened:
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        opened.sendall(b"GET /services/data?a=" + b"b" * 20_000)
        opened.settimeout(0.3)
        with pytest.raises(TimeoutError):
            opened.recv(1)
        opened.settimeout(10)
        opened.sendall(b" HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        assert opened.recv(100).startswith(b"HTTP/1.1 414 ")


def test_without_a_session_every_path_is_refused_alike(salesforce: SalesforceSide) -> None:
    for path in (f"{VERSION}/sobjects", f"{VERSION}/tooling/query", f"{VERSION}/recent", "/nope"):
        assert error_of(httpx.get(f"{salesforce.url}{path}")) == (401, "INVALID_SESSION_ID")


def test_a_used_up_budget_is_forbidden(salesforce: SalesforceSide) -> None:
    salesforce.world.set_setting("salesforce.daily_limit", 0)
    assert error_of(salesforce.get("/sobjects")) == (403, "REQUEST_LIMIT_EXCEEDED")


def test_a_line_break_in_a_path_is_refused_in_form_too(salesforce: SalesforceSide) -> None:
    answer = salesforce.http.get("/services/data/v66.0/sobjects/Contact/External_Ref__c/a%0Ab")
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (404, "NOT_FOUND")


@pytest.mark.parametrize("path", ["/services/oauth2/revoke", "/services/oauth2/userinfo", "/id/00D/005"])
def test_the_login_paths_take_no_other_methods(salesforce: SalesforceSide, path: str) -> None:
    answer = salesforce.http.delete(path)
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (405, "METHOD_NOT_ALLOWED")
