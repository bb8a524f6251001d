"""Composite: up to 25 calls in one, each able to use what earlier ones answered. Counts as one call.

At most five of them may be queries or collections. With `allOrNone` one refusal takes back all of them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, unquote

from sfdd_declare.sandbox.salesforce import dml
from sfdd_declare.sandbox.salesforce.calls import Call, Reply, as_list, as_object
from sfdd_declare.sandbox.salesforce.errors import Refusal, malformed_json
from sfdd_declare.sandbox.salesforce.versions import is_served

MAX_CALLS = 25
MAX_HEAVY = 5

Dispatch = Callable[[Call, str], Reply]
"""Answers one call to a path; raises what the path refuses."""

_KINDS = ("tree", "batch", "sobjects", "graph")
_HEAVY = re.compile(r"/services/data/v\d+\.\d/(query|queryAll|composite/sobjects)(/|\?|$)")
_REFERENCE = re.compile(r"@\{([^{}]+)\}")
_STEP = re.compile(r"\.?([A-Za-z0-9_]+)|\[(\d+)\]")
_HALTED = "The transaction was rolled back since another operation in the same transaction failed."


class _Halt(Exception):
    """Takes everything back because one call was refused."""


def kinds(call: Call) -> Reply:
    """GET composite: the resources below it."""
    served = [name for name in _KINDS if is_served(f"composite/{name}", call.version)]
    return Reply({name: f"{call.root}/composite/{name}" for name in served})


def composite(call: Call, dispatch: Dispatch) -> Reply:
    """POST composite."""
    body = call.json_object()
    requests = read_requests(body)
    _check(requests)
    answers, _ = answered(call, requests, dispatch, all_or_none=body.get("allOrNone") is True)
    return Reply({"compositeResponse": answers})


def answered(
    call: Call, requests: list[dict[str, Any]], dispatch: Dispatch, *, all_or_none: bool
) -> tuple[list[dict[str, Any]], bool]:
    """The answers to requests that may use each other's, and whether they hold: with `all_or_none` one refusal takes
    back all of them.
    """
    answers: dict[str, dict[str, Any]] = {}
    try:
        with dml.attempt(call.world):
            for request in requests:
                reply = _answer(call, request, answers, dispatch)
                answers[request["referenceId"]] = _shown(request, reply)
                if all_or_none and reply.status >= 400:
                    raise _Halt
    except _Halt:
        return _halted(requests, answers), False
    return list(answers.values()), True


def read_requests(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The requests of a body, each with its method, its URL and a name of its own."""
    requests = [as_object(one) for one in as_list(body.get("compositeRequest"), "compositeRequest")]
    if not requests:
        raise malformed_json("compositeRequest is empty at [line:1, column:1]")
    for request in requests:
        if not all(isinstance(request.get(key), str) for key in ("method", "url", "referenceId")):
            raise malformed_json("method, url and referenceId are required for each subrequest")
    names = [request["referenceId"] for request in requests]
    if len(set(names)) < len(names):
        raise Refusal("INVALID_INPUT", "Duplicate referenceId provided in composite request")
    return requests


def _check(requests: list[dict[str, Any]]) -> None:
    if len(requests) > MAX_CALLS:
        message = f"Maximum number of {MAX_CALLS} composite subrequests exceeded: {len(requests)}"
        raise Refusal("LIMIT_EXCEEDED", message)
    if sum(1 for request in requests if _HEAVY.match(request["url"])) > MAX_HEAVY:
        message = f"Cannot perform more than {MAX_HEAVY} query or sObject Collections subrequests"
        raise Refusal("LIMIT_EXCEEDED", message)


def _answer(call: Call, request: Mapping[str, Any], answers: Mapping[str, dict[str, Any]], dispatch: Dispatch) -> Reply:
    try:
        path, _, query = str(_resolve(request["url"], answers)).partition("?")
        given = as_object(_resolve(request.get("httpHeaders") or {}, answers))
        headers = {key.lower(): str(value) for key, value in given.items()}
        sub = replace(
            call,
            method=request["method"].upper(),
            query=dict(parse_qsl(query, keep_blank_values=True)),
            headers={**call.headers, **headers},
            body=json.dumps(_resolve(request["body"], answers)).encode() if "body" in request else b"",
        )
        return dispatch(sub, unquote(path))
    except Refusal as refusal:
        return Reply(refusal.body(), refusal.status)


def _shown(request: Mapping[str, Any], reply: Reply) -> dict[str, Any]:
    headers = {key: value for key, value in reply.headers.items() if key != "Sforce-Limit-Info"}
    return {
        "body": reply.body,
        "httpHeaders": headers,
        "httpStatusCode": reply.status,
        "referenceId": request["referenceId"],
    }


def halted(requests: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The answers to requests that were not even looked at."""
    reply = Reply(Refusal("PROCESSING_HALTED", _HALTED).body(), 400)
    return [_shown(request, reply) for request in requests]


def _halted(requests: list[dict[str, Any]], answers: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    failed = next(answer for answer in answers.values() if answer["httpStatusCode"] >= 400)
    return [failed if one["referenceId"] == failed["referenceId"] else one for one in halted(requests)]


def _resolve(value: Any, answers: Mapping[str, dict[str, Any]]) -> Any:
    """The value with every `@{reference}` in it replaced."""
    if isinstance(value, dict):
        return {key: _resolve(part, answers) for key, part in value.items()}
    if isinstance(value, list):
        return [_resolve(part, answers) for part in value]
    if not isinstance(value, str) or "@{" not in value:
        return value
    whole = _REFERENCE.fullmatch(value)
    if whole is not None:
        return _look_up(whole.group(1), answers)
    return _REFERENCE.sub(lambda match: str(_look_up(match.group(1), answers)), value)


def _look_up(expression: str, answers: Mapping[str, dict[str, Any]]) -> Any:
    name = re.split(r"[.\[]", expression, maxsplit=1)[0]
    missing = Refusal("PROCESSING_HALTED", f"Invalid reference specified. No value for {expression} found in {name}")
    if name not in answers:
        raise missing
    found = answers[name]["body"]
    for step in _STEP.finditer(expression, len(name)):
        key, index = step.groups()
        if index is not None and isinstance(found, list) and int(index) < len(found):
            found = found[int(index)]
        elif key is not None and isinstance(found, dict) and key in found:
            found = found[key]
        else:
            raise missing
    return found
