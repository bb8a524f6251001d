"""`sfdd explain`: one person, and why."""

from __future__ import annotations

from tests.e2e.stage import Stage, buyers


def test_a_person_is_explained_by_address_by_record_and_by_contact(stage: Stage) -> None:
    people = buyers(stage.world, 2)
    stage.apply()
    stage.admin("update", "Contact", people[1], Title="Captain")
    contact = stage.contact_in_dotdigital("buyer1@example.com")
    assert contact is not None
    for who in ("Buyer1@Example.com", people[1], people[1][:15], str(contact["contactId"])):
        shown = stage.sfdd("explain", who)
        assert shown.code == 0, shown.text
        assert people[1] in shown.out
        assert people[0] not in shown.out
        assert all(part in shown.out for part in ("its values travel", "on it: on (MEM-3)", "VAL-3")), shown.out
        assert "nobody has opted out" in shown.out
        assert "Captain" not in shown.out
        assert "buyer1@" not in shown.out


def test_ID_3_a_shadowed_record_and_its_opt_out_are_named(stage: Stage) -> None:
    (first,) = buyers(stage.world, 1)
    (second,) = buyers(stage.world, 1, HasOptedOutOfEmail=True)
    shown = stage.sfdd("explain", "buyer0@example.com")
    assert shown.code == 0, shown.text
    assert f"opted out in Salesforce: record {second}" in shown.out
    assert f"another record with the address of {first}" in shown.out


def test_somebody_nobody_knows_is_said_to_be_unknown(stage: Stage) -> None:
    buyers(stage.world, 1)
    wrong = stage.sfdd("explain", "nobody@example.com")
    assert (wrong.code, "SFDD-E9033" in wrong.err) == (1, True), wrong.text


def test_explaining_writes_nothing(stage: Stage) -> None:
    buyers(stage.world, 1)
    with stage.world.lock:
        before = stage.world.db.execute("SELECT COUNT(*) FROM history").fetchone()[0]
    stage.sfdd("explain", "buyer0@example.com")
    with stage.world.lock:
        assert stage.world.db.execute("SELECT COUNT(*) FROM history").fetchone()[0] == before
