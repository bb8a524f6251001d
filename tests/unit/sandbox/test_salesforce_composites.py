"""Batch, graph and tree: the other ways to send several calls, or several records, in one."""

from __future__ import annotations

from typing import Any

from tests.unit.sandbox.salesforce_side import VERSION, SalesforceSide


def a_create(name: str, values: dict[str, Any], kind: str = "Contact") -> dict[str, Any]:
    return {"method": "POST", "url": f"{VERSION}/sobjects/{kind}", "referenceId": name, "body": values}


def a_record(kind: str, reference: str, **values: Any) -> dict[str, Any]:
    return {"attributes": {"type": kind, "referenceId": reference}, **values}


def test_a_batch_answers_each_call_for_itself_and_counts_each(salesforce: SalesforceSide) -> None:
    contact = salesforce.a_contact(LastName="Okafor")
    used = calls_left(salesforce)
    answer = salesforce.post("/composite/batch", {"batchRequests": [
        {"method": "GET", "url": f"v66.0/sobjects/Contact/{contact}?fields=LastName"},
        {"method": "PATCH", "url": f"{VERSION}/sobjects/Contact/{contact}", "richInput": {"Title": "Captain"}},
        {"method": "GET", "url": "v66.0/query?q=SELECT+Title+FROM+Contact"},
        {"method": "GET", "url": "v66.0/sobjects/Nonsense"},
    ]})  # fmt: skip
    assert answer.status_code == 200
    body = answer.json()
    assert body["hasErrors"] is True
    assert [one["statusCode"] for one in body["results"]] == [200, 204, 200, 404]
    assert body["results"][0]["result"]["LastName"] == "Okafor"
    assert body["results"][1]["result"] is None
    assert body["results"][2]["result"]["records"][0]["Title"] == "Captain"
    assert body["results"][3]["result"][0]["errorCode"] == "NOT_FOUND"
    assert used - calls_left(salesforce) == 1 + 4 + 1


def calls_left(salesforce: SalesforceSide) -> int:
    return int(salesforce.get("/limits").json()["DailyApiRequests"]["Remaining"])


def test_a_batch_stops_at_an_error_where_it_is_asked_to(salesforce: SalesforceSide) -> None:
    requests = [{"method": "GET", "url": "v66.0/sobjects/Nonsense"}, {"method": "GET", "url": "v66.0/limits"}]
    body = salesforce.post("/composite/batch", {"haltOnError": True, "batchRequests": requests}).json()
    assert [one["statusCode"] for one in body["results"]] == [404, 412]
    assert body["results"][1]["result"][0]["errorCode"] == "BATCH_PROCESSING_HALTED"
    assert salesforce.post("/composite/batch", {"batchRequests": requests * 13}).status_code == 400
    assert salesforce.post("/composite/batch", {"batchRequests": [{"url": "v66.0/limits"}]}).status_code == 400


def test_each_graph_is_all_or_nothing(salesforce: SalesforceSide) -> None:
    used = calls_left(salesforce)
    body = salesforce.post("/composite/graph", {"graphs": [
        {"graphId": "good", "compositeRequest": [
            a_create("a", {"Name": "Acme"}, "Account"),
            a_create("c", {"LastName": "One", "AccountId": "@{a.id}"}),
        ]},
        {"graphId": "bad", "compositeRequest": [a_create("d", {"LastName": "Two"}), a_create("e", {"Title": "x"})]},
    ]}).json()  # fmt: skip
    good, bad = body["graphs"]
    assert (good["graphId"], good["isSuccessful"], bad["isSuccessful"]) == ("good", True, False)
    assert [one["httpStatusCode"] for one in good["graphResponse"]["compositeResponse"]] == [201, 201]
    errors = [one["body"][0]["errorCode"] for one in bad["graphResponse"]["compositeResponse"]]
    assert errors == ["PROCESSING_HALTED", "REQUIRED_FIELD_MISSING"]
    assert salesforce.values("SELECT Account.Name, LastName FROM Contact", "LastName") == ["One"]
    assert used - calls_left(salesforce) == 1 + 2  # the graphs, the query, and the look at what is left


def test_the_limits_of_graphs(salesforce: SalesforceSide) -> None:
    def graphs(count: int, nodes: int, last_name: str | None = "x") -> list[dict[str, Any]]:
        one = [a_create(f"r{n}", {"LastName": last_name}) for n in range(nodes)]
        return [{"graphId": f"g{n}", "compositeRequest": one} for n in range(count)]

    for wrong in (graphs(76, 1), graphs(1, 501), [], graphs(1, 1) * 2, [{"compositeRequest": []}]):
        assert salesforce.post("/composite/graph", {"graphs": wrong}).status_code == 400
    answers = salesforce.post("/composite/graph", {"graphs": graphs(16, 1, None)}).json()["graphs"]
    errors = [one["graphResponse"]["compositeResponse"][0]["body"][0]["errorCode"] for one in answers]
    assert errors == ["REQUIRED_FIELD_MISSING"] * 14 + ["PROCESSING_HALTED"] * 2


def test_a_tree_brings_children_along(salesforce: SalesforceSide) -> None:
    children = [a_record("Contact", "c1", LastName="One"), a_record("Contact", "c2", LastName="Two")]
    records = [
        a_record("Account", "a1", Name="Acme", Contacts={"records": children}),
        a_record("Account", "a2", Name="B"),
    ]
    answer = salesforce.post("/composite/tree/Account", {"records": records})
    assert (answer.status_code, answer.json()["hasErrors"]) == (201, False)
    assert [one["referenceId"] for one in answer.json()["results"]] == ["a1", "c1", "c2", "a2"]
    found = salesforce.query("SELECT Id, Account.Name FROM Contact WHERE LastName = 'Two'")["records"]
    assert [(one["Id"], one["Account"]["Name"]) for one in found] == [(answer.json()["results"][2]["id"], "Acme")]


def test_a_tree_with_a_mistake_leaves_nothing(salesforce: SalesforceSide) -> None:
    children = {"records": [a_record("Contact", "c1", LastName="One", Email="nonsense")]}
    records = [a_record("Account", "a1", Name="Acme", Contacts=children), a_record("Account", "a2")]
    answer = salesforce.post("/composite/tree/Account", {"records": records})
    assert (answer.status_code, answer.json()["hasErrors"]) == (400, True)
    assert [(one["referenceId"], one["errors"][0]["statusCode"]) for one in answer.json()["results"]] == [
        ("c1", "INVALID_EMAIL_ADDRESS"),
        ("a2", "REQUIRED_FIELD_MISSING"),
    ]
    assert salesforce.values("SELECT Id FROM Account") == []


def test_the_limits_of_trees(salesforce: SalesforceSide) -> None:
    def refused(*records: Any) -> bool:
        return bool(salesforce.post("/composite/tree/Account", {"records": list(records)}).status_code == 400)

    assert refused()
    assert refused(a_record("Account", "a", Name="A"), a_record("Account", "a", Name="B"))
    assert refused(*(a_record("Account", f"a{n}", Name="A") for n in range(201)))
    assert refused(a_record("Contact", "a", LastName="A"))
    assert refused({"Name": "A"}, "nothing")
    assert refused(a_record("Account", "a", Name="A", Kontacts={"records": [a_record("Contact", "c", LastName="x")]}))
    assert salesforce.values("SELECT Id FROM Account") == []
