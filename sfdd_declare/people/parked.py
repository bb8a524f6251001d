"""Parked rows (RUN-4): what was refused before is neither planned nor sent until it differs. Consent is never parked.

What was refused is remembered as one keyed hash of everything that was sent for a person in one operation: another
value, another address, another campaign member or contact makes another hash, and the row is tried again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from sfdd_declare.model.canonical import canonical_json, keyed_hash
from sfdd_declare.people.engine import Engine, Row
from sfdd_declare.people.question import Question

#: Operations that write an opt-out.
NEVER = ("suppress:", "opt_out_records:", "import_opted_out:")

_MEANT = ("aspect", "contact_id", "email", "address_book", "campaign", "field", "new", "decision")

#: The id of a campaign member that is about to be added.
PREDICTED = ""


def refused_hash(key: str, rows: Iterable[Mapping[str, object]]) -> str:
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


def park(engine: Engine, question: Question) -> int:
    """Move what is held, and what rests on it, from `changes` to `parked_changes`; returns how many persons."""
    known = {(row["operation"], row["person"]): row["hash"] for row in engine.rows("SELECT * FROM read_parked")}
    if not known:
        return 0
    held = sorted(_held(engine, question.hash_key.get_secret_value(), known))
    engine.insert("parked_rows", ("operation", "person"), held)
    if held:
        engine.run("park")
    return len({person for _, person in held})


def _held(engine: Engine, key: str, known: Mapping[tuple[str, str], str]) -> Iterator[tuple[str, str]]:
    rows: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in engine.rows("SELECT * FROM changes WHERE person IN (SELECT person FROM read_parked)"):
        rows[row["operation"], row["person"]].append(row)
    for one, of_person in rows.items():
        if may_park(one[0]) and one in known and is_same(known[one], refused_hash(key, of_person)):
            yield one
