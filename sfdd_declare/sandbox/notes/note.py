"""What the sandbox says about one of its calls: how far it is the real thing."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Note:
    """One call: what it does, what is simpler than in the real service, and which switches stand for what is unknown.

    Nothing simpler and nothing unknown is faithful: as far as the vendor's documentation and recorded answers say.
    """

    does: str
    simpler: str = ""
    switches: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()  # what no source settles, and a setting makes otherwise
    unknown: str = ""  # what no source settles and nothing stands for

    @property
    def how_far(self) -> str:
        """The note in words, for a table."""
        parts = []
        if self.simpler:
            parts.append(f"simplified: {self.simpler}")
        if self.switches:
            parts.append(f"unknown: {', '.join(f'`{name}`' for name in self.switches)}")
        if self.settings:
            parts.append(f"unknown, and a setting: {', '.join(f'`{name}`' for name in self.settings)}")
        if self.unknown:
            parts.append(f"unknown, without a setting: {self.unknown}")
        return "; ".join(parts) or "faithful"


Notes = dict[tuple[str, str], Note]
"""By method and template."""
