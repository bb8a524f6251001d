"""An apply of a plan file that is killed at a request and run again with the same file ends as an undisturbed one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.crash.cast import killed_apply, opened, second_act
from tests.crash.picture import Picture, differences, picture
from tests.crash.test_killed_anywhere import POINTS, Point
from tests.e2e.sampling import sampled
from tests.e2e.stage import Stage, buyers

PLAN = "act.sfddplan"


def reviewed(stage: Stage) -> None:
    """A plan file of what is due, and somebody who comes after the review."""
    planned = stage.sfdd("plan", "--out", PLAN, "--allow", "max_removals,max_overwrites")
    assert planned.code == 0, planned.text
    buyers(stage.world, 1, start=40)


def carried_out(stage: Stage) -> None:
    ended = stage.sfdd("apply", PLAN)
    assert ended.code == 0, ended.text


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Picture]:
    """How each act ends when its file is carried out and nobody disturbs it."""
    found = {}
    with opened(tmp_path_factory.mktemp("undisturbed")) as stage:
        assert stage.sfdd("state", "init").code == 0
        reviewed(stage)
        carried_out(stage)
        found[1] = picture(stage)
        second_act(stage)
        reviewed(stage)
        carried_out(stage)
        found[2] = picture(stage)
    return found


@pytest.mark.parametrize("point", sampled(POINTS, 1))
def test_INV_2_a_plan_file_is_simply_applied_again(
    tmp_path: Path, undisturbed: dict[int, Picture], point: Point
) -> None:
    with opened(tmp_path) as stage:
        assert stage.sfdd("state", "init").code == 0
        reviewed(stage)
        if point.act == 2:
            carried_out(stage)
            second_act(stage)
            reviewed(stage)
        asked = {"system": point.system, "method": point.method, "path": point.path, "nth": point.nth}
        assert killed_apply(stage, point.kind, command=("apply", PLAN), **asked)  # type: ignore[arg-type]
        carried_out(stage)
        assert differences(picture(stage), undisturbed[point.act]) == []
        carried_out(stage)  # nothing of it is due any more
        assert differences(picture(stage), undisturbed[point.act]) == []
