"""Names and references, offline: one row per rule, with its exact place."""

from __future__ import annotations

from pathlib import Path

import pytest

from .builders import BASE, TWO_ACCOUNTS, errors_in, loaded, marked, place, the_error

LEADS = (
    "data_fields: {main: {CO: {type: string}}}\n"
    "field_mappings: {leads: {FirstName: {data_field: FIRSTNAME, direction: two_way},"
    " LastName: {data_field: LASTNAME, direction: dotdigital_to_salesforce},"
    " Company: {data_field: CO, direction: two_way}}}\n"
)
PAIR = "campaigns: {a: {name: A}, z: {name: Z}}\naddress_books: {b: {name: B}, y: {name: Y}}\n"
LONG = "A" * 21


def selected(members: str) -> str:
    return BASE + f"campaigns: {{a: {{name: A, members: {{contacts: {{{members}}}}}}}}}\n"


CASES = {
    # references
    "account of a book": (
        BASE + "address_books: {b: {name: B, account: «mian}}\n",
        "SFDD-E1201",
        "did you mean `main`?",
    ),
    "account of data fields": (BASE + "data_fields: {«mian: {A: existing}}\n", "SFDD-E1201", "did you mean `main`?"),
    "account of mappings": (BASE + "field_mappings: {«mian: {leads: {}}}\n", "SFDD-E1201", "did you mean `main`?"),
    "campaign of a link": (
        BASE + PAIR + "links: [{campaign: «aa, address_book: b}]\n",
        "SFDD-E1202",
        "did you mean `a`?",
    ),
    "book of a link": (
        BASE + PAIR + "links: [{campaign: a, address_book: [b, «nowhere]}]\n",
        "SFDD-E1203",
        "address_books: {nowhere: …}",
    ),
    "data field of a short row": (
        BASE + "data_fields: {main: {TITLE: existing}}\nfield_mappings: {contacts: {Title: «TITEL}}\n",
        "SFDD-E1204",
        "did you mean `TITLE`?",
    ),
    "data field of a long row": (
        BASE + "field_mappings: {main: {contacts: {Title: {data_field: «ZZZ}}}}\n",
        "SFDD-E1204",
        "data_fields: {main: {ZZZ: existing}}",
    ),
    "data field of another account": (
        TWO_ACCOUNTS + "data_fields: {events: {ZZZ: existing}}\nfield_mappings: {main: {leads: {Title: «ZZZ}}}\n",
        "SFDD-E1204",
        "data_fields: {main: {ZZZ: existing}}",
    ),
    "email as data field": (BASE + "field_mappings: {contacts: {Email: «EMAIL}}\n", "SFDD-E1204", "remove `Email:`"),
    "status of new leads": (
        BASE
        + PAIR
        + LEADS
        + "links: [{campaign: a, address_book: b, member_statuses: [Sent], new_leads: {member_status: «Snet}}]\n",
        "SFDD-E1205",
        "did you mean `Sent`?",
    ),
    # data fields
    "21 characters": (BASE + f"data_fields: {{main: {{«{LONG}: {{type: string}}}}}}\n", "SFDD-E1206", LONG[:20]),
    "space in a name": (BASE + "data_fields: {main: {«JOB TITLE: {type: string}}}\n", "SFDD-E1206", "JOB_TITLE: …"),
    "letters of other alphabets": (BASE + "data_fields: {main: {«PRÉNOM: {type: string}}}\n", "SFDD-E1206", ""),
    "reserved": (BASE + "data_fields: {main: {«CampaignId: {type: string}}}\n", "SFDD-E1207", ""),
    "built in": (BASE + "data_fields: {main: {«FirstName: {type: string}}}\n", "SFDD-E1213", "FIRSTNAME: existing"),
    "notes": (BASE + "data_fields: {main: {«NOTES: {type: string}}}\n", "SFDD-E1213", "NOTES: existing"),
    "twice but for case": (
        BASE + "data_fields: {main: {Title: existing, «TITLE: {type: string}}}\n",
        "SFDD-E1212",
        "remove `TITLE:`",
    ),
    "default of a numeric": (
        BASE + "data_fields: {main: {A: {type: numeric, default: «many}}}\n",
        "SFDD-E1214",
        "default: 0",
    ),
    "default of an endless numeric": (
        BASE + "data_fields: {main: {A: {type: numeric, default: «inf}}}\n",
        "SFDD-E1214",
        "",
    ),
    "default of a boolean": (BASE + "data_fields: {main: {A: {type: boolean, default: «1}}}\n", "SFDD-E1214", ""),
    "default of a date": (BASE + "data_fields: {main: {A: {type: date, default: «today}}}\n", "SFDD-E1214", ""),
    "default of a string": (BASE + "data_fields: {main: {A: {type: string, default: «true}}}\n", "SFDD-E1214", ""),
    # books and campaigns
    "book name too long": (BASE + f"address_books: {{b: {{name: «{'x' * 129}}}}}\n", "SFDD-E1208", ""),
    "reserved book": (BASE + "address_books: {b: {name: «all contacts}}\n", "SFDD-E1208", "name: another one"),
    "test book": (BASE + "address_books: {b: {name: «Test}}\n", "SFDD-E1208", ""),
    "book with a space": (BASE + "address_books: {b: {name: «'News '}}\n", "SFDD-E1208", "name: News"),
    "same book twice": (BASE + "address_books: {a: {name: News}, b: {name: «news}}\n", "SFDD-E1209", ""),
    "new book of an existing name": (
        BASE + "address_books: {a: {existing: {name: News}}, b: {name: «News}}\n",
        "SFDD-E1209",
        "",
    ),
    "same book by id": (
        BASE + "address_books: {a: {existing: {id: 9}}, b: {existing: {id: «9}}}\n",
        "SFDD-E1209",
        "",
    ),
    "same campaign twice": (BASE + "campaigns: {a: {name: Spring}, b: {name: «spring}}\n", "SFDD-E1211", ""),
    "linked twice": (
        BASE
        + PAIR
        + "links:\n- {campaign: a, address_book: b}\n- {campaign: z, address_book: b}\n"
        + "- {campaign: a, address_book: [y, «b]}\n",
        "SFDD-E1210",
        "remove one of the two",
    ),
    "no account": ("version: 1\naddress_books: {«b: {name: B}}\n", "SFDD-E1227", "dotdigital: {accounts: {main: …}}"),
    "one of two accounts": (TWO_ACCOUNTS + "address_books: {«b: {name: B}}\n", "SFDD-E1227", "account: main"),
    "mappings of one of two accounts": (
        TWO_ACCOUNTS + "field_mappings: {«contacts: {}}\n",
        "SFDD-E1227",
        "field_mappings: {main: …}",
    ),
    "two defaults": (
        BASE + "campaigns: {a: {name: A, member_statuses: {X: {default: true}, «Y: {default: true}}}}\n",
        "SFDD-E1226",
        "default: true",
    ),
    "field with a key of its own": (
        BASE + "campaigns: {a: {name: A, fields: {«status: x}}}\n",
        "SFDD-E1107",
        "status: …",
    ),
    "ignored campaign key": (
        BASE + "campaigns: {a: {name: A, lifecycle: {«ignore_changes: [statsu]}}}\n",
        "SFDD-E1229",
        "did you mean `status`?",
    ),
    "ignored book key": (
        BASE + "address_books: {a: {name: A, lifecycle: {«ignore_changes: [zzzzz]}}}\n",
        "SFDD-E1229",
        "ignore_changes: [name]",
    ),
    # members
    "id of a contact": (
        BASE + "campaigns: {a: {name: A, members: {contacts: {ids: [003000000000001, «00Q000000000001]}}}}\n",
        "SFDD-E1220",
        "003",
    ),
    "id of a lead": (BASE + "campaigns: {a: {name: A, members: {leads: {ids: [«00Q12]}}}}\n", "SFDD-E1220", "00Q"),
    "address": (BASE + "campaigns: {a: {name: A, members: {leads: {emails: [«nobody]}}}}\n", "SFDD-E1220", ""),
    "end before start": (
        BASE + "campaigns: {a: {name: A, start_date: 2026-03-02, end_date: «2026-03-01}}\n",
        "SFDD-E1245",
        "end_date: 2026-03-02",
    ),
    "quote of a condition": (selected('«where: "Name = \'x"'), "SFDD-E2130", "where: "),
    "clause of a condition": (selected("«where: \"Name = 'x' LIMIT 5\""), "SFDD-E2130", "where: "),
    "operator of a condition": (selected("«where: \"Name == 'x'\""), "SFDD-E2130", "where: "),
    "region that is none": (BASE.replace("'}}}", "', region: «r9}}}"), "SFDD-E1105", "region: auto"),
    "label with a space": (
        BASE + "campaigns: {a: {name: A, member_statuses: {«'Sent ': {}}}}\n",
        "SFDD-E1208",
        "member_statuses: {Sent: …}",
    ),
    "label twice but for case": (
        BASE + "campaigns: {a: {name: A, member_statuses: {Sent: {}, «sent: {}}}}\n",
        "SFDD-E1226",
        "remove `sent:`",
    ),
    "label of a selection": (selected("where: A = 1, status: «' Sent'"), "SFDD-E1208", "status: Sent"),
    "label of a link": (
        BASE + PAIR + "links: [{campaign: a, address_book: b, member_statuses: [«'Sent ']}]\n",
        "SFDD-E1208",
        "member_statuses: [Sent]",
    ),
    "campaign with a space": (BASE + "campaigns: {a: {name: «' A'}}\n", "SFDD-E1208", "name: A"),
    "type with a space": (BASE + "campaigns: {a: {name: A, type: «'Email '}}\n", "SFDD-E1208", "type: Email"),
    "existing campaign with a space": (BASE + "campaigns: {a: {existing: {name: «'A '}}}\n", "SFDD-E1208", "name: A"),
    "line end in a name": (BASE + 'campaigns: {a: {name: «"A\\nB"}}\n', "SFDD-E1208", "name: A B"),
    "control character in a name": (BASE + 'address_books: {a: {name: «"A\\x07B"}}\n', "SFDD-E1208", "name: A B"),
    "id of a book": (BASE + "address_books: {a: {existing: {id: «x9}}}\n", "SFDD-E1220", ""),
    "import by the id of a contact": (
        BASE + PAIR + "import: [{to: campaign.a, id: «003000000000001}]\n",
        "SFDD-E1220",
        "id: 701…",
    ),
    "import of a book by the id of a campaign": (
        BASE + PAIR + "import: [{to: address_book.b, id: «701000000000001AAA}]\n",
        "SFDD-E1220",
        "id: 901",
    ),
    "id of a campaign": (BASE + "campaigns: {a: {existing: {id: «003000000000001}}}\n", "SFDD-E1220", ""),
    "file of members": (
        BASE + "campaigns: {a: {name: A, members: {leads: {file: «nope.csv}}}}\n",
        "SFDD-E1225",
        "file: ",
    ),
    # rows
    "two writers of a data field": (
        BASE + "field_mappings: {contacts: {FirstName: NOTES, «LastName: notes}}\n",
        "SFDD-E1215",
        "dotdigital_to_salesforce",
    ),
    "two accounts write a Salesforce field": (
        TWO_ACCOUNTS
        + "field_mappings:\n  main: {leads: {Title: {data_field: NOTES, direction: two_way}}}\n"
        + "  events: {leads: {«Title: {data_field: NOTES, direction: dotdigital_to_salesforce}}}\n",
        "SFDD-E1216",
        "salesforce_to_dotdigital",
    ),
    "record type in two places": (
        BASE + "field_mappings: {contacts: {}, main: {«contacts: {}}}\n",
        "SFDD-E1228",
        "",
    ),
    "no API name": (BASE + "field_mappings: {contacts: {«First Name: FIRSTNAME}}\n", "SFDD-E1230", ""),
    "query in a name": (BASE + "field_mappings: {contacts: {«'Id FROM User': NOTES}}\n", "SFDD-E1230", ""),
    "calculated field written": (
        BASE + "field_mappings: {leads: {«Name: {data_field: NOTES, direction: two_way}}}\n",
        "SFDD-E1231",
        "direction: salesforce_to_dotdigital",
    ),
    "date of creation written": (
        BASE + "field_mappings: {leads: {«createddate: {data_field: NOTES, direction: dotdigital_to_salesforce}}}\n",
        "SFDD-E1231",
        "direction: salesforce_to_dotdigital",
    ),
    "email written": (
        BASE + "field_mappings: {leads: {«Email: {data_field: NOTES, direction: two_way}}}\n",
        "SFDD-E1231",
        "",
    ),
    "opt-out written": (
        BASE
        + "field_mappings: {leads: {«HasOptedOutOfEmail: {data_field: NOTES, direction: dotdigital_to_salesforce}}}\n",
        "SFDD-E1231",
        "",
    ),
    "twice but for the case of a field": (
        BASE + "field_mappings: {contacts: {Title: NOTES, «title: GENDER}}\n",
        "SFDD-E1232",
        "remove `title:`",
    ),
    "related field written": (
        BASE + "field_mappings: {contacts: {«Account.Name: {data_field: NOTES, direction: two_way}}}\n",
        "SFDD-E1233",
        "",
    ),
    # new leads
    "fields for new leads": (
        BASE + PAIR + "links: [{campaign: a, address_book: b, «new_leads: true}]\n",
        "SFDD-E1217",
        "FirstName",
    ),
    "new leads and mirror": (
        BASE
        + LEADS
        + "campaigns: {a: {name: A}}\naddress_books: {b: {name: B, removals: mirror}}\n"
        + "links: [{campaign: a, address_book: b, «new_leads: true}]\n",
        "SFDD-E1218",
        "removals: managed",
    ),
    "NEW-8 two links with new leads": (
        BASE
        + PAIR
        + LEADS
        + "links:\n- {campaign: a, address_book: b, new_leads: true}\n"
        + "- {campaign: z, address_book: b, «new_leads: true}\n",
        "SFDD-E1219",
        "primary: true",
    ),
    "NEW-8 two primary links": (
        BASE
        + PAIR
        + LEADS
        + "links:\n- {campaign: a, address_book: b, new_leads: {primary: true}}\n"
        + "- {campaign: z, address_book: b, «new_leads: {primary: true}}\n",
        "SFDD-E1219",
        "primary: true",
    ),
    # import, moved
    "import of nothing": (
        BASE + PAIR + "import: [{to: «campaign.aa, id: 701000000000001}]\n",
        "SFDD-E1221",
        "did you mean `campaign.a`?",
    ),
    "import of a link": (
        BASE + PAIR + "links: [{campaign: a, address_book: b}]\nimport: [{to: «link.a.b, id: 1}]\n",
        "SFDD-E1222",
        "",
    ),
    "import of an existing thing": (
        BASE + "address_books: {b: {existing: {name: B}}}\nimport: [{to: «address_book.b, id: 1}]\n",
        "SFDD-E1222",
        "",
    ),
    "import twice": (
        BASE + PAIR + "import:\n- {to: address_book.b, id: 1}\n- {to: «address_book.b, id: 2}\n",
        "SFDD-E1222",
        "",
    ),
    "moved to nothing": (BASE + PAIR + "moved: [{from: campaign.x, to: «campaign.y}]\n", "SFDD-E1221", ""),
    "moved but still there": (BASE + PAIR + "moved: [{from: «campaign.z, to: campaign.a}]\n", "SFDD-E1222", ""),
    "moved to another kind": (
        BASE + PAIR + "moved: [{from: «campaign.x, to: address_book.b}]\n",
        "SFDD-E1222",
        "from: address_book.…",
    ),
    # logging in
    "client credentials at the default host": (
        BASE + "salesforce: {auth: {method: «client_credentials, client_id: x, client_secret: '${env:S:-y}'}}\n",
        "SFDD-E1223",
        "login_url: https://….my.salesforce.com",
    ),
    "client credentials at the host of sandboxes": (
        BASE
        + "salesforce: {login_url: «https://test.salesforce.com,"
        + " auth: {method: client_credentials, client_id: x, client_secret: '${env:S:-y}'}}\n",
        "SFDD-E1223",
        "login_url: https://….my.salesforce.com",
    ),
    "state of nowhere": (BASE + "state: «ftp://u:p@host/db\n", "SFDD-E1224", "state: .sfdd/state.db"),
}


@pytest.mark.parametrize(("text", "id", "hint"), CASES.values(), ids=CASES)
def test_a_broken_rule_is_one_error_at_its_place(tmp_path: Path, text: str, id: str, hint: str) -> None:
    plain, where = marked(text)
    error = the_error(tmp_path, plain)
    assert (error.id, place(error)) == (id, where)
    assert error.hint
    assert hint in error.hint


def test_a_state_url_is_not_repeated(tmp_path: Path) -> None:
    error = the_error(tmp_path, BASE + "state: mysql://u:hunter2@host/db\n")
    assert "hunter2" not in error.summary


PAIRS = ("SFDD-E1209", "SFDD-E1210", "SFDD-E1211", "SFDD-E1212", "SFDD-E1215", "SFDD-E1216", "SFDD-E1219", "SFDD-E1228")


@pytest.mark.parametrize("id", PAIRS)
def test_errors_about_two_places_name_the_other_one(tmp_path: Path, id: str) -> None:
    text = next(text for text, its_id, _ in CASES.values() if its_id == id)
    error = the_error(tmp_path, marked(text)[0])
    assert error.detail.startswith(f"first at {tmp_path}/sfdd.yaml:")


FINE = {
    "built-in fields need no declaration": "field_mappings: {contacts: {FirstName: firstname, Description: NOTES}}\n",
    "built-in fields may be named existing": "data_fields: {main: {NOTES: existing, FULLNAME: existing}}\n",
    "20 characters": f"data_fields: {{main: {{{'A' * 20}: {{type: string}}}}}}\n",
    "one data field read into two fields": (
        "field_mappings: {contacts: {Title: {data_field: NOTES, direction: dotdigital_to_salesforce},"
        " Phone: {data_field: NOTES, direction: dotdigital_to_salesforce}}}\n"
    ),
    "contacts and leads write the same data field": (
        "field_mappings: {contacts: {Title: NOTES}, leads: {Title: NOTES}}\n"
    ),
    "names of campaigns and books may agree": "campaigns: {a: {name: A}}\naddress_books: {a: {name: A}}\n",
    "new leads with all they need": (
        LEADS + PAIR + "links: [{campaign: a, address_book: b, new_leads: {member_status: Sent}}]\n"
    ),
    "one primary among two": (
        LEADS
        + PAIR
        + "links:\n- {campaign: a, address_book: b, new_leads: {primary: true}}\n"
        + "- {campaign: z, address_book: b, new_leads: true}\n"
    ),
    "protected things may be gone": "guards: {protect: [campaign.gone]}\n",
    "a SQLite file": "state: state/sfdd.db\n",
    "email to a data field": "data_fields: {main: {WORK: {type: string}}}\nfield_mappings: {contacts: {Email: WORK}}\n",
}


@pytest.mark.parametrize("text", FINE.values(), ids=FINE)
def test_what_is_allowed_is_accepted(tmp_path: Path, text: str) -> None:
    assert loaded(tmp_path, BASE + text).digest


def test_the_same_book_name_in_two_accounts_is_fine(tmp_path: Path) -> None:
    text = TWO_ACCOUNTS + "address_books: {a: {name: N, account: main}, b: {name: N, account: events}}\n"
    assert len(loaded(tmp_path, text).address_books) == 2


def test_an_overlong_data_field_is_one_error_although_rows_use_it(tmp_path: Path) -> None:
    text = (
        BASE + f"data_fields: {{main: {{{LONG}: {{type: string}}}}}}\nfield_mappings: {{contacts: {{Title: {LONG}}}}}\n"
    )
    assert [error.id for error in errors_in(tmp_path, text)] == ["SFDD-E1206"]


@pytest.mark.parametrize(
    "salesforce",
    [
        "{login_url: https://a.my.salesforce.com, auth: {method: client_credentials, client_id: x, client_secret: y}}",
        "{auth: {method: refresh_token, client_id: x, refresh_token: y}}",
        "{auth: {method: refresh_token, client_id: x, client_secret: y, refresh_token: z}}",
    ],
)
def test_every_way_to_log_in_can_be_declared(tmp_path: Path, salesforce: str) -> None:
    auth = loaded(tmp_path, BASE + f"salesforce: {salesforce}\n").salesforce.auth
    assert auth is not None
    assert auth.client_id == "x"
