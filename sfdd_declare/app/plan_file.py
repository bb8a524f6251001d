"""Plan files: written by a plan, and carried out by an apply that plans again and does what is in both (CON-16)."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from sfdd_declare.app.inputs import Inputs
from sfdd_declare.app.options import Options
from sfdd_declare.model.errors import Stale, StateError, UsageError
from sfdd_declare.model.ids import OperationId
from sfdd_declare.model.operation import Action, FieldChange, Operation
from sfdd_declare.model.plan import Header, Plan
from sfdd_declare.model.planfile import Asked, PlanFile, plan_file
from sfdd_declare.model.state import StateHeader
from sfdd_declare.people.samples import kept_samples
from sfdd_declare.people.spool import RunDirectory, sweep
from sfdd_declare.store import hashkey, planfile

_NEW = "sfdd plan --out FILE"


def save(plan: Plan, inputs: Inputs, path: Path) -> None:
    """Write the file of a plan. Raises UsageError where a name has to be typed for something that goes."""
    for op in plan.operations:
        if op.destroys and not op.blocked_by and op.destroys not in inputs.options.confirmed:
            what = (op.note or str(op.address)).rstrip(".")
            summary = f"{what}: its name must be given before it can be approved. No plan file was written."
            raise UsageError("SFDD-E9025", summary, hint=f'sfdd plan --out {path} --confirm "{op.destroys}"')
    passphrase = inputs.options.environ.get(hashkey.VARIABLE, "")
    key = inputs.state.header().hash_key
    planfile.write(path, plan_file(plan, _asked(inputs.options)), inputs.spool, key, passphrase)


def require_state(state: StateHeader) -> None:
    """Nothing that leaves this machine is hashed under the key of a state that is not there."""
    if not state.exists:
        summary = "There is no state yet, and a plan file is sealed with the state's key."
        raise StateError("SFDD-E3021", summary, hint="sfdd state init")


@dataclass(frozen=True, slots=True)
class Shown:
    """A plan file as `sfdd show` reads it. `sealed`: None where there is no state to look at the seal with."""

    file: PlanFile
    sealed: bool | None


def in_clear(file: PlanFile, path: Path, options: Options) -> PlanFile:
    """With the first people of the file in clear, for who has the key that they were sealed with. Raises Stale."""
    parent = Path(options.environ.get("TMPDIR") or tempfile.gettempdir())
    sweep(parent)  # what a killed one left there (INV-10)
    with closing(RunDirectory(parent)) as aside:
        rows = aside.root / "people.parquet"
        planfile.unseal_people(path, options.environ.get(hashkey.VARIABLE, ""), rows)
        samples = kept_samples(rows, options.samples)
    people = replace(file.plan.people, samples=samples, revealed=True)
    return replace(file, plan=replace(file.plan, people=people))


def options_of(options: Options) -> Options:
    """The options of a plan file, as if they had been given here."""
    assert options.file is not None
    asked = planfile.read(options.file).asked
    return replace(
        options,
        env=asked.env,
        variables=dict(asked.variables),
        targets=asked.targets,
        excludes=asked.excludes,
        allow=frozenset(asked.allow),
        accept_first_sync=asked.accept_first_sync,
        adopt_lineage=asked.adopt_lineage,
        confirmed=asked.confirmed,
    )


def opened(path: Path, state: StateHeader, now: datetime) -> PlanFile:
    """A plan file that this state has sealed and that is still good. Raises Stale."""
    file = planfile.read(path)
    if file.plan.header.lineage != state.lineage:
        summary = f"This plan file was made with the state {file.plan.header.lineage}, and here is {state.lineage}."
        raise Stale("SFDD-E5011", summary, where=str(path), hint="sfdd state show")
    file = planfile.read(path, state.hash_key)
    if now > file.expires:
        summary = f"This plan file was good until {file.expires:%Y-%m-%d %H:%M} UTC."
        raise Stale("SFDD-E5013", summary, where=str(path), hint=_NEW)
    return file


def held_as_approved(plan: Plan, file: PlanFile) -> Plan:
    """With the set-up held back that a stricter limit of the base held back when the proposal was planned: it was
    shown as blocked, and nobody approved it. Once the looser limit is merged, the next plan has it.
    """
    if not file.plan.loosened:
        return plan
    ids = dict(plan.after.ids)
    then = {op.id: op for op in file.plan.operations if op.rows is None and op.blocked_by}
    held = {op.id for op in plan.operations if not op.blocked_by and _covers(then.get(op.id), op, ids)}
    parts = (
        replace(verdict, operations=tuple(id for id in verdict.operations if id in held))
        for verdict in file.plan.blocked
    )
    return replace(
        plan,
        operations=tuple(
            replace(op, blocked_by=then[op.id].blocked_by) if op.id in held else op for op in plan.operations
        ),
        blocked=(*plan.blocked, *(verdict for verdict in parts if verdict.operations)),
    )


def demand(plan: Plan, file: PlanFile, path: Path) -> None:
    """Raise Stale (exit 3) when the new plan is of another world, or does to a thing what the file does not say.
    What is done already is not due any more.
    """
    _same_world(plan.header, file.plan.header, path)
    _same_things(dict(plan.after.ids), dict(file.ids), path)
    approved = {op.id: op for op in file.plan.operations if op.rows is None and not op.blocked_by}
    ids = dict(plan.after.ids)
    for op in plan.operations:
        if op.rows is None and not op.blocked_by and not _covers(approved.get(op.id), op, ids):
            raise Stale(
                "SFDD-E5015",
                f"This is not what was approved: {op.address} {op.part or op.action.value}".rstrip()
                + _why(approved, op, ids),
                where=str(path),
                hint=_NEW,
            )


def _same_world(now: Header, then: Header, path: Path) -> None:
    if (now.org_id, now.accounts) != (then.org_id, then.accounts):
        differs = _differing({"org": then.org_id, **dict(then.accounts)}, {"org": now.org_id, **dict(now.accounts)})
        summary = f"This plan file was made for another org or account: {differs}."
        raise Stale("SFDD-E5014", summary, where=str(path), hint=_NEW)


def _same_things(now: dict[str, str], then: dict[str, str], path: Path) -> None:
    """What people are added to, and values are written by, is still what it was."""
    others = [name.removeprefix("@") for name, live_id in then.items() if now.get(name, live_id) != live_id]
    if others:
        summary = f"This is not what was approved: {', '.join(others)} is another record now than when it was planned."
        raise Stale("SFDD-E5015", summary, where=str(path), hint=_NEW)


def _differing(then: dict[str, str], now: dict[str, str]) -> str:
    names = [name for name in {**then, **now} if then.get(name) != now.get(name)]
    return "; ".join(f"{name} {now.get(name, 'none')}, not {then.get(name, 'none')}" for name in names)


def _covers(approved: Operation | None, op: Operation, ids: dict[str, str]) -> bool:
    """Whether that was approved, or is what an interrupted apply left of it."""
    if approved is None:
        return False
    if approved.action is op.action:
        return approved.prior_id == op.prior_id and not _differences(approved.fields, op.fields, ids)
    if op.action is Action.ADOPT:
        return approved.action is Action.CREATE
    left_of_replacement = approved.action is Action.REPLACE and op.action is Action.CREATE
    return left_of_replacement and all(_is(approved.fields, change, ids) for change in op.fields)


def _differences(then: Iterable[FieldChange], now: Iterable[FieldChange], ids: dict[str, str]) -> list[str]:
    """Names of fields that are not changed as approved. An id is known by now where the file could only refer to it."""
    before = {change.name: change for change in then}
    return [
        change.name
        for change in now
        if change.name not in before or before[change.name].old != change.old or not _is(before.values(), change, ids)
    ]


def _is(then: Iterable[FieldChange], change: FieldChange, ids: dict[str, str]) -> bool:
    known = {one.name: one.new for one in then}
    new = known.get(change.name)
    return change.name in known and (new == change.new or (isinstance(new, str) and ids.get(new) == change.new))


def _why(approved: dict[OperationId, Operation], op: Operation, ids: dict[str, str]) -> str:
    known = approved.get(op.id)
    if known is None:
        return " is not in the plan file."
    if known.action is not op.action:
        return f": the plan file says {known.action.value}."
    changed = _differences(known.fields, op.fields, ids)
    return f" changes {', '.join(changed)} in another way." if changed else " is about another record now."


def _asked(options: Options) -> Asked:
    return Asked(
        env=options.env,
        variables=tuple(sorted(options.variables.items())),
        targets=options.targets,
        excludes=options.excludes,
        allow=tuple(sorted(options.allow)),
        accept_first_sync=options.accept_first_sync,
        adopt_lineage=options.adopt_lineage,
        confirmed=options.confirmed,
    )
