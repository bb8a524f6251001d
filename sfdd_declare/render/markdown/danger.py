"""What is dangerous and what waits, first and never cut: where it is too much to be named, it is counted by kind."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sfdd_declare.model.loosened import Loosened
from sfdd_declare.model.mapping import Direction
from sfdd_declare.model.operation import Action, Blocked, Operation
from sfdd_declare.model.plan import FieldCount, Held, Plan, Usage
from sfdd_declare.render.danger import RENEWED, dangers, turns
from sfdd_declare.render.guards import both_numbers, lasting_remedy
from sfdd_declare.render.legend import MEANINGS
from sfdd_declare.render.loosened import UNTIL
from sfdd_declare.render.markdown.escape import code, prose, sentence
from sfdd_declare.render.markdown.setup import changes, name, remarks
from sfdd_declare.render.notes import is_short
from sfdd_declare.render.people import TASKS
from sfdd_declare.render.setup import carriers
from sfdd_declare.render.words import ARROW, VERBS, counted, listed, number

_ONE_WAY = {
    Direction.SALESFORCE_TO_DOTDIGITAL.value: " in Dotdigital",
    Direction.DOTDIGITAL_TO_SALESFORCE.value: " in Salesforce",
}


@dataclass(frozen=True, slots=True)
class Kind:
    """Dangers of one kind, each with its weight: people or values."""

    title: str
    items: tuple[tuple[str, int], ...]
    noun: str = ""  # what the weights count
    remedy: str = ""  # said where the items cannot say it

    def texts(self, most: int | None) -> Iterator[str]:
        """One text for each, at most so many; the rest is counted."""
        shown = self.items if most is None else self.items[:most]
        yield from (text for text, _ in shown)
        rest = self.items[len(shown) :]
        if rest:
            count = number(len(rest)) + (" more" if shown else "")
            weight = f" ({counted(sum(n for _, n in rest), self.noun)})" if self.noun else ""
            yield f"{'and ' if shown else ''}{count}{weight}{self.remedy}"


def kinds(plan: Plan) -> tuple[Kind, ...]:
    """Everything dangerous in a plan, by kind; kinds without any are left out."""
    found, fields = dangers(plan), plan.people.fields
    destroyed = [op for op in found.losses if op.action is not Action.REPLACE]
    replaced = [op for op in found.losses if op.action is Action.REPLACE]
    renewed = () if plan.is_empty else found.renewed
    every = (
        Kind("Limits that this change loosens", tuple((loosened_said(one), 1) for one in found.loosened)),
        Kind("Rows of another installation", _verdicts(found.foreign), "", _allow(found.foreign)),
        Kind("Removals", tuple((_removal(op), op.rows.people) for op in found.removals if op.rows), "people"),
        Kind("Destroyed", tuple((_loss(op), 1) for op in destroyed)),
        Kind("Replaced", tuple((_loss(op), 1) for op in replaced)),
        Kind(
            "Filled values overwritten",
            tuple((_overwritten(f), f.overwritten + f.blanked) for f in found.overwritten),
            "values",
        ),
        Kind("Direction flips", tuple((_flip(op, fields), carriers(op, fields)) for op in found.flips), "people"),
        Kind("Fields that lost their values", tuple((held_line(held), held.people) for held in renewed), "values"),
        Kind("Blocked by a guard", _verdicts(found.guards), "", _allow(found.guards)),
        Kind("Calls run short", tuple((text, 1) for text in _short(plan.cost))),
    )
    return tuple(kind for kind in every if kind.items)


def waiting(plan: Plan) -> Kind:
    """Held items that wait for a human; those of renewed fields stand among the dangers of a plan with changes."""
    held = (h for h in plan.people.held if h.headline and (plan.is_empty or h.reason != RENEWED))
    items = tuple((held_line(one), one.people) for one in held)
    return Kind("Waiting for you", items, "people")


def waiting_block(kind: Kind, most: int | None) -> list[str]:
    """What waits for a human, unfolded."""
    return [f"**{kind.title}**", "", *(f"- {text}" for text in kind.texts(most)), ""] if kind.items else []


def warning_block(found: Sequence[Kind], most: int | None) -> list[str]:
    """A warning as hosts draw it, with everything dangerous under one number each."""
    if not found:
        return []
    total = sum(len(kind.items) for kind in found)
    lines = [f"**{kind.title}:** {text}" for kind in found for text in kind.texts(most)]
    numbered = (f"> {place}. {line}" for place, line in enumerate(lines, 1))
    return ["> [!WARNING]", f"> **Read these first ({number(total)})**", ">", *numbered, ""]


def loosened_said(loosened: Loosened) -> str:
    """One limit, in the words of its value."""
    change = f"{code(loosened.base)} {ARROW} {code(loosened.proposed)}"
    return f"{code(loosened.name)} {change}: judged with {code(loosened.judged)}; {UNTIL}"


def _verdicts(verdicts: Sequence[Blocked]) -> tuple[tuple[str, int], ...]:
    return tuple((_verdict(verdict), 1) for verdict in verdicts)


def _verdict(blocked: Blocked) -> str:
    parts = [f"{code(blocked.guard)} at {code(blocked.address)}: {prose(both_numbers(blocked))}"]
    parts += [sentence(blocked.detail)] if blocked.detail else []
    skipped = len(blocked.operations)
    if skipped:
        them = "it" if skipped == 1 else "them"
        parts.append(f"{counted(skipped, 'operations')} will be skipped, with all that needs {them}")
    remedy = lasting_remedy(blocked)
    if remedy:
        setting, condition = remedy
        parts.append(f"For good: {sentence(setting)}, {condition}")
    parts.append(f"{'For this run' if remedy else 'Next'}: {sentence(f'--allow {blocked.guard}')}")
    return ". ".join(parts)


def _allow(verdicts: Sequence[Blocked]) -> str:
    names = ",".join(sorted({verdict.guard for verdict in verdicts}))
    return f". Next: {code(f'--allow {names}')}"


def _removal(operation: Operation) -> str:
    _, _, _, words = TASKS[operation.task]
    people = operation.rows.people if operation.rows else 0
    said = f"{name(operation)}: {counted(people, 'people')} {'is' if people == 1 else 'are'} {words}"
    return "; ".join((said, *remarks(operation)))


def _loss(operation: Operation) -> str:
    parts = (*changes(operation.fields, operation), *remarks(operation))
    return "; ".join((f"{name(operation)} {VERBS[operation.action]}", *parts))


def _overwritten(count: FieldCount) -> str:
    said = ((count.overwritten, "overwritten"), (count.blanked, "blanked"))
    values = listed(tuple(f"{counted(n, 'values')} {what}" for n, what in said if n))
    return f"{code(count.address)}: {values}{_sides(count)}"


def _sides(count: FieldCount) -> str:
    """In which system; where nothing was counted by side, one direction says it."""
    sides = ((count.replaced_here, "Salesforce"), (count.replaced_there, "Dotdigital"))
    hit = [(n, side) for n, side in sides if n]
    if len(hit) > 1:
        return f" ({listed(tuple(f'{number(n)} in {side}' for n, side in hit))})"
    if hit:
        return f" in {hit[0][1]}"
    return _ONE_WAY.get(count.direction, "")


def _flip(operation: Operation, fields: tuple[FieldCount, ...]) -> str:
    said = [f"{what} {code(str(c.old))} {ARROW} {code(str(c.new))}" for what, c in turns(operation)]
    people = carriers(operation, fields)
    if people:
        said.append(f"{counted(people, 'people')} {'carries' if people == 1 else 'carry'} this field")
    return f"{code(str(operation.address))}: {'; '.join((*said, *remarks(operation)))}"


def held_line(held: Held) -> str:
    """How many wait or are left alone, by which rule, and what to do."""
    said = prose(counted(held.people, held.what))
    if held.reason:
        meaning = MEANINGS.get(held.reason, "")
        said += f" ({code(held.reason)}{f': {meaning}' if meaning else ''})"
    return f"{said}. {sentence(held.detail)}" if held.detail else said


def _short(cost: Usage) -> Iterator[str]:
    if is_short(cost):
        pairs = (
            (cost.salesforce, cost.salesforce_left, "Salesforce"),
            (cost.dotdigital, cost.dotdigital_left, "Dotdigital"),
        )
        for needed, left, system in pairs:
            if left is not None and needed > left:
                yield f"applying needs about {counted(needed, 'calls')} of {system}; {number(left)} are left today"
