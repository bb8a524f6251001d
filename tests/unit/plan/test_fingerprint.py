"""What makes a plan another plan, and what does not: two people, two checkouts, two places of the state agree."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pydantic import SecretStr

from sfdd_declare.model.address import address_book
from sfdd_declare.model.declared import (
    AuthMethod,
    Consent,
    Desired,
    DoubleOptIn,
    Guards,
    LeadRules,
    Limit,
    Matching,
    MemberMode,
    Removals,
    SalesforceAuth,
    Selection,
)
from sfdd_declare.model.errors import Position
from sfdd_declare.model.mapping import ConflictRule, Direction, OnBlank, RecordType
from sfdd_declare.model.operation import FieldChange, Operation, RowSet, Stage, Task
from sfdd_declare.model.receiver import Receiver, Webhook
from sfdd_declare.plan.fingerprint import fingerprint
from tests.unit.plan.builders import a_book, a_campaign, a_link, a_mapping, an_account, desired
from tests.unit.plan.test_order_and_guards import an_operation

BASE = desired(campaigns=(a_campaign(selections=(Selection(RecordType.CONTACT, ids=("003A", "003B")),)),))
AUTH = SalesforceAuth(AuthMethod.ACCESS_TOKEN, access_token=SecretStr("other"), instance_url="https://x.example")
HERE = Position("other/place.yaml", 7, 3, "# a comment")


def of(configuration: Desired, *operations: Operation) -> str:
    return fingerprint("1", configuration, operations)


@pytest.mark.parametrize(
    "changes",
    [
        {"digest": "e" * 64},
        {"salesforce": replace(BASE.salesforce, auth=AUTH, login_url="https://test.salesforce.com", where=HERE)},
        {"salesforce": replace(BASE.salesforce, daily_call_budget=7, api_version="65.0")},
        {"accounts": (an_account(user="other", password=SecretStr("y"), region="r2", where=HERE),)},
        {"state": "postgresql://elsewhere"},
        {"notifications": (Receiver("ops", Webhook(SecretStr("https://ops.acme.example"))),)},
        {"root": "/another/checkout"},
        {"memory_limit": "4GB"},
        {"full_every_hours": 1.0},
        {"links": (a_link(schedule="every 15 minutes", where=HERE),)},
        {"address_books": (a_book(where=HERE),)},
        {"mappings": (a_mapping(where=HERE),)},
        {
            "campaigns": (
                a_campaign(
                    where=HERE,
                    selections=(
                        Selection(RecordType.CONTACT, ids=("003B", "003A"), file="elsewhere.csv", position=HERE),
                    ),
                ),
            )
        },
        {"warnings": ("said",)},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_how_and_where_it_is_run_makes_no_other_plan(changes: dict[str, object]) -> None:
    assert of(replace(BASE, **changes)) == of(BASE)


@pytest.mark.parametrize(
    "changes",
    [
        {"accounts": (an_account(enabled=False),)},
        {"accounts": (an_account(double_opt_in=DoubleOptIn.ENFORCED),)},
        {"accounts": (an_account(consent=Consent(opt_out_to_dotdigital=False)),)},
        {"links": (a_link(member_statuses=("Sent",)),)},
        {"links": ()},
        {"address_books": (a_book(removals=Removals.MIRROR),)},
        {"address_books": (a_book(restore_left=True),)},
        {"mappings": (a_mapping(direction=Direction.TWO_WAY),)},
        {"mappings": (a_mapping(conflict=ConflictRule.SKIP),)},
        {"mappings": (a_mapping(on_blank=OnBlank.KEEP),)},
        {"mappings": ()},
        {"campaigns": (a_campaign(mode=MemberMode.EXACT, selections=BASE.campaigns[0].selections),)},
        {"campaigns": (a_campaign(selections=(Selection(RecordType.CONTACT, ids=("003A",)),)),)},
        {"campaigns": (a_campaign(selections=(Selection(RecordType.CONTACT, where="X = 1"),)),)},
        {"matching": Matching(precedence=(RecordType.LEAD,))},
        {"leads": LeadRules(defaults=(("LeadSource", "Web"),))},
        {"guards": Guards(max_removals=Limit(percent=50.0))},
        {"guards": Guards(protect=(address_book("spring"),))},
    ],
    ids=str,
)
def test_a_rule_about_people_makes_another_plan(changes: dict[str, object]) -> None:
    assert of(replace(BASE, **changes)) != of(BASE)


def test_what_happens_to_things_makes_another_plan_and_rows_do_not() -> None:
    change = an_operation("campaign.x", fields=(FieldChange("Name", "a", "b"),))
    other = replace(change, fields=(FieldChange("Name", "a", "c"),))
    rows = an_operation("import:main", Stage.CONTACTS, Task.IMPORT_CONTACTS, rows=RowSet(5, 5, "digest"))
    assert len({of(BASE), of(BASE, change), of(BASE, other)}) == 3
    assert of(BASE, change, rows) == of(BASE, change)
    assert of(BASE, replace(change, drift_by="Ada at 10:12")) == of(BASE, change)
