"""What must never be seen in a log line or in an error's text."""

from __future__ import annotations

import logging

import pytest

from sfdd_declare.wire import redact


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("Authorization: Bearer 00D5g00000001!AQ.x_y-z", "AQ.x_y-z"),
        ("Authorization: Basic YXBpdXNlcjpzZWNyZXQ=", "YXBpdXNlcjpzZWNyZXQ"),
        ("token 00Dxx0000001gPL!AR8AQ expired", "AR8AQ"),
        ('{"access_token": "abc123", "x": 1}', "abc123"),
        ("grant_type=x&assertion=eyJhbGciOi.eyJpc3M.sig&y=1", "eyJhbGciOi"),
        ("client_secret=hunter2", "hunter2"),
        ("invalid email address: ada.lovelace@example.com", "ada.lovelace"),
        ("GET https://x.example/services/data/v66.0/query?q=SELECT+Name", "SELECT"),
    ],
)
def test_secrets_and_addresses_are_scrubbed(text: str, secret: str) -> None:
    assert secret not in redact.scrub(text)


def test_ordinary_words_stay_as_they_are() -> None:
    text = "Salesforce answered 503 (composite query). Required fields are missing: [LastName]"
    assert redact.scrub(text) == text


def test_filter_scrubs_the_formatted_message(caplog: pytest.LogCaptureFixture) -> None:
    logger = logging.getLogger("test.redaction")
    logger.addFilter(redact.Redaction())
    with caplog.at_level(logging.INFO, "test.redaction"):
        logger.info("saw %s", "ada.lovelace@example.com")
    assert caplog.messages == ["saw a•••@example.com"]
