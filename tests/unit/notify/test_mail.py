"""Mail over real SMTP: what arrives, when it is encrypted, and what each answer means."""

from __future__ import annotations

import email
import email.policy
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pydantic import SecretStr

from sfdd_declare.model.errors import Denied, RemoteError, Terminal, Transient
from sfdd_declare.model.receiver import Mail, MailServer, Receiver
from sfdd_declare.notify.outbox import Delivery
from sfdd_declare.notify.send import send

from .builders import CANARY, NOON, a_delivery, a_notice
from .test_webhook import closed_port

TO = ("ops@canary.example", "lead@canary.example")
USER, PASSWORD = "sfdd", "0penSesame"


class Post:
    """Takes mail; answers as it is told to, and knows whether the line was sealed."""

    def __init__(self) -> None:
        self.mails: list[bytes] = []
        self.sealed: list[bool] = []
        self.logins: list[str] = []
        self.recipients: list[str] = []
        self.rcpt: dict[str, str] = {}
        self.data = "250 ok"

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        answer = self.rcpt.get(address, "250 ok")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.mails.append(envelope.content)
        self.recipients += envelope.rcpt_tos
        self.sealed.append(session.ssl is not None)
        return self.data

    def login(self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        assert isinstance(data, LoginPassword)
        self.logins.append(data.login.decode())
        return AuthResult(success=(data.login, data.password) == (USER.encode(), PASSWORD.encode()), handled=False)


@pytest.fixture
def post() -> Post:
    return Post()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "post")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "post.pem"
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file.write_bytes(private + made.public_bytes(pem))
    return file


@contextmanager
def serving(post: Post, **more: Any) -> Iterator[int]:
    port = closed_port()
    controller = Controller(post, hostname="127.0.0.1", port=port, **more)
    controller.start()
    try:
        yield port
    finally:
        controller.stop()


def context(certificate: Path) -> ssl.SSLContext:
    found = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    found.load_cert_chain(certificate)
    return found


@pytest.fixture
def trusted(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    return context(certificate)


def tell(
    port: int, delivery: Delivery | None = None, *, tls: bool = False, user: str = "", timeout: float = 10
) -> None:
    server = MailServer("127.0.0.1", port, tls, user, SecretStr(PASSWORD) if user else None)
    receiver = Receiver("team", Mail(TO, "sfdd@acme.example", server))
    send(receiver, delivery or a_delivery(), configuration="production", now=NOON, timeout=timeout)


def read(raw: bytes) -> EmailMessage:
    found = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(found, EmailMessage)
    return found


def test_a_mail_says_what_there_is_in_plain_text(post: Post) -> None:
    with serving(post) as port:
        tell(port, a_delivery(a_notice(), a_notice(subject="link.a.b", text="Größe …"), lost=2))
    (raw,) = post.mails
    mail = read(raw)
    assert raw.isascii()
    assert post.recipients == list(TO)
    assert mail["From"] == "sfdd@acme.example"
    assert mail["To"] == ", ".join(TO)
    assert mail["Subject"] == "sfdd production: 2 new"
    assert mail["Message-ID"] == f"<{'d' * 32}@acme.example>"
    assert mail["Date"].datetime == NOON
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail.get_content_type() == "text/plain"
    assert mail.get_content().replace("\r\n", "\n") == (
        "[new] held link.spring.newsletter (3)\n  3 people wait.\n  -> sfdd plan\n\n"
        "[new] held link.a.b (3)\n  Größe …\n  -> sfdd plan\n\n"
        "Not told before: 2. `sfdd status` shows how things stand.\n"
    )


def test_what_is_sent_again_is_the_same_mail(post: Post) -> None:
    with serving(post) as port:
        tell(port)
        tell(port)
    assert len(set(post.mails)) == 1


def test_no_name_adds_a_header_and_no_person_is_named(post: Post) -> None:
    hostile = f"x\r\nBcc: {CANARY}\r\n\r\nbody\u202e"
    with serving(post) as port:
        tell(port, a_delivery(a_notice(subject=hostile, text=f"{hostile}\r\n.\r\nMAIL FROM:<x@y.example>")))
    mail = read(post.mails[0])
    assert len(post.mails) == 1
    assert set(mail.keys()) == {
        *("From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted"),
        *("Content-Type", "Content-Transfer-Encoding", "MIME-Version", "X-Peer", "X-MailFrom", "X-RcptTo"),
    } & set(mail.keys())
    assert "Bcc" not in mail
    assert "lovelace" not in str(mail["Subject"]) + mail.get_content()
    assert len(mail.get_content().splitlines()) == 3
    assert post.recipients == list(TO)


def test_the_line_is_sealed_where_the_server_offers_it(post: Post, trusted: ssl.SSLContext) -> None:
    with serving(post, tls_context=trusted) as port:
        tell(port)
    assert post.sealed == [True]


def test_credentials_go_over_a_sealed_line(post: Post, trusted: ssl.SSLContext) -> None:
    with serving(post, tls_context=trusted, authenticator=post.login) as port:
        tell(port, user=USER)
    assert (post.sealed, post.logins) == ([True], [USER])


def test_the_line_is_sealed_from_the_start_where_it_is_asked_for(post: Post, trusted: ssl.SSLContext) -> None:
    with serving(post, ssl_context=trusted) as port:
        tell(port, tls=True)
    assert len(post.mails) == 1  # the server speaks nothing else


def test_without_a_sealed_line_no_credentials_are_sent(post: Post) -> None:
    with serving(post, authenticator=post.login, auth_require_tls=False) as port, pytest.raises(Denied) as raised:
        tell(port, user=USER)
    assert raised.value.id == "SFDD-E8004"
    assert (post.logins, post.mails) == ([], [])


def test_a_server_that_nobody_vouches_for_gets_nothing(post: Post, certificate: Path) -> None:
    with (
        serving(post, tls_context=context(certificate), authenticator=post.login) as port,
        pytest.raises(Transient, match="no secure connection"),
    ):
        tell(port, user=USER)
    assert (post.logins, post.mails) == ([], [])


def test_wrong_credentials_are_said(post: Post, trusted: ssl.SSLContext) -> None:
    with serving(post, tls_context=trusted, authenticator=post.login) as port, pytest.raises(Denied) as raised:
        tell(port, user="somebody")
    assert "535" in raised.value.summary


def _all(answer: str) -> Callable[[Post], None]:
    return lambda post: post.rcpt.update(dict.fromkeys(TO, answer))


def _one(answer: str) -> Callable[[Post], None]:
    return lambda post: post.rcpt.update({TO[0]: answer})


def _data(answer: str) -> Callable[[Post], None]:
    return lambda post: setattr(post, "data", answer)


ANSWERS: dict[str, tuple[Callable[[Post], None], type[RemoteError]]] = {
    "nobody is known": (_all("550 no ops@canary.example here"), Terminal),
    "nobody is taken yet": (_all("451 greylisted ops@canary.example"), Transient),
    "one is not known": (_one("550 no ops@canary.example here"), Terminal),
    "refused": (_data("554 ops@canary.example is spam"), Terminal),
    "too busy": (_data("451 later, ops@canary.example"), Transient),
}


@pytest.mark.parametrize(("prepare", "kind"), ANSWERS.values(), ids=ANSWERS)
def test_each_answer_has_its_meaning_and_names_nobody(
    post: Post, prepare: Callable[[Post], None], kind: type[RemoteError]
) -> None:
    prepare(post)
    with serving(post) as port, pytest.raises(RemoteError) as raised:
        tell(port)
    error = raised.value
    assert type(error) is kind
    assert error.hint == "notifications.team"
    assert "canary" not in f"{error} {error.detail} {error.code} {error.where}"
    assert "127.0.0.1" not in str(error)
    assert error.__suppress_context__ or error.__context__ is None


def test_a_server_that_is_away_or_says_nothing_may_come_back() -> None:
    with pytest.raises(Transient):
        tell(closed_port())
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        with pytest.raises(Transient):
            tell(silent.getsockname()[1], timeout=0.2)


def test_a_host_that_is_no_name_may_be_mended() -> None:
    receiver = Receiver("team", Mail(TO, "sfdd@acme.example", MailServer("a..b", 25)))
    with pytest.raises(Transient):
        send(receiver, a_delivery(), configuration="", now=NOON)
