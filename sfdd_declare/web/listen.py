"""Where the server listens: the text that says so, the address it means, and the socket."""

from __future__ import annotations

import os
import re
import socket
from dataclasses import dataclass
from ipaddress import ip_address

from sfdd_declare.model.errors import UsageError

_SHAPE = re.compile(r"(?:\[(?P<six>[0-9A-Fa-f:.]+(?:%\w+)?)\]|(?P<host>[^\s:/@\[\]]*)):(?P<port>[0-9]{1,5})", re.ASCII)
_EXAMPLE = "--listen 127.0.0.1:9464"


@dataclass(frozen=True, slots=True)
class Listen:
    """A host and a port. No host: all addresses of the machine. Port 0: any that is free."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def parse_listen(text: str) -> Listen:
    """What `127.0.0.1:9464`, `[::1]:9464`, `localhost:9464` or `:9464` says. Raises UsageError."""
    found = _SHAPE.fullmatch(text)
    if not found:
        raise UsageError("SFDD-E9050", f"`{text}` is not of the form HOST:PORT.", detail=_advice(text), hint=_EXAMPLE)
    port = int(found["port"])
    if port > 65535:
        raise UsageError("SFDD-E9050", f"There is no port {port}; 65535 is the last.", hint=_EXAMPLE)
    return Listen(found["six"] or found["host"] or "", port)


def open_socket(listen: Listen, *, has_token: bool) -> socket.socket:
    """A socket that listens there. Raises UsageError: the address is none of this machine, is taken, or can be
    reached from other machines though no token is asked for.
    """
    family, address = _resolve(listen)
    # By the address it means, not by its name: any name can be made to mean any address.
    if not has_token and not is_loopback(address[0]):
        raise UsageError(
            "SFDD-E9051",
            f"{listen} can be reached from other machines, so it needs a token.",
            detail="Without one the server listens on 127.0.0.1 or [::1] only.",
            hint="export SFDD_WATCH_TOKEN=...",
        )
    # Named as TCP, or the event loop leaves Nagle's algorithm on: 40 ms per answer.
    opened = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, int(address[0] != "::"))
        opened.bind(address)
        opened.listen()
    except OSError as error:
        opened.close()
        raise _cannot(listen, error) from error
    return opened


def is_loopback(host: str) -> bool:
    """Whether an address (not a name) is this machine's own, which no other machine reaches."""
    return ip_address(host).is_loopback


def _resolve(listen: Listen) -> tuple[socket.AddressFamily, tuple[str, int]]:
    if not listen.host:
        is_both = socket.has_dualstack_ipv6()
        return (socket.AF_INET6, ("::", listen.port)) if is_both else (socket.AF_INET, ("0.0.0.0", listen.port))  # noqa: S104
    try:
        found = socket.getaddrinfo(listen.host, listen.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError) as error:
        raise _cannot(listen, error) from error
    # IPv4 first: what reads `localhost` elsewhere (a probe, a scraper) may know nothing else.
    family, _, _, _, address = min(found, key=lambda one: one[0] != socket.AF_INET)
    return family, address  # type: ignore[return-value]


def _cannot(listen: Listen, error: Exception) -> UsageError:
    number = error.errno if isinstance(error, OSError) else None
    known = number is not None and number > 0 and not isinstance(error, socket.gaierror)
    why = os.strerror(number).lower() if known and number else "there is no such address"
    summary = f"{listen} cannot be listened on: {why}."
    return UsageError("SFDD-E9052", summary, hint=f"--listen {Listen(listen.host, 0)}")


def _advice(text: str) -> str:
    if text.count(":") > 1 and "[" not in text:
        return "An IPv6 address stands in brackets: [::1]:9464."
    return "It is an address of this machine and a port, such as 127.0.0.1:9464, [::1]:9464 or :9464 (all addresses)."
