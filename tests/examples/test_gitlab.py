"""The example for GitLab CI: its file by GitLab's own schema, its jobs on a runner, its scripts against the API."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from sfdd_declare.sandbox.server import Running
from tests.e2e.stage import CONFIG, Stage
from tests.examples.conftest import CANARY, Machine, body, job, pipeline
from tests.examples.gitlab import BOT, PROJECT, STRANGER, TOKEN, Lab

HEAD, MERGE, OTHER = "a" * 40, "c" * 40, "d" * 40
NAME = f"sfdd-plan-crm-production-{HEAD}.sfddplan"
ALONE = {"CI_MERGE_REQUEST_IID": "7", "CI_JOB_URL": "javascript:alert(1)"}  # no address: it is not shown
JOBS = ("validate", "plan", "apply", "drift")

#: What strangers do not choose, or what has the grammar of a commit or a number.
ALLOWED = {
    "SFDD_CONFIG", "SFDD_ENV", "SFDD_BUCKET_JWT", "CI_COMMIT_SHA", "CI_MERGE_REQUEST_DIFF_BASE_SHA",
    "CI_MERGE_REQUEST_EVENT_TYPE", "work", "code", "number",
}  # fmt: skip


@pytest.fixture(scope="module")
def schema() -> Draft7Validator:
    """GitLab's, without its descriptions."""
    return Draft7Validator(json.loads((Path(__file__).parent / "schema" / "gitlab-ci.json").read_text()))


def test_the_file_is_one_by_gitlabs_own_schema(schema: Draft7Validator) -> None:
    assert not [error.message for error in schema.iter_errors(pipeline())]


def test_the_schema_would_say_so(schema: Draft7Validator) -> None:
    wrong = deepcopy(pipeline())
    wrong["plan"]["environment"]["action"] = "look"
    assert list(schema.iter_errors(wrong))


def test_only_what_plans_and_applies_has_secrets_and_each_its_own() -> None:
    asked = {name: (job(name).get("environment"), "id_tokens" in job(name)) for name in JOBS}
    looks = {"name": "sfdd-plan", "action": "verify"}
    assert asked == {
        "validate": (None, False),
        "plan": (looks, True),
        "apply": ({"name": "sfdd-apply"}, True),
        "drift": (looks, True),
    }
    assert job("apply")["resource_group"] == "sfdd-crm-production"


def test_forks_are_validated_and_not_planned() -> None:
    (validate,), (plan,) = job("validate")["rules"], job("plan")["rules"]
    assert validate["if"] == '$CI_PIPELINE_SOURCE == "merge_request_event"'
    assert plan["if"] == f"{validate['if']} && $CI_MERGE_REQUEST_SOURCE_PROJECT_ID == $CI_PROJECT_ID"


@pytest.mark.parametrize("name", JOBS)
def test_scripts_read_nothing_that_strangers_choose_and_quote_what_they_read(name: str) -> None:
    script = "\n".join(job(name)["script"])
    assert set(re.findall(r"\$\{?(\w+)", script.replace("code=$?", ""))) <= ALLOWED
    outside = re.sub(r"'[^']*'|\"[^\"]*\"", "", script.replace("code=$?", ""))
    assert [*re.findall(r"\$.*", outside)] in ([], ["$(mktemp -d)"], ["$(mktemp -d)", "$(python3 ci/approved.py   )"])


def test_validate_writes_the_report_that_gitlab_is_told_of(machine: Machine) -> None:
    machine.sfdd(0, None)
    assert machine.run("validate").code == 0
    (report,) = job("validate")["artifacts"]["reports"].values()
    assert (machine.checkout / report).read_text() == "[]"
    assert "--format\ngitlab" in machine.kept("arguments")


def test_validate_fails_with_sfdd(machine: Machine) -> None:
    machine.sfdd(1, None)
    assert machine.run("validate").code == 1


def _shown(machine: Machine) -> list[str]:
    """The last lines of the notes under !7, each of which says which commit it is about."""
    bodies = [one["body"].splitlines() for one in machine.lab.notes[7]]
    url = "https://gitlab.example/acme/crm/-/jobs/1"
    assert all(lines[1:3] == ["", f"Commit `{machine.head[:8]}` · [job]({url})"] for lines in bodies)
    return [lines[-1] for lines in bodies]


def test_a_plan_is_judged_by_its_base_kept_and_shown(checkout: Machine) -> None:
    checkout.sfdd(0, body("plan", "1 to add"))
    assert checkout.plan().code == 0
    assert checkout.kept("base") == "base"
    assert checkout.kept("jwt") == f"jwt-{CANARY}"
    (kept,) = job("plan")["artifacts"]["paths"]
    for name, value in {**pipeline()["variables"], "CI_COMMIT_SHA": checkout.head}.items():
        kept = kept.replace(f"${name}", value)
    assert (checkout.checkout / kept).read_text() == "the plan"
    assert _shown(checkout) == ["1 to add"]


def test_a_plan_edits_its_note(checkout: Machine) -> None:
    for text in ("1 to add", "2 to add"):
        checkout.sfdd(0, body("plan", text))
        assert checkout.plan().code == 0
    assert _shown(checkout) == ["2 to add"]


def test_a_plan_that_fails_is_shown_and_fails(checkout: Machine) -> None:
    checkout.sfdd(1, body("plan", "No plan", state="failed"))
    assert checkout.plan().code == 1
    assert "No plan" in checkout.lab.notes[7][0]["body"]


def test_a_note_that_cannot_be_written_leaves_the_plan_as_it_is(checkout: Machine) -> None:
    checkout.lab.refusal = ("POST .*/notes", 403)
    checkout.sfdd(0, body("plan", "1 to add"))
    ended = checkout.plan()
    assert ended.code == 0
    assert "GitLab answered 403 to POST" in ended.err


def test_a_pipeline_of_merged_results_is_refused(checkout: Machine) -> None:
    checkout.sfdd(0, body("plan", "1 to add"))
    assert checkout.plan(CI_MERGE_REQUEST_EVENT_TYPE="merged_result").code == 1
    assert not (checkout.folder / "arguments").exists()


def _post(machine: Machine, text: str, *more: str) -> str:
    """Post a body under !7. Returns what stands there of it."""
    path = machine.folder / "note.md"
    path.write_text(text)
    ended = machine.script("note.py", "merge-request", str(path), "--env", "production", *more, **ALONE)
    assert ended.code == 0, ended.err
    return str(machine.lab.notes[7][-1]["body"])


@pytest.mark.parametrize(
    "there",
    [
        {"author": STRANGER, "body": body("plan", "forged")},
        {"author": BOT, "body": body("plan", "of the system"), "system": True},
        {"author": BOT, "body": body("plan", "another", env="staging")},
        {"author": BOT, "body": body("plan", "another", config="erp")},
        {"author": BOT, "body": body("drift", "another")},
        {"author": BOT, "body": f"Quoted:\n{body('plan', 'below the first line')}"},
        {"author": BOT, "body": "<!-- sfdd {no json} -->\n"},
    ],
)
def test_what_is_not_ours_is_left_alone(machine: Machine, there: dict[str, Any]) -> None:
    before = dict(machine.lab.note(7, **there))
    assert _post(machine, body("plan", "1 to add")) == body("plan", "1 to add")
    assert machine.lab.notes[7][0] == before


@pytest.mark.parametrize("has_counters", [True, False])
def test_our_note_is_found_on_a_later_page(machine: Machine, has_counters: bool) -> None:
    machine.lab.has_counters = has_counters
    machine.lab.note(7, body("plan", "before"))
    for number in range(5):
        machine.lab.note(7, f"{number}", STRANGER)
    _post(machine, body("plan", "after"))
    assert [one["body"] for one in machine.lab.notes[7] if one["author"]["id"] == BOT] == [body("plan", "after")]


def test_a_note_never_has_more_than_a_million_characters(machine: Machine) -> None:
    posted = _post(machine, body("plan", "ä" * 1_100_000))
    assert len(posted) == 1_000_000
    assert "Shortened" in posted[-60:]


@pytest.mark.parametrize("status", [302, 500])
def test_a_list_that_cannot_be_had_posts_nothing_and_says_nothing_of_the_answer(machine: Machine, status: int) -> None:
    machine.lab.refusal = ("GET .*/notes", status)
    (machine.folder / "note.md").write_text(body("plan", "1 to add"))
    words = ("note.py", "merge-request", str(machine.folder / "note.md"), "--merged", "7")
    ended = machine.script(*words)
    assert (ended.code, ended.out) == (1, "")
    assert ended.err == f"note.py: GitLab answered {status} to GET /projects/77/merge_requests/7/notes.\n"
    assert not machine.lab.writes()


def test_an_answer_in_another_form_posts_nothing(machine: Machine) -> None:
    machine.lab.notes[7] = [{"id": 1, "text": "canary"}]
    (machine.folder / "note.md").write_text(body("plan", "1 to add"))
    ended = machine.script("note.py", "merge-request", str(machine.folder / "note.md"), "--merged", "7")
    assert (ended.code, "(KeyError)" in ended.err) == (1, True)
    assert not machine.lab.writes()


def test_no_line_of_a_note_is_a_quick_action(machine: Machine) -> None:
    posted = _post(machine, body("plan", "/merge\n  /close\nA/B"))
    assert posted.splitlines()[2:] == [r"\/merge", r"  \/close", "A/B"]


def test_what_is_no_markdown_of_ours_is_not_posted(machine: Machine) -> None:
    ended = machine.script("note.py", "merge-request", "nowhere.md", CI_MERGE_REQUEST_IID="7")
    assert (ended.code, ended.err) == (1, "note.py: sfdd wrote no Markdown to post.\n")
    assert not machine.lab.seen


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({"SFDD_GITLAB_TOKEN": ""}, "SFDD_GITLAB_TOKEN is not set"),
        ({"SFDD_GITLAB_TOKEN": f"{TOKEN}\n"}, "SFDD_GITLAB_TOKEN is no token"),
        ({"CI_API_V4_URL": "http://gitlab.example/api/v4"}, "not an https address"),
        ({"CI_PROJECT_ID": "../1"}, "CI_PROJECT_ID is not set"),
    ],
)
def test_no_token_goes_astray(machine: Machine, environ: dict[str, str], said: str) -> None:
    ended = machine.script("note.py", "merge-request", "nowhere.md", **environ)
    assert ended.code == 1
    assert said in ended.err


def _apply(machine: Machine, code: int = 0, markdown: str | None = None) -> Any:
    machine.sfdd(code, markdown or body("apply", "1 added", env=None))
    return machine.run("apply", CI_COMMIT_SHA=MERGE, CI_COMMIT_BRANCH="main")


@pytest.mark.parametrize("merge", ["merge_commit_sha", "squash_commit_sha"])
def test_a_merge_applies_the_plan_of_its_last_commit(machine: Machine, merge: str) -> None:
    machine.lab.merged(7, HEAD, "", **{merge: MERGE})
    machine.lab.planned(7, HEAD, NAME, b"reviewed")
    machine.lab.note(7, body("plan", "1 to add"))
    assert _apply(machine).code == 0
    assert machine.kept("applied") == "reviewed"
    assert "--env" not in machine.kept("arguments")
    (note,) = machine.lab.notes[7]
    assert note["body"].index('"env":"production"') < note["body"].index("1 added") < note["body"].index("1 to add")


def test_an_apply_that_is_repeated_keeps_the_plan_below_it(machine: Machine) -> None:
    machine.lab.merged(7, HEAD, MERGE)
    machine.lab.planned(7, HEAD, NAME, b"reviewed")
    machine.lab.note(7, body("plan", "1 to add"))
    assert _apply(machine, 6).code == 6
    assert _apply(machine, 1, body("plan", "failed", env=None, state="failed")).code == 1
    assert _apply(machine).code == 0
    (note,) = machine.lab.notes[7]
    assert [note["body"].count(text) for text in ("1 added", "failed", "1 to add", "<details>")] == [1, 0, 1, 1]


def test_of_a_pipeline_that_was_repeated_the_newest_counts(machine: Machine) -> None:
    machine.lab.merged(7, HEAD, MERGE)
    machine.lab.planned(7, HEAD, NAME, b"first")
    machine.lab.planned(7, HEAD, NAME, b"second")
    assert _apply(machine).code == 0
    assert machine.kept("applied") == "second"


def test_the_store_of_artifacts_is_sent_no_token(machine: Machine) -> None:
    machine.lab.has_store = True
    machine.lab.merged(7, HEAD, MERGE)
    machine.lab.planned(7, HEAD, NAME, b"reviewed")
    assert _apply(machine).code == 0
    (asked,) = [one for one in machine.lab.seen if one.path.startswith("/store/")]
    assert "private-token" not in asked.headers


def _planned(**more: Any) -> Callable[[Lab], None]:
    def act(lab: Lab) -> None:
        lab.merged(7, HEAD, MERGE)
        lab.planned(7, HEAD, NAME, b"reviewed", **more)

    return act


def _merged(**more: Any) -> Callable[[Lab], None]:
    def act(lab: Lab) -> None:
        lab.merged(7, HEAD, MERGE, **more)
        lab.planned(7, HEAD, NAME, b"reviewed")

    return act


def _two_requests(lab: Lab) -> None:
    lab.merged(7, HEAD, MERGE)
    lab.merged(8, OTHER, MERGE)


def _no_job(lab: Lab) -> None:
    lab.merged(7, HEAD, MERGE)
    lab.jobs[lab.planned(7, HEAD, NAME, b"reviewed")].pop()


def _no_file(lab: Lab) -> None:
    lab.merged(7, HEAD, MERGE)
    lab.planned(7, HEAD, f"sfdd-plan-crm-production-{OTHER}.sfddplan", b"reviewed")
    lab.note(7, body("plan", NAME))


@pytest.mark.parametrize(
    ("arrange", "said"),
    [
        (lambda lab: None, "the merge of no merge requests"),
        (_two_requests, "the merge of 2 merge requests"),
        (_merged(state="opened"), "the merge of no merge requests"),
        (_merged(target_branch="release"), "the merge of no merge requests"),
        (_merged(source=PROJECT + 1), "!7 came from a fork"),
        (_planned(sha=OTHER), "No pipeline of !7"),
        (_planned(status="failed"), "No pipeline of !7"),
        (_planned(source="push"), "No pipeline of !7"),
        (_planned(project_id=PROJECT + 1), "No pipeline of !7"),
        (_planned(ref="refs/merge-requests/8/head"), "No pipeline of !7"),
        (_no_job, "has no jobs that planned"),
        (_no_file, "has no plan file, or it expired"),
    ],
)
def test_without_the_reviewed_plan_nothing_is_applied(
    machine: Machine, arrange: Callable[[Lab], None], said: str
) -> None:
    machine.lab.has_filters = False  # nothing is believed to be narrowed as asked
    arrange(machine.lab)
    ended = _apply(machine)
    assert ended.code == 3
    assert said in ended.err
    assert not (machine.folder / "arguments").exists()
    assert not machine.lab.writes()


@pytest.mark.parametrize("has_store", [True, False])
def test_a_plan_file_that_is_too_large_is_refused(machine: Machine, has_store: bool) -> None:
    machine.lab.has_store = has_store
    machine.lab.merged(7, HEAD, MERGE)
    machine.lab.planned(7, HEAD, NAME, b"x" * 1001)
    words = ("approved.py", "crm", "production", str(machine.folder / "fetched"), "--most")
    ran = {
        most: machine.script(*words, most, CI_COMMIT_SHA=MERGE, CI_COMMIT_BRANCH="main") for most in ("1000", "1001")
    }
    assert (ran["1000"].code, ran["1000"].out) == (3, "")
    assert "more than 1,000 bytes" in ran["1000"].err
    assert (ran["1001"].code, ran["1001"].out) == (0, "7\n")
    assert sorted(path.name for path in machine.folder.glob("fetched*")) == ["fetched"]


def test_gitlab_that_refuses_is_no_missing_plan(machine: Machine) -> None:
    machine.lab.refusal = ("GET .*/pipelines", 500)
    machine.lab.merged(7, HEAD, MERGE)
    assert _apply(machine).code == 1


def _drift(machine: Machine, code: int, text: str = "1 thing", fingerprint: str = "f1") -> Any:
    machine.sfdd(code, body("drift", text, fingerprint=fingerprint) if code != 1 else None)
    return machine.run("drift")


def test_drift_opens_an_issue_edits_it_and_closes_it(machine: Machine) -> None:
    for text in ("1 thing", "1 thing, a day later"):
        assert _drift(machine, 2, text).code == 0
    (issue,) = machine.lab.issues
    assert (issue["title"], issue["labels"]) == ("sfdd drift: crm · production", ["sfdd-drift"])
    assert (issue["state"], "a day later" in issue["description"]) == ("opened", True)
    assert not machine.lab.issue_notes

    assert _drift(machine, 2, "2 things", "f2").code == 0
    assert _drift(machine, 0).code == 0
    assert issue["state"] == "closed"
    said = [one["body"] for one in machine.lab.issue_notes[issue["iid"]]]
    assert said == ["Another set than before is changed by hand.", "Nothing is changed by hand any more."]


def test_drift_that_comes_back_opens_its_issue_again(machine: Machine) -> None:
    issue = machine.lab.issue(body("drift", "1 thing"), state="closed")
    assert _drift(machine, 2).code == 0
    assert (issue["state"], len(machine.lab.issues)) == ("opened", 1)


def test_no_drift_and_no_issue_writes_nothing(machine: Machine) -> None:
    assert _drift(machine, 0).code == 0
    assert not machine.lab.writes()


@pytest.mark.parametrize("code", [1, 4])
def test_a_look_that_failed_closes_nothing_and_fails(machine: Machine, code: int) -> None:
    issue = machine.lab.issue(body("drift", "1 thing"))
    assert _drift(machine, code).code == code
    assert issue["state"] == "opened"
    assert not machine.lab.writes()


@pytest.mark.parametrize("has_filters", [True, False])
def test_an_issue_of_somebody_else_is_left_alone(machine: Machine, has_filters: bool) -> None:
    machine.lab.has_filters = has_filters
    forged = machine.lab.issue(body("drift", "forged"), STRANGER)
    other = machine.lab.issue(body("drift", "another", env="staging"))
    assert _drift(machine, 2).code == 0
    assert _drift(machine, 0).code == 0
    assert (forged["state"], other["state"], machine.lab.issues[2]["state"]) == ("opened", "opened", "closed")
    assert "forged" in forged["description"]


def test_drift_that_nobody_could_be_told_of_fails(machine: Machine) -> None:
    machine.lab.refusal = ("POST .*/issues", 403)
    assert _drift(machine, 2).code == 1


def test_the_real_report_names_files_as_the_repository_does(tmp_path: Path) -> None:
    with Running(tmp_path / "sandbox.db") as running:
        stage = Stage(tmp_path / "crm", running)
        stage.folder.mkdir()
        (tmp_path / ".git").mkdir()  # as in a checkout
        stage.write(replace=("removals: managed", "removals: sometimes"))
        ran = Stage(tmp_path, running).sfdd("validate", "-C", "crm", "--format", "gitlab")
        stage.write(CONFIG)
        clean = Stage(tmp_path, running).sfdd("validate", "-C", "crm", "--format", "gitlab")
    (found,) = json.loads(ran.out)
    assert ran.code == 1
    assert found["location"]["path"] == "crm/sfdd.yaml"
    assert {"description", "check_name", "fingerprint", "severity", "location"} == set(found)
    assert (clean.code, json.loads(clean.out)) == (0, [])
