"""What is remembered of addresses by keyed hash: opt-outs that no pair of the base speaks of (CON-8 to CON-10)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from pydantic import SecretStr

from sfdd_declare.model.canonical import email_key, keyed_hash
from sfdd_declare.people.memories import FREE, SEPARATOR, SETTLED, TICKED

REMEMBERED = pa.schema([("account", pa.string()), ("email_hash", pa.string()), ("reason", pa.string())])


def remembered_opt_outs(table: pa.Table, hash_key: SecretStr, confirmed: Collection[str] | None = None) -> pa.Table:
    """Of consent rows (schema CHANGE) without a pair; of `confirmed` persons only, if given."""
    rows = table.filter(pc.equal(table["aspect"], "consent")).to_pylist()
    key = hash_key.get_secret_value()
    found = [
        {
            "account": row["account"],
            "email_hash": _hash(key, row["email"]),
            "reason": _REASONS[row["expect_s"], row["expect_d"]],
        }
        for row in rows
        if _is_unpaired(row) and row["email"] and (confirmed is None or row["person"] in confirmed)
    ]
    return pa.Table.from_pylist(found, schema=REMEMBERED)


def _hash(key: str, email: str) -> str:
    return keyed_hash(key, f"{SEPARATOR * 2}{email_key(email)}")


def _is_unpaired(row: Mapping[str, Any]) -> bool:
    """A contact without a record, or a record that is not that contact's pair; not who was only suppressed because
    another contact is (ID-4).
    """
    has_no_pair = row["sf_id"] is None or (row["decision"] == "tick" and row["contact_id"] is None)
    return has_no_pair and (row["expect_s"], row["expect_d"]) in _REASONS


#: What both sides are expected to say, and what is remembered of it.
_REASONS = {("1", "1"): SETTLED, ("1", None): TICKED, ("0", "0"): FREE}
