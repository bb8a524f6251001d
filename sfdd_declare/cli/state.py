"""`sfdd state`: what is managed, what the state is, and the ways back when it is lost, old, or in another world."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sfdd_declare.cli import consoles, flags, machine
from sfdd_declare.cli.session import session_of

_HERE = Path(".")

Forget = Annotated[
    bool, typer.Option("--forget", help="Put aside what is there: everybody is seen for the first time again.")
]
Copy = Annotated[
    str | None,
    typer.Argument(metavar="[BACKUP]", help="A file, or a name by `sfdd state show`; without, the newest."),
]
Pulled = Annotated[Path, typer.Argument(metavar="FILE", help="The file to write; there must be none yet.")]
Pushed = Annotated[Path, typer.Argument(metavar="FILE", help="A state that was pulled.")]
Target = Annotated[
    str, typer.Argument(metavar="TARGET", help="A file, or `postgresql://…`, `s3://…`, `gs://…`, `az://…`.")
]
AccountKey = Annotated[
    str | None, typer.Argument(metavar="[ACCOUNT]", help="Key of a Dotdigital account; without one, all that is bound.")
]


def resources(
    context: typer.Context,
    *,
    folder: flags.Folder = _HERE,
    env: flags.Env = None,
    var: flags.Variables = None,
    as_json: flags.Json = False,
) -> int:
    """List what is managed, with its ids.

    \b
    Example:
      sfdd state list
    """
    session = session_of(context)
    found = session.cases.resources(flags.options(session, folder, env, var=var))
    if as_json:
        from sfdd_declare.render.machine.state import resources_document

        machine.write(resources_document(found))
        return 0
    from sfdd_declare.render.listing import resources_text

    resources_text(found, consoles.results())
    return 0


def show(
    context: typer.Context,
    *,
    folder: flags.Folder = _HERE,
    env: flags.Env = None,
    var: flags.Variables = None,
    as_json: flags.Json = False,
) -> int:
    """Show which state this is.

    Its lineage, the org and accounts it belongs to, the last applies, and the copies beside it. Nothing about people.

    \b
    Example:
      sfdd state show --env staging
    """
    session = session_of(context)
    found = session.cases.show_state(flags.options(session, folder, env, var=var))
    header = found.header
    if as_json:
        from sfdd_declare.render.machine.state import state_document

        document = state_document(found.place, header, found.runs, found.copies, taken_over=found.taken_over)
        machine.write(document)
        return 0
    consoles.say(f"State    {found.place}" + (" (nothing applied yet)" if header.fresh else ""))
    consoles.say(f"Lineage  {header.lineage}, serial {header.serial}, format {header.format_version}")
    accounts = ", ".join(f"{key} = {account_id}" for key, account_id in header.bound.accounts)
    consoles.say(f"Org      {header.bound.org_id or 'not bound: the next apply does it'}")
    consoles.say(f"Accounts {accounts or 'not bound'}")
    for run in found.runs:
        consoles.say(f"Apply    {run.run} {run.result or 'under way'}")
    for copy in found.copies:
        consoles.say(f"Backup   {copy}")
    if found.taken_over:
        consoles.say("It was restored or taken over; `sfdd apply --accept-first-sync` settles what it may not know.")
    return 0


def init(
    context: typer.Context,
    *,
    forget: Forget = False,
    folder: flags.Folder = _HERE,
    env: flags.Env = None,
    var: flags.Variables = None,
) -> int:
    """Begin a state.

    Apply does it by itself; this is for starting over on purpose, where copies or rows in the org say that there was
    another. Nobody is mailed for it: the next run is a first one.

    \b
    Examples:
      sfdd state init
      sfdd state init --forget
    """
    session = session_of(context)
    header = session.cases.init_state(flags.options(session, folder, env, var=var), forget)
    consoles.say(f"A new state with the lineage {header.lineage}.")
    return 0


def restore(
    context: typer.Context,
    *,
    backup: Copy = None,
    folder: flags.Folder = _HERE,
    env: flags.Env = None,
    var: flags.Variables = None,
) -> int:
    """Put a backup in the state's place.

    What stood there is kept as `.replaced`. The next apply tells the org that it goes on with this one; what it does
    not know of memberships waits for `--accept-first-sync`.

    \b
    Examples:
      sfdd state restore
      sfdd state restore .sfdd/state.db.backup.1
    """
    session = session_of(context)
    copy, header = session.cases.restore_state(flags.options(session, folder, env, var=var), backup)
    consoles.say(f"Restored {copy}: lineage {header.lineage}, serial {header.serial}. Look at `sfdd plan` next.")
    return 0


def pull(
    context: typer.Context,
    *,
    file: Pulled,
    folder: flags.Folder = _HERE,
    env: flags.Env = None,
    var: flags.Variables = None,
) -> int:
    """Write the state into a file.

    As it is at this moment, from wherever it lives. It holds no readable personal data; without SFDD_KEY it holds the
    key of its hashes: keep it like a secret.

    \b
    Example:
      sfdd state pull before-the-move.db
    """
    session = session_of(context)
    header = session.cases.pull_state(flags.options(session, folder, env, var=var), file)
    consoles.say(f"Wrote {file}: lineage {header.lineage}, serial {header.serial}.")
    return 0


def push(
    context: typer.Context,
    *,
    file: Pushed,
    folder: flags.Folder = _HERE,
    env: flags.Env = None,
    var: flags.Variables = None,
) -> int:
    """Put a file in the state's place.

    Only one that goes on from what is there: another state, an older one, or one that lacks a run is refused. To go
    back on purpose there is `sfdd state restore FILE`.

    \b
    Example:
      sfdd state push repaired.db
    """
    session = session_of(context)
    header = session.cases.push_state(flags.options(session, folder, env, var=var), file)
    consoles.say(f"Pushed {file}: lineage {header.lineage}, serial {header.serial}. Look at `sfdd plan` next.")
    return 0


def migrate(
    context: typer.Context,
    *,
    target: Target,
    folder: flags.Folder = _HERE,
    env: flags.Env = None,
    var: flags.Variables = None,
) -> int:
    """Move the state to another place.

    Nobody may be applying meanwhile. What is left behind only says where the state is; name the new place with the key
    `state`, or with the variable SFDD_STATE, next.

    \b
    Examples:
      sfdd state migrate s3://our-states/crm/state.db
      sfdd state migrate .sfdd/env/staging.db
    """
    session = session_of(context)
    place, header = session.cases.migrate_state(flags.options(session, folder, env, var=var), target)
    consoles.say(f"The state (lineage {header.lineage}, serial {header.serial}) lives at {place} now.")
    consoles.say(f"Write it down: `state: {place}`, or SFDD_STATE.")
    return 0


def rebind(
    context: typer.Context,
    *,
    account: AccountKey = None,
    folder: flags.Folder = _HERE,
    env: flags.Env = None,
    var: flags.Variables = None,
    lock_timeout: flags.LockTimeout = 0.0,
) -> int:
    """Bind the state to another org or account.

    To those that the credentials lead to. People of an account that is another one are forgotten, for another org all;
    opt-outs that are remembered by address stay. The next run is a first one.

    \b
    Examples:
      sfdd state rebind main
      sfdd state rebind --env staging
    """
    session = session_of(context)
    asked = flags.options(session, folder, env, var=var, lock_timeout=lock_timeout)
    found = session.cases.rebind_state(asked, account)
    if not found.bound.org_id:
        consoles.say("Nothing to do: the state belongs there already.")
        return 0
    accounts = ", ".join(f"{key} = {account_id}" for key, account_id in found.bound.accounts)
    consoles.say(f"Bound to the Salesforce org {found.bound.org_id} and the Dotdigital accounts {accounts}.")
    consoles.say(f"Forgotten: {found.forgotten.pairs:,} people, {found.forgotten.memberships:,} memberships.")
    return 0
