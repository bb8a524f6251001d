"""Files, folders, overlays, and all errors at once."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from sfdd_declare.config.positions import shown_line
from sfdd_declare.config.read import load
from sfdd_declare.model.errors import Position

from .builders import ACCOUNT, BASE, ENVIRON, errors_in, errors_of, loaded, marked, place, shown, write

PARTS = {
    "accounts.yaml": BASE,
    "books.yaml": "version: 1\naddress_books: {news: {name: News}}\n",
    "campaigns.yaml": "campaigns: {spring: {name: Spring}, summer: {name: Summer}}\n",
    "links.yaml": "links: [{campaign: spring, address_book: news}]\n",
    "more.yaml": "links: [{campaign: summer, address_book: news}]\n",
}


def test_a_single_file_is_read(tmp_path: Path) -> None:
    folder = write(tmp_path, {"one.yaml": BASE, "other.yaml": "- not read\n"})
    assert load(folder / "one.yaml", environ=ENVIRON).root == str(tmp_path)


def test_a_folder_is_merged_and_subfolders_are_left_alone(tmp_path: Path) -> None:
    folder = write(tmp_path, {**PARTS, "sub/x.yaml": "- not read\n", ".hidden.yaml": "- not read\n", "README.md": "x"})
    desired = load(folder, environ=ENVIRON)
    assert [campaign.key for campaign in desired.campaigns] == ["spring", "summer"]
    assert [link.campaign for link in desired.links] == ["spring", "summer"]


def test_names_of_files_do_not_matter(tmp_path: Path) -> None:
    digests = set()
    for number, order in enumerate(itertools.permutations(PARTS.values(), 5)):
        links = [text for text in order if text.startswith("links")]
        if links == [PARTS["links.yaml"], PARTS["more.yaml"]]:
            folder = tmp_path / str(number)
            folder.mkdir()
            write(folder, {f"{index}.yaml": text for index, text in enumerate(order)})
            desired = load(folder, environ=ENVIRON)
            digests.add(desired.digest)
            assert {campaign.key for campaign in desired.campaigns} == {"spring", "summer"}
    assert len(digests) == 1


def test_the_digest_does_not_depend_on_comments_secrets_or_spelling(tmp_path: Path) -> None:
    plain = loaded(tmp_path, BASE)
    commented = loaded(tmp_path, "# hello\n" + BASE + "campaigns:\n")
    other_password = load(tmp_path, environ={**ENVIRON, "DD_PASSWORD": "other"})
    other_user = load(tmp_path, environ={**ENVIRON, "DD_USER": "other"})
    assert plain.digest == commented.digest == other_password.digest
    assert other_user.digest != plain.digest


MISSING = {
    "no such path": ("nowhere", {}, "SFDD-E1001", "-C DIR"),
    "empty folder": (".", {"README.md": "x"}, "SFDD-E1001", "-C DIR"),
    "other ending": (".", {"sfdd.yml": BASE}, "SFDD-E1001", "sfdd.yaml"),
}


@pytest.mark.parametrize(("path", "files", "id", "hint"), MISSING.values(), ids=MISSING)
def test_no_configuration_is_one_error(tmp_path: Path, path: str, files: dict[str, str], id: str, hint: str) -> None:
    write(tmp_path, files)
    (error,) = errors_of(lambda: load(tmp_path / path, environ=ENVIRON))
    assert error.id == id
    assert hint in error.hint


CONFLICTS = {
    "campaign": ("campaigns: {a: {name: x}}\n", "campaigns: {«a: {name: x}}\n"),
    "book": ("address_books: {a: {name: x}}\n", "address_books: {b: {name: y}, «a: {name: x}}\n"),
    "account": (f"dotdigital: {{accounts: {{z: {ACCOUNT}}}}}\n", f"dotdigital: {{accounts: {{«z: {ACCOUNT}}}}}\n"),
    "data field": ("data_fields: {main: {A: existing}}\n", "data_fields: {main: {«A: {type: string}}}\n"),
    "row": (
        "field_mappings: {main: {contacts: {FirstName: FIRSTNAME}}}\n",
        "field_mappings: {main: {contacts: {LastName: LASTNAME, «FirstName: FULLNAME}}}\n",
    ),
    "row without account": (
        "field_mappings: {contacts: {FirstName: {data_field: FIRSTNAME}}}\n",
        "field_mappings: {contacts: {«FirstName: {direction: two_way}}}\n",
    ),
    "setting": ("guards: {max_removals: 5%}\n", "guards: {max_overwrites: 5%, «max_removals: 5%}\n"),
    "state": ("state: a.db\n", "«state: a.db\n"),
    "section of another kind": ("campaigns: {a: {name: x}}\n", "«campaigns: [a]\n"),
}


@pytest.mark.parametrize(("first", "second"), CONFLICTS.values(), ids=CONFLICTS)
def test_the_same_key_in_two_files_names_both_places(tmp_path: Path, first: str, second: str) -> None:
    text, where = marked(second)
    write(tmp_path, {"0.yaml": BASE, "1.yaml": first, "2.yaml": text})
    conflict = next(error for error in errors_of(lambda: load(tmp_path, environ=ENVIRON)) if error.id == "SFDD-E1016")
    assert place(conflict) == where
    assert str(conflict.where).startswith(f"{tmp_path}/2.yaml")
    assert conflict.detail.startswith(f"first at {tmp_path}/1.yaml:1:")


def test_data_fields_and_rows_may_be_spread_over_files(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "1.yaml": BASE + "data_fields: {main: {A: {type: string}}}\nfield_mappings: {contacts: {Title: A}}\n",
            "2.yaml": "data_fields: {main: {B: {type: string}}}\nfield_mappings: {contacts: {Phone: B}, leads: {}}\n",
        },
    )
    desired = load(tmp_path, environ=ENVIRON)
    assert [field.name for field in desired.data_fields] == ["A", "B"]
    assert [mapping.salesforce_field for mapping in desired.mappings] == ["Title", "Phone"]


def test_files_that_disagree_on_the_version_are_an_error(tmp_path: Path) -> None:
    write(tmp_path, {"1.yaml": BASE, "2.yaml": "# two\nversion: 2\n"})
    (error,) = errors_of(lambda: load(tmp_path, environ=ENVIRON))
    assert (error.id, place(error)) == ("SFDD-E1017", (2, 1))


def test_an_overlay_merges_deeply_replaces_lists_and_takes_out_nulls(tmp_path: Path) -> None:
    files = {
        "sfdd.yaml": BASE
        + """
campaigns: {spring: {name: Spring, status: Planned, active: true}}
address_books: {news: {name: News}}
matching: {precedence: [lead, contact]}
links: [{campaign: spring, address_book: news}]
""",
        "env/staging.yaml": """
campaigns: {spring: {name: Staging, status: ~}, extra: {name: Extra}}
matching: {precedence: [contact]}
links:
- {campaign: extra, address_book: news}
- {campaign: spring, address_book: news, member_statuses: [Sent]}
""",
    }
    desired = load(write(tmp_path, files), env="staging", environ=ENVIRON)
    assert desired.campaigns[0].fields == (("Name", "Staging"), ("IsActive", True))
    assert [(link.campaign, link.member_statuses) for link in desired.links] == [("spring", ("Sent",)), ("extra", ())]
    assert [kind.value for kind in desired.matching.precedence] == ["contact", "person_account", "lead"]
    assert [link.member_statuses for link in load(tmp_path, environ=ENVIRON).links] == [()]


def test_an_overlay_reaches_one_book_of_a_link_with_several(tmp_path: Path) -> None:
    files = {
        "sfdd.yaml": BASE
        + "campaigns: {a: {name: A}}\naddress_books: {x: {name: X}, y: {name: Y}}\n"
        + "links: [{campaign: a, address_book: [x, y], schedule: manual}]\n",
        "env/prod.yaml": "links: [{campaign: a, address_book: y, schedule: every 5 minutes}]\n",
    }
    desired = load(write(tmp_path, files), env="prod", environ=ENVIRON)
    assert [(link.address_book, link.schedule) for link in desired.links] == [("x", "manual"), ("y", "every 5 minutes")]


def test_errors_in_an_overlay_stand_in_the_overlay(tmp_path: Path) -> None:
    text, where = marked("campaigns: {a: {status: «[x]}}\n")
    write(tmp_path, {"sfdd.yaml": BASE + "campaigns: {a: {name: A, status: Planned}}\n", "env/dev.yaml": text})
    (error,) = errors_of(lambda: load(tmp_path, env="dev", environ=ENVIRON))
    assert str(error.where).startswith(f"{tmp_path}/env/dev.yaml")
    assert place(error) == where


@pytest.mark.parametrize(
    ("env", "hint"),
    [("stagng", "did you mean `--env staging`?"), ("prdo", "did you mean `--env prod`?"), ("zzz", "--env prod")],
)
def test_an_unknown_overlay_suggests_a_known_one_and_lists_them(tmp_path: Path, env: str, hint: str) -> None:
    write(tmp_path, {"sfdd.yaml": BASE, "env/staging.yaml": "state: x\n", "env/prod.yaml": "state: y\n"})
    (error,) = errors_of(lambda: load(tmp_path, env=env, environ=ENVIRON))
    assert (error.id, error.where, error.hint) == ("SFDD-E1003", f"--env {env}", hint)
    assert error.detail == "overlays: prod, staging"


def test_without_overlays_no_overlay_is_proposed(tmp_path: Path) -> None:
    (error,) = errors_of(lambda: loaded(tmp_path, BASE, env="prod"))
    assert (error.id, error.hint) == ("SFDD-E1003", "remove `--env prod`")


@pytest.mark.parametrize("text", ["", "# later\n", "version: 1\n"])
def test_an_overlay_that_says_nothing_is_an_error(tmp_path: Path, text: str) -> None:
    write(tmp_path, {"sfdd.yaml": BASE, "env/prod.yaml": text})
    (error,) = errors_of(lambda: load(tmp_path, env="prod", environ=ENVIRON))
    assert error.id == "SFDD-E1018"
    assert place(error) == (1, 1)


def test_all_errors_come_together_sorted_by_place(tmp_path: Path) -> None:
    text = """version: 1
campagns: {}
dotdigital: {accounts: {main: {user: "${env:NOPE}", password: x, regoin: auto}}}
campaigns: {a: {name: A, active: perhaps}}
address_books: {b: {name: Test}}
links:
- {campaign: aa, address_book: b}
- {campaign: a, address_book: c, member_statuses: []}
"""
    found = [shown(error) for error in errors_in(tmp_path, text)]
    assert [(error.id, error.line) for error in found] == [
        ("SFDD-E1101", 2),
        ("SFDD-E1110", 3),
        ("SFDD-E1101", 3),
        ("SFDD-E1104", 4),
        ("SFDD-E1208", 5),
        ("SFDD-E1202", 7),
        ("SFDD-E1203", 8),
        ("SFDD-E1105", 8),
    ]


def test_a_thing_with_an_error_in_it_is_still_known_to_others(tmp_path: Path) -> None:
    text = BASE + "campaigns: {a: {type: [x]}}\naddress_books: {b: {name: B, visibility: secret}}\n"
    text += "links:\n- {campaign: 1a, address_book: b}\n- {campaign: a, address_book: b, schedule: never}\n"
    ids = [error.id for error in errors_in(tmp_path, text)]
    assert ids == ["SFDD-E1104", "SFDD-E1103", "SFDD-E1105", "SFDD-E1105"]


def test_indexes_stay_right_when_an_earlier_link_is_wrong(tmp_path: Path) -> None:
    text, where = marked(
        BASE + "campaigns: {a: {name: A}}\naddress_books: {b: {name: B}}\n"
        "links:\n- nonsense\n- {campaign: a}\n- {campaign: a, address_book: «nowhere}\n"
    )
    found = errors_in(tmp_path, text)
    assert [error.id for error in found] == ["SFDD-E1104", "SFDD-E1102", "SFDD-E1203"]
    assert place(found[-1]) == where


def test_an_error_carries_the_offending_line(tmp_path: Path) -> None:
    (error,) = errors_in(tmp_path, BASE + "campaigns:\n  a: {nam: x, name: y}\n")
    assert isinstance(error.where, Position)
    assert error.where.text == "  a: {nam: x, name: y}"
    assert error.where.text[error.where.col - 1 :].startswith("nam:")


def test_an_empty_configuration_only_lacks_its_version(tmp_path: Path) -> None:
    (error,) = errors_in(tmp_path, "# nothing yet\n")
    assert (error.id, place(error)) == ("SFDD-E1102", (1, 1))
    assert error.hint == "version: 1"


SHOWN = {
    "campaigns: {a: {members: {contacts: {where: \"Email = 'ada@example.com' OR Name = 'Ada'\"}}}}": "ada|Ada",
    "  where: 'Name = ''Ada''' # note": "Ada",
    "  where: Name = 'Ada": "Ada",
    "  emails: [ada.lovelace@example.com]": "lovelace",
}


@pytest.mark.parametrize(("line", "hidden"), SHOWN.items(), ids=range(len(SHOWN)))
def test_a_line_that_is_shown_tells_nothing_of_people_and_keeps_its_columns(line: str, hidden: str) -> None:
    shown = shown_line(line)
    assert len(shown) == len(line)
    assert not any(word in shown for word in hidden.split("|"))


def test_a_reference_in_a_condition_is_shown() -> None:
    assert shown_line("where: Name = 'A ${var:x}'") == "where: Name = '••${var:x}'"
