"""Which API versions there are: served, retired, unknown."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from sfdd_declare.sandbox.salesforce.errors import Refusal, not_found

VERSIONS = tuple(range(31, 69))
"""Every version that is served."""

SINCE: Mapping[str, int] = MappingProxyType(
    {
        "composite": 38,
        "composite/batch": 34,
        "composite/graph": 50,
        "composite/sobjects": 42,
        "composite/sobjects/{object}/{field}": 46,
        "composite/tree": 34,
        "jobs/ingest": 41,
        "jobs/query": 47,
        "jobs/query/{id}/resultPages": 58,
        "limits/recordCount": 40,
        "metadata/deployRequest": 33,
        "parameterizedSearch": 36,
    }
)
"""The first version with a resource and all below it, where it is none of the oldest; the longest match counts."""

_RETIRED = range(7, 31)
_RELEASES = ("Spring", "Summer", "Winter")
_VERSION = re.compile(r"v([1-9][0-9]*)\.0")


def versions() -> list[dict[str, str]]:
    """GET /services/data; needs no session."""
    return [
        {
            "label": f"{_RELEASES[number % 3]} '{(number + 13) // 3}",
            "url": f"/services/data/v{number}.0",
            "version": f"{number}.0",
        }
        for number in VERSIONS
    ]


def require_version(text: str) -> None:
    """Raise UNSUPPORTED_API_VERSION for a retired version, NOT_FOUND for one that never was."""
    found = _VERSION.fullmatch(text)
    number = 0 if found is None else int(found.group(1))
    if number in _RETIRED:
        message = f"API version {number}.0 is retired; the oldest that is served is {VERSIONS[0]}.0"
        raise Refusal("UNSUPPORTED_API_VERSION", message)
    if number not in VERSIONS:
        raise not_found()


def number_of(version: str) -> int:
    """66 of `v66.0`, which is served."""
    return int(version.removeprefix("v").removesuffix(".0"))


def is_served(resource: str, version: str) -> bool:
    """Whether a served version has a resource: its template under the version's path."""
    above = [name for name in SINCE if f"{resource}/".startswith(f"{name}/")]
    return not above or number_of(version) >= SINCE[max(above, key=len)]
