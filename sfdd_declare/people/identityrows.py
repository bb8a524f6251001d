"""Rows about who is who: renames (ID-4), and pairs that the base is to know from now on (ID-1, ID-2)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sfdd_declare.people.hashing import keyed
from sfdd_declare.people.match import Matched
from sfdd_declare.people.question import MOVES_ID, Question, rename_id
from sfdd_declare.people.rows import change
from sfdd_declare.people.sides import Sides
from sfdd_declare.people.tables import Table, Tables, bring, mark, text


def rename_rows(tables: Tables, question: Question, sides: Sides, matched: Matched) -> Iterator[Table]:
    """A row for the record whose address a contact takes, and one for each other record that has it (`follow`)."""
    if tables.is_empty(matched.renames):
        return
    key = question.key
    renames = bring(matched.renames, sides.contacts, {"contact_id": "contact_id"}, old="email")
    later = (renames.wave > 0).ifelse(text(":") + renames.wave.cast("string"), text(""))
    renames = renames.mutate(operation=text(rename_id(sides.rules.key)) + later)
    yield _rename(renames.mutate(person=renames.sf_id), key, sides, decision="rename")
    others = matched.records.filter(matched.records.hold.isnull()).anti_join(renames, "sf_id")
    others = others.select("sf_id", "record_type", "email_key", contact_id="pair_contact")
    leading = renames.select("contact_id", "email_key", "email", "old", "operation", person="sf_id")
    yield _rename(others.inner_join(leading, ["contact_id", "email_key"]), key, sides, decision="follow")


def _rename(rows: Table, key: Any, sides: Sides, *, decision: str) -> Table:
    hashed = keyed(key, rows.email_key)
    return change(
        rows,
        operation=rows.operation,
        account=sides.rules.key,
        person=rows.person,
        email=rows.email,
        aspect="identity",
        field="email",
        old=rows.old,
        new=rows.email,
        decision=decision,
        reason="ID-4",
        expect_s=hashed,
        expect_d=hashed,
    )


def pair_moves(question: Question, sides: Sides, matched: Matched, active: Table) -> Iterator[Table]:
    """People found by their address become pairs; so does everybody who goes to another contact, and addresses that
    both sides changed to the same one are known.
    """
    key = question.key
    fresh = active.filter(~active.is_pair).anti_join(matched.renames, "contact_id")
    reason = fresh.former.notnull().ifelse(text("ID-4"), fresh.looked_up.ifelse(text("ID-2"), text("ID-1")))
    yield _known(fresh, key, sides, decision="pair", reason=reason)
    present = {"contact_key": "email_key", "present": "contact_id"}
    records = bring(matched.records, matched.contacts, {"contact_id": "contact_id"}, **present)
    records = mark(records, matched.renames, {"contact_id": "contact_id"}, "is_renamed")
    records = records.filter(records.hold.isnull(), records.present.notnull(), ~records.is_renamed)
    over = records.filter(records.former.notnull()).anti_join(fresh, "sf_id")
    yield _known(over, key, sides, decision="pair", reason=text("ID-4"))
    agreed = records.filter(records.is_pair, (records.email_key == records.contact_key).fill_null(False))
    hashed = keyed(key, agreed.email_key)
    agreed = agreed.filter((agreed.email_s != hashed) | (agreed.email_d != hashed).fill_null(True))
    yield _known(agreed, key, sides, decision="known", reason=text("ID-4"))


def _known(rows: Table, key: Any, sides: Sides, *, decision: str, reason: Table) -> Table:
    return change(
        rows,
        operation=MOVES_ID,
        account=sides.rules.key,
        aspect="identity",
        field="email",
        decision=decision,
        reason=reason,
        expect_s=keyed(key, rows.email_key),
        expect_d=keyed(key, rows.contact_key),
    )
