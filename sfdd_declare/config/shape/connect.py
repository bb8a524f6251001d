"""Shapes of `salesforce:` and `dotdigital:`, the two systems and how to log in to them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag

from sfdd_declare.config.shape.base import Formed, Key, Secret, Shape, Text, Url
from sfdd_declare.config.shape.rules import Consent
from sfdd_declare.wire.hosts import ADDRESS

ApiVersion = Annotated[str, Formed(r"[2-9]\d\.0|1\d\d\.0", 'an API version such as "66.0"')]
Region = Annotated[str, Formed(rf"auto|r[1-3]|{ADDRESS}", "a region: auto, r1, r2, r3 or a scheme and host")]


class Jwt(Shape):
    """A connected app with a certificate; nobody has to log in."""

    method: Literal["jwt"] = Field(description="Which way to log in; the other keys depend on it.")
    client_id: Text = Field(description="Consumer key of the connected app.", examples=["${env:SF_CLIENT_ID}"])
    username: Text = Field(description="The Salesforce user to act as.", examples=["integration@acme.example"])
    private_key: Secret = Field(description="The key in PEM form.", examples=["${file:secrets/sf.key}"])


class AccessToken(Shape):
    """A token that is already there. What is not written comes from SF_ACCESS_TOKEN and SF_ORG_INSTANCE_URL."""

    method: Literal["access_token"] = Field(description="Which way to log in; the other keys depend on it.")
    access_token: Secret | None = Field(default=None, description="The token.", examples=["${env:SF_ACCESS_TOKEN}"])
    instance_url: Url | None = Field(
        default=None, description="The URL of the org.", examples=["https://acme.my.salesforce.com"]
    )


class ClientCredentials(Shape):
    """A connected app with a secret and a run-as user. `login_url` is the org's own My Domain."""

    method: Literal["client_credentials"] = Field(description="Which way to log in; the other keys depend on it.")
    client_id: Text = Field(description="Consumer key of the connected app.", examples=["${env:SF_CLIENT_ID}"])
    client_secret: Secret = Field(
        description="Consumer secret of the connected app.", examples=["${env:SF_CLIENT_SECRET}"]
    )


class RefreshToken(Shape):
    """A refresh token of an earlier login."""

    method: Literal["refresh_token"] = Field(description="Which way to log in; the other keys depend on it.")
    client_id: Text = Field(description="Consumer key of the connected app.", examples=["${env:SF_CLIENT_ID}"])
    client_secret: Secret | None = Field(
        default=None, description="Consumer secret, where the app has one.", examples=["${env:SF_CLIENT_SECRET}"]
    )
    refresh_token: Secret = Field(description="The refresh token.", examples=["${env:SF_REFRESH_TOKEN}"])


METHODS = ("jwt", "access_token", "client_credentials", "refresh_token")


def _method(value: Any) -> str | None:
    """In brackets, because methods are called like keys of theirs, and an error's location names both."""
    method = value.get("method") if isinstance(value, dict) else None
    return f"({method})" if isinstance(method, str) else None


Auth = Annotated[
    Annotated[Jwt, Tag("(jwt)")]
    | Annotated[AccessToken, Tag("(access_token)")]
    | Annotated[ClientCredentials, Tag("(client_credentials)")]
    | Annotated[RefreshToken, Tag("(refresh_token)")],
    Discriminator(_method),
]


class Salesforce(Shape):
    """The Salesforce org."""

    auth: Auth | None = Field(
        default=None, description="How to log in. Absent: the environment of Salesforce's own command line is used."
    )
    login_url: Url = Field(
        default="https://login.salesforce.com",
        description="Where to log in: login, test (sandboxes) or the org's own My Domain.",
        examples=["https://test.salesforce.com"],
    )
    api_version: ApiVersion = Field(default="66.0", description="The REST API version every call uses.")
    daily_call_budget: int | None = Field(
        default=None,
        ge=1,
        description="Ceiling for this tool's own calls in a UTC day. Applies are counted; consent is never held back.",
        examples=[20000],
    )
    registry: Literal["custom_objects", "none"] = Field(
        default="custom_objects",
        description="Where links and field mappings live: in custom objects of the org, or only in our own state.",
    )


class Account(Shape):
    """One Dotdigital account."""

    user: Text = Field(description="The API user.", examples=["${env:DD_USER}"])
    password: Secret = Field(description="Its password.", examples=["${env:DD_PASSWORD}"])
    region: Region = Field(default="auto", description="auto asks Dotdigital once.", examples=["auto", "r1"])
    enabled: bool = Field(default=True, description="Off: nothing of this account is synchronised.")
    double_opt_in: Literal["enforced", "not_enforced"] | None = Field(
        default=None,
        description="Whether the account sends confirmation mails. Needed before the first import creates contacts.",
    )
    consent: Consent | None = Field(default=None, description="Consent switches of this account.")


class Dotdigital(Shape):
    """The Dotdigital accounts."""

    accounts: dict[Key, Account] = Field(default_factory=dict, description="Accounts by a key of your choice.")
