"""Files in the place of the two systems: the project's readers ask as they always do, and get recorded bytes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from sfdd_declare.dotdigital.client import Client as DotdigitalClient
from sfdd_declare.dotdigital.client import Endpoint
from sfdd_declare.model.limits import BULK_READ_ROWS
from sfdd_declare.salesforce.client import Client as SalesforceClient
from sfdd_declare.wire.http import Http, Reply
from tests.benchmarks.invented import ACCOUNT

_HEADERS = {"date": "Thu, 01 Jan 2026 00:00:00 GMT", "content-type": "application/json"}


@dataclass(frozen=True, slots=True)
class _Session:
    instance_url: str = "https://org.example"


class _Org:
    """Answers one query through one bulk job."""

    session = _Session()

    def __init__(self, pages: Sequence[Path]) -> None:
        self._pages = pages

    def root(self, path: str) -> str:
        return f"/services/data/{path}"

    def pause(self, seconds: float) -> None:
        raise AssertionError(f"nothing here takes {seconds} seconds")

    def send(self, method: str, path: str, *, template: str, **rest: object) -> Reply:
        if template == "query":  # so many that they come through Bulk, whatever the number of people
            more = {"totalSize": BULK_READ_ROWS + 1, "done": False, "nextRecordsUrl": "/next", "records": []}
            return _reply(more, template)
        if path.endswith("/results"):
            return self._page(cast(dict[str, str], rest["params"]), template)
        return _reply({"id": "750", "state": "JobComplete"}, template)

    def _page(self, asked: dict[str, str], template: str) -> Reply:
        at = int(asked.get("locator", 0))
        locator = str(at + 1) if at + 1 < len(self._pages) else "null"
        return Reply(200, _HEADERS | {"sforce-locator": locator}, self._pages[at].read_bytes(), template=template)


class _Account:
    """Answers one listing of contacts, page by page."""

    def __init__(self, pages: Sequence[Path]) -> None:
        self._pages = iter(pages)

    def send(self, method: str, path: str, **rest: object) -> Reply:
        return Reply(200, _HEADERS, next(self._pages).read_bytes(), template=path)


def salesforce(pages: Sequence[Path]) -> SalesforceClient:
    """A client whose members are in these files."""
    return cast(SalesforceClient, _Org(pages))


def dotdigital(pages: Sequence[Path]) -> DotdigitalClient:
    """A client whose contacts are in these files."""
    endpoint = Endpoint("https://account.example", "1")
    return DotdigitalClient(account=ACCOUNT, endpoint=endpoint, http=cast(Http, _Account(pages)))


def _reply(body: object, template: str) -> Reply:
    return Reply(200, _HEADERS, json.dumps(body).encode(), template=template)
