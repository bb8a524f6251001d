"""BASE-5, by what each side made of a value that we wrote."""

from __future__ import annotations

import pytest

from sfdd_declare.model.mapping import DataFieldType, Direction, Form, FormKind
from tests.unit.people.worlds import World, a_field, a_world, decided, h

TO_D, TO_S, BOTH = Direction.SALESFORCE_TO_DOTDIGITAL, Direction.DOTDIGITAL_TO_SALESFORCE, Direction.TWO_WAY
WROTE_S, WROTE_D, ALTERED_S, ALTERED_D = 1, 2, 4, 8
TEXT, NUMBER, TIME = Form(FormKind.TEXT), Form(FormKind.DECIMAL, 9), Form(FormKind.DATETIME)
KIND = {
    FormKind.TEXT: DataFieldType.STRING,
    FormKind.DECIMAL: DataFieldType.NUMERIC,
    FormKind.DATETIME: DataFieldType.DATE,
}


def a_person(
    s: str | None,
    d: str | None,
    base: str | None,
    *,
    marks: int,
    form: Form = TEXT,
    direction: Direction = TO_D,
    by: str = "005",
    wrote: int = 5,
    seen: int | None = 5,
) -> World:
    """One person whose field we last wrote at `wrote`; the last apply had read at `seen`."""
    world = a_world(a_field(0, "TITLE", kind=KIND[form.kind], form=form, direction=direction))
    world.rules(seen=seen)
    world.record("003", "a@x.com", s, modified_by=by)
    world.member("003")
    world.contact(1, "a@x.com", d, books=("news",))
    world.pair("003", 1, "a@x.com", base, wrote_s=wrote, wrote_d=wrote, marks=(marks,))
    return world


@pytest.mark.parametrize(
    ("form", "ours", "theirs"),
    [
        (TEXT, "van der Berg", "Van Der Berg"),
        (TEXT, "x" * 300, "x" * 255),
        (NUMBER, "2.345", "2.35"),
        (NUMBER, "2.6", "3"),
        (TIME, "2026-03-01T10:11:12Z", "2026-03-01T10:11:00Z"),
        (TIME, "2026-03-01T10:11:12Z", "2026-03-01T00:00:00Z"),
    ],
    ids=["re-cased", "cut", "rounded", "rounded to whole", "without seconds", "without time"],
)
def test_a_named_alteration_in_dotdigital_becomes_the_base(form: Form, ours: str, theirs: str) -> None:
    found = decided(a_person(ours, theirs, ours, form=form, marks=WROTE_D))
    assert found.rows(aspect="value") == []
    (move,) = found.moved(aspect="value")
    assert (move["reason"], move["expect_s"], move["expect_d"]) == ("BASE-5", None, h(theirs))
    assert found.held()["people with a value altered as it was written"] == 1


@pytest.mark.parametrize(
    ("ours", "theirs", "form"),
    [("Vice President", "Vice", TEXT), ("Berg", "Bergen", TEXT), ("2.6", "2", NUMBER), ("2", "2.1", NUMBER)],
    ids=["shortened", "lengthened", "not the nearest", "more exact"],
)
def test_any_other_difference_is_an_edit(ours: str, theirs: str, form: Form) -> None:
    found = decided(a_person(ours, theirs, ours, form=form, marks=WROTE_D))
    assert [row["decision"] for row in found.rows(aspect="value")] == ["overwrite"]
    assert found.moved(aspect="value") == []


@pytest.mark.parametrize(
    ("marks", "wrote", "seen"),
    [(WROTE_D, 4, 5), (WROTE_S, 5, 5), (0, 5, 5)],
    ids=["an apply has read it since", "the other side was written", "another field was written"],
)
def test_an_alteration_that_is_no_echo_of_our_write_is_an_edit(marks: int, wrote: int, seen: int) -> None:
    found = decided(a_person("berg", "BERG", "berg", marks=marks, wrote=wrote, seen=seen))
    assert [row["decision"] for row in found.rows(aspect="value")] == ["overwrite"]


def test_in_salesforce_a_difference_is_an_echo_if_our_user_modified_the_record_last() -> None:
    found = decided(a_person("Made by a flow", "berg", "berg", marks=WROTE_S, direction=TO_S))
    (move,) = found.moved(aspect="value")
    assert (move["reason"], move["expect_s"], move["expect_d"]) == ("BASE-5", h("Made by a flow"), None)


def test_in_salesforce_a_difference_by_anybody_else_is_an_edit() -> None:
    found = decided(a_person("By a colleague", "berg", "berg", marks=WROTE_S, direction=BOTH, by="005-other"))
    assert found.moved(reason="BASE-5") == []
    assert "people with a value altered as it was written" not in found.held()


def test_a_field_altered_after_two_writes_in_a_row_is_held() -> None:
    found = decided(a_person("berg", "anything", "berg", marks=WROTE_D | ALTERED_D))
    assert found.rows(aspect="value") == []
    assert found.moved(aspect="value") == []
    assert found.held()["people with a value that keeps being changed"] == 1


def test_a_held_field_is_written_again_once_the_other_side_changes() -> None:
    found = decided(a_person("new", "anything", "berg", marks=WROTE_D | ALTERED_D))
    assert [row["new"] for row in found.rows(aspect="value")] == ["new"]


def test_sides_in_step_end_the_row_of_alterations() -> None:
    (move,) = decided(a_person("berg", "berg", "berg", marks=WROTE_D | ALTERED_D)).moved(aspect="value")
    assert move["reason"] == "VAL-1"


@pytest.mark.parametrize(("by", "is_edit"), [("005", False), ("005-before", False), ("005-human", True)])
def test_BASE_5_whoever_has_applied_with_this_state_is_one_of_us(by: str, is_edit: bool) -> None:
    found = decided(a_person("of the flow", "ours", "ours", marks=WROTE_S, direction=BOTH, by=by))
    assert bool(found.rows(aspect="value")) == is_edit
