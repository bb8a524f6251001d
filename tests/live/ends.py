"""The two systems that a conversation is held with, and in which way (`SFDD_LIVE`).

`replay`: nobody answers but the cassettes. `record`: the sandbox, and the cassettes are written anew. `live`: a real
org and a real account that the environment names; what they say is kept in `build/live` and held against the cassettes.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from pydantic import SecretStr

from sfdd_declare.dotdigital.client import Client as DotdigitalClient
from sfdd_declare.dotdigital.client import connect
from sfdd_declare.model.declared import Account, AuthMethod, Consent, Salesforce, SalesforceAuth
from sfdd_declare.salesforce.client import Client as SalesforceClient
from sfdd_declare.sandbox.server import Running
from tests.live.scrub import DOTDIGITAL, SALESFORCE

REPLAY, RECORD, LIVE = "replay", "record", "live"
CASSETTES = Path(__file__).with_name("cassettes")
#: Where a recording goes, so that one can be held against those that are there.
RECORDED = Path(os.environ.get("SFDD_CASSETTES", CASSETTES))
HEARD = Path(__file__).parents[2] / "build" / "live"
NEEDED = ("SF_ACCESS_TOKEN", "SF_ORG_INSTANCE_URL", "DD_USER", "DD_PASSWORD")


def mode() -> str:
    chosen = os.environ.get("SFDD_LIVE", REPLAY)
    assert chosen in (REPLAY, RECORD, LIVE), "SFDD_LIVE is replay, record or live"
    return chosen


@dataclass(frozen=True, slots=True)
class Ends:
    """Where both systems are, and how to get in. Without `client_id` nobody can log in with a secret."""

    salesforce_url: str
    token: str
    client_id: str
    client_secret: str
    region: str
    dotdigital_url: str
    user: str
    password: str
    pause: Callable[[float], None] = lambda _: None

    @property
    def hosts(self) -> Mapping[str, str]:
        """Whose names are told otherwise in cassettes."""
        return {self.salesforce_url: SALESFORCE, self.dotdigital_url: DOTDIGITAL}

    def salesforce(self) -> SalesforceClient:
        auth = SalesforceAuth(
            AuthMethod.ACCESS_TOKEN, access_token=SecretStr(self.token), instance_url=self.salesforce_url
        )
        return self._client(auth)

    def salesforce_by_secret(self) -> SalesforceClient:
        return self._client(
            SalesforceAuth(
                AuthMethod.CLIENT_CREDENTIALS, client_id=self.client_id, client_secret=SecretStr(self.client_secret)
            )
        )

    def dotdigital(self) -> DotdigitalClient:
        account = Account("main", self.user, SecretStr(self.password), self.region, True, None, Consent())
        return connect(account, pause=self.pause)

    def _client(self, auth: SalesforceAuth) -> SalesforceClient:
        return SalesforceClient(Salesforce(auth, self.salesforce_url, "66.0", None, True), {}, pause=self.pause)


@contextmanager
def ends(folder: Path) -> Iterator[Ends]:
    if mode() == REPLAY:
        yield Ends(SALESFORCE, "00D!token", "client", "secret", "auto", DOTDIGITAL, "user", "password")
    elif mode() == RECORD:
        with Running(folder / "world.db") as running:
            access = running.access
            yield Ends(
                running.salesforce_url,
                access.token,
                "sandbox-client",
                "sandbox-secret",
                running.dotdigital_url,
                running.dotdigital_url,
                access.user,
                access.password,
            )
    else:
        missing = [name for name in NEEDED if not os.environ.get(name)]
        if missing:
            pytest.fail(f"The environment names no real systems: set {', '.join(missing)}.")
        at = os.environ
        url = at["SF_ORG_INSTANCE_URL"].rstrip("/")
        secret = (at.get("SF_CLIENT_ID", ""), at.get("SF_CLIENT_SECRET", ""))
        region = at.get("DD_URL", "auto")
        yield Ends(url, at["SF_ACCESS_TOKEN"], *secret, region, region, at["DD_USER"], at["DD_PASSWORD"], time.sleep)
