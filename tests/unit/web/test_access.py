"""Who is answered, and what every answer carries."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from pydantic import SecretStr

from sfdd_declare.model.service import Service
from sfdd_declare.web.access import host_of
from sfdd_declare.web.server import serve
from tests.unit.web.builders import HERE, HTTP, a_service, shown

TOKEN = "tök-en:with a colon"
PATHS = ["/", "/metrics", "/healthz", "/readyz", "/nowhere"]

STRANGERS = ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "localhost@evil.example", "", "[::2]", "::1"]


@contextmanager
def shown_broken() -> Iterator[str]:
    """A server whose service cannot be had."""

    def broken() -> Service:
        raise KeyError("ada@example.com")

    with serve(HERE, broken, None) as running:
        yield running.url


@pytest.fixture(scope="module")
def open_url() -> Iterator[str]:
    with shown(a_service()) as running:
        yield running.url


@pytest.fixture(scope="module")
def closed_url() -> Iterator[str]:
    with shown(a_service(), token=SecretStr(TOKEN)) as running:
        yield running.url


@pytest.mark.parametrize("path", ["/", "/metrics", "/nowhere", "/healthz/", "//healthz", "/HEALTHZ"])
@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer x", "Basic", "Basic !", "Basic eDp5", "Basic eA==", "Basic /w=="],
)
def test_without_the_token_nothing_is_shown(closed_url: str, path: str, header: str) -> None:
    answer = HTTP.get(closed_url + path, headers={"Authorization": header} if header else {})
    assert answer.status_code == 401
    assert "Acme" not in answer.text
    assert [one.partition(" ")[0] for one in answer.headers.get_list("www-authenticate")] == ["Basic", "Bearer"]


def test_the_token_opens_as_a_bearers_and_as_any_users_password() -> None:
    with shown(a_service(), token=SecretStr("s3cret")) as running:
        assert "Acme" in HTTP.get(running.url, headers={"Authorization": "bearer  s3cret"}).text
        assert HTTP.get(f"{running.url}/metrics", auth=("prometheus", "s3cret")).status_code == 200
        assert HTTP.get(running.url, auth=("s3cret", "")).status_code == 401


def test_a_token_may_hold_any_character(closed_url: str) -> None:
    assert HTTP.get(closed_url, auth=("x", TOKEN)).status_code == 200
    assert HTTP.get(closed_url, headers=[(b"Authorization", b"Bearer " + TOKEN.encode())]).status_code == 200


def test_a_line_break_after_the_token_is_none_of_it() -> None:
    with shown(a_service(), token=SecretStr("s3cret\n")) as running:
        assert HTTP.get(running.url, auth=("x", "s3cret")).status_code == 200


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_probes_need_no_token_and_tell_no_name(closed_url: str, path: str) -> None:
    answer = HTTP.get(closed_url + path)
    assert (answer.status_code, answer.text) == (200, "ok\n")


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("host", STRANGERS)
def test_a_strangers_name_for_this_machine_is_refused(open_url: str, path: str, host: str) -> None:
    answer = HTTP.get(open_url + path, headers={"Host": host})
    assert answer.status_code == 421
    assert "Acme" not in answer.text


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:9464", "127.0.0.1", "[::1]", "[::1]:9464"])
def test_its_own_names_are_answered(open_url: str, host: str) -> None:
    assert HTTP.get(open_url, headers={"Host": host}).status_code == 200


def test_with_a_token_any_name_is_answered() -> None:
    with shown(a_service(), token=SecretStr("s3cret")) as running:
        headers = {"Host": "sync.example.com", "Authorization": "Bearer s3cret"}
        assert HTTP.get(running.url, headers=headers).status_code == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
@pytest.mark.parametrize("path", PATHS)
def test_nothing_is_changed_through_it(open_url: str, path: str, method: str) -> None:
    answer = HTTP.request(method, open_url + path)
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, HEAD"


@pytest.mark.parametrize(("path", "status"), [("/", 200), ("/metrics", 200), ("/healthz", 200), ("/nowhere", 404)])
def test_the_head_of_a_page_is_that_of_the_page(open_url: str, path: str, status: int) -> None:
    head, page = HTTP.head(open_url + path), HTTP.get(open_url + path)
    assert head.status_code == page.status_code == status
    assert head.content == b""
    assert head.headers["content-type"] == page.headers["content-type"]


@pytest.mark.parametrize(
    "request_line", ["/", "/metrics", "/healthz", "/nowhere", "POST /", "EVIL /", "CLOSED /", "BROKEN /"]
)
def test_every_answer_forbids_browsers_all_that_is_not_needed(
    open_url: str, closed_url: str, request_line: str
) -> None:
    if request_line == "BROKEN /":
        with shown_broken() as url:
            answer = HTTP.get(url)
    else:
        answer = {
            "POST /": lambda: HTTP.post(open_url),
            "EVIL /": lambda: HTTP.get(open_url, headers={"Host": "evil.example"}),
            "CLOSED /": lambda: HTTP.get(closed_url),
        }.get(request_line, lambda: HTTP.get(open_url + request_line))()
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cache-control"] == "no-store"
    assert "server" not in answer.headers


def test_a_mistake_shows_no_traceback() -> None:
    with shown_broken() as url:
        for path in ("/", "/metrics", "/readyz"):
            answer = HTTP.get(url + path, headers={"Connection": "close"})  # the server closes it after a mistake
            assert answer.status_code == 500
            assert "Traceback" not in answer.text
            assert "ada@example.com" not in answer.text
            assert "KeyError" in answer.text


@pytest.mark.parametrize(
    ("header", "host"),
    [("a:1", "a"), ("A", "a"), ("[::1]:1", "[::1]"), ("[::1]", "[::1]"), ("::1", "::1"), ("a:", "a:"), ("", "")],
)
def test_a_host_is_told_from_its_port(header: str, host: str) -> None:
    assert host_of(header) == host
