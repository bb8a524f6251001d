"""`GET /contacts/v3`: filters, fields and sections to read, and paging by marker.

Setting `dotdigital.page_size` shrinks pages below the limit asked for.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from starlette.datastructures import QueryParams
from starlette.responses import Response

from sfdd_declare.sandbox.dotdigital import lookup, shapes
from sfdd_declare.sandbox.dotdigital.answers import Refusal, answer, v3_error
from sfdd_declare.sandbox.dotdigital.call import Call, endpoint_of
from sfdd_declare.sandbox.dotdigital.shapes import SECTIONS, View

MAX_PAGE = 5000
EVERYTHING = "[[ALL]]"
_SINCE = re.compile(r"gte::\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{3})?Z", re.ASCII)
_KNOWN = frozenset({"limit", "marker", "data-fields", "include", "~listId", "~segmentId", "~created", "~modified"})


@dataclass(frozen=True, slots=True)
class Wanted:
    """A parsed query."""

    limit: int
    after: int
    fields: tuple[str, ...] | None
    sections: tuple[str, ...]
    where: str
    values: tuple[Any, ...]


def list_contacts(call: Call) -> Response:
    """One page of the account's contacts."""
    names = shapes.view(call.world, call.account.id)
    wanted = _wanted(call, names)
    size = min(wanted.limit, max(1, int(call.world.setting("dotdigital.page_size", MAX_PAGE))))
    found = lookup.select(
        call.world,
        f"c.account = ? AND c.binned = 0 AND c.id > ? AND {wanted.where}",
        (call.account.id, wanted.after, *wanted.values),
        tail=f"LIMIT {size + 1}",
    )
    page = found[:size]
    is_full = len(page) == size and call.world.switch("last_page_next") == "present"
    items = [shapes.v3_contact(contact, names, fields=wanted.fields, sections=wanted.sections) for contact in page]
    next_marker = marker_of(page[-1].id) if len(found) > size or (is_full and page) else None
    return answer({"_items": items, "_links": _links(call, next_marker)})


def marker_of(contact_id: int) -> str:
    """The marker of the page after a contact, encoded twice as the vendor's are."""
    return base64.b64encode(base64.b64encode(str(contact_id).encode())).decode()


def _links(call: Call, next_marker: str | None) -> dict[str, Any]:
    query = [(key, value) for key, value in call.request.query_params.multi_items() if key != "marker"]
    base = endpoint_of(call.world, call.request, call.account) + "/contacts/v3"

    def link(marker: str) -> dict[str, str]:
        return {"marker": marker, "link": f"{base}?{urlencode([*query, ('marker', marker)])}"}

    links = {"self": link(call.request.query_params.get("marker", "")), "first": link("")}
    return links if next_marker is None else {**links, "next": link(next_marker)}


def _wanted(call: Call, names: View) -> Wanted:
    query = call.request.query_params
    unknown = sorted(set(query) - _KNOWN)
    if unknown or len(query.multi_items()) != len(query):
        raise _invalid("The query names a parameter that is unknown or repeated", unknown)
    where, values = _filters(call, query)
    return Wanted(
        limit=_limit(query.get("limit", str(MAX_PAGE))),
        after=_after(query.get("marker", "")),
        fields=fields_of(query, names),
        sections=sections_of(query),
        where=where,
        values=values,
    )


def fields_of(query: QueryParams, names: View) -> tuple[str, ...] | None:
    """The keys of the data fields asked for, None when none were; unknown names are passed over."""
    if "data-fields" not in query:
        return None
    asked = query["data-fields"]
    if asked == EVERYTHING:
        return tuple(names.fields)
    keys = [name.strip().upper() for name in asked.split("|")]
    return tuple(key for key in dict.fromkeys(keys) if key in names.fields)


def sections_of(query: QueryParams) -> tuple[str, ...]:
    """The sections asked for. Raises Refusal for an unknown one."""
    asked = tuple(part for part in query.get("include", "").split("|") if part)
    if set(asked) - set(SECTIONS):
        raise _invalid("include names an unknown part of the contact", ["include"])
    return asked


def _filters(call: Call, query: QueryParams) -> tuple[str, tuple[Any, ...]]:
    for pair in (("~listId", "~segmentId"), ("~created", "~modified")):
        if all(name in query for name in pair):
            raise _invalid(f"{pair[0]} and {pair[1]} exclude each other", list(pair))
    where, values = ["1 = 1"], list[Any]()
    if "~segmentId" in query:
        raise _invalid("There is no such segment", ["~segmentId"])
    if "~listId" in query:
        condition, parameters = _on_list(call, query["~listId"])
        where.append(condition)
        values.extend(parameters)
    for name, column in (("~created", "created"), ("~modified", "updated")):
        if name in query:
            where.append(f"c.{column} >= ?")
            values.append(_since(name, query[name]))
    return " AND ".join(where), tuple(values)


def _on_list(call: Call, text: str) -> tuple[str, tuple[Any, ...]]:
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
    with call.world.lock:
        known = call.world.db.execute(
            "SELECT 1 FROM dd_list WHERE id = ? AND account = ?", (number, call.account.id)
        ).fetchone()
    if known is None:
        raise _invalid("There is no such list", ["~listId"])
    return lookup.on_list(call.world, number)


def _since(name: str, text: str) -> str:
    if not _SINCE.fullmatch(text):
        raise _invalid(f"{name} is gte:: and a UTC date-time", [name])
    moment = text.removeprefix("gte::")
    return moment if "." in moment else moment.replace("Z", ".000Z")


def _limit(text: str) -> int:
    if text.isascii() and text.isdigit() and len(text) < 6 and 1 <= int(text) <= MAX_PAGE:
        return int(text)
    raise _invalid(f"limit is a number from 1 to {MAX_PAGE}", ["limit"])


def _after(marker: str) -> int:
    if not marker:
        return 0
    try:
        text = base64.b64decode(base64.b64decode(marker, validate=True), validate=True)
        return int(text)
    except (binascii.Error, ValueError):
        raise _invalid("The marker is not one of this service", ["marker"]) from None


def _invalid(description: str, items: list[str]) -> Refusal:
    details = [{"item": item, "description": description} for item in items]
    return v3_error(400, "contacts:invalidFilter", description, details)
