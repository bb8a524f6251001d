"""Every conversation is told to, or by, a cassette of its own."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl

import pytest
import vcr
from vcr.request import Request

from tests.live import ends as ends_
from tests.live import scrub
from tests.live.ends import CASSETTES, HEARD, LIVE, RECORD, RECORDED, REPLAY, Ends, mode


@pytest.fixture(scope="session")
def ends(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ends]:
    with ends_.ends(tmp_path_factory.mktemp("ends")) as both:
        yield both


@pytest.fixture(autouse=True)
def cassette(request: pytest.FixtureRequest, ends: Ends, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    name = f"{request.node.name.removeprefix('test_')}.yaml"
    if request.node.get_closest_marker("live") is None:
        yield
        return
    if mode() == REPLAY:
        monkeypatch.setattr(socket.socket, "connect", _nobody)
    path = {LIVE: HEARD, RECORD: RECORDED, REPLAY: CASSETTES}[mode()] / name
    if mode() != REPLAY:
        path.unlink(missing_ok=True)
    with recorder(ends, "none" if mode() == REPLAY else "all").use_cassette(str(path)):
        yield


def recorder(ends: Ends, record_mode: str) -> vcr.VCR:
    """Requests are compared as they are written: method, path, query, and what is said in the body."""
    found = vcr.VCR(
        record_mode=record_mode,
        match_on=("method", "path", "query", "said"),
        before_record_request=lambda asked: _asked(asked, ends),
        before_record_response=lambda answer: _answered(answer, ends),
        decode_compressed_response=True,
    )
    found.register_matcher("said", _say_the_same)
    return found


def _asked(asked: Request, ends: Ends) -> Request:
    asked.uri = scrub.text(asked.uri, ends.hosts)
    asked.headers = {name: value for name, value in asked.headers.items() if name.lower() in scrub.KEPT_HEADERS}
    kind = str(asked.headers.get("content-type", ""))
    if kind.startswith("multipart/"):  # its boundary is another one each time, its archive is no text
        asked.headers["content-type"] = "multipart/form-data"
        asked.body = b"(an archive)"
    elif asked.body:
        asked.body = scrub.body(bytes(asked.body), ends.hosts)
    return asked


def _answered(answer: dict[str, Any], ends: Ends) -> dict[str, Any]:
    headers = {n: v for n, v in answer["headers"].items() if n.lower() in scrub.ANSWERED_HEADERS}
    told = {name: [scrub.text(str(one), ends.hosts) for one in values] for name, values in headers.items()}
    return {**answer, "headers": told, "body": {"string": scrub.body(answer["body"]["string"], ends.hosts)}}


def _say_the_same(one: Request, other: Request) -> None:
    assert _said(one) == _said(other)


def _said(request: Request) -> Any:
    content = bytes(request.body or b"")
    try:
        return json.loads(content)
    except ValueError:
        return sorted(parse_qsl(content.decode())) if b"=" in content and b"\n" not in content else content


def _nobody(*_: object) -> None:
    raise AssertionError("a replayed conversation has nobody else to talk to")
