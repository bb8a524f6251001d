"""Where a run directory is made, and that a state is read where nothing may be written."""

from __future__ import annotations

import tempfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from sfdd_declare.app.home import run_directory
from sfdd_declare.model.errors import UsageError


def place(folder: Path, **environ: str) -> Path:
    """The folder that a run directory is made in; it is for its owner alone, and goes when it is closed."""
    desired: Any = SimpleNamespace(root=str(folder))
    spool = run_directory(desired, environ)
    assert spool.root.stat().st_mode & 0o777 == 0o700
    spool.close()
    assert not spool.root.exists()
    return spool.root.parent


def test_the_environment_says_where_runs_are_and_ours_comes_before_everybodys(tmp_path: Path) -> None:
    ours, everybodys = tmp_path / "ours", tmp_path / "everybodys"
    assert place(tmp_path, SFDD_TMPDIR=str(ours), TMPDIR=str(everybodys)) == ours
    assert place(tmp_path, TMPDIR=str(everybodys)) == everybodys
    assert not (tmp_path / ".sfdd").exists()
    assert place(tmp_path) == tmp_path / ".sfdd" / "runs"


@pytest.mark.parametrize("taken", [".sfdd", ".sfdd/runs"])
def test_where_nothing_can_be_made_beside_the_state_the_systems_folder_is_used(tmp_path: Path, taken: str) -> None:
    (tmp_path / taken).parent.mkdir(exist_ok=True)
    (tmp_path / taken).touch()
    assert place(tmp_path) == Path(tempfile.gettempdir())
    assert place(tmp_path, TMPDIR=str(tmp_path / taken)) == Path(tempfile.gettempdir())


def test_a_place_that_is_asked_for_in_vain_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="No run directory") as caught:
        place(tmp_path, SFDD_TMPDIR=str(tmp_path / "file"))
    assert (caught.value.id, caught.value.where) == ("SFDD-E9038", "SFDD_TMPDIR")
