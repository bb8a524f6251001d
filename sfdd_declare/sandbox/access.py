"""How a program gets in: the addresses of both systems, and credentials that work from the start."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sfdd_declare.sandbox.dotdigital import schema as dotdigital
from sfdd_declare.sandbox.salesforce import founding, oauth, store
from sfdd_declare.sandbox.world import World


@dataclass(frozen=True, slots=True)
class Access:
    """Ids of org and account, tokens of the API user and of the admin, and the user of the Dotdigital API.

    Programs that log in themselves have a name, a password and a connected app.
    """

    org_id: str
    token: str
    admin_token: str
    account_id: str
    user: str = dotdigital.API_USER
    password: str = dotdigital.PASSWORD
    salesforce_user: str = store.INTEGRATION
    salesforce_password: str = oauth.PASSWORD
    security_token: str = oauth.SECURITY_TOKEN
    client_id: str = oauth.CLIENT_ID
    client_secret: str = oauth.CLIENT_SECRET

    def environment(self, salesforce_url: str, dotdigital_url: str) -> Mapping[str, str]:
        """The variables that a configuration takes its credentials from."""
        return {
            "SF_ACCESS_TOKEN": self.token,
            "SF_ORG_INSTANCE_URL": salesforce_url,
            "DD_USER": self.user,
            "DD_PASSWORD": self.password,
            "DD_URL": dotdigital_url,
        }


def access_of(world: World) -> Access:
    """Those of a world whose systems are installed."""
    integration, admin = founding.tokens(world)
    return Access(
        org_id=store.organization_id(world),
        token=integration,
        admin_token=admin,
        account_id=str(dotdigital.home_account(world)),
    )
