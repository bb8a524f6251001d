"""Paths that end in a slash: the vendor takes them for the same path without it, and so do its own clients."""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send


class TrailingSlash:
    """Takes the slash off the end of a path before it is routed; an encoded one belongs to a value and stays."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass every request on, its path shortened if need be."""
        path, raw = scope.get("path", ""), scope.get("raw_path") or b"/"
        if len(path) > 1 and path.endswith("/") and raw.endswith(b"/"):
            scope["path"], scope["raw_path"] = path[:-1], raw[:-1]
        await self._app(scope, receive, send)
