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
#: So many ids are named where one would do.
_SHOWN = 5


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
    """The last runs, the newest first, or the one that is named. Raises UsageError for one that is not there,
    and for the beginning of several ids.
    """
    with read_home(without_credentials(options), options) as state:
        running = _running(state, options.now())
        if run is None:
            return settled(state.runs(count), running)
        found = state.named(run, _SHOWN + 1)
        if not found:
            raise UsageError("SFDD-E9057", f"No run has an id that is or begins with `{run}`.", hint="sfdd history")
        if len(found) > 1:
            shown = [one.run for one in found[:_SHOWN]] + ["…"] * (len(found) > _SHOWN)
            summary = f"More than one run has an id that begins with `{run}`: {', '.join(shown)}."
            raise UsageError("SFDD-E9057", summary, hint=f"sfdd history {found[0].run}")
        return settled(found, running)


def _running(state: State, now: datetime) -> Running | None:
    """Who holds the state and lives."""
    found, here = state.holder(), holder("status").host
    return None if found is None or is_dead(found, here, now) else Running(str(found.holder), found.since)
