"""`--expect` and `--check`: a plan that does more than the approved one is not carried out (CON-16)."""

from __future__ import annotations

import re
from dataclasses import astuple, dataclass

from sfdd_declare.model.declared import Limit
from sfdd_declare.model.errors import Stale, UsageError
from sfdd_declare.model.figures import Figures
from sfdd_declare.model.plan import Plan

_TOKEN = re.compile(r"([0-9a-f]{12}):(\d+(?:\.\d+){3,4})")
_NAMES = ("people to add", "people to update", "people to remove", "new leads", "people with a value overwritten")


@dataclass(frozen=True, slots=True)
class Token:
    """What a plan prints for `--expect`: its fingerprint, and whom it would change."""

    fingerprint: str
    figures: Figures

    @classmethod
    def parse(cls, text: str) -> Token:
        """Raises UsageError when it is not a token, or one that says nothing of overwritten values."""
        match = _TOKEN.fullmatch(text.strip())
        if not match:
            hint = "--expect 3f9c0a1b2c3d:412.57.9.3.41 (`sfdd plan` prints it)"
            raise UsageError("SFDD-E9007", f"`{text}` is not a plan's token", hint=hint)
        numbers = [int(number) for number in match[2].split(".")]
        if len(numbers) < len(_NAMES):
            summary = f"`{text}` has four figures: it does not bind how many values are overwritten. Plan again."
            raise UsageError("SFDD-E9007", summary, hint="sfdd plan")
        return cls(match[1], Figures(*numbers))


def demand(plan: Plan, expected: str, tolerance: Limit) -> None:
    """Raise Stale (exit 3) when the things that change, or the rules for people, are not the approved ones, or when
    more people would be changed than the approval lets through. Fewer is fine.
    """
    token = Token.parse(expected)
    if token.fingerprint != plan.fingerprint:
        raise _stale(plan, _another(plan, token))
    bounds = zip(_NAMES, astuple(token.figures), astuple(token.figures.at_most(tolerance)), strict=True)
    over = [
        f"{name}: {now} now, {before} when the plan was approved" + (f", at most {most}" if most > before else "")
        for (name, before, most), now in zip(bounds, astuple(plan.figures), strict=True)
        if now > most
    ]
    if over:
        raise _stale(plan, "; ".join(over))


def _another(plan: Plan, token: Token) -> str:
    if token.fingerprint == plan.header.last_applied:
        return "an apply carried it out already, in whole or in part, and what is left is another plan"
    return "the set-up, or a rule that decides about people, is another one"


def _stale(plan: Plan, why: str) -> Stale:
    return Stale(
        "SFDD-E5002",
        f"This is not the plan that was approved: {why}.",
        detail="Nothing is due any more." if plan.is_empty else f"The token of what is due now: {plan.token}",
        hint="sfdd plan",
        where="--expect",
    )
