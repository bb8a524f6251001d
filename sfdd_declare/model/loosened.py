"""A limit that a proposed configuration loosens: whoever reviews it sees that first. Values only."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Loosened:
    """The limit in words, as the base has it, as it is proposed, and as it judges: the stricter of both, or both where
    neither is.
    """

    address: str  # of the thing that it protects; empty for a limit of the whole configuration
    key: str  # in the YAML, or the flag
    base: str
    proposed: str
    judged: str

    @property
    def name(self) -> str:
        return f"{self.address} {self.key}".lstrip()
