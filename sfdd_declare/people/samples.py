"""A few people with all that changes about them, each kind of change in turn; masked unless a terminal asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from sfdd_declare.model.mapping import DataFieldType, FormKind, MappedField
from sfdd_declare.model.plan import Sample
from sfdd_declare.model.privacy import Sort, mask
from sfdd_declare.people.engine import Engine, one_of
from sfdd_declare.people.question import Question

_SORTS = {
    FormKind.DECIMAL: Sort.NUMBER,
    FormKind.DATE: Sort.DATE,
    FormKind.DATETIME: Sort.DATE,
    FormKind.BOOL: Sort.FLAG,
}

#: What a change of this aspect is about, where the row's field says something else.
_PLACES: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "list": lambda row: str(row["address_book"]),
    "member": lambda _: "Status",
}


def samples(engine: Engine, question: Question) -> tuple[Sample, ...]:
    """All rows of the first `question.samples` people."""
    chosen = _chosen(engine, question.samples)
    if not chosen:
        return ()
    rows = engine.rows(
        f"SELECT * FROM changes WHERE person IN {one_of(chosen)} ORDER BY operation, CAST(aspect AS VARCHAR), field,"
        " address_book, campaign, decision, reason, account"
    )
    rows.sort(key=lambda row: chosen.index(row["person"]))
    links = _links(engine, question, chosen)
    sorts = sorts_by_field(question)
    return tuple(_sample(row, question, links, sorts) for row in rows)


def sorts_by_field(question: Question) -> Mapping[tuple[str, str, str], MappedField]:
    """Mapped fields by account, record type and either of their names."""
    fields = [(s.account, s.record_type.value, f) for a in question.accounts for s in a.sets for f in s.fields]
    by_record = {(account, kind, f.mapping.salesforce_field): f for account, kind, f in fields}
    return by_record | {(account, kind, f.data_field_name): f for account, kind, f in fields}


def _chosen(engine: Engine, most: int) -> list[str]:
    """The first people of each kind of change, kinds taking turns."""
    groups: dict[tuple[str, str, str], list[str]] = {}
    kinds = (
        "SELECT *, row_number() OVER (PARTITION BY operation, aspect, decision ORDER BY person) AS nth"
        " FROM (SELECT DISTINCT operation, CAST(aspect AS VARCHAR) AS aspect, decision, person FROM changes)"
    )
    first = f"SELECT * FROM ({kinds}) WHERE nth <= {most:d} ORDER BY operation, aspect, decision, nth"
    for row in engine.rows(first):
        groups.setdefault((row["operation"], row["aspect"], row["decision"]), []).append(row["person"])
    in_turn = (person for turn in zip_longest(*groups.values()) for person in turn if person is not None)
    return list(dict.fromkeys(in_turn))[:most]


def _links(engine: Engine, question: Question, people: Sequence[str]) -> dict[tuple[str, str], str]:
    """By account and record, the first link that wants a person on any book."""
    found = engine.rows(f"SELECT account, sf_id, link FROM first_links WHERE sf_id IN {one_of(people)}")
    return {(row["account"], row["sf_id"]): question.links[row["link"]].address for row in found}


def _sample(
    row: Mapping[str, Any],
    question: Question,
    links: Mapping[tuple[str, str], str],
    fields: Mapping[tuple[str, str, str], MappedField],
) -> Sample:
    mapped = fields.get((row["account"], row["record_type"], row["field"]))
    is_value = row["aspect"] in ("value", "problem") and row["decision"] != "default"
    sort = Sort.EMAIL if row["field"] == "email" else Sort.CHOICE
    show = _in_clear if question.reveal else mask
    old = None if row["aspect"] == "list" else row["old"]  # of lists: what the row rests on, for nobody to read
    return Sample(
        person=row["person"],
        email=show(row["email"], Sort.EMAIL),
        link=_link(row, question, links),
        aspect=row["aspect"],
        field=_PLACES[row["aspect"]](row) if row["aspect"] in _PLACES else row["field"] or "",
        old=show(old, sort_of(old, mapped, sort) if is_value else sort),
        new=show(row["new"], sort_of(row["new"], mapped, sort) if is_value else sort),
        decision=row["decision"],
        reason=row["reason"] or "",
    )


def kept_samples(rows: Path, people: int) -> tuple[Sample, ...]:
    """All rows of the first so many people of a file of changes, in clear. Which link wants them is not in it."""
    chosen: dict[str, None] = {}
    for batch in pq.ParquetFile(rows).iter_batches(columns=["person"]):
        chosen.update(dict.fromkeys(batch.column(0).to_pylist()))
        if len(chosen) >= people:
            break
    order = list(chosen)[:people]
    found = pq.read_table(rows, filters=[("person", "in", order), ("aspect", "!=", "problem")]) if order else None
    kept = found.to_pylist() if found is not None else []
    return tuple(_kept(row) for row in sorted(kept, key=lambda row: order.index(row["person"])))


def _kept(row: Mapping[str, Any]) -> Sample:
    return Sample(
        person=row["person"],
        email=row["email"],
        link=str(row["address_book"] or row["campaign"] or ""),
        aspect=row["aspect"],
        field=_PLACES[row["aspect"]](row) if row["aspect"] in _PLACES else row["field"] or "",
        old=None if row["aspect"] == "list" else row["old"],
        new=row["new"],
        decision=row["decision"],
        reason=row["reason"] or "",
    )


def _in_clear(text: str | None, _sort: Sort) -> str | None:
    return text


def _link(row: Mapping[str, Any], question: Question, links: Mapping[tuple[str, str], str]) -> str:
    for link in question.links:
        is_book = link.address_book == row["address_book"]
        if is_book and row["campaign"] in (None, link.campaign):
            return link.address
        if row["aspect"] == "member" and link.campaign == row["campaign"]:
            return link.address
    return links.get((row["account"], row["person"]), "")


def sort_of(value: str | None, mapped: MappedField | None, default: Sort) -> Sort:
    """Whatever cannot be told is masked as text."""
    if mapped is None:
        return Sort.EMAIL if default is Sort.EMAIL else Sort.TEXT
    if mapped.data_field_type is DataFieldType.BOOLEAN:
        return Sort.FLAG
    if mapped.choices:
        return Sort.CHOICE if value in mapped.choices else Sort.TEXT
    return _SORTS.get(mapped.form.kind, Sort.TEXT)
