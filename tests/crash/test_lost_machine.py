"""The machine is lost at a request of an apply, its disk with it: what the object store holds is enough (INV-2, INV-5).

Lost at a request to one of the two systems, or at one to the store itself, before or after it took effect. The next run
is on a fresh disk; it ends as an undisturbed one, nobody is added twice, and nothing of ours is taken for an edit.
"""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests import servers
from tests.crash.cast import KINDS, apply, killed_apply, killed_while, opened, second_act
from tests.crash.picture import Picture, differences, picture
from tests.crash.test_killed_anywhere import POINTS, Point
from tests.e2e.sampling import sampled
from tests.e2e.stage import Stage
from tests.e2e.test_consent import wrongs
from tests.servers import Trouble

#: Requests to the store: of the second act, while it begins, writes and ends.
AT_STORE = [(kind, nth) for nth in range(1, 60) for kind in KINDS]


@contextmanager
def on_runner(folder: Path, trouble: Trouble) -> Iterator[Stage]:
    """A stage whose state lives in an object store."""
    with opened(folder) as stage:
        stage.overrides |= servers.s3_with(trouble)
        stage.overrides["SFDD_STATE"] = f"s3://{servers.BUCKET}{folder}/state.db"
        yield stage


def wiped(stage: Stage) -> None:
    """What a runner begins with: the checkout."""
    shutil.rmtree(stage.folder / ".sfdd", ignore_errors=True)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Picture]:
    found = {}
    with on_runner(tmp_path_factory.mktemp("undisturbed"), Trouble()) as stage:
        for act in (1, 2):
            if act == 2:
                second_act(stage)
            wiped(stage)
            apply(stage)
            found[act] = picture(stage)
    return found


@pytest.mark.parametrize("point", sampled(POINTS, 1))
def test_lost_at_a_request_to_a_vendor(tmp_path: Path, undisturbed: dict[int, Picture], point: Point) -> None:
    with on_runner(tmp_path, Trouble()) as stage:
        begin(stage, point.act)
        asked = {"system": point.system, "method": point.method, "path": point.path, "nth": point.nth}
        assert killed_apply(stage, point.kind, **asked)  # type: ignore[arg-type]
        ends_as_undisturbed(stage, undisturbed[point.act])


@pytest.mark.parametrize(("kind", "nth"), sampled(AT_STORE, 1))
def test_lost_at_a_request_to_the_store(tmp_path: Path, undisturbed: dict[int, Picture], kind: str, nth: int) -> None:
    assert lost_at_store(tmp_path, undisturbed, 2, kind, nth)


@pytest.mark.slow
@pytest.mark.parametrize("act", [1, 2])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("system", ["vendor", "store"])
def test_lost_at_every_request(
    tmp_path: Path, undisturbed: dict[int, Picture], act: int, kind: str, system: str
) -> None:
    wrong: list[str] = []
    for nth in itertools.count(1):
        folder = tmp_path / str(nth)
        try:
            if system == "store":
                if not lost_at_store(folder, undisturbed, act, kind, nth):
                    break
                continue
            with on_runner(folder, Trouble()) as stage:
                begin(stage, act)
                if not killed_apply(stage, kind, nth=nth):
                    break
                ends_as_undisturbed(stage, undisturbed[act])
        except AssertionError as difference:
            wrong.append(f"{act} {kind} {system} {nth}: {difference}")
    assert nth > 10
    assert wrong == []


def lost_at_store(folder: Path, undisturbed: dict[int, Picture], act: int, kind: str, nth: int) -> bool:
    """False when there is no such request."""
    trouble = Trouble()
    with on_runner(folder, trouble) as stage:
        begin(stage, act)
        trouble.at(kind, nth)
        if not killed_while(stage, trouble.hangs.is_set):
            return False
        ends_as_undisturbed(stage, undisturbed[act])
    return True


def begin(stage: Stage, act: int) -> None:
    if act == 2:
        apply(stage)
        second_act(stage)
    wiped(stage)


def ends_as_undisturbed(stage: Stage, end: Picture) -> None:
    wiped(stage)
    apply(stage)
    assert differences(picture(stage), end) == []
    assert wrongs(stage) == []
    assert list((stage.folder / ".sfdd" / "runs").iterdir()) == []
    again = stage.sfdd("plan", "--detailed-exitcode")
    assert again.code == 0, again.text
