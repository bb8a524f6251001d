"""Comparison forms on Arrow: what two systems spell differently becomes one text to compare and hash (BASE-3).

This is the only place where people's values are parsed; expressions further in compare texts. Whatever already has its
form takes a vectorised path, only the rest is parsed in Python, once per distinct value. A value that its form cannot
read keeps its text, trimmed: it then differs from everything readable, and the checks name it (VAL-23).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc

from sfdd_declare.model import canonical
from sfdd_declare.model.mapping import Form, FormKind

LONGEST_EMAIL = 256
UTC_ZONE = "UTC"

_MIDNIGHT = r"[T ]00:00:00(\.0+)?(Z|\+00:?00)?"

_EXACT = Context(prec=100, rounding=ROUND_HALF_UP)
_LARGEST_EXPONENT = 60  # a number beyond this is nobody's data, and spelling it out would cost memory
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,4})?", re.ASCII)
_TIME = re.compile(
    r"(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2})?)(?:\.\d+)?\s?(Z|z|[+-]\d{2}:?\d{2})?)?", re.ASCII
)
_FLAGS = {"true": "true", "1": "true", "yes": "true", "false": "false", "0": "false", "no": "false"}


def comparison(raw: pa.Array, form: Form, zone: str = UTC_ZONE) -> pa.Array:
    """The comparison form of each value, null where it is blank. `zone`: of whose days dates are (VAL-25).

    `size` is the scale of decimals. For text it is not used: texts compare in full, because a cut one would pass for
    equal to one that goes on differently; a text that its target cannot hold is the checks' business.
    """
    text = _trimmed(raw)
    match form.kind:
        case FormKind.TEXT:
            return text
        case FormKind.DECIMAL:
            return _parsed(text, _is_plain_decimal(text, form.size), text, lambda value: _decimal(value, form.size))
        case FormKind.DATE:
            is_quick, day = _utc_parts(text, seconds=False)
            if zone != UTC_ZONE:  # midnight in UTC is that day everywhere, any other time may be a local midnight
                is_quick = pc.and_(is_quick, pc.match_substring_regex(text, rf"^.{{10}}({_MIDNIGHT})?$"))
            local = ZoneInfo(zone)
            return _parsed(text, is_quick, day, lambda value: _date(value, local))
        case FormKind.DATETIME:
            return _parsed(text, *_utc_parts(text, seconds=True), _datetime)
        case FormKind.SET:
            return _parsed(text, pc.match_substring_regex(text, r"^[^;\s][^;]*$"), text, _set)
        case FormKind.BOOL:
            return _parsed(text, pc.is_in(text, pa.array(["true", "false"])), text, _flag)


def email_key(raw: pa.Array) -> pa.Array:
    """The address people are matched by (`model.canonical.email_key`); null when no mail could ever reach it."""
    text = pc.utf8_trim_whitespace(_strings(raw))
    folded = _parsed(text, pc.string_is_ascii(text), pc.utf8_lower(text), canonical.email_key)
    usable = pc.and_(pc.match_substring_regex(folded, r"^\S+@\S+$"), pc.less_equal(pc.utf8_length(text), LONGEST_EMAIL))
    return pc.if_else(usable, folded, pa.scalar(None, pa.string()))


def _strings(raw: pa.Array) -> pa.Array:
    whole = raw.combine_chunks() if isinstance(raw, pa.ChunkedArray) else raw
    return whole.cast(pa.string())


def _trimmed(raw: pa.Array) -> pa.Array:
    text = pc.utf8_trim_whitespace(_strings(raw))
    if not pc.all(pc.string_is_ascii(text), min_count=0).as_py():
        text = pc.utf8_normalize(text, form="NFC")
    return pc.if_else(pc.equal(pc.utf8_length(text), 0), pa.scalar(None, pa.string()), text)


def _parsed(text: pa.Array, is_quick: pa.Array, quick: pa.Array, parse: Callable[[str], str | None]) -> pa.Array:
    """`quick` where it holds, else what `parse` makes of the value; each distinct value is parsed once."""
    slow = pc.if_else(is_quick, pa.scalar(None, pa.string()), text)
    if slow.null_count == len(slow):
        return quick
    coded = pc.dictionary_encode(slow)
    forms = pa.array([parse(value) for value in coded.dictionary.to_pylist()], pa.string())
    return pc.if_else(is_quick, quick, forms.take(coded.indices))


def _is_plain_decimal(text: pa.Array, scale: int) -> pa.Array:
    fraction = rf"(\.[0-9]{{0,{scale - 1}}}[1-9])?" if scale > 0 else ""
    return pc.match_substring_regex(text, rf"^(0{fraction}|-?[1-9][0-9]{{0,40}}{fraction})$")


def _utc_parts(text: pa.Array, *, seconds: bool) -> tuple[pa.Array, pa.Array]:
    """Dates and UTC times as the vendors usually spell them, cut and glued: which values those are, and the result."""
    day = pc.utf8_slice_codeunits(text, 0, 10)
    clock = r"[T ]([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]+)?(Z|\+00:?00)?"
    shape = rf"^[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}({clock})" + ("$" if seconds else "?$")
    if seconds:
        time = pc.utf8_slice_codeunits(text, 11, 19)
        joined = pc.binary_join_element_wise(day, time, "T")
        parsed = pc.strptime(joined, format="%Y-%m-%dT%H:%M:%S", unit="s", error_is_null=True)
        result = pc.binary_join_element_wise(joined, pa.scalar("Z"), "")
    else:
        parsed = pc.strptime(day, format="%Y-%m-%d", unit="s", error_is_null=True)
        result = day
    # strptime is lenient about days a month does not have: only what prints back as it was read is quick
    printed = pc.strftime(parsed, format="%Y-%m-%dT%H:%M:%S" if seconds else "%Y-%m-%d")
    same = pc.fill_null(pc.equal(printed, joined if seconds else day), False)
    return pc.if_else(pc.is_valid(text), pc.and_(pc.match_substring_regex(text, shape), same), None), result


def _decimal(value: str, scale: int) -> str:
    text = value.strip()
    if not _NUMBER.fullmatch(text):
        return value
    number = Decimal(text)
    if number and number.adjusted() > _LARGEST_EXPONENT:
        return value
    plain = format(_EXACT.quantize(number, Decimal(1).scaleb(-scale)), "f")
    plain = plain.rstrip("0").rstrip(".") if "." in plain else plain
    return "0" if plain == "-0" else plain


def _date(value: str, zone: ZoneInfo) -> str:
    """The first moment of a local day stands for that day, every other one for its day in UTC (VAL-25)."""
    moment = _moment(value)
    if moment is None:
        return value
    try:
        local = moment.astimezone(zone)
        is_first = (moment - timedelta(microseconds=1)).astimezone(zone).date() < local.date()
    except OverflowError:
        return moment.strftime("%Y-%m-%d")
    return (local if is_first else moment).strftime("%Y-%m-%d")


def _datetime(value: str) -> str:
    moment = _moment(value)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment else value


def _moment(value: str) -> datetime | None:
    """A point in time in UTC; without an offset it is taken as UTC, without a time as midnight."""
    found = _TIME.fullmatch(value.strip())
    if not found:
        return None
    day, time, offset = found.group(1), found.group(2) or "00:00:00", found.group(3) or "Z"
    try:
        moment = datetime.fromisoformat(f"{day}T{time}{'+00:00' if offset in 'Zz' else offset}").astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return moment if moment.year >= 1000 else None  # strftime does not pad earlier years


def _set(value: str) -> str | None:
    parts = {unicodedata.normalize("NFC", part.strip()) for part in value.split(";")} - {""}
    return ";".join(sorted(parts)) or None


def _flag(value: str) -> str:
    return _FLAGS.get(value.strip().lower(), value)
