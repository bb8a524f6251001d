"""Every path of the API with the function behind it, for requests and for Composite's sub-requests alike."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from starlette.routing import compile_path

from sfdd_declare.sandbox.salesforce import (
    bulk1_batches,
    bulk1_jobs,
    bulk1_results,
    bulk_ingest,
    bulk_jobs,
    bulk_query,
    changes,
    collections,
    describe,
    limits,
    metadata,
    query,
    sobjects,
    tooling,
)
from sfdd_declare.sandbox.salesforce.calls import Call, Reply
from sfdd_declare.sandbox.salesforce.composite import composite, kinds
from sfdd_declare.sandbox.salesforce.composite_batch import batch
from sfdd_declare.sandbox.salesforce.composite_graph import graph
from sfdd_declare.sandbox.salesforce.composite_tree import tree
from sfdd_declare.sandbox.salesforce.errors import not_allowed, not_found
from sfdd_declare.sandbox.salesforce.unsupported import UNSUPPORTED
from sfdd_declare.sandbox.salesforce.versions import is_served, require_version

ROOT = "/services/data/{version}"

Handler = Callable[[Call], Reply]


def _composite(call: Call) -> Reply:
    return composite(call, dispatch)


def _graph(call: Call) -> Reply:
    return graph(call, dispatch)


def _batch(call: Call) -> Reply:
    return batch(call, dispatch)


ROUTES: Mapping[str, Mapping[str, Handler]] = MappingProxyType(
    {
        ROOT: {"GET": describe.resources},
        f"{ROOT}/limits": {"GET": limits.limits},
        f"{ROOT}/limits/recordCount": {"GET": limits.record_count},
        f"{ROOT}/query": {"GET": query.query},
        f"{ROOT}/query/{{locator}}": {"GET": query.more},
        f"{ROOT}/queryAll": {"GET": query.query_all},
        f"{ROOT}/queryAll/{{locator}}": {"GET": query.more},
        f"{ROOT}/composite": {"GET": kinds, "POST": _composite},
        f"{ROOT}/composite/graph": {"POST": _graph},
        f"{ROOT}/composite/batch": {"POST": _batch},
        f"{ROOT}/composite/tree/{{object}}": {"POST": tree},
        f"{ROOT}/composite/sobjects": {
            "POST": collections.create,
            "PATCH": collections.update,
            "DELETE": collections.delete,
        },
        f"{ROOT}/composite/sobjects/{{object}}": {"GET": collections.read, "POST": collections.read},
        f"{ROOT}/composite/sobjects/{{object}}/{{field}}": {"PATCH": collections.upsert},
        f"{ROOT}/jobs/query": {"GET": bulk_query.listing, "POST": bulk_query.create},
        f"{ROOT}/jobs/query/{{id}}": {
            "GET": bulk_query.status,
            "PATCH": bulk_query.change,
            "DELETE": bulk_query.delete,
        },
        f"{ROOT}/jobs/query/{{id}}/results": {"GET": bulk_query.results},
        f"{ROOT}/jobs/query/{{id}}/resultPages": {"GET": bulk_query.result_pages},
        f"{ROOT}/jobs/ingest": {"GET": bulk_ingest.listing, "POST": bulk_ingest.create},
        f"{ROOT}/jobs/ingest/{{id}}": {
            "GET": bulk_ingest.status,
            "PATCH": bulk_ingest.change,
            "DELETE": bulk_ingest.delete,
        },
        f"{ROOT}/jobs/ingest/{{id}}/batches": {"PUT": bulk_ingest.upload},
        f"{ROOT}/jobs/ingest/{{id}}/successfulResults": {"GET": bulk_ingest.successful},
        f"{ROOT}/jobs/ingest/{{id}}/failedResults": {"GET": bulk_ingest.failed},
        f"{ROOT}/jobs/ingest/{{id}}/unprocessedrecords": {"GET": bulk_ingest.unprocessed},
        f"{ROOT}/metadata/deployRequest": {"POST": metadata.start},
        f"{ROOT}/metadata/deployRequest/{{id}}": {"GET": metadata.status},
        f"{ROOT}/tooling": {"GET": tooling.resources},
        f"{ROOT}/tooling/query": {"GET": tooling.query},
        f"{ROOT}/tooling/query/{{locator}}": {"GET": tooling.more},
        f"{ROOT}/tooling/sobjects": {"GET": tooling.all_objects},
        f"{ROOT}/tooling/sobjects/{{object}}": {"GET": tooling.one_object},
        f"{ROOT}/tooling/sobjects/{{object}}/describe": {"GET": tooling.describe},
        f"{ROOT}/tooling/{{rest:path}}": dict.fromkeys(("GET", "POST", "PATCH", "DELETE"), tooling.refuse),
        **{f"{ROOT}/{path}": methods for path, methods in UNSUPPORTED.items()},
        f"{ROOT}/sobjects": {"GET": describe.all_objects},
        f"{ROOT}/sobjects/{{object}}": {"GET": describe.one_object, "POST": sobjects.create},
        f"{ROOT}/sobjects/{{object}}/describe": {"GET": describe.describe},
        f"{ROOT}/sobjects/{{object}}/updated": {"GET": changes.updated},
        f"{ROOT}/sobjects/{{object}}/deleted": {"GET": changes.deleted},
        f"{ROOT}/sobjects/{{object}}/{{id}}": {
            "GET": sobjects.read,
            "PATCH": sobjects.update,
            "DELETE": sobjects.delete,
        },
        f"{ROOT}/sobjects/{{object}}/{{field}}/{{value:path}}": {
            "GET": sobjects.read_by_key,
            "PATCH": sobjects.upsert,
            "DELETE": sobjects.delete_by_key,
        },
    }
)
"""Template, then method. The first template that matches wins."""

ASYNC = "/services/async"
_JOB = f"{ASYNC}/{{version}}/job"
_BATCH = f"{_JOB}/{{job}}/batch/{{batch}}"
ASYNC_ROUTES: Mapping[str, Mapping[str, Handler]] = MappingProxyType(
    {
        _JOB: {"POST": bulk1_jobs.create},
        f"{_JOB}/{{job}}": {"GET": bulk1_jobs.status, "POST": bulk1_jobs.change},
        f"{_JOB}/{{job}}/batch": {"GET": bulk1_batches.listing, "POST": bulk1_batches.create},
        _BATCH: {"GET": bulk1_batches.status},
        f"{_BATCH}/request": {"GET": bulk1_batches.request},
        f"{_BATCH}/result": {"GET": bulk1_results.results},
        f"{_BATCH}/result/{{result}}": {"GET": bulk1_results.file},
    }
)
"""Those of Bulk API 1.0, which has sessions, versions and refusals of its own. No part of Composite."""

RUNNERS: Mapping[str, bulk_jobs.Runner] = MappingProxyType(
    {"query": bulk_query.run, "ingest": bulk_ingest.run, bulk_jobs.BATCH: bulk1_batches.run}
)
"""Who carries out a bulk job of each kind."""

_COMPILED = tuple((template, compile_path(template)[0]) for template in ROUTES)
_COMPILED_ASYNC = tuple((template, compile_path(template)[0]) for template in ASYNC_ROUTES)
_BEGUN = re.compile(r"/services/data/([^/]+)")


def template_of(path: str) -> str | None:
    """The template that a path falls under."""
    trimmed = path.rstrip("/")
    return next((template for template, pattern in _COMPILED if pattern.match(trimmed)), None)


def dispatch(call: Call, path: str) -> Reply:
    """Answer a call to a path. Raises the refusal."""
    trimmed = path.rstrip("/")
    begun = _BEGUN.match(trimmed)
    if begun is not None:
        require_version(begun.group(1))
    return _dispatched(call, trimmed, _COMPILED, ROUTES)


def dispatch_async(call: Call, path: str) -> Reply:
    """Answer a call to a path of Bulk API 1.0, whose versions have no `v`. Raises the refusal."""
    trimmed = path.rstrip("/")
    version = trimmed.removeprefix(f"{ASYNC}/").partition("/")[0]
    require_version(f"v{version}")
    return _dispatched(call, trimmed, _COMPILED_ASYNC, ASYNC_ROUTES, "v")


def _dispatched(
    call: Call,
    path: str,
    compiled: Sequence[tuple[str, re.Pattern[str]]],
    routes: Mapping[str, Mapping[str, Handler]],
    letter: str = "",
) -> Reply:
    for template, pattern in compiled:
        found = pattern.match(path)
        if found is None:
            continue
        handler = routes[template].get(call.method)
        if handler is None:
            raise not_allowed(call.method, routes[template])
        parameters = found.groupdict()
        if not is_served(template.removeprefix(f"{ROOT}/"), parameters["version"]):
            raise not_found()
        return handler(replace(call, version=letter + parameters["version"], path=parameters))
    raise not_found()
