"""Aggregates, groups, children, and what else a SELECT list can hold."""

from __future__ import annotations

from typing import Any

import pytest

from sfdd_declare.sandbox.salesforce import rows
from tests.unit.sandbox.salesforce_side import SalesforceSide, a_query


@pytest.fixture
def people(salesforce: SalesforceSide) -> SalesforceSide:
    salesforce.control("PUT", "clock", {"at": "2026-03-11T15:30:00Z", "frozen": True})
    for name, title, score, day in (
        ("Ada", "Director", 4.5, "2025-12-31"),
        ("Bob", "Director", 1234.5, "2026-01-01"),
        ("Cai", "Buyer", None, "2026-02-01"),
        ("Dee", None, 2.0, None),
    ):
        salesforce.a_contact(LastName=name, Title=title, Score__c=score, Last_Visit__c=day)
    return salesforce


def results(salesforce: SalesforceSide, soql: str) -> list[dict[str, Any]]:
    answer = salesforce.query(soql)
    assert (answer["totalSize"], answer["done"]) == (len(answer["records"]), True)
    assert all(record.pop("attributes") == {"type": "AggregateResult"} for record in answer["records"])
    found: list[dict[str, Any]] = answer["records"]
    return found


@pytest.mark.parametrize(
    ("soql", "found"),
    [
        ("SELECT COUNT(Id) FROM Contact", [{"expr0": 4}]),
        ("SELECT COUNT(Title), COUNT_DISTINCT(Title) kinds FROM Contact", [{"expr0": 3, "kinds": 2}]),
        ("SELECT MAX(Score__c) top, MIN(LastName), AVG(Score__c) mean FROM Contact WHERE Title != 'Director'",
         [{"top": 2.0, "expr0": "Cai", "mean": 2.0}]),
        ("SELECT SUM(Score__c) FROM Contact WHERE LastName = 'nobody'", [{"expr0": None}]),
        ("SELECT Title, COUNT(Id) FROM Contact GROUP BY Title ORDER BY COUNT(Id) DESC, Title NULLS LAST",
         [{"Title": "Director", "expr0": 2}, {"Title": "Buyer", "expr0": 1}, {"Title": None, "expr0": 1}]),
        ("SELECT Title job, COUNT(Id) people FROM Contact GROUP BY Title HAVING COUNT(Id) > 1 AND MAX(Score__c) > 1000",
         [{"job": "Director", "people": 2}]),
        ("SELECT CALENDAR_YEAR(Last_Visit__c), COUNT(Id) FROM Contact WHERE Last_Visit__c != null "
         "GROUP BY CALENDAR_YEAR(Last_Visit__c) ORDER BY CALENDAR_YEAR(Last_Visit__c)",
         [{"expr0": 2025, "expr1": 1}, {"expr0": 2026, "expr1": 2}]),
        ("SELECT CALENDAR_QUARTER(Last_Visit__c) q FROM Contact WHERE Last_Visit__c != null "
         "GROUP BY CALENDAR_QUARTER(Last_Visit__c) ORDER BY CALENDAR_QUARTER(Last_Visit__c)", [{"q": 1}, {"q": 4}]),
        ("SELECT DAY_ONLY(CreatedDate) FROM Contact GROUP BY DAY_ONLY(CreatedDate)", [{"expr0": "2026-03-11"}]),
        ("SELECT MAX(CreatedDate) FROM Contact", [{"expr0": "2026-03-11T15:30:00.000+0000"}]),
        ("SELECT Owner.Name FROM Contact GROUP BY Owner.Name LIMIT 1", [{"Name": "Ada Admin"}]),
        ("SELECT Title FROM Contact GROUP BY Title HAVING Title LIKE 'b%'", [{"Title": "Buyer"}]),
    ],
)  # fmt: skip
def test_aggregates(people: SalesforceSide, soql: str, found: list[dict[str, Any]]) -> None:
    assert results(people, soql) == found


@pytest.mark.parametrize(
    ("soql", "message"),
    [
        ("SELECT LastName, COUNT(Id) FROM Contact", "Field must be grouped or aggregated: LastName"),
        ("SELECT LastName FROM Contact GROUP BY Title", "Field must be grouped or aggregated: LastName"),
        ("SELECT COUNT(Id) FROM Contact LIMIT 1", "cannot also use LIMIT"),
        ("SELECT COUNT(Id) n, MAX(Title) n FROM Contact", "duplicate alias: n"),
        ("SELECT Title t FROM Contact", "only aggregate expressions use field aliasing"),
        ("SELECT SUM(Title) FROM Contact", "does not support aggregate operator SUM"),
        ("SELECT MAX(Vip__c) FROM Contact", "does not support aggregate operator MAX"),
        ("SELECT COUNT(Notes__c) FROM Contact", "does not support aggregate operator COUNT"),
        ("SELECT CreatedDate FROM Contact GROUP BY CreatedDate", "can not be grouped"),
        ("SELECT Notes__c FROM Contact GROUP BY Notes__c", "can not be grouped"),
        ("SELECT CALENDAR_YEAR(Title) FROM Contact GROUP BY CALENDAR_YEAR(Title)", "cannot be used with the field"),
        ("SELECT Title FROM Contact GROUP BY Title ORDER BY LastName", "Ordered field must be grouped or aggregated"),
        ("SELECT Id FROM Contact WHERE COUNT(Id) > 1", "Aggregate expressions are not allowed here"),
        ("SELECT Id FROM Contact HAVING COUNT(Id) > 1", "HAVING needs GROUP BY"),
        ("SELECT MAX() FROM Contact", "unexpected token: ')'"),
        ("SELECT FIELDS(ALL) FROM Contact", "must have a LIMIT of at most 200"),
        ("SELECT FIELDS(CUSTOM) FROM Contact LIMIT 201", "must have a LIMIT of at most 200"),
        ("SELECT Id, FIELDS(STANDARD) FROM Contact", "duplicate field selected: Id"),
        ("SELECT TYPEOF Account WHEN Account THEN Id END FROM Contact", "TYPEOF needs a relationship to several types"),
        ("SELECT TYPEOF Owner WHEN Account THEN Id END FROM Lead", "Invalid type 'Account'"),
        ("SELECT Id, (SELECT COUNT(Id) FROM Contacts) FROM Account", "not allowed in nested queries"),
        ("SELECT COUNT(Id), (SELECT Id FROM Contacts) FROM Account", "Nested queries are not allowed"),
        ("SELECT convertCurrency(Score__c) FROM Contact", "CONVERTCURRENCY is not supported by the sandbox"),
        ("SELECT Title FROM Contact GROUP BY ROLLUP(Title, LastName)", "GROUP BY ROLLUP is not supported"),
        ("SELECT Id FROM Contact USING SCOPE team", "USING SCOPE team is not supported by the sandbox"),
        ("SELECT Id FROM Contact WITH DATA CATEGORY Geography__c AT usa__c", "is not supported by the sandbox"),
        ("SELECT Id FROM Contact FOR UPDATE", "FOR UPDATE is not supported by the sandbox"),
        ("SELECT Id FROM Contact c, c.Account a", "not supported by the sandbox"),
    ],
)  # fmt: skip
def test_what_is_wrong_and_what_the_sandbox_cannot(people: SalesforceSide, soql: str, message: str) -> None:
    code, text = people.refusal(soql)
    assert (code, message in text) == ("MALFORMED_QUERY", True), text


def an_account(salesforce: SalesforceSide, name: str) -> str:
    (account,) = rows.insert_many(salesforce.world, "Account", [{"Name": name}])
    return account


def test_children_come_with_their_parents(salesforce: SalesforceSide) -> None:
    account = an_account(salesforce, "Acme")
    an_account(salesforce, "Empty")
    for name in ("Cy", "Ann", "Bo"):
        salesforce.a_contact(LastName=name, AccountId=account)
    inner = "(SELECT LastName, Account.Name FROM Contacts WHERE LastName != 'Cy' ORDER BY LastName)"
    acme, empty = salesforce.query(f"SELECT Name, {inner} FROM Account ORDER BY Name")["records"]
    assert [(one["LastName"], one["Account"]["Name"]) for one in acme["Contacts"]["records"]] == [
        ("Ann", "Acme"),
        ("Bo", "Acme"),
    ]
    assert (acme["Contacts"]["totalSize"], acme["Contacts"]["done"]) == (2, True)
    assert acme["Contacts"]["records"][0]["attributes"]["type"] == "Contact"
    assert empty["Contacts"] is None
    limited = salesforce.query("SELECT (SELECT Id FROM Contacts LIMIT 1) FROM Account WHERE Name = 'Acme'")
    assert limited["records"][0]["Contacts"]["totalSize"] == 1
    code, _ = salesforce.refusal("SELECT Id, (SELECT Id FROM Kontacts) FROM Account")
    assert code == "INVALID_TYPE"


def test_later_pages_have_children_too(salesforce: SalesforceSide) -> None:
    salesforce.control("PUT", "settings", {"salesforce.page_size": 1})
    for name in ("A", "B"):
        salesforce.a_contact(AccountId=an_account(salesforce, name), LastName=f"of {name}")
    page = salesforce.query("SELECT Name, (SELECT LastName FROM Contacts) FROM Account ORDER BY Name")
    more = salesforce.http.get(page["nextRecordsUrl"]).json()
    assert more["records"][0]["Contacts"]["records"][0]["LastName"] == "of B"


def test_groups_of_fields(people: SalesforceSide) -> None:
    def keys(group: str) -> set[str]:
        (record,) = people.query(f"SELECT FIELDS({group}) FROM Contact LIMIT 1")["records"]
        return set(record) - {"attributes"}

    described = {field["name"] for field in people.get("/sobjects/Contact/describe").json()["fields"]}
    assert keys("ALL") == described
    assert keys("CUSTOM") == {name for name in described if name.endswith("__c")}
    assert keys("standard") == described - keys("CUSTOM")


def test_labels_and_localized_text(people: SalesforceSide) -> None:
    soql = "SELECT toLabel(LeadSource), FORMAT(Score__c) score, FORMAT(CreatedDate), FORMAT(Last_Visit__c) FROM Contact"
    record = people.query(f"{soql} WHERE LastName = 'Bob' AND toLabel(LeadSource) = null")["records"][0]
    assert record["LeadSource"] is None
    assert (record["score"], record["CreatedDate"], record["Last_Visit__c"]) == (
        "1,234.5",
        "3/11/2026, 3:30 PM",
        "1/1/2026",
    )


def test_a_parent_of_several_types(salesforce: SalesforceSide) -> None:
    salesforce.a_lead()
    of_users = "SELECT TYPEOF Owner WHEN User THEN Username, Email ELSE Name END FROM Lead"
    (lead,) = salesforce.query(of_users)["records"]
    assert lead["Owner"]["attributes"]["type"] == "User"
    assert lead["Owner"]["Username"] == "admin@acme.example"
    (lead,) = salesforce.query("SELECT Id, TYPEOF Owner WHEN Group THEN Name END FROM Lead")["records"]
    assert lead["Owner"] is None


def test_what_changes_no_answer_is_taken(people: SalesforceSide) -> None:
    for tail in ("WITH SECURITY_ENFORCED", "WITH USER_MODE LIMIT 4", "FOR VIEW", "ORDER BY Id FOR REFERENCE"):
        assert len(people.values(f"SELECT Id FROM Contact {tail}")) == 4
    assert len(people.values("SELECT Id FROM Contact USING SCOPE everything")) == 4
    assert len(people.as_admin().values("SELECT Id FROM Contact USING SCOPE mine WHERE Title != null")) == 3
    assert people.values("SELECT Id FROM Contact USING SCOPE mine") == []


def test_columns_of_a_query(people: SalesforceSide) -> None:
    def columns(soql: str) -> dict[str, Any]:
        answer: dict[str, Any] = people.get("/query", params={"q": soql, "columns": "true"}).json()
        return answer

    body = columns("SELECT Id, Account.Name, Score__c FROM Contact")
    assert (body["entityName"], body["keyPrefix"], body["idSelected"]) == ("Contact", "003", True)
    first, account, score = body["columnMetadata"]
    assert (first["columnName"], first["apexType"], first["joinColumns"]) == ("Id", "Id", [])
    assert [one["columnName"] for one in account["joinColumns"]] == ["Name"]
    assert (score["custom"], score["numberType"], score["aggregate"]) == (True, True, False)
    grouped = columns("SELECT Title, COUNT(Id) FROM Contact GROUP BY Title")
    assert [(one["columnName"], one["aggregate"]) for one in grouped["columnMetadata"]] == [
        ("Title", False),
        ("expr0", True),
    ]


def test_a_query_of_groups_in_composite(people: SalesforceSide) -> None:
    (answer,) = people.composite(a_query("SELECT COUNT(Id) n FROM Contact"))
    assert answer["body"]["records"] == [{"attributes": {"type": "AggregateResult"}, "n": 4}]
