"""A life of troubles: what once went wrong with people, one after the other in one world with one state.

The random lives hardly ever get into these situations. Each plan's decisions are the oracle's here as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from sfdd_declare.sandbox.salesforce import sql
from tests.property.declared import BACK, BOTH, FORTH
from tests.property.living import ALLOWED, Living

BUYERS = 30
DIRECTIONS = {"FirstName": BOTH, "LastName": FORTH, "Title": BACK, "Score__c": FORTH}
OVERLONG = "L" * 60
TEXT_LIMIT = 50


class Troubles(Living):
    def begin(self) -> None:
        """Buyers with an address each, and a few records that share theirs."""
        self.running.world.set_switches("cautious")
        self.running.world.set_setting("dotdigital.text_limit", TEXT_LIMIT)
        self.redeclare(directions=DIRECTIONS, conflict="dotdigital", has_new_leads=True)
        self.ids = [self.person(f"q{n}@life.example", FirstName="Ada", LastName=f"Nr {n}") for n in range(BUYERS)]
        for number in range(12):
            self.hands.person("Lead" if number % 3 else "Contact", number, number)
        self.lead = self.person("heir@life.example", "Lead", FirstName="Old", LastName="Heir")
        self.contact = self.person("heir@life.example", FirstName="New", LastName="Heir")
        self.stage.marketer("add_contact", email="known@life.example")
        self.synchronise()

    def an_address_goes_to_that_of_another_contact_and_back(self) -> None:
        for address in ("known@life.example", "q0@life.example"):
            self.changes(self.ids[0], Email=address)
            self.synchronise()
            assert self.stage.lists_of(address) == ["News"]
        assert self.stage.lists_of("known@life.example") == []

    def a_column_is_emptied_and_typed_again(self) -> None:
        some = range(8)
        for title in ("First", None, "Again"):
            for number in some if title else ():
                self.types(number, "JOB_TITLE", f"{title} {number}")
            if title is None:
                self.hands.empty_there("Title")
            self.synchronise()
            present = [self.hands.value("salesforce", self.ids[number], "Title") for number in some]
            assert present == [f"{title or 'First'} {number}" for number in some]

    def a_refused_row_is_parked_until_its_value_changes(self) -> None:
        bad = self.ids[9]
        self.changes(bad, LastName=OVERLONG)
        self.changes(self.ids[10], LastName="Fits")
        refused = self.decided("apply", "--auto-approve", "--allow", ALLOWED)
        assert (refused.code, "InvalidContact" in refused.text) == (6, True), refused.text
        assert "1 problem parked" in self.stage.sfdd("errors", "park", bad).out
        self.synchronise()
        assert "1 parked" in self.stage.sfdd("errors").out
        self.changes(bad, LastName="Short")
        self.synchronise()
        assert self.there("q9@life.example", "LastName") == "Short"
        assert "Nothing waits" in self.stage.sfdd("errors").out

    def somebody_signs_up_with_an_address_that_salesforce_refuses(self) -> None:
        whole = {"FIRSTNAME": "Flo", "LASTNAME": "Rence", "COMPANY": "Nurses"}
        addresses = ("a\\b@life.example", "flo@life.example")
        for address in addresses:
            self.stage.marketer("add_contact", email=address, lists=["News"], dataFields=whole)
        self.synchronise()
        assert [self.is_lead(address) for address in addresses] == [False, True]

    def a_wanted_persons_contact_hard_bounces_just_before(self) -> None:
        self.stage.marketer("add_contact", email="bounced@life.example")
        self.person("bounced@life.example", LastName="Bounced")
        self.stage.marketer("set_status", email="bounced@life.example", status="hardBounced")
        self.synchronise()
        assert self.there("bounced@life.example", "LastName") == "Bounced"

    def a_lead_takes_over_from_a_deleted_contact(self) -> None:
        self.stage.marketer("set_field", email="heir@life.example", field="FIRSTNAME", value="Typed")
        self.synchronise()
        assert self.hands.value("salesforce", self.contact, "FirstName") == "Typed"
        self.stage.admin("delete", "Contact", self.contact)
        self.synchronise()
        assert self.there("heir@life.example", "FirstName") == "Typed"
        assert self.hands.value("salesforce", self.lead, "FirstName") == "Old"

    def whoever_wrote_leaves_an_exact_campaign_and_others_share_the_contact(self) -> None:
        shared = [f"both{number}@life.example" for number in range(3)]
        pairs = [{word: self.person(address, LastName=word) for word in ("One", "Two")} for address in shared]
        self.redeclare(mode="exact")
        self.synchronise()
        writers = [self.there(address, "LastName") for address in shared]
        for pair, writer in zip(pairs, writers, strict=True):
            self.changes(pair[writer], Department="Sellers")
        self.synchronise()
        others = {"One": "Two", "Two": "One"}
        assert [self.there(address, "LastName") for address in shared] == [others[writer] for writer in writers]

    # --- who does it ------------------------------------------------------------------------------------------------

    def person(self, email: str, sobject: str = "Contact", **values: Any) -> str:
        chosen = {"Rating": "Hot", "Company": "Acme"} if sobject == "Lead" else {"Department": "Buyers"}
        made = self.stage.admin("insert", sobject, Email=email, **chosen, **values)
        return str(made["id"])

    def changes(self, sf_id: str, **values: Any) -> None:
        self.rests()
        self.stage.admin("update", "Contact", sf_id, **values)

    def types(self, number: int, field: str, value: str) -> None:
        self.rests()
        self.stage.marketer("set_field", email=f"q{number}@life.example", field=field, value=value)

    def rests(self) -> None:
        self.hands.rest(60)

    def there(self, email: str, field: str) -> Any:
        found = self.stage.contact_in_dotdigital(email)
        return found and self.hands.value("dotdigital", str(found["contactId"]), field)

    def is_lead(self, email: str) -> bool:
        with self.running.world.lock:
            return bool(sql.select(self.running.world.db, "sf_Lead", "Email = ?", (email,)))


TROUBLES = (
    Troubles.an_address_goes_to_that_of_another_contact_and_back,
    Troubles.a_column_is_emptied_and_typed_again,
    Troubles.a_refused_row_is_parked_until_its_value_changes,
    Troubles.somebody_signs_up_with_an_address_that_salesforce_refuses,
    Troubles.a_wanted_persons_contact_hard_bounces_just_before,
    Troubles.a_lead_takes_over_from_a_deleted_contact,
    Troubles.whoever_wrote_leaves_an_exact_campaign_and_others_share_the_contact,
)


@pytest.fixture
def life() -> Iterator[Troubles]:
    troubles = Troubles()
    yield troubles
    troubles.end()


def test_MEM_2_VAL_26_RUN_4_NEW_4_CON_4_ID_3_INV_1_hold_where_they_once_did_not(life: Troubles) -> None:
    """Half of what all lives together may take: see test_lives.py."""
    life.begin()
    for trouble in TROUBLES:
        life.rests()
        trouble(life)
    steps, plans = life.agreement.people, life.agreement.plans
    assert (steps >= 1500, plans <= 29) == (True, True), (steps, plans)
