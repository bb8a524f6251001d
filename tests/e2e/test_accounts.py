"""Two Dotdigital accounts over one org: one campaign on books of both, consent over both, one of them failing."""

from __future__ import annotations

import pytest

from sfdd_declare.sandbox.dotdigital import contacts as dotdigital_contacts
from tests.e2e.hands import applied, flat, refused
from tests.e2e.stage import Stage, buyers, known_contact

EVENTS = 88
CONFIG = """\
version: 1
salesforce:
  auth: {method: access_token}
dotdigital:
  accounts:
    main: {user: "${env:DD_USER}", password: "${env:DD_PASSWORD}", region: "${env:DD_URL}", double_opt_in: not_enforced}
    events: {user: "${env:EV_USER}", password: "${env:EV_PASSWORD}", region: "${env:DD_URL}",
      double_opt_in: not_enforced}
campaigns:
  spring:
    name: Spring launch
    members:
      contacts: {where: "Department = 'Buyers'"}
address_books:
  spring: {account: main, name: Spring book, removals: managed}
  gala: {account: events, name: Gala, removals: managed}
data_fields:
  main:
    JOB_TITLE: {type: string}
field_mappings:
  main:
    contacts: {FirstName: FIRSTNAME, Title: JOB_TITLE}
  events:
    contacts: {LastName: LASTNAME}
links:
  - {campaign: spring, address_book: [spring, gala]}
"""


@pytest.fixture
def two(stage: Stage) -> Stage:
    account = {"account_id": EVENTS, "user": "apiuser-events@apiconnector.com", "password": "gala", "region": "r1"}
    stage.world.set_setting("dotdigital.accounts", [account])
    stage.overrides |= {"EV_USER": account["user"], "EV_PASSWORD": "gala"}
    stage.write(CONFIG)
    return stage


def books(stage: Stage, email: str) -> set[str]:
    """Names of the lists an address is on, in whatever account."""
    query = """SELECT l.name FROM dd_member m JOIN dd_list l ON l.id = m.list_id
        JOIN dd_contact c ON c.id = m.contact_id WHERE c.email_key = ?"""
    with stage.world.lock:
        return {row["name"] for row in stage.world.db.execute(query, (email,))}


def test_whoever_is_opted_out_in_one_account_is_never_added_in_the_other(two: Stage) -> None:
    ids = buyers(two.world, 14)
    known_contact(two.world, "buyer3@example.com")
    two.marketer("unsubscribe", email="buyer3@example.com")
    dotdigital_contacts.insert_many(two.world, [{"email": "buyer5@example.com"}], account=EVENTS)
    two.marketer("unsubscribe", email="buyer5@example.com", account=EVENTS)
    two.apply()
    assert books(two, "buyer1@example.com") == {"Spring book", "Gala"}
    assert books(two, "buyer3@example.com") == set()
    assert books(two, "buyer5@example.com") == set()
    two.marketer("unsubscribe", email="buyer7@example.com", account=EVENTS)
    two.marketer("remove_from_list", email="buyer7@example.com", list="Spring book")
    two.admin("update", "Contact", ids[1], FirstName="Neo", LastName="One")
    again = applied(two)
    assert "Neo" not in again.text
    assert books(two, "buyer7@example.com") <= {"Gala"}
    with two.world.lock:
        held = two.world.db.execute(
            "SELECT account, data FROM dd_contact WHERE email_key = 'buyer1@example.com' ORDER BY account"
        ).fetchall()
    assert [row["account"] for row in held] == [EVENTS, int(two.running.access.account_id)]
    assert ["Neo" in row["data"] for row in held] == [False, True]
    assert ["One" in row["data"] for row in held] == [True, False]


def test_an_unsubscribe_in_one_account_ticks_salesforce_and_suppresses_in_the_other_in_the_same_plan(
    two: Stage,
) -> None:
    ids = buyers(two.world, 3)
    two.apply()
    two.marketer("unsubscribe", email="buyer1@example.com", account=EVENTS)
    said = applied(two).text
    assert "1 record is opted out in Salesforce" in flat(said)
    assert "1 person is suppressed in Dotdigital" in flat(said)
    with two.world.lock:
        ticked = two.world.db.execute("SELECT Id FROM sf_Contact WHERE HasOptedOutOfEmail").fetchall()
    assert [row["Id"] for row in ticked] == [ids[1]]
    contact = two.contact_in_dotdigital("buyer1@example.com")
    assert contact is not None
    assert contact["channelProperties"]["email"]["status"] == "suppressed"


def test_an_account_that_refuses_us_is_an_error_that_names_it_and_nothing_is_written(two: Stage) -> None:
    buyers(two.world, 2)
    two.overrides["EV_PASSWORD"] = "wrong"
    why = refused(two, "apply", "--auto-approve")
    assert "events" in why
    assert "wrong" not in why
    assert books(two, "buyer1@example.com") == set()


def test_VAL_24_two_accounts_that_write_one_salesforce_field_are_an_error_that_names_both_rows(two: Stage) -> None:
    back = "{data_field: FIRSTNAME, direction: two_way}"
    text = CONFIG.replace("FirstName: FIRSTNAME,", f"FirstName: {back},")
    two.write(text.replace("LastName: LASTNAME", f"LastName: LASTNAME, FirstName: {back}"))
    why = refused(two, "plan")
    assert "The accounts `main` and `events` both write `Contact.FirstName`." in flat(why)
    assert "first at" in why


def test_a_guard_of_one_account_does_not_hold_the_other_up(two: Stage) -> None:
    ids = buyers(two.world, 14)
    applied(two)
    for number in range(4):
        two.marketer("set_field", email=f"buyer{number}@example.com", account=EVENTS, field="LASTNAME", value="Filled")
    two.admin("update", "Contact", ids[0], FirstName="Neo")
    ended = two.sfdd("apply", "--auto-approve")
    assert ended.code == 5, ended.text
    assert "account.events" in ended.text
    contact = two.contact_in_dotdigital("buyer0@example.com")
    assert contact is not None
    assert "Neo" in contact["dataFields"].values()
