"""Budgets of calls, asserted at the sandbox's own counter."""

from __future__ import annotations

from math import ceil

import pytest

from tests.e2e.sampling import sampled
from tests.e2e.stage import Stage, buyers

PEOPLE = 10_000


@pytest.mark.parametrize(
    ("page", "contacts_page"),
    sampled([(500, 1200), (2000, 5000)], 0, always=1, name=lambda sizes: f"pages of {sizes[0]}"),
)
def test_ten_thousand_members_cost_no_more_than_the_full_read_and_write_rows(
    stage: Stage, page: int, contacts_page: int
) -> None:
    buyers(stage.world, PEOPLE)
    stage.control("PUT", "settings", {"salesforce.page_size": page, "dotdigital.page_size": contacts_page})
    stage.forget_calls()
    stage.apply()
    salesforce, dotdigital = _calls(stage)
    # the selection, opted-out records of two types, and these once more just before people are added; set-up asks for
    # the permission set and the statuses
    assert salesforce["query"] <= ceil(PEOPLE / page) + 2 + 2 + 3
    assert salesforce["composite/sobjects"] <= 2  # registry rows; the members are one bulk job
    assert salesforce["jobs"] <= 5 + 2
    assert dotdigital["look-ups"] <= ceil(PEOPLE / 1000)
    assert dotdigital["imports"] == 1
    assert dotdigital["suppressed-since"] == 2  # once for the plan, once more just before people are added

    stage.forget_calls()
    assert stage.sfdd("plan", "--detailed-exitcode").code == 0
    counted = stage.calls()
    salesforce, dotdigital = _calls(stage)
    members, selection, opted_out = ceil(PEOPLE / page), ceil(PEOPLE / page), 2
    assert counted["salesforce"]["total"] <= 1 + 1 + 1 + members + selection + opted_out, counted
    # account-info, lists, data fields, suppressed-since, and the pages of the book (one may be empty)
    assert counted["dotdigital"]["total"] <= 4 + ceil(PEOPLE / contacts_page) + 1, counted


def _calls(stage: Stage) -> tuple[dict[str, int], dict[str, int]]:
    counted = stage.calls()
    salesforce, dotdigital = counted["salesforce"]["by_template"], counted["dotdigital"]["by_template"]

    def count(of: dict[str, int], *parts: str) -> int:
        return sum(number for template, number in of.items() if all(part in template for part in parts))

    return (
        {
            "query": count(salesforce, "/query"),
            "composite/sobjects": count(salesforce, "POST", "composite/sobjects"),
            "jobs": count(salesforce, "jobs/ingest"),
        },
        {
            "look-ups": count(dotdigital, "retrieve-collection"),
            "imports": count(dotdigital, "PUT", "/contacts/v3/import"),
            "suppressed-since": count(dotdigital, "suppressed-since"),
        },
    )
