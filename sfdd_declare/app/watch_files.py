"""The configuration of a watch: read again when a file of it changed, kept as it was when the new one is wrong."""

from __future__ import annotations

from pathlib import Path

from sfdd_declare.app.options import Options
from sfdd_declare.app.validate import configuration
from sfdd_declare.model.declared import Desired
from sfdd_declare.model.errors import DeclareError, ErrorList

_Stamp = tuple[tuple[str, int, int, int], ...]


class Configuration:
    """What is in force. `refused` says why a later one is not."""

    def __init__(self, options: Options) -> None:
        """Raises ErrorList: what is wrong from the beginning is for whoever starts it."""
        self._options = options
        self._stamp = self._look()
        self.desired: Desired = configuration(options)
        self.refused = ""

    def read_again(self, *, asked: bool) -> bool:
        """Look whether files changed, and read them if so, or if `asked`. Returns whether something was read."""
        stamp = self._look()
        if stamp == self._stamp and not asked:
            return False
        self._stamp = stamp
        try:
            self.desired = configuration(self._options)
            self.refused = ""
        except DeclareError as error:
            first = error.errors[0] if isinstance(error, ErrorList) else error
            self.refused = str(first)
        except OSError as error:
            self.refused = f"{error.filename}: {error.strerror}"
        return True

    def _look(self) -> _Stamp:
        """Of each YAML file: name, size, when it was written, and which file it is."""
        folder = self._options.folder if self._options.folder.is_dir() else self._options.folder.parent
        files = sorted((*_yaml(folder), *_yaml(folder / "env")))
        found = []
        for file in files:
            try:
                known = file.stat()
            except OSError:  # it went meanwhile
                continue
            found.append((str(file), known.st_size, known.st_mtime_ns, known.st_ino))
        return tuple(found)


def _yaml(folder: Path) -> list[Path]:
    try:
        return [file for file in folder.iterdir() if file.suffix in (".yaml", ".yml")]
    except OSError:
        return []
