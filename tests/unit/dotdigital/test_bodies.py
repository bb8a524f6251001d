"""What stands in an import, and what can never stand in one."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import pytest

from sfdd_declare import dotdigital
from sfdd_declare.dotdigital.bodies import InvalidRow, OptOutStatus, body_of, contact, estimate
from sfdd_declare.model.mapping import DataFieldType
from sfdd_declare.model.ports import ImportRow, ImportValue

from .builders import an_import_row

IDS = {"@address_book.newsletter": "901", "@address_book.gala": "902"}


def sent(row: ImportRow, opted_out: OptOutStatus | None = None) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(contact(row, IDS, opted_out=opted_out))
    return found


def test_an_unknown_person_is_matched_by_address() -> None:
    assert sent(an_import_row(" Ada@example.org ", FIRSTNAME="Ada", TIER=None)) == {
        "matchIdentifier": "email",
        "identifiers": {"email": "Ada@example.org"},
        "dataFields": {"FIRSTNAME": "Ada", "TIER": None},
    }


def test_a_known_contact_is_matched_by_id_and_its_address_left_alone() -> None:
    assert sent(an_import_row("ADA@example.org", contact_id=1201)) == {
        "matchIdentifier": "contactId",
        "identifiers": {"contactId": 1201},
    }


def test_lists_stand_only_in_rows_that_add() -> None:
    assert sent(an_import_row(books=("newsletter", "gala")))["lists"] == [901, 902]
    assert "lists" not in sent(an_import_row())


def test_an_opted_out_person_is_never_put_on_a_list() -> None:
    body = sent(an_import_row(books=("newsletter",), opted_out=True), OptOutStatus.CREATED)
    assert body["channelProperties"] == {"email": {"status": "unsubscribed"}}
    assert "lists" not in body


def test_nothing_is_said_about_the_subscription_of_anybody_else() -> None:
    assert "channelProperties" not in sent(an_import_row(books=("newsletter",)))


def test_subscribed_is_no_status_that_can_be_sent() -> None:
    assert {status.value for status in OptOutStatus} == {"suppressed", "unsubscribed"}


def test_no_call_of_this_room_subscribes_anybody() -> None:
    """Every text in the code that could end in a request: none is a resubscribe path or the status `subscribed`."""
    for module in Path(dotdigital.__path__[0]).glob("*.py"):
        tree = ast.parse(module.read_text("utf-8"))
        prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        texts = [n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and id(n) not in prose]
        assert not [text for text in texts if isinstance(text, str) and "resubscribe" in text.lower()], module
        if module.name != "contacts.py":  # which names the list status it reads
            assert "subscribed" not in texts, module


def test_a_value_its_field_cannot_hold_is_named_without_being_shown() -> None:
    row = ImportRow("p", 1, "", (ImportValue("SCORE", DataFieldType.NUMERIC, "a secret"),), ())
    with pytest.raises(InvalidRow) as caught:
        sent(row)
    assert caught.value.code == "invalidValue"
    assert "SCORE" in caught.value.message
    assert "a secret" not in caught.value.message


def test_numbers_keep_every_digit() -> None:
    value = ImportValue("SCORE", DataFieldType.NUMERIC, "123456789012345678.123456789")
    row = ImportRow("p", 1, "", (value,), ())
    assert b'"SCORE":123456789012345678.123456789}' in contact(row, {}, opted_out=None)


def test_a_row_without_address_and_id_is_refused() -> None:
    with pytest.raises(InvalidRow, match="no address"):
        sent(an_import_row("  "))


def test_more_lists_than_a_row_may_name_are_refused() -> None:
    with pytest.raises(InvalidRow, match="address books"):
        sent(an_import_row(books=("newsletter",) * 101))


@pytest.mark.parametrize(
    "row",
    [
        an_import_row(),
        an_import_row("é" * 50 + "@example.org", NOTES='"\\\n\u2028' * 100),
        an_import_row(contact_id=2**53, books=("newsletter",) * 100),
        an_import_row(opted_out=True, FIRSTNAME="Ada"),
    ],
    ids=["bare", "escapes", "lists", "opted out"],
)
def test_an_estimate_is_never_too_low(row: ImportRow) -> None:
    ids = {"@address_book.newsletter": str(2**62)}
    status = OptOutStatus.FALLBACK if row.opted_out else None
    bare, full = len(body_of([])), len(body_of([contact(row, ids, opted_out=status)]))
    assert full - bare < estimate(row) < 1.2 * (full - bare) + 200


def test_a_body_overwrites() -> None:
    assert json.loads(body_of([b"{}", b"{}"])) == {"mergeOption": "overwrite", "contacts": [{}, {}]}
