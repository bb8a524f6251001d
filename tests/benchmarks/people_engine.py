"""How the people engine grows, beside what it costs to read the raw bytes at all: `people_engine PEOPLE…`.

Ratios are within one run, so they can be compared between machines; seconds cannot.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Mapping

from tests.benchmarks.measured import Cost, cost_of_step

STEPS = ("floor", "edge", "rules", "whole")


def costs(people: int) -> Mapping[str, Cost]:
    """Every step's, by name. Raises CalledProcessError when one fails."""
    with tempfile.TemporaryDirectory(prefix="sfdd-bench-") as folder:
        cost_of_step("tests.benchmarks.engine_step", "data", folder, str(people))
        return {step: cost_of_step("tests.benchmarks.engine_step", step, folder, str(people)) for step in STEPS}


def table(people: int, found: Mapping[str, Cost]) -> str:
    """One line per step. Memory at its start is that of the imports."""
    floor, counts = found["floor"].cpu, found["whole"].counts
    lines = [f"{people:,} people: " + ", ".join(f"{number:,} {what}" for what, number in counts.items())]
    lines.append(f"  {'step':<6} {'CPU s':>9} {'x floor':>9} {'us/person':>10} {'start MB':>9} {'peak MB':>8}")
    for step, cost in found.items():
        each, memory = cost.cpu / people * 1e6, f"{cost.start_mb:>9.0f} {cost.peak_mb:>8.0f}"
        lines.append(f"  {step:<6} {cost.cpu:>9.2f} {cost.cpu / floor:>9.1f} {each:>10.1f} {memory}")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    for size in map(int, sys.argv[1:]):
        sys.stdout.write(table(size, costs(size)) + "\n")
        sys.stdout.flush()
