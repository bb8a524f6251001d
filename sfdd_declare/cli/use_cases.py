"""The one table of what commands call, each imported when it is called, so that quick commands start quickly.

`sfdd --version` and `sfdd validate` load no engine, no database and no HTTP client, and nor does any command whose
configuration is wrong; a test watches over it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sfdd_declare.app.options import Approval, Options, WatchOptions
    from sfdd_declare.app.plan_file import Shown
    from sfdd_declare.app.state import Rebound, StateShown
    from sfdd_declare.model.assumed import Hands, Intent, Probed
    from sfdd_declare.model.ci import Shell, Step
    from sfdd_declare.model.declared import Desired
    from sfdd_declare.model.drift import Drift
    from sfdd_declare.model.explanation import Explanation
    from sfdd_declare.model.finding import Findings
    from sfdd_declare.model.outcome import Outcome
    from sfdd_declare.model.plan import Plan
    from sfdd_declare.model.ports import Watch
    from sfdd_declare.model.standing import Standing
    from sfdd_declare.model.state import LedgerEntry, Resource, RunRecord, StateHeader
    from sfdd_declare.store.by_hand import Forgotten

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class ClockChange:
    """What `sandbox clock` asks for; all None only reads the time."""

    advance_seconds: float | None = None
    at: str | None = None
    frozen: bool | None = None


def _validate(options: Options) -> Desired:
    from sfdd_declare.app.validate import validate

    return validate(options)


def _findings(options: Options) -> Findings:
    from sfdd_declare.app.findings import findings

    return findings(options)


def _look(options: Options, *, credentials: bool = True) -> None:
    """Read the token and the configuration before what is slow to import: most mistakes are there, or in the
    environment.
    """
    from sfdd_declare.app.validate import configuration, validate

    if options.expect is not None:
        from sfdd_declare.app.expect import Token

        Token.parse(options.expect)
    options = _as_approved(options)
    (configuration if credentials else validate)(options)
    from sfdd_declare.app.arrow import without_pandas

    without_pandas()


def _as_approved(options: Options) -> Options:
    """With the options that a plan file holds."""
    if options.file is None:
        return options
    from sfdd_declare.app.arrow import without_pandas

    without_pandas()
    from sfdd_declare.app.plan_file import options_of

    return options_of(options)


def _plan(options: Options, watch: Watch) -> Plan:
    _look(options)
    from sfdd_declare.app.plan import plan

    return plan(options, watch)


def _show_plan(options: Options) -> Shown:
    from sfdd_declare.app.plan import show

    return show(options)


def _demand(plan: Plan, token: str) -> None:
    from sfdd_declare.app.expect import demand

    demand(plan, token, plan.tolerance)


def _apply(options: Options, approval: Approval, watch: Watch) -> Outcome:
    _look(options)
    from sfdd_declare.app.apply import apply

    return apply(options, approval, watch)


def _watch(options: Options, how: WatchOptions) -> int:
    _look(options)
    from sfdd_declare.app.watch_service import run

    return run(options, how)


def _unlock(options: Options) -> str:
    _look(options, credentials=False)
    from sfdd_declare.app.operate import unlock

    return unlock(options)


def _resources(options: Options) -> tuple[Resource, ...]:
    _look(options, credentials=False)
    from sfdd_declare.app.operate import resources

    return resources(options)


def _show_state(options: Options) -> StateShown:
    _look(options, credentials=False)
    from sfdd_declare.app.state import show

    return show(options)


def _status(options: Options) -> Standing:
    _look(options, credentials=False)
    from sfdd_declare.app.status import status

    return status(options)


def _history(options: Options, run: str | None, count: int) -> tuple[RunRecord, ...]:
    _look(options, credentials=False)
    from sfdd_declare.app.status import history

    return history(options, run, count)


def _init_state(options: Options, forget: bool) -> StateHeader:
    _look(options, credentials=False)
    from sfdd_declare.app.state import init

    return init(options, forget=forget)


def _restore_state(options: Options, copy: str | None) -> tuple[str, StateHeader]:
    _look(options, credentials=False)
    from sfdd_declare.app.state import restore

    return restore(options, copy)


def _pull_state(options: Options, target: Path) -> StateHeader:
    _look(options, credentials=False)
    from sfdd_declare.app.state import pull

    return pull(options, target)


def _push_state(options: Options, source: Path) -> StateHeader:
    _look(options, credentials=False)
    from sfdd_declare.app.state import push

    return push(options, source)


def _migrate_state(options: Options, target: str) -> tuple[str, StateHeader]:
    _look(options, credentials=False)
    from sfdd_declare.app.state import migrate

    return migrate(options, target)


def _rebind_state(options: Options, account: str | None) -> Rebound:
    _look(options)
    from sfdd_declare.app.state import rebind

    return rebind(options, account)


def _probe_intent(options: Options, names: tuple[str, ...], domain: str) -> Intent:
    _look(options)
    from sfdd_declare.app.probe import intent

    return intent(options, names, domain)


def _probe_known(options: Options, names: tuple[str, ...]) -> Probed:
    _look(options, credentials=False)
    from sfdd_declare.app.probe import known

    return known(options, names)


def _probe(options: Options, names: tuple[str, ...], domain: str, hands: Hands) -> Probed:
    _look(options)
    from sfdd_declare.app.probe import probe

    return probe(options, names, domain, hands)


def _clean_registry(options: Options) -> int:
    _look(options)
    from sfdd_declare.app.registry import clean

    return clean(options)


def _problems(options: Options) -> tuple[LedgerEntry, ...]:
    _look(options, credentials=False)
    from sfdd_declare.app.ledger import problems

    return problems(options)


def _set_parked(options: Options, records: tuple[str, ...], parked: bool) -> int:
    _look(options, credentials=False)
    from sfdd_declare.app.ledger import set_parked

    return set_parked(options, records, parked=parked)


def _forget(options: Options, email: str) -> Forgotten:
    _look(options, credentials=False)
    from sfdd_declare.app.ledger import forget

    return forget(options, email)


def _explain(options: Options, who: str, watch: Watch) -> Explanation:
    _look(options)
    from sfdd_declare.app.explain import explain

    return explain(options, who, watch)


def _drift(options: Options, only: tuple[str, ...], ignore: Path | None, watch: Watch) -> Drift:
    _look(options)
    from sfdd_declare.app.drift import drift

    return drift(options, only, ignore, watch)


def _schema(what: str) -> str:
    if what == "config":
        from sfdd_declare.config.schema import config_schema

        return config_schema()
    from sfdd_declare.render.machine.schema import DocumentKind, schema_text

    return schema_text(DocumentKind(what))


def _package(path: Path) -> None:
    from sfdd_declare.app.registry import package

    package(path)


def _demo(keep: bool, say: Say) -> int:
    from sfdd_declare.app.demo import run

    return run(keep, say)


def _sandbox_serve(path: Path, salesforce_port: int, dotdigital_port: int, say: Say) -> None:
    from sfdd_declare.app.sandbox import serve

    serve(path, salesforce_port, dotdigital_port, say)


def _sandbox_seed(path: Path, people: int, number: int) -> None:
    from sfdd_declare.app.sandbox import seed

    seed(path, people, number)


def _sandbox_reset(path: Path) -> None:
    from sfdd_declare.app.sandbox import reset

    reset(path)


def _sandbox_edit(world: str, system: str, kind: str, record: str, values: Mapping[str, str]) -> str:
    from sfdd_declare.app.sandbox import edit

    return edit(world, system, kind, record, values)


def _sandbox_sign_up(world: str, email: str, book: str, values: Mapping[str, str]) -> str:
    from sfdd_declare.app.sandbox import sign_up

    return sign_up(world, email, book, values)


def _sandbox_unsubscribe(world: str, email: str) -> str:
    from sfdd_declare.app.sandbox import unsubscribe

    return unsubscribe(world, email)


def _sandbox_switch(world: str, mode: str | None, values: Mapping[str, str]) -> Mapping[str, str]:
    from sfdd_declare.app.sandbox import switch

    return switch(world, mode, values)


def _sandbox_history(world: str, about: str | None, system: str | None, last: int) -> tuple[str, ...]:
    from sfdd_declare.app.sandbox import history

    return history(world, about, system, last)


def _sandbox_log(world: str, system: str | None, last: int) -> tuple[str, ...]:
    from sfdd_declare.app.sandbox import log

    return log(world, system, last)


def _sandbox_clock(world: str, change: ClockChange) -> str:
    from sfdd_declare.app.sandbox import clock

    return clock(world, change.advance_seconds, change.at, change.frozen)


def _ci_plan(step: Step, environ: Mapping[str, str], shell: Shell) -> int:
    from sfdd_declare.app.ci_plan import plan

    return plan(step, environ, shell)


def _ci_apply(step: Step, environ: Mapping[str, str], shell: Shell) -> int:
    from sfdd_declare.app.ci_apply import apply

    return apply(step, environ, shell)


def _ci_drift(step: Step, environ: Mapping[str, str], shell: Shell) -> int:
    from sfdd_declare.app.ci_drift import drift

    return drift(step, environ, shell)


def _ci_validate(step: Step, environ: Mapping[str, str], shell: Shell) -> int:
    from sfdd_declare.app.ci_validate import validate

    return validate(step, environ, shell)


@dataclass(frozen=True, slots=True)
class UseCases:
    """What the commands call. Tests of parsing hand in their own."""

    validate: Callable[[Options], Desired] = _validate
    findings: Callable[[Options], Findings] = _findings
    plan: Callable[[Options, Watch], Plan] = _plan
    show_plan: Callable[[Options], Shown] = _show_plan
    demand: Callable[[Plan, str], None] = _demand
    apply: Callable[[Options, Approval, Watch], Outcome] = _apply
    watch: Callable[[Options, WatchOptions], int] = _watch
    unlock: Callable[[Options], str] = _unlock
    resources: Callable[[Options], tuple[Resource, ...]] = _resources
    show_state: Callable[[Options], StateShown] = _show_state
    status: Callable[[Options], Standing] = _status
    history: Callable[[Options, str | None, int], tuple[RunRecord, ...]] = _history
    init_state: Callable[[Options, bool], StateHeader] = _init_state
    restore_state: Callable[[Options, str | None], tuple[str, StateHeader]] = _restore_state
    pull_state: Callable[[Options, Path], StateHeader] = _pull_state
    push_state: Callable[[Options, Path], StateHeader] = _push_state
    migrate_state: Callable[[Options, str], tuple[str, StateHeader]] = _migrate_state
    rebind_state: Callable[[Options, str | None], Rebound] = _rebind_state
    probe_intent: Callable[[Options, tuple[str, ...], str], Intent] = _probe_intent
    probe_known: Callable[[Options, tuple[str, ...]], Probed] = _probe_known
    probe: Callable[[Options, tuple[str, ...], str, Hands], Probed] = _probe
    clean_registry: Callable[[Options], int] = _clean_registry
    problems: Callable[[Options], tuple[LedgerEntry, ...]] = _problems
    set_parked: Callable[[Options, tuple[str, ...], bool], int] = _set_parked
    forget: Callable[[Options, str], Forgotten] = _forget
    explain: Callable[[Options, str, Watch], Explanation] = _explain
    drift: Callable[[Options, tuple[str, ...], Path | None, Watch], Drift] = _drift
    ci_plan: Callable[[Step, Mapping[str, str], Shell], int] = _ci_plan
    ci_apply: Callable[[Step, Mapping[str, str], Shell], int] = _ci_apply
    ci_drift: Callable[[Step, Mapping[str, str], Shell], int] = _ci_drift
    ci_validate: Callable[[Step, Mapping[str, str], Shell], int] = _ci_validate
    schema: Callable[[str], str] = _schema
    package: Callable[[Path], None] = _package
    demo: Callable[[bool, Say], int] = _demo
    sandbox_serve: Callable[[Path, int, int, Say], None] = _sandbox_serve
    sandbox_seed: Callable[[Path, int, int], None] = _sandbox_seed
    sandbox_reset: Callable[[Path], None] = _sandbox_reset
    sandbox_edit: Callable[[str, str, str, str, Mapping[str, str]], str] = _sandbox_edit
    sandbox_sign_up: Callable[[str, str, str, Mapping[str, str]], str] = _sandbox_sign_up
    sandbox_unsubscribe: Callable[[str, str], str] = _sandbox_unsubscribe
    sandbox_switch: Callable[[str, str | None, Mapping[str, str]], Mapping[str, str]] = _sandbox_switch
    sandbox_history: Callable[[str, str | None, str | None, int], tuple[str, ...]] = _sandbox_history
    sandbox_log: Callable[[str, str | None, int], tuple[str, ...]] = _sandbox_log
    sandbox_clock: Callable[[str, ClockChange], str] = _sandbox_clock
