"""The pages by their addresses."""

from __future__ import annotations

import re
from collections.abc import Callable

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from sfdd_declare.model.service import Service
from sfdd_declare.web.meters import Meters
from sfdd_declare.web.metrics import exposition
from sfdd_declare.web.page import render_service, render_trouble

_ERROR_ID = re.compile(r"SFDD-E[0-9]{4}\b")


def build(service: Callable[[], Service], alive: Callable[[], bool], meters: Meters) -> Starlette:
    """The application. Its functions are plain ones: they run in threads, so a slow one keeps no probe waiting."""

    def show(_: Request) -> Response:
        return HTMLResponse(render_service(service(), is_alive=alive()))

    def health(_: Request) -> Response:
        return _probe("" if alive() else "stopped")

    def readiness(_: Request) -> Response:
        return _probe(unready(service()))

    def metrics(request: Request) -> Response:
        body, content_type = exposition(service, alive, meters, request.headers.get("accept", ""))
        return Response(body, headers={"Content-Type": content_type, "Vary": "Accept"})

    routes = [
        Route("/", show),
        Route("/healthz", health),
        Route("/readyz", readiness),
        Route("/metrics", metrics),
    ]
    return Starlette(routes=routes, exception_handlers={HTTPException: _http_error, Exception: _bug})


def unready(service: Service) -> str:
    """Why a service is not ready, as a class: an error's id, `starting`, `trouble`. Never the text, which names
    things. Empty: it is ready.
    """
    if service.is_ready:
        return ""
    found = _ERROR_ID.match(service.trouble)
    if found:
        return found[0]
    return "trouble" if service.trouble else "starting"


def _probe(trouble: str) -> Response:
    return PlainTextResponse(f"{trouble or 'ok'}\n", status_code=503 if trouble else 200)


def _http_error(_: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    title = "There is no such page" if status == 404 else "This cannot be answered"
    return HTMLResponse(render_trouble(title, "The service is shown on its front page."), status_code=status)


def _bug(_: Request, error: Exception) -> Response:
    text = f"This is a mistake of sfdd itself ({type(error).__name__}); please report it. The synchronisation goes on."
    return HTMLResponse(render_trouble("The page could not be made", text), status_code=500)
