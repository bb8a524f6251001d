"""Where the two systems are, and what is missing for getting in. Credentials go to their vendors' hosts alone."""

from __future__ import annotations

from collections.abc import Iterator

from sfdd_declare.config.checks_base import Context, error
from sfdd_declare.config.interpolate import is_reference
from sfdd_declare.config.positions import Path, Scalar
from sfdd_declare.config.resolve import INSTANCE_VARIABLE, TOKEN_VARIABLES
from sfdd_declare.config.shape.connect import AccessToken
from sfdd_declare.config.suggest import quoted
from sfdd_declare.model.errors import ConfigError
from sfdd_declare.wire.hosts import ALLOW_VARIABLE, Vendor, host_of, may_have_credentials, named_hosts

#: Hosts for everybody; an app's own credentials are taken by the org's own host alone.
_SHARED_LOGINS = ("login.salesforce.com", "test.salesforce.com")
_HINTS = {
    "login_url": "login_url: https://login.salesforce.com",
    "instance_url": "instance_url: https://….my.salesforce.com",
    "region": "region: auto",
}


def check(context: Context) -> Iterator[ConfigError]:
    """Salesforce, the Dotdigital accounts, the state."""
    yield from _hosts(context)
    if context.credentials:
        yield from _missing(context)
    yield from _shared_login(context)
    yield from _state(context)


def _missing(context: Context) -> Iterator[ConfigError]:
    """What a given token needs and nobody wrote comes from the environment of Salesforce's own command line."""
    auth, places = context.checked.root.salesforce.auth, context.places
    if auth is not None and not isinstance(auth, AccessToken):
        return
    if places.node("salesforce", "auth") is not None and auth is None:
        return  # written, and wrong
    path = ("salesforce", "auth", "method")
    where = places.value(*path) if auth else places.key("salesforce")
    written = {
        TOKEN_VARIABLES: places.node("salesforce", "auth", "access_token") is not None,
        (INSTANCE_VARIABLE,): places.node("salesforce", "auth", "instance_url") is not None,
    }
    what = "The method `access_token` needs" if auth else "Without `salesforce.auth` Salesforce needs"
    for names, is_written in written.items():
        if not is_written and not any(context.environ.get(name) for name in names):
            summary = f"{what} the environment variable {quoted(names[0])}, which is not set."
            yield error("SFDD-E1244", summary, where, hint=f"export {names[0]}=…")


def _hosts(context: Context) -> Iterator[ConfigError]:
    root = context.checked.root
    auth = root.salesforce.auth
    addresses: list[tuple[Path, str, Vendor]] = [
        (("salesforce", "login_url"), root.salesforce.login_url, Vendor.SALESFORCE)
    ]
    if isinstance(auth, AccessToken) and auth.instance_url:
        addresses.append((("salesforce", "auth", "instance_url"), auth.instance_url, Vendor.SALESFORCE))
    elif (auth is None or isinstance(auth, AccessToken)) and context.environ.get(INSTANCE_VARIABLE):
        addresses.append(
            (("salesforce", "auth", "instance_url"), context.environ[INSTANCE_VARIABLE], Vendor.SALESFORCE)
        )
    addresses += [
        (("dotdigital", "accounts", key, "region"), account.region, Vendor.DOTDIGITAL)
        for key, account in root.dotdigital.accounts.items()
        if "://" in account.region
    ]
    named = named_hosts(context.environ)
    for path, url, vendor in addresses:
        if not may_have_credentials(url, vendor, named):
            node = context.places.node(*path)
            written = node.written if isinstance(node, Scalar) else f"${{env:{INSTANCE_VARIABLE}}}"
            shown = quoted(written if "${" in written else host_of(url))
            summary = f"No credentials are sent to {shown}: it is no https address of {vendor.name.capitalize()}."
            detail = f"hosts: {vendor.hosts}; the environment may name others in {ALLOW_VARIABLE}"
            yield error("SFDD-E1243", summary, context.places.value(*path), hint=_HINTS[str(path[-1])], detail=detail)


_STATE_SCHEMES = ("postgresql", "postgres", "s3", "gs", "az")


def _shared_login(context: Context) -> Iterator[ConfigError]:
    root, places = context.checked.root, context.places
    method = root.salesforce.auth.method if root.salesforce.auth else None
    host = host_of(root.salesforce.login_url)
    if method == "client_credentials" and host in _SHARED_LOGINS:
        is_written = places.node("salesforce", "login_url") is not None
        where = places.value("salesforce", *(("login_url",) if is_written else ("auth", "method")))
        summary = f"The method {quoted(method)} logs in at the org's own My Domain only, not at {host}."
        yield error("SFDD-E1223", summary, where, hint="login_url: https://….my.salesforce.com")


def _state(context: Context) -> Iterator[ConfigError]:
    """What comes from outside is an address: the name of a file is shown, and this may be any secret."""
    state, node = context.checked.root.state, context.places.node("state")
    scheme, found, _ = (state or "").partition("://")
    is_from_outside = isinstance(node, Scalar) and is_reference(node.written)
    if scheme not in _STATE_SCHEMES and (found or is_from_outside):
        shown = node.written if isinstance(node, Scalar) and is_from_outside else f"{scheme}://…"
        hint = "state: .sfdd/state.db, or postgresql://…, s3://BUCKET/PATH, gs://BUCKET/PATH, az://CONTAINER/PATH"
        detail = "the variable SFDD_STATE may hold the name of a file, too" if is_from_outside else ""
        summary = f"A state cannot live at {quoted(shown)}."
        yield error("SFDD-E1224", summary, context.places.value("state"), hint=hint, detail=detail)
