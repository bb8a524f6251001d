"""What a watch holds to be so: a run tells about the links that it was over, and not about the others."""

from __future__ import annotations

from sfdd_declare.app.watch_conditions import each_once, of_error, of_everything, of_links
from sfdd_declare.model.errors import ConfigError, ErrorList
from sfdd_declare.model.notice import Condition, Kind

DRIFT = Condition(Kind.DRIFT, "campaign.a", 1, "It differs.")
GUARD = Condition(Kind.GUARD, "max_removals", 3, "It holds back 3.")
ROWS = Condition(Kind.FAILURE, "rows", 2, "2 failed.")
HELD = Condition(Kind.HELD, "conflicts held", 4, "4 wait.")


def test_what_only_a_run_over_a_link_can_tell_is_told_apart() -> None:
    found = (DRIFT, GUARD, ROWS, HELD)
    assert (of_links(found), of_everything(found)) == ((GUARD, ROWS), (DRIFT, HELD))


def test_what_several_links_tell_is_told_once_with_the_most_behind_it() -> None:
    more = Condition(Kind.GUARD, "max_removals", 5, "It holds back 5.")
    assert each_once((GUARD, ROWS, more, DRIFT, GUARD)) == (more, ROWS, DRIFT)


def test_of_several_errors_the_first_is_told() -> None:
    errors = (ConfigError("SFDD-E1301", "no field", where="x", hint="grant it"), ConfigError("SFDD-E1302", "another"))
    assert of_error(ErrorList(errors)) == Condition(Kind.FAILURE, "SFDD-E1301", 1, "SFDD-E1301 x: no field", "grant it")
