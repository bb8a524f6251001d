"""Composite graph: several composite requests in one call, each all or nothing.

Up to 75 graphs of 500 nodes together; after 14 that failed the rest is not looked at.
"""

from __future__ import annotations

from typing import Any

from sfdd_declare.sandbox.salesforce.calls import Call, Reply, as_list, as_object
from sfdd_declare.sandbox.salesforce.composite import Dispatch, answered, halted, read_requests
from sfdd_declare.sandbox.salesforce.errors import Refusal, malformed_json

MAX_GRAPHS = 75
MAX_NODES = 500
MAX_FAILED = 14


def graph(call: Call, dispatch: Dispatch) -> Reply:
    """POST composite/graph."""
    graphs = [as_object(one) for one in as_list(call.json_object().get("graphs"), "graphs")]
    nodes = _check(graphs)
    shown: list[dict[str, Any]] = []
    failed = 0
    for one, requests in zip(graphs, nodes, strict=True):
        if failed < MAX_FAILED:
            answers, held = answered(call, requests, dispatch, all_or_none=True)
        else:
            answers, held = halted(requests), False
        failed += not held
        body = {"graphId": one["graphId"], "graphResponse": {"compositeResponse": answers}, "isSuccessful": held}
        shown.append(body)
    return Reply({"graphs": shown})


def _check(graphs: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    if not graphs:
        raise malformed_json("graphs is empty at [line:1, column:1]")
    if not all(isinstance(one.get("graphId"), str) for one in graphs):
        raise malformed_json("graphId is required for each graph")
    if len({one["graphId"] for one in graphs}) < len(graphs):
        raise Refusal("INVALID_INPUT", "Duplicate graphId provided in composite graph request")
    nodes = [read_requests(one) for one in graphs]
    for most, count, what in ((MAX_GRAPHS, len(graphs), "graphs"), (MAX_NODES, sum(map(len, nodes)), "nodes")):
        if count > most:
            raise Refusal("LIMIT_EXCEEDED", f"Maximum number of {most} {what} exceeded: {count}")
    return nodes
