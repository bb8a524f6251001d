"""Which addresses are sent credentials: the vendors' own, this machine, and what the environment names besides.

A configuration is reviewed as text and run by somebody else's machine: whoever edits it may choose among a vendor's
hosts, and never a host of their own. Only the environment, which belongs to whoever runs this, can add one.

On a runner of jobs this machine is no exception: another job may listen there. What is asked on it stands in the
environment, too.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import Enum

from sfdd_declare.wire.runner import is_runner

ALLOW_VARIABLE = "SFDD_ALLOW_HOSTS"

#: Scheme and host and nothing else, in a form that no two readers of addresses understand differently.
ADDRESS = (
    r"https?://([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*|\[::1\])(:\d{1,5})?/?"
)

_CLEAR = "http://"
_LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
THIS_MACHINE = tuple(_CLEAR + host for host in _LOOPBACK)


class Vendor(Enum):
    """Whose credentials they are, and the hosts that are the vendor's: of Salesforce the two for everybody and every
    My Domain (sandboxes, scratch orgs and the government's cloud are among them).
    """

    SALESFORCE = re.compile(r"(login|test)\.salesforce\.com|([a-z0-9-]+\.)+my\.salesforce\.(com|mil)")
    DOTDIGITAL = re.compile(r"r[1-9]\d?-api\.(dotdigital|dotmailer)\.com")

    @property
    def hosts(self) -> str:
        """In words, for messages."""
        return _WORDS[self]


_WORDS = {
    Vendor.SALESFORCE: "login.salesforce.com, test.salesforce.com and ….my.salesforce.com",
    Vendor.DOTDIGITAL: "rN-api.dotdigital.com and rN-api.dotmailer.com",
}


def named_hosts(environ: Mapping[str, str]) -> tuple[str, ...]:
    """What the environment allows: hosts, with `http://` before those that are spoken to in the clear; and of this
    machine everything, or on a runner those addresses that variables hold.
    """
    named = tuple(name.strip().lower() for name in environ.get(ALLOW_VARIABLE, "").split(",") if name.strip())
    if not is_runner(environ):
        return (*named, *THIS_MACHINE)
    return (*named, *(_origin(value) for value in environ.values() if host_of(value) in _LOOPBACK))


def host_of(url: str) -> str:
    """The host of an address of this form, else nothing."""
    found = re.fullmatch(ADDRESS, url)
    return found[1].lower() if found else ""


def may_have_credentials(url: str, vendor: Vendor, named: tuple[str, ...]) -> bool:
    """Whether credentials of this vendor may be sent to the address. In the clear only where the environment says so:
    `named` is what `named_hosts` found there.
    """
    host = host_of(url)
    if not host:
        return False
    if _CLEAR + host in named or (_origin(url) in named and host in _LOOPBACK):
        return True
    is_sealed = url.lower().startswith("https://")
    return is_sealed and (bool(vendor.value.fullmatch(host)) or host in named or "https://" + host in named)


def origin_of(url: str) -> str:
    """Scheme, host and port of an address, whatever path follows."""
    scheme, separator, rest = url.partition("://")
    return scheme + separator + re.split(r"[/?#]", rest, maxsplit=1)[0]


def is_this_machine(origin: str) -> bool:
    return host_of(origin) in _LOOPBACK


def may_be_asked_here(url: str, environ: Mapping[str, str]) -> bool:
    """Whether an address on this machine, with a path or of any scheme, may be spoken to: on a runner only when a
    variable holds it.
    """
    return not is_runner(environ) or _origin(url) in map(_origin, environ.values())


def _origin(url: str) -> str:
    return url.lower().rstrip("/")
