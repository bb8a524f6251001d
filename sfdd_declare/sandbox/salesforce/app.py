"""The fake Salesforce org over HTTP.

One endpoint takes every request, checks length, session and budget in Salesforce's order, and hands it to
`routes.dispatch`; the token endpoint, the identity URLs and SOAP have their own forms. Nothing here answers
500, but for the faults of SOAP, whose status it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import msgspec
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from sfdd_declare.sandbox.faults import planned
from sfdd_declare.sandbox.salesforce import bulk1_formats, bulk_jobs, founding, limits, oauth, soap
from sfdd_declare.sandbox.salesforce.calls import Call, Reply, RowFault
from sfdd_declare.sandbox.salesforce.errors import Refusal, malformed_json, not_allowed
from sfdd_declare.sandbox.salesforce.routes import ASYNC, ASYNC_ROUTES, ROUTES, RUNNERS, dispatch, dispatch_async
from sfdd_declare.sandbox.salesforce.versions import versions
from sfdd_declare.sandbox.salesforce.views import View
from sfdd_declare.sandbox.world import World

MAX_URI = 16_384
"""Bytes of a URI, and of a URI with all headers."""
_ALL_METHODS = ["GET", "POST", "PATCH", "PUT", "DELETE", "HEAD", "OPTIONS"]
_READ_OR_SENT = ("GET", "HEAD", "POST")


OTHERS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "/services/data": ("versions", ("GET",)),
    "/services/oauth2/token": ("token", ("POST",)),
    "/services/oauth2/revoke": ("revoke", ("GET", "POST")),
    "/services/oauth2/userinfo": ("identity", ("GET", "POST")),
    "/id/{organization}/{user}": ("identity", ("GET", "POST")),
    **{
        f"/services/Soap/{letter}/{{version}}{rest}": ("soap", ("POST",))
        for letter in "ucm"
        for rest in ("", "/{rest:path}")
    },
}
"""Template to the endpoint and its methods, of what is no resource of the API."""


def build(world: World) -> Starlette:
    """The application over a world; founds the org if the world has none."""
    world.install("salesforce", founding.found)
    api = _Api(world)
    paths = {
        **{path: getattr(api, name) for path, (name, _) in OTHERS.items()},
        **dict.fromkeys((*ROUTES, *ASYNC_ROUTES), api.call),
    }
    routes = [
        Route(path + slash, endpoint, methods=_ALL_METHODS)
        for path, endpoint in paths.items()
        for slash in ("", "/")
        if not (slash and ":path" in path)
    ]
    routes.append(Route("/{path:path}", api.call, methods=_ALL_METHODS))
    app = Starlette(routes=routes, exception_handlers={405: _odd})
    app.router.default = api.anything  # a path with a line break matches no template
    return app


@dataclass(frozen=True, slots=True)
class _Api:
    world: World

    async def call(self, request: Request) -> Response:
        """A call with a session."""
        body = await request.body()
        reply = await run_in_threadpool(self._answer, request, body)
        return _response(reply)

    async def anything(self, scope: Scope, receive: Receive, send: Send) -> None:
        """A call whose path no route takes."""
        response = await self.call(Request(scope, receive))
        await response(scope, receive, send)

    async def versions(self, request: Request) -> Response:
        """The only resource that needs no session."""
        try:
            _check_size(request)
        except Refusal as refusal:
            return _refused(refusal)
        if request.method not in ("GET", "HEAD"):
            return _refused(not_allowed(request.method, ("GET", "HEAD")))
        return _response(Reply(versions()))

    async def token(self, request: Request) -> Response:
        """The token endpoint."""
        form = oauth.read_form(await request.body()) | dict(request.query_params)
        asked = oauth.TokenRequest(
            world=self.world,
            base_url=_base_url(request),
            form=form,
            authorization=request.headers.get("authorization", ""),
        )
        if request.method != "POST":
            return _response(Reply({"error": "invalid_request", "error_description": "must use HTTP POST"}, 400))
        try:
            body = await run_in_threadpool(oauth.token, asked)
        except oauth.TokenError as error:
            return _response(Reply(error.body, 400))
        return _response(Reply(body, 200, {"Cache-Control": "no-cache, no-store"}))

    async def soap(self, request: Request) -> Response:
        """The SOAP APIs. What stands behind the version, such as the id of the org, changes nothing."""
        if request.method != "POST":
            return _refused(not_allowed(request.method, ("POST",)))
        asked = soap.Asked(
            world=self.world,
            base_url=_base_url(request),
            letter=request.url.path.split("/")[3],
            version=request.path_params["version"],
            headers={key.lower(): value for key, value in request.headers.items()},
            body=await request.body(),
            has_expired=planned(request.scope, "expired_session") is not None,
        )
        status, answer = await run_in_threadpool(soap.answer, asked)
        return Response(answer, status, media_type="text/xml")

    async def revoke(self, request: Request) -> Response:
        """End a session by its token."""
        if request.method not in _READ_OR_SENT:
            return _refused(not_allowed(request.method, _READ_OR_SENT))
        form = oauth.read_form(await request.body()) | dict(request.query_params)
        if await run_in_threadpool(oauth.revoke, self.world, form.get("token", "")):
            return Response(status_code=200)
        body = {"error": "unsupported_token_type", "error_description": "this token type is not supported"}
        return _response(Reply(body, 400))

    async def identity(self, request: Request) -> Response:
        """Who the session belongs to."""
        if request.method not in _READ_OR_SENT:
            return _refused(not_allowed(request.method, _READ_OR_SENT))
        try:
            user = oauth.user_of(self.world, request.headers.get("authorization", ""))
        except Refusal:
            return Response("Bad_OAuth_Token", status_code=403, media_type="text/plain")
        return _response(Reply(oauth.identity(self.world, _base_url(request), user)))

    def _answer(self, request: Request, body: bytes) -> Reply:
        headers: dict[str, str] = {}
        is_async = request.url.path.startswith(f"{ASYNC}/")
        try:
            _check_size(request)
            if is_async and planned(request.scope, "expired_session"):
                raise oauth.no_session()
            if planned(request.scope, "lost_locator"):
                raise Refusal("INVALID_QUERY_LOCATOR", "invalid query locator")
            user = oauth.user_of(self.world, _session(request, is_async=is_async))
            limits.count(self.world)
            headers = limits.header(self.world)
            bulk_jobs.tick(self.world, RUNNERS)
            answer = dispatch_async if is_async else dispatch
            reply = answer(self._read(request, body, user), request.url.path)
        except Refusal as refusal:
            if refusal.code == "REQUEST_LIMIT_EXCEEDED":
                headers = limits.header(self.world)
            reply = _refusal(request, refusal, is_async=is_async)
        except RecursionError:
            deep = malformed_json("The body is nested too deeply at [line:1, column:1]")
            reply = _refusal(request, deep, is_async=is_async)
        return replace(reply, headers={**headers, **reply.headers})

    def _read(self, request: Request, body: bytes, user: str) -> Call:
        fault = planned(request.scope, "row_lock") or planned(request.scope, "row_error")
        failed = planned(request.scope, "job_failed")
        return Call(
            world=self.world,
            view=View(self.world, user),
            method=_method(request),
            version="",
            query=dict(request.query_params),
            headers={key.lower(): value for key, value in request.headers.items()},
            body=body,
            base_url=_base_url(request),
            row_fault=None if fault is None else RowFault.read(fault.body),
            job_failure=None if failed is None else failed.body if isinstance(failed.body, dict) else {},
        )


def _method(request: Request) -> str:
    """What is asked for: programs that can only send POST say it in the query."""
    if request.method == "POST":
        return request.query_params.get("_HttpMethod", "POST").upper()
    return "GET" if request.method == "HEAD" else request.method


def _session(request: Request, *, is_async: bool) -> str:
    """What brings the session: the older API has a header of its own for it, and takes the common one too."""
    own = request.headers.get("x-sfdc-session", "") if is_async else ""
    return f"Bearer {own}" if own else request.headers.get("authorization", "")


def _refusal(request: Request, refusal: Refusal, *, is_async: bool) -> Reply:
    if is_async:
        return replace(bulk1_formats.refused(request.headers, refusal), headers=refusal.headers)
    return Reply(refusal.body(), refusal.status, refusal.headers)


def _check_size(request: Request) -> None:
    uri = len(request.scope["raw_path"] + b"?" + request.scope["query_string"])
    if uri > MAX_URI:
        raise Refusal("URI_TOO_LONG", "The requested URI is too long")
    if uri + sum(len(name) + len(value) + 4 for name, value in request.scope["headers"]) > MAX_URI:
        raise Refusal("REQUEST_HEADER_FIELDS_TOO_LARGE", "The requested URI and the headers are too long together")


async def _odd(request: Request, error: Exception) -> Response:
    """A method that nothing has."""
    del error
    return _refused(not_allowed(request.method, _ALL_METHODS))


def _base_url(request: Request) -> str:
    return str(request.base_url).rstrip("/")


def _refused(refusal: Refusal) -> Response:
    return _response(Reply(refusal.body(), refusal.status, refusal.headers))


def _response(reply: Reply) -> Response:
    headers: Mapping[str, Any] = dict(reply.headers)
    if reply.pieces is not None:
        return StreamingResponse(reply.pieces, reply.status, {"Content-Type": reply.kind or "text/csv", **headers})
    if reply.body is None:
        return Response(status_code=reply.status, headers=headers)
    content = msgspec.json.encode(reply.body)
    return Response(content, reply.status, headers, media_type=reply.kind or "application/json;charset=UTF-8")
