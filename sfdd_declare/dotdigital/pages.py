"""Pages of contacts -> columns of the people tables.

A page is parsed once, by msgspec, into the structs below, which mirror the two wire formats and live only as long as
the page; from there on there are columns. Field names are compared case-folded, because the case of a name may change
on its way through v3. Nothing here talks to the network.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from sfdd_declare.dotdigital.values import raw_text
from sfdd_declare.model.mapping import DataFieldType, MappingSet
from sfdd_declare.people import columns, forms


class Identifiers(msgspec.Struct, gc=False):
    """The identifiers we use."""

    email: str | None = None


class EmailChannel(msgspec.Struct, gc=False):
    status: str | None = None


class Channels(msgspec.Struct, gc=False):
    email: EmailChannel | None = None


class Listing(msgspec.Struct, gc=False):
    """A contact's place on one list."""

    id: int
    status: str | None = None


class Contact(msgspec.Struct, gc=False):
    """One item of `GET /contacts/v3`."""

    contactId: int
    status: str | None = None
    identifiers: Identifiers | None = None
    dataFields: dict[str, Any] | None = None
    channelProperties: Channels | None = None
    lists: list[Listing] | None = None

    @property
    def email(self) -> str | None:
        return self.identifiers.email if self.identifiers else None

    @property
    def channel(self) -> str | None:
        email = self.channelProperties.email if self.channelProperties else None
        return email.status if email else None

    @property
    def held(self) -> dict[str, Any]:
        """Values by field name as spelt on the wire."""
        return self.dataFields or {}


class Link(msgspec.Struct, gc=False):
    marker: str | None = None


class Links(msgspec.Struct, gc=False):
    next: Link | None = None


class Page(msgspec.Struct, gc=False):
    """One page of `GET /contacts/v3`."""

    items: list[Contact] = msgspec.field(name="_items")
    links: Links = msgspec.field(name="_links", default_factory=Links)

    @property
    def next_marker(self) -> str:
        """Empty at the end."""
        return (self.links.next.marker or "") if self.links.next else ""


class OldValue(msgspec.Struct, gc=False):
    key: str
    value: Any = None


class OldContact(msgspec.Struct, gc=False):
    """One v2 contact. Its only status is that of the email channel."""

    id: int
    email: str | None = None
    status: str | None = None
    dataFields: list[OldValue] | None = None

    @property
    def held(self) -> dict[str, Any]:
        return {pair.key: pair.value for pair in self.dataFields or ()}


class Collection(msgspec.Struct, gc=False):
    """Answer of `retrieve-collection`; what was not found is simply not among the contacts, null when nobody was.

    An answer that does not speak of contacts at all is none: absence decides whether a person is new.
    """

    contacts: list[OldContact] | None


class Removal(msgspec.Struct, gc=False):
    """One suppression record; the contact may be gone by now."""

    suppressedContact: OldContact | None
    dateRemoved: str | None = None
    reason: str | None = None


class Tables:
    """Makes record batches with the schema of `contacts_schema(sets)`."""

    def __init__(self, sets: tuple[MappingSet, ...]) -> None:
        self.schema = columns.contacts_schema(sets)
        self._slots = columns.slots(sets)
        kept = [mapped for s in sets for mapped in s.fields if not mapped.renewed]
        self._zone = next((mapped.zone for s in sets for mapped in s.fields), forms.UTC_ZONE)
        self._types = {mapped.data_field_name: mapped.data_field_type for mapped in kept}

    @property
    def data_fields(self) -> tuple[str, ...]:
        """Exact names of the mapped data fields, each once; those that are made or made anew have no values yet."""
        return tuple(self._types)

    def of_contacts(self, items: Sequence[Contact], *, looked_up: Sequence[bool]) -> pa.RecordBatch:
        """A batch from v3 contacts."""
        return self._batch(
            ids=[contact.contactId for contact in items],
            emails=[contact.email for contact in items],
            statuses=[folded(contact.status) for contact in items],
            channels=[folded(contact.channel) for contact in items],
            looked_up=looked_up,
            held=[contact.held for contact in items],
        )

    def of_old_contacts(self, items: Sequence[OldContact]) -> pa.RecordBatch:
        """A batch from v2 contacts, which only look-ups give."""
        statuses = [folded(contact.status) for contact in items]
        return self._batch(
            ids=[contact.id for contact in items],
            emails=[contact.email for contact in items],
            statuses=statuses,
            channels=statuses,
            looked_up=[True] * len(items),
            held=[contact.held for contact in items],
        )

    def _batch(
        self,
        *,
        ids: Sequence[int],
        emails: Sequence[str | None],
        statuses: Sequence[str | None],
        channels: Sequence[str | None],
        looked_up: Sequence[bool],
        held: Sequence[Mapping[str, Any]],
    ) -> pa.RecordBatch:
        addresses = pa.array(emails, pa.string())
        arrays = [
            pa.array(ids, pa.int64()),
            addresses,
            forms.email_key(addresses),
            pa.array(statuses, pa.string()),
            pa.array(channels, pa.string()),
            pa.array(looked_up, pa.bool_()),
        ]
        raw = raw_columns(held, self._types)
        blank = pa.nulls(len(held), pa.string())
        for slot in self._slots:
            values = raw.get(slot.data_field, blank)
            arrays += [forms.comparison(values, slot.form, self._zone), values]
        return pa.record_batch(arrays, schema=self.schema)


def raw_columns(held: Sequence[Mapping[str, Any]], types: Mapping[str, DataFieldType]) -> dict[str, pa.Array]:
    """One column of raw text per field of `types`, from contacts' values by name in whatever case."""
    seen: set[str] = set()
    for values in held:
        seen.update(values)
    result = {}
    for name, kind in types.items():
        spellings = tuple(spelling for spelling in seen if spelling.casefold() == name.casefold())
        if len(spellings) == 1:
            result[name] = _raw_column([values.get(spellings[0]) for values in held], kind)
        else:
            result[name] = _raw_column([_first(values, spellings) for values in held], kind)
    return result


def folded(word: str | None) -> str | None:
    """An enum's value as the people tables hold it: both frameworks mix their cases."""
    return word.casefold() if word else None


def _first(values: Mapping[str, Any], spellings: tuple[str, ...]) -> Any:
    """The first value there is under any spelling of one name."""
    return next((values[spelling] for spelling in spellings if values.get(spelling) is not None), None)


def _raw_column(values: list[Any], kind: DataFieldType) -> pa.Array:
    """`raw_text` of every value. Texts, by far the most, are done by Arrow; the few other values one by one."""
    if kind is DataFieldType.STRING:
        with suppress(pa.ArrowTypeError):
            texts = pa.array(values, pa.string())
            is_blank = pc.equal(pc.utf8_length(pc.utf8_trim_whitespace(texts)), 0)
            return pc.if_else(is_blank, pa.scalar(None, pa.string()), texts)
    return pa.array([raw_text(value, kind) for value in values], pa.string())
