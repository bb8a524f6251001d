"""Paging of v2 lists: `select` and `skip`, in either case. Setting `dotdigital.v2_page_size` shrinks pages."""

from __future__ import annotations

from sfdd_declare.sandbox.dotdigital.answers import v2_error
from sfdd_declare.sandbox.dotdigital.call import Call

MAX_SELECT = 1000


def v2_window(call: Call) -> tuple[int, int]:
    """How many rows to return and how many to pass over. Raises Refusal when out of range."""
    query = {key.lower(): value for key, value in call.request.query_params.items()}
    select = _number(query.get("select", str(MAX_SELECT)))
    skip = _number(query.get("skip", "0"))
    if not 1 <= select <= MAX_SELECT or skip < 0:
        raise v2_error(400, "A parameter is out of range", "ERROR_PARAMETER_INVALID")
    return min(select, int(call.world.setting("dotdigital.v2_page_size", MAX_SELECT))), skip


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1
