"""Plans as Markdown, compared exactly with `tests/golden/markdown/<case>.md`; `SFDD_GOLDEN=write` writes them anew."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sfdd_declare.render.markdown import Place, drift_markdown, outcome_markdown, plan_markdown
from tests.golden import cases, drift_cases

HERE = Path(__file__).parent / "markdown"
PLACE = Place(
    config="crm",
    env="production",
    org="Acme UK",
    head="8c1f2ab04d5e6f708192a3b4c5d6e7f801234567",
    base="0d41e77a4d5e6f708192a3b4c5d6e7f801234567",
    run_url="https://ci.example.com/acme/crm/runs/4711",
    run_label="run 4711",
    plan_file="crm-production-8c1f2ab.sfddplan",
    expires=datetime(2026, 3, 9, 10, 12, tzinfo=UTC),
)


def compare(case, text):
    path = HERE / f"{case}.md"
    if os.environ.get("SFDD_GOLDEN") == "write":
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("case", cases.PLANS, ids=lambda case: case.__name__)
def test_plan_markdown_is_as_recorded(case):
    compare(case.__name__, plan_markdown(case(), PLACE))


@pytest.mark.parametrize("case", cases.OUTCOMES, ids=lambda case: case.__name__)
def test_outcome_markdown_is_as_recorded(case):
    compare(case.__name__, outcome_markdown(case(), PLACE))


@pytest.mark.parametrize("case", drift_cases.DRIFTS, ids=lambda case: case.__name__)
def test_drift_markdown_is_as_recorded(case):
    compare(f"drift_{case.__name__}", drift_markdown(case(), PLACE))
