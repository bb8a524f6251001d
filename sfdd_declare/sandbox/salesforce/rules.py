"""What Salesforce checks about the values of a record before it stores it, field by field.

Turns the JSON of a request into stored values, or refuses. Rules of one object (members, statuses, leads) are in
`members`; what needs other records (unique values, references) is here too, because it follows from the schema.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from sfdd_declare.sandbox.salesforce import ids, sql, store
from sfdd_declare.sandbox.salesforce.errors import Refusal
from sfdd_declare.sandbox.salesforce.schema import ID_TYPES, TEXT_TYPES, Field, ObjectType
from sfdd_declare.sandbox.salesforce.values import Stored, to_stored
from sfdd_declare.sandbox.salesforce.views import View

_EMAIL = re.compile(r"[^@\s,;<>()\"\\]+@[^@\s,;<>()\"\\.]+(\.[^@\s,;<>()\"\\.]+)+")
_INT_LIMIT = 2**31


def read_record(view: View, one: ObjectType, body: Mapping[str, Any], *, is_new: bool) -> dict[str, Stored]:
    """The stored values a body asks for."""
    values: dict[str, Stored] = {}
    refused: list[str] = []
    for name, value in body.items():
        if name == "attributes":
            continue
        field = one.field(name)
        if field is None:
            link, found = _by_relationship(view, one, name, value)
            values[link.name] = found
            if not link.has("createable" if is_new else "updateable"):
                refused.append(link.name)
            continue
        if field.type == "id":
            raise Refusal("INVALID_FIELD", "The Id field should not be specified in the sobject data.", ("Id",))
        if not field.has("createable" if is_new else "updateable"):
            refused.append(field.name)
            continue
        values[field.name] = _checked(view, field, to_stored(field, value))
    if refused:
        raise Refusal(
            "INVALID_FIELD_FOR_INSERT_UPDATE",
            f"Unable to create/update fields: {', '.join(refused)}. Please check the security settings of this "
            "field and verify that it is read/write for your profile or permission set.",
            tuple(refused),
        )
    _require(one, values, is_new=is_new)
    return values


def check_unique(view: View, one: ObjectType, values: Mapping[str, Stored], *, own: str | None) -> None:
    """Refuse a value that another record already has in a unique field."""
    for name, value in values.items():
        field = one.field(name)
        if field is None or not field.has("unique") or value is None:
            continue
        where = f"{name} = ? AND Id IS NOT ?" + (" AND IsDeleted = 0" if one.field("IsDeleted") else "")
        found = sql.select(view.world.db, store.table(one.name), where, (value, own), columns="Id")
        if found:
            message = f"duplicate value found: {name} duplicates value on record with id: {found[0]['Id'][:15]}"
            raise Refusal("DUPLICATE_VALUE", message, ())


def _require(one: ObjectType, values: dict[str, Stored], *, is_new: bool) -> None:
    """Refuse what must not be blank; a blank for a field with a default is as good as none when creating."""
    blank = [name for name, value in values.items() if value is None]
    fields = {field.name: field for field in one.fields.values() if not field.has("nillable")}
    if is_new:
        for name in blank:
            if name in fields and fields[name].has("defaultedOnCreate"):
                del values[name]
        missing = [name for name, field in fields.items() if field.is_required and values.get(name) is None]
    else:
        missing = [name for name in blank if name in fields]
    if missing:
        message = f"Required fields are missing: [{', '.join(missing)}]"
        raise Refusal("REQUIRED_FIELD_MISSING", message, tuple(missing))


def _checked(view: View, field: Field, value: Stored) -> Stored:
    if value is None:
        return None
    if field.type in ID_TYPES:
        return _reference(view, field, str(value))
    if isinstance(value, str) and field.type in TEXT_TYPES:
        _check_text(field, value)
    elif isinstance(value, int | float):
        _check_number(field, value)
    return value


def _check_text(field: Field, text: str) -> None:
    if field.type == "multipicklist":
        chosen = text.split(";")
    else:
        chosen = [text]
        if len(text) > field.length > 0:
            message = f"{field.label}: data value too large: {text} (max length={field.length})"
            raise Refusal("STRING_TOO_LONG", message, (field.name,))
    if field.type == "email" and not _EMAIL.fullmatch(text):
        raise Refusal("INVALID_EMAIL_ADDRESS", f"{field.label}: invalid email address: {text}", (field.name,))
    if field.has("restrictedPicklist"):
        wrong = [value for value in chosen if value not in field.values]
        if wrong:
            raise bad_choice(field, wrong[0])


def bad_choice(field: Field, value: str) -> Refusal:
    """The refusal of a value that is not one of a picklist's."""
    message = f"{field.label}: bad value for restricted picklist field: {value}"
    return Refusal("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", message, (field.name,))


def _check_number(field: Field, value: int | float) -> None:
    is_int = field.type == "int"
    limit = _INT_LIMIT if is_int else 10 ** (field.precision - field.scale) if field.precision else None
    if is_int and field.digits:
        limit = min(_INT_LIMIT, 10**field.digits)
    if field.type != "boolean" and limit is not None and abs(value) >= limit:
        message = f"{field.label}: value outside of valid range on numeric field: {value}"
        raise Refusal("NUMBER_OUTSIDE_VALID_RANGE", message, (field.name,))


def _reference(view: View, field: Field, text: str) -> str:
    record_id = ids.normalise(text)
    wrong = Refusal("MALFORMED_ID", f"{field.label}: id value of incorrect type: {text}", (field.name,))
    if record_id is None:
        raise wrong
    target = store.catalog(view.world).of_id(record_id)
    if target is None or target.name not in field.reference_to:
        raise wrong
    found = sql.select(view.world.db, store.table(target.name), "Id = ?", (record_id,))
    if not found:
        raise Refusal("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", (field.name,))
    if found[0].get("IsDeleted"):
        raise Refusal("ENTITY_IS_DELETED", "entity is deleted", (field.name,))
    return record_id


def _by_relationship(view: View, one: ObjectType, name: str, value: Any) -> tuple[Field, Stored]:
    """A reference given as `{"Account": {"Ext__c": "…"}}` instead of as an id."""
    link = one.relationship(name)
    if not name or link is None or not isinstance(value, dict):
        raise Refusal("INVALID_FIELD", f"No such column '{name}' on sobject of type {one.name}")
    pairs = [(key, wanted) for key, wanted in value.items() if key != "attributes"]
    target = view.object(link.reference_to[0])
    key = target.field(pairs[0][0]) if len(pairs) == 1 else None
    if key is None or not (key.has("externalId") or key.has("idLookup")):
        message = f"{name} must be given by one external id field of {target.name}"
        raise Refusal("INVALID_FIELD", message, (name,))
    wanted = to_stored(key, pairs[0][1])
    where = f"{key.name} = ?" + (" AND IsDeleted = 0" if target.field("IsDeleted") else "")
    found = sql.select(view.world.db, store.table(target.name), where, (wanted,), columns="Id")
    if len(found) != 1:
        message = (
            f"Foreign key external ID: {wanted} not found for field {key.name} in entity {target.name}"
            if not found
            else f"{key.name}: more than one record found for external id field"
        )
        raise Refusal("INVALID_FIELD" if not found else "DUPLICATE_EXTERNAL_ID", message, ())
    return link, str(found[0]["Id"])
