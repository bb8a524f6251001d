"""What tests of the Dotdigital side say: calls over real HTTP, with the noise taken out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import httpx

from sfdd_declare.sandbox.dotdigital import contacts
from sfdd_declare.sandbox.server import Running

USER = "apiuser-sandbox@apiconnector.com"


class DotdigitalSide:
    """An API user of the sandbox account, and the hands that steer the sandbox."""

    def __init__(self, running: Running, *, user: str = USER, password: str = "sandbox") -> None:
        self.world = running.world
        self.http = httpx.Client(base_url=running.dotdigital_url, auth=(user, password), timeout=30, verify=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def control(self, method: str, path: str, body: Any = None) -> Any:
        response = self.http.request(method, f"/__sandbox__/{path}", json=body)
        assert response.status_code == 200, response.text
        return response.json()

    def act(self, action: str, **body: Any) -> Any:
        return self.control("POST", "dotdigital/act", {"action": action, **body})

    def a_list(self, name: str = "Spring gala") -> int:
        made = self.http.post("/v2/address-books", json={"name": name, "visibility": "Private"})
        assert made.is_success, made.text
        return int(made.json()["id"])

    def a_field(self, name: str = "TIER", kind: str = "String") -> str:
        made = self.http.post("/v2/data-fields", json={"name": name, "type": kind})
        assert made.is_success, made.text
        return name

    def a_contact(self, email: str = "ada@example.org", **more: Any) -> int:
        return contacts.insert_many(self.world, [{"email": email, **more}])[0]

    def start_import(self, rows: Sequence[Any], **more: Any) -> httpx.Response:
        return self.http.put("/contacts/v3/import", json={"contacts": list(rows), **more})

    def imported(self, *rows: Any, **more: Any) -> dict[str, Any]:
        started = self.start_import(rows, **more)
        assert started.status_code == 202, started.text
        path = f"/contacts/v3/import/{started.json()['importId']}"
        for _ in range(5):
            result: dict[str, Any] = self.http.get(path).json()
            if result["status"] != "NotFinished":
                return result
        raise AssertionError("the import did not finish")

    def contact(self, email: str = "ada@example.org") -> dict[str, Any]:
        found = self.http.get(f"/contacts/v3/email/{email}")
        assert found.status_code == 200, found.text
        shown: dict[str, Any] = found.json()
        return shown

    def status(self, email: str = "ada@example.org") -> str:
        return str(self.contact(email)["channelProperties"]["email"]["status"])

    def page(self, **query: Any) -> dict[str, Any]:
        response = self.http.get("/contacts/v3", params={key: str(value) for key, value in query.items()})
        assert response.status_code == 200, response.text
        found: dict[str, Any] = response.json()
        return found

    def on_list(self, number: int) -> list[str]:
        items = self.page(**{"~listId": number})["_items"]
        return [item["identifiers"]["email"] for item in items]

    def history(self, **query: str) -> list[dict[str, Any]]:
        response = self.http.get("/__sandbox__/history", params=query)
        entries: list[dict[str, Any]] = response.json()
        return entries


def a_row(email: str = "ada@example.org", **more: Any) -> dict[str, Any]:
    """One row of an import, matched by address."""
    return {"matchIdentifier": "email", "identifiers": {"email": email}, **more}


def codes(result: dict[str, Any]) -> list[str]:
    """The failure codes of an import's rows, in order."""
    return [each["failureCode"] for row in result["failures"] for each in row["failures"]]
