"""The end of an apply: every operation with what became of it, problems by their code, calls, and a closing line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from sfdd_declare.model.operation import Action, Operation, Task
from sfdd_declare.model.outcome import OperationResult, Outcome, Problem, Status
from sfdd_declare.model.plan import Usage
from sfdd_declare.model.visible import safe
from sfdd_declare.render.layout import Folded, Section, hanging, indented, print_line, print_sections
from sfdd_declare.render.words import counted, duration, listed, noun, number, tally_of

_WORDS: dict[Status, tuple[str, str]] = {
    Status.DONE: ("done", "green"),
    Status.PARTIAL: ("in part", "yellow"),
    Status.FAILED: ("failed", "red"),
    Status.SKIPPED: ("skipped", "yellow"),
    Status.BLOCKED: ("blocked", "red"),
}
_PAST: dict[Action, str] = {
    Action.CREATE: "created",
    Action.UPDATE: "updated",
    Action.REPLACE: "replaced",
    Action.DELETE: "deleted",
    Action.FORGET: "forgotten",
    Action.ADOPT: "adopted",
    Action.IMPORT: "imported",
    Action.MOVE: "moved",
    Action.PEOPLE: "changed",
}
_EXAMPLES = 3
#: Narrower than this, results are a list and not a table.
_TABLE_ROOM = 60


def outcome_text(outcome: Outcome, console: Console) -> None:
    """Print what an apply did. The closing line comes last and alone tells whether all went well."""
    sections = (
        Section("Results", _results(outcome, console.width)),
        Section("Problems", tuple(_problems(outcome.problems))),
        Section("Calls", (_used(outcome.used),) if outcome.results else ()),
    )
    print_sections(sections, console)
    line, style = closing(outcome)
    print_line(Text(line, style=f"bold {style}"), console)


def _results(outcome: Outcome, width: int) -> tuple[RenderableType, ...]:
    by_id = {operation.id: operation for operation in outcome.plan.operations}
    rows = [(result, by_id.get(result.operation)) for result in outcome.results]
    if width < _TABLE_ROOM:
        return tuple(_narrow(result, operation) for result, operation in rows)
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold", max_width=width // 2)
    grid.add_column(overflow="fold")
    for result, operation in rows:
        word, style = _WORDS[result.status]
        grid.add_row(Text(word, style=style), *(Folded(part) for part in (_name(result), _remarks(result, operation))))
    return (indented(grid),) if rows else ()


def _name(result: OperationResult) -> Text:
    return Text(safe(result.address), style="bold")


def _narrow(result: OperationResult, operation: Operation | None) -> RenderableType:
    word, style = _WORDS[result.status]
    body = Text.assemble((safe(result.address), "bold"), "\n", _remarks(result, operation))
    return hanging(Text(word, style=style), body)


def _remarks(result: OperationResult, operation: Operation | None) -> Text:
    parts = tuple(part for part in (said(result, operation), safe(result.message)) if part)
    text = Text(": ".join(parts))
    if result.hint:
        text.append(f"\nHint: {safe(result.hint)}")
    return text


def said(result: OperationResult, operation: Operation | None) -> str:
    """What became of one operation: rows of an operation with rows; the action of one without."""
    if operation is None:
        return ""
    if operation.rows is None:
        done = _PAST[operation.action] if result.status is Status.DONE else f"not {_PAST[operation.action]}"
        return f"{safe(operation.part)} {done}" if operation.part else done
    rows = ((result.done, "done"), (result.failed, "failed"), (result.skipped, "left out"))
    counts = ", ".join(f"{number(count)} {word}" for count, word in rows if count)
    return " ".join(part for part in (operation.task.value.replace("_", " "), counts) if part)


def _problems(problems: Iterable[Problem]) -> Iterable[RenderableType]:
    """One entry per code and message, the most frequent first, with a few records to look at."""
    for code, message, group in grouped(problems):
        body = Text.assemble((counted(len(group), "rows"), "bold"))
        fields = sorted({safe(problem.field) for problem in group if problem.field})
        if fields:
            body.append(f" in {listed(tuple(fields))}")
        body.append(f"  {safe(message)}" if message else "")
        body.append(f"\n{_examples(group)}", style="dim")
        if any(problem.permanent for problem in group):
            body.append("\nNot tried again until something changes.", style="dim")
        yield hanging(Text(safe(code), style="red"), body)


def grouped(problems: Iterable[Problem]) -> list[tuple[str, str, list[Problem]]]:
    """Problems by code and message, the most frequent first."""
    groups: dict[tuple[str, str], list[Problem]] = {}
    for problem in problems:
        groups.setdefault((problem.code, problem.message), []).append(problem)
    ordered = sorted(groups.items(), key=lambda item: (-len(item[1]), item[0]))
    return [(code, message, group) for (code, message), group in ordered]


def _examples(group: list[Problem]) -> str:
    records = tuple(dict.fromkeys(safe(problem.record) for problem in group))
    more = len(records) - _EXAMPLES
    shown = ", ".join(records[:_EXAMPLES])
    return f"{shown} and {number(more)} more" if more > 0 else shown


def _used(used: Usage) -> RenderableType:
    return indented(Text(used_line(used)))


def used_line(used: Usage) -> str:
    """The calls that were made, and what is left."""
    text = f"Used {number(used.salesforce)} Salesforce and {number(used.dotdigital)} Dotdigital "
    text += noun(used.dotdigital, "calls")
    if used.minutes:
        text += f" in {duration(used.minutes * 60)}"
    known = (("Salesforce", used.salesforce_left), ("Dotdigital", used.dotdigital_left))
    left = listed(tuple(f"{number(n)} {system}" for system, n in known if n is not None))
    return f"{text}." + (f" Left today: {left}." if left else "")


def closing(outcome: Outcome) -> tuple[str, str]:
    """The closing line and its style, made of results alone: what was planned is only the measure of what is missing
    (INV-7).
    """
    tally = Counter(result.status for result in outcome.results)
    if outcome.interrupted:
        again = "Run `sfdd apply` again: it goes on where this run stopped."
        return f"Apply interrupted: {_tally(outcome, tally)}.{_people(outcome)} {again}", "yellow"
    if set(tally) <= {Status.DONE}:
        return f"Apply complete! {_things(outcome)}.{_people(outcome)}", "green"
    rest = f"{_tally(outcome, tally)}.{_people(outcome)}{_next_step(outcome, tally)}"
    if tally[Status.DONE] and tally[Status.BLOCKED] and not (tally[Status.FAILED] or tally[Status.PARTIAL]):
        return f"Apply complete, but for what a guard holds back: {rest}", "yellow"
    if tally[Status.DONE] or tally[Status.PARTIAL]:
        return f"Apply finished in part: {rest}", "yellow"
    if not tally[Status.FAILED]:
        return f"Nothing was applied: {rest}", "yellow"
    return f"Apply failed: {rest}", "red"


def _next_step(outcome: Outcome, tally: Counter[Status]) -> str:
    """One advice. What was refused as a whole is refused again, whatever else would go through."""
    if any(result.refused for result in outcome.results):
        return " `sfdd errors` names what was refused as a whole."
    if tally[Status.FAILED] or tally[Status.PARTIAL]:
        return " Run `sfdd apply` again to try the rest."
    guards = ",".join(sorted({safe(blocked.guard) for blocked in outcome.plan.blocked}))
    return f" Run `sfdd apply --allow {guards}` to let it through." if guards else ""


def _tally(outcome: Outcome, tally: Counter[Status]) -> str:
    """Operations by what became of them: `12 done, 1 blocked by max_removals`."""
    guards = listed(tuple(sorted({safe(op.blocked_by) for op in outcome.plan.operations if op.blocked_by})))
    words = {status: word for status, (word, _) in _WORDS.items()}
    words[Status.DONE] = noun(tally[Status.DONE], "operations") + " done"
    words[Status.BLOCKED] += f" by {guards}" if guards else ""
    return ", ".join(f"{tally[status]} {word}" for status, word in words.items() if tally[status]) or "nothing done"


def _things(outcome: Outcome) -> str:
    done = {result.operation for result in outcome.results if result.status is Status.DONE}
    tally = tally_of(op for op in outcome.plan.operations if op.id in done)
    replaced = tally[Action.REPLACE]
    added, destroyed = tally[Action.CREATE] + replaced, tally[Action.DELETE] + replaced
    said = [f"{added} added", f"{tally[Action.UPDATE]} changed", f"{destroyed} destroyed"]
    state = (Action.IMPORT, Action.ADOPT, Action.MOVE, Action.FORGET)
    said += [f"{tally[action]} {_PAST[action]}" for action in state if tally[action]]
    return ", ".join(said)


#: What becomes of people in operations that the first figures do not count.
_OTHER_TASKS = (
    (Task.ADOPT, "adopted"),
    (Task.SUPPRESS, "suppressed"),
    (Task.OPT_OUT_RECORDS, "opted out in Salesforce"),
)


def _people(outcome: Outcome) -> str:
    """Whom the answers confirmed; then everybody of whom the plan spoke and who is not among them."""
    tasks = {op.id: op.task for op in outcome.plan.operations if op.rows}
    results = [result for result in outcome.results if result.operation in tasks]
    if not results:
        return ""
    done = outcome.people
    said = [f"{done.add} added", f"{done.update} updated", f"{done.remove} removed"]
    said += [f"{done.leads} {noun(done.leads, 'new leads')}"] if done.leads else []
    for task, what in _OTHER_TASKS:
        count = sum(result.done for result in results if tasks[result.operation] is task)
        said += [f"{count} {what}"] if count else []
    missing = _missing(results)
    return f" People: {', '.join(said)}.{f' Not done: {missing}.' if missing else ''}"


def _missing(results: Iterable[OperationResult]) -> str:
    """`4 failed, 3 edited meanwhile, 2 unknown`: with what was done, all that was planned, operation by operation."""
    counts: Counter[str] = Counter()
    for result in results:
        counts["failed"] += result.failed
        counts.update(dict(result.left_out))
        counts["of unknown end (the answer was lost)"] += result.unknown
        word = _NOT_REACHED.get(result.status, "not reached")
        counts[word] += result.not_reached
    return ", ".join(f"{number(count)} {safe(what)}" for what, count in counts.items() if count)


_NOT_REACHED = {Status.BLOCKED: "blocked", Status.FAILED: "not sent", Status.PARTIAL: "not sent"}
