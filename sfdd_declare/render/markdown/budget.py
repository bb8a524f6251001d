"""How long a body may be, and the gate that nothing longer passes: a comment that is too long is refused whole."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sfdd_declare.model.errors import BugError


@dataclass(frozen=True, slots=True)
class Budget:
    """The most that a body may have of both: hosts count characters, some of them bytes."""

    characters: int
    bytes: int

    def holds(self, body: str) -> bool:
        return len(body) <= self.characters and len(body.encode()) <= self.bytes

    def beside(self, body: str) -> Budget:
        """What is left for a body below another one."""
        return Budget(self.characters - len(body), self.bytes - len(body.encode()))


#: A comment of 65,536 characters, with room for what the poster puts around it.
COMMENT = Budget(60_000, 60_000)
#: A job summary of 1 MiB: above it the whole upload fails.
JOB_SUMMARY = Budget(900_000, 900_000)
#: Everything that is never dropped fits into this, however much there is of it.
MINIMUM = Budget(5_500, 5_500)


def first_that_fits(bodies: Iterable[str], budget: Budget) -> str:
    """The first body within the budget, the fullest first; raises BugError where the budget is below MINIMUM."""
    for body in bodies:
        if budget.holds(body):
            return body
    raise BugError(
        "SFDD-E9941", f"No text fits into {budget.characters:,} characters and {budget.bytes:,} bytes of Markdown."
    )
