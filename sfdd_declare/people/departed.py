"""Records of the base that are out of scope: what became of them, and whether they count as having left (ID-5, ID-6).

Who is there has left its campaigns; so has who was deleted, unless that is to change nothing, and who was merged. Of
everybody else nobody knows enough.
"""

from __future__ import annotations

import ibis

from sfdd_declare.model.declared import OnDelete
from sfdd_declare.people import columns
from sfdd_declare.people.sides import Sides
from sfdd_declare.people.tables import Table, Tables, bring, first_per, mark, no_text, text

DELETED = "deleted"
NOT_VISIBLE = "not visible any more"


def departed(tables: Tables, sides: Sides) -> Table:
    """sf_id, contact_id, fate, and `gone`: why it does not count as having left; else null."""
    fates = tables.read(columns.FATES_DATASET, columns.FATES)
    fates = first_per(fates, ["sf_id"], [fates.fate])
    pairs = sides.pairs.anti_join(sides.records, "sf_id").select("sf_id", "contact_id")
    pairs = bring(pairs, fates, {"sf_id": "sf_id"}, fate="fate")
    pairs = mark(pairs, sides.heirs, {"sf_id": "sf_id"}, "lives_on")
    deleted = text(DELETED) if sides.rules.on_delete is OnDelete.LEAVE else no_text()
    why = ibis.cases(
        (pairs.lives_on | pairs.fate.isin(["there", "merged"]).fill_null(False), no_text()),
        (pairs.fate == "deleted", deleted),
        else_=text(NOT_VISIBLE),
    )
    return pairs.mutate(gone=why).drop("lives_on")
