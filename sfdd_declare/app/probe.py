"""`sfdd probe`: settles what is assumed about the vendors, on the live systems, with things that are thrown away.

Whatever ends it, what was made is removed first, or by the next probe, and what was found until then is kept. No
contact that is made is a person, and none is made where an account might mail it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC

from sfdd_declare.app.home import holder, open_home, read_home
from sfdd_declare.app.operate import without_credentials
from sfdd_declare.app.options import Options
from sfdd_declare.app.pause import Stop
from sfdd_declare.app.probes.trials import Trials
from sfdd_declare.app.same_world import require_same
from sfdd_declare.app.validate import configuration
from sfdd_declare.app.wiring import connect
from sfdd_declare.model import assumed
from sfdd_declare.model.assumed import Hands, Intent, LeftBehind, Line, Probed
from sfdd_declare.model.begun import begun
from sfdd_declare.model.declared import Desired, DoubleOptIn
from sfdd_declare.model.rules import ASSUMPTIONS, Assumption
from sfdd_declare.plan import budget

_MAY_MAIL = "an account that may ask new contacts to confirm is given none"


def intent(options: Options, names: tuple[str, ...], domain: str) -> Intent:
    """What a probe would make, and what of earlier ones it would remove. No system is called."""
    desired = without_credentials(options)
    with read_home(desired, options) as state:
        unfinished = begun(state.marks())
    return replace(_intent(desired, names, domain), unfinished=unfinished)


def known(options: Options, names: tuple[str, ...]) -> Probed:
    """What was found so far, and what is assumed still. No system is called."""
    desired = without_credentials(options)
    with read_home(desired, options) as state:
        header, marks = state.header(), state.marks()
    ids = {"": header.bound.org_id, **dict(header.bound.accounts)} if header.bound.org_id else None
    keys = [account.key for account in desired.accounts if account.enabled]
    return Probed(assumed.lines(marks, keys, names, ids), unfinished=begun(marks))


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
        at = f"{options.now().astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
        trials = Trials(
            wanted, systems, hands, at, known=state.marks(), keep=lambda marks: state.keep_marks(lease, marks)
        )
        left: tuple[LeftBehind, ...] = ()
        trials.begin()
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
                unfinished = begun(state.marks())
    left_out = [Line(one, key, why=why) for key, why in wanted.left_out for one in _of(wanted, of_salesforce=False)]
    return Probed((*trials.lines, *left_out), left, calls, unfinished)


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
