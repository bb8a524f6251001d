"""Problems of single rows (`sfdd errors`), and people who are to be forgotten (`sfdd forget`)."""

from __future__ import annotations

from sfdd_declare.app.home import holder, open_home, read_home
from sfdd_declare.app.operate import without_credentials
from sfdd_declare.app.options import Options
from sfdd_declare.model.errors import UsageError
from sfdd_declare.model.state import LedgerEntry
from sfdd_declare.store.by_hand import Forgotten


def problems(options: Options) -> tuple[LedgerEntry, ...]:
    """Everything that did not go through and has not gone through since."""
    with read_home(without_credentials(options), options) as state:
        return state.ledger()


def set_parked(options: Options, records: tuple[str, ...], *, parked: bool) -> int:
    """Park problems, or have them tried again; says how many. Raises UsageError for a record without one."""
    with open_home(without_credentials(options), options, create=False) as state:
        known = {entry.record for entry in state.ledger()}
        for record in records:
            if record not in known:
                named = "An address" if "@" in record else f"`{record}`"
                raise UsageError("SFDD-E9030", f"{named} has no problem on record.", hint="sfdd errors")
        if not known:
            return 0
        with state.lock(holder("errors"), timeout=options.lock_timeout) as lease:
            return state.set_parked(lease, records, parked=parked)


def forget(options: Options, email: str) -> Forgotten:
    """Drop what the state knows about a person, opt-outs excepted, so that the next run sees them for the first time.

    Raises UsageError for what is no address.
    """
    if "@" not in email:
        raise UsageError("SFDD-E9031", "This is not an email address.", hint="sfdd forget ada@example.com")
    with open_home(without_credentials(options), options, create=False) as state:
        if state.header().fresh:
            return Forgotten(0, 0, 0)
        with state.lock(holder("forget"), timeout=options.lock_timeout) as lease:
            return state.forget(lease, email)
