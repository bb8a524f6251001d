"""From a configuration and a state to a plan: read both systems side by side, decide, build. Readers only: nothing
is written.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from sfdd_declare.app import taken_over
from sfdd_declare.app.beside import Beside
from sfdd_declare.app.inputs import Inputs
from sfdd_declare.app.read_delta import read_delta, selected_mark
from sfdd_declare.app.read_people import PeopleRead, after_delta, read_people
from sfdd_declare.app.read_setup import read_setup
from sfdd_declare.model.plan import Plan, Usage
from sfdd_declare.model.ports import Event
from sfdd_declare.people.decide import decide
from sfdd_declare.people.question import Answer, Question
from sfdd_declare.plan import basis, build, data, passes, scope, successors, turns
from sfdd_declare.plan.flows import with_flows
from sfdd_declare.plan.identify import Identities, identify
from sfdd_declare.plan.removed import moves
from sfdd_declare.plan.targets import focus
from sfdd_declare.store.planfile import load_rows


@dataclass(frozen=True, slots=True)
class Prepared:
    """A plan, and the question about people with its answer; the tables it was asked of are in the spool."""

    plan: Plan
    question: Question
    answer: Answer


def prepare(inputs: Inputs) -> Plan:
    """Read, decide, build. Raises ErrorList with every configuration error that the live systems reveal."""
    return prepared(inputs).plan


def prepared(inputs: Inputs) -> Prepared:
    """Like `prepare`, for whoever wants to ask more."""
    desired, state = inputs.desired, inputs.state
    header = state.header()
    beside = Beside(inputs.options.parallelism, inputs.options.stop)
    live = read_setup(inputs, beside)
    counted_at = inputs.readers.salesforce.clock()
    found = identify(desired, live.world)
    named = data.targets(desired, inputs.options.names)
    asked = focus(desired, (*inputs.options.targets, *named), inputs.options.excludes, live.world.resources)
    asked = turns.with_turns(asked, desired, named)
    half = build.setup_plan(desired, live.world, found, moves(live.moved, live.world), spares=inputs.options.only_data)
    stopped = data.stopped(desired, (*live.stopped, *half.stopped))
    asked = replace(asked, stopped=frozenset(one.link for one in stopped))
    marks = turns.marks_of(state.marks(), desired, asked)
    inputs = replace(inputs, marks=marks)
    sets = with_flows(
        scope.with_defaults(scope.with_renewals(live.sets, half.operations), live.world.dotdigital), marks
    )
    succeeds = successors.successors(desired, live.world.resources)
    warnings = (
        *data.stopped_warnings(stopped),
        *live.warnings,
        *successors.warnings(succeeds, desired),
        *scope.vanished_warnings(desired, found),
    )
    if inputs.options.only_data:
        alone = data.data_only(desired, found, asked, sets, half.operations)
        asked, sets, warnings = alone.focus, alone.sets, (*warnings, *alone.warnings)
    memory = scope.memory(found, taken_over.books(state.books(), marks, inputs.options), live.moved)
    question = scope.question(
        desired,
        found,
        sets,
        books=memory.books,
        marks=marks,
        hash_key=header.hash_key,
        salesforce_users=passes.users(marks, live.world.salesforce.user_id),
        allow=inputs.options.allow,
        samples=inputs.options.samples,
        reveal=inputs.options.reveal,
        is_approval=inputs.options.out is not None,
        is_approved=inputs.approved is not None,
        asks_drift=inputs.asks_drift,
        lead=live.world.salesforce.describes.get("Lead"),
        links=asked.links,
        by_hand=asked.by_hand,
        stopped=asked.stopped,
        accept_first_sync=inputs.options.accept_first_sync,
        taken_over=taken_over.is_waiting(marks, inputs.options),
        succeeds=successors.all_of(succeeds, marks),
    )
    reading = scope.reading(desired, found, sets, live.world.salesforce.describes)
    rests_on = turns.proofs(reading, desired, asked)
    way = passes.choose(
        desired,
        live.world,
        reading,
        rests_on,
        marks=marks,
        books=memory.books,
        operations=half.operations,
        unfinished=state.unfinished(),
        asked=inputs.options.delta,
        clock=counted_at,
    )
    decided = _decide(inputs, beside, way, Asked(reading, rests_on, question, found, memory))
    salesforce, dotdigital = inputs.readers.calls()
    stamps = {**decided.people.stamps, **passes.counted(found, reading, counted_at)}
    past = basis.Past(header, memory.books, marks, stamps, decided.people.book_stamps, memory.changes.relisted)
    plan = build.build(
        basis.Basis(desired, live.world, found, past, sets),
        half,
        decided.answer,
        allow=inputs.options.allow,
        focus=asked,
        created=inputs.now(),
        used=Usage(salesforce=salesforce, dotdigital=dotdigital),
        warnings=(*warnings, *decided.people.warnings),
        only_data=inputs.options.only_data,
        stopped=stopped,
    )
    after = replace(
        plan.after,
        marks=(
            *plan.after.marks,
            *live.same.marks,
            *taken_over.marks(marks, inputs.options),
            *successors.successor_marks(succeeds),
            (passes.USERS, ",".join(passes.users(marks, live.world.salesforce.user_id))),
        ),
        has_state_object=live.world.salesforce.states is not None,
        names_state=live.same.makes_row,
    )
    applied = next((run.fingerprint for run in state.runs() if run.fingerprint), "")
    plan = replace(plan, after=after, header=replace(plan.header, last_applied=applied))
    return Prepared(plan, decided.people.question, decided.answer)


@dataclass(frozen=True, slots=True)
class Asked:
    """What is read, what is asked about it, and what is known beforehand."""

    reading: scope.Reading
    rests_on: scope.Reading  # of it, what the people who are asked for belong to
    question: Question
    found: Identities
    memory: scope.Memory


@dataclass(frozen=True, slots=True)
class Decided:
    people: PeopleRead
    answer: Answer


def _decide(inputs: Inputs, beside: Beside, way: passes.Pass, asked: Asked) -> Decided:
    """By a delta where that is possible; where the delta shows that it is not, by a full pass after all."""
    if way.is_delta:
        if (decided := _decide_delta(inputs, beside, way, asked)) is not None:
            return decided
        inputs.spool.clear()
    people = read_people(inputs, beside, asked.reading, asked.question, asked.memory)
    inputs.watch(Event("plan", "decide"))
    answer = _answer(inputs, people.question)
    stamps = {passes.BASIS: passes.basis(inputs.desired, asked.reading.sets), passes.HELD: passes.held_mark(answer)}
    stamps |= passes.filled_marks(answer)
    if asked.reading.selections:
        stamps[passes.SELECTED] = selected_mark(inputs.spool)
    return Decided(replace(people, stamps={**people.stamps, **stamps}), answer)


def _answer(inputs: Inputs, question: Question) -> Answer:
    if inputs.approved is not None:
        load_rows(inputs.approved, inputs.spool, inputs.state.header().hash_key)
    return decide(question, inputs.spool)


def _decide_delta(inputs: Inputs, beside: Beside, way: passes.Pass, asked: Asked) -> Decided | None:
    inputs.watch(Event("read", "people"))
    stamps = read_delta(inputs, beside, asked.reading, asked.found, asked.memory, rests_on=asked.rests_on)
    if stamps is None:
        return None
    people = after_delta(inputs, asked.reading, asked.question, asked.memory, stamps)
    inputs.watch(Event("plan", "decide"))
    answer = _answer(inputs, people.question)
    if answer.unproven:
        return None
    pairs = {account.key: inputs.state.pairs(account.key) for account in asked.question.accounts}
    return Decided(people, passes.as_delta(answer, way, pairs, inputs.marks))
