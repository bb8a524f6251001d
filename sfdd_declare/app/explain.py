"""`sfdd explain`: read both systems as a plan does, then say everything about one person."""

from __future__ import annotations

from contextlib import closing

from sfdd_declare.app.home import read_home, run_directory
from sfdd_declare.app.inputs import Inputs
from sfdd_declare.app.options import Options
from sfdd_declare.app.pause import Stop
from sfdd_declare.app.prepare import prepared
from sfdd_declare.app.validate import configuration
from sfdd_declare.app.wiring import connect
from sfdd_declare.model.errors import UsageError
from sfdd_declare.model.explanation import Explanation
from sfdd_declare.model.ports import Watch
from sfdd_declare.people import explain as people


def explain(options: Options, who: str, watch: Watch) -> Explanation:
    """Who is an email address, a Salesforce Id or a contact id. Raises UsageError for somebody nobody has read."""
    desired = configuration(options)
    with (
        read_home(desired, options) as state,
        closing(run_directory(desired, options.environ)) as spool,
        closing(connect(desired, state, environ=options.environ, pause=Stop(options.stop).pause)) as systems,
    ):
        found = prepared(Inputs(desired, state, systems.readers, spool, options, watch, options.now))
        explanation = people.explain(found.question, spool, who)
    if explanation.is_empty:
        summary = "Nobody is known by this address or id: not in a linked campaign, nor on a linked address book."
        raise UsageError("SFDD-E9033", summary, hint="sfdd explain EMAIL|ID")
    return explanation
