"""Records of the base that are out of scope: what became of them, and why nobody may go on with their contact (ID-5,
ID-6). A record that is still there has only left its campaigns, and holds nobody up.
"""

from __future__ import annotations

import ibis

from sfdd_declare.people import columns
from sfdd_declare.people.sides import Sides
from sfdd_declare.people.tables import Table, Tables, bring, first_per, no_text, text

MERGED = "merged"
DELETED = "deleted"
NOT_VISIBLE = "not visible any more"

#: The fate of a record, and why its person is left alone; of every other fate nobody knows enough.
_WHY = {"there": None, "merged": MERGED, "deleted": DELETED}


def departed(tables: Tables, sides: Sides) -> Table:
    """sf_id, contact_id, `gone`: why; null when the record is there."""
    fates = tables.read(columns.FATES_DATASET, columns.FATES)
    fates = first_per(fates, ["sf_id"], [fates.fate])
    pairs = sides.pairs.anti_join(sides.records, "sf_id").select("sf_id", "contact_id")
    pairs = bring(pairs, fates, {"sf_id": "sf_id"}, fate="fate")
    why = ibis.cases(
        *((pairs.fate == fate, no_text() if why is None else text(why)) for fate, why in _WHY.items()),
        else_=text(NOT_VISIBLE),
    )
    return pairs.mutate(gone=why).drop("fate")
