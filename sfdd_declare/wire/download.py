"""A file from an address that an answer pointed to: without credentials, no larger than is allowed, no further."""

from __future__ import annotations

import time
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from sfdd_declare.model.errors import RemoteError, Terminal
from sfdd_declare.wire import redact
from sfdd_declare.wire.pacing import Budget, LostReply, paced

_CHUNK = 1_000_000
_BUDGET = Budget(attempts=4, seconds=300.0)
_THIS_MACHINE = ("localhost", "127.0.0.1", "::1")


def download(url: str, target: Path, *, name: str, most: int, timeout: float = 60.0) -> int:
    """Write at most so many bytes of it to the target; returns how many there were. `name` is what it is, in messages:
    the address itself is a credential, and is never shown.

    Raises RemoteError (SFDD-E2010) when it is larger, and when the address is not sealed or does not give the file.
    """
    redact.quiet_libraries()
    there = urlsplit(url)
    if there.scheme != "https" and not (there.scheme == "http" and there.hostname in _THIS_MACHINE):
        raise _refused(name, "its address is not an https one")
    return paced(
        lambda _attempt: _once(url, target, name, most, timeout), idempotent=True, budget=_BUDGET, pause=time.sleep
    )


def _once(url: str, target: Path, name: str, most: int, timeout: float) -> int:
    size = 0
    headers = {"accept-encoding": "identity"}  # what is unpacked on the way could be of any size
    try:
        with httpx.stream("GET", url, headers=headers, timeout=timeout, follow_redirects=False) as reply:
            if reply.status_code >= 500:
                raise LostReply("SFDD-E2010", f"{name} was not given: the answer was {reply.status_code}.")
            if reply.status_code != 200:
                raise _refused(name, f"the answer was {reply.status_code}")
            with target.open("wb") as out:
                for chunk in reply.iter_raw(_CHUNK):
                    size += len(chunk)
                    if size > most:
                        raise _refused(name, f"it is larger than {most:,} bytes")
                    out.write(chunk)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise LostReply("SFDD-E2010", f"{name} was not given whole: {type(error).__name__}.") from None
    return size


def _refused(name: str, why: str) -> RemoteError:
    return Terminal("SFDD-E2010", f"{name} cannot be taken: {why}.")
