"""The files of the spool as the tables that the rules read, and the values of whoever is asked for, one row per field.

The one place where SQL is generated: files are named by account and record type, and mapped fields are their columns.
What comes out of here names neither.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import pyarrow as pa

from sfdd_declare.model.mapping import MappingSet, RecordType
from sfdd_declare.people import columns
from sfdd_declare.people.engine import Engine, literal, parquet
from sfdd_declare.people.question import AccountRules, Question

_TYPES = {pa.string(): "VARCHAR", pa.bool_(): "BOOLEAN", pa.int64(): "BIGINT", pa.int8(): "TINYINT"}

#: Which of several rows of a record or contact counts when they say different things: the order of `sides.sql`.
_RECORD_ORDER = (
    "coalesce(modified, -1) DESC, opted_out DESC, converted DESC, coalesce(converted_to, ''),"
    " coalesce(email_key, ''), coalesce(email, '')"
)
_CONTACT_ORDER = "is_out DESC, looked_up, coalesce(channel, ''), coalesce(email_key, ''), coalesce(email, '')"
_GONE = "coalesce(status, '') IN ('deleted', 'binned') OR coalesce(channel, '') IN ('deleted', 'binned')"

_RECORD = ("sf_id", "email", "email_key", "opted_out", "modified", "modified_by", "converted", "converted_to")
_CONTACT = ("contact_id", "email", "email_key", "status", "channel", "looked_up")
_PAIR = ("sf_id", "contact_id", "email_s", "email_d", "out_s", "out_d", "wrote_s", "wrote_d")
_ORG = {
    "members": columns.MEMBERS,
    "protected": columns.PROTECTED,
    "selected": columns.SELECTED,
    "opted_out": columns.OPTED_OUT,
    "not_ticked": columns.NOT_TICKED,
    "fates": columns.FATES,
    "found": columns.FOUND,
    "read_approved": columns.APPROVED,
}
_BY_ACCOUNT = {
    "read_listed": (columns.listed, columns.LISTED),
    "read_suppressed": (columns.suppressed, columns.SUPPRESSED),
    "read_list_optouts": (columns.list_optouts, columns.LIST_OPTOUTS),
    "read_intents": (columns.intents, columns.INTENTS),
    "read_remembered": (columns.remembered, columns.REMEMBERED),
    "read_parked": (columns.parked, columns.PARKED),
}
_OF_SET = {"account": "VARCHAR", "record_type": "record_type"}


@dataclass(frozen=True, slots=True)
class Source:
    """One dataset of the spool, or nothing. `labels`: columns that its rows get, as SQL."""

    files: tuple[str, ...]
    labels: tuple[tuple[str, str], ...] = ()

    @property
    def sql(self) -> str:
        return parquet(self.files)

    def select(self, *what: str) -> str:
        named = [f"{value} AS {name}" for name, value in self.labels]
        return f"SELECT {', '.join([*named, *what])} FROM {self.sql}"


def open_views(engine: Engine, question: Question) -> None:
    """`read_…`, the org's datasets by their own names, and the signatures of everybody's values."""
    for name, schema in _ORG.items():
        _view(engine, name, [_source(engine, name)], _shape(schema, schema.names))
    accounts = question.accounts
    for name, (dataset, schema) in _BY_ACCOUNT.items():
        sources = [_source(engine, dataset(account.key), account=account.key) for account in accounts]
        _view(engine, name, sources, {"account": "VARCHAR"} | _shape(schema, schema.names))
    own = {name: name for name in columns.MEMBERSHIPS.names if name not in ("account", "forget", "left")}
    parts = [_source(engine, columns.memberships(account.key), account=account.key) for account in accounts]
    shape = {"account": "VARCHAR"} | _shape(columns.MEMBERSHIPS, own) | {"has_left": "BOOLEAN"}
    _view(engine, "read_memberships", parts, shape, has_left='"left"')
    parts = [_source(engine, columns.contacts(account.key), account=account.key) for account in accounts]
    _view(engine, "read_contacts", parts, {"account": "VARCHAR"} | _shape(columns.contacts_schema(()), _CONTACT))
    sets = [mapping for account in accounts for mapping in account.sets]
    nothing = MappingSet("", RecordType.CONTACT, ())
    _view(
        engine,
        "read_records",
        [_records(engine, s) for s in sets],
        _OF_SET | _shape(columns.records_schema(nothing), _RECORD),
    )
    _view(engine, "read_base", [_bases(engine, s) for s in sets], _OF_SET | _shape(columns.base_schema(nothing), _PAIR))
    _open_signatures(engine, accounts)


def _open_signatures(engine: Engine, accounts: Sequence[AccountRules]) -> None:
    """One text per side and base that says whether anything differs: to compare, never to keep."""
    records, contacts, bases = [], [], []
    for account in accounts:
        every = columns.slots(account.sets)
        for mapping in account.sets:
            if not mapping.fields:
                continue
            forms = [f"c{m.index}" for m in mapping.fields]
            hashes = ", ".join(f"left(sha256(s.prefix || coalesce({form}, '')), 16)" for form in forms)
            if (source := _records(engine, mapping)).files:
                records.append(
                    source.select("sf_id", f"md5({_joined(forms)}) AS forms", f"md5(concat({hashes})) AS hashes")
                    + " CROSS JOIN settings AS s"
                )
            labels = _labels(account=account.key, record_type=mapping.record_type)
            if files := _files(engine, columns.contacts(account.key)):
                slots = [f"c{columns.slot_of(m, every).index}" for m in mapping.fields]
                contacts.append(Source(files, labels).select("contact_id", f"md5({_joined(slots)}) AS forms"))
            if (source := _bases(engine, mapping)).files:
                known = {side: ", ".join(f"coalesce(b{side}{m.index}, '-')" for m in mapping.fields) for side in "sd"}
                marks = " OR ".join(f"(coalesce(m{m.index}, 0) & {columns.ALTERED}) <> 0" for m in mapping.fields)
                signed = [f"md5(concat({of})) AS hashes_{side}" for side, of in known.items()]
                bases.append(source.select("sf_id", *signed, f"{marks} AS is_altered"))
    _union(engine, "record_forms", records, _OF_SET | dict.fromkeys(("sf_id", "forms", "hashes"), "VARCHAR"))
    _union(engine, "contact_forms", contacts, _OF_SET | {"contact_id": "BIGINT", "forms": "VARCHAR"})
    signatures = dict.fromkeys(("sf_id", "hashes_s", "hashes_d"), "VARCHAR")
    _union(engine, "base_forms", bases, _OF_SET | signatures | {"is_altered": "BOOLEAN"})


def fetch_values(engine: Engine, question: Question) -> None:
    """Fill `record_values`, `contact_values` and `base_values` for `asked_records`, `asked_contacts`, `asked_bases`."""
    for account in question.accounts:
        every = [(slot.index, f"c{slot.index}", f"r{slot.index}") for slot in columns.slots(account.sets)]
        asked = f"SELECT contact_id FROM asked_contacts WHERE account = {literal(account.key)}"
        source = _source(engine, columns.contacts(account.key), account=account.key)
        if every and source.files and engine.count("asked_contacts", f"account = {literal(account.key)}"):
            one = _one_contact_each(account, source, every, f"contact_id IN ({asked})")
            engine.execute(_tall("contact_values", one, "account, contact_id", ("slot", "c", "r"), every))
        for mapping in account.sets:
            if mapping.fields:
                _fetch_set(engine, mapping)


def _fetch_set(engine: Engine, mapping: MappingSet) -> None:
    of_set = f"account = {literal(mapping.account)} AND record_type = {literal(mapping.record_type.value)}"
    source, base = _records(engine, mapping), _bases(engine, mapping)
    fields = [(m.index, f"c{m.index}", f"r{m.index}") for m in mapping.fields]
    if source.files and engine.count("asked_records", of_set):
        asked = f"sf_id IN (SELECT sf_id FROM asked_records WHERE {of_set})"
        one = _one_record_each(source, fields, asked)
        engine.execute(_tall("record_values", one, "account, sf_id, modified_by", ("field", "c", "r"), fields))
    if base.files and engine.count("asked_bases", of_set):
        asked = f"sf_id IN (SELECT sf_id FROM asked_bases WHERE {of_set})"
        known = [(m.index, f"bs{m.index}", f"bd{m.index}", f"m{m.index}") for m in mapping.fields]
        keys = "account, record_type, sf_id, contact_id, wrote_s, wrote_d"
        one = f"{base.select('*')} WHERE {asked}"
        engine.execute(_tall("base_values", one, keys, ("field", "b_s", "b_d", "mark"), known))


def count_filled_bases(engine: Engine, question: Question) -> None:
    """`filled_values`: how many values are filled in the base, of everybody whose values are compared (VAL-26)."""
    for mapping in _sets(question):
        base = _bases(engine, mapping)
        of_set = f"account = {literal(mapping.account)} AND record_type = {literal(mapping.record_type.value)}"
        if not base.files or not engine.count("lost_values", of_set):
            continue
        counts = [
            f"SELECT {m.index} AS field, '{side}' AS side, count(*) FILTER (WHERE b{side}{m.index} IS NOT NULL AND"
            f" b{side}{m.index} NOT IN (s.blank_hash, '{columns.HELD}')) AS filled FROM one CROSS JOIN settings AS s"
            for m in mapping.fields
            for side in "sd"
        ]
        engine.execute(
            f"INSERT INTO filled_values BY NAME WITH one AS MATERIALIZED ({base.select('*')} WHERE sf_id IN"
            f" (SELECT sf_id FROM active WHERE {of_set})) SELECT {literal(mapping.account)} AS account,"
            f" {literal(mapping.record_type.value)} AS record_type, * FROM ({' UNION ALL '.join(counts)})"
        )


def count_filled(engine: Engine, question: Question) -> None:
    """`filled_counts`: how many people in scope have a value in Salesforce, and how many in Dotdigital, by field."""
    for account in question.accounts:
        every = columns.slots(account.sets)
        slots = [(slot.index, f"c{slot.index}", f"r{slot.index}") for slot in every]
        there = _source(engine, columns.contacts(account.key), account=account.key)
        for mapping in account.sets:
            here = _records(engine, mapping)
            if not mapping.fields or not here.files:
                continue
            fields = [(m.index, f"c{m.index}", f"r{m.index}") for m in mapping.fields]
            of_set = f"account = {literal(account.key)} AND record_type = {literal(mapping.record_type.value)}"
            active = f"FROM active WHERE {of_set}"
            scope = f"sf_id IN (SELECT sf_id {active} UNION SELECT sf_id FROM created WHERE {of_set})"
            mine = _one_record_each(here, fields, scope)
            if not _repeats(engine, "read_records", "records_read", of_set):
                mine = f"{here.select('*')} WHERE {scope}"
            filled = {("here", m.index): f"c{m.index}" for m in mapping.fields}
            counts = _counted(engine, mine, filled)
            if there.files:
                scope = f"contact_id IN (SELECT contact_id {active})"
                theirs = _one_contact_each(account, there, slots, scope)
                if not _repeats(engine, "read_contacts", "contacts", f"account = {literal(account.key)}"):
                    theirs = f"{there.select('*')} WHERE {scope}"
                filled = {("there", m.index): f"c{columns.slot_of(m, every).index}" for m in mapping.fields}
                counts |= _counted(engine, theirs, filled)
            engine.insert(
                "filled_counts",
                ("account", "record_type", "field", "here", "there"),
                [
                    (account.key, mapping.record_type.value, i, counts["here", i], counts.get(("there", i), 0))
                    for i in (m.index for m in mapping.fields)
                ],
            )


def _counted(engine: Engine, rows: str, named: dict[tuple[str, int], str]) -> dict[tuple[str, int], int]:
    counts = ", ".join(f"count({column}) AS {place}_{index}" for (place, index), column in named.items())
    [row] = engine.rows(f"SELECT {counts} FROM ({rows})")
    return {(place, index): int(row[f"{place}_{index}"]) for place, index in named}


def _repeats(engine: Engine, read: str, one_each: str, where: str) -> bool:
    return engine.count(read, where) != engine.count(one_each, where)


def _one_record_each(source: Source, fields: Sequence[tuple[int, str, str]], where: str) -> str:
    spelled = _joined([*(c for _, c, _ in fields), *(r for _, _, r in fields), "modified_by"])
    order = f"{_RECORD_ORDER}, {spelled}"
    return (
        f"SELECT * FROM (SELECT *, row_number() OVER (PARTITION BY sf_id ORDER BY {order}) AS nth"
        f" FROM ({source.select('*')} WHERE {where})) WHERE nth = 1"
    )


def _one_contact_each(account: AccountRules, source: Source, slots: Sequence[tuple[int, str, str]], where: str) -> str:
    order = f"{_CONTACT_ORDER}, {_joined([*(c for _, c, _ in slots), *(r for _, _, r in slots)])}"
    reasons = f"SELECT reason FROM opt_out_reasons WHERE account = {literal(account.key)}"
    there = source.select("*", f"coalesce(channel IN ({reasons}), FALSE) AS is_out")
    return (
        f"SELECT * FROM (SELECT *, row_number() OVER (PARTITION BY contact_id ORDER BY {order}) AS nth"
        f" FROM ({there} WHERE {where} AND NOT ({_GONE}))) WHERE nth = 1"
    )


def _tall(table: str, rows: str, keys: str, names: Sequence[str], fields: Iterable[tuple[object, ...]]) -> str:
    """One row per field of rows that have their fields side by side. `fields`: number and columns, as `names`."""
    parts = [
        f"SELECT {keys}, {', '.join(f'{what} AS {name}' for name, what in zip(names, of_field, strict=True))} FROM one"
        for of_field in fields
    ]
    return f"INSERT INTO {table} BY NAME WITH one AS MATERIALIZED ({rows}) {' UNION ALL '.join(parts)}"


def _joined(parts: Iterable[str]) -> str:
    """One text that tells any two different rows of texts apart: each with its length, `-` for null."""
    marked = [f"coalesce(length({part}) || ':' || {part}, '-')" for part in parts]
    return f"concat({', '.join(marked)})"


def _sets(question: Question) -> Iterator[MappingSet]:
    return (mapping for account in question.accounts for mapping in account.sets if mapping.fields)


def _records(engine: Engine, mapping: MappingSet) -> Source:
    dataset = columns.records(mapping.account, mapping.record_type)
    return _source(engine, dataset, account=mapping.account, record_type=mapping.record_type)


def _bases(engine: Engine, mapping: MappingSet) -> Source:
    dataset = columns.base(mapping.account, mapping.record_type)
    return _source(engine, dataset, account=mapping.account, record_type=mapping.record_type)


def _source(engine: Engine, dataset: str, *, account: str = "", record_type: RecordType | None = None) -> Source:
    return Source(_files(engine, dataset), _labels(account=account, record_type=record_type) if account else ())


def _files(engine: Engine, dataset: str) -> tuple[str, ...]:
    return tuple(str(path) for path in engine.spool.parts(dataset))


def _labels(*, account: str, record_type: RecordType | None) -> tuple[tuple[str, str], ...]:
    own = (("account", literal(account)),)
    return own if record_type is None else (*own, ("record_type", f"CAST({literal(record_type.value)} AS record_type)"))


def _shape(schema: pa.Schema, names: Iterable[str]) -> dict[str, str]:
    return {name: _TYPES[schema.field(name).type] for name in names}


def _view(engine: Engine, name: str, sources: Sequence[Source], shape: dict[str, str], **spelled: str) -> None:
    labels = {label for source in sources for label, _ in source.labels}
    what = [
        f"{spelled[column]} AS {column}" if column in spelled else column for column in shape if column not in labels
    ]
    _union(engine, name, [source.select(*what) for source in sources if source.files], shape)


def _union(engine: Engine, name: str, parts: Sequence[str], shape: dict[str, str]) -> None:
    empty = f"SELECT {', '.join(f'CAST(NULL AS {kind}) AS {column}' for column, kind in shape.items())} WHERE FALSE"
    engine.execute(f"CREATE TEMP VIEW {name} AS {' UNION ALL '.join(parts) or empty}")
