"""One state, one world (RUN-8): whose org and accounts the state knows, against those that the credentials lead to.

Asked as soon as the set-up was read, before anybody's record is: stored ids would meet other people.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from sfdd_declare.app.home import default_place
from sfdd_declare.app.options import Options
from sfdd_declare.model.declared import Desired
from sfdd_declare.model.errors import ConfigError, DeclareError, ErrorList, StateError
from sfdd_declare.model.state import Bound, StateHeader
from sfdd_declare.plan.world import World
from sfdd_declare.store.state import open_state

_ORG_ID = 15  # characters; the other three of the long form only repeat which of them are capitals


def same_world(desired: Desired, options: Options, header: StateHeader, world: World) -> tuple[str, ...]:
    """Raises StateError, or ErrorList of several, when an id is another one. Returns what the plan has to say."""
    live = Bound(
        world.salesforce.org_id, tuple((key, side.account_id) for key, side in sorted(world.dotdigital.items()))
    )
    found = (*_other_world(header.bound, live), *_one_account_twice(desired, header.bound, live))
    if found:
        raise found[0] if len(found) == 1 else ErrorList(found)
    if header.fresh:
        return tuple(_left_beside(desired, options, live))
    return () if header.bound.org_id else (_to_be_bound(live),)


def _other_world(bound: Bound, live: Bound) -> Iterator[DeclareError]:
    if bound.org_id and not _is_same_org(bound.org_id, live.org_id):
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


def _is_same_org(one: str, other: str) -> bool:
    return one[:_ORG_ID] == other[:_ORG_ID]


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


def _to_be_bound(live: Bound) -> str:
    accounts = ", ".join(f"{key} = {account_id}" for key, account_id in live.accounts)
    return (
        f"This state does not name the systems that it belongs to. The next apply binds it to the Salesforce org "
        f"{live.org_id} and the Dotdigital accounts {accounts}: apply only if it was made with these."
    )


def _left_beside(desired: Desired, options: Options, live: Bound) -> Iterator[str]:
    """The environments used to share one default state; whoever used it for this org has to move it."""
    if desired.state is not None or not options.env:
        return
    shared, own = default_place(desired), default_place(desired, options.env)
    if not shared.exists():
        return
    with open_state(shared, create=False, environ=options.environ) as state:
        header = state.header()
    if header.fresh or (header.bound.org_id and not _is_same_org(header.bound.org_id, live.org_id)):
        return
    yield (
        f"--env {options.env} keeps a state of its own, which is new, and {shared} has been applied with "
        f"{'this org' if header.bound.org_id else 'some org, perhaps this one'}. If it belongs to {options.env}: "
        f"`mkdir -p {own.parent} && mv {shared} {own}`"
    )
