"""`sfdd drift`: what somebody changed by hand, from one ordinary plan. Readers only: nothing is written."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path

from sfdd_declare.app.home import read_home, run_directory
from sfdd_declare.app.inputs import Inputs
from sfdd_declare.app.options import Options
from sfdd_declare.app.pause import Stop
from sfdd_declare.app.prepare import prepared
from sfdd_declare.app.validate import configuration
from sfdd_declare.app.wiring import connect
from sfdd_declare.config.base import counterpart
from sfdd_declare.config.ignore import judged, read_ignored
from sfdd_declare.model.drift import Drift, Ignored, PeopleDrifts, only, who, without_ignored
from sfdd_declare.model.loosened import Loosened
from sfdd_declare.model.ports import Watch
from sfdd_declare.plan.drift import drift_of
from sfdd_declare.plan.scope import enabled_accounts


def drift(options: Options, words: tuple[str, ...], ignore: Path | None, watch: Watch) -> Drift:
    """Read everybody, and say what was changed by hand.

    `words`: addresses or kinds that are asked for; none means all. `ignore`: the file that says what is known already.
    Raises ErrorList for what is wrong in it.
    """
    desired = configuration(options)
    lines, loosened = ignored_lines(ignore, options)
    with (
        read_home(desired, options) as state,
        closing(run_directory(desired, options.environ)) as spool,
        closing(connect(desired, state, environ=options.environ, pause=Stop(options.stop).pause)) as systems,
    ):
        found = prepared(Inputs(desired, state, systems.readers, spool, options, watch, options.now, asks_drift=True))
        accounts = (account.key for account in enabled_accounts(desired))
        whole = drift_of(found.plan, found.answer.drift or PeopleDrifts(), accounts)
        answer = only(without_ignored(whole, lines, options.now().date()), words)
        answer = replace(answer, loosened=(*answer.loosened, *loosened))
        if options.reveal and who(answer):
            names = systems.readers.salesforce.setup.user_names(who(answer))
            return replace(answer, names=tuple(sorted(names.items())))
        return answer


def ignored_lines(ignore: Path | None, options: Options) -> tuple[tuple[Ignored, ...], tuple[Loosened, ...]]:
    """The lines of the ignore file; of one that is part of a proposal, as far as the base's has them, and which of them
    say more. Raises ErrorList for what is wrong in either file.
    """
    if ignore is None:
        return (), ()
    lines = read_ignored(ignore)
    before = counterpart(ignore, options.folder, options.base) if options.base is not None else None
    if before is None:
        return lines, ()
    return judged(read_ignored(before) if before.is_file() else (), lines)
