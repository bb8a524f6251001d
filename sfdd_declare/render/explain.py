"""One person: which records match and which one writes, each book and why, consent, and what is about to change."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console, RenderableType
from rich.text import Text

from sfdd_declare.model.explanation import AccountView, BookView, ChangeView, ContactView, Explanation, RecordView
from sfdd_declare.model.visible import safe
from sfdd_declare.render.layout import Entry, Section, aligned, indented, print_sections
from sfdd_declare.render.words import ARROW, BLANK, personal


def explanation_text(explanation: Explanation, console: Console, *, reveal: bool) -> None:
    """Print everything, account by account; values masked unless revealed."""
    several = len(explanation.accounts) > 1
    for view in explanation.accounts:
        if view.is_empty:
            continue
        prefix = f"{safe(view.account)}: " if several else ""
        width = console.width
        sections = (
            Section(f"{prefix}Records in Salesforce", _table((_record(r, reveal) for r in view.records), width)),
            Section(f"{prefix}Contact in Dotdigital", _table((_contact(c, reveal) for c in view.contacts), width)),
            Section(f"{prefix}Address books", _table((_book(b) for b in view.books), width)),
            Section(f"{prefix}Consent", tuple(indented(Text(line)) for line in _consent(view))),
            Section(f"{prefix}What the next apply does", tuple(_changes(view, reveal, width))),
        )
        print_sections(sections, console)


def _table(entries: Iterator[Entry], width: int) -> tuple[RenderableType, ...]:
    rows = list(entries)
    return (indented(aligned(rows, width, 2)),) if rows else ()


def _record(record: RecordView, reveal: bool) -> Entry:
    role = "its values travel" if record.writes else f"nothing is written: {safe(record.hold)}" if record.hold else ""
    said = (
        safe(record.record_type),
        personal(record.email, reveal=reveal) or "no address",
        role or "shadowed: another record of this person writes (ID-3); its consent counts",
        f"pair of contact {record.contact_id}" if record.is_known else "",
        "Email Opt Out is ticked" if record.opted_out else "",
    )
    return Entry(Text(), Text(safe(record.sf_id), style="bold"), Text(", ".join(part for part in said if part)))


def _contact(contact: ContactView, reveal: bool) -> Entry:
    said = (personal(contact.email, reveal=reveal) or "no address", f"email channel: {safe(contact.channel) or BLANK}")
    return Entry(Text(), Text(str(contact.contact_id), style="bold"), Text(", ".join(said)))


def _book(book: BookView) -> Entry:
    wanted = f"wanted by campaign {safe(book.campaign)}" if book.is_wanted else "wanted by no campaign"
    state = "on it" if book.is_on else "not on it"
    reason = ", ".join(safe(part) for part in (book.why, book.rule) if part)
    return Entry(
        Text(),
        Text(safe(book.address_book), style="bold"),
        Text(f"{wanted}, {state}: {safe(book.decision)}" + (f" ({reason})" if reason else "")),
    )


def _consent(view: AccountView) -> Iterator[str]:
    for record in view.records:
        if record.opted_out:
            yield f"opted out in Salesforce: record {safe(record.sf_id)}"
        elif record.address_opted_out:
            yield f"opted out in Salesforce: another record with the address of {safe(record.sf_id)}"
    for contact in view.contacts:
        if contact.opted_out:
            yield f"opted out in Dotdigital: contact {contact.contact_id} is {safe(contact.channel)}"
    if not any(r.opted_out or r.address_opted_out for r in view.records) and not any(
        c.opted_out for c in view.contacts
    ):
        yield "nobody has opted out"


def _changes(view: AccountView, reveal: bool, width: int) -> Iterator[RenderableType]:
    written = [change for change in view.changes if change.is_written]
    known = [change for change in view.changes if not change.is_written]
    if not written:
        yield indented(Text("nothing: everything is in step, or waits"))
    if written:
        yield indented(aligned([_change(change, reveal) for change in written], width, 2))
    if known:
        names = ", ".join(dict.fromkeys(f"{safe(c.field) or c.aspect} ({c.decision}, {c.rule})" for c in known))
        yield indented(Text(f"only remembered: {names}", style="dim"))


def _change(change: ChangeView, reveal: bool) -> Entry:
    values = ""
    if change.aspect in ("value", "problem", "identity"):
        old, new = personal(change.old, reveal=reveal) or BLANK, personal(change.new, reveal=reveal) or BLANK
        values = f"{old} {ARROW} {new}  "
    return Entry(
        Text(),
        Text(safe(change.field) or change.aspect, style="bold"),
        Text(f"{values}{safe(change.decision)}, {safe(change.rule)}"),
    )
