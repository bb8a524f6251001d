"""The HTTP client against the sandbox's servers, with faults, and against hosts that are not there."""

from __future__ import annotations

import logging
import socket
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pydantic import SecretStr

from sfdd_declare.app.pause import Stop
from sfdd_declare.model.errors import Interrupted, RemoteError, Terminal, Transient
from sfdd_declare.sandbox import faults
from sfdd_declare.sandbox.server import Running
from sfdd_declare.wire.http import Http, Reply
from sfdd_declare.wire.pacing import LostReply, Unsent

OPEN_PATH = "/services/data"  # needs no session


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with Running(tmp_path_factory.mktemp("wire") / "world.db") as running:
        yield running


@pytest.fixture(autouse=True)
def calm(running: Running) -> None:
    running.world.reset()


def an_http(url: str, **more: Any) -> Http:
    waits: list[float] = []
    return Http(
        base_url=url,
        name="Salesforce",
        timeout=5,
        hint="salesforce.login_url",
        pause=lambda s: waits.append(s) if s else None,
        **more,
    )


def get(http: Http, *, idempotent: bool = True) -> Reply:
    return http.send("GET", OPEN_PATH, template="versions", idempotent=idempotent)


def fault(running: Running, kind: str, **more: Any) -> None:
    faults.add(running.world, {"system": "salesforce", "kind": kind, **more})


def test_reply_has_lower_case_headers_and_json(running: Running) -> None:
    with an_http(running.salesforce_url) as http:
        reply = get(http)
    assert reply.status == 200
    assert "date" in reply.headers
    assert reply.json()[0]["url"].startswith("/services/data/")


def test_every_request_is_counted_repeats_included(running: Running) -> None:
    fault(running, "status", status=503, times=2)
    with an_http(running.salesforce_url) as http:
        assert get(http).status == 200
        assert http.calls == 3


def test_server_error_is_not_repeated_when_the_call_is_not_idempotent(running: Running) -> None:
    fault(running, "status", status=500)
    with an_http(running.salesforce_url) as http:
        with pytest.raises(Transient) as caught:
            get(http, idempotent=False)
        assert http.calls == 1
    assert caught.value.id == "SFDD-E2007"


@pytest.mark.parametrize("kind", ["reset_before", "reset_after", "truncate"])
def test_lost_reply_is_repeated_only_when_idempotent(running: Running, kind: str) -> None:
    fault(running, kind, times=2)
    with an_http(running.salesforce_url) as http:
        with pytest.raises(LostReply):
            get(http, idempotent=False)
        assert get(http).status == 200
        assert http.calls == 3


def test_too_many_calls_are_repeated_even_when_not_idempotent(running: Running) -> None:
    fault(running, "status", status=429)
    with an_http(running.salesforce_url) as http:
        assert get(http, idempotent=False).status == 200
        assert http.calls == 2


def test_slow_answer_ends_in_a_lost_reply(running: Running) -> None:
    fault(running, "latency", seconds=1.0)
    http = Http(base_url=running.salesforce_url, name="Salesforce", timeout=0.1)
    with http, pytest.raises(LostReply, match="did not answer in time"):
        get(http, idempotent=False)


def test_html_page_is_a_clear_error_without_its_text(running: Running) -> None:
    fault(running, "html", status=200, body="<html>secret of ada@example.com</html>")
    with an_http(running.salesforce_url) as http, pytest.raises(Terminal) as caught:
        get(http).json()
    assert caught.value.id == "SFDD-E2006"
    assert "HTML page" in caught.value.summary
    assert "ada" not in str(caught.value)


def test_empty_body_is_a_clear_error() -> None:
    with pytest.raises(RemoteError, match="an empty body"):
        Reply(200, {}, b"").json()


def test_refused_connection_names_host_and_key() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with an_http(f"http://127.0.0.1:{port}") as http, pytest.raises(Unsent) as caught:
        get(http, idempotent=False)
    assert caught.value.id == "SFDD-E2002"
    assert f"127.0.0.1:{port}" in caught.value.summary
    assert caught.value.hint == "salesforce.login_url"
    assert http.calls > 1


def test_unknown_host_is_not_tried_twice() -> None:
    with an_http("https://no-such-host.invalid") as http, pytest.raises(RemoteError) as caught:
        get(http)
    assert caught.value.id == "SFDD-E2001"
    assert "no-such-host.invalid" in caught.value.summary
    assert caught.value.hint == "salesforce.login_url"


def self_signed(folder: Path) -> tuple[Path, Path]:
    """A certificate that nobody trusts, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    files = folder / "certificate.pem", folder / "key.pem"
    pem = serialization.Encoding.PEM
    files[0].write_bytes(certificate.public_bytes(pem))
    form = serialization.PrivateFormat.PKCS8
    files[1].write_bytes(key.private_bytes(pem, form, serialization.NoEncryption()))
    return files


@pytest.fixture
def untrusted_url(tmp_path: Path) -> Iterator[str]:
    certificate, key = self_signed(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def shake_hands() -> None:
            try:
                context.wrap_socket(listening.accept()[0], server_side=True)
            except OSError:
                return

        threading.Thread(target=shake_hands, daemon=True).start()
        yield f"https://127.0.0.1:{listening.getsockname()[1]}"


def test_untrusted_certificate_is_named_and_not_tried_twice(untrusted_url: str) -> None:
    with an_http(untrusted_url) as http, pytest.raises(Terminal) as caught:
        get(http)
    assert caught.value.id == "SFDD-E2003"
    assert "certificate is not trusted" in caught.value.summary
    assert http.calls == 1


def test_address_without_scheme_is_named() -> None:
    with pytest.raises(Terminal) as caught, an_http("login.salesforce.com") as http:
        get(http)
    assert caught.value.id == "SFDD-E2005"
    assert caught.value.hint == "salesforce.login_url"


def test_log_has_template_and_attempt_and_no_query_or_secret(
    running: Running, caplog: pytest.LogCaptureFixture
) -> None:
    auth = ("apiuser", SecretStr("hunter2"))
    with caplog.at_level(logging.DEBUG), an_http(running.salesforce_url, auth=auth) as http:
        http.send("GET", OPEN_PATH, template="versions", params={"q": "Lovelace"}, idempotent=True)
    assert any("GET versions 200" in line and "attempt 1" in line for line in caplog.messages)
    assert not any(word in caplog.text for word in ("Lovelace", "hunter2", "aHVudGVyMg", "q="))


def test_multipart_body_survives_a_repeat(running: Running) -> None:
    fault(running, "status", status=503)
    with an_http(running.salesforce_url) as http:
        reply = http.send(
            "POST",
            "/services/data/v66.0/metadata/deployRequest",
            template="deploy",
            files={"json": (None, b"{}", "application/json"), "file": ("a.zip", b"x", "application/zip")},
            headers={"authorization": f"Bearer {running.access.token}"},
            idempotent=True,
        )
    assert http.calls == 2
    assert b"zip" in reply.body  # read, and found not to be a zip file


def test_classify_decides_what_a_reply_means(running: Running) -> None:
    with an_http(running.salesforce_url, classify=lambda reply: Terminal("X", f"saw {reply.status}")) as http:
        with pytest.raises(Terminal, match="saw 200"):
            get(http)
        assert http.send("GET", OPEN_PATH, template="t", idempotent=True, classify=lambda _: None).status == 200


def test_nothing_is_sent_any_more_once_a_signal_arrived(running: Running) -> None:
    http = Http(base_url=running.salesforce_url, name="Salesforce", timeout=5, pause=Stop(lambda: 15).pause)
    with http, pytest.raises(Interrupted) as stopped:
        get(http)
    assert stopped.value.signal == 15
    assert http.calls == 0


def test_what_a_call_in_hand_owes_is_sent_all_the_same() -> None:
    stop = Stop(lambda: 15)
    with stop.owing():
        stop.check()
    with pytest.raises(Interrupted):
        stop.check()
