"""One state, one world (RUN-8): whose org and accounts the state knows, against those that the credentials lead to.

Asked as soon as the set-up was read, before anybody's record is: stored ids would meet other people.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from sfdd_declare.app import state_row, taken_over
from sfdd_declare.app.home import default_place, room_for_copies, state_place
from sfdd_declare.app.options import Options
from sfdd_declare.app.state_row import Row, is_same_org
from sfdd_declare.model.declared import Desired
from sfdd_declare.model.errors import ConfigError, DeclareError, ErrorList, StateError
from sfdd_declare.model.state import Bound, StateHeader
from sfdd_declare.plan.world import World
from sfdd_declare.store.opening import open_state
from sfdd_declare.store.restore import TAKEN_OVER, TAKES_ROW

_UNNAMED, _COPIED = "said:registry_none", "said:copied:"


@dataclass(frozen=True, slots=True)
class SameWorld:
    """What a plan has to say about it, and what an apply has to remember of that."""

    warnings: tuple[str, ...] = ()
    marks: tuple[tuple[str, str], ...] = ()
    makes_row: bool = False  # the org does not name this state, or is to do so again


@dataclass(frozen=True, slots=True)
class Past:
    """What the state says: its header, its marks, and whether an apply was made with it."""

    header: StateHeader
    marks: Mapping[str, str]
    knows: Callable[[str], bool]


def same_world(desired: Desired, options: Options, past: Past, world: World) -> SameWorld:
    """Raises StateError, or ErrorList of several, when an id is another one, or the org knows a later state."""
    header = past.header
    live = Bound(
        world.salesforce.org_id, tuple((key, side.account_id) for key, side in sorted(world.dotdigital.items()))
    )
    found = (*_other_world(header.bound, live), *_one_account_twice(desired, header.bound, live))
    if found:
        raise found[0] if len(found) == 1 else ErrorList(found)
    row = state_row.look(desired, options, header, past.knows, world, takes=past.marks.get(TAKEN_OVER) == TAKES_ROW)
    once = tuple(_once(row, desired, past.marks))
    left = _left_beside(desired, options, live) if header.fresh else ()
    return SameWorld(
        warnings=(
            *_always(row, header, live, waits=taken_over.is_waiting(past.marks, options)),
            *(text for _, text in once),
            *left,
        ),
        marks=tuple((mark, "said") for mark, _ in once),
        makes_row=row.is_missing or row.is_adopted,
    )


def require_same(bound: Bound, live: Bound) -> None:
    """Raises StateError, or ErrorList of several, when an id is another one than the state's."""
    if found := tuple(_other_world(bound, live)):
        raise found[0] if len(found) == 1 else ErrorList(found)


def _once(row: Row, desired: Desired, marks: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """What is said until an apply has recorded that it was: by mark."""
    if not desired.salesforce.registry and _UNNAMED not in marks:
        yield (
            _UNNAMED,
            "With `registry: none` nothing in the org names this state: a fork or an old copy of it cannot be seen.",
        )
    names = ", ".join(row.copied)
    if names and _COPIED + names not in marks:
        yield (
            _COPIED + names,
            f"The registry holds rows of states of another org ({names}), as a sandbox made from production does. "
            "They are ignored; `sfdd registry clean` removes them.",
        )


def _always(row: Row, header: StateHeader, live: Bound, *, waits: bool) -> Iterator[str]:
    if not header.fresh and not header.bound.org_id:
        accounts = ", ".join(f"{key} = {account_id}" for key, account_id in live.accounts)
        yield (
            "This state does not name the systems that it belongs to. The next apply binds it to the Salesforce org "
            f"{live.org_id} and the Dotdigital accounts {accounts}: apply only if it was made with these."
        )
    if not header.fresh and row.is_missing:
        yield "The registry has no row that names this state; the next apply makes it."
    if row.is_adopted:
        yield f"This state goes on under the lineage {header.lineage}, whatever the org knows of it."
    if waits:
        yield "It was taken over: its address books count as never synchronised until `--accept-first-sync`."


def _other_world(bound: Bound, live: Bound) -> Iterator[DeclareError]:
    if bound.org_id and not is_same_org(bound.org_id, live.org_id):
        yield StateError(
            "SFDD-E3013",
            f"This state belongs to the Salesforce org {bound.org_id}, and the login leads to {live.org_id}. "
            "Nobody's record was read.",
            where="salesforce",
            hint="the --env of that org; or `sfdd state rebind`, which forgets everybody and begins with this org",
        )
    known = dict(bound.accounts)
    for key, account_id in live.accounts:
        if known.get(key, account_id) != account_id:
            yield StateError(
                "SFDD-E3014",
                f"This state knows `{key}` as the Dotdigital account {known[key]}, and the login leads to "
                f"{account_id}. Nobody's record was read.",
                where=f"dotdigital.accounts.{key}",
                hint=f"the --env of that account; or `sfdd state rebind {key}`, which forgets its people",
            )


def _one_account_twice(desired: Desired, bound: Bound, live: Bound) -> Iterator[DeclareError]:
    """Two keys for one account would undo each other's work. Of a disabled one the state may know the id."""
    ids: Mapping[str, str] = {**dict(bound.accounts), **dict(live.accounts)}
    keys: dict[str, list[str]] = defaultdict(list)
    for account in desired.accounts:
        if account.key in ids:
            keys[ids[account.key]].append(account.key)
    places = {account.key: account.where for account in desired.accounts}
    for account_id, (first, *others) in keys.items():
        for other in others:
            yield ConfigError(
                "SFDD-E4011",
                f"`{first}` and `{other}` are one and the same Dotdigital account ({account_id}).",
                where=places[other] or f"dotdigital.accounts.{other}",
                hint=f"dotdigital.accounts.{other}.user",
            )


def _left_beside(desired: Desired, options: Options, live: Bound) -> Iterator[str]:
    """The environments used to share one default state; whoever used it for this org has to move it."""
    if not options.env or state_place(desired, options) != default_place(desired, options.env):
        return
    shared, own = default_place(desired), default_place(desired, options.env)
    if not shared.exists():
        return
    with (
        room_for_copies(desired, options) as aside,
        open_state(shared, create=False, environ=options.environ, aside=aside) as state,
    ):
        header = state.header()
    if header.fresh or (header.bound.org_id and not is_same_org(header.bound.org_id, live.org_id)):
        return
    yield (
        f"--env {options.env} keeps a state of its own, which is new, and {shared} has been applied with "
        f"{'this org' if header.bound.org_id else 'some org, perhaps this one'}. If it belongs to {options.env}: "
        f"`sfdd state migrate {own}`"
    )
