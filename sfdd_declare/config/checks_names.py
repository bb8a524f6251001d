"""Names of campaigns and address books, their accounts, and who is selected as a member."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sfdd_declare.config import member_files, within
from sfdd_declare.config.checks_base import Context, error, unknown
from sfdd_declare.config.member_files import PREFIXES, is_address, is_salesforce_id
from sfdd_declare.config.resolve_rules import IGNORABLE
from sfdd_declare.config.shape.things import CAMPAIGN_FIELDS, AddressBook, Campaign, Selection
from sfdd_declare.config.suggest import did_you_mean, quoted
from sfdd_declare.model.errors import ConfigError, Position
from sfdd_declare.model.mapping import RecordType

MAX_BOOK_NAME = 128
RESERVED_BOOKS = ("Test", "All Contacts")


def check(context: Context) -> Iterator[ConfigError]:
    """Campaigns, then address books."""
    yield from _campaigns(context)
    yield from _books(context)


def ignored_keys(
    lifecycle: object, section: str, where: Position, extra: tuple[str, ...] = ()
) -> Iterator[ConfigError]:
    """`ignore_changes` names keys that the thing has."""
    known = (*IGNORABLE[section], *extra)
    for name in getattr(lifecycle, "ignore_changes", ()):
        if name not in known:
            summary = f"`ignore_changes` names {quoted(name)}, which is not managed here."
            yield error(
                "SFDD-E1229", summary, where, hint=did_you_mean(name, known, otherwise=f"ignore_changes: [{known[0]}]")
            )


def _campaigns(context: Context) -> Iterator[ConfigError]:
    seen: dict[tuple[str, str], Position] = {}
    for key, campaign in context.checked.root.campaigns.items():
        yield from _campaign(context, key, campaign)
        name, where = _name(context, "campaigns", key, campaign)
        yield from _twice(seen, name, where, "SFDD-E1211", "campaign")


def _campaign(context: Context, key: str, campaign: Campaign) -> Iterator[ConfigError]:
    places, path = context.places, ("campaigns", key)
    if campaign.existing and campaign.existing.id and not is_salesforce_id(campaign.existing.id, ("701",)):
        where = places.value(*path, "existing", "id")
        summary = f"{quoted(campaign.existing.id)} is not the id of a campaign."
        yield error("SFDD-E1220", summary, where, hint="existing: {name: …}")
    own = {name.casefold() for name in CAMPAIGN_FIELDS.values()}
    for field in campaign.fields:
        if field.casefold() in own:
            short = next(yaml for yaml, name in CAMPAIGN_FIELDS.items() if name.casefold() == field.casefold())
            summary = f"{quoted(field)} has a key of its own."
            yield error("SFDD-E1107", summary, places.key(*path, "fields", field), hint=f"{short}: …")
    defaults = [label for label, status in (campaign.member_statuses or {}).items() if status and status.default]
    if len(defaults) > 1:
        where = places.key(*path, "member_statuses", defaults[1])
        summary = f"Only one status can be the default: {quoted(defaults[0])} is it already."
        yield error("SFDD-E1226", summary, where, hint="remove `default: true` from one of them")
    where = places.key(*path, "lifecycle", "ignore_changes")
    yield from ignored_keys(campaign.lifecycle, "campaigns", where, tuple(campaign.fields))
    if campaign.members:
        if campaign.members.mode == "exact" and not any(getattr(campaign.members, k.section) for k in RecordType):
            summary = "`mode: exact` without a selection would remove every member."
            where = places.value(*path, "members", "mode")
            yield error("SFDD-E1242", summary, where, hint="contacts: {where: …}")
        for kind in RecordType:
            selection = getattr(campaign.members, kind.section)
            if selection is not None:
                yield from _selection(context, (*path, "members", kind.section), kind, selection)


def _selection(
    context: Context, path: tuple[str, ...], kind: RecordType, selection: Selection
) -> Iterator[ConfigError]:
    for index, id in enumerate(selection.ids or ()):
        if not is_salesforce_id(id, PREFIXES[kind]):
            noun = kind.value.replace("_", " ")
            summary = (
                f"{quoted(id)} is not the id of a {noun}: 15 or 18 characters that begin with {PREFIXES[kind][0]}."
            )
            yield error(
                "SFDD-E1220", summary, context.places.value(*path, "ids", index), hint=f"ids: [{PREFIXES[kind][0]}…]"
            )
    for index, email in enumerate(selection.emails or ()):
        if not is_address(email):
            where = context.places.value(*path, "emails", index)
            yield error("SFDD-E1220", "This is not an email address.", where, hint="emails: [name@example.com]")
    if selection.file is not None:
        yield from _file(context, path, kind, context.folder / selection.file)


def _file(context: Context, path: tuple[str, ...], kind: RecordType, file: Path) -> Iterator[ConfigError]:
    where = context.places.value(*path, "file")
    if not within.is_inside(file, within.folders(context.folder, context.environ)):
        summary = f"The file {quoted(str(file))} is outside the configuration's folder."
        yield error("SFDD-E1117", summary, where, hint=f"export {within.SECRETS_VARIABLE}=…")
        return
    if not file.is_file():
        summary = f"There is no file {quoted(str(file))}."
        yield error("SFDD-E1225", summary, where, hint="file: a path from the folder of the configuration")
        return
    try:
        member_files.read(file, kind)
    except ConfigError as problem:
        yield problem


def _books(context: Context) -> Iterator[ConfigError]:
    seen: dict[tuple[str, str], Position] = {}
    for key, book in context.checked.root.address_books.items():
        yield from _account(context, key, book)
        yield from _book_name(context, key, book)
        where = context.places.key("address_books", key, "lifecycle", "ignore_changes")
        yield from ignored_keys(book.lifecycle, "address_books", where)
        (kind, name), at = _name(context, "address_books", key, book)
        account = book.account or (context.accounts[0] if context.accounts else "")
        yield from _twice(seen, (kind, f"{account}\0{name}"), at, "SFDD-E1209", "address book")


def _account(context: Context, key: str, book: AddressBook) -> Iterator[ConfigError]:
    known = context.accounts
    if book.account is None and len(known) != 1:
        yield no_account(known, context.places.key("address_books", key))
    elif book.account is not None and book.account not in known:
        where = context.places.value("address_books", key, "account")
        yield unknown("SFDD-E1201", "account", book.account, known, where, section="dotdigital.accounts")


def no_account(known: tuple[str, ...], where: Position) -> ConfigError:
    """An account is needed and cannot be guessed."""
    if not known:
        hint = "dotdigital: {accounts: {main: …}}"
        return error("SFDD-E1227", "No Dotdigital account is declared.", where, hint=hint)
    summary = f"There are {len(known)} accounts: say which one."
    return error("SFDD-E1227", summary, where, hint=f"account: {known[0]}")


def _book_name(context: Context, key: str, book: AddressBook) -> Iterator[ConfigError]:
    if book.name is None:
        return
    where = context.places.value("address_books", key, "name")
    if len(book.name) > MAX_BOOK_NAME:
        summary = f"This name has {len(book.name)} characters; Dotdigital takes {MAX_BOOK_NAME}."
        yield error("SFDD-E1208", summary, where, hint="name: a shorter one")
    elif book.name.casefold() in [name.casefold() for name in RESERVED_BOOKS]:
        summary = f"{quoted(book.name)} belongs to Dotdigital itself and cannot be created."
        yield error("SFDD-E1208", summary, where, hint="name: another one")
    elif book.name != book.name.strip():
        yield error("SFDD-E1208", "This name begins or ends with a space.", where, hint=f"name: {book.name.strip()}")


def _name(context: Context, section: str, key: str, thing: Campaign | AddressBook) -> tuple[tuple[str, str], Position]:
    """What the live thing is known by: its name, or an id; names compare without case."""
    if thing.existing and thing.existing.id:
        return ("id", thing.existing.id[:15]), context.places.value(section, key, "existing", "id")
    if thing.existing:
        return ("name", str(thing.existing.name).casefold()), context.places.value(section, key, "existing", "name")
    return ("name", str(thing.name).casefold()), context.places.value(section, key, "name")


def _twice(
    seen: dict[tuple[str, str], Position], name: tuple[str, str], where: Position, id: str, noun: str
) -> Iterator[ConfigError]:
    first = seen.setdefault(name, where)
    if first is not where:
        summary = f"Another key declares the {noun} of this {name[0]} already."
        yield error(id, summary, where, hint=f"{name[0]}: another one", detail=f"first at {first}")
