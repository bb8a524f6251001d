"""Conditions that a user wrote: the fields they name, and what of them may be shown."""

from __future__ import annotations

import pytest

from sfdd_declare.model.condition import fault, fields, masked, pointed, told

NAMED = {
    "Name = 'x' AND Title LIKE '%y%'": ["Name", "Title"],
    "(A__c = 1 OR B__c IN ('C__c', 'd')) AND NOT (E__c = 'x\\'y')": ["A__c", "B__c", "E__c"],
    "NOT Name = 'x'": ["Name"],
    "CreatedDate = LAST_N_DAYS:30 AND Active__c = true": ["CreatedDate", "Active__c"],
    "Account.Name = 'x'": ["Account.Name"],
    "Id IN (SELECT ContactId FROM CampaignMember WHERE CampaignId = '701') AND Title != null": ["Id", "Title"],
    "CALENDAR_YEAR(CreatedDate) = 2026 AND Title = null": ["Title"],
    "DISTANCE(Place__c, GEOLOCATION(1.5, 2), 'km') < 20 OR Title = 'x'": ["Title"],
    "Amount__c > USD5000 AND CreatedDate < 2026-01-01T00:00:00Z": ["Amount__c", "CreatedDate"],
    "Tags__c INCLUDES ('a;b', 'c') AND Title NOT IN ('x')": ["Tags__c", "Title"],
}


@pytest.mark.parametrize(("where", "names"), NAMED.items(), ids=NAMED)
def test_the_fields_that_are_compared_are_found_and_nothing_else(where: str, names: list[str]) -> None:
    assert [name for name, _ in fields(where)] == names
    assert all(where[at:].startswith(name) for name, at in fields(where))


@pytest.mark.parametrize(
    ("where", "words"), [("A == 1", "`=`"), ("A = 1 && B = 2", "`AND`"), ("A = 1 || B = 2", "`OR`"), ('A = "x"', "`'`")]
)
def test_what_other_languages_write_is_translated(where: str, words: str) -> None:
    found = fault(where)
    assert found is not None
    assert words in found.what
    assert fault(f"A = '{where.replace(chr(39), '')}'") is None


def test_literals_are_masked_in_place() -> None:
    assert masked("Email = 'ada@example.com' OR A = 'x'") == "Email = '•••••••••••••••' OR A = '•'"


@pytest.mark.parametrize(
    "where", ["A = 'x AND Email = 'ada@example.com'", "Email = 'ada@example.com", 'E = "ada@e.com"']
)
def test_where_quotes_do_not_match_nothing_after_the_first_is_shown(where: str) -> None:
    assert "ada" not in masked(where)
    assert len(masked(where)) == len(where)


def test_a_long_condition_is_cut_between_words_around_the_place() -> None:
    where = " OR ".join(f"Email = 'person{number}@example.com'" for number in range(50)) + " LIMIT 5 AND Title = 'Head'"
    found = fault(where)
    assert found is not None
    line, caret = pointed(where, found.at).splitlines()
    assert line[len(caret) - 1 :].startswith("LIMIT 5")
    assert len(line) < 120
    assert line.startswith("… ")
    assert "example" not in line


def test_a_long_condition_without_spaces_is_cut_all_the_same() -> None:
    line, caret = pointed("A" * 500 + ";" + "B" * 500, 500).splitlines()
    assert line[len(caret) - 1] == ";"


def test_a_message_that_repeats_the_condition_tells_no_literal_and_not_all_of_it() -> None:
    where = " OR ".join(f"LastName = 'Person{number}'" for number in range(99)) + " Title"
    message = f"Salesforce: {where} ^ ERROR at Row:1:Column:99 unexpected token: 'Title' (MALFORMED_QUERY)"
    text = told(message, where)
    assert text.endswith("unexpected token: 'Title' (MALFORMED_QUERY)")
    assert text.startswith("Salesforce: LastName = '•••' OR ")
    assert "Person" not in text
    assert len(text) < 330


def test_a_short_message_keeps_the_names_of_fields() -> None:
    message = "No such column 'Emial' on entity 'Contact'"
    assert told(message, "Emial = 'ada'") == message
