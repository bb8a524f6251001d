"""What wakes a watch: signals ring, the loop listens. Ringing is safe inside a signal handler, where no lock may be
taken.
"""

from __future__ import annotations

import contextlib
import os
import select


class Bell:
    """Of one process; never closed, it ends with it."""

    def __init__(self) -> None:
        self._hears, self._rings = os.pipe()
        os.set_blocking(self._hears, False)
        os.set_blocking(self._rings, False)
        self._asked = False

    def ring(self) -> None:
        """End the wait that is going on, or the next one."""
        with contextlib.suppress(OSError):  # it rings already
            os.write(self._rings, b".")

    def wait(self, seconds: float) -> None:
        """Return after so long, or as soon as it rings."""
        if select.select([self._hears], [], [], seconds)[0]:
            with contextlib.suppress(OSError):
                os.read(self._hears, 1024)

    def set(self) -> None:
        """Ask for the configuration to be read again."""
        self._asked = True
        self.ring()

    def is_set(self) -> bool:
        return self._asked

    def clear(self) -> None:
        self._asked = False
