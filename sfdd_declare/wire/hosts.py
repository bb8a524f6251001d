"""Which addresses are sent credentials: the vendors' own, this machine, and what the environment names besides.

A configuration is reviewed as text and run by somebody else's machine: whoever edits it may choose among a vendor's
hosts, and never a host of their own. Only the environment, which belongs to whoever runs this, can add one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import Enum

ALLOW_VARIABLE = "SFDD_ALLOW_HOSTS"

#: Scheme and host and nothing else, in a form that no two readers of addresses understand differently.
ADDRESS = (
    r"https?://([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*|\[::1\])(:\d{1,5})?/?"
)

_THIS_MACHINE = ("localhost", "127.0.0.1", "[::1]")
_CLEAR = "http://"


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
    """What the environment allows: hosts, with `http://` before those that are spoken to in the clear."""
    return tuple(name.strip().lower() for name in environ.get(ALLOW_VARIABLE, "").split(",") if name.strip())


def host_of(url: str) -> str:
    """The host of an address of this form, else nothing."""
    found = re.fullmatch(ADDRESS, url)
    return found[1].lower() if found else ""


def may_have_credentials(url: str, vendor: Vendor, named: tuple[str, ...]) -> bool:
    """Whether credentials of this vendor may be sent to the address. In the clear only within this machine, or where
    the environment says so.
    """
    host = host_of(url)
    if not host:
        return False
    if host in _THIS_MACHINE or _CLEAR + host in named:
        return True
    is_sealed = url.lower().startswith("https://")
    return is_sealed and (bool(vendor.value.fullmatch(host)) or host in named or "https://" + host in named)
