"""A plan as the Markdown of one comment: what is dangerous first, long lists folded, nothing of it from the data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from sfdd_declare.model.errors import BugError
from sfdd_declare.model.plan import Plan
from sfdd_declare.render import notes
from sfdd_declare.render.markdown import danger, people, setup
from sfdd_declare.render.markdown.budget import COMMENT, Budget, first_that_fits
from sfdd_declare.render.markdown.escape import ELLIPSIS, code, prose, sentence
from sfdd_declare.render.markdown.place import Place, heading, marker, place_line
from sfdd_declare.render.markdown.section import Cuts, Section, left_out, rendered, shown_rows
from sfdd_declare.render.text import summary_line, token_lines
from sfdd_declare.render.words import number

_LINKS, _FIELDS, _SETUP = "people by link", "people by field", "set-up"

#: What is dropped, one after the other, until the body fits.
_DROPS: tuple[tuple[str, int], ...] = (
    ("samples", 0),
    (_FIELDS, 0),
    (_LINKS, 50),
    (_SETUP, 100),
    ("held or skipped", 0),
    ("what is not applied", 0),
    (_LINKS, 10),
    (_SETUP, 25),
    ("consent, members and leads", 0),
    (_LINKS, 0),
    (_SETUP, 0),
    ("drift", 0),
    ("warnings", 0),
)
#: Then so many dangers of a kind are named, and the others counted.
_NAMED = (100, 50, 20, 10, 5, 3, 1, 0)
#: Room of the summary, which says its counts first.
_SUMMARY = 900


@dataclass(frozen=True, slots=True)
class _Shape:
    """How much of a plan a body shows."""

    cuts: Cuts
    named: int | None = None  # dangers of a kind
    has_place: bool = True


def plan_markdown(plan: Plan, place: Place, budget: Budget = COMMENT) -> str:
    """The body of a comment. Raises BugError when the samples are in clear, and for a budget below MINIMUM."""
    if plan.people.revealed:
        raise BugError("SFDD-E9940", "A plan whose samples are in clear was to be written as Markdown.")
    return first_that_fits(_bodies(plan, place), budget)


def _bodies(plan: Plan, place: Place) -> Iterator[str]:
    """The fullest body first."""
    parts = _Parts.of(plan, place)
    cuts: dict[str, int] = {}
    yield parts.body(_Shape(cuts))
    for key, most in _DROPS:
        if any(section.key == key and len(section.rows) > most for section in parts.every):
            cuts = {**cuts, key: most}
            yield parts.body(_Shape(cuts))
    for named in _NAMED:
        yield parts.body(_Shape(cuts, named))
    yield parts.body(_Shape(cuts, 0, has_place=False))


@dataclass(frozen=True, slots=True)
class _Parts:
    """Everything there is to show, written once; a shape decides what of it is."""

    plan: Plan
    place: Place
    summary: str
    dangers: tuple[danger.Kind, ...]
    waiting: danger.Kind
    sections: tuple[Section, ...]
    notes: tuple[Section, ...]

    @classmethod
    def of(cls, plan: Plan, place: Place) -> _Parts:
        sections: tuple[Section, ...] = ()
        if not plan.is_empty:
            sections = (
                setup.setup_section(plan),
                people.links_section(plan),
                people.fields_section(plan),
                people.steps_section(plan),
                setup.drift_section(plan),
            )
        sections += (people.left_alone_section(plan),)
        sections += () if plan.is_empty else (people.samples_section(plan),)
        return cls(plan, place, _summary(plan), danger.kinds(plan), danger.waiting(plan), sections, _notes(plan))

    @property
    def every(self) -> tuple[Section, ...]:
        return self.sections + self.notes

    def body(self, shape: _Shape) -> str:
        missing = self._missing(shape)
        kind, fingerprint = "plan", self.plan.fingerprint
        lines = [marker(kind, self.place, fingerprint, truncated=bool(missing))]
        lines += [f"**Shortened:** {missing} `sfdd plan` shows all of it."] if missing else []
        lines += ["", heading("plan", self.place, self.plan.header.org_id if shape.has_place else None), ""]
        lines += [f"**{self.summary}**", ""]
        lines += self._where() if shape.has_place else []
        lines += danger.warning_block(self.dangers, shape.named)
        lines += danger.waiting_block(self.waiting, shape.named)
        lines += [line for section in self.sections for line in rendered(section, shape.cuts)]
        lines += _approval(self.plan, self.place if shape.has_place else None)
        lines += [line for section in self.notes for line in rendered(section, shape.cuts)]
        lines += [f"Shown: {f'not all. {missing}' if missing else 'everything.'}", ""]
        lines += [_cost(self.plan)] if shape.has_place else []
        return "\n".join(lines) + "\n"

    def _missing(self, shape: _Shape) -> str:
        """What of the plan a body does not show, in words; empty when it shows everything."""
        total = sum(len(section.rows) for section in self.every)
        shown = sum(len(shown_rows(section, shape.cuts)) for section in self.every)
        said = []
        if shown < total:
            said.append(f"{number(shown)} of {number(total)} rows shown; left out: {left_out(self.every, shape.cuts)}.")
        most = shape.named
        if most is not None and any(len(kind.items) > most for kind in (*self.dangers, self.waiting)):
            named = "the first of each kind" if most == 1 else f"the first {most} of each kind" if most else "none"
            said.append(f"Of what is dangerous or waits, all is counted and {named} named.")
        if not shape.has_place:
            said.append("Place, times and calls are left out.")
        return " ".join(said)

    def _where(self) -> list[str]:
        lines = [place_line(self.place, self.plan.header.created)]
        plan = self.plan.people
        if plan.since:
            lines.append(
                f"Read: only people who changed since {code(plan.since)}; everybody was read at {code(plan.last_full)}."
            )
        return [line for text in lines for line in (text, "")]


def _summary(plan: Plan) -> str:
    """The counts, and which guards hold some of them back where there is room for that."""
    said = prose(summary_line(plan), _SUMMARY)
    if not said.endswith(f" {ELLIPSIS}"):
        return said
    free = tuple(replace(op, blocked_by=None) for op in plan.operations)
    return prose(summary_line(replace(plan, operations=free)), _SUMMARY)


def _approval(plan: Plan, place: Place | None) -> list[str]:
    """How to carry out this plan and nothing more."""
    if plan.is_empty or plan.people.due is not None:  # of a plan file, which is an approval
        return []
    _, bound = token_lines(plan)
    if place and place.pull:
        merge = (
            f"its merge carries out the plan file {code(place.plan_file)}: these rows and no others, and every opt-out."
        )
        return [f"**To approve:** approve this pull request; {merge}", ""]
    lines = [f"**To apply no more than this:** {sentence(f'sfdd apply --expect {plan.token}')}", "", bound, ""]
    if place and place.plan_file:
        lines += [f"Or with the plan file of this run: {sentence(f'sfdd apply {place.plan_file}')}", ""]
    return lines


def _notes(plan: Plan) -> tuple[Section, ...]:
    warnings = tuple(f"- {sentence(text)}" for text in plan.warnings)
    skipped = tuple(
        f"- {code(item.address)}: {code(item.what)}" + (f" at {code(str(item.where))}" if item.where else "")
        for item in plan.not_applied
    )
    return (
        Section("warnings", "Warnings", warnings, is_open=True),
        Section("what is not applied", "Not applied yet by this version", skipped),
    )


def _cost(plan: Plan) -> str:
    said = [code(plan.header.tool)]
    said += [] if plan.is_empty else [notes.cost(plan)]
    said += [notes.SHORT] if not plan.is_empty and notes.is_short(plan.cost) else []
    return f"<sub>{' · '.join(said)}</sub>"
