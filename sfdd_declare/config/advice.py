"""Warnings: what is allowed, but probably not meant."""

from __future__ import annotations

from collections.abc import Iterator

from sfdd_declare.config.positions import SECRET_KEYS as SECRETS
from sfdd_declare.config.positions import Mapping, Node, Places, Scalar, Sequence
from sfdd_declare.config.suggest import closest, listed, quoted
from sfdd_declare.model.declared import Advice, Desired
from sfdd_declare.model.mapping import Direction, FieldMapping, RecordType


def advice(desired: Desired, places: Places) -> tuple[Advice, ...]:
    """All warnings of a configuration without errors."""
    return (
        *_written_secrets(places.tree),
        *_personal_data(desired),
        *_links_of_nobody(desired),
        *_opposing(desired),
        *_protected(desired, places),
    )


def _written_secrets(node: Node, key: str = "") -> Iterator[Advice]:
    if isinstance(node, Mapping):
        for name, entry in node.entries.items():
            yield from _written_secrets(entry.node, name)
    elif isinstance(node, Sequence):
        for item in node.items:
            yield from _written_secrets(item, key)
    elif isinstance(node, Scalar) and key in SECRETS and node.written and "${" not in node.written:
        text = f"{quoted(key)} is written in the file; `{key}: ${{env:NAME}}` keeps it out of the repository."
        yield Advice("SFDD-W1201", text, node.at)


def _personal_data(desired: Desired) -> Iterator[Advice]:
    for campaign in desired.campaigns:
        for selection in campaign.selections:
            if selection.emails and selection.file:
                text = (
                    f"{quoted(selection.file)} holds email addresses, "
                    "which are personal data in the repository; ids are not."
                )
                yield Advice("SFDD-W1202", text, selection.position)
            elif selection.emails:
                text = "email addresses are personal data in the repository; `ids:` are not."
                yield Advice("SFDD-W1202", text, selection.position)


def _links_of_nobody(desired: Desired) -> Iterator[Advice]:
    """People travel by the mapping of their record type: without one nobody reaches the book."""
    for link in desired.links:
        account = desired.book(link.address_book).account
        mapped = {kind for key, kind in desired.mapped if key == account}
        declared = [selection.record_type for selection in desired.campaign(link.campaign).selections]
        if not mapped.intersection(declared or RecordType):
            kinds = listed(kind.section for kind in declared or RecordType)
            wanted = (declared or [RecordType.CONTACT])[0].section
            text = (
                f"nobody reaches {quoted(link.address_book)} by this link: {quoted(account)} maps no "
                f"{kinds}; `field_mappings: {{{account}: {{{wanted}: {{}}}}}}` adds people by their address alone."
            )
            yield Advice("SFDD-W1203", text, link.where)


def _opposing(desired: Desired) -> Iterator[Advice]:
    first: dict[tuple[str, str], FieldMapping] = {}
    for mapping in desired.mappings:
        if mapping.direction is Direction.TWO_WAY:
            continue
        other = first.setdefault((mapping.account, mapping.data_field.casefold()), mapping)
        if other.record_type is not mapping.record_type and other.direction is not mapping.direction:
            text = (
                f"the data field {quoted(mapping.data_field)} flows one way for "
                f"{mapping.record_type.section} and the other way for {other.record_type.section} ({other.where}): "
                "a person who is both would pass values from one record to the other."
            )
            yield Advice("SFDD-W1204", text, mapping.where)


def _protected(desired: Desired, places: Places) -> Iterator[Advice]:
    known = [
        *(f"campaign.{campaign.key}" for campaign in desired.campaigns),
        *(f"address_book.{book.key}" for book in desired.address_books),
        *(f"data_field.{field.account}.{field.name}" for field in desired.data_fields),
        *(f"link.{link.campaign}.{link.address_book}" for link in desired.links),
        *(f"account.{account.key}" for account in desired.accounts),
    ]
    for index, address in enumerate(desired.guards.protect):
        if str(address) not in known and address.kind.value in (
            "campaign",
            "address_book",
            "data_field",
            "link",
            "account",
        ):
            option = closest(str(address), known)
            hint = f"; did you mean `{option}`?" if option else ""
            where = places.value("guards", "protect", index)
            yield Advice("SFDD-W1205", f"{quoted(str(address))} is protected but not declared{hint}", where)
