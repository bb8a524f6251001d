"""A file from elsewhere: sealed, no further, no larger, and its address is never shown."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from sfdd_declare.model.errors import RemoteError
from sfdd_declare.wire.download import download


class _Files(http.server.BaseHTTPRequestHandler):
    """Gives by path: a file, a file packed on the way, another address, or a status."""

    def do_GET(self) -> None:
        kind = self.path.partition("?")[0]
        status = {"/away": 302, "/gone": 404}.get(kind, 200)
        self.send_response(status)
        if kind == "/away":
            self.send_header("location", "/file")
        if kind == "/packed":
            self.send_header("content-encoding", "gzip")
        self.send_header("content-length", "5")
        self.end_headers()
        self.wfile.write(b"bytes")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def address() -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Files)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_file_is_written_as_it_comes_and_never_unpacked_on_the_way(address: str, tmp_path: Path) -> None:
    for path in ("/file", "/packed"):
        assert download(address + path, tmp_path / "f", name="The file", most=5) == 5
        assert (tmp_path / "f").read_bytes() == b"bytes"


@pytest.mark.parametrize(("path", "most"), [("/file?sig=canary", 4), ("/away?sig=canary", 9), ("/gone?sig=canary", 9)])
def test_what_is_too_large_or_elsewhere_is_refused(address: str, path: str, most: int, tmp_path: Path) -> None:
    with pytest.raises(RemoteError) as refused:
        download(address + path, tmp_path / "f", name="The file", most=most)
    assert refused.value.id == "SFDD-E2010"
    assert "canary" not in f"{vars(refused.value)} {refused.value.__cause__}"


@pytest.mark.parametrize("url", ["http://files.example/f", "file:///etc/passwd", "ftp://files.example/f", "/f"])
def test_an_address_that_is_not_sealed_is_not_asked(url: str, tmp_path: Path) -> None:
    with pytest.raises(RemoteError) as refused:
        download(url, tmp_path / "f", name="The file", most=9)
    assert refused.value.id == "SFDD-E2010"
    assert "https" in refused.value.summary
    assert not (tmp_path / "f").exists()
