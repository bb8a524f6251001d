"""`sfdd probe`: settles what is assumed about the vendors, on the live systems, with things that are thrown away.

Whatever ends it, what was made is removed first, and what was found until then is kept. No contact that is made is a
person, and none is made where an account might mail it.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC

from sfdd_declare.app.home import holder, open_home, read_home
from sfdd_declare.app.operate import without_credentials
from sfdd_declare.app.options import Options
from sfdd_declare.app.pause import Stop
from sfdd_declare.app.probes import account as of_account
from sfdd_declare.app.probes import org as of_org
from sfdd_declare.app.probes.made import UnsettledError
from sfdd_declare.app.probes.org import Org
from sfdd_declare.app.probes.site import Site
from sfdd_declare.app.same_world import require_same
from sfdd_declare.app.validate import configuration
from sfdd_declare.app.wiring import Systems, connect
from sfdd_declare.model import assumed
from sfdd_declare.model.assumed import Found, Hands, Intent, LeftBehind, Line, Probed
from sfdd_declare.model.declared import Desired, DoubleOptIn
from sfdd_declare.model.errors import RemoteError
from sfdd_declare.model.rules import ASSUMPTIONS, Assumption
from sfdd_declare.plan import budget

_MAY_MAIL = "an account that may ask new contacts to confirm is given none"


def intent(options: Options, names: tuple[str, ...], domain: str) -> Intent:
    """What a probe would make. Reads the configuration alone."""
    return _intent(without_credentials(options), names, domain)


def known(options: Options, names: tuple[str, ...]) -> Probed:
    """What was found so far, and what is assumed still. No system is called."""
    desired = without_credentials(options)
    with read_home(desired, options) as state:
        header, marks = state.header(), state.marks()
    ids = {"": header.bound.org_id, **dict(header.bound.accounts)} if header.bound.org_id else None
    keys = [account.key for account in desired.accounts if account.enabled]
    return Probed(assumed.lines(marks, keys, names, ids))


def probe(
    options: Options,
    names: tuple[str, ...],
    domain: str,
    hands: Hands,
    *,
    pause: Callable[[float], None] | None = None,
) -> Probed:
    """Find out, remove what was made for it, and keep the answers. `pause` stands in for waiting.

    Raises Locked, StateError for another world than the state's, and what connecting raises; nothing was made then.
    """
    desired = configuration(options)
    wanted, stop = _intent(desired, names, domain), Stop(options.stop)

    def wait(seconds: float) -> None:
        stop.check()
        (pause or stop.pause)(seconds)

    with (
        open_home(desired, options, create=True) as state,
        state.lock(holder("probe"), timeout=options.lock_timeout) as lease,
        closing(connect(desired, state, environ=options.environ, pause=wait)) as systems,
    ):
        require_same(state.header().bound, systems.world())
        trials = _Trials(wanted, systems, hands, f"{options.now().astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}")
        left: tuple[LeftBehind, ...] = ()
        try:
            trials.run(assumed.lines(state.marks(), wanted.accounts, wanted.names, trials.ids), stop)
        finally:
            try:
                with stop.owing():
                    trials.clean()
            finally:
                left = trials.left()
                hands.left_behind(left)
                calls = systems.readers.calls()
                mark = budget.mark(state.marks(), options.now(), calls[0])
                state.keep_marks(lease, dict([*(one.mark for one in trials.answers), mark]))
    left_out = [Line(one, key, why=why) for key, why in wanted.left_out for one in _of(wanted, of_salesforce=False)]
    return Probed((*trials.lines, *left_out), left, calls)


@dataclass(slots=True)
class _Trials:
    """All systems under trial, and what they have answered."""

    wanted: Intent
    systems: Systems
    hands: Hands
    at: str
    lines: list[Line] = field(default_factory=list)
    answers: list[Found] = field(default_factory=list)
    _sites: Mapping[str, Site] = field(init=False)
    _org: Org = field(init=False)

    def __post_init__(self) -> None:
        token = secrets.token_hex(4)
        org, accounts = self.systems.trials
        self._org = Org(org, token)
        self._sites = {
            key: Site(accounts[key], token, self.wanted.domain, self.hands.by_hand) for key in self.wanted.accounts
        }

    @property
    def ids(self) -> Mapping[str, str]:
        """Of the org and the accounts, as the vendors tell them."""
        return {"": self._org.id, **{key: site.id for key, site in self._sites.items()}}

    def run(self, before: tuple[Line, ...], stop: Stop) -> None:
        """Ask for every line. One that cannot be settled keeps none of the others from their turn."""
        for line in before:
            stop.check()
            self.lines.append(found := self._settled(line))
            place = f"{line.account}: " if line.account else ""
            self.hands.tell(f"{place}{line.assumption.name}: {found.why or found.value}")

    def clean(self) -> None:
        """Remove everything that was made."""
        for site in self._sites.values():
            site.clean()
        self._org.clean()

    def left(self) -> tuple[LeftBehind, ...]:
        """What was not removed."""
        every = (*(site.made for site in self._sites.values()), self._org.made)
        return tuple(thing for made in every for thing in made.left())

    def _settled(self, line: Line) -> Line:
        name, key = line.assumption.name, line.account
        try:
            value = of_org.PROBES[name](self._org) if not key else of_account.PROBES[name](self._sites[key])
        except UnsettledError as doubt:
            if doubt.keeps:
                return replace(line, why=doubt.why)
            self._keep(line, "")
            return replace(line, value="", at="", why=doubt.why)
        except RemoteError as error:
            return replace(line, why=f"{error.summary}{f' ({error.detail})' if error.detail else ''}")
        self._keep(line, value)
        return replace(line, value=value, at=self.at)

    def _keep(self, line: Line, value: str) -> None:
        self.answers.append(Found(line.assumption.name, line.account, value, self.at, self.ids[line.account]))


def _intent(desired: Desired, names: tuple[str, ...], domain: str) -> Intent:
    everything = Intent((), (), of_salesforce=False, domain=domain, names=names or tuple(a.name for a in ASSUMPTIONS))
    accounts = tuple(one for one in desired.accounts if one.enabled and any(_of(everything, of_salesforce=False)))
    quiet = tuple(one.key for one in accounts if one.double_opt_in is DoubleOptIn.NOT_ENFORCED)
    return replace(
        everything,
        accounts=quiet,
        left_out=tuple(
            (one.key, f"{_MAY_MAIL} (dotdigital.accounts.{one.key}.double_opt_in: not_enforced)")
            for one in accounts
            if one.key not in quiet
        ),
        of_salesforce=any(_of(everything, of_salesforce=True)),
    )


def _of(wanted: Intent, *, of_salesforce: bool) -> Iterator[Assumption]:
    return (one for one in ASSUMPTIONS if one.name in wanted.names and one.of_salesforce is of_salesforce)
