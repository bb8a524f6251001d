"""Symbols, numbers with their nouns, literals, and text that cannot harm a terminal."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfdd_declare.model.operation import Action
from sfdd_declare.model.privacy import Personal, Sort
from sfdd_declare.model.visible import safe
from sfdd_declare.render import words


@pytest.mark.parametrize("table", [words.SYMBOLS, words.VERBS, words.STYLES])
def test_every_action_has_its_word(table):
    assert set(table) == set(Action)


def test_symbols_are_those_of_the_manual():
    symbols = {action: words.SYMBOLS[action] for action in (Action.CREATE, Action.UPDATE, Action.DELETE)}
    assert symbols == {Action.CREATE: "+", Action.UPDATE: "~", Action.DELETE: "-"}
    assert words.SYMBOLS[Action.REPLACE] == "-/+"
    assert words.SYMBOLS[Action.ADOPT] == words.SYMBOLS[Action.FORGET] == "→"
    assert words.SYMBOLS[Action.IMPORT] == "<="


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("Zoë 株式会社 😀", "Zoë 株式会社 😀"),
        ("a\nb\tc\r", "a\\nb\\tc\\r"),
        ("\x1b[2J", "\\x1b[2J"),
        ("\x00\x7f\x9b", "\\x00\\x7f\\x9b"),
        ("\u202eabc\u2066", "\\u202eabc\\u2066"),
        ("a\u200bb\ufeff", "a\\u200bb\\ufeff"),
        ("a\u2028b\u2029", "a\\u2028b\\u2029"),
        ("\U000e0041", "\\U000e0041"),
        ("\ud800", "\\ud800"),
        ("\u0645\u06cc\u200c\u062e", "\u0645\u06cc\u200c\u062e"),
    ],
    ids=ascii,
)
def test_text_that_moves_the_cursor_or_the_line_is_escaped(text, shown):
    assert safe(text) == shown


@given(st.text())
def test_safe_text_is_one_line_without_controls(text):
    shown = safe(text)
    assert len(shown.splitlines()) <= 1
    assert "\x1b" not in shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "(blank)"),
        ("", "(blank)"),
        (True, "true"),
        (False, "false"),
        (3, "3"),
        (0.5, "0.5"),
        ("x", '"x"'),
        ('say "x\\"', '"say \\"x\\\\\\""'),
        (" x ", '" x "'),
    ],
)
def test_literals(value, shown):
    assert words.literal(value) == shown


@pytest.mark.parametrize(
    ("count", "phrase", "said"),
    [
        (0, "people", "0 people"),
        (1, "people", "1 person"),
        (2, "conflicts held", "2 conflicts held"),
        (1, "conflicts held", "1 conflict held"),
        (1, "leads pending", "1 lead pending"),
        (1, "new leads", "1 new lead"),
        (1, "things unheard of", "1 things unheard of"),
        (1234567, "rows", "1,234,567 rows"),
    ],
)
def test_counts_agree_with_their_nouns(count, phrase, said):
    assert words.counted(count, phrase) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(-1, "0 s"), (0.4, "0 s"), (59.4, "59 s"), (60, "1 min"), (125, "2 min 5 s"), (4800, "1 h 20 min")],
)
def test_durations(seconds, said):
    assert words.duration(seconds) == said


@pytest.mark.parametrize(
    ("items", "said"), [((), ""), (("a",), "a"), (("a", "b"), "a and b"), (("a", "b", "c"), "a, b and c")]
)
def test_lists_of_words(items, said):
    assert words.listed(items) == said


@pytest.mark.parametrize(
    ("value", "address"),
    [("@campaign.x", "campaign.x"), ("@handle", None), ("me@example.com", None), ("@a.b c", None), (None, None)],
)
def test_references_to_ids_that_do_not_exist_yet(value, address):
    assert words.reference(value) == address


@pytest.mark.parametrize(
    ("name", "secret"),
    [("password", True), ("Client_Secret", True), ("access_token", True), ("Name", False), ("Direction__c", False)],
)
def test_fields_that_hold_credentials_are_known_by_name(name, secret):
    assert words.is_sensitive(name) is secret


def test_personal_values_are_masked_unless_revealed():
    email = Personal("ada@example.com", Sort.EMAIL)
    assert words.personal(email, reveal=False) == '"a•••@example.com"'
    assert words.personal(email, reveal=True) == '"ada@example.com"'
    assert words.personal(Personal(None), reveal=False) == "(blank)"
