"""What a plan is made from, besides the configuration: both live halves and the past, as one value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sfdd_declare.model.declared import Moved
from sfdd_declare.model.errors import ConfigError
from sfdd_declare.model.live import DotdigitalLive, SalesforceLive
from sfdd_declare.model.state import JournalEntry, Resource


@dataclass(frozen=True, slots=True)
class World:
    """Live set-up and state. `interrupted`: addresses whose creation an earlier run began and never settled."""

    salesforce: SalesforceLive
    dotdigital: Mapping[str, DotdigitalLive]
    resources: Mapping[str, Resource] = field(default_factory=dict)
    interrupted: frozenset[str] = frozenset()

    def resource(self, address: str) -> Resource | None:
        return self.resources.get(address)


def resources_by_address(
    resources: tuple[Resource, ...], moved: tuple[Moved, ...]
) -> tuple[dict[str, Resource], tuple[Moved, ...]]:
    """Index the state by address, with `moved:` blocks carried out. Returns the index and the moves that did
    something.
    """
    index = {resource.address: resource for resource in resources}
    done = []
    for move in moved:
        source, target = str(move.source), str(move.target)
        if source not in index:
            continue
        if target in index:
            raise ConfigError(
                "SFDD-E4003",
                f"`moved` cannot turn {source} into {target}: both are in the state",
                where=move.where,
                hint="remove the `moved` block, or the declaration of one of them",
            )
        index[target] = index.pop(source)
        done.append(move)
    return index, tuple(done)


def interrupted_addresses(entries: tuple[JournalEntry, ...]) -> frozenset[str]:
    return frozenset(entry.address for entry in entries)
