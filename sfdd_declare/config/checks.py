"""Offline checks: names, references and everything else that needs no live system. `check` collects all errors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from sfdd_declare.config import (
    checks_connect,
    checks_fields,
    checks_links,
    checks_members,
    checks_names,
    checks_notify,
    checks_rows,
    names,
)
from sfdd_declare.config.checks_base import Context, error
from sfdd_declare.config.checks_names import is_list_id
from sfdd_declare.config.member_files import is_salesforce_id
from sfdd_declare.config.positions import Places
from sfdd_declare.config.rows import sections
from sfdd_declare.config.shape import Checked
from sfdd_declare.config.suggest import closest, quoted
from sfdd_declare.model.address import Address, Kind
from sfdd_declare.model.errors import ConfigError


def check(
    checked: Checked, places: Places, folder: Path, environ: Mapping[str, str], *, credentials: bool
) -> list[ConfigError]:
    """Every offline error of a configuration whose shape was checked."""
    accounts = places.names("dotdigital", "accounts")
    context = Context(
        checked=checked,
        places=places,
        folder=folder,
        environ=environ,
        credentials=credentials,
        accounts=accounts,
        campaigns=places.names("campaigns"),
        books=places.names("address_books"),
        sections=sections(checked.root, accounts),
    )
    return [
        *checks_connect.check(context),
        *checks_notify.check(context),
        *names.check(context),
        *checks_names.check(context),
        *checks_members.check(context),
        *checks_fields.check(context),
        *checks_rows.check(context),
        *checks_links.check(context),
        *_imports(context),
        *_moves(context),
    ]


def _imports(context: Context) -> Iterator[ConfigError]:
    for position, item in enumerate(context.checked.root.imports):
        path = ("import", context.checked.index("import", position))
        yield from _is_declared(context, item.to, (*path, "to"), importable=True)
        earlier = [other.to for other in context.checked.root.imports[:position]]
        if item.to in earlier:
            where = context.places.value(*path, "to")
            yield error("SFDD-E1222", f"{quoted(item.to)} is imported twice.", where, hint="remove one of the two")
        yield from _import_id(context, item.to, item.id, (*path, "id"))


def _import_id(context: Context, address: str, id: str, path: tuple[str | int, ...]) -> Iterator[ConfigError]:
    """An id of the wrong form, or of another kind of thing."""
    kind, where = Address.parse(address).kind, context.places.value(*path)
    if kind is Kind.CAMPAIGN and not is_salesforce_id(id, ("701",)):
        summary = f"{quoted(id)} is not the id of a campaign: 15 or 18 characters that begin with 701."
        yield error("SFDD-E1220", summary, where, hint="id: 701…")
    elif kind is Kind.ADDRESS_BOOK and not is_list_id(id):
        yield error("SFDD-E1220", f"{quoted(id)} is not the id of an address book: a number.", where, hint="id: 901")


def _moves(context: Context) -> Iterator[ConfigError]:
    for position, item in enumerate(context.checked.root.moved):
        path = ("moved", context.checked.index("moved", position))
        yield from _is_declared(context, item.to, (*path, "to"), importable=False)
        source, target = Address.parse(item.source), Address.parse(item.to)
        where = context.places.value(*path, "from")
        if source.kind is not target.kind:
            summary = f"{quoted(item.source)} cannot become {quoted(item.to)}: they are different kinds of things."
            yield error("SFDD-E1222", summary, where, hint=f"from: {target.kind}.…")
        elif item.source in declared_addresses(context):
            summary = f"{quoted(item.source)} is still declared, so it was not moved."
            yield error("SFDD-E1222", summary, where, hint="remove the `moved:` block, or the old key")


def _is_declared(
    context: Context, address: str, path: tuple[str | int, ...], *, importable: bool
) -> Iterator[ConfigError]:
    where = context.places.value(*path)
    kind, parts = Address.parse(address).kind, Address.parse(address).parts
    known = declared_addresses(context)
    if importable and kind not in (Kind.CAMPAIGN, Kind.ADDRESS_BOOK, Kind.DATA_FIELD):
        summary = f"Campaigns, address books and data fields can be imported, {quoted(address)} cannot."
        yield error("SFDD-E1222", summary, where, hint="to: campaign.…, address_book.… or data_field.…")
    elif address not in known:
        option = closest(address, known)
        hint = f"did you mean `{option}`?" if option else f"declare {address}, or remove this block"
        yield error("SFDD-E1221", f"{quoted(address)} is not declared.", where, hint=hint)
    elif importable and context.places.node(_SECTIONS[kind], *parts, "existing") is not None:
        summary = f"{quoted(address)} is `existing`: it is only read, so there is nothing to import."
        yield error("SFDD-E1222", summary, where, hint="name: … instead of existing: …")


_SECTIONS = {Kind.CAMPAIGN: "campaigns", Kind.ADDRESS_BOOK: "address_books", Kind.DATA_FIELD: "data_fields"}


def declared_addresses(context: Context) -> tuple[str, ...]:
    """The printed address of everything that is declared."""
    return (
        *(f"account.{key}" for key in context.accounts),
        *(f"campaign.{key}" for key in context.campaigns),
        *(f"address_book.{key}" for key in context.books),
        *(f"data_field.{a}.{name}" for a in context.places.names("data_fields") for name in context.data_fields(a)),
        *(f"field_mapping.{r.account}.{r.record_type.section}.{r.field}" for s in context.sections for r in s.rows),
        *(f"link.{campaign}.{book}" for campaign, book in checks_links.ends(context)),
        "registry.salesforce",
    )
