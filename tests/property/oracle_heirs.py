"""The oracle's heirs (ID-5): a converted lead lives on as its contact, a merged record as the survivor."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Row = dict[str, Any]


@dataclass
class Succession:
    """`heirs`: former self -> who it lives on as, where that was read. `taken`: the pair that an heir without one takes
    over. `left`: (heir, contact) of former selves beside the heir's own.
    """

    heirs: dict[str, str] = field(default_factory=dict)
    taken: dict[str, Row] = field(default_factory=dict)
    left: set[tuple[str, int]] = field(default_factory=set)


def succession(records: dict[str, Row], pairs: dict[str, Row], fates: list[Row]) -> Succession:
    steps: dict[str, str] = {}
    merged = [(fate["sf_id"], fate["survivor"]) for fate in fates if fate["fate"] == "merged" and fate["survivor"]]
    converted = [(sf_id, r["converted_to"]) for sf_id, r in records.items() if r["converted"] and r["converted_to"]]
    for sf_id, to in sorted(merged + converted):
        steps.setdefault(sf_id, to)
    found = Succession()
    for former in steps:
        end, seen = former, set()
        while end in steps and end not in seen:
            seen.add(end)
            end = steps[end]
        if end in records and end not in steps:
            found.heirs[former] = end
    for heir in sorted(set(found.heirs.values())):
        past = [pairs[former] for former, to in found.heirs.items() if to == heir and former in pairs]
        if not past:
            continue
        own = pairs.get(heir)
        if own is None:
            last = min(past, key=lambda p: (-(p["wrote_d"] or -1), p["contact_id"], p["sf_id"]))
            own = found.taken[heir] = {**last, "sf_id": heir, "record_type": records[heir]["record_type"]}
        found.left |= {(heir, pair["contact_id"]) for pair in past if pair["contact_id"] != own["contact_id"]}
    return found
