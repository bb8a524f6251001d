"""Which org and which Dotdigital accounts the state belongs to (RUN-8): rows of `meta`, so that older states have none.

An account's id stays when the account leaves the configuration: what is known of its people is still true of it alone.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, delete, or_

from sfdd_declare.model.state import Bound
from sfdd_declare.store import schema
from sfdd_declare.store.database import upsert

LINEAGE = "lineage"
_ORG = "org_id"
_ACCOUNT = "account_id:"


def read_bound(meta: Mapping[str, str]) -> Bound:
    """What the rows of `meta` say."""
    ids = ((name.removeprefix(_ACCOUNT), value) for name, value in meta.items() if name.startswith(_ACCOUNT))
    return Bound(meta.get(_ORG, ""), tuple(sorted(ids)))


def unbind(connection: Connection) -> None:
    """Forget where the state belongs."""
    name = schema.meta.c.name
    connection.execute(delete(schema.meta).where(or_(name == _ORG, name.startswith(_ACCOUNT, autoescape=True))))


def bind(connection: Connection, bound: Bound, lineage: str = "") -> None:
    """Write the ids that are given; other accounts keep theirs. With a lineage, the state goes on under that one."""
    rows = [{"name": _ACCOUNT + key, "value": account_id} for key, account_id in bound.accounts]
    if bound.org_id:
        rows.append({"name": _ORG, "value": bound.org_id})
    if lineage:
        rows.append({"name": LINEAGE, "value": lineage})
    if rows:
        connection.execute(upsert(connection, schema.meta), rows)
