"""`validate --format`: each problem in each format, the exit codes of the text, and nothing else on stdout."""

from __future__ import annotations

import json
import sys

import pytest

from sfdd_declare.cli.main import main
from tests.unit.app.test_findings import HEAD, ODD, WRONG
from tests.unit.render.findings import command_of

FORMATS = ["sarif", "gitlab", "github"]
HOSTILE = """"::add-mask::x\\n::error::y": 1
"##[stop-commands]z": 2
campaigns:
  "%0A::set-env name=PATH::w": {name: A}
links:
  - {campaign: "\\n::error::v", address_book: "\\r::warning::u"}
"""


def validated(folder, format, *more):
    line = ["validate", "-C", str(folder), "--format", format, *more]
    return main(line, environ={}, stdin=sys.stdin)


def problems(format, text):
    """Rule and line of each problem in a document."""
    if format == "sarif":
        (run,) = json.loads(text)["runs"]
        places = [(each, each["locations"][0]["physicalLocation"]["region"]) for each in run["results"]]
        return sorted((each["ruleId"], region["startLine"]) for each, region in places)
    if format == "gitlab":
        return sorted((each["check_name"], each["location"]["lines"]["begin"]) for each in json.loads(text))
    found = [command_of(line)[1] for line in text.splitlines()]
    return sorted((each["title"], int(each["line"])) for each in found)


CASES = {
    "errors": (HEAD + WRONG, 1, [("SFDD-E1101", 8), ("SFDD-E1101", 16), ("SFDD-E1202", 13), ("SFDD-E1203", 15)]),
    "warnings": (
        HEAD + ODD,
        0,
        [("SFDD-W1202", 7), ("SFDD-W1203", 10), ("SFDD-W1205", 11), ("SFDD-W1205", 11), ("SFDD-W1210", 12)],
    ),
    "broken": ("a: [\n", 1, [("SFDD-E1007", 2)]),
    "nothing": (HEAD, 0, []),
}


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_every_problem_is_in_each_format_and_the_exit_code_is_that_of_the_text(format, case, tmp_path, capsys):
    text, code, expected = case
    (tmp_path / "sfdd.yaml").write_text(text, encoding="utf-8")
    assert validated(tmp_path, "text") == code
    capsys.readouterr()
    assert validated(tmp_path, format) == code
    assert problems(format, capsys.readouterr().out) == expected


@pytest.mark.parametrize("format", FORMATS)
def test_no_line_on_either_stream_is_a_command_of_a_stranger(format, tmp_path, capsys):
    (tmp_path / "sfdd.yaml").write_text(HEAD + HOSTILE, encoding="utf-8")
    assert validated(tmp_path, format) == 1
    shown = capsys.readouterr()
    assert len(problems(format, shown.out)) >= 4
    found = [command_of(line) for line in (shown.out + shown.err).splitlines()]
    titles = [each[1].get("title", "") for each in found if each]
    assert all(title.startswith("SFDD-E1") for title in titles)
    assert bool(titles) == (format == "github")


@pytest.mark.parametrize(("format", "said"), [("sarif", "4 errors."), ("gitlab", "4 errors."), ("github", "")])
def test_stderr_says_how_many_errors_a_file_holds(format, said, tmp_path, capsys):
    (tmp_path / "sfdd.yaml").write_text(HEAD + WRONG, encoding="utf-8")
    validated(tmp_path, format)
    assert capsys.readouterr().err.startswith(said)


def test_two_documents_on_one_stdout_are_refused(tmp_path, capsys):
    assert validated(tmp_path, "sarif", "--json") == 1
    (failure,) = json.loads(capsys.readouterr().out)["errors"]
    assert (failure["id"], failure["hint"]) == ("SFDD-E9041", "sfdd validate --format sarif")


def test_a_wrong_command_line_is_no_finding(tmp_path, capsys):
    assert validated(tmp_path, "sarif", "--var", "name") == 1
    shown = capsys.readouterr()
    assert (shown.out, "SFDD-E9021" in shown.err) == ("", True)
    assert validated(tmp_path, "html") == 1
    assert "SFDD-E9005" in capsys.readouterr().err
