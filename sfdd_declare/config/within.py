"""Which files a configuration may name: those of its own folder, and of the folder that the environment names.

Whoever edits a configuration must not be able to read on what whoever runs it can read: symbolic links and `..` are
followed before a place is judged.
"""

from __future__ import annotations

import os.path
from collections.abc import Mapping
from pathlib import Path

SECRETS_VARIABLE = "SFDD_SECRETS_DIR"


def folders(root: Path, environ: Mapping[str, str]) -> tuple[Path, ...]:
    """The configuration's own folder first."""
    named = environ.get(SECRETS_VARIABLE)
    return (root, Path(named)) if named else (root,)


def find(name: str, allowed: tuple[Path, ...]) -> Path:
    """The named file as it is looked for in each folder in turn; where there is none, as it would be in the first."""
    return next((path for path in (folder / name for folder in allowed) if os.path.isfile(path)), allowed[0] / name)


def is_inside(path: Path, allowed: tuple[Path, ...]) -> bool:
    """Whether the file really lies below one of the folders."""
    if "\0" in str(path):
        return False
    real = Path(os.path.realpath(path))  # ends also where links lead round in a circle
    return any(real.is_relative_to(os.path.realpath(folder)) for folder in allowed)


def is_itself(path: Path, folder: Path) -> bool:
    """Whether a file really lies below the folder and is of the kind that its name says: not one of `.git`'s, say."""
    return is_inside(path, (folder,)) and Path(os.path.realpath(path)).suffix == path.suffix
