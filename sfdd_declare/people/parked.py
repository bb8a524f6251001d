"""Parked rows (RUN-4): what was refused before is neither planned nor sent until it differs. Consent is never parked.

What was refused is remembered as one keyed hash of everything that was sent for a person in one operation: another
value, another address, another campaign member or contact makes another hash, and the row is tried again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

import pyarrow as pa

from sfdd_declare.model.canonical import canonical_json, keyed_hash
from sfdd_declare.people import columns
from sfdd_declare.people.question import Question, members_id, remove_members_id
from sfdd_declare.people.tables import Table, Tables
from sfdd_declare.people.wanted import PREDICTED

#: Operations that write an opt-out.
NEVER = ("suppress:", "opt_out_records:", "import_opted_out:")

_MEANT = ("aspect", "contact_id", "email", "address_book", "campaign", "field", "new", "decision")
_PERSON = pa.schema({"operation": columns.text, "person": columns.text})
_LIST = pa.schema({"operation": columns.text, "person": columns.text, "address_book": columns.text})

Row = Mapping[str, object]


def refused_hash(key: str, rows: Iterable[Row]) -> str:
    """What an operation means to do with one person, and after a slash which campaign members want it: `-` while one of
    them is only about to be made.
    """
    meant, members = [], []
    for row in rows:
        is_list = row["aspect"] == "list"
        meant.append(canonical_json([None if is_list and name == "field" else row[name] for name in _MEANT]))
        members += [str(row["field"] or PREDICTED)] if is_list else []
    wanting = "-" if PREDICTED in members else keyed_hash(key, canonical_json(sorted(members)))
    return f"{keyed_hash(key, canonical_json(sorted(meant)))}/{wanting}"


def is_same(known: str, now: str) -> bool:
    """Whether what was refused is what would be sent again."""
    (meant, wanting), (meant_now, wanting_now) = known.split("/"), now.split("/")
    return meant == meant_now and (wanting == wanting_now or "-" in (wanting, wanting_now))


def may_park(operation: str) -> bool:
    return not operation.startswith(NEVER)


class Parked:
    """Which rows of `changes` (`all`) are held. `people`: how many persons that concerns; `rest`: the rows that go."""

    def __init__(self, tables: Tables, question: Question, changes: Table) -> None:
        self.all, self.rest, self.people = changes, changes, 0
        known = {
            (row["operation"], row["person"]): row["hash"]
            for account in question.accounts
            if tables.has(columns.parked(account.key))
            for row in tables.rows(tables.read(columns.parked(account.key), columns.PARKED))
        }
        if known:
            held = set(_held(tables, question.hash_key.get_secret_value(), changes, known))
            self.people = len({person for _, person in held})
            self.rest = _without(tables, changes, held) if held else changes


def _held(tables: Tables, key: str, changes: Table, known: Mapping[tuple[str, str], str]) -> Iterator[tuple[str, str]]:
    asked = changes.filter(changes.person.isin(sorted({person for _, person in known})))
    rows: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in tables.rows(asked):
        rows[row["operation"], row["person"]].append(row)
    for one, of_person in rows.items():
        if may_park(one[0]) and one in known and is_same(known[one], refused_hash(key, of_person)):
            yield one


def _without(tables: Tables, changes: Table, held: set[tuple[str, str]]) -> Table:
    """Nor what rests on them: a list on a membership that is not made, or not ended; values on an address that the
    contact does not get.
    """
    gone = tables.small(_PERSON, sorted(held))
    rest = changes.anti_join(gone, ["operation", "person"])
    unmade = {person for operation, person in held if operation.startswith(members_id(""))}
    unended = {person for operation, person in held if operation.startswith(remove_members_id(""))}
    unrenamed = {person for operation, person in held if operation.startswith("rename:")}
    if unrenamed:
        is_import = rest.operation.startswith("import:") | rest.operation.startswith("create:")
        rest = rest.filter(~(is_import & rest.person.isin(sorted(unrenamed))))
    if not unmade | unended:
        return rest
    ended = changes.filter(changes.operation.startswith(remove_members_id("")), changes.person.isin(sorted(unended)))
    members = {row["field"] for row in tables.rows(ended.select("field"))}
    resting = rest.filter(rest.aspect == "list", rest.old.notnull())
    resting = resting.select("operation", "person", "address_book", "old", "decision")
    lost = [
        (row["operation"], row["person"], row["address_book"])
        for row in tables.rows(resting)
        if (row["decision"] == "add" and set(row["old"].split(";")) <= unmade)
        or (row["decision"] == "remove" and set(row["old"].split(";")) & members)
    ]
    return _without_lists(tables, rest, lost)


def _without_lists(tables: Tables, rest: Table, lost: list[tuple[str, str, str]]) -> Table:
    """Whoever is to be created for such a list alone is not created."""
    gone = tables.small(_LIST, lost)
    rest = rest.anti_join(gone, ["operation", "person", "address_book"])
    creations = rest.filter(rest.decision == "create").select("operation", "person").distinct()
    listed = rest.filter(rest.aspect == "list").select("operation", "person").distinct()
    bare = creations.semi_join(gone, ["operation", "person"]).anti_join(listed, ["operation", "person"])
    return rest.anti_join(tables.keep(bare), ["operation", "person"])
