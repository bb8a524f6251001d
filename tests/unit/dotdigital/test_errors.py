"""Answers by meaning: two shapes of error, and texts that give nobody away."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sfdd_declare.dotdigital.codes import TooManyJobs
from sfdd_declare.dotdigital.errors import HOURLY_WAIT, classify, scrubbed
from sfdd_declare.model.errors import Conflict, Denied, NotFound, RateLimited, RemoteError, Terminal, Transient


def meaning(status: int, body: Any, **headers: str) -> RemoteError:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    error = classify(status, headers, raw, account="main")
    assert error is not None
    return error


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_every_success_is_no_error(status: int) -> None:
    assert classify(status, {}, b"", account="main") is None


@pytest.mark.parametrize(
    ("status", "body", "kind", "id", "code"),
    [
        (401, {"message": "Authorization has been denied for this request."}, Denied, "SFDD-E2201", "401"),
        (400, {"message": "Error: ERROR_INVALID_LOGIN"}, Denied, "SFDD-E2201", "ERROR_INVALID_LOGIN"),
        (403, {"message": "Forbidden: Access is denied"}, Denied, "SFDD-E2202", "403"),
        (429, {"message": "Too many"}, RateLimited, "SFDD-E2203", "429"),
        (400, {"message": "capped. ERROR_APIUSAGE_EXCEEDED"}, RateLimited, "SFDD-E2203", "ERROR_APIUSAGE_EXCEEDED"),
        (429, {"errorCode": "contacts:tooManyActiveImports"}, TooManyJobs, "SFDD-E2204", None),
        (429, {"errorCode": "contacts:tooManyBulkDeleteJobs"}, TooManyJobs, "SFDD-E2204", None),
        (400, {"message": "x. ERROR_IMPORT_TOOMANYACTIVEIMPORTS"}, TooManyJobs, "SFDD-E2204", None),
        (404, {"errorCode": "contacts:importNotFound"}, NotFound, "SFDD-E2205", "contacts:importNotFound"),
        (400, {"message": "x. ERROR_ADDRESSBOOK_NOT_FOUND"}, NotFound, "SFDD-E2205", None),
        (409, {"errorCode": "contacts:idAlreadyExists"}, Conflict, "SFDD-E2206", "contacts:idAlreadyExists"),
        (400, {"message": "x. ERROR_ADDRESSBOOK_DUPLICATE"}, Conflict, "SFDD-E2206", None),
        (503, b"<html>busy</html>", Transient, "SFDD-E2207", "503"),
        (400, {"message": "x. ERROR_ADDRESSBOOK_IN_USE"}, Transient, "SFDD-E2207", None),
        (400, {"message": "x. ERROR_SYSTEM_SERVICETEMPORARILYUNAVAILABLE"}, Transient, "SFDD-E2207", None),
        (400, {"errorCode": "contacts:invalidFilter"}, Terminal, "SFDD-E2208", "contacts:invalidFilter"),
        (400, {"message": "no code at all"}, Terminal, "SFDD-E2208", "400"),
        (400, ["not", "an", "object"], Terminal, "SFDD-E2208", "400"),
        (400, {"message": "x. ERROR_DATAFIELD_LIMITEXCEEDED"}, Terminal, "SFDD-E2209", None),
        (400, {"message": "x. ERROR_ADDRESSBOOK_NOTWRITABLE"}, Terminal, "SFDD-E2217", None),
        (404, {"message": "x. ERROR_PARAMETER_INVALID"}, NotFound, "SFDD-E2205", "ERROR_PARAMETER_INVALID"),
        (500, {"message": "x. ERROR_UNKNOWN"}, Transient, "SFDD-E2207", "ERROR_UNKNOWN"),
        (403, {"message": "x. ERROR_CONTACT_INVALID"}, Terminal, "SFDD-E2208", "ERROR_CONTACT_INVALID"),
    ],
)
def test_answers_have_a_meaning(status: int, body: Any, kind: type[RemoteError], id: str, code: str | None) -> None:
    error = meaning(status, body)
    assert (type(error), error.id) == (kind, id)
    assert code is None or error.code == code


def test_a_full_job_queue_is_not_waited_out_like_a_rate_limit() -> None:
    assert not isinstance(meaning(429, {"errorCode": "contacts:tooManyActiveImports"}), Transient)


def test_hints_are_keys_of_the_account() -> None:
    assert meaning(401, {}).hint == "dotdigital.accounts.main.user / dotdigital.accounts.main.password"
    assert meaning(403, {}).hint == "dotdigital.accounts.main.region: auto"


@pytest.mark.parametrize("code", ["ERROR_APIUSER_INVALID", "ERROR_USERACCOUNT_UNKNOWN", "ERROR_INVALID_LOGIN"])
def test_credentials_that_are_refused_with_400_name_both_keys(code: str) -> None:
    error = meaning(400, {"message": f"Error: {code}"})
    assert (type(error), error.id) == (Denied, "SFDD-E2201")
    assert error.hint == "dotdigital.accounts.main.user / dotdigital.accounts.main.password"


@pytest.mark.parametrize("status", [400, 403])
def test_a_feature_that_is_not_active_is_no_limit_and_no_region(status: int) -> None:
    error = meaning(status, {"message": "Error: ERROR_FEATURENOTACTIVE"})
    assert (type(error), error.id, error.hint) == (Denied, "SFDD-E2218", "dotdigital.accounts.main")
    assert "feature is not active" in error.summary


@pytest.mark.parametrize("status", [400, 404, 409, 418, 429, 500, 503])
@pytest.mark.parametrize("body", [{"message": "words"}, {"errorCode": "contacts:somethingNew"}, []])
def test_no_refusal_is_without_a_hint_and_none_hints_to_write_again(status: int, body: Any) -> None:
    hint = meaning(status, body).hint
    assert hint
    assert "apply" not in hint


def test_a_list_of_errors_keeps_code_and_texts() -> None:
    body = [
        {"errorCode": "customIdentifiers:notExist", "description": "No such thing."},
        {"errorCode": "contacts:badRequest", "description": "And this."},
    ]
    error = meaning(404, body)
    assert (type(error), error.code) == (NotFound, "customIdentifiers:notExist")
    assert error.detail == "No such thing. And this."


def test_details_in_items_are_read_too() -> None:
    items = [{"item": "email", "description": "missing"}, {"item": "lists", "error": "too many"}]
    body = {"errorCode": "contacts:invalidContacts", "description": "No.", "details": {"items": items}}
    assert meaning(400, body).detail == "No. email: missing lists: too many"


@pytest.mark.parametrize("details", ["too many lists", ["too many lists"]])
def test_details_may_be_bare_texts(details: object) -> None:
    assert meaning(400, {"errorCode": "contacts:badRequest", "details": details}).detail == "too many lists"


def test_a_code_is_known_in_either_spelling() -> None:
    assert meaning(400, {"errorCode": "Contacts:InvalidFilter"}).hint == "sfdd version"


@pytest.mark.parametrize("body", [{"errorCode": None}, {"details": None}, [None], "text", 7, None, b"\xff\xfe"])
def test_an_odd_body_is_still_an_error(body: Any) -> None:
    assert type(meaning(400, body)) is Terminal


def test_the_wait_is_counted_by_the_vendors_own_clock() -> None:
    error = meaning(429, {}, **{"x-ratelimit-reset": "1772359230", "date": "Sun, 01 Mar 2026 10:00:00 GMT"})
    assert isinstance(error, RateLimited)
    assert error.retry_after == 30.0


def test_the_flat_scheme_which_tells_no_time_is_waited_for_by_the_minute() -> None:
    error = meaning(400, {"message": "ERROR_APIUSAGE_EXCEEDED"})
    assert isinstance(error, RateLimited)
    assert error.retry_after == HOURLY_WAIT


@pytest.mark.parametrize("word", ["description", "error"])
def test_details_are_read_in_both_spellings(word: str) -> None:
    body = {"errorCode": "contacts:badRequest", "description": "No.", "details": [{"item": "email", word: "missing"}]}
    assert meaning(400, body).detail == "No. email: missing"


@pytest.mark.parametrize("secret", ["ada@example.org", "+44 7700 900123", "O'Hara-Lovelace"])
def test_nobody_is_given_away_by_the_vendors_text(secret: str) -> None:
    error = meaning(400, {"message": f'The value "{secret}" of {secret.replace("O", "o")} is wrong'})
    assert secret not in f"{error} {error.detail}"


def test_a_long_text_is_cut() -> None:
    assert len(scrubbed("word " * 1000)) <= 200
