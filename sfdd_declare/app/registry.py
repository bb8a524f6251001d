"""`sfdd registry`: the objects as a package for an admin to deploy, and rows that a copied org brought along."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from sfdd_declare.app.home import open_home
from sfdd_declare.app.options import Options
from sfdd_declare.app.pause import Stop
from sfdd_declare.app.state_row import is_same_org
from sfdd_declare.app.validate import configuration
from sfdd_declare.app.wiring import connect
from sfdd_declare.model import registry
from sfdd_declare.model.errors import UsageError
from sfdd_declare.model.ports import SetupQuestion
from sfdd_declare.salesforce.package import package_zip


def package(path: Path) -> None:
    """Write the metadata package (a zip with package.xml). Raises UsageError when the file cannot be written."""
    try:
        path.write_bytes(package_zip())
    except OSError as error:
        raise UsageError(
            "SFDD-E9006", f"cannot write {path}: {error.strerror}", hint="sfdd registry package --zip FILE"
        ) from error


def clean(options: Options) -> int:
    """Delete the rows of states that belong to another org, of which this one is a copy (RUN-8); says how many.

    A lineage that has a row of this org, too, and our own one are left alone.
    """
    desired = configuration(options)
    with (
        open_home(desired, options, create=False) as state,
        closing(connect(desired, state, environ=options.environ, pause=Stop(options.stop).pause)) as systems,
    ):
        lineage, reader = state.header().lineage, systems.readers.salesforce.setup
        look = reader.first_look(registry.OBJECTS, registry=True)
        live = reader.setup(SetupQuestion((), (), (), registry=True, lineage=lineage), look)
        copied = [row for row in look.states or () if not is_same_org(row.org_id, live.org_id)]
        copied = [row for row in copied if row.lineage != lineage]
        lineages = {row.lineage for row in copied}
        rows = [(row.sobject, str(row.id)) for row in live.other_lineages if row.lineage in lineages]
        rows += [(registry.STATE, str(row.id)) for row in copied]
        return systems.delete_rows(rows) if rows else 0
