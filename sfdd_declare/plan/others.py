"""Other configurations in the same org: their registry rows are never written, and tell what they care for.

Whoever takes people off what another configuration names is asked; that two of them name one thing is said while it is
new here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from sfdd_declare.model import registry as rows
from sfdd_declare.model.address import Kind
from sfdd_declare.model.live import RegistryRow, SalesforceLive
from sfdd_declare.model.operation import Action, Blocked, Operation, Task
from sfdd_declare.model.state import Scalar

GUARD = "other_lineage"

#: Fields that tell whether two rows of one object are about the same thing.
_IDENTITY: Mapping[str, tuple[str, ...]] = {
    rows.ADDRESS_BOOK: ("List_Id__c",),
    rows.LINK: ("Campaign__c", "Address_Book__c"),
    rows.FIELD_MAPPING: ("Account__c", "Record_Type__c", "Salesforce_Field__c", "Data_Field__c"),
}
_DIRECTION = "Direction__c"
_NAMED = 2  # rows named in a report

#: Where a row names what people are taken off: the field with its live id.
_PLACES: Mapping[Kind, tuple[str, str]] = {
    Kind.ADDRESS_BOOK: (rows.ADDRESS_BOOK, "List_Id__c"),
    Kind.CAMPAIGN: (rows.LINK, "Campaign__c"),
}
_TAKES_OFF = (Task.REMOVE_FROM_LIST, Task.REMOVE_MEMBERS)

Identity = tuple[Scalar, ...]


def reports(new: Iterable[tuple[str, Mapping[str, Scalar]]], salesforce: SalesforceLive) -> Iterator[str]:
    """One line per other configuration with rows about what is `new` here: object and fields of rows to be made. Two
    that map a field alike do not disturb each other.
    """
    own = {_identity(sobject, fields): fields for sobject, fields in new}
    found: dict[str, list[str]] = defaultdict(list)
    for row in _foreign(salesforce):
        mine = own.get(_identity(row.sobject, row.fields))
        if mine is not None and not _is_alike(row, mine):
            found[name_of(row, salesforce)].append(row.key)
    for name, keys in sorted(found.items()):
        more = len(keys) - _NAMED
        named = ", ".join(sorted(keys)[:_NAMED]) + (f" and {more} more" if more > 0 else "")
        yield f"Declared by another configuration too ({name}): {named}."


def removals(operations: Iterable[Operation], ids: Mapping[str, str], salesforce: SalesforceLive) -> Iterator[Blocked]:
    """Operations that take people off a book or a campaign that another configuration names. `ids`: live ids by
    address, also of what is not declared any more.
    """
    for op in operations:
        place = _PLACES.get(op.address.kind)
        live_id = op.prior_id or ids.get(str(op.address), "")
        if place is None or not live_id or not _takes_off(op):
            continue
        named = (row for row in _foreign(salesforce) if _names(row, place, live_id))
        names = dict.fromkeys(name_of(row, salesforce) for row in named)
        if names:
            people = op.rows.people if op.rows else 1
            detail = f"another configuration names it too ({', '.join(names)})"
            yield Blocked(GUARD, str(op.address), people, "0", people, (op.id,), detail)


def _foreign(salesforce: SalesforceLive) -> Iterator[RegistryRow]:
    """Rows of other configurations, without those of the org that this one is a copy of (RUN-8)."""
    copied = {row.lineage for row in salesforce.states or () if row.org_id[:15] != salesforce.org_id[:15]}
    return (row for row in salesforce.other_lineages if row.lineage not in copied)


def name_of(row: RegistryRow, salesforce: SalesforceLive) -> str:
    """What the other configuration calls itself in the org, with its lineage."""
    named = next((state.name for state in salesforce.states or () if state.lineage == row.lineage), "")
    return f"`{named}`, lineage {row.lineage}" if named else f"lineage {row.lineage}"


def _is_alike(row: RegistryRow, mine: Mapping[str, Scalar]) -> bool:
    return row.sobject == rows.FIELD_MAPPING and row.fields.get(_DIRECTION) == mine.get(_DIRECTION)


def _takes_off(op: Operation) -> bool:
    is_thing = op.task in (Task.ADDRESS_BOOK, Task.CAMPAIGN)
    return op.task in _TAKES_OFF or (is_thing and op.action in (Action.DELETE, Action.REPLACE))


def _names(row: RegistryRow, place: tuple[str, str], live_id: str) -> bool:
    sobject, column = place
    return row.sobject == sobject and str(row.fields.get(column) or "") == live_id


def _identity(sobject: str, fields: Mapping[str, Scalar]) -> Identity:
    return (sobject, *(fields.get(name) for name in _IDENTITY[sobject]))
