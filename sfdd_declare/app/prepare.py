"""From a configuration and a state to a plan: read both systems side by side, decide, build. Readers only: nothing
is written.
"""

from __future__ import annotations

import contextlib
import importlib
from dataclasses import dataclass

from sfdd_declare.app.beside import Beside
from sfdd_declare.app.inputs import Inputs
from sfdd_declare.app.read_people import read_people
from sfdd_declare.app.read_setup import read_setup
from sfdd_declare.model.plan import Plan, Usage
from sfdd_declare.model.ports import Event
from sfdd_declare.people.decide import decide
from sfdd_declare.people.question import Question
from sfdd_declare.plan import build, data, scope
from sfdd_declare.plan.flows import with_flows
from sfdd_declare.plan.identify import identify
from sfdd_declare.plan.removed import moves
from sfdd_declare.plan.targets import focus

# pyarrow imports pandas at its first use, if it is there, and swallows a Ctrl-C that arrives meanwhile.
with contextlib.suppress(ImportError):
    importlib.import_module("pandas")


@dataclass(frozen=True, slots=True)
class Prepared:
    """A plan, and the question about people that it answers; the tables it was asked of are in the spool."""

    plan: Plan
    question: Question


def prepare(inputs: Inputs) -> Plan:
    """Read, decide, build. Raises ErrorList with every configuration error that the live systems reveal."""
    return prepared(inputs).plan


def prepared(inputs: Inputs) -> Prepared:
    """Like `prepare`, for whoever wants to ask more."""
    desired, state = inputs.desired, inputs.state
    header, marks = state.header(), state.marks()
    beside = Beside(inputs.options.parallelism)
    live = read_setup(inputs, beside)
    found = identify(desired, live.world)
    targets = (*inputs.options.targets, *data.targets(desired, inputs.options.names))
    asked = focus(desired, targets, inputs.options.excludes, live.world.resources)
    half = build.setup_plan(desired, live.world, found, moves(live.moved, live.world))
    sets = with_flows(scope.with_renewals(live.sets, half.operations), marks)
    warnings = (*live.warnings, *scope.vanished_warnings(desired, found))
    if inputs.options.only_data:
        alone = data.data_only(desired, found, asked, sets, half.operations)
        asked, sets, warnings = alone.focus, alone.sets, (*warnings, *alone.warnings)
    memory = scope.memory(found, state.books(), live.moved)
    question = scope.question(
        desired,
        found,
        sets,
        books=memory.books,
        marks=marks,
        hash_key=header.hash_key,
        salesforce_user=live.world.salesforce.user_id,
        allow=inputs.options.allow,
        samples=inputs.options.samples,
        lead=live.world.salesforce.describes.get("Lead"),
        links=asked.links,
        accept_first_sync=inputs.options.accept_first_sync,
    )
    asked_of = scope.reading(desired, found, sets, live.world.salesforce.describes)
    people = read_people(inputs, beside, asked_of, question, memory)
    inputs.watch(Event("plan", "decide"))
    answer = decide(people.question, inputs.spool)
    salesforce, dotdigital = inputs.readers.calls()
    stamps = {**people.stamps, **inputs.readers.marks()}
    past = build.Past(header, memory.books, marks, stamps, people.book_stamps, memory.changes.relisted)
    plan = build.build(
        build.Basis(desired, live.world, found, past, sets),
        half,
        answer,
        allow=inputs.options.allow,
        focus=asked,
        created=inputs.now(),
        used=Usage(salesforce=salesforce, dotdigital=dotdigital),
        warnings=(*warnings, *people.warnings),
        only_data=inputs.options.only_data,
    )
    return Prepared(plan, people.question)
