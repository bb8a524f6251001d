"""The VAL table: what to do about one field of one person, from five booleans (`equal`, moved and blank on both sides).

`with_rule` needs the columns c_s, c_d (present), b_s, b_d (hashes of the base, null = none), direction, on_blank,
s_nullable, d_nullable; it adds the booleans and `rule`. `with_effect` needs conflict and first_run; it adds `to` (the
side to be written: `s`, `d` or null) and `next_s`, `next_d`: the hashes the base gets, null where it stays. Keep the
table in between: a filter on the effect would have the engine work out the booleans for every mention of them.
"""

from __future__ import annotations

from typing import Any

import ibis

from sfdd_declare.model.mapping import ConflictRule, Direction, OnBlank
from sfdd_declare.people.hashing import DIGITS, hash_of_blank, keyed
from sfdd_declare.people.tables import Table, Value, no_text, text

#: In place of both hashes: two filled values that differed on the first run (RUN-1). It is no base.
HELD = "f" * DIGITS


def with_rule(table: Table, key: Any) -> Table:
    return _with_rule(_with_booleans(table, key))


def with_effect(table: Table) -> Table:
    return _with_base(_with_target(table))


def _with_booleans(table: Table, key: Any) -> Table:
    nothing = hash_of_blank(key)
    t = table.mutate(h_s=keyed(key, table.c_s), h_d=keyed(key, table.c_d))
    to_d = t.direction == Direction.SALESFORCE_TO_DOTDIGITAL.value
    s_moved = t.b_s.isnull().ifelse(t.c_s.notnull(), t.h_s != t.b_s)
    d_moved = t.b_d.isnull().ifelse(t.c_d.notnull(), t.h_d != t.b_d)
    return t.mutate(
        equal=t.h_s == t.h_d,
        s_moved=s_moved,
        d_moved=d_moved,
        s_blank=t.c_s.isnull(),
        d_blank=t.c_d.isnull(),
        has_base=t.b_s.notnull() & t.b_d.notnull(),
        one_way=t.direction != Direction.TWO_WAY.value,
        src_blank=to_d.ifelse(t.c_s, t.c_d).isnull(),
        src_was_filled=(to_d.ifelse(t.b_s, t.b_d) != nothing).fill_null(False),
        propagate=t.on_blank == OnBlank.PROPAGATE.value,
    )


def _with_rule(table: Table) -> Table:
    t = table
    neither = ~t.s_moved & ~t.d_moved
    one = t.s_moved != t.d_moved
    moved_blank = t.s_moved.ifelse(t.s_blank, t.d_blank)
    some_blank = t.s_blank | t.d_blank
    may_blank = t.one_way.ifelse(_may_blank(t, _target(t)), _may_blank(t, t.s_moved.ifelse(text("d"), text("s"))))
    rule = ibis.cases(
        (t.equal, "VAL-1"),
        (t.one_way & neither, "VAL-2"),
        (t.one_way & ~t.src_blank, "VAL-3"),
        (t.one_way & t.src_was_filled & t.propagate & may_blank, "VAL-4"),
        (t.one_way, "VAL-5"),
        (t.has_base & one & ~moved_blank, "VAL-6"),
        (t.has_base & one, "VAL-7"),
        (t.has_base & ~neither & some_blank, "VAL-8"),
        (t.has_base & ~neither, "VAL-9"),
        (t.has_base, "VAL-10"),
        (some_blank, "VAL-11"),
        else_="VAL-12",
    )
    return t.mutate(rule=rule, may_blank=may_blank)


def _with_target(table: Table) -> Table:
    """The side to be written; null where nothing is."""
    t = table
    other_than_moved = t.s_moved.ifelse(text("d"), text("s"))
    blank_side = t.s_blank.ifelse(text("s"), text("d"))
    loser = ibis.cases(
        (t.conflict == ConflictRule.SALESFORCE.value, text("d")),
        (t.conflict == ConflictRule.DOTDIGITAL.value, text("s")),
        else_=no_text(),
    )
    to = ibis.cases(
        (t.rule.isin(["VAL-3", "VAL-4"]), _target(t)),
        (t.rule == "VAL-6", other_than_moved),
        ((t.rule == "VAL-7") & t.propagate & t.may_blank, other_than_moved),
        (t.rule.isin(["VAL-8", "VAL-11"]), blank_side),
        (t.rule == "VAL-9", loser),
        ((t.rule == "VAL-12") & ~t.first_run, loser),
        else_=no_text(),
    )
    return t.mutate(to=to)


def _with_base(table: Table) -> Table:
    """`now` on both sides after a write or in step; where a blank is kept, the blank side alone moves."""
    t = table
    kept = (t.rule == "VAL-5") | ((t.rule == "VAL-7") & t.to.isnull())
    kept_side = t.one_way.ifelse(_source(t), t.s_moved.ifelse(text("s"), text("d")))
    written = (t.to == "s").ifelse(t.h_d, t.h_s)
    moves = t.to.notnull() | (t.rule == "VAL-1")
    held = (t.rule == "VAL-12") & t.first_run
    return t.mutate(
        next_s=ibis.cases((moves, written), (kept & (kept_side == "s"), t.h_s), (held, HELD), else_=no_text()),
        next_d=ibis.cases((moves, written), (kept & (kept_side == "d"), t.h_d), (held, HELD), else_=no_text()),
    )


def _source(t: Table) -> Value:
    return (t.direction == Direction.SALESFORCE_TO_DOTDIGITAL.value).ifelse(text("s"), text("d"))


def _target(t: Table) -> Value:
    return (t.direction == Direction.SALESFORCE_TO_DOTDIGITAL.value).ifelse(text("d"), text("s"))


def _may_blank(t: Table, side: Value) -> Value:
    """VAL-21: a target that cannot be blank is never blanked."""
    return (side == "d").ifelse(t.d_nullable, t.s_nullable)
