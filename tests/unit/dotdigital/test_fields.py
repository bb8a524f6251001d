"""Data fields made, replaced and deleted."""

from __future__ import annotations

import pytest

from sfdd_declare.dotdigital.client import Client
from sfdd_declare.dotdigital.fields import DataFieldWriter
from sfdd_declare.dotdigital.setup import data_fields
from sfdd_declare.model.errors import BugError
from sfdd_declare.model.live import LiveDataField
from sfdd_declare.model.mapping import DataFieldType
from sfdd_declare.model.operation import Action, Operation
from sfdd_declare.model.ports import ItemResult
from sfdd_declare.sandbox.dotdigital import fields
from sfdd_declare.sandbox.dotdigital.schema import home_account
from sfdd_declare.sandbox.world import World

from .builders import Hands, a_batch, a_field_operation


def carry_out(client: Client, operation: Operation) -> ItemResult:
    return DataFieldWriter(client).send(a_batch(operation), lambda job: None, lambda done: None).items[0]


def live(client: Client, name: str) -> LiveDataField | None:
    return next((field for field in data_fields(client) if field.name.upper() == name), None)


@pytest.mark.parametrize(
    ("kind", "default", "expected"),
    [
        ("String", "none", "none"),
        ("Numeric", 5, 5),
        ("Numeric", "2.5", 2.5),
        ("Boolean", True, True),
        ("Date", "2026-03-01", "2026-03-01T00:00:00Z"),
        ("String", None, None),
    ],
)
def test_a_field_is_created_with_its_default(
    client: Client, kind: str, default: str | bool | int | None, expected: object
) -> None:
    operation = a_field_operation("TIER", action=Action.CREATE, type=kind, visibility="Public", defaultValue=default)
    result = carry_out(client, operation)
    field = live(client, "TIER")
    assert field is not None
    assert (result.ok, result.live_id) == (True, "TIER")
    assert (field.type.value, field.visibility) == (kind, "Public")
    assert str(field.default).removesuffix("Z").removesuffix(".000") == str(expected).removesuffix("Z")


@pytest.mark.parametrize("kind", ["reset_before", "reset_after"])
def test_a_create_whose_reply_was_lost_is_looked_for_before_it_is_repeated(
    client: Client, hands: Hands, kind: str
) -> None:
    hands.fault(kind, "/v2/data-fields$", method="POST")
    assert carry_out(client, a_field_operation("TIER", action=Action.CREATE, type="String")).ok
    assert live(client, "TIER") is not None


def test_a_name_in_use_is_a_clear_failure(client: Client, hands: Hands) -> None:
    hands.a_field("TIER")
    result = carry_out(client, a_field_operation("Tier", action=Action.CREATE, type="String"))
    assert (result.ok, result.code) == (False, "SFDD-E2206")


def test_a_replacement_keeps_what_it_does_not_change(client: Client, world: World) -> None:
    fields.create(world, home_account(world), "seed", name="TIER", kind="String", visibility="Public", default="7")
    result = carry_out(client, a_field_operation("TIER", action=Action.REPLACE, type="Numeric", defaultValue=7))
    field = live(client, "TIER")
    assert field is not None
    assert result.ok
    assert (field.type, field.visibility, field.default) == (DataFieldType.NUMERIC, "Public", 7)


def test_a_replacement_that_was_interrupted_can_be_carried_out_again(client: Client) -> None:
    """The field was deleted, then the run was killed."""
    assert carry_out(client, a_field_operation("TIER", action=Action.REPLACE, type="Numeric")).ok
    assert live(client, "TIER") is not None


def test_a_field_is_deleted(client: Client, hands: Hands) -> None:
    hands.a_field("TIER")
    result = carry_out(client, a_field_operation("TIER", action=Action.DELETE, prior_id="TIER"))
    assert (result.ok, result.already) == (True, False)
    assert live(client, "TIER") is None


def test_a_field_that_is_gone_counts_as_deleted(client: Client) -> None:
    result = carry_out(client, a_field_operation("TIER", action=Action.DELETE, prior_id="TIER"))
    assert (result.ok, result.already) == (True, True)


@pytest.mark.parametrize("dependencies", [["Campaign: Spring"], [{"type": "Campaign", "objectId": 1}]])
def test_a_field_in_use_stays_and_says_by_what(
    client: Client, hands: Hands, world: World, dependencies: list[object]
) -> None:
    hands.a_field("TIER")
    world.set_setting("dotdigital.field_dependencies", {"TIER": dependencies})
    result = carry_out(client, a_field_operation("TIER", action=Action.REPLACE, prior_id="TIER", type="Numeric"))
    assert (result.ok, result.code, result.hint) == (False, "SFDD-E2213", "data_fields.main.TIER: existing")
    assert "Campaign" in result.message
    field = live(client, "TIER")
    assert field is not None
    assert field.type is DataFieldType.STRING


@pytest.mark.parametrize("dependency", ["Used in program 123456", 'Used in segment "Spring 2026-03-01"'])
def test_numbers_and_names_of_what_uses_a_field_are_not_masked(
    client: Client, hands: Hands, world: World, dependency: str
) -> None:
    hands.a_field("TIER")
    world.set_setting("dotdigital.field_dependencies", {"TIER": [dependency]})
    result = carry_out(client, a_field_operation("TIER", action=Action.DELETE, prior_id="TIER"))
    assert dependency in result.message


def test_an_answer_that_does_not_say_whether_a_field_was_deleted_is_no_success(client: Client, hands: Hands) -> None:
    hands.a_field("TIER")
    hands.fault("status", "/v2/data-fields/TIER", status=200, body={"message": "hello"})
    result = carry_out(client, a_field_operation("TIER", action=Action.DELETE, prior_id="TIER"))
    assert (result.ok, result.code) == (False, "SFDD-E2214")


def test_a_conflict_on_deletion_is_the_same_thing(client: Client, hands: Hands) -> None:
    hands.a_field("TIER")
    hands.fault("status", "/v2/data-fields/TIER", status=409, body={"message": "in use"})
    result = carry_out(client, a_field_operation("TIER", action=Action.DELETE, prior_id="TIER"))
    assert (result.ok, result.code) == (False, "SFDD-E2213")


def test_a_field_cannot_be_updated(client: Client) -> None:
    with pytest.raises(BugError):
        carry_out(client, a_field_operation("TIER", action=Action.UPDATE, type="Numeric"))
