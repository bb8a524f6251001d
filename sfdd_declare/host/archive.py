"""The one file within an artifact: a zip from elsewhere, so its names, number and sizes are looked at first."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path

from sfdd_declare.model.errors import Stale

#: Bytes of a plan file; one of ten million changes has half a gigabyte.
MOST = 1_000_000_000
#: A plan file is packed itself: what unpacks to more than so many times its size is none.
_RATIO = 50
_FREE = 1_000_000
_CHUNK = 1_000_000


def unpack(archive: Path, member: str, target: Path, *, most: int = MOST) -> None:
    """Write the member of this name to the target. Raises Stale (SFDD-E7025) where it is not the only one or too large:
    nothing is believed that the archive says of its sizes.
    """
    limit = min(most, archive.stat().st_size * _RATIO + _FREE)
    try:
        with zipfile.ZipFile(archive) as opened:
            if opened.namelist() != [member]:
                raise _refused("it does not hold the plan file and nothing else")
            with opened.open(member) as packed, target.open("wb") as out:
                size = 0
                while chunk := packed.read(_CHUNK):
                    size += len(chunk)
                    if size > limit:
                        raise _refused(f"it unpacks to more than {limit:,} bytes")
                    out.write(chunk)
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, ValueError, zlib.error) as error:
        raise _refused(f"it is no zip that can be read ({type(error).__name__})") from None


def _refused(why: str) -> Stale:
    return Stale("SFDD-E7025", f"The artifact of the plan is refused: {why}.", hint="sfdd ci plan")
