"""How a configuration stands: the last run, the set-up that is left, each link, and what waits for a human."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console, RenderableType
from rich.text import Text

from sfdd_declare.model.schedule import MANUAL
from sfdd_declare.model.service import LinkStatus
from sfdd_declare.model.standing import Standing, has_told
from sfdd_declare.model.state import RunDetails
from sfdd_declare.model.visible import safe
from sfdd_declare.render import runs
from sfdd_declare.render.layout import (
    Column,
    Entry,
    Section,
    aligned,
    counts,
    hanging,
    indented,
    print_line,
    print_sections,
)
from sfdd_declare.render.times import age, moment
from sfdd_declare.render.words import listed, number

_COLUMNS = (
    Column("Members", "members"),
    Column("In step", "in step"),
    Column("Pending", "leads pending"),
    Column("Failed", "failed"),
    Column("Parked", "parked"),
    Column("Held", "held"),
    Column("Opted out", "opted out"),
    Column("Others", "left out for another reason"),
)


def status_text(standing: Standing, console: Console, *, verbose: bool) -> None:
    """Print it; the conclusion stands first and last."""
    summary = Text(_summary(standing), style="bold")
    print_line(summary, console)
    if standing.is_new:
        print_line(Text("Hint: sfdd apply"), console)
        return
    console.print()
    width = console.width
    sections = (
        Section("Last run", tuple(_last(standing, width))),
        Section("Running now", tuple(_running(standing))),
        Section("Set-up that differs, as of the last run", tuple(_setup(standing))),
        Section("Members by link", tuple(_numbers(standing.links, width, verbose=verbose))),
        Section("Schedule", tuple(_turns(standing, width))),
        Section("Waiting for you", tuple(_waiting(standing))),
    )
    print_sections(sections, console)
    print_line(summary, console)


def _summary(standing: Standing) -> str:
    name = safe(standing.configuration)
    if standing.is_new:
        nowhere = "" if standing.exists else f", there is no state at {safe(standing.place)}"
        return f"{name}: nothing was applied yet{nowhere}."
    things = len(standing.conditions)
    if not things:
        return f"{name}: nothing waits for a human."
    return f"{name}: {'1 thing waits' if things == 1 else f'{number(things)} things wait'} for a human."


def _last(standing: Standing, width: int) -> Iterator[RenderableType]:
    run = standing.last
    if run is None:
        return
    details = run.details or RunDetails()
    ago = age(run.started, standing.now)
    rows = [
        ("Run", safe(run.run), ""),
        ("Command", f"sfdd {safe(details.command)}" if details.command else "", ""),
        ("By", runs.by(run), ""),
        ("Started", f"{moment(run.started)}, {ago} ago" + (f", took {runs.took(run)}" if run.finished else ""), ""),
        ("Result", runs.result(run), runs.style(run)),
        ("Did", runs.did(details) if has_told(run) else "", ""),
        ("Error", safe(details.error), ""),
    ]
    yield aligned([Entry(Text(), Text(name), Text(said, style=style)) for name, said, style in rows if said], width, 2)


def _running(standing: Standing) -> Iterator[RenderableType]:
    if standing.running is not None:
        since = age(standing.running.since, standing.now)
        yield indented(Text(f"{safe(standing.running.who)}, for {since}"))


def _setup(standing: Standing) -> Iterator[RenderableType]:
    if standing.setup_left:
        yield indented(Text(", ".join(safe(address) for address in standing.setup_left)))
        yield indented(Text("`sfdd apply` carries it out; a synchronisation does not.", style="dim"))


def _numbers(links: tuple[LinkStatus, ...], width: int, *, verbose: bool) -> Iterator[RenderableType]:
    known = [link for link in links if link.last is not None]
    if not known:
        return
    rows = [(Text(safe(link.link)), _counts(link)) for link in known]
    if not any(any(numbers) for _, numbers in rows):
        yield indented(Text(f"No link has a member: {listed(tuple(label.plain for label, _ in rows))}."))
        return
    yield counts("Link", _COLUMNS, rows, width)
    if verbose:
        yield from (_others(link) for link in known if link.others)


def _counts(link: LinkStatus) -> tuple[int, ...]:
    others = sum(people for _, people in link.others)
    shown = (link.members, link.in_step, link.pending, link.failed, link.parked, link.held, link.opted_out)
    return (*shown, others)


def _others(link: LinkStatus) -> RenderableType:
    reasons = "; ".join(f"{number(people)} {safe(reason)}" for reason, people in link.others)
    return indented(Text(f"{safe(link.link)} left out: {reasons}", style="dim"))


def _turns(standing: Standing, width: int) -> Iterator[RenderableType]:
    entries = [Entry(Text(), Text(safe(x.link), style="bold"), _turn(x, standing)) for x in standing.links]
    if entries:
        yield aligned(entries, width, 2)


def _turn(link: LinkStatus, standing: Standing) -> Text:
    by_hand = link.schedule == MANUAL
    parts = [Text(f"by hand: `sfdd sync {safe(link.link.partition('.')[2])}`" if by_hand else safe(link.schedule))]
    if link.last_ok is None and not by_hand:
        parts.append(Text("waiting for the first synchronisation", style="yellow"))
    elif link.last_ok is None:
        parts.append(Text("never synchronised yet"))
    if link.last is not None:
        parts.append(Text(f"last run {moment(link.last)}"))
    if link.last_ok is not None:
        whole = "complete" if link.last_ok == link.last else f"last complete {moment(link.last_ok)}"
        parts.append(Text(whole))
    if link.next is not None:
        is_late = link.next < standing.now
        parts.append(
            Text(f"{'due since' if is_late else 'next'} {moment(link.next)}", style="yellow" if is_late else "")
        )
    if link.oldest is not None:
        waits = f"oldest change not carried yet: {age(link.oldest, standing.now)}"
        parts.append(Text(waits, style="yellow"))
    if link.counted is not None and link.counted != link.last:
        parts.append(Text(f"counted {age(link.counted, standing.now)} ago", style="dim"))
    return Text(", ").join(parts)


def _waiting(standing: Standing) -> Iterator[RenderableType]:
    for condition in standing.conditions:
        text = Text(safe(condition.text).rstrip("."))
        if condition.hint:
            text.append(f". Hint: {safe(condition.hint)}", style="dim")
        yield hanging(Text("!", style="yellow"), text)
