"""What is asked, as rows of the rules' tables: accounts, books, links, campaigns, mapped fields. Nothing is decided."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from sfdd_declare.model.canonical import keyed_hash
from sfdd_declare.model.mapping import DataFieldType, FormKind, MappedField, RecordType
from sfdd_declare.model.rules import OPT_OUT_REASONS, SUPPRESSIBLE
from sfdd_declare.model.typetable import WRITTEN_TO_DOTDIGITAL, WRITTEN_TO_SALESFORCE
from sfdd_declare.people.columns import slot_of, slots
from sfdd_declare.people.engine import Engine
from sfdd_declare.people.memories import SEPARATOR
from sfdd_declare.people.question import AccountRules, BookRules, Question

Line = tuple[object, ...]


def load(engine: Engine, question: Question) -> None:
    """Fill the tables of the first part of `schema.sql`."""
    key = question.hash_key.get_secret_value()
    flags = ("blanked" in question.allow, question.accept_first_sync, question.focus is None)
    engine.insert(
        "settings",
        ("prefix", "blank_hash", "allows_blanked", "accepts_first_sync", "asks_all"),
        [(key + SEPARATOR, keyed_hash(key, ""), *flags)],
    )
    ranks = {kind: rank for rank, kind in enumerate(dict.fromkeys((*question.precedence, *RecordType)))}
    engine.insert("precedence", ("record_type", "rank"), [(kind.value, rank) for kind, rank in ranks.items()])
    engine.insert("suppressible", ("channel",), [(channel,) for channel in SUPPRESSIBLE])
    engine.insert("salesforce_users", ("user_id",), [(user,) for user in dict.fromkeys(question.salesforce_users)])
    engine.insert("lead_required", ("name",), [(name,) for name in dict.fromkeys(question.leads.required)])
    engine.insert("lead_defaults", ("name", "value"), list(dict(question.leads.defaults).items()))
    for account in question.accounts:
        _account(engine, account, ranks)
        _fields(engine, account)
    _books(engine, question)
    _links(engine, question)


def _account(engine: Engine, account: AccountRules, ranks: dict[RecordType, int]) -> None:
    consent = account.consent
    engine.insert(
        "accounts",
        ("account", "opt_out_to_dotdigital", "on_delete", "hold_creations", "seen"),
        [
            (
                account.key,
                bool(consent.opt_out_to_dotdigital),
                account.on_delete.value,
                account.hold_creations,
                account.seen,
            )
        ],
    )
    reasons = dict.fromkeys(consent.reasons or OPT_OUT_REASONS)
    engine.insert("opt_out_reasons", ("account", "reason"), [(account.key, reason) for reason in reasons])
    mapped = {mapping.record_type for mapping in account.sets}
    told = consent.unsubscribe_to_salesforce
    engine.insert(
        "record_types",
        ("account", "record_type", "section", "opt_out_field", "rank", "is_mapped", "tells_salesforce"),
        [
            (account.key, kind.value, kind.section, kind.opt_out_field, ranks[kind], kind in mapped, kind in told)
            for kind in RecordType
        ],
    )


def _books(engine: Engine, question: Question) -> None:
    names = ("account", "address_book", "is_there", "removals", "restore_left", "first_run")
    engine.insert(
        "books",
        (*names, "is_complete", "is_partial", "is_taken_over", "in_focus"),
        [
            (
                b.account,
                b.key,
                b.exists,
                b.removals.value,
                b.restore_left,
                b.first_run,
                *_read(b),
                question.asks_book(b.key),
            )
            for b in question.books
        ],
    )
    past = [(book.key, predecessor) for book in question.books for predecessor in book.predecessors]
    engine.insert("predecessors", ("address_book", "predecessor"), past)


def _read(book: BookRules) -> tuple[bool, bool, bool]:
    return book.complete, book.partial, book.taken_over


def _links(engine: Engine, question: Question) -> None:
    account_of = {book.key: book.account for book in question.books}
    links, statuses = [], []
    for number, link in enumerate(question.links):
        new = link.new_leads
        here: Line = (number, account_of.get(link.address_book, ""), link.campaign, link.address_book)
        place: Line = (*here, question.asks(link))
        leads: Line = (new is not None, bool(new and new.primary), bool(new and new.existing))
        status = (new.member_status or None) if new else None
        links.append((*place, *leads, status, link.address in question.stopped))
        statuses += [(number, only) for only in dict.fromkeys(link.statuses) or (None,)]
    names = ("link", "account", "campaign", "address_book", "in_focus", "has_new_leads", "is_primary")
    engine.insert("links", (*names, "takes_existing", "member_status", "is_stopped"), links)
    engine.insert("link_statuses", ("link", "status"), statuses)
    engine.insert(
        "campaigns",
        ("campaign", "default_status", "is_exact", "is_there", "is_complete", "selects", "in_focus"),
        [
            (c.key, c.default_status, c.exact, c.exists, c.complete, c.selects, question.asks_campaign(c.key))
            for c in question.campaigns
        ],
    )


_FIELD = (
    *("account", "record_type", "field", "slot", "salesforce_field", "data_field", "data_field_default", "direction"),
    *("conflict", "on_blank", "form", "d_type", "d_nullable", "s_nullable", "s_type", "s_length", "s_digits"),
    *("is_lossy", "is_restricted", "choice_pattern", "sends_form_s", "sends_form_d", "renewed", "retyped", "first_run"),
    *("old_direction", "old_conflict", "old_on_blank"),
)


def _fields(engine: Engine, account: AccountRules) -> None:
    every = slots(account.sets)
    known = dict(account.filled)
    lines, choices, filled = [], [], []
    for mapping in account.sets:
        kind = mapping.record_type
        for field in mapping.fields:
            place: Line = (account.key, kind.value, field.index)
            slot = slot_of(field, every).index
            lines.append((*place, slot, *_of_field(field), kind in account.first_run, *_before(field)))
            if field.restricted and field.form.kind is not FormKind.SET:
                choices += [(*place, choice) for choice in _choices(field)]
            for side in "sd":
                if (count := known.get((kind, field.key, side))) is not None:
                    filled.append((*place, side, count))
    engine.insert("fields", _FIELD, lines)
    names = ("account", "record_type", "field")
    engine.insert("choices", (*names, "choice"), choices)
    engine.insert("filled_before", (*names, "side", "filled"), filled)


def _of_field(field: MappedField) -> Iterator[object]:
    mapping, kind = field.mapping, field.form.kind
    yield from (mapping.salesforce_field, field.data_field_name, field.data_field_default)
    yield from (mapping.direction.value, mapping.conflict.value, mapping.on_blank.value)
    yield from (kind.value, field.data_field_type.value, field.data_field_type is not DataFieldType.BOOLEAN)
    yield field.nillable and field.salesforce_type != "boolean"
    yield from (field.salesforce_type, field.salesforce_length, field.salesforce_digits)
    yield from (mapping.lossy, field.restricted, _pattern(field))
    yield from (kind in WRITTEN_TO_SALESFORCE, kind in WRITTEN_TO_DOTDIGITAL, field.renewed, field.retyped)


def _before(field: MappedField) -> tuple[str | None, str | None, str | None]:
    before = field.before
    return (before.direction.value, before.conflict.value, before.on_blank.value) if before else (None, None, None)


def _choices(field: MappedField) -> list[str]:
    return list(dict.fromkeys(unicodedata.normalize("NFC", choice) for choice in field.choices))


def _pattern(field: MappedField) -> str | None:
    """Of a restricted picklist that takes several values: any of them, by `;`."""
    if not field.restricted or field.form.kind is not FormKind.SET:
        return None
    one = "|".join(re.escape(choice) for choice in _choices(field))
    return rf"^(?:{one})(?:;(?:{one}))*$"
