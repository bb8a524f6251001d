"""Who a session belongs to, as SOAP tells it."""

from __future__ import annotations

from typing import Any

from sfdd_declare.sandbox.salesforce import oauth, sql, store
from sfdd_declare.sandbox.world import World


def user_info(world: World, user: str) -> dict[str, Any]:
    """The result of getUserInfo, which a login brings too; without what the sandbox's users have not."""
    organization, user_id = store.organization_id(world), store.user_id(world, user)
    with world.lock:
        record = sql.select(world.db, "sf_User", "Id = ?", (user_id,))[0]
        company = sql.select(world.db, "sf_Organization", "Id = ?", (organization,), columns="Name")[0]
    return {
        "accessibilityMode": False,
        "orgDisallowHtmlAttachments": False,
        "orgHasPersonAccounts": False,
        "organizationId": organization,
        "organizationMultiCurrency": False,
        "organizationName": company["Name"],
        "sessionSecondsValid": int(world.setting("salesforce.session_seconds", oauth.SESSION_SECONDS)),
        "userEmail": record["Email"],
        "userFullName": full_name(world, user_id),
        "userId": user_id,
        "userLanguage": "en_US",
        "userLocale": record["LocaleSidKey"],
        "userName": user,
        "userTimeZone": record["TimeZoneSidKey"],
        "userType": record["UserType"],
        "userUiSkin": "Theme3",
    }


def full_name(world: World, user_id: str) -> str:
    """The name of the user with that id."""
    with world.lock:
        found = sql.select(world.db, "sf_User", "Id = ?", (user_id,), columns="FirstName, LastName")
    return f"{found[0]['FirstName'] or ''} {found[0]['LastName'] or ''}".strip() if found else ""
