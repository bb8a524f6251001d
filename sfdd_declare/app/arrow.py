"""pyarrow without pandas. At the first array that it makes it looks for pandas, once, and takes it where it is there.

Nothing here needs pandas, which takes longer to import than pyarrow does; and a Ctrl-C that arrives meanwhile is
swallowed.
"""

from __future__ import annotations

import sys
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec

import pyarrow as pa


class _Hidden(MetaPathFinder):
    def find_spec(self, fullname: str, *_: object) -> ModuleSpec | None:
        if fullname == "pandas":
            raise ModuleNotFoundError(fullname, name=fullname)
        return None


def without_pandas() -> None:
    """Let pyarrow look for pandas now, in vain. Whoever imports pandas afterwards gets it. May be repeated."""
    hidden = _Hidden()
    sys.meta_path.insert(0, hidden)
    try:
        pa.array([])
    finally:
        sys.meta_path.remove(hidden)
