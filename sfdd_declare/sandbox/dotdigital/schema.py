"""Tables of the Dotdigital side, and what every account has from the start.

Every table has the account in it. A contact's data field values are one JSON object keyed by the upper-cased
field name: pages and imports then cost one row per contact, whatever the number of fields.
"""

from __future__ import annotations

from dataclasses import dataclass

from sfdd_declare.sandbox.world import World, stamp

API_USER = "apiuser-sandbox@apiconnector.com"
PASSWORD = "sandbox"  # noqa: S105 - the sandbox's published password
TEXT_LIMIT = 1000
_FIRST_ACCOUNT, _ACCOUNTS = 10_000_000, 90_000_000  # eight digits

_TABLES = (
    """CREATE TABLE IF NOT EXISTS dd_contact (
        id INTEGER PRIMARY KEY, account INTEGER NOT NULL, email TEXT, email_key TEXT, mobile TEXT,
        status TEXT NOT NULL, status_at TEXT NOT NULL, opt_in TEXT NOT NULL, email_type TEXT NOT NULL,
        data TEXT NOT NULL, created TEXT NOT NULL, updated TEXT NOT NULL, binned INTEGER NOT NULL)""",
    "CREATE UNIQUE INDEX IF NOT EXISTS dd_contact_email ON dd_contact (account, email_key)",
    "CREATE UNIQUE INDEX IF NOT EXISTS dd_contact_mobile ON dd_contact (account, mobile)",
    "CREATE INDEX IF NOT EXISTS dd_contact_updated ON dd_contact (account, updated)",
    "CREATE INDEX IF NOT EXISTS dd_contact_binned ON dd_contact (account, updated) WHERE binned = 1",
    """CREATE TABLE IF NOT EXISTS dd_list (
        id INTEGER PRIMARY KEY AUTOINCREMENT, account INTEGER NOT NULL, name TEXT NOT NULL,
        name_key TEXT NOT NULL, visibility TEXT NOT NULL, kind TEXT NOT NULL)""",
    "CREATE UNIQUE INDEX IF NOT EXISTS dd_list_name ON dd_list (account, name_key)",
    """CREATE TABLE IF NOT EXISTS dd_member (
        list_id INTEGER NOT NULL, contact_id INTEGER NOT NULL, account INTEGER NOT NULL, joined TEXT NOT NULL,
        PRIMARY KEY (list_id, contact_id)) WITHOUT ROWID""",
    "CREATE INDEX IF NOT EXISTS dd_member_contact ON dd_member (contact_id)",
    # An opt-out of one list outlives the membership, so that a re-import can be told from a first one.
    """CREATE TABLE IF NOT EXISTS dd_optout (
        list_id INTEGER NOT NULL, contact_id INTEGER NOT NULL, account INTEGER NOT NULL, at TEXT NOT NULL,
        PRIMARY KEY (list_id, contact_id)) WITHOUT ROWID""",
    "CREATE INDEX IF NOT EXISTS dd_optout_contact ON dd_optout (contact_id)",
    """CREATE TABLE IF NOT EXISTS dd_identifier (
        account INTEGER NOT NULL, name TEXT NOT NULL, created TEXT NOT NULL, PRIMARY KEY (account, name))""",
    """CREATE TABLE IF NOT EXISTS dd_identifier_value (
        account INTEGER NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, contact_id INTEGER NOT NULL,
        PRIMARY KEY (account, name, value)) WITHOUT ROWID""",
    "CREATE UNIQUE INDEX IF NOT EXISTS dd_identifier_of ON dd_identifier_value (contact_id, name)",
    """CREATE TABLE IF NOT EXISTS dd_field (
        account INTEGER NOT NULL, key TEXT NOT NULL, name TEXT NOT NULL, type TEXT NOT NULL,
        visibility TEXT NOT NULL, default_value TEXT, builtin INTEGER NOT NULL, PRIMARY KEY (account, key))""",
    """CREATE TABLE IF NOT EXISTS dd_preference (
        id INTEGER PRIMARY KEY AUTOINCREMENT, account INTEGER NOT NULL, category INTEGER NOT NULL,
        public_name TEXT NOT NULL, private_name TEXT NOT NULL, is_preference INTEGER NOT NULL,
        is_public INTEGER NOT NULL, position INTEGER NOT NULL, created TEXT NOT NULL, modified TEXT NOT NULL)""",
    "CREATE INDEX IF NOT EXISTS dd_preference_of ON dd_preference (account)",
    # Only what somebody chose: who never did has no rows.
    """CREATE TABLE IF NOT EXISTS dd_choice (
        contact_id INTEGER NOT NULL, preference_id INTEGER NOT NULL, account INTEGER NOT NULL,
        is_in INTEGER NOT NULL, at TEXT NOT NULL, PRIMARY KEY (contact_id, preference_id)) WITHOUT ROWID""",
    "CREATE INDEX IF NOT EXISTS dd_choice_of ON dd_choice (preference_id, contact_id)",
    """CREATE TABLE IF NOT EXISTS dd_consent (
        id INTEGER PRIMARY KEY, contact_id INTEGER NOT NULL, account INTEGER NOT NULL, text TEXT NOT NULL,
        consented TEXT NOT NULL, url TEXT NOT NULL, ip TEXT NOT NULL, agent TEXT NOT NULL, created TEXT NOT NULL)""",
    "CREATE INDEX IF NOT EXISTS dd_consent_of ON dd_consent (contact_id)",
    """CREATE TABLE IF NOT EXISTS dd_subscription (
        id INTEGER PRIMARY KEY AUTOINCREMENT, account INTEGER NOT NULL, name TEXT NOT NULL, status TEXT NOT NULL,
        types TEXT NOT NULL, alerts TEXT NOT NULL, created TEXT NOT NULL, updated TEXT NOT NULL,
        read_at TEXT NOT NULL, position INTEGER NOT NULL)""",
    """CREATE TABLE IF NOT EXISTS dd_job (
        id TEXT PRIMARY KEY, account INTEGER NOT NULL, kind TEXT NOT NULL, who TEXT NOT NULL,
        payload BLOB NOT NULL, verdict TEXT NOT NULL, wait INTEGER NOT NULL, polls INTEGER NOT NULL,
        status TEXT NOT NULL, result BLOB NOT NULL, created TEXT NOT NULL)""",
)
_BUILT_IN_FIELDS = (
    ("FIRSTNAME", "String"),
    ("LASTNAME", "String"),
    ("FULLNAME", "String"),
    ("GENDER", "String"),
    ("POSTCODE", "String"),
    ("NOTES", "String"),
    ("LASTSUBSCRIBED", "Date"),
)
_PREFERENCES = (("Newsletters", ("Weekly digest", "Product news")), ("Events", ()))
"""Every account's tree from the start: a category, and a preference outside of any."""


@dataclass(frozen=True, slots=True)
class Account:
    """One account with its API user. The password is the sandbox's own and protects nothing."""

    id: int
    user: str
    password: str
    region: str


def home_account(world: World) -> int:
    """The id of the fixed account: the world's own."""
    return _FIRST_ACCOUNT + world.number % _ACCOUNTS


def accounts(world: World) -> dict[str, Account]:
    """Every account by its API user, lower-cased: the fixed one and those of `dotdigital.accounts`."""
    found = {API_USER: Account(id=home_account(world), user=API_USER, password=PASSWORD, region="r1")}
    for row in world.setting("dotdigital.accounts", []):
        region = row.get("region", "r1")
        extra = Account(id=int(row["account_id"]), user=row["user"], password=row["password"], region=region)
        found[extra.user.lower()] = extra
    return found


def install(world: World) -> None:
    """Create the tables and equip the known accounts; idempotent per world."""
    world.install("dotdigital", _prepare)


def equip(world: World, account: int) -> None:
    """Give an account its built-in fields, its system list and a few preferences, unless it has them."""
    with world.transaction() as db:
        known = db.execute("SELECT 1 FROM dd_field WHERE account = ? LIMIT 1", (account,)).fetchone()
        if known is not None:
            return
        db.executemany(
            "INSERT INTO dd_field VALUES (?, ?, ?, ?, 'Private', NULL, 1)",
            [(account, name, name, kind) for name, kind in _BUILT_IN_FIELDS],
        )
        db.execute(
            "INSERT INTO dd_list (account, name, name_key, visibility, kind)"
            " VALUES (?, 'Test', 'test', 'Private', 'system')",
            (account,),
        )
        for position, (name, inside) in enumerate(_PREFERENCES):
            number = _preference(world, account, name, position, is_preference=not inside)
            for place, preference in enumerate(inside):
                _preference(world, account, preference, place, category=number)


def _preference(
    world: World, account: int, name: str, position: int, *, category: int = 0, is_preference: bool = True
) -> int:
    now = stamp(world.now())
    return (
        world.db.execute(
            "INSERT INTO dd_preference (account, category, public_name, private_name, is_preference, is_public,"
            " position, created, modified) VALUES (?, ?, ?, ?, ?, 1, ?, ?, ?)",
            (account, category, name, name, is_preference, position, now, now),
        ).lastrowid
        or 0
    )


def _prepare(world: World) -> None:
    with world.transaction() as db:
        for statement in _TABLES:
            db.execute(statement)
        started = db.execute("SELECT 1 FROM sqlite_sequence WHERE name = 'dd_list'").fetchone()
        if started is None:  # list ids begin where nobody takes them for a position or a count
            db.execute("INSERT INTO sqlite_sequence (name, seq) VALUES ('dd_list', 900)")
        for account in accounts(world).values():
            equip(world, account.id)
