"""Which API versions are served, which are gone, and which never were."""

from __future__ import annotations

import httpx
import pytest

from tests.unit.sandbox.salesforce_side import SalesforceSide


def test_all_versions_from_31_on_are_listed_by_release_without_a_session(salesforce: SalesforceSide) -> None:
    listed = httpx.get(f"{salesforce.url}/services/data").json()
    assert [one["version"] for one in listed] == [f"{number}.0" for number in range(31, 69)]
    labels = {one["version"]: one["label"] for one in listed}
    assert [labels[version] for version in ("31.0", "33.0", "66.0", "67.0", "68.0")] == [
        "Summer '14",
        "Spring '15",
        "Spring '26",
        "Summer '26",
        "Winter '27",
    ]
    assert listed[0]["url"] == "/services/data/v31.0"


@pytest.mark.parametrize("version", ["v31.0", "v41.0", "v52.0", "v68.0"])
def test_every_listed_version_is_served(salesforce: SalesforceSide, version: str) -> None:
    answer = salesforce.http.get(f"/services/data/{version}/query", params={"q": "SELECT Id FROM User"})
    assert answer.status_code == 200
    assert answer.json()["records"][0]["attributes"]["url"].startswith(f"/services/data/{version}/sobjects/User/")


@pytest.mark.parametrize("path", ["v7.0", "v12.0/sobjects", "v30.0/query?q=x", "v30.0/nope"])
def test_a_retired_version_is_gone_whatever_is_asked(salesforce: SalesforceSide, path: str) -> None:
    answer = salesforce.http.get(f"/services/data/{path}")
    (error,) = answer.json()
    assert (answer.status_code, error["errorCode"]) == (410, "UNSUPPORTED_API_VERSION")


@pytest.mark.parametrize("version", ["v6.0", "v69.0", "v066.0", "v66", "v66.5", "66.0", "vXX.0", "v\u0666.0"])
def test_a_version_that_never_was_is_not_found(salesforce: SalesforceSide, version: str) -> None:
    answer = salesforce.http.get(f"/services/data/{version}/sobjects")
    (error,) = answer.json()
    assert (answer.status_code, error["errorCode"]) == (404, "NOT_FOUND")


@pytest.mark.parametrize(
    ("path", "first"),
    [
        ("/composite", 38),
        ("/composite/sobjects/Contact?ids=003000000000001AAA&fields=Id", 42),
        ("/jobs/ingest", 41),
        ("/jobs/query", 47),
        ("/limits/recordCount", 40),
    ],
)
def test_a_resource_is_served_from_its_first_version_on(salesforce: SalesforceSide, path: str, first: int) -> None:
    statuses = [salesforce.http.get(f"/services/data/v{first + step}.0{path}").status_code for step in (-1, 0)]
    assert statuses == [404, 200]


def test_a_version_lists_what_it_serves(salesforce: SalesforceSide) -> None:
    old, new = (salesforce.http.get(f"/services/data/v{number}.0").json() for number in (33, 66))
    assert set(new) - set(old) == {"composite", "jobs"}
    assert set(salesforce.http.get("/services/data/v42.0/composite").json()) == {"tree", "batch", "sobjects"}
    assert salesforce.get("/composite").json()["graph"] == "/services/data/v66.0/composite/graph"
