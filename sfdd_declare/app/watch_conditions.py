"""What a run leaves behind that somebody should know of, as conditions: the same words while nothing changes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sfdd_declare.model.errors import DeclareError, ErrorList
from sfdd_declare.model.notice import Condition, Kind
from sfdd_declare.model.outcome import Outcome, Status
from sfdd_declare.model.state import RunDetails
from sfdd_declare.people.held import PARKED, WORDS

_OF_LINKS = (Kind.GUARD, Kind.FAILURE)


def of_outcome(outcome: Outcome, details: RunDetails) -> tuple[Condition, ...]:
    """Of a run that came to its end."""
    return tuple(_of_outcome(outcome, details))


def of_links(found: Iterable[Condition]) -> tuple[Condition, ...]:
    """Those that only a run over the links concerned can tell."""
    return tuple(condition for condition in found if condition.kind in _OF_LINKS)


def of_everything(found: Iterable[Condition]) -> tuple[Condition, ...]:
    """Those that every run tells, whatever links it is over."""
    return tuple(condition for condition in found if condition.kind not in _OF_LINKS)


def each_once(found: Iterable[Condition]) -> tuple[Condition, ...]:
    """Of what several links tell, the one with the most behind it."""
    kept: dict[tuple[Kind, str], Condition] = {}
    for condition in found:
        name = condition.kind, condition.subject
        if name not in kept or condition.count > kept[name].count:
            kept[name] = condition
    return tuple(kept.values())


def of_error(error: DeclareError) -> Condition:
    """Of a run that ended in an error."""
    first = error.errors[0] if isinstance(error, ErrorList) else error
    return Condition(Kind.FAILURE, first.id, 1, str(first), first.hint)


def refused(why: str) -> Condition:
    """A configuration that was changed and not taken."""
    text = f"The changed configuration is wrong; the one before is in force. {why}"
    return Condition(Kind.FAILURE, "configuration", 1, text, "sfdd validate")


def _of_outcome(outcome: Outcome, details: RunDetails) -> Iterator[Condition]:
    for result in outcome.results:
        if result.status in (Status.FAILED, Status.SKIPPED):
            text = f"{result.operation} was {'tried in vain' if result.status is Status.FAILED else 'not reached'}."
            yield Condition(Kind.FAILURE, str(result.operation), max(1, result.failed), text, "sfdd history")
    if details.failed:
        codes = ", ".join(f"{code} {count}" for code, count in details.problems)
        text = f"Rows that failed, and are tried again: {details.failed}{f' ({codes})' if codes else ''}."
        yield Condition(Kind.FAILURE, "rows", details.failed, text, "sfdd errors")
    for one in outcome.plan.stopped:
        yield Condition(Kind.FAILURE, one.link, 1, f"{one.link} is left out: {one.error}", one.hint)
    for address in details.setup_left:
        yield Condition(Kind.DRIFT, address, 1, f"{address} differs from the configuration.", "sfdd plan")
    for guard in details.blocked:
        held_back = sum(op.rows.people for op in outcome.plan.operations if op.blocked_by == guard and op.rows)
        text = f"The guard {guard} holds back the rows of {held_back} people."
        yield Condition(Kind.GUARD, guard, held_back, text, f"sfdd sync --allow {guard}")
    for what, people in details.held:
        kind = Kind.PARKED if what == WORDS[PARKED].what else Kind.HELD
        hint = "sfdd errors" if kind is Kind.PARKED else "sfdd plan"
        yield Condition(kind, what, people, f"{people} {what}.", hint)
