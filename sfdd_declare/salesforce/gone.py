"""Which records that could not be deleted are gone already.

Salesforce says of a record that the user may not touch what it also says of one that is gone. So the record itself is
looked for: one that stands among the deleted is gone. One that is nowhere to be seen may be there all the same, and
nothing is concluded from it.
"""

from __future__ import annotations

from collections.abc import Sequence

from sfdd_declare.model import limits
from sfdd_declare.salesforce.client import Client
from sfdd_declare.salesforce.query import rows
from sfdd_declare.salesforce.soql import chunks, in_list, select


def deleted_among(client: Client, sobject: str, ids: Sequence[str]) -> frozenset[str]:
    """Those of the ids whose record is seen to be deleted. One call for as many ids as a query holds; none for none."""
    found: set[str] = set()
    for group in chunks(ids, limits.IDS_PER_QUERY):
        soql = select(("Id",), sobject, f"{in_list('Id', group)} AND IsDeleted = true")
        seen = {str(row["Id"])[:15] for row in rows(client, soql, {"Id": "id"}, include_deleted=True)}
        found |= {record_id for record_id in group if record_id[:15] in seen}
    return frozenset(found)
