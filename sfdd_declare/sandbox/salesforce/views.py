"""The org as one user sees it: objects and fields they have no right to do not exist for them.

Rights come from three places: the settings `salesforce.hidden_fields` and `salesforce.readonly_fields` (a list of
`Object.Field` for everybody but the administrator, or a list per user name), and, for what was deployed at run
time, the permission sets assigned to the user. The administrator sees and may change everything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from sfdd_declare.sandbox.salesforce import schema, sql, store
from sfdd_declare.sandbox.salesforce.compact import OBJECT_FLAGS
from sfdd_declare.sandbox.salesforce.errors import no_such_object
from sfdd_declare.sandbox.salesforce.schema import Field, ObjectType
from sfdd_declare.sandbox.world import World

_OBJECT_RIGHTS = {
    "PermissionsCreate": "createable",
    "PermissionsEdit": "updateable",
    "PermissionsDelete": "deletable",
}


@dataclass(frozen=True, slots=True)
class Rights:
    """What a user was denied by a setting or granted by a permission set; `Object.Field` names in lower case."""

    hidden: frozenset[str] = frozenset()
    readonly: frozenset[str] = frozenset()
    readable: frozenset[str] = frozenset()
    editable: frozenset[str] = frozenset()
    objects: Mapping[str, str] = field(default_factory=dict)  # object -> its flags for this user


@dataclass(slots=True)
class View:
    """The objects and fields of one user. Lives as long as one request."""

    world: World
    user: str
    _rights: Rights | None = None
    _objects: dict[str, ObjectType | None] = field(default_factory=dict)

    @property
    def may_deploy(self) -> bool:
        """Whether the user may change metadata; everybody may, unless the sandbox is set otherwise."""
        return self.user == store.ADMIN or bool(self.world.setting("salesforce.may_deploy", True))

    def object(self, name: str) -> ObjectType:
        """The object as the user sees it. Raises INVALID_TYPE."""
        found = self.find(name)
        if found is None:
            raise no_such_object(name)
        return found

    def find(self, name: str) -> ObjectType | None:
        """The object as the user sees it, or None."""
        key = name.lower()
        if key not in self._objects:
            whole = store.catalog(self.world).object(name)
            is_whole = whole is None or self.user == store.ADMIN
            self._objects[key] = whole if is_whole or whole is None else self._restricted(whole)
        return self._objects[key]

    def objects(self) -> list[ObjectType]:
        """Every visible object, by name."""
        names = sorted(one.name for one in store.catalog(self.world).objects.values())
        return [one for one in map(self.find, names) if one is not None]

    def _restricted(self, one: ObjectType) -> ObjectType | None:
        if self._rights is None:
            self._rights = _rights(self.world, self.user)
        rights = self._rights
        is_deployed = one.is_custom and bool(self.world.setting("salesforce.fls_needs_permission_set", True))
        flags = rights.objects.get(one.name.lower()) if is_deployed else one.flags
        if flags is None:
            return None
        if is_deployed:
            flags += "".join(letter for letter in one.flags if letter.islower())
        needs_grant = bool(self.world.setting("salesforce.fls_needs_permission_set", True))
        fields: dict[str, Field] = {}
        for key, whole in one.fields.items():
            seen = _field_for(one, whole, rights, needs_grant=needs_grant)
            if seen is not None:
                fields[key] = seen
        return replace(one, flags=flags, fields=MappingProxyType(fields))


def _field_for(one: ObjectType, whole: Field, rights: Rights, *, needs_grant: bool) -> Field | None:
    path = f"{one.name}.{whole.name}".lower()
    if path in rights.hidden:
        return None
    is_readonly = path in rights.readonly
    if needs_grant and whole.has("permissionable") and is_deployed(one, whole):
        if path not in rights.readable:
            return None
        is_readonly = is_readonly or path not in rights.editable
    return whole.without("createable", "updateable") if is_readonly else whole


def is_deployed(one: ObjectType, whole: Field) -> bool:
    """Whether a field came by a deployment, not with the org."""
    if not whole.is_custom:
        return False
    born = next((standard for standard in schema.standard() if standard.name == one.name), None)
    return born is None or born.field(whole.name) is None


def _rights(world: World, user: str) -> Rights:
    with world.lock:
        assigned = "ParentId IN (SELECT PermissionSetId FROM sf_PermissionSetAssignment WHERE AssigneeId = ?)"
        parameters = (store.user_id(world, user),)
        fields = sql.select(world.db, "sf_FieldPermissions", assigned, parameters)
        objects = sql.select(world.db, "sf_ObjectPermissions", assigned, parameters)
    granted: dict[str, set[str]] = {}
    for row in objects:
        if row["PermissionsRead"]:
            rights = granted.setdefault(row["SobjectType"].lower(), {"queryable", "replicateable"})
            rights |= {flag for column, flag in _OBJECT_RIGHTS.items() if row[column]}
    return Rights(
        hidden=_named(world, "salesforce.hidden_fields", user),
        readonly=_named(world, "salesforce.readonly_fields", user),
        readable=frozenset(row["Field"].lower() for row in fields if row["PermissionsRead"]),
        editable=frozenset(row["Field"].lower() for row in fields if row["PermissionsEdit"]),
        objects=MappingProxyType(
            {name: "".join(OBJECT_FLAGS[flag] for flag in sorted(flags)) for name, flags in granted.items()}
        ),
    )


def _named(world: World, key: str, user: str) -> frozenset[str]:
    value = world.setting(key, [])
    names = value.get(user, []) if isinstance(value, dict) else value
    return frozenset(str(name).lower() for name in names)
