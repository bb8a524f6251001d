"""A state that was restored, or goes on although the org knows a later one (RUN-8): its memory of memberships is old.

Until somebody accepts it, every address book is one that was never synchronised (RUN-1). What the base says of a person
is still true as far as it goes; whoever is not in it may have been taken off since.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from sfdd_declare.app.options import Options
from sfdd_declare.model.state import BookState
from sfdd_declare.store.restore import TAKEN_OVER, TAKES_ROW, WAITS


def is_waiting(marks: Mapping[str, str], options: Options) -> bool:
    """Whether memberships are those of a state that was taken over, and nobody has accepted them."""
    was_taken_over = bool(options.adopt_lineage) or marks.get(TAKEN_OVER) in (TAKES_ROW, WAITS)
    return was_taken_over and not options.accept_first_sync


def books(known: Iterable[BookState], marks: Mapping[str, str], options: Options) -> tuple[BookState, ...]:
    """What is remembered per book, without the baseline where it is not to be trusted."""
    waits = is_waiting(marks, options)
    return tuple(replace(book, baseline=book.baseline and not waits) for book in known)


def marks(known: Mapping[str, str], options: Options) -> tuple[tuple[str, str], ...]:
    """What an apply has to remember of it."""
    if is_waiting(known, options):
        return ((TAKEN_OVER, WAITS),)
    if not known.get(TAKEN_OVER):
        return ()
    in_part = options.targets or options.excludes or options.names
    return ((TAKEN_OVER, WAITS if in_part else ""),)
