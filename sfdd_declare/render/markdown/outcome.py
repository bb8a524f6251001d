"""What an apply did, as the Markdown that goes below its plan: what failed is named, what is done is folded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from sfdd_declare.model.operation import Operation
from sfdd_declare.model.outcome import OperationResult, Outcome, Problem, Status
from sfdd_declare.render.markdown import danger
from sfdd_declare.render.markdown.budget import COMMENT, Budget, first_that_fits
from sfdd_declare.render.markdown.escape import code, prose, sentence
from sfdd_declare.render.markdown.place import Place, heading, marker, place_line
from sfdd_declare.render.markdown.section import Section, left_out, rendered, shown_rows
from sfdd_declare.render.outcome import closing, grouped, said, used_line
from sfdd_declare.render.words import counted, listed, number

_TITLES: dict[Status, str] = {
    Status.FAILED: "Failed",
    Status.PARTIAL: "Done in part",
    Status.BLOCKED: "Blocked",
    Status.SKIPPED: "Skipped",
}
_DROPS: tuple[tuple[str, int], ...] = (("done", 100), ("done", 0), ("problems", 20), ("problems", 5), ("problems", 0))
_NAMED = (100, 50, 20, 10, 5, 3, 1, 0)
_EXAMPLES = 3
_CLOSING = 900


@dataclass(frozen=True, slots=True)
class _Shape:
    cuts: dict[str, int]
    named: int | None = None
    has_place: bool = True


def outcome_markdown(outcome: Outcome, place: Place, budget: Budget = COMMENT) -> str:
    """The result of an apply; `budget.beside(plan)` fits it below the plan. Raises BugError for one below MINIMUM."""
    return first_that_fits(_bodies(outcome, place), budget)


def _bodies(outcome: Outcome, place: Place) -> Iterator[str]:
    """The fullest body first."""
    line, _ = closing(outcome)
    parts = _Parts(
        outcome, place, prose(line, _CLOSING), _not_done(outcome), (_problems(outcome.problems), _done(outcome))
    )
    cuts: dict[str, int] = {}
    yield parts.body(_Shape(cuts))
    for key, most in _DROPS:
        if any(section.key == key and len(section.rows) > most for section in parts.sections):
            cuts = {**cuts, key: most}
            yield parts.body(_Shape(cuts))
    for named in _NAMED:
        yield parts.body(_Shape(cuts, named))
    yield parts.body(_Shape(cuts, 0, has_place=False))


@dataclass(frozen=True, slots=True)
class _Parts:
    """Everything there is to show, written once; a shape decides what of it is."""

    outcome: Outcome
    place: Place
    closing: str
    kinds: tuple[danger.Kind, ...]
    sections: tuple[Section, ...]

    def body(self, shape: _Shape) -> str:
        missing = _missing(self.kinds, self.sections, shape)
        plan = self.outcome.plan
        lines = [marker("apply", self.place, plan.fingerprint, truncated=bool(missing))]
        lines += [f"**Shortened:** {missing} `sfdd errors` names what did not go through."] if missing else []
        lines += ["", heading("apply", self.place, plan.header.org_id if shape.has_place else None), ""]
        lines += [f"**{self.closing}**", ""]
        where = place_line(replace(self.place, expires=None)) if shape.has_place else ""
        lines += [where, ""] if where else []
        for kind in self.kinds:
            lines += danger.waiting_block(kind, shape.named)
        lines += [text for section in self.sections for text in rendered(section, shape.cuts)]
        if self.outcome.results and shape.has_place:
            lines += [f"<sub>{code(plan.header.tool)} · {used_line(self.outcome.used)}</sub>"]
        return "\n".join(lines).rstrip("\n") + "\n"


def _missing(kinds: Sequence[danger.Kind], sections: Sequence[Section], shape: _Shape) -> str:
    total = sum(len(section.rows) for section in sections)
    shown = sum(len(shown_rows(section, shape.cuts)) for section in sections)
    parts = []
    if shown < total:
        parts.append(f"{number(shown)} of {number(total)} rows shown; left out: {left_out(sections, shape.cuts)}.")
    most = shape.named
    if most is not None and any(len(kind.items) > most for kind in kinds):
        parts.append(f"Of what is not done or waits, all is counted and {number(most)} of each named.")
    if not shape.has_place:
        parts.append("Place and calls are left out.")
    return " ".join(parts)


def _not_done(outcome: Outcome) -> tuple[danger.Kind, ...]:
    """What failed first, then what it kept from being done, then what waits for a human."""
    by_id = {operation.id: operation for operation in outcome.plan.operations}
    kinds = [
        danger.Kind(
            title, tuple((_result(r, by_id.get(r.operation)), 1) for r in outcome.results if r.status is status)
        )
        for status, title in _TITLES.items()
    ]
    return tuple(kind for kind in (*kinds, danger.waiting(outcome.plan)) if kind.items)


def _done(outcome: Outcome) -> Section:
    by_id = {operation.id: operation for operation in outcome.plan.operations}
    done = (result for result in outcome.results if result.status is Status.DONE)
    rows = tuple(f"- {_result(result, by_id.get(result.operation))}" for result in done)
    return Section("done", "Done", rows)


def _result(result: OperationResult, operation: Operation | None) -> str:
    """Address, what became of it, why, and what to do; the id of an operation that is not the thing itself."""
    which = "" if result.operation == result.address or operation is None else f" ({code(result.operation)})"
    parts = [f"{code(result.address)}{which}"]
    became = said(result, operation)
    parts += [prose(became)] if became else []
    parts += [sentence(result.message)] if result.message else []
    text = ": ".join(parts)
    return f"{text}; hint: {sentence(result.hint)}" if result.hint else text


def _problems(problems: Sequence[Problem]) -> Section:
    """One row per code and message with a few records to look at; records are ids, never addresses."""
    rows = []
    for name, message, group in grouped(problems):
        fields = tuple(sorted({code(problem.field) for problem in group if problem.field}))
        records = tuple(dict.fromkeys(code(problem.record) for problem in group))
        more = len(records) - _EXAMPLES
        examples = ", ".join(records[:_EXAMPLES]) + (f" and {number(more)} more" if more > 0 else "")
        text = f"- {code(name)}: {counted(len(group), 'rows')}" + (f" in {_few(fields)}" if fields else "")
        text += f": {sentence(message)}" if message else ""
        text += f" ({examples})"
        text += ". Not tried again until something changes" if any(p.permanent for p in group) else ""
        rows.append(text)
    return Section("problems", "Problems", tuple(rows), is_open=True)


def _few(names: tuple[str, ...]) -> str:
    more = len(names) - _EXAMPLES
    return listed(names) if more <= 0 else f"{', '.join(names[:_EXAMPLES])} and {number(more)} more"
