"""What a new org holds before anybody did anything: itself, its users, a queue, two sessions that always work."""

from __future__ import annotations

from sfdd_declare.sandbox.salesforce import rows, store
from sfdd_declare.sandbox.world import World

_ORGANIZATION, _USER = "00D", "005"


def tokens(world: World) -> dict[str, str]:
    """Access tokens that exist from the start and do not run out by time, with their users: the API user's, the
    admin's.
    """
    org = store.organization_id(world)[:15]
    return {f"{org}!integration": store.INTEGRATION, f"{org}!admin": store.ADMIN}


def found(world: World) -> None:
    """Make the tables and, in a new org, its first records. May be called again at any time."""
    world.db.create_function("sf_fold", 1, fold, deterministic=True)
    if not store.create_tables(world):
        return
    store.own_serials(world, _ORGANIZATION, _USER)
    users = (
        {"Username": store.ADMIN, "LastName": "Admin", "FirstName": "Ada"},
        {"Username": store.INTEGRATION, "LastName": "Integration", "FirstName": "Iris"},
    )
    extra = {"IsActive": True, "UserType": "Standard", "TimeZoneSidKey": "GMT", "LocaleSidKey": "en_GB"}
    extra |= {"UserPermissionsMarketingUser": True}
    rows.insert_many(world, "User", [{**user, **extra, "Email": user["Username"]} for user in users], who=store.SYSTEM)
    organization = {"Name": "Acme", "OrganizationType": "Developer Edition", "InstanceName": "SBX1"}
    rows.insert_many(world, "Organization", [organization | {"IsSandbox": True}], who=store.SYSTEM)
    queue = {"Name": "Web leads", "DeveloperName": "Web_leads", "Type": "Queue"}
    rows.insert_many(world, "Group", [queue], who=store.SYSTEM)
    with world.transaction() as db:
        db.executemany("INSERT OR REPLACE INTO sfx_session VALUES (?, ?, NULL)", tokens(world).items())


def fold(text: str | int | float | None) -> str | int | float | None:
    """Case folding for letters beyond ASCII, which SQLite's own comparison leaves alone."""
    return text.casefold() if isinstance(text, str) else text
