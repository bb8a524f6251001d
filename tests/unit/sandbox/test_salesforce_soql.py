from __future__ import annotations

import pytest

from sfdd_declare.sandbox.salesforce import soql_parse
from tests.unit.sandbox.salesforce_side import SalesforceSide, a_query


def test_parents_come_nested_and_a_missing_one_is_null(salesforce: SalesforceSide) -> None:
    campaign = salesforce.a_campaign()
    contact = salesforce.a_contact(FirstName="Zoë", Email="zoe@example.org")
    member = salesforce.a_member(campaign, ContactId=contact)
    (record,) = salesforce.query(
        "SELECT Id, Contact.Email, Contact.Account.Name, Lead.Email, Campaign.Name, Email, Name, Type "
        f"FROM CampaignMember WHERE CampaignId = '{campaign}'"
    )["records"]
    assert record["attributes"] == {
        "type": "CampaignMember",
        "url": f"/services/data/v66.0/sobjects/CampaignMember/{member}",
    }
    assert record["Contact"]["Email"] == "zoe@example.org"
    assert record["Contact"]["Account"] is None
    assert record["Lead"] is None
    assert record["Campaign"]["Name"] == "Spring launch"
    assert (record["Email"], record["Name"], record["Type"]) == ("zoe@example.org", "Zoë Okafor", "Contact")


def test_a_parent_used_only_in_a_filter_is_not_answered(salesforce: SalesforceSide) -> None:
    salesforce.a_member(salesforce.a_campaign(), ContactId=salesforce.a_contact())
    (record,) = salesforce.query("SELECT Id FROM CampaignMember WHERE Contact.LastName != null ORDER BY Campaign.Name")[
        "records"
    ]
    assert set(record) == {"attributes", "Id"}


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ("LastName = 'MÜLLER'", ["a"]),
        ("LastName != 'Müller'", ["b", "c", "d"]),
        ("LastName > 'ok' AND LastName < 'P'", ["c"]),
        ("Title = null", ["b", "d"]),
        ("Title != null", ["a", "c"]),
        ("Title != 'Director'", ["b", "c", "d"]),
        ("Title LIKE '%dir%'", ["a"]),
        ("(NOT Title LIKE '%dir%')", ["b", "c", "d"]),
        ("LastName LIKE 'm_LLER'", ["a"]),
        ("Title LIKE '100\\%%'", ["c"]),
        ("Title LIKE '100\\_%'", []),
        ("LastName IN ('müller', 'okafor')", ["a", "c"]),
        ("Title IN ('Director', null)", ["a", "b", "d"]),
        ("Title NOT IN ('Director')", ["b", "c", "d"]),
        ("LastName = 'O\\'Hara \\\\ \\u00e9'", ["d"]),
        ("Vip__c = TRUE", ["a"]),
        ("Vip__c != true AND Score__c > 2.5", ["b"]),
        ("Score__c = null OR Score__c <= 1", ["c", "d"]),
        ("Last_Visit__c = 2026-03-01", ["a"]),
        ("Last_Visit__c >= 2026-03-01", ["a", "b"]),
        ("Last_Seen__c > 2026-03-01T11:59:59+01:00", ["a"]),
        ("Newsletter_Topics__c INCLUDES ('Events')", ["a", "b"]),
        ("Newsletter_Topics__c INCLUDES ('Jobs;Events', 'Offers')", ["b", "c"]),
        ("Newsletter_Topics__c EXCLUDES ('Events')", ["c", "d"]),
        ("Name = 'Ada Müller'", ["a"]),
        ("(LastName = 'Müller' OR LastName = 'Nowak') AND Vip__c = false", ["b"]),
        ("NOT (Vip__c = true)", ["b", "c", "d"]),
    ],
)
def test_conditions_mean_what_they_mean_in_salesforce(salesforce: SalesforceSide, where: str, found: list[str]) -> None:
    salesforce.a_contact(
        LastName="Müller",
        FirstName="Ada",
        Department="a",
        Title="Director",
        Vip__c=True,
        Score__c=4.5,
        Last_Visit__c="2026-03-01",
        Last_Seen__c="2026-03-01T11:00:00Z",
        Newsletter_Topics__c="Events;Research",
    )
    salesforce.a_contact(
        LastName="Nowak",
        Department="b",
        Score__c=3.0,
        Last_Visit__c="2026-04-01",
        Last_Seen__c="2026-03-01T10:59:59Z",
        Newsletter_Topics__c="Events;Jobs",
    )
    salesforce.a_contact(
        LastName="Okafor", Department="c", Title="100% owner", Score__c=1.0, Newsletter_Topics__c="Offers"
    )
    salesforce.a_contact(LastName="O'Hara \\ é", Department="d")
    soql = f"SELECT Department FROM Contact WHERE {where} ORDER BY Department"
    assert salesforce.values(soql, "Department") == found


def test_date_literals_follow_the_clock_of_the_sandbox(salesforce: SalesforceSide) -> None:
    salesforce.control("PUT", "clock", {"at": "2026-03-11T15:00:00Z", "frozen": True})  # a Wednesday
    for day in ("2026-03-11", "2026-03-10", "2026-03-08", "2026-02-28", "2025-12-31"):
        salesforce.a_contact(LastName=day, Last_Visit__c=day)

    def found(condition: str) -> list[str]:
        soql = f"SELECT LastName FROM Contact WHERE Last_Visit__c {condition} ORDER BY LastName"
        return [day[5:] for day in salesforce.values(soql, "LastName")]

    assert found("= TODAY") == ["03-11"]
    assert found("< YESTERDAY") == ["12-31", "02-28", "03-08"]
    assert found("= LAST_N_DAYS:3") == ["03-08", "03-10", "03-11"]
    assert found("= LAST_WEEK") == ["03-08"]
    assert found("= THIS_MONTH") == ["03-08", "03-10", "03-11"]
    assert found("= LAST_MONTH") == ["02-28"]
    assert found("!= THIS_YEAR") == ["12-31"]
    assert found("= THIS_FISCAL_QUARTER") == ["02-28", "03-08", "03-10", "03-11"]
    assert found("!= THIS_FISCAL_YEAR") == ["12-31"]
    assert found("= LAST_N_FISCAL_YEARS:1") == ["12-31"]
    assert salesforce.query("SELECT COUNT() FROM Contact WHERE CreatedDate = TODAY")["totalSize"] == 5


def test_rows_are_ordered_limited_and_counted(salesforce: SalesforceSide) -> None:
    for name, title in (("b", "2"), ("A", None), ("c", "1")):
        salesforce.a_contact(LastName=name, Title=title)
    assert salesforce.values("SELECT LastName FROM Contact ORDER BY LastName", "LastName") == ["A", "b", "c"]
    assert salesforce.values("SELECT LastName FROM Contact ORDER BY Title", "LastName") == ["A", "c", "b"]
    last = "SELECT LastName FROM Contact ORDER BY Title DESC NULLS LAST LIMIT 2 OFFSET 1"
    assert salesforce.values(last, "LastName") == ["c", "A"]
    counted = salesforce.query("SELECT COUNT() FROM Contact WHERE Title != null")
    assert counted == {"totalSize": 2, "done": True, "records": []}


def test_semi_joins_and_anti_joins(salesforce: SalesforceSide) -> None:
    campaign, other = salesforce.a_campaign(), salesforce.a_campaign()
    inside, outside = salesforce.a_contact(), salesforce.a_contact()
    salesforce.a_member(campaign, ContactId=inside)
    salesforce.a_member(campaign, LeadId=salesforce.a_lead())
    salesforce.a_member(other, ContactId=outside)
    inner = f"(SELECT ContactId FROM CampaignMember WHERE CampaignId = '{campaign}')"
    assert salesforce.values(f"SELECT Id FROM Contact WHERE Id IN {inner}") == [inside]
    assert salesforce.values(f"SELECT Id FROM Contact WHERE Id NOT IN {inner}") == [outside]


@pytest.mark.parametrize(
    ("soql", "code", "message"),
    [
        ("SELECT Id, FROM Contact", "MALFORMED_QUERY", "ERROR at Row:1:Column:12\nunexpected token: 'FROM'"),
        ("SELECT Id FROM Contact WHERE", "MALFORMED_QUERY", "unexpected token: '<EOF>'"),
        (
            "SELECT Id FROM Contact WHERE Title = 'a' AND Title = 'b' OR Title = 'c'",
            "MALFORMED_QUERY",
            "unexpected token: 'OR'",
        ),
        (
            "SELECT Id FROM Contact WHERE Title = 'a' AND NOT Title = 'b'",
            "MALFORMED_QUERY",
            "unexpected token: 'NOT'",
        ),
        ('SELECT Id FROM Contact WHERE Title = "a"', "MALFORMED_QUERY", "no viable alternative at character"),
        ("SELECT Id FROM Contact WHERE Title = 'a", "MALFORMED_QUERY", "mismatched character '<EOF>'"),
        ("SELECT Id FROM Contact WHERE Title = '\\q'", "MALFORMED_QUERY", "Illegal character sequence '\\q'"),
        ("SELECT Id, Id FROM Contact", "MALFORMED_QUERY", "duplicate field selected: Id"),
        ("SELECT Id FROM Contact OFFSET 2001", "NUMBER_OUTSIDE_VALID_RANGE", "Maximum SOQL offset allowed is 2000"),
        ("SELECT Titel FROM Contact", "INVALID_FIELD", "No such column 'Titel' on entity 'Contact'. If you are"),
        ("SELECT Acount.Name FROM Contact", "INVALID_FIELD", "Didn't understand relationship 'Acount' in field path"),
        ("SELECT Id FROM Kontact", "INVALID_TYPE", "sObject type 'Kontact' is not supported."),
        ("SELECT Id FROM Contact WHERE Notes__c = 'a'", "INVALID_FIELD", "can not be filtered in a query call"),
        ("SELECT Id FROM Contact ORDER BY Notes__c", "INVALID_FIELD", "can not be sorted in a query call"),
        ("SELECT Id FROM Contact WHERE Id = 'x'", "INVALID_QUERY_FILTER_OPERATOR", "invalid ID field: x"),
        (
            "SELECT Id FROM Contact WHERE AccountId LIKE '001%'",
            "INVALID_QUERY_FILTER_OPERATOR",
            "invalid operator on id",
        ),
        ("SELECT Id FROM Contact WHERE Vip__c > true", "INVALID_QUERY_FILTER_OPERATOR", "invalid operator on boolean"),
        ("SELECT Id FROM Contact WHERE Title INCLUDES ('a')", "INVALID_QUERY_FILTER_OPERATOR", "multipicklist"),
        ("SELECT Id FROM Contact WHERE Vip__c = 'true'", "INVALID_FIELD", "must be of type boolean"),
        ("SELECT Id FROM Contact WHERE Title = 5", "INVALID_FIELD", "must be of type string and should be enclosed"),
        ("SELECT Id FROM Contact WHERE Score__c = '5'", "INVALID_FIELD", "must be of type double and should not be"),
        ("SELECT Id FROM Contact WHERE CreatedDate = 2026-01-01", "INVALID_FIELD", "must be of type dateTime"),
        (
            "SELECT Id FROM Contact WHERE Title = 'a' OR Id IN (SELECT ContactId FROM CampaignMember)",
            "MALFORMED_QUERY",
            "not allowed with the 'OR' operator",
        ),
        (
            "SELECT Id FROM Contact WHERE Id IN (SELECT LeadId FROM CampaignMember)",
            "MALFORMED_QUERY",
            "should point to the same object type",
        ),
        (
            "SELECT Id FROM Contact WHERE Id IN (SELECT ContactId FROM CampaignMember) AND Id NOT IN (SELECT ContactId "
            "FROM CampaignMember) AND Id IN (SELECT ContactId FROM CampaignMember)",
            "EXCEEDED_MAX_SEMIJOIN_SUBSELECTS",
            "maximum 2 semi join",
        ),
    ],
)
def test_a_wrong_query_is_refused_with_salesforces_code(
    salesforce: SalesforceSide, soql: str, code: str, message: str
) -> None:
    got_code, got_message = salesforce.refusal(soql)
    assert got_code == code
    assert message in got_message


def test_the_message_points_at_the_place_in_a_query_of_several_lines(salesforce: SalesforceSide) -> None:
    _, message = salesforce.refusal("SELECT Id\nFROM Contact\nWHERE Titel = 'a'")
    assert message.startswith("\nWHERE Titel = 'a'\n      ^\nERROR at Row:3:Column:7\nNo such column 'Titel'")


def test_ids_may_have_15_or_18_characters_in_any_case_of_the_longer(salesforce: SalesforceSide) -> None:
    contact = salesforce.a_contact()
    for given in (contact, contact[:15], contact.lower()):
        assert salesforce.values(f"SELECT Id FROM Contact WHERE Id = '{given}'") == [contact]


def test_the_limits_of_length(salesforce: SalesforceSide) -> None:
    long_list = ", ".join(f"'p{number:06d}@example.com'" for number in range(1000))
    soql = f"SELECT Id FROM Contact WHERE Email IN ({long_list})"
    assert salesforce.get("/query", params={"q": soql}).status_code == 414
    (answer,) = salesforce.composite(a_query(soql))
    assert answer["httpStatusCode"] == 200
    (answer,) = salesforce.composite(a_query(soql + " " * 100_000))
    assert answer["body"][0]["message"] == "SOQL statements cannot be longer than 100000 characters."


def test_the_grammar_stays_small() -> None:
    """What may be missing doubled its rules once, and the first query waited for seconds."""
    assert len(soql_parse._grammar().rules) < 300
