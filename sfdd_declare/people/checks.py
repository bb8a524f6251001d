"""What it means that a target cannot hold a value (VAL-23), in words. Which values those are stands in `checks.sql`."""

from __future__ import annotations

from sfdd_declare.model.typetable import Misfit

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
