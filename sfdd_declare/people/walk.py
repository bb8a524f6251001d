"""The walk of all people through the rules, step by step: which runs after which, and which need not run.

What was read, once per record, contact and pair → who lives on as whom → who is opted out, over all accounts, and whose
Email Opt Out that ticks → who is or will be a campaign member → who is who → who is wanted where → who is on which book
→ newcomers → values → rows of changes and moves → who is left out.
"""

from __future__ import annotations

from sfdd_declare.people.asked import load
from sfdd_declare.people.engine import Engine
from sfdd_declare.people.question import Question
from sfdd_declare.people.sources import count_filled_bases, fetch_values, open_views


def prepare(engine: Engine, question: Question) -> None:
    """The tables, what is asked, what was read, one row each."""
    engine.make_tables()
    load(engine, question)
    open_views(engine, question)
    engine.run("sides")
    _recall_older(engine)
    engine.run("heirs")
    if engine.count("steps"):
        follow(engine)
        engine.run("inherit", "succession")
        engine.clear("steps", "followed")


def walk(engine: Engine, question: Question) -> None:
    """From what was read to changes, moves, and who is left out."""
    prepare(engine, question)
    engine.run("ticked", "closure", "memories", "optouts", "ticks", "joining")
    _identify(engine)
    engine.run("wanted")
    _look_at_places(engine, "bookfacts")
    engine.run("facts", "membership")
    _look_at_places(engine, "creation")
    engine.run("created", "newcomers")
    _compare(engine, question)
    engine.run("leads", "changes", "lead_changes", "moves", "left_out")


def _identify(engine: Engine) -> None:
    """Chains of renames are followed here: who waits for whose address."""
    engine.run("identity")
    if engine.count("wishes"):
        engine.run("places", "wishes")
        follow(engine)
        engine.run("renames")
        engine.clear("steps", "followed")
    engine.run("match")


def _look_at_places(engine: Engine, step: str) -> None:
    engine.clear("asked_places", "barred_places")
    engine.run(step, "places")


def _compare(engine: Engine, question: Question) -> None:
    engine.run("candidates")
    fetch_values(engine, question)
    engine.run("cells")
    if engine.count("lost_values"):
        count_filled_bases(engine, question)
    engine.run("renewed", "values", "checks")


def follow(engine: Engine) -> None:
    """Fill `followed` from `steps`: where each chain ends, by doubling the stride.

    A table of a million steps takes twenty strides, one of short chains a few. `ending` is null for whoever is, or
    waits for, part of a circle.
    """
    engine.execute(
        "INSERT INTO followed BY NAME SELECT *, CASE WHEN further IS NULL THEN 0 ELSE 1 END AS distance FROM steps"
    )
    for _ in range(engine.count("followed").bit_length() + 1):
        if not engine.count("followed", "further IS NOT NULL"):
            break
        engine.run("follow")
        engine.clear("followed")
        engine.execute("INSERT INTO followed SELECT * FROM followed_next")
        engine.clear("followed_next")
    engine.execute("UPDATE followed SET ending = NULL WHERE further IS NOT NULL")


def _recall_older(engine: Engine) -> None:
    """Addresses that an earlier version case-folded to something else: opt-outs are remembered under that hash."""
    odd = engine.column(
        "SELECT email_key FROM records_read WHERE NOT regexp_matches(email_key, '^[\\x00-\\x7F]*$')"
        " UNION SELECT email_key FROM contacts WHERE NOT regexp_matches(email_key, '^[\\x00-\\x7F]*$')"
    )
    engine.insert("older", ("email_key", "older"), [(key, key.casefold()) for key in odd if key != key.casefold()])
