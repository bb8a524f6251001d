"""VAL-23: values their target cannot hold, found when a write is decided. A code names the problem, null is none.

Which types there are and what is refused for each stands in `model.typetable`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

import ibis

from sfdd_declare.model.mapping import DataFieldType, FormKind, MappedField
from sfdd_declare.model.rules import TEXT_LIMIT
from sfdd_declare.model.typetable import Misfit
from sfdd_declare.people.forms import LONGEST_EMAIL
from sfdd_declare.people.tables import Table, Value, no_text

#: What the ledger says of a value that was not sent; never the value.
MEANINGS: dict[str, str] = {
    Misfit.TEXT_TOO_LONG: "the text is longer than its target takes",
    Misfit.NOT_IN_PICKLIST: "the value is none of the restricted picklist's",
    Misfit.INVALID_EMAIL: "the value is not an email address",
    Misfit.EMAIL_TOO_LONG: "the address is longer than Dotdigital takes",
    Misfit.NOT_A_NUMBER: "the value is not a number",
    Misfit.TOO_MANY_DIGITS: "the number has more digits than its target takes",
    Misfit.NOT_A_DATE: "the value is not a date",
    Misfit.DATE_OUT_OF_RANGE: "the date is before 1700 or after 4000",
    Misfit.NOT_A_BOOLEAN: "the value is neither true nor false",
}

#: Dotdigital's Numeric: 18 digits before the point, 9 after it.
_NUMBER = r"^-?[0-9]+(\.[0-9]+)?$"
_FITTING_NUMBER = r"^-?[0-9]{1,18}(\.[0-9]{1,9})?$"
_WHOLE_NUMBER = r"^-?[0-9]{1,10}$"
_LARGEST_INT = 2**31 - 1
_EMAIL = r"^[^@\s,;<>()\"\\]+@[^@\s,;<>()\"\\.]+(\.[^@\s,;<>()\"\\.]+)+$"
_EARLIEST, _LATEST = "1700", "4000"  # years of Salesforce
_DATE = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}(T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z)?$"


def dotdigital_problem(table: Table) -> Value:
    """Of the comparison form `c_s` and what is sent, `v_d`, for the data field type `d_type`."""
    form, kind = table.c_s, table.d_type
    return ibis.cases(
        (form.isnull(), no_text()),
        ((kind == DataFieldType.NUMERIC.value) & ~form.re_search(_NUMBER), Misfit.NOT_A_NUMBER),
        ((kind == DataFieldType.NUMERIC.value) & ~form.re_search(_FITTING_NUMBER), Misfit.TOO_MANY_DIGITS),
        ((kind == DataFieldType.DATE.value) & ~_is_date(form), Misfit.NOT_A_DATE),
        ((kind == DataFieldType.BOOLEAN.value) & ~form.isin(["true", "false"]), Misfit.NOT_A_BOOLEAN),
        ((kind == DataFieldType.STRING.value) & (table.v_d.length() > TEXT_LIMIT), Misfit.TEXT_TOO_LONG),
        else_=no_text(),
    )


def salesforce_problem(table: Table, fields: Sequence[MappedField]) -> Value:
    """Of the comparison form `c_d` and what is sent, `v_s`, for the Salesforce field (`s_type` and its limits)."""
    form, kind = table.c_d, table.form
    whole = form.re_replace(r"^-|\..*$", "").length()
    is_number, is_moment = kind == FormKind.DECIMAL.value, kind.isin([FormKind.DATE.value, FormKind.DATETIME.value])
    is_long = (table.s_digits > 0) & (whole > table.s_digits)
    is_beyond_int = (table.s_type == "int") & ~_fits_int(form)
    outside = ~form.left(4).between(_EARLIEST, _LATEST)
    return ibis.cases(
        (form.isnull(), no_text()),
        (is_number & ~form.re_search(_NUMBER), Misfit.NOT_A_NUMBER),
        (is_number & (is_long | is_beyond_int), Misfit.TOO_MANY_DIGITS),
        (is_moment & ~_is_date(form), Misfit.NOT_A_DATE),
        (is_moment & outside, Misfit.DATE_OUT_OF_RANGE),
        ((kind == FormKind.BOOL.value) & ~form.isin(["true", "false"]), Misfit.NOT_A_BOOLEAN),
        ((table.s_length > 0) & (table.v_s.length() > table.s_length) & _is_text(kind), Misfit.TEXT_TOO_LONG),
        *((~_is_chosen(table, field), Misfit.NOT_IN_PICKLIST) for field in fields if field.restricted),
        ((table.s_type == "email") & ~is_address(form), Misfit.INVALID_EMAIL),
        else_=no_text(),
    )


def is_address(email: Value) -> Value:
    """Whether Salesforce takes it as an email address."""
    return email.re_search(_EMAIL)


def address_problem(email: Value) -> Value:
    return (email.length() > LONGEST_EMAIL).ifelse(Misfit.EMAIL_TOO_LONG, no_text())


def _is_date(form: Value) -> Value:
    return form.re_search(_DATE) & form.left(10).try_cast("date").notnull()


def _fits_int(form: Value) -> Value:
    number = form.re_search(_WHOLE_NUMBER).ifelse(form, no_text()).try_cast("int64")
    return (number.abs() <= _LARGEST_INT).fill_null(False)


def _is_text(kind: Value) -> Value:
    return kind.isin([FormKind.TEXT.value, FormKind.SET.value])


def _is_chosen(table: Table, field: MappedField) -> Value:
    """Whether a value is one of a restricted picklist's; true of all other fields."""
    choices = [unicodedata.normalize("NFC", choice) for choice in field.choices]
    if field.form.kind is FormKind.SET:
        one = "|".join(re.escape(choice) for choice in choices)
        is_chosen = table.c_d.re_search(rf"^(?:{one})(?:;(?:{one}))*$")
    else:
        is_chosen = table.c_d.isin(choices or [""])
    return (table.field != field.index) | is_chosen
