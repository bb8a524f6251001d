"""BASE-5: what a side itself made of a value that we wrote to it becomes the base; it is nobody's edit.

Looked at is a field whose two bases are one (our last word on it was a write) and whose other side has not moved, so
that the present value there is the one we wrote. In Salesforce the side itself made the difference if the record was
last modified by our user; in Dotdigital if the value is ours after a named alteration. It must be the first sight since
the write, and the first alteration: after a second one in a row the field is held. All else is an edit.

Needs the columns of `fields.with_rule` and: form, `mark` (bits of `people.columns`), `fresh_s`, `fresh_d` (nobody has
read this side since our last write to it), `by_us`. Adds `echo`: the side (`s`, `d`), `held`, or null.
"""

from __future__ import annotations

from typing import Any

import ibis

from sfdd_declare.model.mapping import FormKind
from sfdd_declare.people.columns import ALTERED, ALTERED_D, ALTERED_S, WROTE_D, WROTE_S
from sfdd_declare.people.tables import Table, Value, no_text, text

RULE = "BASE-5"
HELD = "held"

#: A text that goes on differently is cut only if this much is left: systems cut at a limit, people shorten a title.
SHORTEST_CUT = 100
_MOST_PLACES = 9
_NUMBER = "decimal(38, 10)"


def with_echo(table: Table) -> Table:
    """After `fields.with_rule`: the rule of what is no edit is BASE-5, and nothing is written for it."""
    t = table
    ours = t.has_base & (t.b_s == t.b_d) & (t.s_moved != t.d_moved)
    at_s, at_d = ours & t.s_moved & _has(t.mark, WROTE_S), ours & t.d_moved & _has(t.mark, WROTE_D)
    again = (at_s & _has(t.mark, ALTERED_S)) | (at_d & _has(t.mark, ALTERED_D))
    echo = ibis.cases(
        (again, text(HELD)),
        (at_s & t.fresh_s & t.by_us, text("s")),
        (at_d & t.fresh_d & altered(t), text("d")),
        else_=no_text(),
    )
    t = t.mutate(echo=echo)
    return t.mutate(rule=t.echo.notnull().ifelse(text(RULE), t.rule))


def with_echo_base(table: Table) -> Table:
    """After `fields.with_effect`: what was read becomes the base."""
    t = table
    return t.mutate(
        next_s=(t.echo == "s").fill_null(False).ifelse(t.h_s, t.next_s),
        next_d=(t.echo == "d").fill_null(False).ifelse(t.h_d, t.next_d),
    )


def was_altered(mark: Value) -> Value:
    return _has(mark, ALTERED)


def altered(t: Table) -> Value:
    """Whether Dotdigital's `c_d` is our `c_s` after a named alteration: re-cased, cut, rounded; trimming changes no
    form.
    """
    ours, theirs = t.c_s.lower(), t.c_d.lower()
    cut = ours.startswith(theirs) & (theirs.length() >= SHORTEST_CUT)
    textual = t.form.isin([FormKind.TEXT.value, FormKind.SET.value]) & ((ours == theirs) | cut)
    numeric = (t.form == FormKind.DECIMAL.value) & _rounded(t.c_s, t.c_d)
    to_minute, to_day = t.c_s.substr(0, 16) + ":00Z", t.c_s.substr(0, 10) + "T00:00:00Z"
    temporal = (t.form == FormKind.DATETIME.value) & t.c_d.isin([to_minute, to_day])
    return (textual | numeric | temporal).fill_null(False)


def _rounded(ours: Value, theirs: Value) -> Value:
    """No further away than half a unit of the last place that is left, and fewer places."""
    distance = (ours.try_cast(_NUMBER) - theirs.try_cast(_NUMBER)).abs() * 2
    places = _places(theirs)
    near = ibis.cases(
        *((places == n, distance <= ibis.literal(f"{10**-n:.{n}f}").cast(_NUMBER)) for n in range(_MOST_PLACES)),
        else_=False,
    )
    return near & (places < _places(ours))


def _places(number: Value) -> Value:
    point = number.find(".")
    return (point < 0).ifelse(ibis.literal(0), number.length() - point - 1)


def _has(mark: Value, bits: int) -> Any:
    return (mark.fill_null(0).cast("int64") & bits) != 0
