"""Whom a read has shown so far, and whose other half is still to be read (ID-2). Small: a delta's worth of people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pyarrow.parquet as pq
from pydantic import SecretStr

from sfdd_declare.model.canonical import keyed_hash
from sfdd_declare.model.mapping import MappingSet, RecordType
from sfdd_declare.model.ports import Spool
from sfdd_declare.model.state import PeopleKeys
from sfdd_declare.people import columns


def keys(account: str, sets: tuple[MappingSet, ...], spool: Spool, hash_key: SecretStr) -> PeopleKeys:
    """The keys under which the state may know the people of one account whom the spool holds."""
    told = (columns.suppressed(account), columns.contacts(account))
    records = (*_records(account, sets), columns.OPTED_OUT_DATASET)
    ids = _column(spool, (*records, columns.MEMBERS_DATASET), "sf_id")
    key = hash_key.get_secret_value()
    return PeopleKeys(
        sf_ids=frozenset(map(str, ids)),
        contact_ids=frozenset(map(int, _column(spool, told, "contact_id"))),
        email_hashes=frozenset(keyed_hash(key, str(a)) for a in _column(spool, (*records, *told), "email_key")),
    )


def records(sets: tuple[MappingSet, ...], spool: Spool) -> Mapping[RecordType, frozenset[str]]:
    """Records that were read, and those of exported pairs, by type."""
    found: dict[RecordType, set[str]] = {}
    for s in sets:
        datasets = (columns.records(s.account, s.record_type), columns.base(s.account, s.record_type))
        found.setdefault(s.record_type, set()).update(map(str, _column(spool, datasets, "sf_id")))
    return {kind: frozenset(ids) for kind, ids in found.items()}


def unread_contacts(account: str, sets: tuple[MappingSet, ...], spool: Spool) -> frozenset[int]:
    """Contacts of exported pairs, and of people who are told to have opted out, that have not been read."""
    bases = (columns.base(s.account, s.record_type) for s in sets if s.account == account)
    found = _column(spool, (*bases, columns.suppressed(account)), "contact_id")
    return frozenset(map(int, found - _column(spool, (columns.contacts(account),), "contact_id")))


def unread_addresses(account: str, sets: tuple[MappingSet, ...], spool: Spool) -> frozenset[str]:
    """Addresses of records that were read, or are opted out, which no contact that was read has."""
    datasets = (*_records(account, sets), columns.OPTED_OUT_DATASET)
    found = _column(spool, datasets, "email_key") - _column(spool, (columns.contacts(account),), "email_key")
    return frozenset(map(str, found))


def addresses(account: str, sets: tuple[MappingSet, ...], spool: Spool) -> frozenset[str]:
    """Every address of the people read, folded."""
    datasets = (*_records(account, sets), columns.contacts(account), columns.suppressed(account))
    return frozenset(map(str, _column(spool, datasets, "email_key")))


def _records(account: str, sets: tuple[MappingSet, ...]) -> tuple[str, ...]:
    return tuple(columns.records(s.account, s.record_type) for s in sets if s.account == account)


def _column(spool: Spool, datasets: Iterable[str], name: str) -> set[str | int]:
    return {
        value
        for dataset in datasets
        for part in spool.parts(dataset)
        for value in pq.read_table(part, columns=[name]).column(0).to_pylist()
        if value is not None
    }
