"""Checks against the live systems: fields are there, visible and writable, types fit, labels and picklist values exist.

`check` also turns the declared rows into mapping sets, because a row whose two ends were seen is what it has checked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from sfdd_declare.config import checks_same, checks_setup, checks_where
from sfdd_declare.config.checks_base import BUILT_IN
from sfdd_declare.config.later import moves_values
from sfdd_declare.config.paths import at_path
from sfdd_declare.config.suggest import closest, did_you_mean, listed, quoted
from sfdd_declare.model import typetable as types
from sfdd_declare.model.declared import Account, Desired
from sfdd_declare.model.errors import ConfigError, DeclareError, ErrorList, Position
from sfdd_declare.model.live import DotdigitalLive, FieldInfo, ObjectInfo, SalesforceLive
from sfdd_declare.model.mapping import DataFieldType, Direction, FieldMapping, MappedField, MappingSet, RecordType
from sfdd_declare.model.rules import TEXT_LIMIT
from sfdd_declare.model.state import Resource

NOTHING_KNOWN: Mapping[str, Resource] = MappingProxyType({})

#: Standard fields that are hidden until an administrator grants them: never taken for a misspelling.
#: Record types whose opt-outs count even where they are not mapped: their addresses may be anybody's.
_ALWAYS_COUNTING = (RecordType.CONTACT, RecordType.LEAD)
_COMPOUND = ("address", "location")  # made of other fields
_OFTEN_HIDDEN = ("HasOptedOutOfEmail", "HasOptedOutOfFax", "DoNotCall")


@dataclass(frozen=True, slots=True)
class Live:
    """A configuration that fits the live systems."""

    sets: tuple[MappingSet, ...]
    warnings: tuple[str, ...] = ()
    stopped: tuple[DeclareError, ...] = ()  # each about one link, campaign or address book


@dataclass(frozen=True, slots=True)
class _Target:
    """A data field as it is, or as it will be created."""

    name: str
    type: DataFieldType


def check(
    desired: Desired,
    salesforce: SalesforceLive,
    dotdigital: Mapping[str, DotdigitalLive],
    resources: Mapping[str, Resource] = NOTHING_KNOWN,
    *,
    spares: bool = False,
) -> Live:
    """Check everything that needs a describe or a listing; raises ErrorList with all errors. With `spares`, what
    concerns one link, campaign or address book alone is no error for the others: it is returned.

    Accounts that are not in `dotdigital` are left out. `resources` is what the state knows, by address.
    The sets hold what moves today: rows listed in `desired.not_applied` are checked like the others and then left out.
    """
    errors: list[DeclareError] = []
    warnings = list(checks_setup.warnings(desired, salesforce))
    found: dict[FieldMapping, tuple[FieldInfo, _Target]] = {}
    for mapping in desired.mappings:
        if mapping.account not in dotdigital or mapping.record_type is RecordType.PERSON_ACCOUNT:
            continue
        target = _target(mapping, desired, dotdigital[mapping.account])
        field, problems = _field(mapping, salesforce.describes)
        if field is not None and target is not None:
            problems += _types(mapping, field, target)
            warnings += _may_be_refused(mapping, field)
            found[mapping] = (field, target)
        errors += problems
    errors += _existing(desired, dotdigital)
    errors += _consent(desired, salesforce.describes, dotdigital)
    errors += checks_setup.check(desired, salesforce)
    errors += checks_where.check(desired, salesforce.describes)
    errors += checks_same.check(desired, salesforce.campaigns, dotdigital, resources)
    found_errors = sorted(_once(errors), key=_by_place)
    stopped = [error for error in found_errors if spares and error.about]
    if len(found_errors) > len(stopped):
        raise ErrorList(tuple(found_errors))
    return Live(tuple(_sets(desired, dotdigital, found)), tuple(warnings), tuple(stopped))


def _sets(
    desired: Desired, dotdigital: Mapping[str, DotdigitalLive], found: Mapping[FieldMapping, tuple[FieldInfo, _Target]]
) -> Iterator[MappingSet]:
    for account, record_type in desired.mapped:
        if account in dotdigital:
            moving = [m for m in found if (m.account, m.record_type) == (account, record_type) and moves_values(m)]
            fields = tuple(_mapped(index, mapping, *found[mapping]) for index, mapping in enumerate(moving))
            yield MappingSet(account, record_type, fields)


def _mapped(index: int, mapping: FieldMapping, field: FieldInfo, target: _Target) -> MappedField:
    row = types.pair(field.type, target.type)
    assert row is not None, "an unfitting pair is an error"
    return MappedField(
        index=index,
        mapping=mapping,
        form=types.form(field, row.form),
        salesforce_type=field.type,
        salesforce_length=field.length,
        salesforce_scale=field.scale,
        nillable=field.nillable,
        choices=field.choices,
        data_field_type=target.type,
        data_field_name=target.name,
        salesforce_digits=types.whole_digits(field),
        restricted=field.restricted_picklist,
    )


def _target(mapping: FieldMapping, desired: Desired, live: DotdigitalLive) -> _Target | None:
    folded = mapping.data_field.casefold()
    seen = next((field for field in live.data_fields if field.name.casefold() == folded), None)
    fields = [field for field in desired.data_fields if field.account == mapping.account]
    declared = next((field for field in fields if field.name.casefold() == folded), None)
    if declared is not None and declared.type is not None:
        return _Target(seen.name if seen else declared.name, declared.type)
    if seen is not None:
        return _Target(seen.name, seen.type)
    if mapping.data_field.upper() in BUILT_IN:
        return _Target(mapping.data_field.upper(), DataFieldType.STRING)
    return None  # said once, where the field is declared as existing


def _existing(desired: Desired, dotdigital: Mapping[str, DotdigitalLive]) -> Iterator[ConfigError]:
    for field in desired.data_fields:
        if not field.existing or field.account not in dotdigital or field.name.upper() in BUILT_IN:
            continue
        names = [live.name for live in dotdigital[field.account].data_fields]
        if field.name.casefold() not in [name.casefold() for name in names]:
            summary = f"The data field {quoted(field.name)} does not exist in {quoted(field.account)}."
            hint = did_you_mean(field.name, names, otherwise=f"{field.name}: {{type: string}}")
            yield ConfigError("SFDD-E1306", summary, where=field.where, hint=hint)


def _field(
    mapping: FieldMapping, describes: Mapping[str, ObjectInfo | None]
) -> tuple[FieldInfo | None, list[ConfigError]]:
    name, sobject = mapping.salesforce_field, mapping.record_type.sobject
    described = describes.get(sobject)
    if described is None:
        summary = f"The object {quoted(sobject)} cannot be read by this Salesforce user."
        hint = f"grant Read on {sobject} (object permissions)"
        return None, [ConfigError("SFDD-E1301", summary, where=mapping.where, hint=hint)]
    if "." in name:
        return at_path(mapping, describes)
    field = described.fields.get(name)
    if field is None:
        return None, [_absent(mapping, described)]
    if mapping.direction.writes_salesforce and not field.updateable:
        return field, [_read_only(mapping, field)]
    return field, []


def _absent(mapping: FieldMapping, described: ObjectInfo) -> ConfigError:
    name = mapping.salesforce_field
    similar = None if name in _OFTEN_HIDDEN else closest(name, described.fields, likeness=0.8)
    grant = f"grant Read on {described.name}.{name} (field-level security)"
    if similar:
        summary = f"{described.name} has no field {quoted(name)}."
        detail = f"if it exists, it is hidden from this user: {grant}"
        hint = f"did you mean `{similar}`?"
        return ConfigError("SFDD-E1302", summary, where=mapping.where, hint=hint, detail=detail)
    summary = f"{described.name} shows this user no field {quoted(name)}: it is hidden, or does not exist."
    return ConfigError("SFDD-E1303", summary, where=mapping.where, hint=grant)


def _read_only(mapping: FieldMapping, field: FieldInfo) -> ConfigError:
    place = f"{mapping.record_type.sobject}.{field.name}"
    if field.calculated or field.type in _COMPOUND:
        summary = f"{quoted(place)} is calculated; only salesforce_to_dotdigital."
        return ConfigError("SFDD-E1304", summary, where=mapping.where, hint="direction: salesforce_to_dotdigital")
    summary = f"{quoted(place)} cannot be written by this Salesforce user."
    hint = f"grant Edit on {place} (field-level security), or direction: salesforce_to_dotdigital"
    return ConfigError("SFDD-E1304", summary, where=mapping.where, hint=hint)


def _types(mapping: FieldMapping, field: FieldInfo, target: _Target) -> list[ConfigError]:
    row = types.pair(field.type, target.type)
    fits = types.fitting(field.type)
    ends = f"{quoted(field.name)} ({field.type}) and {quoted(target.name)} ({target.type.value.lower()})"
    if row is None:
        hint = f"type: {fits[0].value.lower()}" if fits else f"remove `{field.name}:`"
        detail = f"goes with: {listed(kind.value.lower() for kind in fits)}" if fits else "this type cannot be mapped"
        return [
            ConfigError("SFDD-E1305", f"The types of {ends} do not fit.", where=mapping.where, hint=hint, detail=detail)
        ]
    if mapping.direction.writes_salesforce and not row.converts_back:
        summary = f"Values of {ends} only convert towards Dotdigital."
        better = next((kind for kind in fits if kind is not target.type), None)
        hint = f"type: {better.value.lower()}" if better else "direction: salesforce_to_dotdigital"
        return [ConfigError("SFDD-E1307", summary, where=mapping.where, hint=hint)]
    if mapping.direction is Direction.TWO_WAY and types.may_be_cut(field) and not mapping.lossy:
        summary = (
            f"{quoted(field.name)} holds up to {field.length:,} characters, Dotdigital {TEXT_LIMIT:,}: "
            "a longer text would come back cut."
        )
        return [ConfigError("SFDD-E1308", summary, where=mapping.where, hint="lossy: salesforce_only")]
    return []


def _may_be_refused(mapping: FieldMapping, field: FieldInfo) -> list[str]:
    if mapping.direction is not Direction.SALESFORCE_TO_DOTDIGITAL or not types.may_be_cut(field):
        return []
    text = f"{quoted(field.name)} can be longer than the {TEXT_LIMIT:,} characters Dotdigital takes"
    return [f"{mapping.where}: {text}; such values are left out."]


def _consent(
    desired: Desired, describes: Mapping[str, ObjectInfo | None], dotdigital: Mapping[str, DotdigitalLive]
) -> Iterator[ConfigError]:
    """CON-6: without Email Opt Out no person is imported. Records that are not mapped follow an opt-out too (CON-4)."""
    accounts = {account.key: account for account in desired.accounts if account.key in dotdigital}
    for key, record_type in desired.mapped:
        described = describes.get(record_type.sobject)
        if key in accounts and described is not None:
            mappings = (m.where for m in desired.mappings if (m.account, m.record_type) == (key, record_type))
            yield from _opt_out(accounts[key], record_type, described, next(mappings, accounts[key].where))
    for record_type in _ALWAYS_COUNTING:
        described = describes.get(record_type.sobject)
        if described is not None and record_type not in {kind for _, kind in desired.mapped}:
            for account in accounts.values():
                yield from _opt_out(account, record_type, described, account.where)


def _opt_out(
    account: Account, record_type: RecordType, described: ObjectInfo, where: Position | None
) -> Iterator[ConfigError]:
    name = record_type.opt_out_field
    place = f"{described.name}.{name}"
    field = described.fields.get(name)
    writes = record_type in account.consent.unsubscribe_to_salesforce
    if field is None:
        summary = f"Email Opt Out of {record_type.section} ({place}) cannot be read, so nobody may be imported."
        needed = "Read and Edit" if writes else "Read"
        hint = f"grant {needed} on {place} (field-level security)"
        yield ConfigError("SFDD-E1309", summary, where=where, hint=hint)
    elif writes and not field.updateable:
        summary = f"Email Opt Out of {record_type.section} ({place}) cannot be written, so nobody may be imported."
        switch = f"consent: {{unsubscribe_to_salesforce: {{{record_type.section}: false}}}}"
        hint = f"grant Edit on {place} (field-level security), or {switch}"
        yield ConfigError("SFDD-E1310", summary, where=where, hint=hint)


def _once(errors: list[DeclareError]) -> list[DeclareError]:
    """The same sentence about several rows is said at the first of them."""
    return list({(error.id, error.summary): error for error in reversed(errors)}.values())


def _by_place(error: DeclareError) -> tuple[str, int, int, str]:
    where = error.where
    return (where.file, where.line, where.col, error.id) if isinstance(where, Position) else ("", 0, 0, error.id)
