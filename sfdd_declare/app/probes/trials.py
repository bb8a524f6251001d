"""All systems under trial: asked for what is to be settled, and rid of everything that was made for it.

A probe is remembered in the state before it makes anything, and until all of it is gone. One that was killed has left
its things behind: they are removed together with those of the next one, when an import that was running then has ended.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import chain

from sfdd_declare.app.pause import Stop
from sfdd_declare.app.probes import account as of_account
from sfdd_declare.app.probes import org as of_org
from sfdd_declare.app.probes.made import UnsettledError
from sfdd_declare.app.probes.org import Org
from sfdd_declare.app.probes.site import Site
from sfdd_declare.app.wiring import Systems
from sfdd_declare.model.assumed import Found, Hands, Intent, LeftBehind, Line
from sfdd_declare.model.begun import Begun, begun, marks_of
from sfdd_declare.model.errors import RemoteError

Marks = Mapping[str, str]


class Trials:
    """The org and the accounts of one probe, what they have answered, and what earlier ones left there.

    `known`: the marks of the state; `keep` writes some there.
    """

    def __init__(
        self, wanted: Intent, systems: Systems, hands: Hands, at: str, *, known: Marks, keep: Callable[[Marks], None]
    ) -> None:
        self.lines: list[Line] = []
        self.answers: list[Found] = []
        self._hands, self._at, self._keep = hands, at, keep
        org, accounts = systems.trials
        self.ids: Marks = {"": org.org_id, **{key: trial.account_id for key, trial in accounts.items()}}
        """Of the org and the accounts, as the vendors tell them."""
        token = secrets.token_hex(4)

        def new(key: str) -> Begun:
            return Begun(key, token, wanted.domain, at, self.ids[key])

        def site(one: Begun) -> Site:
            return Site(accounts[one.account], one, hands.by_hand)

        self._org = Org(org, new(""))
        self._sites = {key: site(new(key)) for key in wanted.accounts}
        self._held = begun(known)
        here = [one for one in self._held if self.ids.get(one.account) == one.of]
        self._earlier = [site(one) if one.account else Org(org, one) for one in here]

    def begin(self) -> None:
        """Remember what may be made from now on, and what is to be removed of earlier probes."""
        for earlier in self._earlier:
            earlier.expect()
        self._remember((*self._held, self._org.begun, *(site.begun for site in self._sites.values())))

    def run(self, before: tuple[Line, ...], stop: Stop) -> None:
        """Ask for every line. One that cannot be settled keeps none of the others from their turn."""
        for line in before:
            stop.check()
            self.lines.append(found := self._settled(line))
            place = f"{line.account}: " if line.account else ""
            self._hands.tell(f"{place}{line.assumption.name}: {found.why or found.value}")

    def clean(self) -> None:
        """Remove everything that was made, also by earlier probes, and forget those of which nothing is left."""
        try:
            for site in self._sites.values():
                site.clean()
            self._org.clean()
            for earlier in self._earlier:
                earlier.made.remove()
        finally:
            gone = {one.begun for one in self._places if not one.made.left()}
            every = dict.fromkeys((*self._held, *(one.begun for one in self._places)))
            self._remember(tuple(one for one in every if one not in gone))

    def left(self) -> tuple[LeftBehind, ...]:
        """What was not removed."""
        return tuple(chain.from_iterable(one.made.left() for one in self._places))

    @property
    def _places(self) -> tuple[Site | Org, ...]:
        return (*self._sites.values(), self._org, *self._earlier)

    def _remember(self, every: tuple[Begun, ...]) -> None:
        self._keep(marks_of(every, self.ids))

    def _settled(self, line: Line) -> Line:
        name, key = line.assumption.name, line.account
        try:
            value = of_org.PROBES[name](self._org) if not key else of_account.PROBES[name](self._sites[key])
        except UnsettledError as doubt:
            if doubt.keeps:
                return replace(line, why=doubt.why)
            self._answer(line, "")
            return replace(line, value="", at="", why=doubt.why)
        except RemoteError as error:
            return replace(line, why=f"{error.summary}{f' ({error.detail})' if error.detail else ''}")
        self._answer(line, value)
        return replace(line, value=value, at=self._at)

    def _answer(self, line: Line, value: str) -> None:
        self.answers.append(Found(line.assumption.name, line.account, value, self._at, self.ids[line.account]))
