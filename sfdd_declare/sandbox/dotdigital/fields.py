"""Data fields of an account: list, create, delete. There is no call to change one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from sfdd_declare.sandbox.dotdigital import values
from sfdd_declare.sandbox.dotdigital.answers import Refusal, encode, v2_error
from sfdd_declare.sandbox.dotdigital.values import Field, UnfitError
from sfdd_declare.sandbox.world import World

TYPES = {name.lower(): name for name in ("String", "Numeric", "Date", "Boolean")}
VISIBILITIES = {"private": "Private", "public": "Public"}
RESERVED = frozenset(
    {"account", "campaign", "campaignid", "contact", "contact_api_id", "contactid", "email", "hcontactid"}
    | {"hemail", "hemail256", "id", "messagecontent", "mobilenumberid", "notes", "unsubscribed"}
    | {"uniquecontactid"}
)
_NAME = re.compile(r"[A-Za-z0-9_-]{1,20}", re.ASCII)


def shown(world: World, field: Field) -> dict[str, Any]:
    """The v2 form of a data field."""
    return {
        "name": values.v2_name(world, field),
        "type": field.type,
        "visibility": field.visibility,
        "defaultValue": field.default,
    }


def create(
    world: World,
    account: int,
    who: str,
    *,
    name: Any,
    kind: Any,
    visibility: Any = None,
    default: Any = None,
) -> None:
    """A new data field. Raises Refusal."""
    field = _checked(name, kind, visibility, default)
    with world.transaction() as db:
        present = values.fields(world, account)
        if field.key in present:
            raise v2_error(400, "A data field of that name exists", "ERROR_NON_UNIQUE_DATAFIELD")
        limit = world.setting("dotdigital.field_limit")
        if limit is not None and len(present) >= int(limit):
            raise v2_error(400, "The account has too many data fields", "ERROR_DATAFIELD_LIMITEXCEEDED")
        default_text = None if field.default is None else encode(field.default).decode()
        db.execute(
            "INSERT INTO dd_field VALUES (?, ?, ?, ?, ?, ?, 0)",
            (account, field.key, field.name, field.type, field.visibility, default_text),
        )
        _log(world, field, who, "created", old=None, new=shown(world, field))


def delete(world: World, account: int, who: str, name: str) -> dict[str, Any]:
    """Delete a data field with all its values, unless something depends on it. Raises Refusal."""
    with world.transaction() as db:
        field = values.fields(world, account).get(name.upper())
        if field is None:
            raise v2_error(404, "The data field could not be found", "ERROR_DATAFIELD_NOTFOUND")
        if field.is_built_in:
            raise v2_error(400, "The data field cannot be deleted", "ERROR_DATAFIELD_INVALID")
        dependencies: Mapping[str, list[Any]] = world.setting("dotdigital.field_dependencies", {})
        if dependencies.get(field.key):
            if world.setting("dotdigital.field_in_use_is_conflict"):
                raise v2_error(409, "The data field is in use", "ERROR_DATAFIELD_INUSE")
            return {"dependencies": dependencies[field.key], "result": False}
        db.execute("DELETE FROM dd_field WHERE account = ? AND key = ?", (account, field.key))
        db.execute(
            "UPDATE dd_contact SET data = json_remove(data, ?) WHERE account = ?",
            (f'$."{field.key}"', account),
        )
        _log(world, field, who, "deleted", old=shown(world, field), new=None)
    return {"dependencies": None, "result": True}


def _checked(name: Any, kind: Any, visibility: Any, default: Any) -> Field:
    if not isinstance(name, str) or not _NAME.fullmatch(name) or name.lower() in RESERVED:
        raise _invalid()
    type_name = TYPES.get(str(kind).lower())
    seen_by = VISIBILITIES.get(str(visibility or "Private").lower())
    if type_name is None or seen_by is None or not _fits(type_name, default):
        raise _invalid()
    return Field(
        key=name.upper(),
        name=name,
        type=type_name,
        visibility=seen_by,
        default=default,
        is_built_in=False,
    )


def _fits(type_name: str, default: Any) -> bool:
    if default is None:
        return True
    if type_name == "String":
        return isinstance(default, str)
    field = Field(key="", name="", type=type_name, visibility="Private", default=None, is_built_in=False)
    try:
        values.typed(field, default)
    except UnfitError:
        return False
    return not (isinstance(default, str) and type_name in ("Boolean", "Numeric"))


def _invalid() -> Refusal:
    return v2_error(400, "The data field is not valid", "ERROR_DATAFIELD_INVALID")


def _log(world: World, field: Field, who: str, what: str, *, old: Any, new: Any) -> None:
    world.history(
        system="dotdigital", kind="data_field_definition", record=field.key, field=what, old=old, new=new, who=who
    )
