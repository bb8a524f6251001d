"""What `drift.sql` found to be changed by hand, as values; masked by the class of their field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from sfdd_declare.model import address
from sfdd_declare.model.drift import DriftKind, MoreDrift, PeopleDrift, PeopleDrifts, System
from sfdd_declare.model.mapping import MappedField, RecordType
from sfdd_declare.model.privacy import Sort, mask
from sfdd_declare.people.engine import Engine, Row
from sfdd_declare.people.question import Question
from sfdd_declare.people.samples import sort_of, sorts_by_field
from sfdd_declare.people.words import Side

_SYSTEMS = {Side.SALESFORCE: System.SALESFORCE, Side.DOTDIGITAL: System.DOTDIGITAL}


def drifts(engine: Engine, question: Question) -> PeopleDrifts:
    """Of the rows of `changes` that are left, and of who waits."""
    engine.run("drift")
    groups = engine.rows("SELECT * FROM drift_groups WHERE is_listed ORDER BY what, nth")
    more = engine.rows("SELECT * FROM drift_more ORDER BY what, account, record_type, place")
    others = engine.rows("SELECT * FROM drift_others ORDER BY operation")
    return PeopleDrifts(
        groups=tuple(_groups(groups, sorts_by_field(question))),
        more=tuple(
            MoreDrift(DriftKind(row["what"]), _address(row), row["groups"], int(row["people"]), row["field"] or "")
            for row in more
        ),
        others=tuple((row["operation"], row["people"], row["rows"]) for row in others),
    )


def _groups(rows: list[Row], fields: Mapping[tuple[str, str, str], MappedField]) -> Iterator[PeopleDrift]:
    for row in rows:
        mapped = fields.get((row["account"], row["record_type"], row["field"]))
        yield PeopleDrift(
            kind=DriftKind(row["what"]),
            address=_address(row),
            system=_SYSTEMS[Side(row["side"])],
            people=row["people"],
            field=row["field"] or "",
            value=mask(row["shown"], sort_of(row["shown"], mapped, Sort.TEXT)),
            by=row["changed_by"] or "",
            at=_moment(row["changed_at"]),
        )


def _address(row: Row) -> str:
    match DriftKind(row["what"]):
        case DriftKind.VALUE:
            section = RecordType(row["record_type"]).section
            return str(address.field_mapping(row["account"], section, row["place"]))
        case DriftKind.LEFT:
            return str(address.address_book(row["place"]))
        case DriftKind.MEMBER_ADDED | DriftKind.MEMBER_REMOVED:
            return str(address.campaign(row["place"]))
        case _:
            return str(address.account(row["account"]))


def _moment(seconds: int | None) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if seconds else ""
