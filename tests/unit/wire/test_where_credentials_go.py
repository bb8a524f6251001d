"""Two servers: one that may be sent credentials and leads on to the other, which must never be asked anything."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from pydantic import SecretStr

from sfdd_declare.dotdigital.client import connect
from sfdd_declare.model.declared import Account, AuthMethod, Consent, Salesforce, SalesforceAuth
from sfdd_declare.model.errors import RemoteError
from sfdd_declare.salesforce.login import Login
from sfdd_declare.wire.http import Http

VENDOR, COLLECTOR = "127.0.0.1", "127.0.0.2"  # both are this computer; only one is called so
SECRET = "0penSesame"


@dataclass
class Server:
    """Answers everything with one answer and keeps what it was sent."""

    url: str
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: object = None
    requests: list[str] = field(default_factory=list)


@contextmanager
def serving(host: str) -> Iterator[Server]:
    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            sent = self.rfile.read(int(self.headers.get("content-length", 0)))
            book.requests.append(f"{self.command} {self.path}\n{self.headers}\n{sent!r}")
            body = json.dumps(book.body).encode()
            self.send_response(book.status)
            headers = {"content-type": "application/json", "content-length": str(len(body)), **book.headers}
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = answer

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer((host, 0), Handler)
    book = Server(f"http://{host}:{server.server_address[1]}")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield book
    server.shutdown()
    server.server_close()


@pytest.fixture
def vendor() -> Iterator[Server]:
    with serving(VENDOR) as server:
        yield server


@pytest.fixture
def collector() -> Iterator[Server]:
    with serving(COLLECTOR) as server:
        yield server


def by_secret(url: str) -> Salesforce:
    auth = SalesforceAuth(AuthMethod.CLIENT_CREDENTIALS, client_id="app", client_secret=SecretStr(SECRET))
    return Salesforce(auth, url, "66.0", None, True)


def by_token(url: str) -> Salesforce:
    auth = SalesforceAuth(AuthMethod.ACCESS_TOKEN, access_token=SecretStr(SECRET), instance_url=url)
    return Salesforce(auth, "https://login.salesforce.com", "66.0", None, True)


def an_account(url: str) -> Account:
    return Account("main", "apiuser", SecretStr(SECRET), url, True, None, Consent())


DIRECT: dict[str, Callable[[str], object]] = {
    "client secret to login_url": lambda url: Login(by_secret(url), {}).open(),
    "token to instance_url": lambda url: Login(by_token(url), {}).open(),
    "token to SF_ORG_INSTANCE_URL": lambda url: Login(
        Salesforce(None, "https://login.salesforce.com", "66.0", None, True),
        {"SF_ACCESS_TOKEN": SECRET, "SF_ORG_INSTANCE_URL": url},
    ).open(),
    "password to region": lambda url: connect(an_account(url)),
}


@pytest.mark.parametrize("send", DIRECT.values(), ids=DIRECT)
def test_an_address_of_nobody_we_know_is_sent_nothing(collector: Server, send: Callable[[str], object]) -> None:
    with pytest.raises(RemoteError) as caught:
        send(collector.url)
    assert caught.value.id in ("SFDD-E2112", "SFDD-E2215")
    assert SECRET not in f"{caught.value} {caught.value.detail}"
    assert collector.requests == []


def test_the_environment_can_allow_it(collector: Server) -> None:
    collector.body = {"id": 77, "properties": []}
    connect(an_account(collector.url), hosts=(f"http://{COLLECTOR}",)).close()
    assert len(collector.requests) == 1


def test_the_instance_a_login_names_is_sent_no_token(vendor: Server, collector: Server) -> None:
    vendor.body = {"access_token": "t", "instance_url": collector.url, "id": "https://x/id/00D1/0051"}
    with pytest.raises(RemoteError) as caught:
        Login(by_secret(vendor.url), {}).open()
    assert (caught.value.id, caught.value.hint) == ("SFDD-E2112", "salesforce.login_url")
    assert (len(vendor.requests), collector.requests) == (1, [])


def test_the_endpoint_that_account_info_names_is_sent_no_password(vendor: Server, collector: Server) -> None:
    vendor.body = {"id": 77, "properties": [{"name": "ApiEndpoint", "value": collector.url}]}
    with pytest.raises(RemoteError) as caught:
        connect(an_account(vendor.url))
    assert caught.value.id == "SFDD-E2215"
    assert (len(vendor.requests), collector.requests) == (1, [])


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(
    "send",
    [
        lambda url: Login(by_secret(url), {}).open(),
        lambda url: Login(by_token(url), {}).open(),
        lambda url: connect(an_account(url)),
    ],
    ids=["client secret", "token", "password"],
)
def test_no_redirect_is_followed(vendor: Server, collector: Server, send: Callable[[str], object], status: int) -> None:
    vendor.status, vendor.headers = status, {"location": f"{collector.url}/elsewhere"}
    with pytest.raises(RemoteError) as caught:
        send(vendor.url)
    assert caught.value.id == "SFDD-E2009"
    assert (len(vendor.requests), collector.requests) == (1, [])


def test_a_link_in_an_answer_is_not_followed_to_another_host(vendor: Server, collector: Server) -> None:
    with Http(base_url=vendor.url, name="Dotdigital", timeout=5, auth=("u", SecretStr(SECRET))) as http:
        with pytest.raises(RemoteError) as caught:
            http.send("GET", f"{collector.url}/next", template="next", idempotent=True)
        assert caught.value.id == "SFDD-E2009"
        assert http.send("GET", f"{vendor.url}/next", template="next", idempotent=True).status == 200
    assert (len(vendor.requests), collector.requests) == (1, [])
