"""The tables of the state, one schema for every home.

Nothing in here is readable personal data: addresses and values are keyed hashes, people are record ids. A column may be
added with a new `FORMAT`; the meaning of an existing one must not change.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
)

FORMAT = 1

metadata = MetaData()

#: Keys sort by code point everywhere, so that an export has one order on every database.
Key = Text().with_variant(Text(collation="C"), "postgresql")


def _key(name: str) -> Column[str]:
    return Column(name, Key, primary_key=True)


def _table(name: str, *columns: Column[Any]) -> Table:
    # Clustered by key on SQLite: sorted writes and exports touch every page once.
    return Table(name, metadata, *columns, sqlite_with_rowid=False)


def _text(name: str) -> Column[str]:
    return Column(name, Text, nullable=False, default="")


def _flag(name: str) -> Column[bool]:
    return Column(name, Boolean, nullable=False)


meta = _table("meta", _key("name"), _text("value"))
"""format_version, lineage, serial, created, backed_up, the hash key (`hash_key` plain or `hash_key_sealed`), and the
world the state belongs to: `org_id`, `account_id:<key>`. `begun_anew` where a new state was asked for.
"""

resources = _table(
    "resources",
    _key("address"),
    _text("kind"),
    _text("salesforce_id"),
    _text("dotdigital_id"),
    _text("applied"),  # JSON object of scalars
    _text("on_destroy"),
    _flag("prevent_destroy"),
    _flag("created_by_us"),
)

layouts = _table(
    "layouts",
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("account", Key, nullable=False),
    Column("record_type", Key, nullable=False),
    _text("fields"),  # JSON list of MappedField.key: the order of the hashes in `base` rows of this version
)

base = _table(
    "base",
    _key("account"),
    _key("record_type"),
    _key("sf_id"),
    Column("contact_id", BigInteger),
    Column("email_s", LargeBinary),
    Column("email_d", LargeBinary),
    Column("out_s", Boolean),
    Column("out_d", Boolean),
    Column("wrote_s", BigInteger),  # seconds since 1970, UTC: when our last write to this side was confirmed
    Column("wrote_d", BigInteger),
    Column("layout", Integer, nullable=False),
    Column("hashes_s", LargeBinary, nullable=False),  # 8 bytes per field of the layout, zeros where there is no base
    Column("hashes_d", LargeBinary, nullable=False),
    Column("marks", LargeBinary, nullable=False),  # a byte per field of the layout: the bits of `people.columns`
)

Index("base_by_contact", base.c.account, base.c.contact_id)
Index("base_by_email_s", base.c.account, base.c.email_s)
Index("base_by_email_d", base.c.account, base.c.email_d)

memberships = _table(
    "memberships",
    _key("account"),
    _key("address_book"),
    Column("contact_id", BigInteger, primary_key=True, autoincrement=False),
    _flag("wanted"),
    _flag("on_book"),
    _flag("added_by_us"),
    _flag("list_optout"),
    _flag("left"),
    Column("member", Text),
)

books = _table(
    "books",
    _key("account"),
    _key("address_book"),
    Column("list_id", BigInteger, nullable=False),
    _flag("baseline"),
    Column("count_seen", BigInteger, nullable=False),
    Column("wanted_seen", BigInteger, nullable=False),
    _text("unsubscribed_since"),
)

suppressions = _table("suppressions", _key("account"), _key("email_hash"), _text("reason"))

newcomers = _table("newcomers", _key("campaign_id"), _key("sf_id"))
"""Campaign members that a link added as newcomers (MEM-13). A state that is older than this table has none."""

watermarks = _table("watermarks", _key("name"), _text("value"))

runs = _table(
    "runs",
    _key("run"),
    _text("started"),
    Column("finished", Text),
    _text("fingerprint"),
    _text("result"),
)

run_details = _table("run_details", _key("run"), _flag("idle"), _text("document"))
"""What a run did, as JSON; `idle` if it wrote nothing to either system. A state older than this table has none."""

link_states = _table("link_states", _key("link"), _text("document"))
"""How each link stood after the last run over it, as JSON. A state older than this table has none."""

journal = _table(
    "journal",
    _key("run"),
    _key("operation"),
    Column("batch", Integer, primary_key=True, autoincrement=False),
    _text("task"),
    _text("address"),
    _text("account"),
    Column("job", Text),
    _text("at"),
)
"""Batches that were begun and not settled; settling deletes the row, so whatever stands here was interrupted."""

intents = _table(
    "intents",
    _key("run"),
    _key("operation"),
    Column("batch", Integer, primary_key=True, autoincrement=False),
    _key("account"),
    _key("address_book"),
    _key("email_hash"),
)

ledger = _table(
    "ledger",
    _key("account"),
    _key("record"),
    _key("field"),
    _text("operation"),
    _text("code"),
    _text("message"),
    Column("attempts", Integer, nullable=False),
    _text("first_seen"),
    _text("last_seen"),
    _flag("parked"),
)

refusals = _table("refusals", _key("account"), _key("record"), _key("operation"), _text("hash"))
"""What was refused of a record by an operation, as a keyed hash (RUN-4). A state older than this table has none."""

before_images = _table(
    "before_images",
    _key("run"),
    _key("operation"),
    Column("batch", Integer, primary_key=True, autoincrement=False),
    Column("sealed", LargeBinary, nullable=False),  # AES-GCM; written only while SFDD_KEY is set
)

leases = _table(
    "leases",
    _key("name"),
    _text("token"),
    _text("owner"),
    _text("host"),
    Column("pid", Integer, nullable=False),
    _text("operation"),
    _text("created"),
    Column("heartbeat", Double, nullable=False),
)
