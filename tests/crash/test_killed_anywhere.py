"""An interrupted and re-run apply ends as an undisturbed one, for a kill at every request (INV-2).

The process is killed while a request of it hangs, before or after that took effect. A few points run always, chosen
where most can go wrong; every request of both acts runs with `-m slow`.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.crash.cast import KINDS, apply, killed_apply, opened, second_act
from tests.crash.picture import Picture, differences, picture
from tests.e2e.sampling import sampled
from tests.e2e.stage import Stage
from tests.e2e.test_consent import wrongs


@dataclass(frozen=True)
class Acts:
    """How both acts end when nobody disturbs them."""

    first: Picture
    second: Picture


@dataclass(frozen=True)
class Point:
    """The request at which an apply of an act is killed."""

    act: int
    kind: str
    system: str
    method: str
    path: str
    nth: int = 1

    def __str__(self) -> str:
        return f"{self.act} {self.kind} {self.method} {self.path} {self.nth}"


POINTS = (
    Point(1, "hang_after", "dotdigital", "PUT", "suppress-contacts$"),
    Point(1, "hang_after", "salesforce", "POST", "sobjects/Campaign$"),
    Point(1, "hang_before", "dotdigital", "POST", "data-fields$"),
    Point(1, "hang_after", "salesforce", "PATCH", "SFDD_Field_Mapping__c"),
    Point(1, "hang_after", "dotdigital", "PUT", "contacts/v3/import$", 2),
    Point(1, "hang_after", "dotdigital", "GET", "contacts/v3/import/", 2),
    Point(2, "hang_after", "dotdigital", "PUT", "contacts/v3/import$"),
    Point(2, "hang_before", "dotdigital", "POST", "contacts/delete$"),
)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Acts:
    with opened(tmp_path_factory.mktemp("undisturbed")) as stage:
        apply(stage)
        first = picture(stage)
        second_act(stage)
        apply(stage)
        return Acts(first, picture(stage))


@pytest.mark.parametrize("point", sampled(POINTS, 1, always=1))
def test_INV_2_killed_at_a_request_and_run_again_ends_as_undisturbed(
    stage: Stage, undisturbed: Acts, point: Point
) -> None:
    assert _play(stage, undisturbed, point)


@pytest.mark.slow
@pytest.mark.parametrize("act", [1, 2])
@pytest.mark.parametrize("kind", KINDS)
def test_killed_at_every_request_of_an_act(tmp_path: Path, undisturbed: Acts, act: int, kind: str) -> None:
    wrong: list[str] = []
    for nth in itertools.count(1):
        point = Point(act, kind, "any", "*", ".*", nth)
        with opened(tmp_path / str(nth)) as stage:
            try:
                if not _play(stage, undisturbed, point):
                    break
            except AssertionError as difference:
                wrong.append(f"{point}: {difference}")
    assert nth > 10
    assert wrong == []


def _play(stage: Stage, undisturbed: Acts, point: Point) -> bool:
    """Both acts, one of them killed at the point and run again; False when there is no such request."""
    for act, end in ((1, undisturbed.first), (2, undisturbed.second)):
        if act == 2:
            second_act(stage)
        if act == point.act and not killed_apply(
            stage, point.kind, system=point.system, method=point.method, path=point.path, nth=point.nth
        ):
            return False
        apply(stage)
        wrong = differences(picture(stage), end)
        assert not wrong, f"after act {act}:\n" + "\n".join(wrong)
    assert wrongs(stage) == []
    assert list((stage.folder / ".sfdd" / "runs").iterdir()) == []
    again = stage.sfdd("plan", "--detailed-exitcode")
    assert again.code == 0, again.text
    return True
