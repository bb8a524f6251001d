"""The Dotdigital side as one application: its calls, and what happens around every one of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sfdd_declare.sandbox.dotdigital import books, deletions, imports, jobs, schema, values, version2_import
from sfdd_declare.sandbox.dotdigital import version2 as v2
from sfdd_declare.sandbox.dotdigital.acceptance import IMPORT, IMPORT_V2
from sfdd_declare.sandbox.dotdigital.answers import Refusal, answer, not_understood
from sfdd_declare.sandbox.dotdigital.call import Call, authenticate, endpoint_of
from sfdd_declare.sandbox.dotdigital.limits import Limiter
from sfdd_declare.sandbox.dotdigital.offers import OFFERS, Offer
from sfdd_declare.sandbox.dotdigital.slash import TrailingSlash
from sfdd_declare.sandbox.dotdigital.unsettled import unsettled
from sfdd_declare.sandbox.world import World

INFO = ("GET", "/v2/account-info")
"""The call that is in no table: it shows the state of the limits."""
_CHALLENGE = {"WWW-Authenticate": 'Basic realm="api"'}
"""Every 401 says how to log in (RFC 9110, 15.5.2)."""
_RUNNERS = {
    IMPORT: imports.run,
    IMPORT_V2: version2_import.run,
    v2.REMOVAL: books.run_removal,
    deletions.DELETION: deletions.run,
}


def build(world: World) -> Starlette:
    """The application of one world."""
    schema.install(world)
    limiter = Limiter(world)
    world.install(f"dotdigital.limits.{id(limiter)}", lambda _: limiter.forget())
    info = Offer(*INFO, partial(_account_info, limiter=limiter), "high")
    routes = [Route(offer.path, _endpoint(world, limiter, offer), methods=[offer.method]) for offer in (info, *OFFERS)]
    app = Starlette(routes=routes, middleware=[Middleware(TrailingSlash)], exception_handlers={HTTPException: _unknown})
    app.router.redirect_slashes = False
    return app


def _endpoint(world: World, limiter: Limiter, offer: Offer) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        raw = await request.body()
        rate: dict[str, str] = {}
        try:
            account = authenticate(world, request)
            own = unsettled(world, offer.method, offer.path)
            rate, refusal = limiter.take(account.id, own.tier or offer.tier, request.url.path)
            if refusal is not None:
                raise refusal
            own.require_few(request.url.path, raw)
            response = offer.handler(Call(world=world, request=request, account=account, raw=raw))
            response.status_code = own.status or response.status_code
        except Refusal as refused:
            response = answer(refused.body, status=refused.status)
        response.headers.update(_CHALLENGE if response.status_code == 401 else rate)
        if offer.lets_jobs_run:
            jobs.tick(world, _RUNNERS)
        return response

    return endpoint


async def _unknown(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    text = "The requested resource does not exist"
    if status == 405:
        text = f"The requested resource does not support http method '{request.method}'."
    refusal = not_understood(request.url.path, status, text)
    headers = error.headers if isinstance(error, HTTPException) else None
    response = answer(refusal.body, status=status)
    response.headers.update(headers or {})
    return response


def _account_info(call: Call, *, limiter: Limiter) -> Response:
    account = call.account
    properties = (
        ("Name", "String", "Sandbox account"),
        ("MainEmail", "String", "owner@example.com"),
        ("ApiEndpoint", "String", endpoint_of(call.world, call.request, account) + "/"),
        ("ApiCallsInLastHour", "Int", str(limiter.used_in_hour(account.id))),
        ("ApiCallsRemaining", "Int", str(limiter.remaining_in_hour(account.id))),
        ("APILocale", "String", "EN"),
        ("TimeZoneIana", "String", values.time_zone(call.world)),
        ("CurrencyCode", "String", "GBP"),
    )
    shown = [{"name": name, "type": kind, "value": value} for name, kind, value in properties]
    return answer({"id": account.id, "properties": shown})
