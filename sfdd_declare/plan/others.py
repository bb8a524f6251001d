"""Other repositories in the same org: their registry rows are never written. Those that describe what is declared here
too are reported: two repositories manage one thing, or the state that wrote the rows is lost.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from sfdd_declare.model import registry as rows
from sfdd_declare.model.live import SalesforceLive
from sfdd_declare.model.state import Scalar

#: Fields that tell whether two rows of one object are about the same thing.
_IDENTITY: Mapping[str, tuple[str, ...]] = {
    rows.ADDRESS_BOOK: ("List_Id__c",),
    rows.LINK: ("Campaign__c", "Address_Book__c"),
    rows.FIELD_MAPPING: ("Record_Type__c", "Salesforce_Field__c", "Data_Field__c"),
}
_NAMED = 2  # rows named in a report

Identity = tuple[Scalar, ...]


def reports(declared: Iterable[tuple[str, Mapping[str, Scalar]]], salesforce: SalesforceLive) -> Iterator[str]:
    """One line per other lineage with matching rows. `declared`: object and fields of every row of this state."""
    own = {_identity(sobject, fields) for sobject, fields in declared}
    found: dict[str, list[str]] = defaultdict(list)
    copied = {row.lineage for row in salesforce.states or () if row.org_id[:15] != salesforce.org_id[:15]}
    for row in salesforce.other_lineages:
        if row.lineage in copied:
            continue  # of another org, of which this one is a copy (RUN-8)
        if _identity(row.sobject, row.fields) in own:
            found[row.lineage].append(row.key)
    for lineage, keys in sorted(found.items()):
        more = len(keys) - _NAMED
        named = ", ".join(sorted(keys)[:_NAMED]) + (f" and {more} more" if more > 0 else "")
        yield f"The registry holds rows of another state (lineage {lineage}) for what is declared here too: {named}."


def _identity(sobject: str, fields: Mapping[str, Scalar]) -> Identity:
    return (sobject, *(fields.get(name) for name in _IDENTITY[sobject]))
