"""What tests of the Salesforce side say: calls over real HTTP, with the noise taken out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self
from urllib.parse import quote

import httpx

from sfdd_declare.sandbox.salesforce import rows
from sfdd_declare.sandbox.server import Running

VERSION = "/services/data/v66.0"


class SalesforceSide:
    """An API user of the sandbox org, and the hands that steer the sandbox."""

    def __init__(self, running: Running, *, token: str = "") -> None:
        self.running = running
        self.world = running.world
        self.url = running.salesforce_url
        headers = {"Authorization": f"Bearer {token or running.access.token}"}
        self.http = httpx.Client(base_url=self.url, headers=headers, timeout=30, verify=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def as_admin(self) -> SalesforceSide:
        return SalesforceSide(self.running, token=self.running.access.admin_token)

    def get(self, path: str, **more: Any) -> httpx.Response:
        return self.http.get(VERSION + path, **more)

    def post(self, path: str, body: Any, **more: Any) -> httpx.Response:
        return self.http.post(VERSION + path, json=body, **more)

    def patch(self, path: str, body: Any, **more: Any) -> httpx.Response:
        return self.http.patch(VERSION + path, json=body, **more)

    def delete(self, path: str, **more: Any) -> httpx.Response:
        return self.http.delete(VERSION + path, **more)

    def query(self, soql: str, *, path: str = "/query", headers: Mapping[str, str] | None = None) -> dict[str, Any]:
        response = self.get(path, params={"q": soql}, headers=headers)
        assert response.status_code == 200, response.text
        answer: dict[str, Any] = response.json()
        return answer

    def values(self, soql: str, field: str = "Id") -> list[Any]:
        return [record[field] for record in self.query(soql)["records"]]

    def refusal(self, soql: str) -> tuple[str, str]:
        response = self.get("/query", params={"q": soql})
        assert response.status_code == 400, response.text
        (error,) = response.json()
        return error["errorCode"], error["message"]

    def record(self, name: str, record_id: str, *fields: str) -> dict[str, Any]:
        response = self.get(f"/sobjects/{name}/{record_id}", params={"fields": ",".join(fields)} if fields else {})
        assert response.status_code == 200, response.text
        answer: dict[str, Any] = response.json()
        return answer

    def make(self, name: str, **values: Any) -> str:
        response = self.post(f"/sobjects/{name}", values)
        assert response.status_code == 201, response.text
        return str(response.json()["id"])

    def refused_row(self, name: str, **values: Any) -> dict[str, Any]:
        response = self.post(f"/sobjects/{name}", values)
        assert response.status_code == 400, response.text
        (error,) = response.json()
        found: dict[str, Any] = error
        return found

    def a_contact(self, **values: Any) -> str:
        return rows.insert_many(self.world, "Contact", [{"LastName": "Okafor", **values}])[0]

    def a_lead(self, **values: Any) -> str:
        return rows.insert_many(self.world, "Lead", [{"LastName": "Nowak", "Company": "Löwe GmbH", **values}])[0]

    def a_campaign(self, **values: Any) -> str:
        return rows.insert_many(self.world, "Campaign", [{"Name": "Spring launch", **values}])[0]

    def a_member(self, campaign: str, **values: Any) -> str:
        return rows.insert_many(self.world, "CampaignMember", [{"CampaignId": campaign, **values}])[0]

    def composite(self, *requests: Mapping[str, Any], all_or_none: bool = False) -> list[dict[str, Any]]:
        response = self.post("/composite", {"allOrNone": all_or_none, "compositeRequest": list(requests)})
        assert response.status_code == 200, response.text
        answers: list[dict[str, Any]] = response.json()["compositeResponse"]
        return answers

    def control(self, method: str, path: str, body: Any = None) -> Any:
        response = self.http.request(method, f"/__sandbox__/{path}", json=body)
        assert response.status_code == 200, response.text
        return response.json()

    def history(self, **query: str) -> list[dict[str, Any]]:
        response = self.http.get("/__sandbox__/history", params={"system": "salesforce", **query})
        entries: list[dict[str, Any]] = response.json()
        return entries


def a_query(soql: str, name: str = "q") -> dict[str, str]:
    """A query as a sub-request of Composite."""
    return {"method": "GET", "url": f"{VERSION}/query?q={quote(soql)}", "referenceId": name}


def rows_of(kind: str, *records: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Records of one object as Collections wants them."""
    return [{"attributes": {"type": kind}, **record} for record in records]
