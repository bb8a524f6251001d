"""Reads side by side, in threads that nobody waits for once the main thread has given up.

An error or Ctrl-C is shown at once, whatever answer another read still waits for.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from threading import BoundedSemaphore, Thread
from typing import TypeVar

T = TypeVar("T")


class Beside:
    """At most `parallelism` calls at a time. Their threads do not keep the process alive."""

    def __init__(self, parallelism: int) -> None:
        self._slots = BoundedSemaphore(parallelism)

    def start(self, call: Callable[..., T], *arguments: object) -> Future[T]:
        """Start a call; the future holds what it returns or raises."""
        future: Future[T] = Future()
        Thread(target=self._run, args=(future, call, arguments), name="read", daemon=True).start()
        return future

    def _run(self, future: Future[T], call: Callable[..., T], arguments: tuple[object, ...]) -> None:
        with self._slots:
            try:
                future.set_result(call(*arguments))
            except BaseException as error:  # noqa: BLE001 - the edge of a thread: who waits for the future gets it
                future.set_exception(error)
