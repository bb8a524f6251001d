"""The lease of a state in a database: a row, proved inside each transaction that writes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, select, update

from sfdd_declare.store import schema
from sfdd_declare.store.database import Database, insert_new
from sfdd_declare.store.lease import Holder, LeaseInfo, is_dead, overtaken

_NAME = "apply"
_OURS = select(schema.leases).where(schema.leases.c.name == _NAME)


class RowLeases:
    """A `store.lease.Leases`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.place = database.place

    def take(self, wanted: LeaseInfo) -> LeaseInfo | None:
        leases = schema.leases
        row = {
            "name": _NAME,
            "token": wanted.token,
            "owner": wanted.holder.owner,
            "host": wanted.holder.host,
            "pid": wanted.holder.pid,
            "operation": wanted.holder.operation,
            "created": wanted.since.isoformat(timespec="seconds"),
            "heartbeat": wanted.heartbeat.timestamp(),
        }
        with self._database.writing() as connection:
            connection.execute(insert_new(connection, leases), row)
            found = _read(connection)
            if found is not None and (
                found.token == wanted.token or is_dead(found, wanted.holder.host, wanted.heartbeat)
            ):
                connection.execute(update(leases).where(leases.c.name == _NAME).values(row))
                return None
        # Nothing found: released between the two statements, which only a server allows.
        return found or self.take(wanted)

    def read(self) -> LeaseInfo | None:
        with self._database.reading() as connection:
            return _found(connection.execute(_OURS).one_or_none())

    def prove(self, connection: Connection, token: str, now: datetime) -> None:
        leases = schema.leases
        mine = update(leases).where(leases.c.name == _NAME, leases.c.token == token)
        if connection.execute(mine.values(heartbeat=now.timestamp())).rowcount != 1:
            raise overtaken(self.place)

    def beat(self, token: str, now: datetime) -> None:
        with self._database.writing() as connection:
            self.prove(connection, token, now)

    def release(self, token: str) -> None:
        with self._database.writing() as connection:
            connection.execute(delete(schema.leases).where(schema.leases.c.token == token))

    def remove(self) -> LeaseInfo | None:
        with self._database.writing() as connection:
            found = _read(connection)
            connection.execute(delete(schema.leases))
        return found


def _read(connection: Connection) -> LeaseInfo | None:
    """Who holds the lease, dead or alive; nobody can change it until the transaction ends."""
    return _found(connection.execute(_OURS.with_for_update()).one_or_none())


def _found(row: Row[Any] | None) -> LeaseInfo | None:
    if row is None:
        return None
    return LeaseInfo(
        holder=Holder(owner=row.owner, host=row.host, pid=row.pid, operation=row.operation),
        since=datetime.fromisoformat(row.created),
        heartbeat=datetime.fromtimestamp(row.heartbeat, UTC),
        token=row.token,
    )
