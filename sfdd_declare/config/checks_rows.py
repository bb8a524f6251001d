"""Field-mapping rows: accounts, names on both sides, and one writer per field (VAL-24)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sfdd_declare.config.checks_base import BUILT_IN, Context, error, unknown
from sfdd_declare.config.checks_names import no_account
from sfdd_declare.config.merge import RECORD_SECTIONS
from sfdd_declare.config.positions import Places
from sfdd_declare.config.rows import Row, Section
from sfdd_declare.config.suggest import did_you_mean, quoted
from sfdd_declare.model.errors import ConfigError, Position

_FIELD = re.compile(r"[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z][A-Za-z0-9_]*){0,5}")
_CALCULATED = (
    *("Name", "CreatedDate", "CreatedById", "LastModifiedDate", "LastModifiedById", "SystemModstamp", "IsDeleted"),
    *("LastActivityDate", "LastViewedDate", "LastReferencedDate", "LastCURequestDate", "LastCUUpdateDate"),
    *("MasterRecordId", "PhotoUrl", "IsEmailBounced", "IsConverted", "ConvertedDate", "ConvertedAccountId"),
    *("ConvertedContactId", "ConvertedOpportunityId", "MailingAddress", "OtherAddress", "Address"),
)
_NEVER_WRITTEN = {
    **dict.fromkeys((name.casefold() for name in _CALCULATED), "it is calculated; only salesforce_to_dotdigital"),
    "email": "it identifies the person",
    "personemail": "it identifies the person",
    "hasoptedoutofemail": "consent has rules of its own",
    "personhasoptedoutofemail": "consent has rules of its own",
    "id": "it identifies the record",
}


def check(context: Context) -> Iterator[ConfigError]:
    """Every row of every account."""
    yield from _accounts(context)
    rows = [row for section in context.sections for row in section.rows]
    for row in rows:
        yield from _salesforce_field(row, context.places)
        yield from _data_field(row, context)
    yield from _same_field_twice(context)
    yield from _two_writers_of_data_field(rows, context.places)
    yield from _two_writers_of_salesforce_field(rows, context.places)


def _accounts(context: Context) -> Iterator[ConfigError]:
    for name in context.places.names("field_mappings"):
        if name not in RECORD_SECTIONS and name not in context.accounts:
            where = context.places.key("field_mappings", name)
            known = (*context.accounts, *RECORD_SECTIONS)
            yield unknown("SFDD-E1201", "account", name, known, where, section="dotdigital.accounts")
    seen: dict[tuple[str, str], Section] = {}
    for section in context.sections:
        where = context.places.key(*section.path)
        if not section.account:
            summary = no_account(context.accounts, where)
            summary.hint = f"field_mappings: {{{context.accounts[0]}: …}}" if context.accounts else summary.hint
            yield summary
        first = seen.setdefault((section.account, section.record_type), section)
        if first is not section:
            text = f"The {section.record_type.section} of {quoted(section.account)} are mapped in two places."
            detail = f"first at {context.places.key(*first.path)}"
            yield error("SFDD-E1228", text, where, hint="put the rows into one of them", detail=detail)


def _salesforce_field(row: Row, places: Places) -> Iterator[ConfigError]:
    where = places.key(*row.path)
    if not _FIELD.fullmatch(row.field):
        hint = "FirstName, Region__c or Account.Name"
        yield error("SFDD-E1230", f"{quoted(row.field)} is not the API name of a Salesforce field.", where, hint=hint)
    elif row.direction.writes_salesforce:
        reason = _NEVER_WRITTEN.get(row.field.casefold())
        if reason:
            summary = f"{quoted(row.field)} is never written by a mapping: {reason}."
            yield error("SFDD-E1231", summary, where, hint="direction: salesforce_to_dotdigital")
        if "." in row.field:
            summary = f"{quoted(row.field)} belongs to another record, which a mapping cannot write."
            yield error("SFDD-E1233", summary, where, hint="direction: salesforce_to_dotdigital")


def _data_field(row: Row, context: Context) -> Iterator[ConfigError]:
    if not row.account or row.account not in context.accounts:
        return
    known = (*context.data_fields(row.account), *BUILT_IN)
    name = row.row.data_field
    if name.casefold() in [field.casefold() for field in known]:
        return
    where = context.places.value(*row.data_field_path)
    if name.casefold() == "email":
        summary = "The email address is what people are matched by; it is no data field."
        yield error("SFDD-E1204", summary, where, hint=f"remove `{row.field}:`")
        return
    summary = f"The data field {quoted(name)} is not declared for {quoted(row.account)}, nor built in."
    otherwise = f"data_fields: {{{row.account}: {{{name}: existing}}}}"
    yield error("SFDD-E1204", summary, where, hint=did_you_mean(name, known, otherwise=otherwise))


def _same_field_twice(context: Context) -> Iterator[ConfigError]:
    for section in context.sections:
        seen: dict[str, Row] = {}
        for row in section.rows:
            first = seen.setdefault(row.field.casefold(), row)
            if first is not row:
                where = context.places.key(*row.path)
                summary = f"{quoted(row.field)} is mapped twice: Salesforce does not tell upper from lower case."
                detail = f"first at {context.places.key(*first.path)}"
                yield error("SFDD-E1232", summary, where, hint=f"remove `{row.field}:`", detail=detail)


def _two_writers_of_data_field(rows: list[Row], places: Places) -> Iterator[ConfigError]:
    seen: dict[tuple[str, str, str], Row] = {}
    for row in rows:
        if not row.direction.writes_dotdigital:
            continue
        key = (row.account, row.record_type, row.row.data_field.casefold())
        first = seen.setdefault(key, row)
        if first is not row:
            summary = (
                f"{quoted(first.field)} and {quoted(row.field)} of {row.record_type.section} "
                f"both write the data field {quoted(row.row.data_field)}."
            )
            yield _both("SFDD-E1215", summary, places.key(*row.path), places.key(*first.path))


def _two_writers_of_salesforce_field(rows: list[Row], places: Places) -> Iterator[ConfigError]:
    seen: dict[tuple[str, str], Row] = {}
    for row in rows:
        if not row.direction.writes_salesforce:
            continue
        first = seen.setdefault((row.record_type, row.field.casefold()), row)
        if first.account != row.account:
            summary = (
                f"The accounts {quoted(first.account)} and {quoted(row.account)} both write "
                f"{quoted(row.record_type.sobject + '.' + row.field)}."
            )
            yield _both("SFDD-E1216", summary, places.key(*row.path), places.key(*first.path))


def _both(id: str, summary: str, where: Position, first: Position) -> ConfigError:
    hint = "direction: salesforce_to_dotdigital" if id == "SFDD-E1216" else "direction: dotdigital_to_salesforce"
    return error(id, summary, where, hint=f"{hint} on one of them, or remove it", detail=f"first at {first}")
