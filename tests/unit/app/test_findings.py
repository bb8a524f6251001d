"""What `validate` finds, at places in the repository, and about things that stay themselves when lines move."""

from __future__ import annotations

from pathlib import Path

import pytest

from sfdd_declare.app.findings import findings
from sfdd_declare.app.options import Options
from sfdd_declare.model.finding import Level
from sfdd_declare.render.machine.findings import fingerprints

HEAD = """version: 1
salesforce:
  auth: {method: jwt, client_id: "${env:A}", username: i@acme.example, private_key: "${env:B}"}
dotdigital:
  accounts:
    main: {user: "${env:C}", password: "${env:D}"}
"""
WRONG = """campaigns:
  spring: {name: Spring, colour: red}
address_books:
  news: {account: main, name: News}
links:
  - {campaign: spring, address_book: news}
  - {campaign: autumn, address_book: news}
  - campaign: spring
    address_book: olds
linkz: []
"""
ODD = """campaigns: {a: {name: A, members: {leads: {emails: [ada@acme.example]}}}}
address_books: {b: {account: main, name: B}}
links:
  - {campaign: a, address_book: b, schedule: every 15 minutes}
guards: {protect: [campaign.x, campaign.y]}
matching: {email: two_way}
"""


@pytest.fixture
def repository(tmp_path):
    """A clone whose `.git` is a file, as in a worktree."""
    (tmp_path / ".git").write_text("gitdir: elsewhere\n", encoding="utf-8")
    (tmp_path / "crm").mkdir()
    return tmp_path


def written(repository, text, name="crm/sfdd.yaml"):
    file = repository / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


def found(folder, **options):
    return findings(Options(folder, **options)).found


def marks(folder):
    checked = found(folder)
    return dict(zip(((each.rule, each.summary) for each in checked), fingerprints(checked), strict=True))


def test_places_are_paths_from_the_root_of_the_repository(repository, monkeypatch):
    written(repository, HEAD + WRONG)
    monkeypatch.chdir(repository / "crm")
    shown = [
        {(each.file, each.line, each.col) for each in found(folder)}
        for folder in (Path("."), Path("../crm"), repository / "crm", Path("sfdd.yaml"))
    ]
    assert shown[0] == {("crm/sfdd.yaml", 8, 26), ("crm/sfdd.yaml", 13, 16), ("crm/sfdd.yaml", 15, 19)} | {
        ("crm/sfdd.yaml", 16, 1)
    }
    assert shown[1:] == shown[:1] * 3


def test_without_a_repository_they_are_paths_from_the_configuration(tmp_path):
    written(tmp_path, HEAD + WRONG)
    assert {each.file for each in found(tmp_path / "crm")} == {"sfdd.yaml"}


def test_fingerprints_stay_when_lines_are_inserted_anywhere_above(repository):
    written(repository, HEAD + WRONG)
    before = marks(repository / "crm")
    more = "# a comment\n" + HEAD.replace("  auth:", "  api_version: '66.0'\n  auth:") + WRONG
    more = more.replace(
        "  spring: {name: Spring, ", "  winter: {name: Winter}\n  spring: {status: Planned, name: Spring, "
    )
    more = more.replace("links:\n", "links:\n  - {campaign: winter, address_book: news}\n")
    written(repository, more)
    assert len(before) == 4
    assert marks(repository / "crm") == before


def test_what_an_entry_lacks_is_about_the_entry_whatever_its_first_key_is(repository):
    things = "campaigns: {a: {name: A}}\nlinks:\n"
    written(repository, HEAD + things + "  - campaign: a\n    schedule: manual\n")
    before = marks(repository / "crm")
    written(repository, HEAD + things + "  - schedule: manual\n    campaign: a\n")
    assert [rule for rule, _ in before] == ["SFDD-E1102"]
    assert marks(repository / "crm") == before


def test_problems_of_one_rule_at_one_address_differ(repository):
    written(repository, HEAD + "campaigns:\n  a: {name: A, existing: {name: B, id: c}, x: 1, y: 2}\n")
    checked = found(repository / "crm")
    assert len(set(fingerprints(checked))) == len(checked) > 1


def test_warnings_and_what_is_not_carried_out_are_findings_too(repository):
    written(repository, HEAD + ODD)
    result = findings(Options(repository / "crm"))
    assert result.error is None
    shown = [(each.rule, each.level, each.line) for each in result.found]
    assert shown == [
        ("SFDD-W1202", Level.WARNING, 7),
        ("SFDD-W1203", Level.WARNING, 10),
        ("SFDD-W1205", Level.WARNING, 11),
        ("SFDD-W1205", Level.WARNING, 11),
        ("SFDD-W1210", Level.NOTE, 12),
    ]
    assert "sfdd.yaml" not in "".join(each.summary for each in result.found)  # the place says where
    assert len(set(fingerprints(result.found))) == 5


@pytest.mark.parametrize(
    ("text", "line"), [("a: [\n", 2), ("a:\n\t- b\n", 2), ("- a\n", 1), ("a: !x b\n", 1)], ids=repr
)
def test_yaml_that_cannot_be_read_is_a_finding_of_the_file(repository, text, line):
    written(repository, text)
    (only,) = found(repository / "crm")
    assert (only.file, only.line, only.subject) == ("crm/sfdd.yaml", line, ("crm/sfdd.yaml",))


@pytest.mark.parametrize(
    ("folder", "file"),
    [("crm", "crm/sfdd.yaml"), ("absent", "absent/sfdd.yaml"), ("absent.yaml", "absent.yaml")],
    ids=["empty", "absent", "absent file"],
)
def test_what_is_in_no_file_sits_on_the_first_line_of_the_main_one(repository, folder, file):
    (only,) = found(repository / folder)
    assert (only.rule, only.file, only.line, only.col) == ("SFDD-E1001", file, 1, 1)


def test_the_main_file_of_a_folder_without_the_usual_one_is_its_first(repository):
    written(repository, HEAD, "crm/main.yaml")
    written(repository, "campaigns: {}\n", "crm/things.yaml")
    (only,) = found(repository / "crm", env="nowhere")
    assert (only.rule, only.file, only.line) == ("SFDD-E1003", "crm/main.yaml", 1)


def test_a_file_that_cannot_be_read_is_the_place_itself(repository):
    written(repository, HEAD)
    written(repository, "campaigns:\n  a: {name: A}\n", "crm/more.yaml").write_bytes(b"a: \xff\n")
    (only,) = found(repository / "crm")
    assert (only.file, only.line, only.col) == ("crm/more.yaml", 1, 4)


def test_a_line_of_a_member_file_is_a_place(repository):
    written(repository, "Email\nada@acme.example\nnobody\n", "crm/leads.csv")
    text = "campaigns: {a: {name: A, members: {leads: {file: leads.csv}}}}\n"
    written(repository, HEAD + text)
    (only,) = found(repository / "crm")
    assert (only.rule, only.file, only.line) == ("SFDD-E1241", "crm/leads.csv", 3)


def test_a_file_outside_the_repository_is_shown_at_the_main_one(repository, tmp_path_factory):
    secrets = tmp_path_factory.mktemp("secrets")
    (secrets / "leads.csv").write_text("Email\nnobody\n", encoding="utf-8")
    text = f"campaigns: {{a: {{name: A, members: {{leads: {{file: {secrets}/leads.csv}}}}}}}}\n"
    written(repository, HEAD + text)
    (only,) = found(repository / "crm", environ={"SFDD_SECRETS_DIR": str(secrets)})
    assert (only.rule, only.file, only.line) == ("SFDD-E1241", "crm/sfdd.yaml", 1)


@pytest.mark.parametrize(
    ("folder", "env", "scope"),
    [(".", None, ()), ("crm", None, ("crm",)), ("crm/sfdd.yaml", "staging", ("crm", "staging"))],
)
def test_the_scope_says_which_configuration_of_a_repository_was_checked(repository, folder, env, scope):
    written(repository, HEAD)
    written(repository, HEAD, "sfdd.yaml")
    written(repository, "guards: {max_new_records: 3}\n", "crm/env/staging.yaml")
    assert findings(Options(repository / folder, env=env)).scope == scope


def test_a_value_of_a_secret_is_in_no_text(repository):
    text = HEAD.replace('"${env:D}"', "[hunter2]").replace('"${env:B}"', "{hunter2: hunter2}")
    written(repository, text)
    assert len(found(repository / "crm")) == 2
    assert [each for each in found(repository / "crm") if "hunter2" in each.summary + each.hint] == []
