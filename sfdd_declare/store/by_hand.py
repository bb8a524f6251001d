"""What somebody changes in the state by a command: problems parked or tried again, a person forgotten.

Opt-outs are never forgotten: they go by the address and outlive everything else that is known about a person (CON-5).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, and_, delete, or_, select, update

from sfdd_declare.people.memories import REFUSED
from sfdd_declare.store import schema


@dataclass(frozen=True, slots=True)
class Forgotten:
    """How much was known about one person."""

    pairs: int
    memberships: int
    problems: int


def set_parked(connection: Connection, records: Collection[str], *, parked: bool) -> int:
    """Park problems, or have them tried again from the next run on; no `records` means all. Returns how many.

    Trying again also forgets which addresses the accounts concerned refused for good: the next run asks them once more.
    """
    ledger = schema.ledger
    those = [ledger.c.record.in_(records)] if records else []
    accounts = set(connection.execute(select(ledger.c.account).where(*those)).scalars())
    values = {"parked": True} if parked else {"parked": False, "attempts": 0}
    changed = connection.execute(update(ledger).where(*those).values(values)).rowcount
    if not parked and accounts:
        table = schema.suppressions
        connection.execute(delete(table).where(table.c.account.in_(accounts), table.c.reason == REFUSED))
    return changed


def forget_person(connection: Connection, email_hash: str) -> Forgotten:
    """Drop the pairs that have this address on either side, with their memberships and problems (ID-7).

    Memberships that say somebody opted out of a list or left it by hand stay: to forget somebody puts nobody back.
    """
    base, memberships, ledger = schema.base, schema.memberships, schema.ledger
    packed = bytes.fromhex(email_hash)
    mine = or_(base.c.email_s == packed, base.c.email_d == packed)
    found = connection.execute(select(base.c.account, base.c.sf_id, base.c.contact_id).where(mine)).all()
    dropped = problems = 0
    for account, sf_id, contact_id in found:
        theirs = and_(memberships.c.account == account, memberships.c.contact_id == contact_id)
        goes = and_(theirs, ~memberships.c.list_optout, ~memberships.c.left)
        dropped += connection.execute(delete(memberships).where(goes)).rowcount
        named = and_(ledger.c.account == account, ledger.c.record == sf_id)
        problems += connection.execute(delete(ledger).where(named)).rowcount
    pairs = connection.execute(delete(base).where(mine)).rowcount
    return Forgotten(pairs, dropped, problems)
