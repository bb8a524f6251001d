"""Keys and kinds of values: one row per mistake, with its exact place."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sfdd_declare.config.shape.keys import keys_at

from .builders import BASE, errors_in, loaded, marked, place, the_error

UNKNOWN = {
    "section": ("«campagns: {}\n", "did you mean `campaigns`?"),
    "campaign": ("campaigns: {a: {name: x, «statis: y}}\n", "did you mean `status`?"),
    "account": ("dotdigital: {acounts: {}}\n", None),
    "auth of its method": (
        "salesforce: {auth: {method: access_token, «instance: x}}\n",
        "did you mean `instance_url`?",
    ),
    "mapping row": (
        "field_mappings: {contacts: {FirstName: {data_field: FIRSTNAME, «direct: two_way}}}\n",
        "did you mean `direction`?",
    ),
    "record type beside an account": ("field_mappings: {main: {«contact: {}}}\n", "did you mean `contacts`?"),
    "data field": ("data_fields: {main: {A: {type: string, «visible: private}}}\n", "did you mean `visibility`?"),
    "new leads": ("links: [{campaign: a, address_book: b, new_leads: {«status: x}}]\n", None),
    "nothing like it": ("guards: {«zzz: 1}\n", "remove `zzz:`"),
    "selection": ("campaigns: {a: {name: A, members: {leads: {«were: x, where: y}}}}\n", "did you mean `where`?"),
    "consent of an account": ("consent: {unsubscribe_to_salesforce: {«lead: true}}\n", "did you mean `leads`?"),
    "lifecycle": ("address_books: {a: {name: A, lifecycle: {«prevent: true}}}\n", None),
    "empty key": ("campaigns: {a: {name: A, «'': x}}\n", None),
}


@pytest.mark.parametrize(("text", "hint"), UNKNOWN.values(), ids=UNKNOWN)
def test_an_unknown_key_suggests_a_known_one(tmp_path: Path, text: str, hint: str | None) -> None:
    if text.startswith("dotdigital"):
        plain, where = marked("version: 1\n" + text.replace("acounts", "«acounts"))
        hint = "did you mean `accounts`?"
    else:
        plain, where = marked(BASE + text)
    error = next(error for error in errors_in(tmp_path, plain) if error.id == "SFDD-E1101")
    assert place(error) == where
    assert error.detail.startswith("keys here: ")
    if hint is not None:
        assert error.hint == hint


ANY = "E1101 is tested above"
WRONG = {
    "version missing": ("«campaigns: {}\n", "SFDD-E1102", "version: 1"),
    "version unknown": ("version: «2\n", "SFDD-E1103", "version: 1"),
    "version as text": ("version: «one\n", "SFDD-E1103", "version: 1"),
    "campaign without name": ("version: 1\ncampaigns: {«a: {type: Email}}\n", "SFDD-E1102", "name: Spring launch 2026"),
    "book without name": (
        "version: 1\naddress_books: {«a: {account: main}}\n",
        "SFDD-E1102",
        "name: Spring launch 2026",
    ),
    "link without book": ("version: 1\nlinks: [«{campaign: a}]\n", "SFDD-E1102", "address_book: newsletter"),
    "auth without method": ("version: 1\nsalesforce: {«auth: {client_id: x}}\n", "SFDD-E1102", "method: jwt"),
    "unknown method": ("version: 1\nsalesforce: {auth: {method: «jwtt}}\n", "SFDD-E1103", "did you mean `jwt`?"),
    "word of a list": (
        "version: 1\naddress_books: {a: {name: A, removals: «manage}}\n",
        "SFDD-E1103",
        "did you mean `managed`?",
    ),
    "type of a data field": (
        "version: 1\ndata_fields: {main: {A: {type: «String}}}\n",
        "SFDD-E1103",
        "did you mean `string`?",
    ),
    "data field that almost exists": (
        "version: 1\ndata_fields: {main: {A: «exists}}\n",
        "SFDD-E1103",
        "did you mean `existing`?",
    ),
    "direction": (
        "version: 1\nfield_mappings: {contacts: {A: {data_field: NOTES, direction: «both}}}\n",
        "SFDD-E1103",
        "direction: salesforce_to_dotdigital",
    ),
    "use": ("version: 1\nfield_mappings: {contacts: {use: [«default]}}\n", "SFDD-E1103", "did you mean `defaults`?"),
    "reason": ("version: 1\nconsent: {reasons: [«unsubscribe]}\n", "SFDD-E1103", "did you mean `unsubscribed`?"),
    "precedence": ("version: 1\nmatching: {precedence: [«contacts]}\n", "SFDD-E1103", "did you mean `contact`?"),
    "truth value for text": ("version: 1\nstate: «true\n", "SFDD-E1104", "state: .sfdd/state.db"),
    "list for text": ("version: 1\nstate: «[a]\n", "SFDD-E1104", "state: .sfdd/state.db"),
    "empty value": ("version: 1\ncampaigns: {a: {name: A, members: {contacts: {ids: [«~]}}}}\n", "SFDD-E1104", ""),
    "text for a switch": ("version: 1\ncampaigns: {a: {name: A, active: «maybe}}\n", "SFDD-E1104", "active: true"),
    "text for a number": ("version: 1\nguards: {max_new_records: «many}\n", "SFDD-E1104", ""),
    "fraction for a number": ("version: 1\nguards: {max_new_records: «1.5}\n", "SFDD-E1104", ""),
    "endless number": (f"version: 1\nguards: {{max_new_records: «{'9' * 5000}}}\n", "SFDD-E1104", ""),
    "text for a mapping": ("version: 1\ncampaigns: «all\n", "SFDD-E1104", ""),
    "mapping for a list": ("version: 1\nlinks: «{campaign: a}\n", "SFDD-E1104", ""),
    "text for a link": ("version: 1\nlinks: [«a]\n", "SFDD-E1104", ""),
    "list for a row": ("version: 1\nfield_mappings: {contacts: {A: «[B]}}\n", "SFDD-E1104", ""),
    "list for a data field": ("version: 1\ndata_fields: {main: {A: «[x]}}\n", "SFDD-E1104", ""),
    "record type without rows": ("version: 1\nfield_mappings: {main: «text}\n", "SFDD-E1104", ""),
    "book of a link": ("version: 1\nlinks: [{campaign: a, address_book: «{b: c}}]\n", "SFDD-E1104", ""),
    "new leads": ("version: 1\nlinks: [{campaign: a, address_book: b, new_leads: «yes please}]\n", "SFDD-E1104", ""),
    "negative number": ("version: 1\nguards: {max_new_records: «-1}\n", "SFDD-E1105", ""),
    "zero calls": ("version: 1\nsalesforce: {daily_call_budget: «0}\n", "SFDD-E1105", ""),
    "share": ("version: 1\nguards: {max_removals: «ten}\n", "SFDD-E1105", "max_removals: 10%"),
    "share above all": ("version: 1\nguards: {max_removals: «110%}\n", "SFDD-E1105", ""),
    "empty list": ("version: 1\ncampaigns: {a: {name: A, members: {leads: {ids: «[]}}}}\n", "SFDD-E1105", ""),
    "blank text": ("version: 1\nstate: «'  '\n", "SFDD-E1105", ""),
    "empty text": ("version: 1\nstate: «''\n", "SFDD-E1105", ""),
    "key": ("version: 1\ncampaigns: {«spring launch: {name: A}}\n", "SFDD-E1105", "spring_launch: …"),
    "key with a dot": ("version: 1\naddress_books: {«a.b: {name: A}}\n", "SFDD-E1105", ""),
    "date": ("version: 1\ncampaigns: {a: {name: A, start_date: «01/03/2026}}\n", "SFDD-E1105", ""),
    "month": ("version: 1\ncampaigns: {a: {name: A, start_date: «2026-13-01}}\n", "SFDD-E1105", ""),
    "day": ("version: 1\ncampaigns: {a: {name: A, start_date: «2026-02-30}}\n", "SFDD-E1105", ""),
    "URL": ("version: 1\nsalesforce: {login_url: «acme.my.salesforce.com}\n", "SFDD-E1105", ""),
    "URL with a password": ("version: 1\nsalesforce: {login_url: «https://u:p@x}\n", "SFDD-E1105", ""),
    "API version": ("version: 1\nsalesforce: {api_version: «v66}\n", "SFDD-E1105", ""),
    "schedule": (
        "version: 1\nlinks: [{campaign: a, address_book: b, schedule: «sometimes}]\n",
        "SFDD-E1105",
        "schedule: every 15 minutes",
    ),
    "time": ("version: 1\nsync: {full_every: «daily}\n", "SFDD-E1105", ""),
    "memory": ("version: 1\nengine: {memory_limit: «lots}\n", "SFDD-E1105", ""),
    "address": ("version: 1\nguards: {protect: [«newsletter]}\n", "SFDD-E1105", ""),
    "address of an unknown kind": ("version: 1\nimport: [{to: «book.a, id: 1}]\n", "SFDD-E1105", ""),
    "record type twice": ("version: 1\nmatching: {precedence: «[lead, lead]}\n", "SFDD-E1105", ""),
    "campaign name too long": (f"version: 1\ncampaigns: {{a: {{name: «{'x' * 81}}}}}\n", "SFDD-E1105", ""),
    "two selections": (
        "version: 1\ncampaigns: {a: {name: A, members: {leads: {where: x, «ids: [y]}}}}\n",
        "SFDD-E1106",
        'where: "MailingCountry',
    ),
    "no selection": ("version: 1\ncampaigns: {a: {name: A, members: {«leads: {status: x}}}}\n", "SFDD-E1106", ""),
    "existing by name and id": (
        "version: 1\ncampaigns: {a: {«existing: {name: A, id: 701000000000001}}}\n",
        "SFDD-E1106",
        "existing: {name: Newsletter}",
    ),
    "existing without either": ("version: 1\naddress_books: {a: {«existing: {}}}\n", "SFDD-E1106", ""),
    "existing with managed key": (
        "version: 1\ncampaigns: {a: {existing: {name: A}, «status: x}}\n",
        "SFDD-E1107",
        "remove `status:`",
    ),
    "existing with members": (
        "version: 1\ncampaigns: {a: {existing: {name: A}, «members: {mode: add}}}\n",
        "SFDD-E1107",
        "import:",
    ),
    "existing book with name": ("version: 1\naddress_books: {a: {existing: {id: 1}, «name: A}}\n", "SFDD-E1107", ""),
}


@pytest.mark.parametrize(("text", "id", "hint"), WRONG.values(), ids=WRONG)
def test_a_wrong_value_is_an_error_at_its_place(tmp_path: Path, text: str, id: str, hint: str) -> None:
    plain, where = marked(text)
    error = next(error for error in errors_in(tmp_path, plain) if error.id == id)
    assert place(error) == where
    assert error.hint
    alone = re.fullmatch(r"([\w-]+): …", error.hint)
    assert alone is None or alone[1] not in plain, "the key alone says nothing new"
    assert hint in error.hint


def test_a_misspelt_record_type_is_said_once(tmp_path: Path) -> None:
    text, where = marked(BASE + "field_mappings: {«contcts: {FirstName: FIRSTNAME, LastName: LASTNAME}}\n")
    error = the_error(tmp_path, text)
    assert (error.id, place(error), error.hint) == ("SFDD-E1201", where, "did you mean `contacts`?")


def test_messages_name_the_way_to_the_value_and_what_stands_there(tmp_path: Path) -> None:
    error = the_error(tmp_path, BASE + "campaigns: {a: {name: A, members: {leads: {ids: [x, [y]]}}}}\n")
    assert error.summary == "campaigns.a.members.leads.ids[1]: text is expected here, not a list."


def test_control_characters_in_values_are_shown_escaped(tmp_path: Path) -> None:
    error = the_error(tmp_path, BASE + 'campaigns: {a: {name: A, active: "\\e[31mred"}}\n')
    assert "`\\x1b[31mred`" in error.summary


def test_numbers_and_yes_are_taken_as_text_where_text_is_wanted(tmp_path: Path) -> None:
    text = BASE + "salesforce: {api_version: 66.0}\ncampaigns: {a: {name: 2026}, b: {name: 007}, c: {name: no}}\n"
    desired = loaded(tmp_path, text)
    assert desired.salesforce.api_version == "66.0"
    assert [campaign.name for campaign in desired.campaigns] == ["2026", "007", "no"]


def test_a_section_whose_entries_are_commented_out_is_empty(tmp_path: Path) -> None:
    assert loaded(tmp_path, BASE + "campaigns:\n  # a: {name: A}\nlinks:\n").campaigns == ()


def test_known_keys_follow_the_way_through_the_shape() -> None:
    assert keys_at(("links", 0, "new_leads", "(mapping)")) == ("member_status", "existing", "primary")
    assert keys_at(("field_mappings", "main", "leads", "Title", "(mapping)"))[0] == "data_field"
    assert keys_at(("salesforce", "auth", "(jwt)")) == ("method", "client_id", "username", "private_key")
    assert keys_at(("nowhere",)) == ()
