"""Declared parts without an engine are listed and kept away from what runs; the rest is not listed. Warnings."""

from __future__ import annotations

from pathlib import Path

import pytest

from sfdd_declare.config.later import moves_values
from sfdd_declare.model.declared import MemberMode
from sfdd_declare.model.mapping import RecordType

from .builders import ACCOUNT, BASE, TWO_ACCOUNTS, loaded, the_error, write

OFF = "consent: {unsubscribe_to_salesforce: {contacts: false, leads: false, person_accounts: false}}\n"
PAIR = "campaigns: {a: {name: A}}\naddress_books: {b: {name: B}}\n"
LEADS = (
    "data_fields: {main: {CO: {type: string}}}\nfield_mappings: {leads: {"
    + ", ".join(
        f"{field}: {{data_field: {target}, direction: dotdigital_to_salesforce}}"
        for field, target in (("FirstName", "FIRSTNAME"), ("LastName", "LASTNAME"), ("Company", "CO"))
    )
    + "}}\n"
)

LATER = {
    "members of person accounts": (
        BASE + OFF + "campaigns: {a: {name: A, members: {person_accounts: {where: x}}}}\n",
        [("campaign.a", 4)],
    ),
    "person accounts": (
        BASE + OFF + "field_mappings: {person_accounts: {FirstName: FIRSTNAME}}\n",
        [("field_mapping.main.person_accounts.FirstName", 4)],
    ),
    "addresses back": (BASE + OFF + "matching: {email: two_way}\n", [("matching.email", 4)]),
    "deletions": (BASE + OFF + "matching: {on_delete: delete_contact}\n", [("matching.on_delete", 4)]),
}


@pytest.mark.parametrize(("text", "expected"), LATER.values(), ids=LATER)
def test_what_has_no_engine_yet_is_listed_with_its_place(
    tmp_path: Path, text: str, expected: list[tuple[str, int]]
) -> None:
    listed = loaded(tmp_path, text).not_applied
    assert [(item.address, item.where.line) for item in listed if item.where] == expected
    assert all(item.what for item in listed)


def test_new_leads_are_made_and_not_listed(tmp_path: Path) -> None:
    text = BASE + OFF + PAIR + LEADS + "links: [{campaign: a, address_book: b, new_leads: true}]\n"
    listed = loaded(tmp_path, text).not_applied
    assert "link.a.b" not in [item.address for item in listed]


def test_what_runs_today_is_not_listed(tmp_path: Path) -> None:
    text = BASE + OFF + PAIR.replace("{name: B}", "{name: B, removals: managed, left: restore}")
    text += "field_mappings: {contacts: {FirstName: FIRSTNAME}, leads: {}}\nlinks: [{campaign: a, address_book: b}]\n"
    text += "guards: {max_removals: 1%, protect: [campaign.a]}\n"
    assert loaded(tmp_path, text).not_applied == ()


def test_a_disabled_account_is_not_a_second_one(tmp_path: Path) -> None:
    text = f"version: 1\ndotdigital: {{accounts: {{old: {ACCOUNT[:-1]}, enabled: false}}, main: {ACCOUNT}}}}}\n" + OFF
    desired = loaded(tmp_path, text)
    assert desired.not_applied == ()
    assert [(account.key, account.enabled) for account in desired.accounts] == [("old", False), ("main", True)]


def test_several_accounts_addresses_exact_and_mirror_run(tmp_path: Path) -> None:
    text = TWO_ACCOUNTS + OFF + "address_books: {b: {name: B, account: events, removals: mirror}}\n"
    text += "campaigns: {a: {name: A, members: {leads: {emails: [a@b.c]}, mode: exact}}}\n"
    desired = loaded(tmp_path, text)
    assert desired.not_applied == ()
    assert [(account.key, account.enabled) for account in desired.accounts] == [("main", True), ("events", True)]
    assert desired.campaigns[0].mode is MemberMode.EXACT


def test_exact_is_off_while_a_selection_cannot_run(tmp_path: Path) -> None:
    text = "campaigns: {a: {name: A, members: {contacts: {where: x}, person_accounts: {where: y}, mode: exact}}}\n"
    assert loaded(tmp_path, BASE + text).campaigns[0].mode is MemberMode.ADD


def test_exact_without_a_selection_is_an_error(tmp_path: Path) -> None:
    error = the_error(tmp_path, BASE + "campaigns: {a: {name: A, members: {mode: exact}}}\n")
    assert error.id == "SFDD-E1242"


def test_selections_that_cannot_run_are_taken_out(tmp_path: Path) -> None:
    text = """
campaigns:
  a:
    name: A
    members:
      contacts: {where: x}
      leads: {emails: [a@b.c]}
      person_accounts: {ids: [001000000000001]}
"""
    (campaign,) = loaded(tmp_path, BASE + text).campaigns
    assert [selection.record_type for selection in campaign.selections] == [RecordType.CONTACT, RecordType.LEAD]


def test_person_accounts_are_not_among_the_mapped(tmp_path: Path) -> None:
    desired = loaded(tmp_path, BASE + "field_mappings: {person_accounts: {FirstName: FIRSTNAME}, leads: {}}\n")
    assert desired.mapped == (("main", RecordType.LEAD),)
    assert len(desired.mappings) == 1
    assert not moves_values(desired.mappings[0])


ADVICE = {
    "written password": (
        "version: 1\ndotdigital: {accounts: {main: {user: u, password: hunter2}}}\n",
        ":2:51: `password` is written in the file; `password: ${env:NAME}` keeps it out of the repository.",
    ),
    "addresses": (
        BASE + "campaigns: {a: {name: A, members: {leads: {emails: [a@b.c]}}}}\n",
        ":3:44: email addresses are personal data in the repository; `ids:` are not.",
    ),
    "file of addresses": (
        BASE + "campaigns: {a: {name: A, members: {leads: {file: people.csv}}}}\n",
        ":3:44: `people.csv` holds email addresses, which are personal data in the repository; ids are not.",
    ),
    "opposing directions": (
        BASE
        + "field_mappings:\n  contacts: {Title: NOTES}\n"
        + "  leads: {Title: {data_field: notes, direction: dotdigital_to_salesforce}}\n",
        ":5:11: the data field `notes` flows one way for leads and the other way for contacts",
    ),
    "link of nobody": (
        BASE + PAIR + "links: [{campaign: a, address_book: b}]\n",
        ":5:9: nobody reaches `b` by this link: `main` maps no `contacts`, `person_accounts` or `leads`; ",
    ),
    "link of nobody who is selected": (
        BASE
        + PAIR.replace("name: A}", "name: A, members: {leads: {where: A = 1}}}")
        + "field_mappings: {contacts: {}}\nlinks: [{campaign: a, address_book: b}]\n",
        ":6:9: nobody reaches `b` by this link: `main` maps no `leads`; `field_mappings: {main: {leads: {}}}` adds",
    ),
    "protected misspelling": (
        BASE + PAIR + "guards: {protect: [campaign.b]}\n",
        ":5:20: `campaign.b` is protected but not declared; did you mean `campaign.a`?",
    ),
}


@pytest.mark.parametrize(("text", "warning"), ADVICE.values(), ids=ADVICE)
def test_what_is_probably_not_meant_is_a_warning_with_its_place(tmp_path: Path, text: str, warning: str) -> None:
    write(tmp_path, {"people.csv": "Email\nann@example.com\n"})
    (found,) = loaded(tmp_path, text).warnings
    assert found.startswith(f"{tmp_path}/sfdd.yaml{warning}")
    assert "hunter2" not in found


def test_a_file_of_ids_is_no_personal_data(tmp_path: Path) -> None:
    write(tmp_path, {"ids.csv": "Id\n00Q000000000001\n"})
    assert loaded(tmp_path, BASE + "campaigns: {a: {name: A, members: {leads: {file: ids.csv}}}}\n").warnings == ()
