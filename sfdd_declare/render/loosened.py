"""A loosened limit in words: what it was, what it is to be, by which of both the plan is judged, and until when."""

from __future__ import annotations

from rich.console import RenderableType
from rich.text import Text

from sfdd_declare.model.loosened import Loosened
from sfdd_declare.model.visible import safe
from sfdd_declare.render.layout import hanging
from sfdd_declare.render.words import ARROW

UNTIL = "the new limit holds once merged"


def loosened_line(loosened: Loosened) -> RenderableType:
    body = Text.assemble((safe(loosened.name), "bold"), f" {change_said(loosened)}; {UNTIL}")
    return hanging(Text("!", style="red"), body)


def change_said(loosened: Loosened) -> str:
    """`5% → 50%: judged with 5%`."""
    change = f"{safe(loosened.base)} {ARROW} {safe(loosened.proposed)}"
    return f"{change}: judged with {safe(loosened.judged)}"
