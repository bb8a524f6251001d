"""Where the server may listen."""

from __future__ import annotations

import socket
import threading

import httpx
import pytest
from pydantic import SecretStr

from sfdd_declare.model.errors import UsageError
from sfdd_declare.web.listen import Listen, is_loopback, open_socket, parse_listen
from tests.unit.web.builders import HERE, HTTP, a_service, shown

TOKEN = SecretStr("a-token")


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("127.0.0.1:9464", "127.0.0.1", 9464),
        ("[::1]:9464", "::1", 9464),
        ("localhost:0", "localhost", 0),
        (":9464", "", 9464),
        ("[fe80::1%eth0]:1", "fe80::1%eth0", 1),
        ("sync.internal:65535", "sync.internal", 65535),
    ],
)
def test_an_address_is_read_and_written(text: str, host: str, port: int) -> None:
    listen = parse_listen(text)
    assert listen == Listen(host, port)
    assert str(listen) == text


@pytest.mark.parametrize(
    "text", ["", "9464", "127.0.0.1", "127.0.0.1:", "::1:9464", "a b:1", "http://x:1", "x:1/", "x:-1", "x:٤", "[x]:1"]
)
def test_what_is_no_address_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(UsageError) as refused:
        parse_listen(text)
    assert refused.value.id == "SFDD-E9050"
    assert refused.value.hint == "--listen 127.0.0.1:9464"


def test_a_bare_ipv6_address_is_told_of_brackets() -> None:
    with pytest.raises(UsageError) as refused:
        parse_listen("::1:9464")
    assert "[::1]:9464" in refused.value.detail


def test_a_port_above_the_last_is_refused() -> None:
    with pytest.raises(UsageError, match="65536"):
        parse_listen(":65536")


@pytest.mark.parametrize("host", ["", "0.0.0.0", "::", "::ffff:0.0.0.0"])
def test_other_machines_are_let_in_with_a_token_only(host: str) -> None:
    with pytest.raises(UsageError) as refused:
        open_socket(Listen(host, 0), has_token=False)
    assert refused.value.id == "SFDD-E9051"
    assert refused.value.hint == "export SFDD_WATCH_TOKEN=..."


def test_a_name_counts_as_the_address_it_means(monkeypatch: pytest.MonkeyPatch) -> None:
    there = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.0.2.1", 0))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: there)
    with pytest.raises(UsageError, match="needs a token"):
        open_socket(Listen("localhost", 0), has_token=False)


def test_an_empty_token_is_none() -> None:
    with pytest.raises(UsageError) as refused, shown(a_service(), token=SecretStr(" ")):
        pass
    assert refused.value.id == "SFDD-E9053"


def test_all_addresses_are_all_addresses() -> None:
    with (
        open_socket(Listen("", 0), has_token=True) as opened,
        socket.create_connection(("127.0.0.1", opened.getsockname()[1])),
    ):
        assert not is_loopback(opened.getsockname()[0])


def test_a_port_in_use_is_told_in_words() -> None:
    with open_socket(HERE, has_token=False) as first, pytest.raises(UsageError) as refused:
        open_socket(Listen("127.0.0.1", first.getsockname()[1]), has_token=False)
    assert refused.value.id == "SFDD-E9052"
    assert "in use" in refused.value.summary
    assert refused.value.hint == "--listen 127.0.0.1:0"


@pytest.mark.parametrize("host", ["192.0.2.1", "no-such-host.invalid"])
def test_an_address_of_no_one_here_is_told_in_words(host: str) -> None:
    with pytest.raises(UsageError) as refused:
        open_socket(Listen(host, 0), has_token=True)
    assert refused.value.id == "SFDD-E9052"
    assert host in refused.value.summary


def test_a_stopped_server_gives_its_port_back_and_leaves_no_thread() -> None:
    before = set(threading.enumerate())
    with shown(a_service()) as running:
        assert HTTP.get(f"{running.url}/healthz").status_code == 200
    running.stop()
    assert not [thread for thread in set(threading.enumerate()) - before if thread.name == "sfdd-web"]
    with pytest.raises(httpx.ConnectError):
        HTTP.get(f"{running.url}/healthz")
    open_socket(Listen("127.0.0.1", int(running.url.rpartition(":")[2])), has_token=False).close()
