"""One line per mapped field: how many values travel, are replaced, blanked or kept, and how many people carry it."""

from __future__ import annotations

from collections.abc import Iterator

from sfdd_declare.model.mapping import Direction, MappedField
from sfdd_declare.model.plan import FieldCount
from sfdd_declare.people.engine import Engine
from sfdd_declare.people.question import Question


def field_counts(engine: Engine, question: Question) -> Iterator[FieldCount]:
    names = ("account", "record_type", "field")
    found = {tuple(row[n] for n in names): row for row in engine.rows("SELECT * FROM field_counts")}
    filled = {tuple(row[n] for n in names): row for row in engine.rows("SELECT * FROM filled_counts")}
    for account in question.accounts:
        for mapping in account.sets:
            for mapped in mapping.fields:
                place = (account.key, mapping.record_type.value, mapped.index)
                count, carried = found[place], filled.get(place, {"here": 0, "there": 0})
                yield FieldCount(
                    account=account.key,
                    record_type=mapping.record_type.value,
                    salesforce_field=mapped.mapping.salesforce_field,
                    data_field=mapped.data_field_name,
                    direction=mapped.mapping.direction.value,
                    to_dotdigital=count["there"],
                    to_salesforce=count["back"],
                    overwritten=count["there_overwritten"] + count["back_overwritten"],
                    blanked=count["there_blanked"] + count["back_blanked"],
                    blanks_kept=count["kept"],
                    carriers=carried["there" if _is_back(mapped) else "here"],
                    salesforce_won=count["there_won"],
                    dotdigital_won=count["back_won"],
                    conflicts_held=count["waiting"],
                    settled=count["there_settled"] + count["back_settled"],
                    is_new=mapped.is_new,
                    filled_there=carried["there"],
                    filled_here=carried["here"],
                    replaced_there=count["there_overwritten"] + count["there_blanked"],
                    replaced_here=count["back_overwritten"] + count["back_blanked"],
                )


def _is_back(mapped: MappedField) -> bool:
    return mapped.mapping.direction is Direction.DOTDIGITAL_TO_SALESFORCE
