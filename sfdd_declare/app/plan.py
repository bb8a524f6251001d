"""`sfdd plan`: what apply would do, read from both live systems. Writes nothing, takes no lease."""

from __future__ import annotations

from contextlib import closing

from sfdd_declare.app.home import read_home, run_directory
from sfdd_declare.app.inputs import Inputs
from sfdd_declare.app.options import Options
from sfdd_declare.app.pause import Stop
from sfdd_declare.app.plan_file import Shown, in_clear, options_of, require_state, save
from sfdd_declare.app.prepare import prepare
from sfdd_declare.app.validate import configuration, validate
from sfdd_declare.app.wiring import connect
from sfdd_declare.model.errors import DeclareError
from sfdd_declare.model.plan import Plan
from sfdd_declare.model.ports import Watch
from sfdd_declare.store import planfile


def plan(options: Options, watch: Watch) -> Plan:
    """Read both systems and the state, and say what would change; keep it in a plan file where one is asked for."""
    desired = configuration(options)
    with (
        read_home(desired, options) as state,
        closing(run_directory(desired, options.environ)) as spool,
        closing(connect(desired, state, environ=options.environ, pause=Stop(options.stop).pause)) as systems,
    ):
        if options.out is not None:
            require_state(state.header())
        inputs = Inputs(desired, state, systems.readers, spool, options, watch, options.now)
        found = prepare(inputs)
        if options.out is not None:
            save(found, inputs, options.out)
        return found


def show(options: Options) -> Shown:
    """A plan file, and whether its seal is this state's. Reads neither of the systems."""
    path = options.file
    assert path is not None
    file = planfile.read(path)
    if options.reveal:
        file = in_clear(file, path, options)
    options = options_of(options)
    try:
        with read_home(validate(options), options) as state:
            header = state.header()
            return Shown(file, planfile.is_sealed(path, header.hash_key) if header.exists else None)
    except DeclareError:  # it can be read without the configuration and the state that it was made from
        return Shown(file, None)
