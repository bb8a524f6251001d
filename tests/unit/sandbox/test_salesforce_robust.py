"""Whatever is sent, the answer has Salesforce's form and no status of 500."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from tests.unit.sandbox.salesforce_side import VERSION, SalesforceSide, a_query

BODIES: tuple[Any, ...] = (
    None,
    [],
    {},
    "text",
    7,
    {"records": 5},
    {"records": [1, None]},
    {"records": [{"attributes": "Contact"}]},
    {"records": [{"attributes": {"type": 5}}]},
    {"records": [{"attributes": {"type": "Nope"}, "id": {"a": 1}}]},
    {"records": [{"attributes": {"type": "Contact"}, "id": [1], "LastName": {"a": [1]}}]},
    {"records": [{"attributes": {"type": "Contact"}, "LastName": "a", "External_Ref__c": {"a": 1}}]},
    {"records": [{"attributes": {"type": "Contact"}, "LastName": "a", "Account": {"Id": [1]}}]},
    {"records": [{"attributes": {"type": "Contact"}, "LastName": "\u0000", "Score__c": 10**40}]},
    {"ids": [1, None], "fields": ["Id"]},
    {"ids": ["x"], "fields": ["Id FROM Contact --"]},
    {"ids": "x"},
    {"compositeRequest": [1]},
    {"compositeRequest": [{"method": "GET", "url": "x", "referenceId": "a"}]},
    {"compositeRequest": [{"method": "GET", "url": "http://[", "referenceId": "a"}]},
    {"compositeRequest": [{"method": "GET", "url": f"{VERSION}/limits", "referenceId": "a", "httpHeaders": 5}]},
    {"compositeRequest": [{"method": "POST", "url": f"{VERSION}/sobjects/Contact", "referenceId": "a", "body": 5}]},
    {"compositeRequest": [{"method": "@{a}", "url": "@{a.b[0]}", "referenceId": "a"}]},
    {"LastName": ["a"]},
    {"LastName": "a", "AccountId": 5, "Vip__c": 2},
    {"LastName": "a", "Birthdate": "0000-00-00"},
    {"LastName": "a", "Last_Seen__c": "9999-12-31T23:59:59-14:00"},
)
PATHS = (
    "/composite",
    "/composite/sobjects",
    "/composite/sobjects/Contact",
    "/composite/sobjects/Contact/External_Ref__c",
    "/composite/sobjects/Contact/Id",
    "/sobjects/Contact",
    "/sobjects/Contact/003000000000001AAA",
    "/sobjects/Contact/External_Ref__c/a",
    "/sobjects/Contact/Nope__c/a",
    "/metadata/deployRequest",
)
GETS = (
    "/query",
    "/query?q=",
    "/query?q=%00",
    "/query?q=SELECT%20Id%20FROM%20Contact%20LIMIT%2099999999999999999999",
    "/query?q=SELECT%20Id%20FROM%20Contact%20WHERE%20LastName%20%3D%20'%5Cud800'",
    "/query?q=SELECT%20Id%20FROM%20Contact%20WHERE%20Birthdate%20%3D%20LAST_N_DAYS:99999999",
    "/query?q=SELECT%20Id%20FROM%20Contact%20WHERE%20CreatedDate%20%3E%202026-99-99T00:00:00Z",
    "/query/01g",
    "/sobjects/Contact/x",
    "/sobjects/Contact/003000000000001AAA?fields=Nope",
    "/sobjects/Contact/updated?start=x&end=y",
    "/sobjects/Contact/deleted",
    "/limits/recordCount?sObjects=%2C",
    "/composite/sobjects?ids=%2C",
    "/%ff%fe",
)


@pytest.mark.parametrize("path", PATHS)
def test_malformed_bodies_are_refused_not_fatal(salesforce: SalesforceSide, path: str) -> None:
    for method, body in itertools.product(("POST", "PATCH"), BODIES):
        answer = salesforce.http.request(method, VERSION + path, json=body)
        assert answer.status_code < 500, (method, path, body)
        if answer.status_code >= 400:
            assert answer.json()[0]["errorCode"], (method, path, body)


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[" * 5000, b'{"LastName": NaN}', b'{"LastName": "\\ud800"}'])
def test_what_is_no_json_is_a_parser_error(salesforce: SalesforceSide, body: bytes) -> None:
    answer = salesforce.http.post(f"{VERSION}/sobjects/Contact", content=body)
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, "JSON_PARSER_ERROR")


@pytest.mark.parametrize("path", GETS)
def test_odd_paths_and_parameters_are_refused_not_fatal(salesforce: SalesforceSide, path: str) -> None:
    for method in ("GET", "DELETE", "HEAD", "OPTIONS"):
        assert salesforce.http.request(method, VERSION + path).status_code < 500


def test_a_query_nested_too_deeply_or_too_wide_is_survived(salesforce: SalesforceSide) -> None:
    nested = "Title = null"
    for at in range(80):
        nested = f"({nested} {'AND' if at % 2 else 'OR'} Title = null)"
    assert salesforce.get("/query", params={"q": f"SELECT Id FROM Contact WHERE {nested}"}).status_code in (200, 400)
    wide = " OR ".join(["Title = 'a'"] * 4000)
    (answer,) = salesforce.composite(a_query(f"SELECT COUNT() FROM Contact WHERE {wide}"))
    assert answer["body"] == {"totalSize": 0, "done": True, "records": []}
