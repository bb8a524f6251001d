from __future__ import annotations

import json
from pathlib import Path

from sfdd_declare.sandbox.salesforce import rows, schema, store
from sfdd_declare.sandbox.salesforce.app import build
from sfdd_declare.sandbox.salesforce.compact import dump, merge
from sfdd_declare.sandbox.world import World


def a_describe(*fields: dict[str, object], name: str = "Contact") -> dict[str, object]:
    flags = {"createable": True, "updateable": True, "deletable": False, "queryable": True}
    return {"name": name, "label": name, "keyPrefix": "003", **flags, "fields": list(fields)}


def a_field(name: str, **more: object) -> dict[str, object]:
    return {"name": name, "label": name, "type": "string", "length": 40, "custom": name.endswith("__c"), **more}


def test_custom_fields_of_the_recorded_org_are_left_out_and_the_first_file_wins() -> None:
    first = a_describe(a_field("Title", length=128), a_field("Theirs__c"))
    second = a_describe(a_field("Title", length=40), a_field("Jigsaw"))
    (contact,) = merge([first, second])
    assert [(field["name"], field["length"]) for field in contact["fields"]] == [("Title", 128), ("Jigsaw", 40)]


def test_flags_and_picklists_survive_the_round_trip() -> None:
    values = [
        {"value": "a", "active": True, "defaultValue": True},
        {"value": "b", "active": False, "defaultValue": False},
    ]
    status = a_field("Status", type="picklist", createable=True, filterable=False, picklistValues=values)
    (raw,) = json.loads(dump(merge([a_describe(status)])))
    one = schema.read_object(raw)
    field = one.field("status")
    assert field is not None
    assert (field.values, field.inactive, field.default) == (("a",), ("b",), "a")
    assert field.has("createable")
    assert not field.is_filterable
    assert (one.has("createable"), one.has("deletable")) == (True, False)
    assert schema.read_object(schema.write_object(one)) == one


def test_no_recorded_custom_field_is_in_the_committed_data() -> None:
    ours = {
        "Last_Visit__c",
        "Last_Seen__c",
        "Newsletter_Topics__c",
        "Score__c",
        "Customer_Tier__c",
        "Notes__c",
        "Vip__c",
        "External_Ref__c",
        "Greeting__c",
    }
    custom = {field.name for one in schema.standard() for field in one.fields.values() if field.is_custom}
    assert custom == ours


def test_an_org_is_the_same_after_a_restart(tmp_path: Path) -> None:
    first = World(tmp_path / "world.db")
    build(first)
    record_id = rows.insert_many(first, "Contact", [{"LastName": "Okafor"}])[0]
    thing = schema.read_object(
        {"name": "Thing__c", "label": "Thing", "labelPlural": "Things", "keyPrefix": "a00", "flags": "Q"}
        | {"fields": [{"name": "Id", "label": "Id", "type": "id"}, {"name": "A__c", "label": "A", "type": "date"}]}
    )
    store.save_object(first, thing)
    first.close()
    second = World(tmp_path / "world.db")
    build(second)
    contact = store.require_object(second, "Contact")
    found = rows.fetch(second, contact, record_id)
    assert found is not None
    assert found["LastName"] == "Okafor"
    assert store.require_object(second, "Thing__c") == thing
    assert rows.insert_many(second, "Contact", [{"LastName": "b"}])[0] > record_id
    second.close()
