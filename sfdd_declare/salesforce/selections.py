"""Declared selections of members as SOQL conditions, the rows they give, and which ids and addresses are nobody's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import pyarrow as pa

from sfdd_declare.model import condition, limits
from sfdd_declare.model.errors import Denied, RemoteError, Terminal
from sfdd_declare.model.mapping import RecordType
from sfdd_declare.model.ports import SelectionQuestion
from sfdd_declare.people import columns, forms
from sfdd_declare.salesforce.lanes import Column, direct, seconds
from sfdd_declare.salesforce.soql import chunks, guarded, in_list, quoted

#: What every selection of a record type is limited to.
LIMITS: Mapping[RecordType, tuple[str, ...]] = MappingProxyType(
    {
        RecordType.CONTACT: (),
        RecordType.LEAD: ("IsConverted = false",),
        RecordType.PERSON_ACCOUNT: ("IsPersonAccount = true",),
    }
)
#: Of one statement; the rest is for the columns.
_LONGEST_LIST = limits.SOQL_LENGTH - 15_000


def conditions(question: SelectionQuestion) -> tuple[str, ...]:
    """One condition per query. Raises ConfigError (SFDD-E2130) for a `where` that is not one condition."""
    if question.where is not None:
        return (f"({guarded(question.where, label=question.label, hint=hint(question))})",)
    if question.emails:
        wanted = (email.strip() for email in question.emails)
        groups = (part for group in chunks(wanted, limits.EMAILS_PER_QUERY) for part in _short(group))
        return tuple(in_list(direct(question.record_type).email, part) for part in groups)
    return by_id(question.ids)


def by_id(ids: Iterable[str]) -> tuple[str, ...]:
    return tuple(in_list("Id", group) for group in chunks(ids, limits.IDS_PER_QUERY))


def _short(values: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Addresses can be long: no list may fill a statement on its own."""
    part: list[str] = []
    size = 0
    for value in values:
        length = len(quoted(value)) + 1
        if part and size + length > _LONGEST_LIST:
            yield tuple(part)
            part, size = [], 0
        part.append(value)
        size += length
    if part:
        yield tuple(part)


class Sought:
    """One selection while it is read: its rows, and the ids or addresses it asks for, as far as nobody has them."""

    def __init__(self, question: SelectionQuestion) -> None:
        self._question = question
        self.lane = direct(question.record_type)
        keys = _folded(question.emails) if question.emails else [value[:15] for value in question.ids]
        asked = zip(keys, question.emails or question.ids, strict=True)
        self._missing = {key or "": value for key, value in asked}

    @property
    def missing(self) -> tuple[str, ...]:
        return tuple(self._missing.values())

    def replaced(self, steps: Mapping[str, str]) -> None:
        """These ids stand for other records now."""
        for old, new in steps.items():
            if old[:15] in self._missing:
                self._missing[new[:15]] = self._missing.pop(old[:15])

    def rows(self, column: Column) -> pa.RecordBatch:
        """Records of a page as rows of `selected`; who they are is missing no more."""
        ids, size = column("Id"), len(column("Id"))
        addresses = _folded(column(self.lane.email)) if self._question.emails else [None] * size
        for key in addresses if self._question.emails else (value[:15] for value in ids):
            self._missing.pop(key or "", None)
        texts = ([self._question.campaign] * size, [self.lane.record_type.value] * size, ids)
        arrays = [pa.array(values, pa.string()) for values in (*texts, [self._question.status] * size, addresses)]
        return pa.record_batch([*arrays, seconds(column("LastModifiedDate"))], schema=columns.SELECTED)


def _folded(emails: Sequence[str | None]) -> list[str | None]:
    """Addresses as people are matched by them."""
    found: list[str | None] = forms.email_key(pa.array(emails, pa.string())).to_pylist()
    return found


def hint(question: SelectionQuestion) -> str:
    """The YAML key of the selection."""
    given = {"where": question.where is not None, "file": question.file is not None, "emails": bool(question.emails)}
    key = next((name for name, is_given in given.items() if is_given), "ids")
    return f"campaigns.{question.campaign}.members.{question.record_type.section}.{key}"


def rejected(error: RemoteError, question: SelectionQuestion) -> RemoteError:
    """The error in words about the selection, if Salesforce rejected the query itself."""
    if not isinstance(error, Terminal) or isinstance(error, Denied) or error.status != 400:
        return error
    return Terminal(
        "SFDD-E2131",
        f"Salesforce rejects this selection of {question.record_type.section}: "
        f"{condition.told(error.summary, question.where or '')}",
        code=error.code,
        status=error.status,
        where=question.label,
        hint=hint(question),
    )


def survivors(facts: Iterable[tuple[Any, Any, Any]]) -> dict[str, str]:
    """Of (id, deleted, master): which records were merged into which."""
    return {record_id: master for record_id, _, master in facts if master}
