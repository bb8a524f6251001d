"""`notifications:` - what it becomes, what is refused at which place, and that no address of it is repeated."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr

from sfdd_declare.config.read import load
from sfdd_declare.model.canonical import canonical_json
from sfdd_declare.model.declared import Desired
from sfdd_declare.model.notice import Kind
from sfdd_declare.model.receiver import Format, Mail, MailServer, Webhook

from .builders import BASE, ENVIRON, errors_in, loaded, marked, place, the_error, write

URL = "https://hooks.acme.example/T0/B0/caNary-token"
HERE = "http://127.0.0.1:9/caNary-token"
SMTP = "smtp://sender:caNary%40-pass@mail.acme.example"
GIVEN = {**ENVIRON, "HOOK": URL, "SECRET": "caNary-secret", "SMTP": SMTP, "HERE": HERE}


def notified(folder: Path, receivers: str, **options: object) -> Desired:
    return loaded(folder, f"{BASE}notifications: {receivers}\n", **{"environ": GIVEN, **options})


def test_a_webhook_has_defaults(tmp_path: Path) -> None:
    (ops,) = notified(tmp_path, "{ops: {webhook: '${env:HOOK}'}}").notifications
    assert ops.key == "ops"
    assert ops.way == Webhook(SecretStr(URL), Format.JSON, None)
    assert ops.on == frozenset(Kind)
    assert ops.where is not None
    assert ops.where.line == 3


def test_every_key_counts(tmp_path: Path) -> None:
    one = "a: {webhook: '${env:HOOK}', secret: '${env:SECRET}', format: json, on: [held, guard]}"
    ops, chat = notified(tmp_path, f"{{{one}, b: {{webhook: '${{env:HOOK}}', format: slack}}}}").notifications
    assert ops.way == Webhook(SecretStr(URL), Format.JSON, SecretStr("caNary-secret"))
    assert ops.on == {Kind.HELD, Kind.GUARD}
    assert chat.way == Webhook(SecretStr(URL), Format.SLACK, None)


SERVERS = {
    "smtp://u:p%40%3a@mail.acme.example": MailServer("mail.acme.example", 587, False, "u", SecretStr("p@:")),
    "smtp://u:p@mail.acme.example:2525/": MailServer("mail.acme.example", 2525, False, "u", SecretStr("p")),
    "smtps://u:p@mail.acme.example": MailServer("mail.acme.example", 465, True, "u", SecretStr("p")),
    "smtp://relay": MailServer("relay", 25),
    "smtp://[::1]:2500": MailServer("::1", 2500),
}


@pytest.mark.parametrize(("url", "server"), SERVERS.items(), ids=SERVERS)
def test_a_mail_server_is_taken_from_its_address(tmp_path: Path, url: str, server: MailServer) -> None:
    text = (
        "{team: {email: [a@acme.example, b@acme.example, a@acme.example], from: s@acme.example, smtp: '${env:SMTP}'}}"
    )
    (team,) = notified(tmp_path, text, environ={**GIVEN, "SMTP": url}).notifications
    assert team.way == Mail(("a@acme.example", "b@acme.example"), "s@acme.example", server)


MAIL = "email: [a@acme.example], from: s@acme.example, smtp: '${env:SMTP}'"
WRONG = {
    "nobody": ("{«ops: {on: [held]}}", "SFDD-E1106"),
    "both ways": (f"{{ops: {{webhook: '${{env:HOOK}}', «{MAIL}}}}}", "SFDD-E1106"),
    "secret of slack": ("{ops: {webhook: '${env:HOOK}', format: slack, «secret: x}}", "SFDD-E1107"),
    "format of mail": (f"{{ops: {{{MAIL}, «format: slack}}}}", "SFDD-E1107"),
    "sender of a webhook": ("{ops: {webhook: '${env:HOOK}', «from: a@acme.example}}", "SFDD-E1107"),
    "no sender": ("{«ops: {email: [a@acme.example], smtp: '${env:SMTP}'}}", "SFDD-E1102"),
    "no server": ("{«ops: {email: [a@acme.example], from: a@acme.example}}", "SFDD-E1102"),
    "unknown key": ("{ops: {webhook: '${env:HOOK}', «formt: slack}}", "SFDD-E1101"),
    "unknown kind": ("{ops: {webhook: '${env:HOOK}', on: [«failures]}}", "SFDD-E1103"),
    "unknown format": ("{ops: {webhook: '${env:HOOK}', format: «teams}}", "SFDD-E1103"),
    "no kinds": ("{ops: {webhook: '${env:HOOK}', on: «[]}}", "SFDD-E1105"),
    "no recipients": ("{ops: {email: «[], from: a@acme.example, smtp: '${env:SMTP}'}}", "SFDD-E1105"),
    "two recipients in one": (
        "{ops: {email: [«'a@acme.example, caNary@acme.example'], from: a@acme.example, smtp: '${env:SMTP}'}}",
        "SFDD-E1105",
    ),
    "header in a sender": (
        '{ops: {email: [a@acme.example], from: «"caNary@acme.example\\nBcc: x@acme.example", smtp: x}}',
        "SFDD-E1105",
    ),
    "not the address of a hook": ("{ops: {webhook: «'${env:SECRET}'}}", "SFDD-E1105"),
    "user in a hook": ("{ops: {webhook: «'https://caNary:b@acme.example'}}", "SFDD-E1105"),
    "backslash in a hook": ("{ops: {webhook: «'https://acme.example/\\caNary'}}", "SFDD-E1105"),
    "break in a hook": ('{ops: {webhook: «"https://acme.example/caNary\\n"}}', "SFDD-E1105"),
    "not the address of a server": (
        "{ops: {email: [a@acme.example], from: a@acme.example, smtp: «'${env:HOOK}'}}",
        "SFDD-E1105",
    ),
    "break in a password": (
        "{ops: {email: [a@acme.example], from: a@acme.example, smtp: «'smtp://u:caNary%0A@acme.example'}}",
        "SFDD-E1105",
    ),
    "half an escape in a password": (
        "{ops: {email: [a@acme.example], from: a@acme.example, smtp: «'smtp://u:caNary%4@acme.example'}}",
        "SFDD-E1105",
    ),
    "a part of an address": ("{ops: {webhook: 'https://acme.example/«${env:SECRET}'}}", "SFDD-E1118"),
    "a password as a part": (
        "{ops: {email: [a@acme.example], from: a@acme.example, smtp: 'smtp://u:«${env:SECRET}@acme.example'}}",
        "SFDD-E1118",
    ),
    "a secret as a recipient": (
        "{ops: {email: ['«${env:SECRET}'], from: a@acme.example, smtp: '${env:SMTP}'}}",
        "SFDD-E1116",
    ),
    "in the clear": ("{ops: {webhook: «http://acme.example/caNary}}", "SFDD-E1246"),
    "almost this machine": ("{ops: {webhook: «http://localhost.acme.example/caNary}}", "SFDD-E1246"),
}


@pytest.mark.parametrize(("text", "id"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_said_at_its_place_and_nothing_of_it_is_repeated(tmp_path: Path, text: str, id: str) -> None:
    plain, where = marked(f"{BASE}notifications: {text}\n")
    found = errors_in(tmp_path, plain, environ=GIVEN)
    error = next(error for error in found if error.id == id)
    assert place(error) == where
    assert error.hint
    for each in found:
        shown = f"{each} {each.detail} {each.hint} {getattr(each.where, 'text', '')}"
        assert "caNary" not in shown


@pytest.mark.parametrize("port", ["0", "65536", "99999"])
def test_a_port_that_is_none_is_refused(tmp_path: Path, port: str) -> None:
    text = f"{BASE}notifications: {{ops: {{email: [a@acme.example], from: a@acme.example, smtp: 'smtp://h:{port}'}}}}\n"
    assert the_error(tmp_path, text).id == "SFDD-E1105"


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
def test_this_machine_may_be_told_in_the_clear(tmp_path: Path, host: str) -> None:
    (ops,) = notified(tmp_path, f"{{ops: {{webhook: 'http://{host}:9/x'}}}}").notifications
    assert isinstance(ops.way, Webhook)


ON_A_RUNNER = {
    "hook": "{ops: {webhook: «http://127.0.0.1:9/x}}",
    "sealed hook": "{ops: {webhook: «https://localhost/x}}",
    "server": "{ops: {email: [a@acme.example], from: a@acme.example, smtp: «'smtp://[::1]:25'}}",
}


@pytest.mark.parametrize("text", ON_A_RUNNER.values(), ids=ON_A_RUNNER)
def test_on_a_runner_this_machine_is_no_exception(tmp_path: Path, text: str) -> None:
    plain, where = marked(f"{BASE}notifications: {text}\n")
    error = the_error(tmp_path, plain, environ={**ENVIRON, "CI": "true"})
    assert (error.id, place(error)) == ("SFDD-E1247", where)


def test_on_a_runner_what_the_environment_holds_is_told(tmp_path: Path) -> None:
    assert notified(tmp_path, "{ops: {webhook: '${env:HERE}'}}", environ={**GIVEN, "CI": "true"}).notifications


def test_without_credentials_at_hand_nothing_is_missing(tmp_path: Path) -> None:
    text = f"{{a: {{webhook: '${{env:HOOK}}', secret: '${{env:SECRET}}'}}, b: {{{MAIL}}}}}"
    notified(tmp_path, text, environ={}, credentials=False)


def test_an_unset_variable_is_an_error_where_credentials_are_needed(tmp_path: Path) -> None:
    assert the_error(tmp_path, f"{BASE}notifications: {{a: {{webhook: '${{env:NOPE}}'}}}}\n").id == "SFDD-E1110"


def test_a_written_address_is_warned_about(tmp_path: Path) -> None:
    (warning,) = notified(tmp_path, f"{{ops: {{webhook: '{URL}'}}}}").advice
    assert warning.rule == "SFDD-W1201"
    assert "caNary" not in f"{warning} {warning.where.text if warning.where else ''}"


def test_who_is_told_has_nothing_read_again(tmp_path: Path) -> None:
    one = notified(tmp_path, "{ops: {webhook: '${env:HOOK}'}}")
    other = notified(tmp_path, "{chat: {webhook: '${env:HOOK}', format: slack, on: [held]}}")
    assert one.digest == other.digest == loaded(tmp_path, BASE).digest


def test_no_address_gets_into_what_is_shown_of_a_configuration(tmp_path: Path) -> None:
    desired = notified(tmp_path, f"{{a: {{webhook: '${{env:HOOK}}', secret: '${{env:SECRET}}'}}, b: {{{MAIL}}}}}")
    assert "caNary" not in f"{desired!r}{canonical_json(desired.notifications)}"


def test_receivers_may_stand_in_several_files_and_an_overlay_takes_one_out(tmp_path: Path) -> None:
    files = {
        "a.yaml": f"{BASE}notifications: {{a: {{webhook: '${{env:HOOK}}'}}}}\n",
        "b.yaml": "version: 1\nnotifications: {b: {webhook: '${env:HOOK}'}}\n",
        "env/dev.yaml": "notifications: {a: null, b: {format: slack}}\n",
    }
    folder = write(tmp_path, files)
    assert [each.key for each in load(folder, environ=GIVEN).notifications] == ["a", "b"]
    (only,) = load(folder, env="dev", environ=GIVEN).notifications
    assert only.way == Webhook(SecretStr(URL), Format.SLACK)
