"""Composite batch: up to 25 calls in one that know nothing of each other. Each counts as a call of its own."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, unquote

from sfdd_declare.sandbox.salesforce import limits
from sfdd_declare.sandbox.salesforce.calls import Call, Reply, as_list, as_object
from sfdd_declare.sandbox.salesforce.composite import Dispatch
from sfdd_declare.sandbox.salesforce.errors import Refusal, malformed_json

MAX_CALLS = 25
_ROOT = "/services/data/"


def batch(call: Call, dispatch: Dispatch) -> Reply:
    """POST composite/batch."""
    body = call.json_object()
    requests = [as_object(one) for one in as_list(body.get("batchRequests"), "batchRequests")]
    if not requests:
        raise malformed_json("batchRequests is empty at [line:1, column:1]")
    if len(requests) > MAX_CALLS:
        raise Refusal("LIMIT_EXCEEDED", f"Maximum number of {MAX_CALLS} batch subrequests exceeded: {len(requests)}")
    if not all(isinstance(one.get(key), str) for one in requests for key in ("method", "url")):
        raise malformed_json("method and url are required for each subrequest")
    results: list[dict[str, Any]] = []
    has_errors = False
    for request in requests:
        if has_errors and body.get("haltOnError") is True:
            halted = Refusal("BATCH_PROCESSING_HALTED", "Batch processing halted per request.", status=412)
            reply = Reply(halted.body(), halted.status)
        else:
            reply = _answer(call, request, dispatch)
        has_errors = has_errors or reply.status >= 400
        results.append({"statusCode": reply.status, "result": reply.body})
    return Reply({"hasErrors": has_errors, "results": results})


def _answer(call: Call, request: Mapping[str, Any], dispatch: Dispatch) -> Reply:
    path, _, query = request["url"].partition("?")
    if not path.startswith(_ROOT):
        path = _ROOT + path.lstrip("/")
    sub = replace(
        call,
        method=request["method"].upper(),
        query=dict(parse_qsl(query, keep_blank_values=True)),
        body=json.dumps(request["richInput"]).encode() if "richInput" in request else b"",
    )
    try:
        limits.count(call.world)
        return dispatch(sub, unquote(path))
    except Refusal as refusal:
        return Reply(refusal.body(), refusal.status)
