"""`sfdd state`: what the state is, beginning one, bringing a copy back, and binding it to another world (RUN-8)."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from sfdd_declare.app.home import holder, open_home, room_for_copies, state_place
from sfdd_declare.app.operate import without_credentials
from sfdd_declare.app.options import Options
from sfdd_declare.app.pause import Stop
from sfdd_declare.app.state_row import is_same_org
from sfdd_declare.app.validate import configuration
from sfdd_declare.app.wiring import connect
from sfdd_declare.model.errors import StateError, UsageError
from sfdd_declare.model.state import Bound, RunRecord, StateHeader
from sfdd_declare.people.memories import FREE, REFUSED, SETTLED, TICKED
from sfdd_declare.store import move
from sfdd_declare.store import restore as copies
from sfdd_declare.store.backup import copies_beside
from sfdd_declare.store.by_hand import Forgotten
from sfdd_declare.store.database import shown_place
from sfdd_declare.store.homes import SERVERS, scheme_of
from sfdd_declare.store.opening import open_state

_RUNS = 5
_OF_BOTH = (TICKED, SETTLED, FREE, REFUSED)


@dataclass(frozen=True, slots=True)
class StateShown:
    """A state, without anything about people."""

    place: str
    header: StateHeader
    runs: tuple[RunRecord, ...]
    copies: tuple[str, ...]
    taken_over: bool


@dataclass(frozen=True, slots=True)
class Rebound:
    """What the state was bound to anew. Nothing, where it was bound to that already."""

    bound: Bound
    forgotten: Forgotten


def show(options: Options) -> StateShown:
    """Also of a state that is not there, or was emptied: the copies beside it are shown then."""
    desired = without_credentials(options)
    place = state_place(desired, options)
    with (
        room_for_copies(desired, options) as aside,
        open_state(place, create=False, environ=options.environ, aside=aside) as state,
    ):
        return StateShown(
            shown_place(place),
            state.header(),
            state.runs(_RUNS),
            tuple(map(str, copies_beside(place))) if isinstance(place, Path) else state.copies(),
            bool(state.marks().get(copies.TAKEN_OVER)),
        )


def init(options: Options, *, forget: bool) -> StateHeader:
    """Make a state. Raises StateError when there is one, or there are copies of one, unless it is to be forgotten."""
    desired = without_credentials(options)
    if not forget:
        open_home(desired, options, create=False).close()
    return copies.begin(state_place(desired, options), holder("state init"), options.environ, anew=forget)


def restore(options: Options, copy: str | None) -> tuple[str, StateHeader]:
    """Put a copy in the state's place. Returns which, and what it says of itself."""
    place = state_place(without_credentials(options), options)
    if copy is None and scheme_of(place) in SERVERS:
        raise UsageError("SFDD-E9036", "A database server keeps its own copies.", hint="sfdd state restore FILE")
    return copies.restore(place, copy, holder("state restore"), options.environ)


def pull(options: Options, target: Path) -> StateHeader:
    """Write the state into a file."""
    return move.pull(state_place(without_credentials(options), options), target, options.environ)


def push(options: Options, source: Path) -> StateHeader:
    """Put a file in the state's place."""
    place = state_place(without_credentials(options), options)
    return move.push(place, source, holder("state push"), options.environ)


def migrate(options: Options, target: str) -> tuple[str, StateHeader]:
    """Move the state. Returns how its new place is said, without credentials."""
    place = state_place(without_credentials(options), options)
    new: Path | str = target if scheme_of(target) else Path(target)
    if shown_place(new) == shown_place(place):
        raise UsageError("SFDD-E9046", "The state is there already.", where=shown_place(new), hint="sfdd state show")
    return shown_place(new), move.migrate(place, new, holder("state migrate"), options.environ)


def rebind(options: Options, account: str | None) -> Rebound:
    """Bind the state to where the login leads: all of it, or one account. Whose id is another one is forgotten.

    Opt-outs that are remembered by address stay. Raises UsageError for an account that is not declared.
    """
    desired = configuration(options)
    if account is not None and account not in {known.key for known in desired.accounts if known.enabled}:
        known = ", ".join(sorted(one.key for one in desired.accounts if one.enabled))
        raise UsageError("SFDD-E9037", f"There is no enabled account `{account}`.", hint=f"sfdd state rebind {known}")
    with (
        open_home(desired, options, create=False) as state,
        closing(connect(desired, state, environ=options.environ, pause=Stop(options.stop).pause)) as systems,
    ):
        header, live = state.header(), systems.world()
        if header.fresh:
            raise StateError("SFDD-E3020", "There is no state yet that could be bound.", hint="sfdd plan")
        elsewhere = bool(header.bound.org_id) and not is_same_org(header.bound.org_id, live.org_id)
        if account is not None and elsewhere:
            raise StateError(
                "SFDD-E3013",
                f"The org is another one too: {live.org_id}, not {header.bound.org_id}.",
                where="salesforce",
                hint="sfdd state rebind",
            )
        asked = tuple((key, id) for key, id in live.accounts if account in (None, key))
        known_ids = dict(header.bound.accounts)
        others = tuple(key for key, id in asked if known_ids.get(key, id) != id)
        if not elsewhere and not others:
            return Rebound(Bound(), Forgotten(0, 0, 0))
        bound = Bound(live.org_id, live.accounts if elsewhere else asked)
        books = {book.key: book.account for book in desired.address_books}
        with state.lock(holder("state rebind"), timeout=options.lock_timeout) as lease:
            forgotten = state.rebind(lease, bound, None if elsewhere else others, books=books, reasons=_OF_BOTH)
        return Rebound(bound, forgotten)
