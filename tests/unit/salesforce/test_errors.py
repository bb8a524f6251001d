"""Errors by meaning, and no people's data in their texts."""

from __future__ import annotations

import pytest

from sfdd_declare.model.errors import Conflict, Denied, NotFound, RateLimited, RemoteError, Terminal, Transient
from sfdd_declare.salesforce import errors
from sfdd_declare.salesforce.codes import CODES
from sfdd_declare.wire.http import Reply


def a_reply(status: int, code: str = "", message: str = "words", *, body: bytes | None = None) -> Reply:
    text = f'[{{"errorCode":"{code}","message":"{message}"}}]'.encode() if code else b""
    return Reply(status, {}, text if body is None else body, "acme.example", "query")


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (401, "INVALID_SESSION_ID", Denied),
        (403, "REQUEST_LIMIT_EXCEEDED", Terminal),
        (403, "INSUFFICIENT_ACCESS", Denied),
        (400, "INVALID_FIELD", Terminal),
        (400, "MALFORMED_QUERY", Terminal),
        (404, "NOT_FOUND", NotFound),
        (400, "INVALID_TYPE", NotFound),
        (400, "QUERY_TIMEOUT", Transient),
        (400, "UNABLE_TO_LOCK_ROW", Transient),
        (503, "SERVER_UNAVAILABLE", Transient),
        (400, "INVALID_QUERY_LOCATOR", Terminal),
        (400, "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY", Denied),
        (400, "STORAGE_LIMIT_EXCEEDED", Terminal),
        (503, "REQUEST_LIMIT_EXCEEDED", Terminal),
        (404, "INVALIDJOB", NotFound),
        (500, "CUSTOM_APEX_ERROR", Transient),
        (400, "DUPLICATE_VALUE", Conflict),
        (400, "SOMETHING_NEW", Terminal),
        (500, "SOMETHING_NEW", Transient),
        (404, "", NotFound),
        (420, "", Transient),
        (429, "", RateLimited),
        (502, "", Transient),
        (403, "", Denied),
        (414, "", Terminal),
    ],
)
def test_errors_are_told_apart_by_meaning(status: int, code: str, kind: type[RemoteError]) -> None:
    error = errors.classify(a_reply(status, code))
    assert type(error) is kind
    assert error.status == status
    assert error.hint


def test_a_reference_that_is_out_of_reach_names_the_id_and_whom_to_ask() -> None:
    message = "insufficient access rights on cross-reference id: 0017h00000doU3R"
    error = errors.classify(a_reply(400, "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY", message))
    assert error is not None
    assert (error.id, error.hint) == ("SFDD-E2124", "salesforce.auth.username")
    assert "0017h00000doU3R" in error.summary
    assert "may not see or use the record" in error.detail


def test_what_cannot_be_told_is_no_unknown_form() -> None:
    refused = errors.classify(a_reply(400, "SOMETHING_NEW"))
    assert refused is not None
    assert refused.id == "SFDD-E2139"


def test_no_answer_hints_to_write_again() -> None:
    hints = [errors.classify(a_reply(status, body=b"{}")) for status in (400, 401, 403, 404, 409, 414, 429, 500, 503)]
    assert all(error and error.hint and "apply" not in error.hint for error in hints)


def test_rows_that_are_tried_again_in_the_same_run_may_go_through_later() -> None:
    assert {code for code in errors.TRANSIENT_CODES if not issubclass(CODES[code].kind, Transient)} == set()


def test_success_is_no_error() -> None:
    assert errors.classify(a_reply(200, body=b"{}")) is None
    assert errors.classify(a_reply(204, body=b"")) is None


def test_html_page_instead_of_an_answer_may_go_away() -> None:
    page = Reply(200, {"content-type": "text/html; charset=utf-8"}, b"<html>maintenance", "acme.example", "query")
    assert isinstance(errors.classify(page), Transient)


@pytest.mark.parametrize("message", ["This session is not valid for use with the REST API", "not attached to Agent"])
def test_a_new_session_is_not_asked_for_where_it_would_not_help(message: str) -> None:
    error = errors.classify(a_reply(401, "INVALID_SESSION_ID", message))
    assert error is not None
    assert not errors.is_expired(error)


@pytest.mark.parametrize(
    ("message", "secret"),
    [
        ("Last Name: data value too large: Lovelace-Byron (max length=4)", "Lovelace"),
        ("Email: invalid email address: ada at home", "ada"),
        ("Title: bad value for restricted picklist field: Countess", "Countess"),
        ("Score: value outside of valid range on numeric field: 4711", "4711"),
        ("Cannot deserialize instance of date from VALUE_STRING value Ada or request may be missing a field", "Ada"),
        ("duplicate of ada.lovelace@example.com", "lovelace"),
    ],
)
def test_people_are_not_quoted(message: str, secret: str) -> None:
    assert secret not in errors.quoted(message)
    assert errors.quoted(message)
