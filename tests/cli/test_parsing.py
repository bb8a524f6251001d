"""Flags become options; mistakes become one clear message with an id and what was probably meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from sfdd_declare.cli.use_cases import ClockChange
from tests.cli.surroundings import Asked, run
from tests.golden import cases


@pytest.fixture
def asked():
    return Asked({"plan": cases.empty(), "schema": "{}", "unlock": "nobody", "resources": (), "sandbox_switch": {}})


def test_every_flag_of_plan_reaches_the_use_case(asked):
    code = run(
        *("plan", "-C", "config", "--env", "staging", "--var", "a=1", "--var", "b=x=y", "--var", "c="),
        *("--target", "campaign.x", "--target", "link.x.y", "--exclude", "address_book.z"),
        *("--allow", "replace,protect", "--allow", "max_removals", "--samples", "7"),
        *("--lock-timeout", "2.5", "--parallelism", "2"),
        asked=asked,
        environ={"DD_USER": "u"},
    )
    options = asked.options
    assert code == 0
    assert options.folder == Path("config")
    assert options.env == "staging"
    assert dict(options.variables) == {"a": "1", "b": "x=y", "c": ""}
    assert options.environ == {"DD_USER": "u"}
    assert options.targets == ("campaign.x", "link.x.y")
    assert options.excludes == ("address_book.z",)
    assert options.allow == {"replace", "protect", "max_removals"}
    assert options.samples == 7
    assert options.lock_timeout == 2.5
    assert options.parallelism == 2
    assert options.expect is None


def test_defaults_of_plan(asked):
    run("plan", asked=asked)
    options = asked.options
    assert (options.folder, options.env, options.samples, options.lock_timeout) == (Path("."), None, 5, 0.0)
    assert (options.targets, options.excludes, options.allow) == ((), (), frozenset())


def test_the_token_reaches_apply(asked):
    asked.answers["apply"] = cases.complete()
    assert run("apply", "--auto-approve", "--expect", "3f9c:1.2.3.4", asked=asked) == 0
    assert asked.options.expect == "3f9c:1.2.3.4"


def test_secrets_of_the_environment_do_not_show_in_the_repr_of_options(asked):
    run("plan", asked=asked, environ={"DD_PASSWORD": "hunter2"})
    assert "hunter2" not in repr(asked.options)


@pytest.mark.parametrize(
    ("line", "id", "said"),
    [
        ("plna", "SFDD-E9003", "did you mean `sfdd plan`?"),
        ("sandbox clokc", "SFDD-E9003", "did you mean `sfdd sandbox clock`?"),
        ("nothing-like-it", "SFDD-E9003", "sfdd --help"),
        ("plan --detailed-exit", "SFDD-E9002", "did you mean `--detailed-exitcode`?"),
        ("apply --auto-aprove", "SFDD-E9002", "did you mean `--auto-approve`?"),
        ("--versoin", "SFDD-E9002", "did you mean `--version`?"),
        ("plan --zzz", "SFDD-E9002", "sfdd plan --help"),
        ("plan --env", "SFDD-E9001", "--env"),
        ("plan extra", "SFDD-E9001", "extra"),
        ("registry package", "SFDD-E9004", "--zip"),
        ("plan --samples many", "SFDD-E9005", "--samples"),
        ("plan --samples -1", "SFDD-E9005", "--samples"),
        ("plan --parallelism 0", "SFDD-E9005", "--parallelism"),
        ("plan --lock-timeout soon", "SFDD-E9005", "--lock-timeout"),
        ("sandbox edit salesforc Contact x a=b", "SFDD-E9005", "salesforce"),
        ("plan --allow max_overwrite", "SFDD-E9020", "did you mean `--allow max_overwrites`?"),
        ("plan --allow replace,xyzzy", "SFDD-E9020", "max_removals"),
        ("plan --var novalue", "SFDD-E9021", "--var NAME=VALUE"),
        ("plan --var =x", "SFDD-E9021", "--var NAME=VALUE"),
        ("plan --target campain.x", "SFDD-E9022", "did you mean `--target campaign.x`?"),
        ("plan --target campaign", "SFDD-E9022", "campaign"),
        ("plan --exclude link..y", "SFDD-E9022", "--exclude"),
    ],
)
def test_a_mistake_is_one_message_with_id_and_hint_and_exit_1(line, id, said, asked, capsys):
    assert run(*line.split(), asked=asked) == 1
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith(f"Error {id}: ")
    assert said in " ".join(shown.err.split())
    assert "Hint: " in shown.err
    assert "Traceback" not in shown.err
    assert asked.calls == []


def test_personal_data_is_refused_when_stdout_is_no_terminal(asked, capsys):
    assert run("plan", "--show-personal-data", asked=asked) == 1
    assert "SFDD-E9023" in capsys.readouterr().err
    assert asked.calls == []


def test_package_and_schema_and_unlock_call_their_use_case(asked, capsys):
    assert run("registry", "package", "--zip", "x.zip", asked=asked) == 0
    assert run("schema", asked=asked) == 0
    assert run("unlock", "-C", "config", asked=asked) == 0
    assert run("state", "list", asked=asked) == 0
    assert [call[0] for call in asked.calls] == ["package", "schema", "unlock", "resources"]
    assert asked.calls[0][1] == Path("x.zip")
    assert asked.calls[2][1].folder == Path("config")
    assert "{}" in capsys.readouterr().out.splitlines()


def test_sandbox_commands_call_their_use_case(asked, capsys):
    lines = (
        "sandbox serve --world w.db --salesforce-port 8001 --dotdigital-port 8002",
        "sandbox seed --people 5 --seed 3",
        "sandbox reset --world w.db",
        "sandbox edit salesforce Contact ada@example.com Title=Head Phone= --world http://localhost:1",
        "sandbox switch --mode lucky overlong=cut",
        "sandbox clock --advance 900 --freeze",
        "sandbox history ada@example.com --system salesforce --last 3",
        "sandbox log",
    )
    asked.answers["sandbox_history"] = asked.answers["sandbox_log"] = ("a line",)
    asked.answers["sandbox_edit"] = "done"
    asked.answers["sandbox_clock"] = "now"
    asked.answers["sandbox_switch"] = {"overlong": "cut"}
    assert [run(*line.split(), asked=asked) for line in lines] == [0] * 8
    serve, seed, reset, edit, switch, clock, history, log = asked.calls
    assert history[1:] == (".sfdd/sandbox.db", "ada@example.com", "salesforce", 3)
    assert log[1:] == (".sfdd/sandbox.db", None, 50)
    assert serve[1:4] == (Path("w.db"), 8001, 8002)
    assert seed[1:] == (Path(".sfdd/sandbox.db"), 5, 3)
    assert reset[1:] == (Path("w.db"),)
    assert edit[1:] == (
        "http://localhost:1",
        "salesforce",
        "Contact",
        "ada@example.com",
        {"Title": "Head", "Phone": ""},
    )
    assert switch[1:] == (".sfdd/sandbox.db", "lucky", {"overlong": "cut"})
    assert clock[1:] == (".sfdd/sandbox.db", ClockChange(900.0, None, True))
    assert "overlong=cut" in capsys.readouterr().out


def test_demo_returns_its_exit_code(asked):
    asked.answers["demo"] = 6
    assert run("demo", "--keep", asked=asked) == 6
    assert asked.calls[0][1] is True


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("destroy", "on_destroy: delete"),
        ("import", "import: [{to: "),
        ("init", "sfdd state init"),
        ("pln", "did you mean `sfdd plan`?"),
    ],
)
def test_a_command_of_another_tool_says_what_does_it_here(word, hint, capsys):
    assert run(word) == 1
    assert hint in " ".join(capsys.readouterr().err.split())
