"""Records that live on as another one (ID-5): a converted lead as its contact, a merged record as the survivor.

The heir takes over the pair when it has none of its own. If it has one, the former self only leaves its contact behind;
that one counts as having left, and its opt-out is carried.
"""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from sfdd_declare.people import columns
from sfdd_declare.people.chains import followed
from sfdd_declare.people.tables import Table, Tables, bring, first_per, no_text, stack

HEIR = ("sf_id", "heir", "heir_type")
_HEIR = pa.schema(dict.fromkeys(HEIR, columns.text))
_LEFT = pa.schema({"sf_id": columns.text, "former": columns.long})


@dataclass(frozen=True, slots=True)
class Succession:
    """`heirs`: HEIR of every former self. `taken`: pairs of heirs that had none. `left`: sf_id (the heir), former:
    contacts of former selves beside the heir's own.
    """

    heirs: Table
    taken: Table
    left: Table


def succession(tables: Tables, records: Table, pairs: Table) -> Succession:
    """`records` and `pairs` as they were read. An heir that was not read takes over nothing."""
    fates = tables.read(columns.FATES_DATASET, columns.FATES)
    merged = fates.filter(fates.fate == "merged", fates.survivor.notnull())
    converted = records.filter(records.converted, records.converted_to.notnull())
    steps = stack([converted.select("sf_id", to="converted_to"), merged.select("sf_id", to="survivor")])
    steps = tables.keep(first_per(steps, ["sf_id"], [steps.to]))
    if tables.is_empty(steps):
        none, nothing = nobody(tables)
        return Succession(none, tables.keep(pairs.limit(0)), nothing)
    heirs = tables.keep(_heirs(tables, steps, records))
    past = pairs.inner_join(heirs, "sf_id").drop("record_type", "rank")
    own = bring(past, pairs, {"heir": "sf_id"}, own_contact="contact_id")
    taken = own.filter(own.own_contact.isnull())
    taken = first_per(taken, ["heir"], [taken.wrote_d.fill_null(-1).desc(), taken.contact_id, taken.sf_id])
    first = taken.select("heir", own_contact="contact_id")
    left = stack([own.filter(own.own_contact.notnull()), own.filter(own.own_contact.isnull())])
    left = bring(left, first, {"heir": "heir"}, taken_contact="own_contact")
    left = left.mutate(contact=left.own_contact.fill_null(left.taken_contact)).filter(
        lambda t: t.contact != t.contact_id
    )
    ranks = bring(taken, records, {"heir": "sf_id"}, heir_rank="rank")
    ranks = ranks.drop("sf_id", "own_contact").rename(sf_id="heir", record_type="heir_type", rank="heir_rank")
    return Succession(
        heirs=heirs,
        taken=tables.keep(ranks.select(*pairs.columns)),
        left=tables.keep(left.select(sf_id="heir", former="contact_id").distinct()),
    )


def nobody(tables: Tables) -> tuple[Table, Table]:
    """No heirs, and nothing left by them."""
    return tables.small(_HEIR, []), tables.small(_LEFT, [])


def _heirs(tables: Tables, steps: Table, records: Table) -> Table:
    """A lead may have been merged into one that was converted: who is there at the end counts."""
    chain = bring(steps, steps, {"to": "sf_id"}, further="sf_id")
    is_last = chain.further.isnull()
    chain = chain.select(
        node="sf_id", next=is_last.ifelse(no_text(), chain.to), end=is_last.ifelse(chain.to, no_text())
    )
    ends = followed(tables, tables.keep(chain))
    named = bring(ends, records, {"end": "sf_id"}, heir_type="record_type")
    return named.filter(named.heir_type.notnull()).select("heir_type", sf_id="node", heir="end")
