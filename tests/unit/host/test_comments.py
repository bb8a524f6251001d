"""Which comment is ours, and what is said in it when another pull request overtakes its plan."""

from __future__ import annotations

import pytest
from pydantic import SecretStr

from sfdd_declare.app.ci_comment import Comments
from sfdd_declare.host.github import GitHub
from sfdd_declare.render.markdown import Place
from sfdd_declare.render.markdown.marks import is_of, marked, outdated, read_marker
from sfdd_declare.render.markdown.place import marker
from tests.github import BOT, REPOSITORY, TOKEN, Hub

PLACE = Place("crm", "production", head="a" * 40)


def body(*, state: str = "", config: str = "crm", text: str = "### sfdd plan") -> str:
    more = {"state": state} if state else None
    return f"{marker('plan', Place(config, 'production'), '3f9c', truncated=False, extra=more)}\n\n{text}\n"


@pytest.fixture
def comments(hub: Hub) -> Comments:
    return Comments(GitHub(hub.api, REPOSITORY, SecretStr(TOKEN)), BOT, PLACE)


def test_the_current_one_is_the_newest_that_is_not_closed(hub: Hub, comments: Comments) -> None:
    assert comments.current(7) is None
    hub.comment(7, body())
    newest = hub.comment(7, body(text="newest"))
    hub.comment(7, body(state="closed"))
    hub.comment(7, body(config="other"))
    hub.comment(7, f"quoted:\n{body()}")
    found = comments.current(7)
    assert found is not None
    assert found.id == newest["id"]


@pytest.mark.parametrize("state", ["closed", "failed", "outdated"])
def test_only_a_plan_that_stands_becomes_outdated(hub: Hub, comments: Comments, state: str) -> None:
    hub.comment(7, body(state=state))
    comments.mark_outdated(7, 12)
    assert hub.written() == []


def test_an_outdated_plan_says_by_which_first_and_keeps_the_rest(hub: Hub, comments: Comments) -> None:
    made = hub.comment(7, body())
    comments.mark_outdated(7, 12)
    said = read_marker(made["body"])
    assert (said["state"], said["by"], said["fingerprint"]) == ("outdated", "12", "3f9c")
    assert made["body"].index("**Outdated by #12**") < made["body"].index("### sfdd plan")


def test_a_body_that_would_become_too_long_stays(hub: Hub, comments: Comments) -> None:
    hub.comment(7, body(text="x" * 65_300))
    comments.mark_outdated(7, 12)
    assert hub.written() == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "### sfdd plan",
        "<!-- sfdd [] -->",
        "<!-- sfdd {} -->",
        '<!-- sfdd {"v":2,"kind":"plan","config":"crm","env":"production"} -->',
        "<!-- sfdd {broken -->",
        f"<!-- sfdd {'[' * 100_000} -->",
        " " + body(),
    ],
    ids=["empty", "none", "list", "nothing", "newer", "broken", "deep", "not-first"],
)
def test_what_is_no_marker_of_ours_is_none(text: str) -> None:
    assert not is_of(read_marker(text), "plan", PLACE)
    with pytest.raises(ValueError, match="no marker"):
        marked(text if "kind" not in text or text[0] == " " else "", state="closed")


def test_a_marker_survives_names_that_would_end_it() -> None:
    place = Place("a --> b\n<!-- sfdd", "x")
    text = f"{marker('plan', place, '', truncated=False)}\nrest"
    assert is_of(read_marker(text), "plan", place)
    again = outdated(text, 3)
    assert is_of(read_marker(again), "plan", place)
    assert again.count("-->") == 1
