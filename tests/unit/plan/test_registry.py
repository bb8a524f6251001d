"""Rows of the registry: whose they are, what becomes of them when things move, and of others' rows."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from sfdd_declare.model.address import Address
from sfdd_declare.model.declared import Lifecycle, Moved
from sfdd_declare.model.live import RegistryRow
from sfdd_declare.model.operation import Action, Operation, RowSet, Stage, Task
from sfdd_declare.model.registry import ADDRESS_BOOK, FIELD_MAPPING, LINK
from sfdd_declare.model.state import Resource, Scalar
from sfdd_declare.plan.build import setup_plan
from sfdd_declare.plan.identify import identify
from sfdd_declare.plan.others import removals, reports
from sfdd_declare.plan.world import resources_by_address

from .builders import a_link, a_live_campaign, a_live_list, a_row, desired, world
from .test_order_and_guards import an_operation
from .test_setup import BOOK, CAMPAIGN, operations

ROW_BASE: dict[str, Scalar] = {"registry.Name": "old → spring"}


def test_a_moved_link_keeps_its_row_under_the_new_key() -> None:
    move = Moved(Address.parse("link.old.spring"), Address.parse("link.spring.spring"))
    resources, _ = resources_by_address((Resource("link.old.spring", salesforce_id="a0", applied=ROW_BASE),), (move,))
    live = replace(world(registry=(a_row(LINK, "link.old.spring", Name="old → spring"),)), resources=resources)
    found = operations(desired(), live)
    op = found["link.spring.spring"]
    assert (op.action, op.prior_id, dict(op.payload)["renamed"], op.drift) == (
        Action.UPDATE, "a00000000000001AAA", True, False)  # fmt: skip
    assert not [other for other in found.values() if other.action is Action.DELETE]


def test_rows_that_were_kept_in_the_state_alone_are_new_and_not_said_to_have_been_deleted() -> None:
    known = Resource("link.spring.spring", applied={"registry.Name": "spring → spring"})
    op = operations(desired(), world(resources=(known,)))["link.spring.spring"]
    assert (op.action, op.drift) == (Action.CREATE, False)
    written = replace(known, salesforce_id="a00000000000001AAA")
    op = operations(desired(), world(resources=(written,), registry=()))["link.spring.spring"]
    assert (op.action, op.drift) == (Action.CREATE, True)


def test_a_link_with_prevent_destroy_remembers_it() -> None:
    want = desired(links=(a_link(lifecycle=Lifecycle(prevent_destroy=True)),))
    assert operations(want, world())["link.spring.spring"].prevent_destroy


def test_a_link_in_the_state_alone_waits_for_its_campaign() -> None:
    base = desired()
    want = replace(base, salesforce=replace(base.salesforce, registry=False))
    op = operations(want, world())["link.spring.spring"]
    assert (op.task, "campaign.spring" in op.needs) == (Task.STATE_ONLY, True)


def test_books_of_an_account_that_is_not_read_now_keep_their_rows() -> None:
    live = world(campaigns=(a_live_campaign(),), resources=(CAMPAIGN, BOOK),
                 registry=(a_row(ADDRESS_BOOK, "address_book.spring"),))  # fmt: skip
    unread = replace(live, dotdigital={})
    assert not [key for key in operations(desired(), unread) if key.startswith("address_book.")]


def test_rows_of_another_state_are_reported_where_they_describe_the_same() -> None:
    def of_another(sobject: str, key: str, **fields: str) -> RegistryRow:
        return replace(a_row(sobject, key, **fields), lineage="other")

    live = world(campaigns=(a_live_campaign(),), lists=(a_live_list(),), resources=(CAMPAIGN, BOOK), registry=())
    rows = (
        of_another(ADDRESS_BOOK, "address_book.theirs", List_Id__c="901"),
        of_another(ADDRESS_BOOK, "address_book.elsewhere", List_Id__c="17"),
        of_another(LINK, "link.a.b", Campaign__c="701000000000009AAA", Address_Book__c="b"),
    )
    live = replace(live, salesforce=replace(live.salesforce, other_lineages=rows))
    (warning,) = setup_plan(desired(), live, identify(desired(), live), ()).warnings
    assert "lineage other" in warning
    assert "address_book.theirs" in warning
    assert "elsewhere" not in warning


def test_what_stands_in_the_registry_already_is_not_reported_again() -> None:
    mine = a_row(ADDRESS_BOOK, "address_book.spring", List_Id__c="901")
    theirs = replace(a_row(ADDRESS_BOOK, "address_book.theirs", List_Id__c="901"), lineage="other")
    live = world(campaigns=(a_live_campaign(),), lists=(a_live_list(),), resources=(CAMPAIGN, BOOK), registry=(mine,))
    live = replace(live, salesforce=replace(live.salesforce, other_lineages=(theirs,)))
    assert setup_plan(desired(), live, identify(desired(), live), ()).warnings == ()


@pytest.mark.parametrize(("direction", "reported"), [("two_way", 0), ("salesforce_to_dotdigital", 1)])
def test_two_that_map_a_field_alike_do_not_disturb_each_other(direction: str, reported: int) -> None:
    mine = {"Salesforce_Field__c": "Title", "Data_Field__c": "D", "Direction__c": "two_way"}
    theirs = replace(a_row(FIELD_MAPPING, "k", **{**mine, "Direction__c": direction}), lineage="x")
    live = replace(world().salesforce, other_lineages=(theirs,))
    assert len(list(reports([(FIELD_MAPPING, mine)], live))) == reported


def a_removal(task: Task, address: str, **changes: Any) -> Operation:
    return an_operation(f"{task}:{address}", Stage.REMOVALS, task, address=Address.parse(address), **changes)


@pytest.mark.parametrize(
    ("op", "names"),
    [
        (a_removal(Task.REMOVE_FROM_LIST, "address_book.spring", rows=RowSet(48, 48, "")), 48),
        (a_removal(Task.REMOVE_MEMBERS, "campaign.spring", rows=RowSet(7, 7, "")), 7),
        (a_removal(Task.ADDRESS_BOOK, "address_book.gone", prior_id="901", action=Action.DELETE), 1),
        (a_removal(Task.REMOVE_FROM_LIST, "address_book.mine", rows=RowSet(5, 5, "")), None),
        (a_removal(Task.REMOVE_MEMBERS, "campaign.mine", rows=RowSet(5, 5, "")), None),
        (a_removal(Task.ADDRESS_BOOK, "address_book.spring", action=Action.UPDATE), None),
    ],
    ids=["book", "campaign", "deleted book", "another book", "another campaign", "nobody is taken off"],
)
def test_taking_people_off_what_another_configuration_names_is_asked_about(op: Operation, names: int | None) -> None:
    ids = {"address_book.spring": "901", "campaign.spring": "701A", "address_book.mine": "17", "campaign.mine": "701B"}
    rows = (
        replace(a_row(ADDRESS_BOOK, "address_book.theirs", List_Id__c="901"), lineage="other"),
        replace(a_row(LINK, "link.a.b", Campaign__c="701A"), lineage="other"),
    )
    found = list(removals((op,), ids, replace(world().salesforce, other_lineages=rows)))
    assert [(verdict.guard, verdict.count, verdict.operations) for verdict in found] == (
        [("other_lineage", names, (op.id,))] if names else []
    )
    assert all("lineage other" in verdict.detail for verdict in found)


def test_many_rows_of_another_state_are_named_by_a_few() -> None:
    fields = [{"Record_Type__c": "contacts", "Salesforce_Field__c": f"F{n}", "Data_Field__c": "D"} for n in range(5)]
    other = {"Direction__c": "two_way"}
    rows = tuple(replace(a_row(FIELD_MAPPING, f"k{n}", **f, **other), lineage="x") for n, f in enumerate(fields))
    live = replace(world().salesforce, other_lineages=rows)
    (warning,) = reports([(FIELD_MAPPING, f) for f in fields], live)
    assert "k0, k1 and 3 more" in warning
