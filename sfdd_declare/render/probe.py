"""What is assumed about the vendors, what was found, and what a probe is about to make."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from rich.console import Console, RenderableType
from rich.text import Text

from sfdd_declare.model.assumed import Intent, LeftBehind, Line, Probed
from sfdd_declare.model.begun import Begun
from sfdd_declare.model.rules import ASSUMPTIONS
from sfdd_declare.model.visible import safe
from sfdd_declare.render.layout import Entry, Section, aligned, indented, print_line, print_sections
from sfdd_declare.render.times import moment
from sfdd_declare.render.words import counted, listed

_UNKNOWN, _AS_ASSUMED, _OTHERWISE = Text("?"), Text("="), Text("~", style="bold")


def intent_text(intent: Intent, console: Console) -> None:
    """Print what will be made, and that it will be removed again."""
    made = []
    on_contacts = [one for one in ASSUMPTIONS if not one.of_salesforce and not one.is_zone]
    contacts = sum(one.name in intent.names for one in on_contacts)
    if intent.accounts:
        accounts = listed(tuple(safe(key) for key in intent.accounts))
        made.append(
            f"Dotdigital ({accounts}): in each account a private address book, a private data field and "
            f"{counted(contacts, 'contacts')} with addresses like sfdd-probe-1a2b3c4d-1@{safe(intent.domain)}. "
            "Nothing is sent to anybody."
        )
    if intent.of_salesforce:
        made.append("Salesforce: an inactive campaign, a contact without an address, and that contact as its member.")
    made += [f"Dotdigital ({safe(key)}): nothing is made: {safe(why)}." for key, why in intent.left_out]
    print_sections(
        (
            Section("For the time of the probe are made:", tuple(indented(Text(one)) for one in made)),
            _unfinished(
                "Removed as well, where these are the account and org, is what earlier probes left behind:",
                intent.unfinished,
            ),
        ),
        console,
    )
    print_line(
        Text("All of it is removed at the end; deleted contacts and records stay in the recycle bins for a while."),
        console,
    )


def probed_text(probed: Probed, console: Console) -> None:
    """Print a table by account, what could not be settled, and what was left behind."""
    groups: dict[str, list[Line]] = {}
    for line in probed.lines:
        groups.setdefault(line.account, []).append(line)
    titles = {key: f"Dotdigital, account {safe(key)}" if key else "Salesforce" for key in groups}
    sections = [
        Section(titles[key], (indented(aligned([_entry(line) for line in lines], console.width, 2)),))
        for key, lines in groups.items()
    ]
    print_sections(sections, console)
    left_text(probed.left, console)
    if not any(probed.calls):
        title = "Left behind by probes that were killed or hindered; the next `sfdd probe` there removes it:"
        print_sections((_unfinished(title, probed.unfinished),), console)
    print_line(Text(_summary(probed), style="bold"), console)


def left_text(left: tuple[LeftBehind, ...], console: Console) -> None:
    """Print what could not be removed, and how to do it."""
    title = "Could not be removed; the next `sfdd probe` tries again, or do it by hand:"
    print_sections((Section(title, tuple(_left(left))),), console)


def _unfinished(title: str, every: tuple[Begun, ...]) -> Section:
    def said(one: Begun) -> Text:
        place = f"Dotdigital ({safe(one.account)})" if one.account else "Salesforce"
        began = moment(datetime.fromisoformat(one.at))
        return Text(f"{place}, id {safe(one.of)}: things with {safe(one.token)} in their names, since {began}.")

    return Section(title, tuple(indented(said(one)) for one in every))


def _left(left: tuple[LeftBehind, ...]) -> Iterator[RenderableType]:
    for thing in left:
        named = f"{thing.what} {safe(thing.name)}" + (f" (id {safe(thing.id)})" if thing.id else "")
        yield indented(Text(f"{named}: {safe(thing.why)}. {safe(thing.way)}."))


def _entry(line: Line) -> Entry:
    assumption = line.assumption
    symbol = _UNKNOWN if not line.value else _AS_ASSUMED if line.value == assumption.cautious else _OTHERWISE
    said = f"assumed {assumption.cautious}"
    if line.value:
        said += f", found {line.value}, {moment(datetime.fromisoformat(line.at))}"
    if line.why:
        said += f"; not settled now: {safe(line.why)}" if line.value else f"; not settled: {safe(line.why)}"
    return Entry(symbol, Text(assumption.name, style="bold"), Text(said))


def _summary(probed: Probed) -> str:
    """A line with neither calls nor reasons is of the state alone."""
    unsettled = [line for line in probed.lines if not line.is_settled]
    settled = len(probed.lines) - len(unsettled)
    if not any(probed.calls):
        return f"{settled:,} of {counted(len(probed.lines), 'assumptions')} known; the others stay as they are assumed."
    said = f"{counted(settled, 'assumptions')} settled"
    if unsettled:
        names = listed(tuple(dict.fromkeys(line.assumption.name for line in unsettled)))
        said += f"; not settled: {names}"
    return f"{said}. Calls: Salesforce {probed.calls[0]:,}, Dotdigital {probed.calls[1]:,}."
