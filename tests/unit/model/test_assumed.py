"""What is assumed: the cautious value, unless another was found on this very account or org."""

from __future__ import annotations

import pytest

from sfdd_declare.model.assumed import Found, found, lines, value_of

AT = "2026-03-02T16:30:00Z"
CUT = Found("overlong", "main", "cut", AT, "77")


def marks(*answers: Found) -> dict[str, str]:
    return dict(one.mark for one in answers)


def test_what_was_found_counts_on_the_account_that_it_was_found_on() -> None:
    assert value_of("overlong", marks(CUT), account="main", of="77") == "cut"


@pytest.mark.parametrize(("account", "of"), [("main", "78"), ("other", "77"), ("", "77")])
def test_elsewhere_the_cautious_value_stays(account: str, of: str) -> None:
    assert value_of("overlong", marks(CUT), account=account, of=of) == "fail"


@pytest.mark.parametrize("text", ["", "|", "nonsense|2026|77", f"|{AT}|77", "cut"])
def test_an_answer_that_proves_nothing_or_cannot_be_read_is_none(text: str) -> None:
    assert value_of("overlong", {"probed:main:overlong": text}, account="main", of="77") == "fail"


def test_marks_of_others_are_passed_over() -> None:
    assert found({"basis": "x", "probed:main:unheard_of": f"yes|{AT}|77", "counted:probed": "1"}) == ()


def test_the_org_has_no_key() -> None:
    seen = Found("deleted_member_visible", "", "yes", AT, "00D1")
    assert value_of("deleted_member_visible", marks(seen), of="00D1") == "yes"
    assert value_of("deleted_member_visible", marks(seen), of="00D2") == "no"


def test_lines_are_of_every_account_once_and_of_the_org() -> None:
    shown = lines(marks(CUT), ("main", "other"), ("overlong", "deleted_member_visible"))
    assert [(line.assumption.name, line.account, line.value) for line in shown] == [
        ("overlong", "main", "cut"),
        ("overlong", "other", ""),
        ("deleted_member_visible", "", ""),
    ]
    (other, *_) = lines(marks(CUT), ("main",), ("overlong",), {"main": "78"})
    assert other.value == ""


def test_a_rule_of_its_own_for_the_unknown_gives_way_to_what_was_found_too() -> None:
    known = Found("new_contact_status_suppressed", "main", "refused", AT, "77")
    asked = {"account": "main", "of": "77", "unknown": "accepted"}
    assert value_of("new_contact_status_suppressed", {}, **asked) == "accepted"
    assert value_of("new_contact_status_suppressed", marks(known), **asked) == "refused"
