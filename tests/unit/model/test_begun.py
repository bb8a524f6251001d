"""Probes that have begun are kept until nothing of them is left."""

from __future__ import annotations

import pytest

from sfdd_declare.model.begun import Begun, begun, marks_of

ONE = Begun("main", "1a2b3c4d", "example.com", "2026-03-02T16:30:00Z", "77")
TWO = Begun("main", "5e6f7a8b", "acme.example", "2026-03-03T16:30:00Z", "77")
ORG = Begun("", "1a2b3c4d", "example.com", "2026-03-02T16:30:00Z", "00D1")


def test_they_are_read_as_they_were_kept() -> None:
    assert set(begun(marks_of((ONE, ORG, TWO), ()))) == {ONE, TWO, ORG}


def test_an_account_without_one_is_emptied() -> None:
    marks = marks_of((TWO,), ("", "main"))
    assert (begun(marks), marks["probing:"]) == ((TWO,), "")


@pytest.mark.parametrize("text", ["", ";", "1a2b3c4d|example.com", "a|b|c|d|e"])
def test_what_cannot_be_read_is_none(text: str) -> None:
    assert begun({"probing:main": text, "probed:main:overlong": "a|b|c|d"}) == ()
