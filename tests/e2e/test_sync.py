"""`sfdd sync`: people alone, of the links that are named."""

from __future__ import annotations

from tests.e2e.stage import CONFIG, Stage, buyers

TWO_BOOKS = CONFIG.replace(
    "address_books:\n", "address_books:\n  news: {name: News book, removals: managed}\n"
).replace("links:\n", "links:\n  - {campaign: spring, address_book: news}\n")


def test_before_the_set_up_exists_nothing_is_synchronised_and_that_is_said(stage: Stage) -> None:
    buyers(stage.world, 2)
    ended = stage.sfdd("sync", "--auto-approve")
    assert ended.code == 0, ended.text
    assert "do not exist yet" in ended.out.replace("does not", "do not"), ended.text
    assert stage.contact_in_dotdigital("buyer0@example.com") is None


def test_a_sync_writes_people_and_leaves_the_set_up_alone(stage: Stage) -> None:
    (first, *_) = buyers(stage.world, 3)
    stage.apply()
    stage.admin("update", "Contact", first, Title="Captain")
    stage.write(CONFIG, replace=("name: Spring launch", "name: Spring launch 2"))
    buyers(stage.world, 1, start=3)
    ended = stage.sfdd("sync", "--auto-approve")
    assert (ended.code, "set-up changes left to `sfdd apply`: 1" in ended.out) == (0, True), ended.text
    found = stage.contact_in_dotdigital("buyer0@example.com")
    assert found is not None
    assert "Captain" in found["dataFields"].values()
    assert stage.lists_of("buyer3@example.com") == ["Spring book"]
    with stage.world.lock:
        assert stage.world.db.execute("SELECT Name FROM sf_Campaign").fetchall()[0][0] == "Spring launch"
    plan = stage.sfdd("plan", "--detailed-exitcode")
    assert (plan.code, "People: 0 to add, 0 to update" in plan.out) == (2, True), plan.text


def test_only_the_named_book_is_synchronised(stage: Stage) -> None:
    stage.write(TWO_BOOKS)
    stage.apply()
    buyers(stage.world, 2)
    ended = stage.sfdd("sync", "news", "--auto-approve")
    assert ended.code == 0, ended.text
    assert stage.lists_of("buyer0@example.com") == ["News book"]
    stage.sfdd("sync", "link.spring.spring", "--auto-approve")
    assert sorted(stage.lists_of("buyer0@example.com")) == ["News book", "Spring book"]
    assert stage.sfdd("plan", "--detailed-exitcode").code == 0


def test_a_name_that_stands_for_no_link_is_named_with_what_was_meant(stage: Stage) -> None:
    wrong = stage.sfdd("sync", "sprint", "--auto-approve")
    assert (wrong.code, "SFDD-E9032" in wrong.err, "sfdd sync spring" in wrong.err) == (1, True, True), wrong.text


def test_a_sync_asks_like_an_apply(stage: Stage) -> None:
    ended = stage.sfdd("sync")
    assert (ended.code, "sfdd sync --auto-approve" in ended.err) == (1, True), ended.text
