"""Resources that the real service has and the sandbox has not: refused in words, never unknown and never fatal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from sfdd_declare.sandbox.salesforce.calls import Call, Reply
from sfdd_declare.sandbox.salesforce.errors import not_in_the_sandbox
from sfdd_declare.sandbox.salesforce.sobjects import visible


def refuse(what: str) -> Callable[[Call], Reply]:
    """A handler that says so of a resource."""

    def handler(call: Call) -> Reply:
        if "object" in call.path:
            visible(call)
        raise not_in_the_sandbox(what)

    return handler


_SEARCH = {"GET": refuse("SOSL search")}
_PARAMETERIZED = dict.fromkeys(("GET", "POST"), refuse("Parameterized search"))
_LIST_VIEWS = {"GET": refuse("List views")}
_QUICK_ACTIONS = {"GET": refuse("Quick actions")}

UNSUPPORTED: Mapping[str, Mapping[str, Callable[[Call], Reply]]] = MappingProxyType(
    {
        "search": _SEARCH,
        "search/{rest:path}": _SEARCH,
        "parameterizedSearch": _PARAMETERIZED,
        "recent": {"GET": refuse("Recently viewed records")},
        "sobjects/{object}/describe/{rest:path}": {"GET": refuse("Layouts")},
        "sobjects/{object}/listviews": _LIST_VIEWS,
        "sobjects/{object}/listviews/{rest:path}": _LIST_VIEWS,
        "sobjects/{object}/quickActions": _QUICK_ACTIONS,
        "sobjects/{object}/quickActions/{rest:path}": _QUICK_ACTIONS,
    }
)
"""Path under the version, then method."""
