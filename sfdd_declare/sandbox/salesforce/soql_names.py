"""From the names in a query to columns: objects, fields and parents that the user may see, and the joins they need.

A hidden field is refused with the very words of a misspelt one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType

from sfdd_declare.sandbox.salesforce import derived, store
from sfdd_declare.sandbox.salesforce.errors import Refusal, at_position, no_such_column, no_such_object
from sfdd_declare.sandbox.salesforce.schema import Field, ObjectType
from sfdd_declare.sandbox.salesforce.soql_tree import Path, Place, Query, TypeOf
from sfdd_declare.sandbox.salesforce.views import View

_NAME_FIELDS = (
    Field("Id", "Name ID", "id", length=18),
    Field("Name", "Name", "string", length=121),
    Field("Type", "Type", "picklist", length=40),
    Field("Username", "Username", "string", length=80),
    Field("Email", "Email", "email", length=80),
)
NAME = ObjectType(
    name="Name",
    label="Name",
    plural="Names",
    prefix="",
    flags="Q",
    fields=MappingProxyType({one.name.lower(): one for one in _NAME_FIELDS}),
)
"""The pseudo-object behind a reference to several objects: an owner that is a user or a queue."""

_NAME_ROWS = (
    "(SELECT Id, trim(coalesce(FirstName || ' ', '') || LastName) AS Name, 'User' AS Type, Username, Email "
    "FROM sf_User UNION ALL SELECT Id, Name, 'Queue', NULL, Email FROM sf_Group)"
)

_RIGHTS = "UserPermissionAccess"
_NO_ID = "000000000000000AAA"  # what a row that is computed shows for its id


@dataclass(frozen=True, slots=True)
class Column:
    """A field that a query uses: its canonical path, what it is, and its SQL."""

    path: tuple[str, ...]
    field: Field
    sql: str


OfType = tuple[str, str, tuple[tuple[str, str], ...]]
"""Of one branch of TYPEOF: its object, its alias, and its columns by name and type."""


@dataclass(frozen=True, slots=True)
class Join:
    """A parent that a query uses."""

    path: tuple[str, ...]
    alias: str
    target: ObjectType
    sql: str


@dataclass(slots=True)
class Names:
    """The names of one (sub-)query, and the joins found necessary so far."""

    view: View
    text: str
    query: Query
    alias: str
    entity: ObjectType = field(init=False)
    joins: dict[tuple[str, ...], Join] = field(default_factory=dict)
    branches: dict[str, tuple[ObjectType, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        found = self.view.find(self.query.entity)
        if found is None or not found.has("queryable"):
            refusal = no_such_object(self.query.entity)
            raise self.refuse(refusal.code, refusal.message, self.query.place)
        self.entity = found

    def refuse(self, code: str, message: str, place: Place) -> Refusal:
        """A refusal that points at a place in the query."""
        return Refusal(code, at_position(self.text, place.line, place.column, message))

    def column(self, path: Path) -> Column:
        """The column behind a path. Raises INVALID_FIELD."""
        owner, alias, walked = self._owner(path)
        found = owner.field(path.parts[-1])
        if found is None:
            raise self.refuse("INVALID_FIELD", no_such_column(path.parts[-1], owner.name), path.place)
        if owner is NAME:
            return Column((*walked, found.name), found, f"{alias}.{found.name}")
        sql = derived.column(owner.name, found.name, found.type, alias)
        return Column((*walked, found.name), found, sql)

    def of_types(self, one: TypeOf) -> tuple[tuple[str, ...], list[OfType]]:
        """The path of a parent of several types, and a join for each type that something is selected of."""
        name = one.path.parts[-1]
        owner, alias, walked = self._owner(one.path)
        link = owner.relationship(name)
        targets = () if link is None else link.reference_to
        if link is None or len(targets) < 2:
            message = f"TYPEOF needs a relationship to several types of objects: {name}"
            raise self.refuse("MALFORMED_QUERY", message, one.path.place)
        wanted = {branch.entity.lower(): branch for branch in one.branches}
        for branch in one.branches:
            if branch.entity not in targets:
                message = f"Invalid type '{branch.entity}' in TYPEOF {name}"
                raise self.refuse("MALFORMED_QUERY", message, branch.place)
        found: list[OfType] = []
        for target in targets:
            chosen = wanted.get(target.lower())
            paths, whole = one.otherwise if chosen is None else chosen.paths, self.view.find(target)
            if paths is None or whole is None:
                continue
            columns = []
            for path in paths:
                field_ = whole.field(path.parts[0]) if len(path.parts) == 1 else None
                if field_ is None:
                    message = no_such_column(".".join(path.parts), target)
                    raise self.refuse("INVALID_FIELD", message, path.place)
                columns.append((field_.name, field_.type))
            own = f"{self.alias}_of{len(self.branches) + 1}"
            reference = derived.column(owner.name, link.name, link.type, alias)
            self.branches[own] = whole, f"{store.table(whole.name)} {own} ON {own}.Id = {reference}"
            found.append((whole.name, own, tuple(columns)))
        return (*walked, str(link.relationship)), found

    def own(self, alias: str, name: str) -> str:
        """The SQL of a field of a branch."""
        whole, _ = self.branches[alias]
        found = whole.field(name)
        assert found is not None
        return derived.column(whole.name, found.name, found.type, alias)

    def source(self) -> str:
        """The FROM clause with every join."""
        joins = (*(join.sql for join in self.joins.values()), *(sql for _, sql in self.branches.values()))
        joined = "".join(f" LEFT JOIN {sql}" for sql in joins)
        rows = _own_rights(self) if self.entity.name == _RIGHTS else store.table(self.entity.name)
        return f"{rows} {self.alias}{joined}"

    def _owner(self, path: Path) -> tuple[ObjectType, str, tuple[str, ...]]:
        """The object that the last name of a path belongs to, its alias and its own path."""
        owner, alias = self.entity, self.alias
        walked: tuple[str, ...] = ()
        for name in self._relative(path)[:-1]:
            join = self._join(owner, alias, walked, name, path)
            owner, alias, walked = join.target, join.alias, join.path
        return owner, alias, walked

    def _relative(self, path: Path) -> tuple[str, ...]:
        first = path.parts[0].lower()
        is_self = first in ((self.query.alias or "").lower(), self.entity.name.lower())
        if is_self and len(path.parts) > 1 and self.entity.relationship(first) is None:
            return path.parts[1:]
        return path.parts

    def _join(self, owner: ObjectType, alias: str, walked: tuple[str, ...], name: str, path: Path) -> Join:
        link = owner.relationship(name)
        target = self._target(link)
        if link is None or target is None:
            message = (
                f"Didn't understand relationship '{name}' in field path. If you are attempting to use a custom "
                "relationship, be sure to append the '__r' after the custom relationship name. Please reference "
                "your WSDL or the describe call for the appropriate names."
            )
            raise self.refuse("INVALID_FIELD", message, path.place)
        key = (*walked, str(link.relationship))
        if key not in self.joins:
            own = f"{self.alias}_{len(self.joins) + 1}"
            rows = _NAME_ROWS if target is NAME else store.table(target.name)
            reference = derived.column(owner.name, link.name, link.type, alias)
            self.joins[key] = Join(key, own, target, f"{rows} {own} ON {own}.Id = {reference}")
        return self.joins[key]

    def _target(self, link: Field | None) -> ObjectType | None:
        if link is None:
            return None
        return NAME if len(link.reference_to) > 1 else self.view.find(link.reference_to[0])


def _own_rights(names: Names) -> str:
    """The one row that tells the asking user what they may do."""
    may = int(names.view.may_deploy)
    rights = (one.name for one in names.entity.fields.values() if one.type == "boolean")
    columns = "".join(f", {may} AS {name}" for name in rights)
    return f"(SELECT '{_NO_ID}' AS Id, NULL AS LastCacheUpdate{columns})"
