"""Names of campaigns and address books, their ids, dates and accounts."""

from __future__ import annotations

from collections.abc import Iterator

from sfdd_declare.config.checks_base import Context, error, unknown
from sfdd_declare.config.member_files import is_salesforce_id
from sfdd_declare.config.names import folded
from sfdd_declare.config.resolve_rules import IGNORABLE
from sfdd_declare.config.shape.things import CAMPAIGN_FIELDS, AddressBook, Campaign
from sfdd_declare.config.suggest import did_you_mean, quoted
from sfdd_declare.model.errors import ConfigError, Position

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
    if campaign.start_date and campaign.end_date and campaign.end_date < campaign.start_date:
        summary = f"The campaign ends on {campaign.end_date}, before it starts on {campaign.start_date}."
        yield error("SFDD-E1245", summary, places.value(*path, "end_date"), hint=f"end_date: {campaign.start_date}")
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


def is_list_id(text: str) -> bool:
    """Dotdigital numbers its lists."""
    return text.isascii() and text.isdecimal() and len(text) < 16


def _books(context: Context) -> Iterator[ConfigError]:
    seen: dict[tuple[str, str], Position] = {}
    for key, book in context.checked.root.address_books.items():
        yield from _account(context, key, book)
        yield from _book_name(context, key, book)
        if book.existing and book.existing.id and not is_list_id(book.existing.id):
            at = context.places.value("address_books", key, "existing", "id")
            summary = f"{quoted(book.existing.id)} is not the id of an address book: a number."
            yield error("SFDD-E1220", summary, at, hint="existing: {name: …}")
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
    elif folded(book.name) in [folded(name) for name in RESERVED_BOOKS]:
        summary = f"{quoted(book.name)} belongs to Dotdigital itself and cannot be created."
        yield error("SFDD-E1208", summary, where, hint="name: another one")


def _name(context: Context, section: str, key: str, thing: Campaign | AddressBook) -> tuple[tuple[str, str], Position]:
    """What the live thing is known by: an id where one is written, else its name as the vendor compares it."""
    imported = context.imports.get(f"{section.removesuffix('s')}.{key}")
    if imported and not thing.existing:
        return ("id", imported[0][:15]), imported[1]
    if thing.existing and thing.existing.id:
        return ("id", thing.existing.id[:15]), context.places.value(section, key, "existing", "id")
    if thing.existing:
        return ("name", folded(str(thing.existing.name))), context.places.value(section, key, "existing", "name")
    return ("name", folded(str(thing.name))), context.places.value(section, key, "name")


def _twice(
    seen: dict[tuple[str, str], Position], name: tuple[str, str], where: Position, id: str, noun: str
) -> Iterator[ConfigError]:
    first = seen.setdefault(name, where)
    if first is not where:
        summary = f"Another key declares the {noun} of this {name[0]} already."
        yield error(id, summary, where, hint=f"{name[0]}: another one", detail=f"first at {first}")
