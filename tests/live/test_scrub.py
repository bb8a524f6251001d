"""No token, id, name or address gets into a cassette: planted ones, and whatever is in those that are there."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.live import scrub
from tests.live.conftest import recorder
from tests.live.ends import CASSETTES, Ends

HOSTS = {"https://acme.my.salesforce.com": scrub.SALESFORCE, "https://r3-api.dotdigital.com": scrub.DOTDIGITAL}
TOKEN = "00D5g000004abcdEAA!AQ4.planted_TOKEN.x"
PLANTED = (
    *(TOKEN, "planted_TOKEN", "Grace", "Hopper", "grace.hopper@navy.example", "+441632960001", "12 Sea Street"),
    *("00D5g000004abcdEAA", "0055g00000XyZabAAA", "acme.my.salesforce.com", "r3-api", "s3cret", "Navy newsletter"),
)
BODIES = (
    {"access_token": TOKEN, "id": "https://acme.my.salesforce.com/id/00D5g000004abcdEAA/0055g00000XyZabAAA"},
    {"records": [{"FirstName": "Grace", "LastName": "Hopper", "Email": "grace.hopper@navy.example"}]},
    {"Contact": {"Name": "Grace Hopper", "MailingStreet": "12 Sea Street", "MobilePhone": "+441632960001"}},
    {"properties": [{"name": "MainMobilePhoneNumber", "type": "String", "value": "+441632960001"}]},
    [{"id": 7, "name": "Navy newsletter", "visibility": "Private", "contacts": 3}],
    {"identifiers": {"email": "grace.hopper@navy.example"}, "dataFields": {"FIRSTNAME": "Grace", "LASTNAME": "Hopper"}},
    {"dataFields": [{"key": "FULLNAME", "value": "Grace Hopper"}]},
    {"username": "grace.hopper@navy.example", "display_name": "Grace Hopper"},
)  # fmt: skip
TEXTS = (
    "grant_type=client_credentials&client_id=s3cret&client_secret=s3cret",
    "https://acme.my.salesforce.com/services/data/v66.0/query?q=grace.hopper@navy.example",
    '"Id","Email"\n"0035g00000AbcdeAAA","grace.hopper@navy.example"\n',
    f"Bearer {TOKEN}",
)


@pytest.mark.parametrize("content", [*(json.dumps(body) for body in BODIES), *TEXTS])
def test_what_is_planted_is_taken_out(content: str) -> None:
    assert any(secret in content for secret in PLANTED)
    found = scrub.body(content.encode(), HOSTS).decode()
    assert [secret for secret in PLANTED if secret in found] == []


def test_what_the_conversations_made_and_what_is_structure_stays() -> None:
    kept = {
        "LastName": f"{scrub.OURS} 001",
        "Email": f"{scrub.OURS}-1@example.com",
        "fields": [{"name": "FirstName", "type": "string", "label": "First Name"}],
        "state": "JobComplete",
        "id": "7505g00000AbcdeAAA",
        "properties": [{"name": "TimeZoneIana", "type": "String", "value": "Europe/London"}],
    }
    assert json.loads(scrub.body(json.dumps(kept).encode(), HOSTS)) == kept


@pytest.fixture
def echo() -> Iterator[str]:
    """A server that answers with what it was told, and with more of it."""

    class Answers(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            answer = json.dumps(BODIES).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.send_header("Set-Cookie", "sid=planted_TOKEN")
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: Any) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Answers) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_cassette_holds_nothing_that_was_planted(tmp_path: Path, echo: str) -> None:
    ends = Ends(echo, TOKEN, "client", "s3cret", "auto", echo, "apiuser", "s3cret")
    path = tmp_path / "planted.yaml"
    with recorder(ends, "all").use_cassette(str(path)), httpx.Client(base_url=echo) as client:
        client.post(
            "/services/data/v66.0/query?q=grace.hopper@navy.example",
            json=BODIES[1],
            headers={"authorization": f"Bearer {TOKEN}", "cookie": "sid=planted_TOKEN"},
            auth=("apiuser", "s3cret"),
        )
    text = path.read_text()
    assert [secret for secret in PLANTED if secret in text] == []
    assert scrub.SALESFORCE in text


def test_the_cassettes_hold_nobody() -> None:
    """Only addresses of our own making, no host but the two that stand for all, nothing that opens a door."""
    for path in sorted(CASSETTES.glob("*.yaml")):
        text = path.read_text()
        addresses = re.findall(r"[\w.+-]+@[\w-]+\.[a-z.]+", text)
        found = [one for one in addresses if not one.startswith((scrub.OURS, "masked"))]
        found += [
            one for one in re.findall(r"https?://[\w.-]+", text) if one not in (scrub.SALESFORCE, scrub.DOTDIGITAL)
        ]
        found += re.findall(r"uthorization|!(?!token)[\w.]{20,}", text)
        assert (path.name, found) == (path.name, [])
