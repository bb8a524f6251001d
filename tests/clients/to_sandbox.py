"""What clients that other people wrote in Python need to meet the sandbox org."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from simple_salesforce import Salesforce

from sfdd_declare.sandbox.server import Running


class ToSandbox(HTTPAdapter):
    """The client knows nothing but TLS, and login hosts of its own: all of it goes to the sandbox in clear."""

    def __init__(self, running: Running) -> None:
        super().__init__()
        self.running = running

    def send(self, request: requests.PreparedRequest, *args: Any, **more: Any) -> requests.Response:
        asked = urlsplit(request.url or "")
        request.url = asked._replace(scheme="http", netloc=urlsplit(self.running.salesforce_url).netloc).geturl()
        return super().send(request, *args, **more)


def created(org: Salesforce, records: list[dict[str, Any]]) -> list[str]:
    rows = [{"attributes": {"type": "Contact"}, **record} for record in records]
    ids = []
    for start in range(0, len(rows), 200):
        body = {"allOrNone": True, "records": rows[start : start + 200]}
        ids += [row["id"] for row in org.restful("composite/sobjects", method="POST", json=body)]
    return ids


def people(org: Salesforce, count: int) -> list[str]:
    return created(
        org,
        [{"LastName": f"Person {n:03d}", "Email": f"p{n}@example.com", "Title": f"T{n % 3}"} for n in range(count)],
    )
