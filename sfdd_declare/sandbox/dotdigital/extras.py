"""What hangs on contacts besides their lists: custom identifiers, choices of preferences, consent records."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sfdd_declare.sandbox.dotdigital.consents import Consent

if TYPE_CHECKING:
    from sfdd_declare.sandbox.dotdigital.lookup import Contact

TABLES = ("dd_identifier_value", "dd_choice", "dd_consent")
"""Each has a `contact_id`, and no rows for contacts that have nothing of the kind."""
_THEIRS = "WHERE contact_id IN (SELECT value FROM json_each(?))"
_CUSTOM = f"SELECT contact_id, name, value FROM dd_identifier_value {_THEIRS} ORDER BY name"  # noqa: S608 - fixed text
_CHOICES = f"SELECT contact_id, preference_id, is_in FROM dd_choice {_THEIRS}"  # noqa: S608
_CONSENTS = f"SELECT contact_id, text, consented, url, ip, agent, created FROM dd_consent {_THEIRS} ORDER BY id"  # noqa: S608


def load(db: sqlite3.Connection, found: Mapping[int, Contact], ids: str) -> None:
    """Complete contacts by what hangs on them; `ids` are theirs, as JSON."""
    for contact_id, name, value in db.execute(_CUSTOM, (ids,)):
        found[contact_id].custom[name] = value
    for contact_id, preference, is_in in db.execute(_CHOICES, (ids,)):
        found[contact_id].choices[preference] = bool(is_in)
    for contact_id, *values in db.execute(_CONSENTS, (ids,)):
        found[contact_id].consents.append(Consent(*values))


@dataclass(slots=True)
class Pending:
    """What is still to be stored, by contact."""

    custom: dict[tuple[int, str], str] = field(default_factory=dict)
    choices: dict[tuple[int, int], bool] = field(default_factory=dict)
    consents: list[tuple[int, Consent]] = field(default_factory=list)

    def store(self, db: sqlite3.Connection, account: int, now: str) -> None:
        """Write it to the tables."""
        # All old values first: one contact may have got the value of another.
        db.executemany("DELETE FROM dd_identifier_value WHERE contact_id = ? AND name = ?", list(self.custom))
        db.executemany(
            "INSERT INTO dd_identifier_value VALUES (?, ?, ?, ?)",
            [(account, name, value, contact) for (contact, name), value in self.custom.items()],
        )
        db.executemany(
            "INSERT OR REPLACE INTO dd_choice VALUES (?, ?, ?, ?, ?)",
            [(*pair, account, is_in, now) for pair, is_in in self.choices.items()],
        )
        db.executemany(
            "INSERT INTO dd_consent (contact_id, account, text, consented, url, ip, agent, created)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (contact, account, each.text, each.consented, each.url, each.ip, each.agent, each.created)
                for contact, each in self.consents
            ],
        )
