"""`sfdd apply`: lease, wait for what an interrupted run left, plan, ask, carry out."""

from __future__ import annotations

import secrets
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path

from sfdd_declare.app import plan_file
from sfdd_declare.app.commit import commit_of
from sfdd_declare.app.edits import FRESH, Edited
from sfdd_declare.app.expect import demand
from sfdd_declare.app.home import configuration_name, holder, open_home, read_home, run_directory
from sfdd_declare.app.inputs import Inputs
from sfdd_declare.app.options import Approval, Declined, Options
from sfdd_declare.app.pause import Stop
from sfdd_declare.app.prepare import prepare
from sfdd_declare.app.recheck import KnownMeanwhile, OptedOut
from sfdd_declare.app.state_row import is_to_be_named, named
from sfdd_declare.app.validate import configuration
from sfdd_declare.app.wiring import Systems, connect
from sfdd_declare.model.declared import Desired
from sfdd_declare.model.errors import Stale
from sfdd_declare.model.mapping import MappingSet
from sfdd_declare.model.outcome import Outcome, Status
from sfdd_declare.model.plan import Plan
from sfdd_declare.model.planfile import PlanFile
from sfdd_declare.model.ports import Settlement, Watch
from sfdd_declare.model.state import Bound, RunDetails
from sfdd_declare.plan import budget, data
from sfdd_declare.run.execute import execute
from sfdd_declare.run.failed import failed_by_book
from sfdd_declare.run.progress import details_after, details_before, links_after
from sfdd_declare.run.recover import wait_for_jobs
from sfdd_declare.run.tools import Tools
from sfdd_declare.store.lease import Lease
from sfdd_declare.store.state import State


def apply(options: Options, approval: Approval, watch: Watch) -> Outcome:
    """Plan and, once approved, carry out. Raises Declined, Stale, Locked, or what planning raises; writes nothing
    then.
    """
    if options.file is not None:
        options = plan_file.options_of(options)
    desired = configuration(options)
    file = _approved(desired, options)
    with (
        open_home(desired, options, create=True) as state,
        state.lock(holder(options.command), timeout=options.lock_timeout) as lease,
    ):
        return apply_under(desired, options, approval, watch, state=state, lease=lease, file=file)


def apply_under(
    desired: Desired,
    options: Options,
    approval: Approval,
    watch: Watch,
    *,
    state: State,
    lease: Lease,
    file: PlanFile | None = None,
) -> Outcome:
    """Like `apply`, of a configuration that was read already, with a state whose lease is held."""
    stop = Stop(options.stop)
    with (
        closing(connect(desired, state, environ=options.environ, pause=stop.pause)) as systems,
        closing(run_directory(desired, options.environ)) as spool,
        closing(run_directory(desired, options.environ)) as second,
    ):
        wait_for_jobs(state.unfinished(), systems.waiter)
        inputs = Inputs(desired, state, systems.readers, spool, options, watch, options.now, options.file)
        read_at = options.now()
        plan = prepare(inputs)
        if file is not None and options.file is not None:
            plan = plan_file.held_as_approved(plan, file)
            plan_file.demand(plan, file, options.file)
        if options.expect:
            demand(plan, options.expect, desired.guards.plan_tolerance)
        approval.show(plan)
        if not plan.is_empty:
            if file is None:  # which is an approval, and holds the names that were typed
                _ask(plan, approval)
            if options.now() - plan.header.created > FRESH:
                inputs, read_at = replace(inputs, spool=second), options.now()
                plan = _read_again(plan, inputs)
        stop.check()  # an exception may have been lost on the way
        return _carry_out(plan, inputs, state, lease, systems, read_at=read_at, stop=stop)


def _approved(desired: Desired, options: Options) -> PlanFile | None:
    """The plan file that is to be carried out, before anything is opened for writing."""
    if options.file is None:
        return None
    with read_home(desired, options) as state:
        return plan_file.opened(options.file, state.header(), options.now())


def _ask(plan: Plan, approval: Approval) -> None:
    if not approval.approve(plan):
        raise Declined
    for op in plan.operations:
        if op.destroys and not op.blocked_by and not approval.typed(op.destroys, op.note or str(op.address)):
            raise Declined(f"{op.destroys} was not confirmed by its name. Nothing was written.")


def _read_again(plan: Plan, inputs: Inputs) -> Plan:
    """A plan that waited for long is made again; if it differs, nothing is written and the human looks again."""
    again = prepare(inputs)
    try:
        demand(again, plan.token, inputs.desired.guards.plan_tolerance)
    except Stale as stale:
        raise Stale(stale.id, f"The plan waited too long. {stale.summary}", hint="sfdd apply") from stale
    return again


def _carry_out(
    plan: Plan, inputs: Inputs, state: State, lease: Lease, systems: Systems, *, read_at: datetime, stop: Stop
) -> Outcome:
    header, options = state.header(), inputs.options
    sets: dict[str, tuple[MappingSet, ...]] = {
        account: tuple(s for s in plan.sets if s.account == account) for account, _ in plan.header.accounts
    }
    unfinished, marks = state.unfinished(), state.marks()
    run_id = f"{plan.header.created:%Y%m%dT%H%M%SZ}-{header.serial}-{secrets.token_hex(4)}"
    bound = Bound(plan.header.org_id, plan.header.accounts)
    known = RunDetails(
        options.command,
        user=(me := holder(options.command)).owner,
        host=me.host,
        commit=commit_of(Path(inputs.desired.root)),
        links=data.targets(inputs.desired, options.names),
    )
    details = details_before(plan, known)
    aside = partial(run_directory, inputs.desired, options.environ)
    journal = state.begin_run(
        lease,
        run=run_id,
        fingerprint=plan.fingerprint,
        sets=sets,
        declared=inputs.desired.mappings,
        bound=bound,
        details=details,
        backs_up=not plan.is_empty or plan.people.moves > 0,
    )
    tools = Tools(
        writer=systems.writer,
        journal=journal,
        spool=inputs.spool,
        resources=state.resources(),
        unfinished=unfinished,
        hash_key=header.hash_key,
        calls=systems.readers.calls,
        call_mark=lambda calls: budget.mark(marks, inputs.now(), calls),
        stop=stop,
        watch=inputs.watch,
        rechecks=(
            Edited(plan.sets, systems.readers, header.hash_key, read_at, inputs.now, aside),
            OptedOut(inputs.desired, plan, systems.readers, aside),
            KnownMeanwhile(plan, systems.readers, aside),
        ),
    )
    outcome = execute(plan, tools)
    if outcome.interrupted or outcome.overtaken:
        return outcome
    failed = failed_by_book(outcome.problems, inputs.spool, state.books_of)
    links = links_after(outcome, state.links(), failed, read_at)
    journal.end(_summary(outcome), details_after(outcome, details), links)
    if not inputs.desired.salesforce.registry or not is_to_be_named(outcome):
        return outcome
    name, before = configuration_name(inputs.desired, inputs.options), systems.readers.calls()[0]
    outcome = named(outcome, lambda: systems.name_state(name, bound, run_id))
    calls = systems.readers.calls()[0]
    journal.record(Settlement(marks=(tools.call_mark(calls),)))
    return replace(outcome, used=replace(outcome.used, salesforce=outcome.used.salesforce + calls - before))


def _summary(outcome: Outcome) -> str:
    states = {result.status for result in outcome.results}
    return "done" if states <= {Status.DONE} else "in part"
