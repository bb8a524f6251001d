"""Notes on every call of the org."""

from __future__ import annotations

from sfdd_declare.sandbox.notes.note import Note, Notes

_STAMP = ("campaign_member_stamp_follows_person",)
_SOQL = "rare clauses and functions, such as ROLLUP, are refused in words"
_LOCATOR = ("salesforce.locator_seconds",)
_REFUSED = "not served, 403 `FUNCTIONALITY_NOT_ENABLED`"
_RULES = "validation rules, flows and triggers do not exist; one duplicate rule is a setting"
_HARD = "a hard delete, a right by setting, purges at once"
_WHEN = "done after as many calls and polls as the settings say"

_SAME = "in the same way"
_SOAP = {
    "u": (
        Note(
            "the partner API: `login` (up to version 64.0), `logout`, `getUserInfo`, `getServerTimestamp`,"
            " `describeGlobal`",
            simpler="every other call is refused in words, with the fault `sf:FUNCTIONALITY_NOT_ENABLED`",
            unknown="the words for XML that cannot be read",
        ),
        Note("the same: the addresses of a login have the id of the org behind the version", simpler=_SAME),
    ),
    "c": (
        Note("the enterprise API", simpler="the calls of the partner API in its own namespace"),
        Note("the same, with the id of the org", simpler=_SAME),
    ),
    "m": (
        Note(
            "the Metadata API: `describeMetadata`, `listMetadata`, `readMetadata`, `createMetadata`, `updateMetadata`,"
            " `upsertMetadata`, `deleteMetadata`, `deploy`, `checkDeployStatus`",
            simpler="custom objects and fields, and permission sets; what is deleted is gone, not in a recycle bin;"
            " every other call is refused in words",
            unknown="the codes of refused components, mostly `FIELD_INTEGRITY_EXCEPTION` here, and some of their words",
        ),
        Note("the same, with anything behind the version", simpler=_SAME),
    ),
}

LOGIN: Notes = {
    ("GET", "/services/data"): Note("the versions that are served; needs no session"),
    ("POST", "/services/oauth2/token"): Note(
        "a session: JWT bearer, client credentials, refresh token, password",
        simpler="one connected app; a signature is checked once a public key is set",
        settings=("salesforce.jwt_past_seconds", "salesforce.jwt_ahead_seconds"),
    ),
    ("GET", "/services/oauth2/revoke"): Note(
        "ends a session by its `token`", simpler="of the two refusals that exist always `unsupported_token_type`"
    ),
    ("POST", "/services/oauth2/revoke"): Note("the same", simpler="in the same way"),
    ("GET", "/services/oauth2/userinfo"): Note("who the session belongs to", simpler="the fields clients read"),
    ("POST", "/services/oauth2/userinfo"): Note("the same", simpler="the fields clients read"),
    ("GET", "/id/{organization}/{user}"): Note("who the session belongs to", simpler="whatever ids stand in the path"),
    ("POST", "/id/{organization}/{user}"): Note("the same", simpler="whatever ids stand in the path"),
    **{
        ("POST", f"/services/Soap/{letter}/{{version}}{rest}"): note
        for letter, notes in _SOAP.items()
        for rest, note in zip(("", "/{rest:path}"), notes, strict=True)
    },
}

RESOURCES: Notes = {
    ("GET", ""): Note("the resources of a version", simpler="those that are served, no others"),
    ("GET", "/limits"): Note("calls and jobs used and left", simpler="some of the limits; only calls and jobs count"),
    ("GET", "/limits/recordCount"): Note("rows per object", settings=("salesforce.record_counts",)),
    ("GET", "/query"): Note("SOQL, the living rows", simpler=_SOQL, switches=_STAMP),
    ("GET", "/query/{locator}"): Note("the next page", settings=_LOCATOR),
    ("GET", "/queryAll"): Note("SOQL, deleted rows too", simpler=_SOQL, switches=("deleted_member_visible", *_STAMP)),
    ("GET", "/queryAll/{locator}"): Note("the next page", settings=_LOCATOR),
    ("GET", "/composite"): Note("what is below it"),
    ("POST", "/composite"): Note("up to 25 calls in one, with references; five of them queries or collections"),
    ("POST", "/composite/graph"): Note(
        "up to 75 graphs, each done wholly or not at all", simpler="depth and kinds of nodes are not limited"
    ),
    ("POST", "/composite/batch"): Note("up to 25 calls in one, each of which counts"),
    ("POST", "/composite/tree/{object}"): Note("records with their children", simpler=_RULES),
    ("POST", "/composite/sobjects"): Note("creates up to 200 records", simpler=_RULES),
    ("PATCH", "/composite/sobjects"): Note("changes up to 200 records", simpler=_RULES),
    ("DELETE", "/composite/sobjects"): Note("deletes up to 200 records"),
    ("GET", "/composite/sobjects/{object}"): Note("reads records by id"),
    ("POST", "/composite/sobjects/{object}"): Note("reads up to 2,000 records by id"),
    ("PATCH", "/composite/sobjects/{object}/{field}"): Note(
        "creates or changes by a key", simpler=_RULES, settings=("salesforce.duplicate_key_code",)
    ),
    ("GET", "/jobs/query"): Note("the query jobs, and those of Bulk API 1.0", simpler="all in one answer"),
    ("POST", "/jobs/query"): Note("starts a query job", simpler=_SOQL, switches=("deleted_member_visible", *_STAMP)),
    ("GET", "/jobs/query/{id}"): Note("how far it is", simpler=_WHEN),
    ("PATCH", "/jobs/query/{id}"): Note("aborts it"),
    ("DELETE", "/jobs/query/{id}"): Note("deletes it"),
    ("GET", "/jobs/query/{id}/results"): Note(
        "its rows as CSV, page by page", settings=("salesforce.bulk_zone", "salesforce.bulk_empty_header")
    ),
    ("GET", "/jobs/query/{id}/resultPages"): Note("where its next pages are"),
    ("GET", "/jobs/ingest"): Note("the ingest jobs, and those of Bulk API 1.0", simpler="all in one answer"),
    ("POST", "/jobs/ingest"): Note("opens an ingest job, or is one with its data", simpler=f"{_RULES}; {_HARD}"),
    ("GET", "/jobs/ingest/{id}"): Note("how far it is", simpler=_WHEN),
    ("PATCH", "/jobs/ingest/{id}"): Note("hands it over, or aborts it"),
    ("DELETE", "/jobs/ingest/{id}"): Note("deletes it"),
    ("PUT", "/jobs/ingest/{id}/batches"): Note("its rows as CSV"),
    ("GET", "/jobs/ingest/{id}/successfulResults"): Note("the rows that were done"),
    ("GET", "/jobs/ingest/{id}/failedResults"): Note(
        "the rows that failed", settings=("salesforce.bulk_errors_name_fields",)
    ),
    ("GET", "/jobs/ingest/{id}/unprocessedrecords"): Note("the rows that were never tried"),
    ("POST", "/metadata/deployRequest"): Note(
        "deploys a zip", simpler="custom objects and fields, and permission sets; other types are refused"
    ),
    ("GET", "/metadata/deployRequest/{id}"): Note(
        "how far it is", simpler="done after as many polls as the setting says"
    ),
    ("GET", "/tooling"): Note("the resources of the Tooling API", simpler="those that are served, no others"),
    ("GET", "/tooling/query"): Note("SOQL over set-up", simpler="over the objects that `tooling/sobjects` lists"),
    ("GET", "/tooling/query/{locator}"): Note("the next page", settings=_LOCATOR),
    ("GET", "/tooling/sobjects"): Note("the objects of set-up", simpler="a few"),
    ("GET", "/tooling/sobjects/{object}"): Note("one of them", simpler="a few"),
    ("GET", "/tooling/sobjects/{object}/describe"): Note("its fields", simpler="a few"),
    **{
        (method, "/tooling/{rest:path}"): Note("anything else of it", simpler=_REFUSED)
        for method in ("GET", "POST", "PATCH", "DELETE")
    },
    ("GET", "/search"): Note("SOSL", simpler=_REFUSED),
    ("GET", "/search/{rest:path}"): Note("SOSL", simpler=_REFUSED),
    ("GET", "/parameterizedSearch"): Note("search by parameters", simpler=_REFUSED),
    ("POST", "/parameterizedSearch"): Note("search by parameters", simpler=_REFUSED),
    ("GET", "/recent"): Note("recently viewed records", simpler=_REFUSED),
    ("GET", "/sobjects"): Note("the objects that the user may see", simpler="those that campaigns need"),
    ("GET", "/sobjects/{object}"): Note("what an object is", simpler="no recently viewed records"),
    ("POST", "/sobjects/{object}"): Note("creates a record", simpler=_RULES),
    ("GET", "/sobjects/{object}/describe"): Note("its fields, as this user sees them"),
    ("GET", "/sobjects/{object}/updated"): Note("ids changed in a span", switches=_STAMP),
    ("GET", "/sobjects/{object}/deleted"): Note(
        "ids deleted in a span", simpler="the log of deletions is never purged early"
    ),
    ("GET", "/sobjects/{object}/{id}"): Note("reads a record"),
    ("PATCH", "/sobjects/{object}/{id}"): Note("changes a record", simpler=_RULES),
    ("DELETE", "/sobjects/{object}/{id}"): Note("deletes a record"),
    ("GET", "/sobjects/{object}/{field}/{value:path}"): Note("reads by a key"),
    ("PATCH", "/sobjects/{object}/{field}/{value:path}"): Note("creates or changes by a key", simpler=_RULES),
    ("DELETE", "/sobjects/{object}/{field}/{value:path}"): Note("deletes by a key"),
    ("GET", "/sobjects/{object}/describe/{rest:path}"): Note("layouts", simpler=_REFUSED),
    ("GET", "/sobjects/{object}/listviews"): Note("list views", simpler=_REFUSED),
    ("GET", "/sobjects/{object}/listviews/{rest:path}"): Note("list views", simpler=_REFUSED),
    ("GET", "/sobjects/{object}/quickActions"): Note("quick actions", simpler=_REFUSED),
    ("GET", "/sobjects/{object}/quickActions/{rest:path}"): Note("quick actions", simpler=_REFUSED),
}
"""Under the path of a version."""

_FORM = "JSON or XML without a word from the client: by the job, where rows are, otherwise XML"

ASYNC: Notes = {
    ("POST", "/{version}/job"): Note(
        "opens a job, in JSON or XML; `Sforce-Enable-PKChunking` splits its queries",
        simpler=f"no `ZIP_` content types; a chunk is by count of rows; {_HARD}",
        unknown="the words of most refusals",
    ),
    ("GET", "/{version}/job/{job}"): Note("how far its batches are", simpler=_WHEN, unknown=_FORM),
    ("POST", "/{version}/job/{job}"): Note("closes it, or aborts it", unknown="whether a closed job may be aborted"),
    ("GET", "/{version}/job/{job}/batch"): Note("its batches", simpler=_WHEN),
    ("POST", "/{version}/job/{job}/batch"): Note(
        "adds rows as CSV, JSON or XML, or a query",
        simpler=f"{_RULES}; a query that is split is `NotProcessed` from the start; no second try",
        unknown="whether an unknown field in JSON or XML fails the batch, here its row; empty elements, here no values",
    ),
    ("GET", "/{version}/job/{job}/batch/{batch}"): Note("how far it is", simpler=_WHEN),
    ("GET", "/{version}/job/{job}/batch/{batch}/request"): Note("what was sent"),
    ("GET", "/{version}/job/{job}/batch/{batch}/result"): Note(
        "a verdict per row, or the ids of a query's files",
        unknown="the id of a refused row, here none, and what a batch that failed answers",
    ),
    ("GET", "/{version}/job/{job}/batch/{batch}/result/{result}"): Note(
        "a file of rows; in JSON with moments in milliseconds",
        simpler="split by a count of rows, not of bytes",
        unknown="that dates are milliseconds too",
    ),
}
"""Bulk API 1.0, under its own root."""
