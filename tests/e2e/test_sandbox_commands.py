"""`sfdd sandbox` beside a running sandbox: what people do by hand, and what is refused, said plainly."""

from __future__ import annotations

from sfdd_declare.sandbox.salesforce import rows
from tests.e2e.stage import Ended, Stage

ADA = "ada@example.com"


def sandbox(stage: Stage, *arguments: str) -> Ended:
    return stage.sfdd("sandbox", *arguments, "--world", stage.running.salesforce_url)


def test_somebody_signs_up_and_unsubscribes(stage: Stage) -> None:
    stage.marketer("create_list", name="Spring launch")
    assert sandbox(stage, "sign-up", ADA, "spring LAUNCH", "FIRSTNAME=Ada").code == 0
    assert stage.lists_of(ADA) == ["Spring launch"]
    assert sandbox(stage, "unsubscribe", ADA).code == 0
    contact = stage.contact_in_dotdigital(ADA)
    assert contact is not None
    assert contact["channelProperties"]["email"]["status"] == "unsubscribed"


def test_a_sign_up_to_a_list_that_is_not_there_leaves_no_contact(stage: Stage) -> None:
    stage.marketer("create_list", name="Spring launch")
    ended = sandbox(stage, "sign-up", ADA, "Sprung launch")
    assert ended.code == 1
    assert "SFDD-E9014" in ended.text
    assert "there is no list Sprung launch; there are: Test, Spring launch" in " ".join(ended.text.split())
    assert "sfdd sandbox sign-up --help" in ended.text
    assert stage.contact_in_dotdigital(ADA) is None


def test_what_is_refused_is_said_in_the_systems_own_words(stage: Stage) -> None:
    nobody = sandbox(stage, "unsubscribe", ADA)
    misspelt = sandbox(stage, "edit", "salesforce", "Contakt", ADA, "Title=CEO")
    assert (nobody.code, misspelt.code) == (1, 1)
    assert "there is no such contact" in nobody.text
    assert "sfdd sandbox unsubscribe --help" in nobody.text
    assert "sObject type 'Contakt' is not supported" in misspelt.text
    assert "{" not in nobody.text + misspelt.text
    assert "Error:" not in nobody.text


def test_what_was_changed_and_what_was_asked(stage: Stage) -> None:
    (grace,) = rows.insert_many(stage.world, "Contact", [{"LastName": "Hopper", "Email": "grace@example.com"}])
    stage.marketer("create_list", name="Spring launch")
    assert sandbox(stage, "sign-up", "grace@example.com", "Spring launch").code == 0
    assert sandbox(stage, "edit", "salesforce", "Contact", "Grace@example.com", "Title=Admiral").code == 0
    assert sandbox(stage, "unsubscribe", "grace@example.com").code == 0
    about = sandbox(stage, "history", "grace@example.com").out.splitlines()
    assert f'salesforce  Contact {grace}  Title: null -> "Admiral"' in about[-2]
    assert 'status: "subscribed" -> "unsubscribed"' in about[-1]
    (only,) = sandbox(stage, "history", grace, "--last", "1").out.splitlines()
    assert only == about[-2]
    assert all("dotdigital" in line for line in sandbox(stage, "history", "--system", "dotdigital").out.splitlines())
    assert sandbox(stage, "history", "nobody@example.com").out == ""
    last = sandbox(stage, "log", "--system", "salesforce", "--last", "1").out
    assert "  200  " in last
    assert "ms  GET /services/data/v66.0/query" in last
