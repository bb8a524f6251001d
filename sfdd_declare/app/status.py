"""`sfdd status` and `sfdd history`: how everything stands and what was done, by the state alone."""

from __future__ import annotations

from datetime import datetime

from sfdd_declare.app.home import configuration_name, holder, read_home, state_place
from sfdd_declare.app.operate import without_credentials
from sfdd_declare.app.options import Options
from sfdd_declare.app.standing import conditions, links_of, settled, told
from sfdd_declare.model.errors import UsageError
from sfdd_declare.model.schedule import spread_of
from sfdd_declare.model.standing import Running, Standing
from sfdd_declare.model.state import RunRecord
from sfdd_declare.store.database import shown_place
from sfdd_declare.store.lease import is_dead
from sfdd_declare.store.state import State

#: So many runs back one is looked for that came as far as a plan.
_RUNS = 50


def status(options: Options) -> Standing:
    """How each link stands, the last run, who runs right now, and what waits for a human."""
    desired, now = without_credentials(options), options.now()
    with read_home(desired, options) as state:
        header, running = state.header(), _running(state, now)
        runs = settled(state.runs(_RUNS), running)
        links = links_of(desired, dict(state.links()), spread_of(header.lineage), now)
        return Standing(
            configuration=configuration_name(desired, options),
            place=shown_place(state_place(desired, options)),
            now=now,
            is_new=not runs,
            exists=header.exists,
            links=links,
            last=runs[0] if runs else None,
            running=running,
            setup_left=told(runs).setup_left,
            conditions=conditions(runs, state.ledger(), links),
        )


def history(options: Options, run: str | None, count: int) -> tuple[RunRecord, ...]:
    """The last runs, the newest first, or the one that is named. Raises UsageError for one that is not there."""
    with read_home(without_credentials(options), options) as state:
        running = _running(state, options.now())
        if run is None:
            return settled(state.runs(count), running)
        found = state.run(run)
        if found is None:
            summary = f"No run, or more than one, has an id that is or begins with `{run}`."
            raise UsageError("SFDD-E9057", summary, hint="sfdd history")
        return settled((found,), running)


def _running(state: State, now: datetime) -> Running | None:
    """Who holds the state and lives."""
    found, here = state.holder(), holder("status").host
    return None if found is None or is_dead(found, here, now) else Running(str(found.holder), found.since)
