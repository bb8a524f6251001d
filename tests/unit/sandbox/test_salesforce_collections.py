from __future__ import annotations

from tests.unit.sandbox.salesforce_side import VERSION, SalesforceSide, a_query, rows_of

PATH = "/composite/sobjects"


def test_results_come_in_order_and_a_failed_row_has_no_id(salesforce: SalesforceSide) -> None:
    records = rows_of("Contact", {"LastName": "a"}, {"FirstName": "b"}, {"LastName": "c"})
    answer = salesforce.post(PATH, {"allOrNone": False, "records": records})
    assert answer.status_code == 200
    first, second, third = answer.json()
    assert first == {"id": first["id"], "success": True, "errors": []}
    assert second == {
        "success": False,
        "errors": [
            {
                "statusCode": "REQUIRED_FIELD_MISSING",
                "message": "Required fields are missing: [LastName]",
                "fields": ["LastName"],
            }
        ],
    }
    assert salesforce.values("SELECT Id FROM Contact ORDER BY Id") == [first["id"], third["id"]]


def test_all_or_none_takes_the_good_rows_back(salesforce: SalesforceSide) -> None:
    records = rows_of("Contact", {"LastName": "a"}, {"FirstName": "b"})
    first, second = salesforce.post(PATH, {"allOrNone": True, "records": records}).json()
    assert first["errors"][0]["statusCode"] == "ALL_OR_NONE_OPERATION_ROLLED_BACK"
    assert second["errors"][0]["statusCode"] == "REQUIRED_FIELD_MISSING"
    assert salesforce.query("SELECT COUNT() FROM Contact")["totalSize"] == 0
    assert salesforce.history(kind="Contact") == []


def test_more_than_200_rows_or_10_runs_of_types_refuse_the_whole_call(salesforce: SalesforceSide) -> None:
    too_many = salesforce.post(PATH, {"records": rows_of("Contact", *[{"LastName": "a"}] * 201)})
    assert too_many.status_code == 400
    assert too_many.json()[0]["errorCode"] == "EXCEEDED_ID_LIMIT"
    mixed = [*rows_of("Contact", {"LastName": "a"}), *rows_of("Lead", {"LastName": "a", "Company": "b"})]
    assert salesforce.post(PATH, {"records": mixed * 5}).status_code == 200
    chunks = salesforce.post(PATH, {"records": [*mixed * 5, mixed[0]]})
    assert chunks.status_code == 400
    assert "more than 10 chunks" in chunks.json()[0]["message"]


def test_update_by_id_refuses_single_rows(salesforce: SalesforceSide) -> None:
    good, twice, gone = (salesforce.a_contact() for _ in range(3))
    salesforce.delete(f"/sobjects/Contact/{gone}")
    ids = [good, twice, twice, gone, salesforce.a_lead(), "x"]
    records = rows_of("Contact", *({"id": one, "Title": "x"} for one in ids), {"Title": "y"})
    answers = salesforce.patch(PATH, {"records": records}).json()
    codes = [row["errors"][0]["statusCode"] if row["errors"] else "" for row in answers]
    assert codes == [
        "",
        "DUPLICATE_VALUE",
        "DUPLICATE_VALUE",
        "ENTITY_IS_DELETED",
        "MALFORMED_ID",
        "MALFORMED_ID",
        "MISSING_ARGUMENT",
    ]
    assert answers[0]["id"] == good


def test_upsert_says_what_it_created_and_refuses_ambiguous_keys(salesforce: SalesforceSide) -> None:
    path = f"{PATH}/Contact/External_Ref__c"
    records = rows_of("Contact", {"External_Ref__c": "1", "LastName": "a"}, {"LastName": "b"})
    first = salesforce.patch(path, {"records": records}).json()
    assert first[0]["created"] is True
    assert first[1]["errors"][0]["statusCode"] == "MISSING_ARGUMENT"
    again = salesforce.patch(path, {"records": records[:1]}).json()
    assert (again[0]["id"], again[0]["created"]) == (first[0]["id"], False)
    for _ in range(2):
        salesforce.a_lead(Email="ada@example.org")
    by_email = rows_of("Lead", {"Email": "ada@example.org", "Title": "x"})
    (row,) = salesforce.patch(f"{PATH}/Lead/Email", {"records": by_email}).json()
    assert row["errors"][0]["statusCode"] == "DUPLICATE_EXTERNAL_ID"


def test_delete_takes_ids_of_several_kinds(salesforce: SalesforceSide) -> None:
    contact, lead = salesforce.a_contact(), salesforce.a_lead()
    ids = f"{contact},{lead},003000000000000AAA,nonsense"
    answers = salesforce.delete(PATH, params={"ids": ids, "allOrNone": "false"}).json()
    assert [row["success"] for row in answers] == [True, True, False, False]
    assert answers[2]["errors"][0]["statusCode"] == "INVALID_CROSS_REFERENCE_KEY"
    assert answers[3]["errors"][0]["statusCode"] == "MALFORMED_ID"


def test_read_by_ids_answers_null_for_what_is_not_there(salesforce: SalesforceSide) -> None:
    contact = salesforce.a_contact(Email="ada@example.org")
    body = {"ids": ["003000000000000AAA", contact], "fields": ["Email"]}
    missing, found = salesforce.post(f"{PATH}/Contact", body).json()
    assert missing is None
    assert found["Email"] == "ada@example.org"


def test_a_row_lock_hits_the_rows_it_is_told_to(salesforce: SalesforceSide) -> None:
    rule = {"system": "salesforce", "path": "composite/sobjects", "kind": "row_lock", "body": {"rows": [1]}}
    salesforce.control("POST", "faults", rule)
    records = rows_of("Contact", {"LastName": "a"}, {"LastName": "b"})
    answers = salesforce.post(PATH, {"records": records}).json()
    assert answers[0]["success"]
    assert answers[1]["errors"][0]["statusCode"] == "UNABLE_TO_LOCK_ROW"
    assert all(row["success"] for row in salesforce.post(PATH, {"records": records}).json())


def test_rows_are_refused_with_whatever_error_an_org_may_have(salesforce: SalesforceSide) -> None:
    error = {"statusCode": "STORAGE_LIMIT_EXCEEDED", "message": "storage limit exceeded"}
    rule = {"system": "salesforce", "path": "composite/sobjects", "kind": "row_error", "body": {"rows": [0], **error}}
    salesforce.control("POST", "faults", rule)
    refused, made = salesforce.post(PATH, {"records": rows_of("Contact", {"LastName": "a"}, {"LastName": "b"})}).json()
    assert refused == {"success": False, "errors": [{**error, "fields": []}]}
    assert made["success"]


def test_composite_uses_earlier_answers_and_counts_as_one_call(salesforce: SalesforceSide) -> None:
    salesforce.a_contact(Email="ada@example.org")
    salesforce.control("POST", "counters/reset")
    found, changed, made, member, unknown = salesforce.composite(
        a_query("SELECT Id FROM Contact WHERE Email = 'ada@example.org'"),
        {
            "method": "PATCH",
            "url": f"{VERSION}/sobjects/Contact/@{{q.records[0].Id}}",
            "body": {"Title": "of @{q.totalSize}"},
            "referenceId": "u",
        },
        {"method": "POST", "url": f"{VERSION}/sobjects/Campaign", "body": {"Name": "a"}, "referenceId": "c"},
        {
            "method": "POST",
            "url": f"{VERSION}/sobjects/CampaignMember",
            "body": {"CampaignId": "@{c.id}", "ContactId": "@{q.records[0].Id}"},
            "referenceId": "m",
        },
        {"method": "GET", "url": f"{VERSION}/sobjects/Contact/@{{q.records[7].Id}}", "referenceId": "x"},
    )
    assert [one["httpStatusCode"] for one in (found, changed, made, member)] == [200, 204, 201, 201]
    assert unknown["httpStatusCode"] == 400
    assert unknown["body"][0]["errorCode"] == "PROCESSING_HALTED"
    assert salesforce.values("SELECT Title FROM Contact", "Title") == ["of 1"]
    counters = salesforce.control("GET", "counters")["salesforce"]
    assert counters["total"] == 2  # the composite and the query after it
    assert counters["by_template"]["POST /services/data/{version}/composite"] == 1


def test_composite_all_or_none_halts_the_others(salesforce: SalesforceSide) -> None:
    answers = salesforce.composite(
        {"method": "POST", "url": f"{VERSION}/sobjects/Campaign", "body": {"Name": "a"}, "referenceId": "c"},
        {"method": "POST", "url": f"{VERSION}/sobjects/Contact", "body": {}, "referenceId": "p"},
        {"method": "GET", "url": f"{VERSION}/sobjects", "referenceId": "o"},
        all_or_none=True,
    )
    codes = [answer["body"][0]["errorCode"] for answer in answers]
    assert codes == ["PROCESSING_HALTED", "REQUIRED_FIELD_MISSING", "PROCESSING_HALTED"]
    assert salesforce.query("SELECT COUNT() FROM Campaign")["totalSize"] == 0


def test_composite_has_limits_of_its_own(salesforce: SalesforceSide) -> None:
    def status(*requests: dict[str, str]) -> int:
        return salesforce.post("/composite", {"compositeRequest": list(requests)}).status_code

    queries = [a_query("SELECT Id FROM Contact", f"q{at}") for at in range(6)]
    assert status(*queries[:5]) == 200
    assert status(*queries) == 400
    plain = [{"method": "GET", "url": f"{VERSION}/sobjects", "referenceId": f"s{at}"} for at in range(26)]
    assert status(*plain[:25]) == 200
    assert status(*plain) == 400
    assert status(plain[0], plain[0]) == 400


def test_a_locator_from_composite_leads_to_the_next_page(salesforce: SalesforceSide) -> None:
    ids = [salesforce.a_contact() for _ in range(3)]
    salesforce.world.set_setting("salesforce.page_size", 2)
    (answer,) = salesforce.composite(a_query("SELECT Id FROM Contact ORDER BY Id"))
    page = salesforce.http.get(answer["body"]["nextRecordsUrl"]).json()
    assert [row["Id"] for row in page["records"]] == ids[2:]


def test_records_are_read_by_a_get_too(salesforce: SalesforceSide) -> None:
    mine = salesforce.a_contact(FirstName="Ada")
    path = "/composite/sobjects/Contact"
    found = salesforce.get(path, params={"ids": f"{mine},003000000000000AAA", "fields": "Id,FirstName"}).json()
    assert [one and (one["Id"], one["FirstName"]) for one in found] == [(mine, "Ada"), None]
    refused = salesforce.get(path, params={"ids": mine})
    assert (refused.status_code, refused.json()[0]["errorCode"]) == (400, "MISSING_ARGUMENT")
