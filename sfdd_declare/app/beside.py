"""Reads side by side, in threads that nobody waits for once the main thread has given up.

An error or Ctrl-C is shown at once, whatever answer another read still waits for.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from threading import BoundedSemaphore, Thread
from typing import TypeVar

from sfdd_declare.app.options import never
from sfdd_declare.app.pause import Stop

T = TypeVar("T")

_SLICE = 0.2


class _Read(Future[T]):
    """What a call returns or raises. Waiting for it asks now and then whether a signal arrived: its exception may have
    been lost (RUN-9), and an answer may never come.
    """

    def __init__(self, check: Callable[[], None]) -> None:
        super().__init__()
        self._check = check

    def result(self, timeout: float | None = None) -> T:
        del timeout
        while True:
            try:
                return super().result(_SLICE)
            except TimeoutError:
                if self.done():  # it is what the call raised
                    raise
                self._check()


class Beside:
    """At most `parallelism` calls at a time. Their threads do not keep the process alive."""

    def __init__(self, parallelism: int, stop: Callable[[], int] = never) -> None:
        """`stop` answers with the number of a signal that arrived, or 0."""
        self._check = Stop(stop).check
        self._slots = BoundedSemaphore(parallelism)

    def start(self, call: Callable[..., T], *arguments: object) -> Future[T]:
        """Start a call; the future holds what it returns or raises."""
        future: Future[T] = _Read(self._check)
        Thread(target=self._run, args=(future, call, arguments), name="read", daemon=True).start()
        return future

    def _run(self, future: Future[T], call: Callable[..., T], arguments: tuple[object, ...]) -> None:
        with self._slots:
            try:
                future.set_result(call(*arguments))
            except BaseException as error:  # noqa: BLE001 - the edge of a thread: who waits for the future gets it
                future.set_exception(error)
