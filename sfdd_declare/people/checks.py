"""VAL-23: values their target cannot hold, found when a write is decided. A code names the problem, null is none."""

from __future__ import annotations

import ibis

from sfdd_declare.model.mapping import DataFieldType
from sfdd_declare.model.rules import TEXT_LIMIT
from sfdd_declare.people.forms import LONGEST_EMAIL
from sfdd_declare.people.tables import Table, Value, no_text

NOT_A_NUMBER = "not_a_number"
TOO_MANY_DIGITS = "too_many_digits"
NOT_A_DATE = "not_a_date"
NOT_A_BOOLEAN = "not_a_boolean"
TEXT_TOO_LONG = "text_too_long"
EMAIL_TOO_LONG = "email_too_long"

#: What the ledger says of a value that was not sent; never the value.
MEANINGS = {
    NOT_A_NUMBER: "the value is not a number",
    TOO_MANY_DIGITS: "the number has more digits than Dotdigital takes",
    NOT_A_DATE: "the value is not a date",
    NOT_A_BOOLEAN: "the value is neither true nor false",
    TEXT_TOO_LONG: "the text is longer than Dotdigital takes",
    EMAIL_TOO_LONG: "the address is longer than Dotdigital takes",
}

#: Dotdigital's Numeric: 18 digits before the point, 9 after it.
_NUMBER = r"^-?[0-9]+(\.[0-9]+)?$"
_FITTING_NUMBER = r"^-?[0-9]{1,18}(\.[0-9]{1,9})?$"
_DATE = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}(T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z)?$"


def dotdigital_problem(table: Table) -> Value:
    """Of the comparison form `c_s` and the raw value `r_s` for the data field type `d_type`."""
    form, kind = table.c_s, table.d_type
    is_date = form.re_search(_DATE) & form.left(10).try_cast("date").notnull()
    return ibis.cases(
        (form.isnull(), no_text()),
        ((kind == DataFieldType.NUMERIC.value) & ~form.re_search(_NUMBER), NOT_A_NUMBER),
        ((kind == DataFieldType.NUMERIC.value) & ~form.re_search(_FITTING_NUMBER), TOO_MANY_DIGITS),
        ((kind == DataFieldType.DATE.value) & ~is_date, NOT_A_DATE),
        ((kind == DataFieldType.BOOLEAN.value) & ~form.isin(["true", "false"]), NOT_A_BOOLEAN),
        ((kind == DataFieldType.STRING.value) & (table.r_s.length() > TEXT_LIMIT), TEXT_TOO_LONG),
        else_=no_text(),
    )


def address_problem(email: Value) -> Value:
    return (email.length() > LONGEST_EMAIL).ifelse(EMAIL_TOO_LONG, no_text())
