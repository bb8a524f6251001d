"""Set-up operations: what is created, updated, adopted, forgotten, and what is refused."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sfdd_declare.model.address import Address
from sfdd_declare.model.declared import (
    Desired,
    Existing,
    Import,
    Lifecycle,
    MemberStatus,
    Moved,
    OnDestroy,
    Visibility,
)
from sfdd_declare.model.errors import ConfigError, ErrorList
from sfdd_declare.model.mapping import DataFieldType, Direction
from sfdd_declare.model.operation import Action, Operation, Task
from sfdd_declare.model.state import Resource
from sfdd_declare.plan.build import setup_plan
from sfdd_declare.plan.identify import identify
from sfdd_declare.plan.removed import moves
from sfdd_declare.plan.world import World, resources_by_address

from .builders import (
    a_book,
    a_campaign,
    a_data_field,
    a_live_campaign,
    a_live_field,
    a_live_list,
    a_mapping,
    a_row,
    desired,
    world,
)

CAMPAIGN = Resource(
    "campaign.spring", salesforce_id="701000000000001AAA", applied={"Name": "Spring launch", "IsActive": True}
)
BOOK = Resource("address_book.spring", dotdigital_id="901", applied={"name": "Spring book"})


def operations(want: Desired, live: World) -> dict[str, Operation]:
    return {op.id: op for op in setup_plan(want, live, identify(want, live), ()).operations}


def refusal(want: Desired, live: World) -> ConfigError:
    with pytest.raises(ErrorList) as caught:
        operations(want, live)
    (error,) = caught.value.errors
    assert isinstance(error, ConfigError)
    return error


def test_everything_is_created_when_nothing_exists() -> None:
    found = operations(desired(), world())
    assert {key: op.action for key, op in found.items()} == {
        "registry.salesforce": Action.CREATE,
        "campaign.spring": Action.CREATE,
        "address_book.spring": Action.CREATE,
        "address_book.spring.registry": Action.CREATE,
        "link.spring.spring": Action.CREATE,
        "field_mapping.main.contacts.FirstName": Action.CREATE,
    }
    assert set(found["link.spring.spring"].needs) == {"registry.salesforce", "campaign.spring"}
    assert "address_book.spring" in found["address_book.spring.registry"].needs


def in_step() -> World:
    """A live world in which the default configuration was applied."""
    want = desired()
    fresh = world(campaigns=(a_live_campaign(),), lists=(a_live_list(),), resources=(CAMPAIGN, BOOK), registry=())
    created = [op for op in operations(want, fresh).values() if op.task is Task.REGISTRY_ROW]
    rows = tuple(
        a_row(str(dict(op.payload)["sobject"]), str(op.address), **{f.name: f.new for f in op.fields}) for op in created
    )
    bases = {CAMPAIGN.address: CAMPAIGN, BOOK.address: BOOK}
    for op in created:
        before = bases.get(str(op.address), Resource(str(op.address), salesforce_id="a00000000000001AAA"))
        bases[str(op.address)] = replace(before, applied={**before.applied, **dict(op.applied)})
    return world(campaigns=(a_live_campaign(),), lists=(a_live_list(),), registry=rows, resources=tuple(bases.values()))


def test_nothing_is_to_do_when_everything_is_in_step() -> None:
    plan = setup_plan(desired(), in_step(), identify(desired(), in_step()), ())
    assert plan.operations == ()
    assert plan.refreshed == ()


def test_a_direction_changed_by_hand_is_drift_with_its_author() -> None:
    live = in_step()
    rows = tuple(
        replace(row, fields={**row.fields, "Direction__c": "two_way"}) if row.key.startswith("field_mapping") else row
        for row in live.salesforce.registry or ()
    )
    drifted = replace(live, salesforce=replace(live.salesforce, registry=rows))
    (op,) = operations(desired(), drifted).values()
    assert (op.action, op.drift, op.drift_by) == (Action.UPDATE, True, "0055g000004AdminAAA at 2026-11-01")
    assert [(f.name, f.old, f.new) for f in op.fields] == [("Direction__c", "two_way", "salesforce_to_dotdigital")]


def test_a_direction_changed_in_git_is_an_update_and_no_drift() -> None:
    want = desired(mappings=(a_mapping(direction=Direction.TWO_WAY),))
    (op,) = operations(want, in_step()).values()
    assert (op.action, op.drift) == (Action.UPDATE, False)


def test_a_live_campaign_of_the_same_name_is_refused_with_both_ways_out() -> None:
    error = refusal(desired(), world(campaigns=(a_live_campaign(),)))
    assert error.id == "SFDD-E4001"
    assert "import: [{to: campaign.spring, id: 701000000000001AAA}]" in error.hint
    assert "existing: {id: 701000000000001AAA}" in error.hint


def test_a_campaign_created_by_an_interrupted_apply_is_adopted() -> None:
    live = world(campaigns=(a_live_campaign(),), interrupted=frozenset({"campaign.spring"}))
    op = operations(desired(), live)["campaign.spring"]
    assert (op.action, op.task, op.prior_id) == (Action.ADOPT, Task.STATE_ONLY, "701000000000001AAA")


def test_an_import_block_takes_a_live_campaign_under_management() -> None:
    want = desired(imports=(Import(Address.parse("campaign.spring"), "701000000000001"),))
    op = operations(want, world(campaigns=(a_live_campaign(),)))["campaign.spring"]
    assert (op.action, op.prior_id) == (Action.IMPORT, "701000000000001AAA")


def test_an_existing_campaign_is_never_written() -> None:
    want = desired(campaigns=(a_campaign(existing=Existing(name="spring LAUNCH"), fields=()),))
    found = operations(want, world(campaigns=(a_live_campaign(),)))
    assert "campaign.spring" not in found
    assert ("Campaign__c", "701000000000001AAA") in [(f.name, f.new) for f in found["link.spring.spring"].fields]


@pytest.mark.parametrize(
    ("live", "id"),
    [((), "SFDD-E4004"), ((a_live_campaign(), a_live_campaign(id="701000000000002AAA")), "SFDD-E4002")],
    ids=["none", "two of that name"],
)
def test_an_existing_campaign_must_be_found_exactly_once(live: tuple[object, ...], id: str) -> None:
    want = desired(campaigns=(a_campaign(existing=Existing(name="Spring launch"), fields=()),))
    assert refusal(want, world(campaigns=live)).id == id  # type: ignore[arg-type]


def test_a_campaign_deleted_by_hand_is_created_again_as_drift() -> None:
    op = operations(desired(), world(resources=(CAMPAIGN,)))["campaign.spring"]
    assert (op.action, op.drift) == (Action.CREATE, True)


def test_only_member_statuses_that_differ_are_written() -> None:
    want = desired(
        campaigns=(a_campaign(statuses=(MemberStatus("Sent", default=True), MemberStatus("Attended", responded=True))),)
    )
    live = world(campaigns=(a_live_campaign(),), resources=(CAMPAIGN,))
    statuses = [op for op in operations(want, live).values() if op.task is Task.CAMPAIGN_STATUS]
    assert [(op.action, dict(op.payload)["label"]) for op in statuses] == [(Action.CREATE, "Attended")]


def test_a_renamed_list_keeps_its_id() -> None:
    want = desired(address_books=(a_book(name="New name", visibility=Visibility.PRIVATE),))
    op = operations(want, world(lists=(a_live_list(),), resources=(BOOK,)))["address_book.spring"]
    assert (op.action, op.prior_id, op.unchanged) == (Action.UPDATE, "901", 1)
    assert [(f.name, f.old, f.new) for f in op.fields] == [("name", "Spring book", "New name")]


def test_a_changed_data_field_type_forces_replacement() -> None:
    want = desired(data_fields=(a_data_field(type=DataFieldType.NUMERIC),))
    live = world(
        data_fields=(a_live_field("TIER"),),
        resources=(Resource("data_field.main.TIER", dotdigital_id="TIER", applied={"type": "String"}),),
    )
    op = operations(want, live)["data_field.main.TIER"]
    assert op.action is Action.REPLACE
    assert [f.forces_replacement for f in op.fields] == [True]
    assert "lost" in op.note


def test_a_data_field_that_exists_is_not_taken_over() -> None:
    want = desired(data_fields=(a_data_field(),))
    error = refusal(want, world(data_fields=(a_live_field("Tier"),)))
    assert (error.id, "data_fields.main.TIER: existing" in error.hint) == ("SFDD-E4001", True)


def test_what_is_no_longer_declared_is_forgotten_by_default() -> None:
    live = world(campaigns=(a_live_campaign(),), resources=(CAMPAIGN,), registry=())
    op = operations(desired(campaigns=(), links=()), live)["campaign.spring"]
    assert (op.action, op.task) == (Action.FORGET, Task.STATE_ONLY)


def test_what_was_declared_to_be_deleted_is_deleted_with_its_losses_and_name() -> None:
    resource = replace(CAMPAIGN, on_destroy=OnDestroy.DELETE)
    live = world(campaigns=(a_live_campaign(),), resources=(resource,), registry=())
    op = operations(desired(campaigns=(), links=()), live)["campaign.spring"]
    assert (op.action, op.destroys) == (Action.DELETE, "Spring launch")
    assert "3 members" in op.note


def test_a_thing_with_prevent_destroy_cannot_leave_the_configuration() -> None:
    live = world(campaigns=(a_live_campaign(),), resources=(replace(CAMPAIGN, prevent_destroy=True),), registry=())
    assert refusal(desired(campaigns=(), links=()), live).id == "SFDD-E4005"


def test_a_removed_link_deletes_only_our_own_row() -> None:
    live = in_step()
    (op,) = operations(desired(links=()), live).values()
    assert (op.id, op.action, op.destroys) == ("link.spring.spring", Action.DELETE, "")


def test_a_registry_that_may_not_be_deployed_names_both_ways_out() -> None:
    error = refusal(desired(), world(may_deploy=False))
    assert error.id == "SFDD-E4006"
    assert "registry package --zip" in error.hint
    assert "registry: none" in error.hint


def test_without_a_registry_links_and_mappings_live_in_the_state() -> None:
    base = desired()
    want = replace(base, salesforce=replace(base.salesforce, registry=False))
    found = operations(want, world())
    assert "registry.salesforce" not in found
    assert found["link.spring.spring"].task is Task.STATE_ONLY


def test_a_moved_block_changes_the_address_only() -> None:
    move = Moved(Address.parse("campaign.old"), Address.parse("campaign.spring"))
    resources, done = resources_by_address((replace(CAMPAIGN, address="campaign.old"),), (move,))
    live = replace(world(campaigns=(a_live_campaign(),)), resources=resources)
    (op,) = moves(done, live)
    assert (op.action, dict(op.payload)["from"]) == (Action.MOVE, "campaign.old")
    assert "campaign.spring" not in operations(desired(), live)


def test_ignored_drift_makes_no_operation() -> None:
    want = desired(campaigns=(a_campaign(lifecycle=Lifecycle(ignore_changes=("IsActive",))),))
    live = world(campaigns=(a_live_campaign(fields={"IsActive": False}),), resources=(CAMPAIGN,), lists=())
    assert "campaign.spring" not in operations(want, live)
