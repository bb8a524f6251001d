"""Carrying out a deployment: objects first, then permission sets, all or nothing unless told otherwise."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from sfdd_declare.sandbox.salesforce import rows, sql, store
from sfdd_declare.sandbox.salesforce.dml import attempt
from sfdd_declare.sandbox.salesforce.metadata_fields import Problem, read_field, read_object
from sfdd_declare.sandbox.salesforce.metadata_read import Component, Failure, Node, read_package
from sfdd_declare.sandbox.salesforce.schema import ObjectType
from sfdd_declare.sandbox.world import World

_PREFIX_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_OBJECT_RIGHTS = {
    "PermissionsCreate": "allowCreate",
    "PermissionsRead": "allowRead",
    "PermissionsEdit": "allowEdit",
    "PermissionsDelete": "allowDelete",
}


@dataclass(frozen=True, slots=True)
class Success:
    """One component that was (or would be) deployed."""

    kind: str
    name: str
    file: str
    is_new: bool


@dataclass(slots=True)
class Outcome:
    """What became of every component."""

    successes: list[Success] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)


class _Undo(Exception):
    """Takes the deployment back: it failed, or was only a check."""


def deploy(world: World, user: str, archive: bytes, *, check_only: bool, rollback: bool) -> Outcome:
    """Deploy a zip file as that user."""
    outcome = Outcome()
    components, outcome.failures = read_package(archive)
    try:
        with attempt(world):
            for one in sorted(components, key=lambda component: component.kind):
                step = deploy_object if one.kind == "CustomObject" else deploy_permission_set
                _try(outcome, one.kind, one.name, one.file, lambda: step(world, user, one, outcome))  # noqa: B023
            if check_only or (rollback and outcome.failures):
                raise _Undo
    except _Undo:
        store.touch_schema(world)
    return outcome


def _try(outcome: Outcome, kind: str, name: str, file: str, step: Callable[[], bool]) -> None:
    try:
        outcome.successes.append(Success(kind, name, file, step()))
    except Problem as problem:
        outcome.failures.append(Failure(kind, name, file, str(problem)))


def deploy_object(world: World, user: str, component: Component, outcome: Outcome) -> bool:
    """Store a custom object with its fields, which are noted one by one; True for a new one. Raises Problem."""
    del user
    known = store.catalog(world).object(component.name)
    if known is None and not component.name.endswith("__c"):
        raise Problem(f"Entity of type 'CustomObject' named '{component.name}' cannot be found")
    one = (
        read_object(component.name, component.node, _free_prefix(world))
        if known is None
        else _relabelled(known, component.node)
    )
    for node in component.node.all("fields"):
        one = _with_field(world, one, node, component.file, outcome)
    store.save_object(world, one)
    return known is None


def deploy_field(world: World, user: str, component: Component, outcome: Outcome) -> bool:
    """Store one custom field, named with its object; True for a new one. Raises Problem."""
    del user, outcome
    owner, _, name = component.name.partition(".")
    one = store.catalog(world).object(owner)
    if one is None:
        raise Problem(f"Entity of type 'CustomObject' named '{owner}' cannot be found")
    store.save_object(world, _changed(world, one, component.node, name))
    return one.field(name) is None


def _with_field(world: World, one: ObjectType, node: Node, file: str, outcome: Outcome) -> ObjectType:
    changed, name = one, node.text("fullName")

    def step() -> bool:
        nonlocal changed
        changed = _changed(world, one, node, name)
        return one.field(name) is None

    _try(outcome, "CustomField", f"{one.name}.{name}", file, step)
    return changed


def _changed(world: World, one: ObjectType, node: Node, name: str) -> ObjectType:
    """The object with a new field, or with one changed."""
    old = one.field(name)
    if old is not None and old.formula is not None and old.formula == node.text("formula"):
        found = replace(old, label=node.text("label", old.label))
    else:
        found = read_field(
            node, name, is_known=lambda other: other == one.name or store.catalog(world).object(other) is not None
        )
    if old is not None and old.type != found.type:
        raise Problem(f"Cannot change type of field {found.name} from {old.type} to {found.type}")
    return replace(one, fields=MappingProxyType({**one.fields, found.name.lower(): found}))


def _relabelled(known: ObjectType, node: Node) -> ObjectType:
    if not known.is_custom:
        return known
    return replace(known, label=node.text("label", known.label), plural=node.text("pluralLabel", known.plural))


def _free_prefix(world: World) -> str:
    taken = store.catalog(world).by_prefix
    prefixes = (f"a{first}{second}" for first in _PREFIX_DIGITS for second in _PREFIX_DIGITS)
    return next(prefix for prefix in prefixes if prefix not in taken)


def deploy_permission_set(world: World, user: str, component: Component, outcome: Outcome) -> bool:
    """Store a permission set with its rights; True for a new one. Raises Problem."""
    del outcome
    node = component.node
    if not node.has("label"):
        raise Problem("Required field is missing: label")
    objects = [_object_right(world, right) for right in node.all("objectPermissions")]
    fields = [_field_right(world, right) for right in node.all("fieldPermissions")]
    values = {
        "Label": node.text("label"),
        "Description": node.text("description") or None,
    }
    one = store.require_object(world, "PermissionSet")
    with world.transaction() as db:
        found = sql.select(db, "sf_PermissionSet", "Name = ?", (component.name,), columns="Id")
        if found:
            parent = str(found[0]["Id"])
            rows.update(world, one, parent, values, who=user)
            sql.erase(db, "sf_ObjectPermissions", "ParentId = ?", (parent,))
            sql.erase(db, "sf_FieldPermissions", "ParentId = ?", (parent,))
        else:
            parent = rows.insert_many(world, one.name, [{"Name": component.name, **values}], who=user)[0]
        for name, rights in (("ObjectPermissions", objects), ("FieldPermissions", fields)):
            rows.insert_many(world, name, [{**right, "ParentId": parent} for right in rights], who=user)
    return not found


def _object_right(world: World, right: Node) -> dict[str, str | bool]:
    name = right.text("object")
    known = store.catalog(world).object(name)
    if known is None:
        raise Problem(f"In field: field - no CustomObject named {name} found")
    granted = {column: right.is_true(element) for column, element in _OBJECT_RIGHTS.items()}
    for column, needed in (
        ("PermissionsDelete", "PermissionsEdit"),
        ("PermissionsEdit", "PermissionsRead"),
        ("PermissionsCreate", "PermissionsRead"),
    ):
        if granted[column] and not granted[needed]:
            words = column.removeprefix("Permissions"), needed.removeprefix("Permissions")
            raise Problem(f"Permission {words[0]} {name} depends on permission(s): {words[1]} {name}")
    return {"SobjectType": known.name, **granted}


def _field_right(world: World, right: Node) -> dict[str, str | bool]:
    path = right.text("field")
    owner, _, name = path.partition(".")
    known = store.catalog(world).object(owner)
    found = None if known is None else known.field(name)
    if known is None or found is None:
        raise Problem(f"In field: field - no CustomField named {path} found")
    if not found.has("permissionable"):
        raise Problem(f"You cannot deploy to a required field: {path}")
    can_edit = right.is_true("editable")
    if can_edit and not right.is_true("readable"):
        raise Problem(f"Permission Edit {path} depends on permission(s): Read {path}")
    return {
        "SobjectType": known.name,
        "Field": f"{known.name}.{found.name}",
        "PermissionsRead": right.is_true("readable"),
        "PermissionsEdit": can_edit,
    }
