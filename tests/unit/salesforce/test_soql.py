"""Literals, lists, and the guard of a `where:`."""

from __future__ import annotations

import pytest

from sfdd_declare.model.errors import BugError, ConfigError
from sfdd_declare.salesforce import soql


@pytest.mark.parametrize(
    ("text", "literal"),
    [
        ("plain", "'plain'"),
        ("O'Neill", "'O\\'Neill'"),
        ("a\\' OR Name != '", "'a\\\\\\' OR Name != \\''"),
        ("line\nbreak\ttab", "'line\\nbreak\\ttab'"),
    ],
)
def test_strings_are_escaped(text: str, literal: str) -> None:
    assert soql.quoted(text) == literal


def test_select_names_each_field_once() -> None:
    text = soql.select(("Id", "Email", "Id"), "Contact", soql.in_list("Id", ("1", "2")))
    assert text == "SELECT Id,Email FROM Contact WHERE Id IN ('1','2')"


@pytest.mark.parametrize("name", ["", "A B", "a;b", "x'", "1a", "a..b", "a.", "FirstName,(SELECT Id FROM Cases)"])
def test_a_name_that_cannot_be_a_field_is_refused(name: str) -> None:
    with pytest.raises(BugError):
        soql.select((name,), "Contact")


@pytest.mark.parametrize(
    "where",
    [
        "MailingCountry = 'United Kingdom' AND Title LIKE '%Director%'",
        "  Name = 'LIMIT 1; DROP -- (' ",
        "(A__c = 1 OR B__c = 2) AND NOT (C__c = 'x\\'y')",
        "Id IN (SELECT ContactId FROM CampaignMember WHERE CampaignId = '701')",
        "CreatedDate = LAST_N_DAYS:30",
        "Limit__c = 5 AND Account.Order__c = true",
        "Name = 'Zoë'",
        "Amount__c > -5.5",
    ],
)
def test_a_condition_passes(where: str) -> None:
    assert soql.guarded(where, label="here", hint="key") == where.strip()


@pytest.mark.parametrize(
    ("where", "column", "words"),
    [
        ("", 0, "empty"),
        ("   ", 0, "empty"),
        ("Name = 'x' LIMIT 1", 11, "LIMIT"),
        ("Name = 'x' order by Name", 11, "ORDER"),
        ("Name = 'x' GROUP BY Name", 11, "GROUP"),
        ("Name = 'x' HAVING x", 11, "HAVING"),
        ("Name = 'x' FOR UPDATE", 11, "FOR"),
        ("Name = 'x' OFFSET 3", 11, "OFFSET"),
        ("Name = 'x' ALL ROWS", 15, "ALL ROWS"),
        ("Name = 'x') OR (Name != 'x'", 10, "closed that was not opened"),
        ("(Name = 'x'", 0, "opened and not closed"),
        ("Name = 'x", 7, "quote"),
        ("Name = 'x\\'", 7, "quote"),
        ("Name = 'x'; Name = 'y'", 10, "semicolon"),
        ("Name = 'x' -- y", 11, "comments"),
        ("Name = /* x */ 'y'", 7, "comments"),
        ("Name = 'x' // y", 11, "comments"),
    ],
)
def test_more_than_a_condition_is_refused_with_a_caret(where: str, column: int, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        soql.guarded(where, label="sfdd.yaml:7:9", hint="campaigns.spring.members.contacts.where")
    error = caught.value
    assert error.id == "SFDD-E2130"
    assert words in error.summary
    assert error.where == "sfdd.yaml:7:9"
    assert error.hint == "campaigns.spring.members.contacts.where"
    assert error.detail.splitlines()[-1] == " " * column + "^"


def test_the_caret_stands_under_the_right_line_of_several() -> None:
    with pytest.raises(ConfigError) as caught:
        soql.guarded("Name = 'x'\n  LIMIT 5", label="", hint="")
    assert caught.value.detail == "  LIMIT 5\n  ^"


def test_chunks_are_distinct_and_in_order() -> None:
    assert list(soql.chunks(("b", "a", "b", "c"), 2)) == [("b", "a"), ("c",)]


def test_long_addresses_are_asked_for_in_as_many_statements_as_they_need() -> None:
    emails = tuple(f"{number}{'x' * 240}@example.com" for number in range(1000))
    groups = list(soql.fitting(emails, 3000))
    assert [email for group in groups for email in group] == list(emails)
    assert len(groups) > 1
    assert all(len(soql.in_list("Email", group)) < 90_000 for group in groups)
