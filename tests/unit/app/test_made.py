"""What a probe made is removed, the last first; whatever is not is named, whoever ended it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sfdd_declare.app.probes.made import Made, Thing
from sfdd_declare.model.assumed import LeftBehind
from sfdd_declare.model.errors import Transient

BUSY = Transient("SFDD-E2217", "Dotdigital is busy", detail="later")


def removing(gone: list[str], name: str, error: BaseException | None = None) -> Callable[[], bool]:
    def remove() -> bool:
        if error is not None:
            raise error
        gone.append(name)
        return True

    return remove


def thing(name: str, remove: Callable[[], bool]) -> Thing:
    return Thing("list", name, "by hand", remove, id=f"id of {name}")


def test_the_last_one_goes_first_and_one_that_resists_keeps_no_other() -> None:
    made, gone = Made(), list[str]()
    for name in ("a", "b", "c"):
        made.note(thing(name, removing(gone, name, BUSY if name == "b" else None)))
    made.remove()
    assert gone == ["c", "a"]
    assert made.left() == (LeftBehind("list", "b", "id of b", "Dotdigital is busy (later)", "by hand"),)


@pytest.mark.parametrize("error", [KeyboardInterrupt(), SystemExit()])
def test_what_a_second_signal_left_is_named(error: BaseException) -> None:
    made, gone = Made(), list[str]()
    for name in ("a", "b", "c"):
        made.note(thing(name, removing(gone, name, error if name == "b" else None)))
    with pytest.raises(type(error)):
        made.remove()
    assert [(one.name, one.why) for one in made.left()] == [
        ("a", "its removal was interrupted"),
        ("b", "its removal was interrupted"),
    ]


def test_one_that_may_still_be_made_is_named_unless_it_was_there() -> None:
    made = Made()
    for name, was_there in (("a", True), ("b", False)):
        made.note(Thing("contact", name, "by hand", lambda there=was_there: there, may_appear=True))
    made.remove()
    assert [(one.name, "may still make it" in one.why) for one in made.left()] == [("b", True)]
