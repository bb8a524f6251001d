"""Matrices that take too long for every run: a fixed, seeded sample runs always, the rest with `-m slow`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import Any

import pytest

SEED = 1


def sampled(cases: Sequence[Any], keep: int, *, always: int = 0, name: Callable[[Any], str] = str) -> list[Any]:
    """Parameters of a test: the first `always` cases and `keep` others; those left out are marked slow."""
    chosen = set(range(always)) | set(Random(SEED).sample(range(always, len(cases)), keep))
    return [
        pytest.param(*_values(case), id=name(case), marks=() if i in chosen else pytest.mark.slow)
        for i, case in enumerate(cases)
    ]


def _values(case: Any) -> tuple[Any, ...]:
    return case if isinstance(case, tuple) else (case,)
