"""What a plan file holds and what is done of it (CON-16), in plain Python: of rows of `changes` and `moves`."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any

from sfdd_declare.model.canonical import email_key

Row = dict[str, Any]
NEVER_ASKED = ("suppress:", "opt_out_records:")


def meaning(row: Row, key: str, creations: Collection[tuple[str, str]]) -> str:
    """The keyed hash of what a row means."""
    is_creation = (row["operation"], row["person"]) in creations
    is_bare = row["aspect"] in ("list", "member")
    place = {"list": row["address_book"], "member": row["campaign"]}.get(row["aspect"]) or ""
    parts = [
        "s" if row["operation"].startswith(("update_records:", "create_leads:")) else "d",
        row["account"],
        row["aspect"],
        row["decision"],
        row["person"],
        place,
        "" if is_bare else row["field"] or "",
        "" if is_bare or is_creation else _hash(row["old"]),
        _hash(row["new"]),
    ]
    return hashlib.sha256("\x1f".join((key, "", *parts)).encode()).hexdigest()[:32]


def created(rows: Iterable[Row]) -> set[tuple[str, str]]:
    return {(row["operation"], row["person"]) for row in rows if row["decision"] in ("create", "create_lead")}


def carried(changes: list[Row], moves: list[Row], approved: Collection[str], key: str) -> list[Row]:
    """The rows of `changes` that are done."""
    rows = [row for row in changes if row["aspect"] != "problem"]
    pairs = [row for row in moves if row["aspect"] == "identity" and row["decision"] == "pair"]
    creations = created(rows)

    def is_new(row: Row) -> bool:
        return not row["operation"].startswith(NEVER_ASKED) and meaning(row, key, creations) not in approved

    accounts = {row["account"] for row in (*rows, *moves)} - {""}
    written = {(row["account"], row["person"]) for row in rows if not row["operation"].startswith(NEVER_ASKED)}
    halted = {
        (account, row["person"])
        for row in (*rows, *(pair for pair in pairs if (pair["account"], pair["person"]) in written))
        if is_new(row) and (_is_of_identity(row) or _is_value_of(row, creations))
        for account in ([row["account"]] if row["account"] else accounts)
    }
    _halt_who_waits_for_an_address(rows, halted)
    done = [
        row for row in rows if row["operation"].startswith(NEVER_ASKED) or not (is_new(row) or _is_halted(row, halted))
    ]
    return _without_lists_at_rest(rows, done)


def _is_of_identity(row: Row) -> bool:
    return row["aspect"] in ("identity", "member", "consent")


def _is_value_of(row: Row, creations: Collection[tuple[str, str]]) -> bool:
    return row["aspect"] == "value" and (row["operation"], row["person"]) in creations


def _is_halted(row: Row, halted: Collection[tuple[str, str]]) -> bool:
    if row["account"]:
        return (row["account"], row["person"]) in halted
    return any(person == row["person"] for _, person in halted)


def _halt_who_waits_for_an_address(rows: list[Row], halted: set[tuple[str, str]]) -> None:
    size = -1
    while size != len(halted):
        size = len(halted)
        for rename in [
            row for row in rows if row["decision"] == "rename" and (row["account"], row["person"]) in halted
        ]:
            for row in rows:
                takes = row["decision"] in ("rename", "create") and _key(row["new"]) == _key(rename["old"])
                is_there = row["contact_id"] is not None and row["contact_id"] == rename["contact_id"]
                if row["account"] == rename["account"] and (takes or is_there):
                    halted.add((row["account"], row["person"]))


def _without_lists_at_rest(rows: list[Row], done: list[Row]) -> list[Row]:
    """Lists rest on memberships; whoever is created for lists alone rests on them."""
    left = [row for row in rows if row not in done]
    unmade = {row["person"] for row in left if row["operation"].startswith("members:")}
    unended = {row["field"] for row in left if row["operation"].startswith("remove_members:")}

    def rests(row: Row) -> bool:
        on = set(str(row["old"]).split(";")) if row["aspect"] == "list" and row["old"] else set()
        return bool(on) and (on <= unmade if row["decision"] == "add" else bool(on & unended))

    done = [row for row in done if not rests(row)]
    listed: dict[tuple[str, str], list[bool]] = defaultdict(list)
    for row in rows:
        if row["aspect"] == "list" and (row["operation"], row["person"]) in created(rows):
            listed[row["operation"], row["person"]].append(row in done)
    bare = {who for who, are_done in listed.items() if not any(are_done)}
    return [row for row in done if (row["operation"], row["person"]) not in bare]


def _hash(text: str | None) -> str:
    return "" if text is None else hashlib.sha256(text.encode()).hexdigest()


def _key(text: str | None) -> str | None:
    return None if text is None else email_key(text)
