"""The Dotdigital side as one application: its calls, and what happens around every one of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sfdd_declare.sandbox.dotdigital import books, imports, jobs, pages, schema, single, suppression, values
from sfdd_declare.sandbox.dotdigital import version2 as v2
from sfdd_declare.sandbox.dotdigital.answers import Refusal, answer, not_understood
from sfdd_declare.sandbox.dotdigital.call import Call, Handler, authenticate, endpoint_of
from sfdd_declare.sandbox.dotdigital.limits import UNLIMITED, Limiter
from sfdd_declare.sandbox.world import World

_RUNNERS = {"import": imports.run, v2.REMOVAL: books.run_removal}


@dataclass(frozen=True, slots=True)
class _Offer:
    """One call: where it is, who handles it, its rate tier, and whether it lets waiting jobs go on."""

    method: str
    path: str
    handler: Handler
    tier: str
    lets_jobs_run: bool = True


_BOOK = "/v2/address-books/{id}"
_CONTACT = "/contacts/v3/{identifier}/{value:path}"

# Submitting a job does not bring the others forward: only so can too many be active at once.
_OFFERS = (
    _Offer("GET", "/v2/server-time", v2.server_time, "high"),
    _Offer("GET", "/v2/address-books", v2.list_books, "high"),
    _Offer("POST", "/v2/address-books", v2.create_book, "medium"),
    _Offer("GET", "/v2/address-books/public", v2.list_public_books, "high"),
    _Offer("GET", "/v2/address-books/private", v2.list_private_books, "high"),
    _Offer("GET", _BOOK, v2.show_book, "high"),
    _Offer("PUT", _BOOK, v2.change_book, "medium"),
    _Offer("DELETE", _BOOK, v2.delete_book, "medium"),
    _Offer("POST", _BOOK + "/contacts/delete", v2.take_off_many, "low", lets_jobs_run=False),
    _Offer("POST", _BOOK + "/contacts/unsubscribe", suppression.list_unsubscribe, "medium"),
    _Offer("GET", _BOOK + "/contacts/unsubscribed-since/{date}", suppression.list_unsubscribed_since, "low"),
    _Offer("DELETE", _BOOK + "/contacts/{contact}", v2.take_off_one, "medium"),
    _Offer("GET", "/v2/data-fields", v2.list_fields, "high"),
    _Offer("POST", "/v2/data-fields", v2.create_field, "medium"),
    _Offer("DELETE", "/v2/data-fields/{name}", v2.delete_field, "medium"),
    _Offer("GET", "/v2/contacts/deletion/{id}", v2.poll_removal, UNLIMITED),
    _Offer("GET", "/v2/contacts/retrieve-collection", v2.retrieve_collection, "low"),
    _Offer("GET", "/v2/contacts/suppressed-since/{date}", suppression.suppressed_since, "low"),
    _Offer("GET", "/v2/contacts/unsubscribed-since/{date}", suppression.unsubscribed_since, "low"),
    _Offer("POST", "/v2/contacts/unsubscribe", suppression.unsubscribe, "medium"),
    _Offer("PUT", "/v2/contacts/suppress-contacts", suppression.suppress, "low"),
    _Offer("GET", "/v2/contacts/{key}", v2.show_contact, "high"),
    _Offer("GET", "/contacts/v3", pages.list_contacts, "low"),
    _Offer("POST", "/contacts/v3", single.create, "medium"),
    _Offer("PUT", "/contacts/v3/import", single.start_import, "low", lets_jobs_run=False),
    _Offer("GET", "/contacts/v3/import/{id}", single.poll_import, UNLIMITED),
    _Offer("GET", _CONTACT, single.show, "high"),
    _Offer("PATCH", _CONTACT, single.patch, "medium"),
    _Offer("DELETE", _CONTACT, single.delete, "medium"),
)


def build(world: World) -> Starlette:
    """The application of one world."""
    schema.install(world)
    limiter = Limiter(world)
    world.install(f"dotdigital.limits.{id(limiter)}", lambda _: limiter.forget())
    info = _Offer("GET", "/v2/account-info", partial(_account_info, limiter=limiter), "high")
    routes = [Route(offer.path, _endpoint(world, limiter, offer), methods=[offer.method]) for offer in (info, *_OFFERS)]
    app = Starlette(routes=routes, exception_handlers={HTTPException: _unknown})
    app.router.redirect_slashes = False
    return app


def _endpoint(world: World, limiter: Limiter, offer: _Offer) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        raw = await request.body()
        rate: dict[str, str] = {}
        try:
            account = authenticate(world, request)
            rate, refusal = limiter.take(account.id, offer.tier, request.url.path)
            if refusal is not None:
                raise refusal
            response = offer.handler(Call(world=world, request=request, account=account, raw=raw))
        except Refusal as refused:
            response = answer(refused.body, status=refused.status)
        response.headers.update(rate)
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
