"""`sfdd plan`: what apply would do, read from both live systems. Writes nothing, takes no lease."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime

from sfdd_declare.app.home import read_home, run_directory
from sfdd_declare.app.inputs import Inputs
from sfdd_declare.app.options import Options
from sfdd_declare.app.pause import Stop
from sfdd_declare.app.prepare import prepare
from sfdd_declare.app.validate import configuration
from sfdd_declare.app.wiring import connect
from sfdd_declare.model.plan import Plan
from sfdd_declare.model.ports import Watch


def plan(options: Options, watch: Watch) -> Plan:
    """Read both systems and the state, and say what would change."""
    desired = configuration(options)
    with (
        read_home(desired, options) as state,
        closing(run_directory(desired, options.environ)) as spool,
        closing(connect(desired, state, environ=options.environ, pause=Stop(options.stop).pause)) as systems,
    ):
        return prepare(Inputs(desired, state, systems.readers, spool, options, watch, now))


def now() -> datetime:
    return datetime.now(UTC)
