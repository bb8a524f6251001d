"""From a configuration and a state to a plan: read both systems side by side, decide, build. Readers only: nothing
is written.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from sfdd_declare.app.inputs import Inputs
from sfdd_declare.app.read_people import read_people
from sfdd_declare.app.read_setup import read_setup
from sfdd_declare.model.plan import Plan, Usage
from sfdd_declare.model.ports import Event
from sfdd_declare.people.decide import decide
from sfdd_declare.plan import build, scope
from sfdd_declare.plan.identify import identify
from sfdd_declare.plan.removed import moves
from sfdd_declare.plan.targets import focus

_PARALLEL = 4


def prepare(inputs: Inputs) -> Plan:
    """Read, decide, build. Raises ErrorList with every configuration error that the live systems reveal."""
    desired, state = inputs.desired, inputs.state
    header, marks = state.header(), state.marks()
    books = {book.address_book: book for book in state.books()}
    with ThreadPoolExecutor(_PARALLEL) as pool:
        live = read_setup(inputs, pool)
        found = identify(desired, live.world)
        asked = focus(desired, inputs.options.targets, inputs.options.excludes, live.world.resources)
        half = build.setup_plan(desired, live.world, found, moves(live.moved, live.world))
        question = scope.question(
            desired,
            found,
            live.sets,
            books=books,
            marks=marks,
            hash_key=header.hash_key,
            salesforce_user=live.world.salesforce.user_id,
            allow=inputs.options.allow,
            samples=inputs.options.samples,
            links=asked.links,
        )
        people = read_people(inputs, pool, scope.reading(desired, found, live.sets), question)
    inputs.watch(Event("plan", "decide"))
    answer = decide(people.question, inputs.spool)
    salesforce, dotdigital = inputs.readers.calls()
    stamps = {**people.stamps, **inputs.readers.marks()}
    past = build.Past(header, books, marks, stamps, people.book_stamps)
    return build.build(
        build.Basis(desired, live.world, found, past, live.sets),
        half,
        answer,
        allow=inputs.options.allow,
        focus=asked,
        created=inputs.now(),
        used=Usage(salesforce=salesforce, dotdigital=dotdigital),
        warnings=live.warnings,
    )
