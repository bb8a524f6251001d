"""What waits for a human, told from what the state keeps: nothing is read from Salesforce or Dotdigital for it.

Rows that are tried again, and a set-up that differs from the configuration, wait for nobody here: the next run, or the
next apply, sees to them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from sfdd_declare.model.address import link as link_address
from sfdd_declare.model.declared import Desired
from sfdd_declare.model.notice import Condition, Kind
from sfdd_declare.model.schedule import Schedule
from sfdd_declare.model.service import LinkStatus
from sfdd_declare.model.standing import INTERRUPTED, Running, is_failure, is_under_way
from sfdd_declare.model.state import LedgerEntry, RunDetails, RunRecord
from sfdd_declare.people import held
from sfdd_declare.render.words import counted

#: The command that settles what is held; where none does it alone, the plan shows whom it is about.
_COMMANDS = {
    held.FIRST_SYNC: "sfdd apply --accept-first-sync",
    held.UNKNOWN: "sfdd apply --accept-first-sync",
    held.RENEWED: "sfdd apply --allow blanked",
    held.REFUSED: "sfdd errors",
    held.PROBLEM: "sfdd errors",
    held.BY_HAND: "sfdd sync NAME",
}
_SHOWS = "sfdd plan"
_WORDS = {words.what: (reason, words.detail) for reason, words in held.WORDS.items()}
_PEOPLE = "sync", "watch"


def links_of(desired: Desired, known: dict[str, LinkStatus], spread: float, now: datetime) -> tuple[LinkStatus, ...]:
    """Every declared link in the order of the files, with the schedule that is in force and its next turn."""
    found = []
    for one in desired.links:
        address, text = str(link_address(one.campaign, one.address_book)), desired.schedule_of(one)
        status = known.get(address, LinkStatus(address, one.campaign, one.address_book, text))
        turn = Schedule(text, desired.time_zone, spread).next(status.last or now)
        found.append(replace(status, schedule=text, next=turn))
    return tuple(found)


def settled(runs: Iterable[RunRecord], running: Running | None) -> tuple[RunRecord, ...]:
    """The runs, those marked as interrupted that nobody carries out any more: a killed run cannot say so itself."""
    return tuple(
        replace(run, result=INTERRUPTED)
        if is_under_way(run) and (running is None or running.since > run.started)
        else run
        for run in runs
    )


def told(runs: Iterable[RunRecord]) -> RunDetails:
    """What the newest run that came as far as a plan tells; nothing, where there is none."""
    return next((run.details for run in runs if run.details and not run.details.error), RunDetails())


def conditions(
    runs: Sequence[RunRecord], ledger: Iterable[LedgerEntry], links: Iterable[LinkStatus]
) -> tuple[Condition, ...]:
    """Everything that waits for a human. `runs`: the newest first."""
    details = told(runs)
    return (
        *(_failure(run) for run in runs[:1] if is_failure(run)),
        *(_guard(name, details.command) for name in details.blocked),
        *_held(details, tuple(links)),
        *_parked(ledger),
    )


def _failure(run: RunRecord) -> Condition:
    details = run.details or RunDetails()
    if details.error:
        number = details.error.partition(":")[0]
        return Condition(Kind.FAILURE, number, details.attempts, details.error, f"sfdd history {run.run}")
    again = "sfdd sync" if details.command in _PEOPLE else "sfdd apply"
    return Condition(Kind.FAILURE, run.run, 1, f"the last run was {run.result}", again)


def _guard(name: str, command: str) -> Condition:
    said = f"the guard {name} holds something back"
    return Condition(
        Kind.GUARD, name, 1, said, f"sfdd plan, then sfdd {'sync' if command in _PEOPLE else 'apply'} --allow {name}"
    )


def _held(details: RunDetails, links: tuple[LinkStatus, ...]) -> Iterator[Condition]:
    """What the last run says; of a delta or of some links it does not say all, so links tell the rest."""
    shown = [(what, people) for what, people in details.held if _reason(what) != held.PARKED]
    for what, people in shown:
        yield _held_one(what, people)
    pending, waiting = (sum(numbers) for numbers in zip((0, 0), *((x.pending, x.held) for x in links), strict=True))
    of_leads = held.WORDS[held.PENDING].what
    if pending and of_leads not in dict(shown):
        yield _held_one(of_leads, pending)
    if waiting and not set(dict(shown)) - {of_leads}:
        yield Condition(Kind.HELD, "held", waiting, counted(waiting, "people held, as counted last"), _SHOWS)


def _held_one(what: str, people: int) -> Condition:
    reason, detail = _WORDS.get(what, ("", ""))
    more = f": {detail}" if detail and "`sfdd" not in detail else ""
    return Condition(Kind.HELD, what, people, f"{counted(people, what)}{more}", _COMMANDS.get(reason, _SHOWS))


def _parked(ledger: Iterable[LedgerEntry]) -> Iterator[Condition]:
    if rows := sum(entry.parked for entry in ledger):
        yield Condition(Kind.PARKED, "ledger", rows, counted(rows, "rows parked"), "sfdd errors, sfdd errors retry")


def _reason(what: str) -> str:
    return _WORDS.get(what, ("", ""))[0]
