"""The lease of a state in an object store: a small object, written under the condition that nobody else did.

It says who is writing, and for how long nobody was heard of. That two never write is the log's own doing
(`store.bucket`), so the lease is looked at only now and then while a run writes.
"""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from datetime import datetime
from threading import Lock

from sqlalchemy import Connection

from sfdd_declare.model.errors import StateError
from sfdd_declare.store.bucket import Replica
from sfdd_declare.store.lease import BEAT_SECONDS, Holder, LeaseInfo, is_dead, overtaken
from sfdd_declare.store.objects import Found


class ObjectLeases:
    """A `store.lease.Leases`."""

    def __init__(self, replica: Replica) -> None:
        self._replica = replica
        self._objects = replica.objects
        self._name = f"{replica.name}.lease"
        self._held: tuple[LeaseInfo, str] | None = None  # with the tag of the object
        self._lock = Lock()
        self.place = self._objects.place

    def take(self, wanted: LeaseInfo) -> LeaseInfo | None:
        found = self._objects.read(self._name)
        known = self._parsed(found)
        if known is not None and not is_dead(known, wanted.holder.host, wanted.heartbeat):
            return known
        tag = self._write(wanted, found.tag if found else None)
        if tag is None:  # somebody else was quicker
            return self._parsed(self._objects.read(self._name)) or self.take(wanted)
        self._require_conditions()
        self._held = wanted, tag
        return None

    def read(self) -> LeaseInfo | None:
        return self._parsed(self._objects.read(self._name))

    def _require_conditions(self) -> None:
        """A store that writes whatever the condition would let two runs write: it is found out before the first."""
        if self._objects.create(self._name, _free("")) is not None:
            raise StateError(
                "SFDD-E3030",
                "This object store ignores the conditions of a write: two runs could overwrite each other.",
                where=self.place,
                hint="A store with conditional writes (If-Match, If-None-Match), or `state: postgresql://…`.",
            )

    def prove(self, connection: Connection, token: str, now: datetime) -> None:  # noqa: ARG002 - it stands elsewhere
        if self._held is None or self._held[0].token != token:
            raise overtaken(self.place)
        if (now - self._held[0].heartbeat).total_seconds() > BEAT_SECONDS:
            self.beat(token, now)

    def beat(self, token: str, now: datetime) -> None:
        with self._lock:
            if self._held is None or self._held[0].token != token:
                raise overtaken(self.place)
            info, tag = self._held
            renewed = replace(info, heartbeat=now)
            new = self._write(renewed, tag)
            self._held = (renewed, new) if new else None
            if new is None:
                raise overtaken(self.place)

    def release(self, token: str) -> None:
        with self._lock:
            if self._held is not None and self._held[0].token == token:
                self._objects.replace(self._name, _free(token), self._held[1])
                self._held = None

    def remove(self) -> LeaseInfo | None:
        while (known := self._parsed(found := self._objects.read(self._name))) is not None:
            assert found is not None
            if self._objects.replace(self._name, _free(known.token), found.tag):
                self._held = None
                self._replica.fence()
                return known
        return None

    def _write(self, info: LeaseInfo, tag: str | None) -> str | None:
        document = asdict(info.holder) | {
            "since": info.since.isoformat(),
            "heartbeat": info.heartbeat.isoformat(),
            "token": info.token,
        }
        data = json.dumps(document, indent=1).encode()
        return self._objects.create(self._name, data) if tag is None else self._objects.replace(self._name, data, tag)

    def _parsed(self, found: Found | None) -> LeaseInfo | None:
        try:
            known = json.loads(found.data) if found else {}
            if "token" not in known:
                return None
            return LeaseInfo(
                Holder(known["owner"], known["host"], known["pid"], known["operation"]),
                datetime.fromisoformat(known["since"]),
                datetime.fromisoformat(known["heartbeat"]),
                known["token"],
            )
        except (ValueError, KeyError, TypeError) as error:
            raise StateError(
                "SFDD-E3002", "This object is not a lease of sfdd.", where=f"{self.place}.lease", hint="sfdd unlock"
            ) from error


def _free(token: str) -> bytes:
    """A lease that was given back, by whom: never the same content twice."""
    return json.dumps({"released": token}).encode()
