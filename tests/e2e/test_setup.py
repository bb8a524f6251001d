"""Set-up: where the registry lives and who may deploy it, login by key, overlays, the lock, other repositories."""

from __future__ import annotations

import shutil
from pathlib import Path

import httpx
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from sfdd_declare.store.lease import Holder
from sfdd_declare.store.opening import open_state
from tests.e2e.hands import applied, campaign, lists, planned, records, refused, registry_row, settled, writes
from tests.e2e.stage import CONFIG, Stage, buyers, known_contact

TOKEN_AUTH = "  auth: {method: access_token}\n"
NO_REGISTRY = CONFIG.replace(TOKEN_AUTH, TOKEN_AUTH + "  registry: none\n")


def test_without_a_registry_links_and_mappings_live_in_the_state_alone(stage: Stage) -> None:
    buyers(stage.world, 2)
    stage.write(NO_REGISTRY)
    first = planned(stage)
    assert "registry.salesforce" not in first
    assert "link.spring.spring" in first
    stage.apply()
    assert stage.lists_of("buyer1@example.com") == ["Spring book"]
    listed = stage.sfdd("state", "list").out
    assert "link.spring.spring" in listed
    assert "field_mapping.main.contacts.Title" in listed

    stage.write(NO_REGISTRY, replace=("    Title: JOB_TITLE\n  leads", "  leads"))
    assert "field_mapping.main.contacts.Title" in planned(stage)
    applied(stage)

    stage.write()
    plan = planned(stage)
    assert "registry.salesforce" in plan
    assert "by hand" not in plan
    applied(stage)
    assert registry_row(stage, "field_mapping.main.contacts.Title")["Direction__c"] == "salesforce_to_dotdigital"


def test_a_user_who_may_not_deploy_gets_both_ways_out(stage: Stage) -> None:
    stage.world.set_setting("salesforce.may_deploy", False)
    before = writes(stage)
    why = refused(stage, "plan")
    assert "SFDD-E4006" in why
    assert "sfdd registry package --zip" in why
    assert "registry: none" in why
    assert stage.sfdd("apply", "--auto-approve").code == 1
    assert writes(stage) == before


def test_an_admins_deployment_of_the_package_is_all_that_such_a_user_needs(stage: Stage, tmp_path: Path) -> None:
    stage.world.set_setting("salesforce.may_deploy", False)
    package = tmp_path / "registry.zip"
    assert stage.sfdd("registry", "package", "--zip", str(package)).code == 0
    deploy_as_admin(stage, package)
    assert "registry.salesforce" not in planned(stage)
    applied(stage)
    assert registry_row(stage, "link.spring.spring")["Campaign__c"] == campaign(stage, "Spring launch")["Id"]


def deploy_as_admin(stage: Stage, package: Path) -> None:
    """What an administrator does with the package: deploy it, and assign the permission set to our user."""
    org = httpx.Client(
        base_url=f"{stage.running.salesforce_url}/services/data/v66.0/",
        headers={"authorization": f"Bearer {stage.running.access.admin_token}"},
        trust_env=False,
    )
    with org:
        options = b'{"deployOptions": {"singlePackage": true, "rollbackOnError": true, "testLevel": "NoTestRun"}}'
        parts = [
            ("entity_content", ("options.json", options, "application/json")),
            ("file", ("package.zip", package.read_bytes(), "application/zip")),
        ]
        job = org.post("metadata/deployRequest", files=parts).json()["id"]
        while not org.get(f"metadata/deployRequest/{job}").json()["deployResult"]["done"]:
            pass
        (granted,) = records(stage, "PermissionSet", "Name = 'SFDD_Registry'")
        (user,) = records(stage, "User", "Username = 'integration@acme.example'")
        body = {"PermissionSetId": granted["Id"], "AssigneeId": user["Id"]}
        assert org.post("sobjects/PermissionSetAssignment", json=body).status_code == 201


def test_a_login_with_a_key_does_the_whole_job(stage: Stage) -> None:
    buyers(stage.world, 1)
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    stage.world.set_setting("salesforce.jwt_public_key", public.decode())
    (stage.folder / "sf.key").write_bytes(private)
    auth = "{method: jwt, client_id: sandbox-client, username: integration@acme.example, private_key: '${file:sf.key}'}"
    stage.write(replace=(TOKEN_AUTH, f"  auth: {auth}\n  login_url: {stage.running.salesforce_url}\n"))
    stage.overrides = {"SF_ACCESS_TOKEN": "", "SF_ORG_INSTANCE_URL": ""}
    applied(stage)
    assert stage.lists_of("buyer0@example.com") == ["Spring book"]

    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    (stage.folder / "sf.key").write_bytes(
        other.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    refused = stage.sfdd("plan")
    assert refused.code == 1
    assert "SFDD-E21" in refused.err
    assert "PRIVATE KEY" not in refused.text


def test_an_overlay_makes_the_same_things_under_other_names(stage: Stage) -> None:
    (stage.folder / "env").mkdir()
    (stage.folder / "env" / "staging.yaml").write_text(
        "state: .sfdd/staging.db\n"
        "campaigns: {spring: {name: Spring launch (staging)}}\n"
        "address_books: {spring: {name: Spring book (staging)}}\n"
        "data_fields: {main: {JOB_TITLE: existing}}\n"
    )
    stage.marketer("create_field", field="JOB_TITLE", type="String")
    stage.apply("--env", "staging")
    settled(stage, "--env", "staging")
    assert campaign(stage, "Spring launch (staging)")["Id"]
    assert "Spring book (staging)" in lists(stage)
    assert not records(stage, "Campaign", "Name = 'Spring launch'")
    assert "data field JOB_TITLE already exists" in refused(stage, "plan")


def test_a_second_apply_is_locked_out_by_name_until_the_lock_is_taken_away(stage: Stage) -> None:
    stage.apply()
    before = writes(stage)
    with open_state(stage.folder / ".sfdd" / "state.db", create=False, environ={}) as state:
        lease = state.lock(Holder("vera", "build-7", 4711, "apply"))
        with lease:
            locked = refused(stage, "apply", "--auto-approve", code=4)
            assert "vera on build-7 (process 4711), running `sfdd apply`" in locked
            assert "sfdd unlock" in locked
            assert stage.sfdd("plan", "--detailed-exitcode").code == 0
            assert "vera on build-7" in stage.sfdd("unlock").out
            assert stage.sfdd("apply", "--auto-approve").code == 0
    assert "Nobody" in stage.sfdd("unlock").out
    assert writes(stage) == before


def test_another_repository_in_the_same_org_sees_only_that_there_are_others(stage: Stage, tmp_path: Path) -> None:
    buyers(stage.world, 1)
    stage.apply()
    second = Stage(tmp_path / "second", stage.running)
    second.folder.mkdir()
    second.write(
        CONFIG.replace("    name: Spring launch\n", "    name: Autumn launch\n")
        .replace("Spring book", "Autumn book")
        .replace("    JOB_TITLE: {type: string}", "    JOB_TITLE: existing")
    )
    plan = planned(second)
    assert "Plan: 9 to add, 0 to change, 0 to destroy" in plan
    assert "another configuration" not in plan  # they share fields that both map alike, and nothing else
    applied(second)
    settled(stage)
    assert len(records(stage, "SFDD_Link__c")) == 2


def test_nobody_is_taken_off_the_book_of_another_repository_unasked(stage: Stage, tmp_path: Path) -> None:
    buyers(stage.world, 4)
    stage.apply()
    second = Stage(tmp_path / "second", stage.running)
    second.folder.mkdir()
    second.write(
        CONFIG.replace("    name: Spring launch\n", "    name: Autumn launch\n")
        .replace("{name: Spring book, removals: managed}", "{existing: {name: Spring book}, removals: mirror}")
        .replace("    JOB_TITLE: {type: string}", "    JOB_TITLE: existing")
        .replace("Department = 'Buyers'", "Department = 'Nobody'")
    )
    first = planned(second)
    assert "Declared by another configuration too (`config`, lineage " in first
    second.apply()
    plan = second.sfdd("plan", "--allow", "max_removals,sudden_loss").out
    headline, _, heading, guard, *_ = plan.splitlines()
    assert "4 to remove, all of them blocked by other_lineage" in headline
    assert (heading, "! other_lineage  address_book.spring: 4 people taken off" in guard) == (
        "Look at this first",
        True,
    )
    assert "Declared by another configuration too" not in plan
    second.sfdd("apply", "--auto-approve", "--allow", "max_removals,sudden_loss")
    assert stage.lists_of("buyer0@example.com") == ["Spring book"]


def test_rows_of_a_lost_state_are_reported_and_left_alone(stage: Stage) -> None:
    stage.apply()
    lineage = registry_row(stage, "link.spring.spring")["External_Id__c"].partition(":")[0]
    shutil.rmtree(stage.folder / ".sfdd")
    missed = refused(stage, "plan")
    assert f"lineage {lineage}" in missed
    assert "sfdd state init --forget" in missed
    assert stage.sfdd("state", "init", "--forget").code == 0
    assert "already exists" in refused(stage, "plan")
    ids = campaign(stage, "Spring launch")["Id"], lists(stage)["Spring book"]
    imports = (
        "import:\n"
        f"  - {{to: campaign.spring, id: {ids[0]}}}\n"
        f"  - {{to: address_book.spring, id: {ids[1]}}}\n"
        "  - {to: data_field.main.JOB_TITLE, id: JOB_TITLE}\n"
    )
    stage.write(CONFIG + imports)
    plan = planned(stage)
    assert lineage in plan
    applied(stage)
    assert len(records(stage, "SFDD_Link__c")) == 2


@pytest.mark.parametrize("declared", ["", ", double_opt_in: enforced"], ids=["absent", "enforced"])
def test_CON_15_creations_wait_for_a_word_about_double_opt_in(stage: Stage, declared: str) -> None:
    buyers(stage.world, 4)
    known_contact(stage.world, "buyer3@example.com")
    stage.write(replace=(", double_opt_in: not_enforced", declared))
    assert "3 contacts to create, each of which may be sent a confirmation mail" in planned(stage)
    blocked = stage.sfdd("apply", "--auto-approve")
    assert blocked.code == 5
    assert campaign(stage, "Spring launch")
    assert stage.contact_in_dotdigital("buyer0@example.com") is None
    assert stage.lists_of("buyer3@example.com") == ["Spring book"]
    applied(stage, "--allow", "double_opt_in")
    assert stage.lists_of("buyer0@example.com") == ["Spring book"]
    buyers(stage.world, 1, start=4)
    again = stage.sfdd("apply", "--auto-approve")
    assert again.code == (0 if declared else 5)


def test_the_default_status_moves_to_another_one_and_is_never_just_taken_away(stage: Stage) -> None:
    stage.apply()
    stage.write(replace=("Sent: {default: true}", "Sent: {default: false}"))
    assert "no other status is declared to become it" in refused(stage, "plan")
    moved = CONFIG.replace("Sent: {default: true}", "Sent: {default: false}")
    stage.write(moved.replace("Attended: {responded: true}", "Attended: {default: true, responded: true}"))
    applied(stage)
    spring = campaign(stage, "Spring launch")["Id"]
    statuses = records(stage, "CampaignMemberStatus", f"CampaignId = '{spring}'")
    assert [status["Label"] for status in statuses if status["IsDefault"]] == ["Attended"]
