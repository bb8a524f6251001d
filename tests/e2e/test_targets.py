"""`--target` and `--exclude`: only what is asked for, with what it needs; suppressions always."""

from __future__ import annotations

from sfdd_declare.sandbox.dotdigital import contacts as dotdigital_contacts
from sfdd_declare.sandbox.salesforce import rows
from tests.e2e.stage import CONFIG, Stage, buyers

AUTUMN = """\
  autumn:
    name: Autumn launch
    members:
      contacts: {where: "Department = 'Sellers'"}
address_books:
  autumn: {name: Autumn book}
"""
TWO = CONFIG.replace("address_books:\n", AUTUMN) + "  - {campaign: autumn, address_book: autumn}\n"


def a_stage_with_two_campaigns(stage: Stage) -> None:
    stage.write(TWO)
    buyers(stage.world, 11)
    buyers(stage.world, 12, start=100, Department="Sellers")


def test_a_target_brings_what_it_needs_and_nothing_else(stage: Stage) -> None:
    a_stage_with_two_campaigns(stage)
    plan = stage.sfdd("plan", "--target", "link.spring.spring")
    assert "People: 11 to add" in plan.out, plan.text
    assert "campaign.spring" in plan.out
    assert "autumn" not in plan.out.replace("config/", "")
    stage.apply("--target", "link.spring.spring")
    assert stage.lists_of("buyer3@example.com") == ["Spring book"]
    assert stage.contact_in_dotdigital("buyer100@example.com") is None
    rest = stage.sfdd("plan")
    assert "People: 12 to add, 0 to update" in rest.out, rest.text
    stage.apply()
    assert stage.sfdd("plan", "--detailed-exitcode").code == 0


def test_an_exclusion_takes_what_needs_it_along(stage: Stage) -> None:
    a_stage_with_two_campaigns(stage)
    stage.apply("--exclude", "campaign.autumn")
    assert stage.lists_of("buyer3@example.com") == ["Spring book"]
    assert stage.contact_in_dotdigital("buyer100@example.com") is None
    again = stage.sfdd("plan", "--detailed-exitcode", "--exclude", "campaign.autumn")
    assert again.code == 0, again.text
    assert stage.sfdd("plan", "--detailed-exitcode").code == 2


def test_suppressions_are_never_left_out(stage: Stage) -> None:
    a_stage_with_two_campaigns(stage)
    rows.insert_many(
        stage.world,
        "Contact",
        [{"LastName": "Out", "Email": "out@example.com", "Department": "Sellers", "HasOptedOutOfEmail": True}],
    )
    dotdigital_contacts.insert_many(stage.world, [{"email": "out@example.com"}])
    stage.apply("--target", "link.spring.spring")
    contact = stage.contact_in_dotdigital("out@example.com")
    assert contact is not None
    assert contact["channelProperties"]["email"]["status"] == "suppressed"


def test_an_address_that_is_nothing_is_an_error_with_a_suggestion(stage: Stage) -> None:
    ended = stage.sfdd("plan", "--target", "link.spring.sprng")
    assert ended.code == 1
    assert "SFDD-E9008" in ended.err
    assert "link.spring.spring" in ended.err
