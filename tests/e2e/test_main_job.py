"""The main job over real HTTP: declare, plan, apply, and what the next plan says."""

from __future__ import annotations

from tests.e2e.stage import CONFIG, Stage, buyers, known_contact


def test_INV_1_MEM_1_apply_makes_everything_and_the_next_plan_is_empty(stage: Stage) -> None:
    buyers(stage.world, 12)
    first = stage.sfdd("plan", "--detailed-exitcode")
    assert first.code == 2
    assert "People: 12 to add" in first.out
    stage.apply()
    assert stage.lists_of("buyer3@example.com") == ["Spring book"]
    contact = stage.contact_in_dotdigital("buyer3@example.com")
    assert contact is not None
    values = {name.upper(): value for name, value in contact["dataFields"].items()}
    assert (values["FIRSTNAME"], values["LASTNAME"], values["JOB_TITLE"]) == ("First3", "Last3", "Title 3")
    again = stage.sfdd("plan", "--detailed-exitcode")
    assert again.code == 0, again.text
    assert "No changes. Salesforce and Dotdigital match the configuration." in again.out


def test_one_hand_edit_of_a_person_is_the_only_thing_the_next_plan_names(stage: Stage) -> None:
    ids = buyers(stage.world, 12)
    stage.apply()
    stage.admin("update", "Contact", ids[4], Title="Chief Joy Officer")
    plan = stage.sfdd("plan", "--detailed-exitcode")
    assert plan.code == 2
    assert "Plan: 0 to add, 0 to change, 0 to destroy. People: 0 to add, 1 to update, 0 to remove" in plan.out
    assert ids[4] in plan.out
    assert "JOB_TITLE" in plan.out
    assert not any(other in plan.out for other in ids if other != ids[4])
    stage.apply()
    contact = stage.contact_in_dotdigital("buyer4@example.com")
    assert contact is not None
    assert "Chief Joy Officer" in contact["dataFields"].values()
    assert stage.sfdd("plan", "--detailed-exitcode").code == 0


def test_an_edit_in_dotdigital_of_a_field_that_flows_there_is_reverted(stage: Stage) -> None:
    buyers(stage.world, 12)
    stage.apply()
    stage.marketer("set_field", email="buyer2@example.com", field="FIRSTNAME", value="Hacked")
    plan = stage.sfdd("plan", "--detailed-exitcode")
    assert (plan.code, "1 to update" in plan.out) == (2, True)
    stage.apply()
    contact = stage.contact_in_dotdigital("buyer2@example.com")
    assert contact is not None
    assert {name.upper(): value for name, value in contact["dataFields"].items()}["FIRSTNAME"] == "First2"


def test_a_direction_changed_by_hand_is_named_with_its_author(stage: Stage) -> None:
    buyers(stage.world, 12)
    stage.apply()
    found = stage.sfdd("sandbox", "edit", "--world", stage.running.salesforce_url, "salesforce",
                       "SFDD_Field_Mapping__c", mapping_row(stage, "Title"), "Direction__c=two_way")  # fmt: skip
    assert found.code == 0, found.text
    plan = stage.sfdd("plan", "--detailed-exitcode")
    assert plan.code == 2
    assert "field_mapping.main.contacts.Title" in plan.out
    assert '"two_way"' in plan.out
    assert "12 people" in plan.out
    assert "Plan: 0 to add, 1 to change, 0 to destroy. People: 0 to add, 0 to update" in plan.out
    stage.apply()
    assert stage.sfdd("plan", "--detailed-exitcode").code == 0


def mapping_row(stage: Stage, field: str) -> str:
    """The Id of the registry row of a contacts mapping."""
    rows = stage.world.db.execute(
        "SELECT record FROM history WHERE system = 'salesforce' AND kind = 'SFDD_Field_Mapping__c' AND new LIKE ?",
        (f"%contacts.{field}%",),
    ).fetchall()
    return str(rows[0][0])


def test_MEM_4_MEM_9_a_person_who_leaves_the_campaign_leaves_a_managed_book_and_stays_a_contact(stage: Stage) -> None:
    ids = buyers(stage.world, 12)
    stage.apply()
    members = stage.world.db.execute(
        "SELECT record FROM history WHERE kind = 'CampaignMember' AND new LIKE ?", (f"%{ids[0]}%",)
    ).fetchall()
    stage.admin("update", "Contact", ids[0], Department="Others")
    stage.admin("delete", "CampaignMember", str(members[0][0]))
    plan = stage.sfdd("plan", "--detailed-exitcode")
    assert "1 to remove" in plan.out, plan.text
    stage.apply("--allow", "max_removals")
    assert stage.lists_of("buyer0@example.com") == []
    assert stage.contact_in_dotdigital("buyer0@example.com") is not None
    assert stage.sfdd("plan", "--detailed-exitcode").code == 0


def test_MEM_2_a_person_taken_off_the_list_by_hand_is_not_added_again(stage: Stage) -> None:
    buyers(stage.world, 12)
    stage.apply()
    stage.marketer("remove_from_list", email="buyer5@example.com", list="Spring book")
    for _ in range(2):
        plan = stage.sfdd("plan", "--detailed-exitcode")
        assert plan.code == 0, plan.text
        stage.apply()
    assert stage.lists_of("buyer5@example.com") == []
    assert "left" in stage.sfdd("plan").out


def test_ID_2_a_contact_known_elsewhere_in_the_account_is_an_update_that_shows_what_is_overwritten(
    stage: Stage,
) -> None:
    buyers(stage.world, 30)
    known_contact(stage.world, "Buyer1@Example.com", FIRSTNAME="Olga", LASTNAME="Last1")
    plan = stage.sfdd("plan", "--samples", "50")
    assert "People: 30 to add, 1 to update" in plan.out or "People: 29 to add, 1 to update" in plan.out, plan.out
    assert "O•••" in plan.out
    assert "Olga" not in plan.text
    stage.apply()
    contact = stage.contact_in_dotdigital("buyer1@example.com")
    assert contact is not None
    assert {name.upper(): value for name, value in contact["dataFields"].items()}["FIRSTNAME"] == "First1"


def test_the_first_plan_shows_samples_of_values_that_are_masked(stage: Stage) -> None:
    buyers(stage.world, 12)
    plan = stage.sfdd("plan", "--samples", "3")
    assert "b•••@example.com" in plan.out
    assert "buyer" not in plan.text.replace("Buyers", "")


def test_a_blank_in_salesforce_never_destroys_what_it_did_not_itself_once_hold(stage: Stage) -> None:
    buyers(stage.world, 20)
    (nameless,) = buyers(stage.world, 1, start=20, FirstName=None)
    known_contact(stage.world, "buyer20@example.com", FIRSTNAME="Kept")
    stage.apply()
    kept = stage.contact_in_dotdigital("buyer20@example.com")
    assert kept is not None
    assert {n.upper(): v for n, v in kept["dataFields"].items()}["FIRSTNAME"] == "Kept"
    stage.admin("update", "Contact", nameless, FirstName="Ada")
    stage.apply()
    stage.admin("update", "Contact", nameless, FirstName=None)
    plan = stage.sfdd("plan", "--detailed-exitcode")
    assert (plan.code, "1 to update" in plan.out) == (2, True)
    stage.apply()
    blanked = stage.contact_in_dotdigital("buyer20@example.com")
    assert blanked is not None
    assert {n.upper(): v for n, v in blanked["dataFields"].items()}.get("FIRSTNAME") is None


def test_CON_16_declining_writes_nothing_at_all(stage: Stage) -> None:
    buyers(stage.world, 3)
    before = stage.world.db.execute("SELECT COUNT(*) FROM history").fetchone()[0]
    refused = stage.sfdd("apply")
    assert refused.code == 1
    assert "--auto-approve" in refused.err
    stale = stage.sfdd("apply", "--auto-approve", "--expect", "000000000000:3.0.0.0.0")
    assert stale.code == 3
    assert stage.world.db.execute("SELECT COUNT(*) FROM history").fetchone()[0] == before


def test_INV_7_the_approved_plan_is_the_one_that_is_applied(stage: Stage) -> None:
    buyers(stage.world, 12)
    token = (
        next(line for line in stage.sfdd("plan").out.splitlines() if "--expect" in line).split("--expect ")[1].strip()
    )
    assert stage.sfdd("apply", "--auto-approve", "--expect", token).code == 0
    assert stage.sfdd("plan", "--detailed-exitcode").code == 0


def test_what_leaves_the_configuration_is_forgotten_and_stays(stage: Stage) -> None:
    buyers(stage.world, 12)
    stage.apply()
    without = CONFIG[: CONFIG.index("links:")]
    stage.write(without)
    plan = stage.sfdd("plan")
    assert "1 to destroy" in plan.out, plan.out
    stage.apply("--allow", "max_removals,sudden_loss")
    assert stage.sfdd("plan", "--detailed-exitcode").code == 0


def test_a_guard_blocks_with_both_numbers_and_exit_5(stage: Stage) -> None:
    _let_leave(stage, 5, of=12)
    plan = stage.sfdd("plan")
    assert "max_removals" in plan.out
    blocked = stage.sfdd("apply", "--auto-approve")
    assert blocked.code == 5
    assert stage.lists_of("buyer0@example.com") == ["Spring book"]
    stage.apply("--allow", "max_removals")
    assert stage.lists_of("buyer0@example.com") == []


def test_RUN_6_a_source_with_less_than_half_of_its_people_stops_until_that_is_confirmed(stage: Stage) -> None:
    _let_leave(stage, 7, of=12)
    blocked = stage.sfdd("apply", "--auto-approve", "--allow", "max_removals")
    assert (blocked.code, "sudden_loss" in blocked.text) == (5, True), blocked.text
    assert stage.lists_of("buyer0@example.com") == ["Spring book"]
    stage.apply("--allow", "max_removals,sudden_loss")
    assert stage.lists_of("buyer0@example.com") == []


def _let_leave(stage: Stage, count: int, *, of: int) -> None:
    """That many buyers leave the campaign after an apply."""
    ids = buyers(stage.world, of)
    stage.apply()
    for one in ids[:count]:
        stage.admin("delete", "CampaignMember", member_of(stage, one))
        stage.admin("update", "Contact", one, Department="Others")


def member_of(stage: Stage, contact: str) -> str:
    rows = stage.world.db.execute(
        "SELECT record FROM history WHERE kind = 'CampaignMember' AND field = 'created' AND new LIKE ?",
        (f"%{contact}%",),
    ).fetchall()
    return str(rows[0][0])
