"""A proposal is judged by the limits of the base that it is proposed to: which of both holds is said in `limits`.

The base is read as data. Nothing of the environment or of files is filled into its credentials, and nothing connects
with it; variables fill it as they fill the proposal, as far as it uses them. What an overlay or a thing of the proposal
is to the base is looked up by name, and by where `moved:` says that a thing has come from.
"""

from __future__ import annotations

import os.path
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from sfdd_declare.config import limits, within
from sfdd_declare.config.read import load, overlays
from sfdd_declare.config.resolve_rules import IGNORABLE
from sfdd_declare.config.suggest import quoted
from sfdd_declare.model import address
from sfdd_declare.model.address import Address
from sfdd_declare.model.declared import Account, AddressBook, Campaign, DataField, Desired, Lifecycle, Link, Moved
from sfdd_declare.model.errors import ConfigError, ErrorList
from sfdd_declare.model.loosened import Loosened

Thing = TypeVar("Thing", Campaign, AddressBook, DataField, Link)

_GONE = "no longer declared"
_DEFAULT = Lifecycle()


def read_base(path: Path, *, env: str | None, variables: Mapping[str, str], environ: Mapping[str, str]) -> Desired:
    """The base configuration, not fit for connecting. Raises ErrorList, each error at its place in the base.

    An overlay that only the proposal has is none of the base: its limits are those of the configuration below it.
    """
    env = env if env in overlays(path) else None
    try:
        return load(path, env=env, variables=variables, environ=environ, credentials=False, secrets=False)
    except ErrorList as found:
        for error in found.errors:
            error.hint = "--base DIR" if error.id == "SFDD-E1001" else error.hint
            error.detail = "; ".join(filter(None, ("in the base, whose limits judge the proposal", error.detail)))
        raise


def judged(base: Desired, proposed: Desired) -> Desired:
    """The proposal with the stricter of both limits everywhere. What only the proposal has is no looser than where
    nothing is declared about it; that is told last, since there may be any number of it.
    """
    known, now = _as_named_now(base, proposed.moved), dict(_things(proposed))
    accounts = {account.key: account for account in base.accounts}
    protect = tuple(_named_now(at, proposed.moved) for at in base.guards.protect)
    guards, loosened = limits.judge(limits.GUARDS, replace(base.guards, protect=protect), proposed.guards)
    salesforce, calls = limits.judge(limits.SALESFORCE, base.salesforce, proposed.salesforce)
    kept = tuple(at for at, rules in known.items() if rules.prevent_destroy)
    gone = [at for at in protect if at in known and at not in now and at in proposed.guards.protect]
    found = [*(_gone(one, known, now) for one in loosened), *calls]
    found += [Loosened(str(at), limits.PROTECT, "true", _GONE, "true") for at in dict.fromkeys(gone)]
    found += [Loosened(str(at), limits.PREVENT_DESTROY, "true", _GONE, "true") for at in kept if at not in now]
    of_new: list[Loosened] = []

    def account_of(proposed: Account) -> Account:
        before = accounts.get(proposed.key, replace(proposed, double_opt_in=None))
        value, said = limits.judge(limits.ACCOUNT, before, proposed, str(address.account(proposed.key)))
        (found if proposed.key in accounts else of_new).extend(said)
        return value

    def each(things: Iterable[Thing]) -> tuple[Thing, ...]:
        return tuple(thing_of(thing) for thing in things)

    def thing_of(thing: Thing) -> Thing:
        at = _address(thing)
        value, said = limits.judge(limits.LIFECYCLE, known.get(at, _DEFAULT), thing.lifecycle, str(at))
        (found if at in known else of_new).extend(_as_written(one, at) for one in said)
        return replace(thing, lifecycle=value)

    result = replace(
        proposed,
        guards=guards,
        salesforce=salesforce,
        accounts=tuple(account_of(account) for account in proposed.accounts),
        campaigns=each(proposed.campaigns),
        address_books=each(proposed.address_books),
        data_fields=each(proposed.data_fields),
        links=each(proposed.links),
        kept=frozenset(map(str, kept)),
    )
    return replace(result, loosened=(*found, *of_new))


def _as_named_now(base: Desired, moved: Iterable[Moved]) -> dict[Address, Lifecycle]:
    """The base's things by the addresses that they have in the proposal; of two that become one, both rule."""
    found: dict[Address, Lifecycle] = {}
    for former, rules in _things(base):
        at = _named_now(former, moved)
        found[at] = limits.judge(limits.LIFECYCLE, found.get(at, rules), rules)[0]
    return found


def _named_now(at: Address, moved: Iterable[Moved]) -> Address:
    """One after the other, as the state is moved."""
    for move in moved:
        at = move.target if at == move.source else at
    return at


def counterpart(file: Path, proposed: Path, base: Path) -> Path | None:
    """The same file of the base, whether there is one or not; None for a file that is no part of the configuration.

    Raises ErrorList where it leads out of the base's folder.
    """
    root, before = (path if path.is_dir() else path.parent for path in (proposed, base))
    named, real = (Path(where(file)) for where in (os.path.abspath, os.path.realpath))
    if named.is_relative_to(os.path.abspath(root)):
        same = before / named.relative_to(os.path.abspath(root))
    elif real.is_relative_to(os.path.realpath(root)):
        same = before / real.relative_to(os.path.realpath(root))
    else:
        return None
    if not within.is_inside(same, (before,)):
        summary = f"The file {quoted(str(same))} is outside the configuration's folder."
        raise ErrorList((ConfigError("SFDD-E1117", summary, where=str(same), hint="--base DIR"),))
    return same


def _gone(loosened: Loosened, known: Mapping[Address, Lifecycle], now: Mapping[Address, Lifecycle]) -> Loosened:
    """What is no longer protected may no longer be declared either."""
    if loosened.key != limits.PROTECT:
        return loosened
    at = Address.parse(loosened.address)
    return replace(loosened, proposed=_GONE) if at in known and at not in now else loosened


def _as_written(loosened: Loosened, at: Address) -> Loosened:
    """Attributes in the words of the YAML, where the live things have others."""
    words = {live: key for key, names in IGNORABLE.get(f"{at.kind.value}s", {}).items() for live in names}
    if loosened.key != limits.IGNORE_CHANGES:
        return loosened

    def written(text: str) -> str:
        return ", ".join(dict.fromkeys(words.get(name, name) for name in text.split(", ")))

    base, proposed, judged = (written(text) for text in (loosened.base, loosened.proposed, loosened.judged))
    return replace(loosened, base=base, proposed=proposed, judged=judged)


def _things(desired: Desired) -> Iterable[tuple[Address, Lifecycle]]:
    things: tuple[Campaign | AddressBook | DataField | Link, ...]
    things = (*desired.campaigns, *desired.address_books, *desired.data_fields, *desired.links)
    for thing in things:
        yield _address(thing), thing.lifecycle


def _address(thing: Campaign | AddressBook | DataField | Link) -> Address:
    match thing:
        case Campaign():
            return address.campaign(thing.key)
        case AddressBook():
            return address.address_book(thing.key)
        case DataField():
            return address.data_field(thing.account, thing.name)
        case Link():
            return address.link(thing.campaign, thing.address_book)
