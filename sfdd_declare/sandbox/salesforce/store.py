"""The tables behind the fake org: one per object, with real columns, plus the org's own book-keeping.

Columns follow the schema; custom objects and fields get theirs when they are deployed. A catalog is read once
per change of the schema. Nothing here knows rules or users' rights.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
from dataclasses import replace
from datetime import UTC, datetime
from types import MappingProxyType
from weakref import WeakKeyDictionary

from sfdd_declare.sandbox.salesforce import ids, schema
from sfdd_declare.sandbox.salesforce.derived import DERIVED
from sfdd_declare.sandbox.salesforce.errors import no_such_object
from sfdd_declare.sandbox.salesforce.schema import ID_TYPES, Catalog, Field, ObjectType
from sfdd_declare.sandbox.world import World

INTEGRATION = "integration@acme.example"
ADMIN = "admin@acme.example"
SYSTEM = "salesforce"

_BOOKKEEPING = (
    "CREATE TABLE IF NOT EXISTS sfx_meta (key TEXT PRIMARY KEY, value TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS sfx_object (name TEXT PRIMARY KEY, schema TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS sfx_serial (prefix TEXT PRIMARY KEY, next INTEGER NOT NULL)",
    "CREATE TABLE IF NOT EXISTS sfx_session (token TEXT PRIMARY KEY, user TEXT NOT NULL, expires TEXT)",
    """CREATE TABLE IF NOT EXISTS sfx_cursor (
        serial INTEGER PRIMARY KEY, id TEXT NOT NULL, user TEXT NOT NULL, total INTEGER NOT NULL,
        made TEXT NOT NULL, is_wide INTEGER NOT NULL, shape TEXT NOT NULL)""",
    """CREATE TABLE IF NOT EXISTS sfx_deploy (
        id TEXT PRIMARY KEY, user TEXT NOT NULL, polls INTEGER NOT NULL, request TEXT NOT NULL,
        archive BLOB NOT NULL, result TEXT)""",
    """CREATE TABLE IF NOT EXISTS sfx_job (
        serial INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, user TEXT NOT NULL, kind TEXT NOT NULL,
        version TEXT NOT NULL, state TEXT NOT NULL, spec TEXT NOT NULL, made TEXT NOT NULL, changed TEXT NOT NULL,
        wait INTEGER, polls INTEGER NOT NULL, failure TEXT, processed INTEGER NOT NULL DEFAULT 0,
        failed INTEGER NOT NULL DEFAULT 0, error TEXT, data BLOB, shape TEXT)""",
    """CREATE TABLE IF NOT EXISTS sfx_job_row (
        job TEXT NOT NULL, at INTEGER NOT NULL, verdict TEXT NOT NULL, id TEXT NOT NULL, created INTEGER NOT NULL,
        error TEXT NOT NULL, line TEXT NOT NULL, PRIMARY KEY (job, at)) WITHOUT ROWID""",
    "CREATE TABLE IF NOT EXISTS sfx_usage (day TEXT PRIMARY KEY, calls INTEGER NOT NULL)",
    """CREATE TABLE IF NOT EXISTS sfx_described (
        user TEXT NOT NULL, object TEXT NOT NULL, digest TEXT NOT NULL, at TEXT NOT NULL,
        PRIMARY KEY (user, object))""",
)
_INDEXED = ("Email", "CampaignId", "ContactId", "LeadId", "AccountId", "SystemModstamp", "ParentId")

_catalogs: WeakKeyDictionary[World, tuple[str, Catalog]] = WeakKeyDictionary()


def table(name: str) -> str:
    """The table of an object."""
    return f"sf_{name}"


def create_tables(world: World) -> bool:
    """Make what is missing; True when the org is new (or was just emptied) and has to be founded."""
    with world.transaction() as db:
        for statement in _BOOKKEEPING:
            db.execute(statement)
        is_new = db.execute("SELECT 1 FROM sfx_meta WHERE key = 'generation'").fetchone() is None
        if is_new:
            _drop_leftovers(db)
            touch_schema(world)
        for one in catalog(world).objects.values():
            ensure_table(db, one)
    return is_new


def touch_schema(world: World) -> None:
    """Say that the schema changed, so that every catalog is read again."""
    with world.transaction() as db:
        db.execute("INSERT OR REPLACE INTO sfx_meta VALUES ('generation', ?)", (secrets.token_hex(8),))


def catalog(world: World) -> Catalog:
    """The org's objects as they are now."""
    with world.lock:
        row = world.db.execute("SELECT value FROM sfx_meta WHERE key = 'generation'").fetchone()
        generation = str(row["value"])
        known = _catalogs.get(world)
        if known is not None and known[0] == generation:
            return known[1]
        stored = world.db.execute("SELECT schema FROM sfx_object ORDER BY rowid").fetchall()
        changed = [schema.read_object(json.loads(row["schema"])) for row in stored]
        names = {one.name for one in changed}
        kept = [one for one in schema.standard() if one.name not in names]
        fresh = schema.catalog_of([*kept, *changed])
        _catalogs[world] = (generation, fresh)
        return fresh


def save_object(world: World, one: ObjectType) -> None:
    """Store a new or changed object and its table."""
    with world.transaction() as db:
        text = json.dumps(schema.write_object(one))
        db.execute(
            "INSERT INTO sfx_object VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET schema = excluded.schema",
            (one.name, text),
        )
        ensure_table(db, one)
        touch_schema(world)


def drop_object(world: World, one: ObjectType) -> None:
    """Forget an object that came with no standard schema, and its table."""
    with world.transaction() as db:
        db.execute("DELETE FROM sfx_object WHERE name = ?", (one.name,))
        db.execute(f"DROP TABLE {table(one.name)}")
        touch_schema(world)


def drop_field(world: World, one: ObjectType, field: Field) -> None:
    """Forget a field and all that was stored in it."""
    fields = {key: other for key, other in one.fields.items() if other is not field}
    save_object(world, replace(one, fields=MappingProxyType(fields)))
    if has_column(one, field):
        with world.transaction() as db:
            db.execute(f"DROP INDEX IF EXISTS {table(one.name)}_{field.name}")
            db.execute(f"ALTER TABLE {table(one.name)} DROP COLUMN {field.name}")


def ensure_table(db: sqlite3.Connection, one: ObjectType) -> None:
    """Create the table, or add the columns and indexes that are missing."""
    columns = [field for field in one.fields.values() if has_column(one, field)]
    have = {row["name"] for row in db.execute(f"PRAGMA table_info({table(one.name)})")}
    if not have:
        body = ", ".join(_declare(field) for field in columns)
        db.execute(f"CREATE TABLE {table(one.name)} ({body})")
    else:
        for field in columns:
            if field.name not in have:
                db.execute(f"ALTER TABLE {table(one.name)} ADD COLUMN {_declare(field)}")
    for field in columns:
        is_link = one.is_custom and field.type == "reference"
        if field.name in _INDEXED or field.has("unique") or field.has("externalId") or is_link:
            target = f"{table(one.name)} ({field.name})"
            db.execute(f"CREATE INDEX IF NOT EXISTS {table(one.name)}_{field.name} ON {target}")
    if one.name == "CampaignMember":
        for person in ("ContactId", "LeadId"):
            db.execute(
                f"CREATE INDEX IF NOT EXISTS {table(one.name)}_pair_{person} "
                f"ON {table(one.name)} (CampaignId, {person})"
            )


def has_column(one: ObjectType, field: Field) -> bool:
    """Whether values of the field are stored in the object's table."""
    return field.is_stored and (one.name, field.name) not in DERIVED


def require_object(world: World, name: str) -> ObjectType:
    """The object of that name, whoever asks. Raises INVALID_TYPE."""
    found = catalog(world).object(name)
    if found is None:
        raise no_such_object(name)
    return found


def next_ids(world: World, prefix: str, count: int) -> list[str]:
    """That many fresh ids, in order."""
    with world.transaction() as db:
        row = db.execute("SELECT next FROM sfx_serial WHERE prefix = ?", (prefix,)).fetchone()
        first = 1 if row is None else int(row["next"])
        db.execute("INSERT OR REPLACE INTO sfx_serial VALUES (?, ?)", (prefix, first + count))
    return [ids.make(prefix, serial) for serial in range(first, first + count)]


def own_serials(world: World, *prefixes: str) -> None:
    """Have the ids of these objects begin where no other world's do."""
    with world.transaction() as db:
        db.executemany(
            "INSERT OR IGNORE INTO sfx_serial VALUES (?, ?)", [(prefix, world.number) for prefix in prefixes]
        )


def user_id(world: World, username: str) -> str:
    """The id of a user; hands that are no user (such as `seed`) count as the administrator."""
    with world.lock:
        query = "SELECT Id FROM sf_User WHERE Username IN (?, ?) ORDER BY Username = ? DESC"
        row = world.db.execute(query, (username, ADMIN, username)).fetchone()
    return "" if row is None else str(row["Id"])


def organization_id(world: World) -> str:
    """The id of the org."""
    with world.lock:
        return str(world.db.execute("SELECT Id FROM sf_Organization").fetchone()["Id"])


def stamp(moment: datetime) -> str:
    """A moment as it is stored: UTC to the second, sorting as text."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _declare(field: Field) -> str:
    if field.type == "id":
        return f"{field.name} TEXT PRIMARY KEY"
    if field.type == "boolean":
        return f"{field.name} INTEGER NOT NULL DEFAULT 0"
    if field.type == "int":
        return f"{field.name} INTEGER"
    if field.type in ("double", "currency", "percent"):
        return f"{field.name} REAL"
    if field.type in ID_TYPES or field.type in ("date", "datetime") or field.has("caseSensitive"):
        return f"{field.name} TEXT"
    return f"{field.name} TEXT COLLATE NOCASE"


def _drop_leftovers(db: sqlite3.Connection) -> None:
    found = db.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'sf\\_%' ESCAPE '\\'")
    for row in found.fetchall():
        db.execute(f'DROP TABLE "{row["name"]}"')
