"""What no source settles of a single call: the setting `dotdigital.calls`, by method and path.

`{"PUT /contacts/v3/import": {"tier": "high", "most": 500, "status": 200}}`: its rate tier, how many entries its body
may hold, and the code of success.
"""

from __future__ import annotations

from dataclasses import dataclass

from sfdd_declare.sandbox.dotdigital.answers import decode, v2_error, v3_error
from sfdd_declare.sandbox.world import World


@dataclass(frozen=True, slots=True)
class Unsettled:
    """What the setting says of one call; nothing where it is silent."""

    tier: str | None = None
    most: int | None = None
    status: int | None = None

    def require_few(self, path: str, raw: bytes) -> None:
        """Refuse a body with too many entries: those of a list, or of the longest list in an object."""
        if self.most is None:
            return
        try:
            body = decode(raw)
        except ValueError:
            return  # whoever reads it will say so
        lists = [body] if isinstance(body, list) else body.values() if isinstance(body, dict) else []
        if max((len(one) for one in lists if isinstance(one, list)), default=0) > self.most:
            text = f"The request body may hold {self.most} entries at most"
            if path.startswith("/v2"):
                raise v2_error(400, text, "ERROR_PARAMETER_INVALID")
            raise v3_error(400, f"{path.split('/')[1]}:badRequest", text)


def unsettled(world: World, method: str, path: str) -> Unsettled:
    """What the setting says of a call."""
    said = world.setting("dotdigital.calls", {}).get(f"{method} {path}", {})
    return Unsettled(said.get("tier"), said.get("most"), said.get("status"))
