"""What a probe has made, and its removal, which happens whatever else does.

A thing is noted before the call that makes it: a call whose reply is lost may have made it all the same. So it is
removed by its name, and one that is not there is none.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sfdd_declare.model.assumed import LeftBehind
from sfdd_declare.model.errors import DeclareError


class UnsettledError(Exception):
    """A probe that proved nothing; the text says why. With `keeps` it says nothing against an earlier answer."""

    def __init__(self, why: str, *, keeps: bool = False) -> None:
        super().__init__(why)
        self.why = why
        self.keeps = keeps


@dataclass(slots=True)
class Thing:
    """A thing that was made, or may have been. `remove` says whether it was there; `way`: how it is done by hand."""

    what: str
    name: str
    way: str
    remove: Callable[[], object]
    id: str = ""
    may_appear: bool = False  # nobody knows whether it will be made yet
    why: str = "its removal was interrupted"


class Made:
    """Everything that one system was given, in the order of its making."""

    def __init__(self) -> None:
        self._things: list[Thing] = []

    def note(self, thing: Thing) -> Thing:
        """Remember a thing that is about to be made."""
        self._things.append(thing)
        return thing

    def of(self, what: str) -> tuple[Thing, ...]:
        """The things of one kind."""
        return tuple(thing for thing in self._things if thing.what == what)

    def remove(self) -> None:
        """Remove everything, the last one first. What resists stays noted, and so does the rest when a signal ends
        this: see `left`.
        """
        for thing in reversed(tuple(self._things)):
            try:
                was_there = thing.remove()
            except DeclareError as error:
                thing.why = f"{error.summary}{f' ({error.detail})' if error.detail else ''}"
                continue
            if thing.may_appear and not was_there:
                thing.why = "it is not there, but an import whose answer was lost may still make it"
                continue
            self._things.remove(thing)

    def left(self) -> tuple[LeftBehind, ...]:
        """What was not removed."""
        return tuple(LeftBehind(one.what, one.name, one.id, one.why, one.way) for one in self._things)
