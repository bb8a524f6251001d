"""Two configurations on disk: whose limits judge, what the base is read for, and what is wrong with it."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from sfdd_declare.app.drift import ignored_lines
from sfdd_declare.app.options import Options
from sfdd_declare.app.validate import configuration
from sfdd_declare.config.base import read_base
from sfdd_declare.config.interpolate import NOT_SET
from sfdd_declare.model.declared import Desired, DoubleOptIn, Limit, OnDestroy
from sfdd_declare.model.errors import ErrorList
from tests.unit.config.builders import ACCOUNT, ENVIRON, write

HEAD = f"version: 1\ndotdigital: {{accounts: {{main: {ACCOUNT}}}}}\n"
BOOK = "address_books: {{vip: {{name: Vip{}}}}}\n"


def options(tmp_path: Path, base: dict[str, str] | str, proposed: dict[str, str] | str) -> Options:
    for name, files in (("base", base), ("proposed", proposed)):
        write(tmp_path / name, {"sfdd.yaml": HEAD + files} if isinstance(files, str) else files)
    return Options(tmp_path / "proposed", base=tmp_path / "base", environ=ENVIRON)


def judged(tmp_path: Path, base: dict[str, str] | str, proposed: dict[str, str] | str) -> Desired:
    return configuration(options(tmp_path, base, proposed))


def said(desired: Desired) -> list[tuple[str, str, str, str]]:
    return [(one.name, one.base, one.proposed, one.judged) for one in desired.loosened]


def test_the_stricter_of_both_guards_judges(tmp_path: Path) -> None:
    desired = judged(
        tmp_path,
        "guards: {max_removals: 5%, max_overwrites: 20%}\n",
        "guards: {max_removals: 50%, max_overwrites: 1%, max_new_records: 900}\n",
    )
    assert (desired.guards.max_removals, desired.guards.max_overwrites) == (Limit(percent=5), Limit(percent=1))
    assert desired.guards.max_new_records == 500
    assert said(desired) == [
        ("guards.max_removals", "5%", "50%", "5%"),
        ("guards.max_new_records", "500", "900", "500"),
    ]


def test_a_base_that_is_the_same_folder_loosens_nothing(tmp_path: Path) -> None:
    text = "guards: {max_removals: 90%, protect: [address_book.vip]}\n" + BOOK.format(
        ", lifecycle: {prevent_destroy: true, ignore_changes: [name]}, on_destroy: delete"
    )
    asked = options(tmp_path, "", text)
    same = configuration(replace(asked, base=asked.folder))
    assert same.loosened == ()
    assert replace(same, kept=frozenset()) == configuration(replace(asked, base=None))


def test_what_is_new_is_no_looser_than_where_nothing_is_declared(tmp_path: Path) -> None:
    new = ", lifecycle: {prevent_destroy: true, ignore_changes: [visibility]}, visibility: public, on_destroy: delete"
    desired = judged(tmp_path, "", BOOK.format(new))
    rules = desired.book("vip").lifecycle
    assert (rules.prevent_destroy, rules.ignore_changes, rules.on_destroy) == (True, (), OnDestroy.FORGET)
    assert said(desired) == [
        ("address_book.vip lifecycle.ignore_changes", "none", "visibility", "none"),
        ("address_book.vip on_destroy", "forget", "delete", "forget"),
    ]


def test_a_thing_that_was_renamed_keeps_its_protection(tmp_path: Path) -> None:
    base = (
        "guards: {protect: [address_book.old]}\naddress_books: {old: {name: Vip, lifecycle: {prevent_destroy: true}}}\n"
    )
    proposed = BOOK.format("") + "moved: [{from: address_book.old, to: address_book.vip}]\n"
    desired = judged(tmp_path, base, proposed)
    assert desired.book("vip").lifecycle.prevent_destroy
    assert [str(at) for at in desired.guards.protect] == ["address_book.vip"]
    assert desired.kept == {"address_book.vip"}
    assert said(desired) == [
        ("address_book.vip guards.protect", "true", "false", "true"),
        ("address_book.vip lifecycle.prevent_destroy", "true", "false", "true"),
    ]


@pytest.mark.parametrize("guards", ["", "guards: {protect: [address_book.vip]}\n"])
def test_a_protected_thing_that_is_no_longer_declared_is_told_and_kept(tmp_path: Path, guards: str) -> None:
    base = "guards: {protect: [address_book.vip]}\n" + BOOK.format(", lifecycle: {prevent_destroy: true}")
    desired = judged(tmp_path, base, guards)
    assert desired.kept == {"address_book.vip"}
    assert sorted(said(desired)) == [
        ("address_book.vip guards.protect", "true", "no longer declared", "true"),
        ("address_book.vip lifecycle.prevent_destroy", "true", "no longer declared", "true"),
    ]


def test_attributes_are_named_as_in_the_yaml(tmp_path: Path) -> None:
    base = BOOK.format(", removals: managed")
    proposed = BOOK.format(", removals: managed, lifecycle: {ignore_changes: [removals]}")
    desired = judged(tmp_path, base, proposed)
    assert desired.book("vip").lifecycle.ignore_changes == ()
    assert said(desired) == [("address_book.vip lifecycle.ignore_changes", "none", "removals", "none")]


def test_limits_beside_the_guards_are_limits_too(tmp_path: Path) -> None:
    account = ACCOUNT.replace("}'}", "}', double_opt_in: not_enforced}")
    proposed = f"version: 1\ndotdigital: {{accounts: {{main: {account}, new: {account}}}}}\n"
    desired = judged(tmp_path, "salesforce: {daily_call_budget: 100}\n", {"sfdd.yaml": proposed})
    assert desired.salesforce.daily_call_budget == 100
    assert [account.double_opt_in for account in desired.accounts] == [None, None]
    assert said(desired) == [
        ("salesforce.daily_call_budget", "100", "no limit", "100"),
        ("account.main double_opt_in", "not declared", "not_enforced", "not declared"),
        ("account.new double_opt_in", "not declared", "not_enforced", "not declared"),
    ]
    assert DoubleOptIn.NOT_ENFORCED not in {account.double_opt_in for account in desired.accounts}


def test_overlays_and_variables_hold_for_both(tmp_path: Path) -> None:
    def files(base: str, overlay: str) -> dict[str, str]:
        text = (
            HEAD
            + f"vars: {{most: null, book: Vip}}\nguards: {{max_removals: '{base}', max_overwrites: '${{var:most}}'}}\n"
        )
        return {"sfdd.yaml": text, "env/live.yaml": f"guards: {{max_removals: {overlay}}}\n"}

    asked = options(tmp_path, files("80%", "2%"), files("1%", "30%"))
    desired = configuration(replace(asked, env="live", variables={"most": "7"}))
    assert (desired.guards.max_removals, desired.guards.max_overwrites) == (Limit(percent=2), Limit(count=7))


def test_a_proposal_may_bring_an_overlay_and_a_variable(tmp_path: Path) -> None:
    proposed = {
        "sfdd.yaml": HEAD + "vars: {book: null}\naddress_books: {vip: {name: '${var:book}'}}\n",
        "env/new.yaml": "guards: {max_removals: 99%}\n",
    }
    asked = options(tmp_path, "guards: {max_removals: 3%}\n", proposed)
    desired = configuration(replace(asked, env="new", variables={"book": "Vip"}))
    assert desired.guards.max_removals == Limit(percent=3)


def test_nothing_is_filled_into_the_credentials_of_the_base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither what is set nor what is not; a file that is there is not opened."""
    base = "version: 1\ndotdigital: {accounts: {main: {user: '${env:DD_USER}', password: '${file:key}'}}}\n"
    base += "state: '${env:NOT_SET:-there}'\nsalesforce: {login_url: '${env:NEITHER}'}\n"
    asked = options(tmp_path, {"sfdd.yaml": base, "key": "secret"}, "")
    seen: list[str] = []
    opened = Path.open
    monkeypatch.setattr(Path, "open", lambda self, *a, **k: (seen.append(self.name), opened(self, *a, **k))[1])
    assert configuration(asked).loosened == ()
    assert "sfdd.yaml" in seen
    assert "key" not in seen
    read = read_base(asked.base or tmp_path, env=None, variables={}, environ=ENVIRON)
    assert (read.accounts[0].user, read.salesforce.auth) == (NOT_SET, None)  # nor a token of the environment


@pytest.mark.parametrize(
    ("text", "id", "line"),
    [
        ("guards: {max_removals: [}\n", "SFDD-E1007", 3),
        ("guards: {max_removals: a lot}\n", "SFDD-E1105", 3),
        ("address_books: {vip: {name: '${env:HOME}'}}\n", "SFDD-E1116", 3),
        ("state: '${file:../key}'\n", "SFDD-E1117", 3),
    ],
)
def test_what_is_wrong_in_the_base_is_said_at_its_place(tmp_path: Path, text: str, id: str, line: int) -> None:
    with pytest.raises(ErrorList) as found:
        judged(tmp_path, text, "")
    (error,) = found.value.errors
    assert error.id == id
    assert str(error.where).startswith(f"{tmp_path / 'base' / 'sfdd.yaml'}:{line}:")
    assert error.hint
    assert "the base" in error.detail


def test_a_base_without_a_configuration_says_what_to_name(tmp_path: Path) -> None:
    asked = options(tmp_path, "", "")
    (tmp_path / "base" / "sfdd.yaml").unlink()
    with pytest.raises(ErrorList) as found:
        configuration(asked)
    assert [(error.id, error.hint) for error in found.value.errors] == [("SFDD-E1001", "--base DIR")]


def line(field: str, until: str, address: str = "address_book.vip") -> str:
    what = f", field: {field}" if field else ""
    return f"- {{address: {address}, reason: r, until: {until}{what}}}\n"


@pytest.mark.parametrize(
    ("base", "proposed", "kept", "told"),
    [
        (None, line("name", "2027-01-01"), [], ["not ignored"]),
        (line("name", "2027-01-01"), line("name", "2027-01-01"), [("name", "2027-01-01")], []),
        (line("", "2027-01-01"), line("name", "2026-01-01"), [("name", "2026-01-01")], []),
        (line("name", "2026-01-01"), line("name", "2027-01-01"), [("name", "2026-01-01")], ["until 2026-01-01"]),
        (line("name", "2027-01-01"), line("", "2027-01-01"), [("name", "2027-01-01")], ["ignored in part"]),
        (line("name", "2027-01-01"), line("visibility", "2027-01-01"), [], ["not ignored"]),
        (line("name", "2027-01-01"), "[]\n", [], []),
        (line("", "2027-01-01", "campaign.x"), line("", "2027-01-01"), [], ["not ignored"]),
    ],
)
def test_an_ignore_file_of_the_proposal_ignores_what_the_base_ignores(
    tmp_path: Path, base: str | None, proposed: str, kept: list[tuple[str, str]], told: list[str]
) -> None:
    asked = options(tmp_path, "", "")
    file = tmp_path / "proposed" / "drift" / "known.yaml"
    write(file.parent, {"known.yaml": proposed})
    if base is not None:
        write(tmp_path / "base", {"drift/known.yaml": base})
    lines, loosened = ignored_lines(file, asked)
    assert [(one.field, one.until) for one in lines] == [(field, date.fromisoformat(day)) for field, day in kept]
    assert [one.base for one in loosened] == told


def test_an_ignore_file_outside_the_configuration_is_none_of_the_proposal(tmp_path: Path) -> None:
    asked = options(tmp_path, "", "")
    write(tmp_path, {"known.yaml": line("name", "2027-01-01")})
    lines, loosened = ignored_lines(tmp_path / "known.yaml", asked)
    assert (len(lines), loosened) == (1, ())


def test_an_ignore_file_of_the_base_does_not_lead_out_of_it(tmp_path: Path) -> None:
    asked = options(tmp_path, "", "")
    write(tmp_path, {"elsewhere.yaml": line("name", "2027-01-01"), "proposed/known.yaml": line("name", "2027-01-01")})
    os.symlink(tmp_path / "elsewhere.yaml", tmp_path / "base" / "known.yaml")
    with pytest.raises(ErrorList) as found:
        ignored_lines(tmp_path / "proposed" / "known.yaml", asked)
    assert found.value.errors[0].id == "SFDD-E1117"
