"""Imports: results per row, refused jobs, lost replies, full queues - and who may be on a list."""

from __future__ import annotations

import pytest

from sfdd_declare.dotdigital import jobs
from sfdd_declare.dotdigital.client import Client
from sfdd_declare.dotdigital.imports import ImportWriter, matched
from sfdd_declare.dotdigital.jobs import ImportAnswer, JobContact, JobProblem
from sfdd_declare.model.errors import Terminal, Transient
from sfdd_declare.model.mapping import DataFieldType
from sfdd_declare.model.operation import Task
from sfdd_declare.model.ports import Batch, ImportRow, ImportValue, PersonResult, Results
from sfdd_declare.sandbox.world import World

from .builders import Hands, Pauses, Told, a_batch, an_import_row, an_operation

PUT, POLL = "PUT /contacts/v3/import", "GET /contacts/v3/import/{id}"


def a_people_batch(*rows: ImportRow, task: Task = Task.IMPORT_CONTACTS, **lists: int) -> Batch:
    return a_batch(an_operation(task), *rows, lists=lists)


def send(client: Client, batch: Batch, told: Told | None = None) -> Results:
    told = told or Told()
    task = batch.operations[0].task
    return ImportWriter(client, task).send(batch, told.jobs.append, told.done.append)


def by_person(results: Results) -> dict[str, PersonResult]:
    return {result.person: result for result in results.people}


def test_values_and_lists_ride_in_one_import(client: Client, hands: Hands) -> None:
    list_id = hands.a_list()
    ada = hands.a_contact("ada@example.org", dataFields={"FIRSTNAME": "Ada", "LASTNAME": "Byron"})
    rows = (
        an_import_row("ada@example.org", contact_id=ada, LASTNAME="Lovelace", FIRSTNAME=None, books=("newsletter",)),
        an_import_row("Bo@example.org", FIRSTNAME="Bo", books=("newsletter",)),
    )
    told = Told()
    results = by_person(send(client, a_people_batch(*rows, newsletter=list_id), told))
    assert results["ada@example.org"] == PersonResult("ada@example.org", ok=True, contact_id=ada)
    assert results["Bo@example.org"].ok
    assert results["Bo@example.org"].contact_id == (hands.contact("bo@example.org") or {})["contactId"]
    assert (hands.values()["FIRSTNAME"], hands.values()["LASTNAME"]) == (None, "Lovelace")
    assert set(hands.lists_of("bo@example.org")) == {list_id}
    assert told.done == [2]


def test_ten_thousand_people_are_one_import_and_its_polls(client: Client, hands: Hands, world: World) -> None:
    world.set_setting("dotdigital.job_polls", 2)
    rows = [an_import_row(f"person{number}@example.org", FIRSTNAME="P") for number in range(10_000)]
    results = send(client, a_people_batch(*rows))
    assert all(result.ok for result in results.people)
    assert len(results.people) == 10_000
    assert hands.requests() == {PUT: 1, POLL: 3}


def test_the_job_is_told_before_it_is_polled(client: Client, hands: Hands) -> None:
    seen: list[dict[str, int]] = []
    names: list[str] = []

    def on_job(name: str) -> None:
        names.append(name)
        seen.append(hands.requests())

    ImportWriter(client, Task.IMPORT_CONTACTS).send(a_people_batch(an_import_row()), on_job, lambda done: None)
    assert seen == [{PUT: 1}]
    assert names[0].startswith("import:")


def test_polls_become_rarer(client: Client, world: World, pauses: Pauses) -> None:
    world.set_setting("dotdigital.job_polls", 15)
    send(client, a_people_batch(an_import_row()))
    assert pauses[0] == jobs.FIRST_PAUSE
    assert pauses == sorted(pauses)
    assert pauses[-1] == jobs.LONGEST_PAUSE


def test_a_job_that_does_not_end_is_left_to_itself(client: Client, world: World) -> None:
    world.set_setting("dotdigital.job_polls", 10**6)
    with pytest.raises(Transient) as caught:
        send(client, a_people_batch(an_import_row()))
    assert caught.value.id == "SFDD-E2216"


def test_rows_that_fail_leave_their_neighbours_alone(client: Client, hands: Hands, world: World) -> None:
    world.set_setting("dotdigital.globally_suppressed", ["banned@example.org"])
    world.set_setting("dotdigital.suppressed_domains", ["blocked.example.com"])
    number = ImportValue("FIRSTNAME", DataFieldType.NUMERIC, "no number")
    rows = (
        an_import_row("good@example.org", FIRSTNAME="Good"),
        an_import_row("x@@y"),
        an_import_row("banned@example.org"),
        an_import_row("someone@blocked.example.com"),
        an_import_row("long@example.org", FIRSTNAME="x" * 1001),
        an_import_row("gone@example.org", contact_id=999_999),
        ImportRow("unfit", None, "unfit@example.org", (number,), ()),
        an_import_row("GOOD@example.org"),
    )
    results = by_person(send(client, a_people_batch(*rows)))
    assert {person for person, result in results.items() if result.ok} == {"good@example.org"}
    assert results["x@@y"].code == "invalidEmail"
    assert results["banned@example.org"].permanent
    assert results["someone@blocked.example.com"].permanent
    assert not results["long@example.org"].permanent
    assert results["gone@example.org"].code
    assert (results["unfit"].code, results["GOOD@example.org"].code) == ("invalidValue", "duplicateIdentifier")


def test_a_batch_of_unfit_rows_costs_no_call(client: Client, hands: Hands) -> None:
    results = send(client, a_people_batch(an_import_row(" ")))
    assert [result.code for result in results.people] == ["noAddress"]
    assert hands.requests() == {}


def test_a_contact_saved_with_a_part_refused_is_both(client: Client, hands: Hands) -> None:
    results = by_person(send(client, a_people_batch(an_import_row(books=("gone",), FIRSTNAME="Ada"), gone=999_999)))
    result = results["ada@example.org"]
    assert (result.ok, result.refused, bool(result.code)) == (True, True, True)
    assert hands.values()["FIRSTNAME"] == "Ada"


@pytest.mark.parametrize(
    ("setting", "value", "id"),
    [
        ("dotdigital.watchdog", True, "SFDD-E2210"),
        ("dotdigital.contact_allowance", 0, "SFDD-E2211"),
    ],
)
def test_WIRE_3_a_job_refused_as_a_whole_is_never_sent_again(
    client: Client, hands: Hands, setting: str, value: object, id: str
) -> None:
    hands.world.set_setting(setting, value)
    with pytest.raises(Terminal) as caught:
        send(client, a_people_batch(an_import_row()))
    assert caught.value.id == id
    assert hands.requests()[PUT] == 1
    assert hands.contact() is None


def test_a_job_that_failed_inside_is_an_error(client: Client, hands: Hands) -> None:
    hands.fault("job_failed", "/contacts/v3/import$")
    with pytest.raises(Terminal) as caught:
        send(client, a_people_batch(an_import_row()))
    assert (caught.value.id, caught.value.code) == ("SFDD-E2212", "Failed")


@pytest.mark.parametrize(("kind", "jobs_started"), [("reset_before", 1), ("reset_after", 2), ("truncate", 2)])
def test_an_import_whose_reply_was_lost_is_repeated_once(
    client: Client, hands: Hands, world: World, kind: str, jobs_started: int
) -> None:
    list_id = hands.a_list()
    hands.fault(kind, "/contacts/v3/import$")
    told = Told()
    row = an_import_row(FIRSTNAME="Ada", books=("newsletter",))
    results = send(client, a_people_batch(row, newsletter=list_id), told)
    assert [result.ok for result in results.people] == [True]
    assert (hands.values()["FIRSTNAME"], set(hands.lists_of())) == ("Ada", {list_id})
    assert len(told.jobs) == 1
    assert world.db.execute("SELECT COUNT(*) FROM dd_job").fetchone()[0] == jobs_started


def test_an_import_whose_reply_is_lost_twice_is_not_sent_a_third_time(client: Client, hands: Hands) -> None:
    hands.fault("reset_after", "/contacts/v3/import$", times=0)
    calls = client.calls
    told = Told()
    with pytest.raises(Transient):
        send(client, a_people_batch(an_import_row()), told)
    assert client.calls == calls + 2
    assert told.jobs == []


def test_a_full_queue_is_waited_for(client: Client, hands: Hands, world: World, pauses: Pauses) -> None:
    world.set_setting("dotdigital.job_ticks", 3)
    for number in range(25):
        row = {"matchIdentifier": "email", "identifiers": {"email": f"other{number}@example.org"}}
        assert hands.http.put("/contacts/v3/import", json={"contacts": [row]}).status_code == 202
    pauses.then = lambda: hands.http.get("/v2/server-time")  # elsewhere time passes, and jobs end
    results = send(client, a_people_batch(an_import_row()))
    assert [result.ok for result in results.people] == [True]
    assert hands.requests()[PUT] > 26


def test_a_queue_that_stays_full_ends_in_an_error(client: Client, hands: Hands) -> None:
    body = {"errorCode": "contacts:tooManyActiveImports", "description": "Too many."}
    hands.fault("status", "/contacts/v3/import$", status=429, body=body, times=0)
    with pytest.raises(Terminal) as caught:
        send(client, a_people_batch(an_import_row()))
    assert caught.value.id == "SFDD-E2204"


@pytest.mark.parametrize("status", ["refused", "accepted"])
def test_an_opted_out_person_is_created_off_every_list(client: Client, hands: Hands, world: World, status: str) -> None:
    world.set_switch("new_contact_status_suppressed", status)
    list_id = hands.a_list()
    row = an_import_row(books=("newsletter",), FIRSTNAME="Ada", opted_out=True)
    (result,) = send(client, a_people_batch(row, task=Task.IMPORT_OPTED_OUT, newsletter=list_id)).people
    assert result.ok
    assert result.contact_id == (hands.contact() or {})["contactId"]
    assert hands.lists_of() == {}
    assert not result.refused
    assert hands.status() == "unsubscribed"


@pytest.mark.parametrize("may", [True, False])
def test_a_status_that_keeps_people_from_being_created_gives_way_to_the_other_unless_that_is_known_to_be_refused(
    client: Client, hands: Hands, *, may: bool
) -> None:
    answers = [
        {"status": "Finished", "failures": [_failure("ada@example.org", "InvalidContactStatus")]},
        {"status": "Finished", "created": [{"contactId": 5, "identifiers": {"email": "ada@example.org"}}]},
    ]
    for nth, body in enumerate(answers, start=1):
        hands.fault("status", "/contacts/v3/import/", status=200, body=body, nth=nth)
    told = Told()
    batch = a_people_batch(an_import_row(opted_out=True), task=Task.IMPORT_OPTED_OUT)
    writer = ImportWriter(client, Task.IMPORT_OPTED_OUT, may_create_suppressed=may)
    (result,) = writer.send(batch, told.jobs.append, told.done.append).people
    assert (result.ok, result.contact_id, len(told.jobs)) == ((True, 5, 2) if may else (False, None, 1))


def test_an_import_never_touches_the_subscription_of_a_contact(client: Client, hands: Hands) -> None:
    statuses = ("suppressed", "unsubscribed", "hardBounced", "pendingOptIn", "subscribed")
    for status in statuses:
        hands.a_contact(f"{status}@example.org", status=status)
    list_id = hands.a_list()
    rows = [an_import_row(f"{status}@example.org", FIRSTNAME="X", books=("newsletter",)) for status in statuses]
    assert all(result.ok for result in send(client, a_people_batch(*rows, newsletter=list_id)).people)
    assert [hands.status(f"{status}@example.org") for status in statuses] == list(statuses)


def _failure(email: str, code: str) -> dict[str, object]:
    problems = [{"failureCode": code, "description": f"The row of {email} was not taken"}]
    return {"matchIdentifier": "email", "identifiers": {"email": email}, "failures": problems}


class TestMatching:
    """Results to rows, where the sandbox cannot be brought to answer so."""

    def entry(self, *, number: int | None = None, email: str = "", code: str = "") -> JobContact:
        identifiers = {"email": email} if email else {}
        return JobContact(number, identifiers, [JobProblem(code, f"{email} is bad")] if code else None)

    def test_addresses_match_in_any_case(self) -> None:
        answer = ImportAnswer("Finished", created=[self.entry(number=7, email="ADA@Example.org")])
        assert matched([an_import_row("ada@example.org")], answer)["ada@example.org"].contact_id == 7

    def test_a_row_with_an_id_is_matched_by_it_alone(self) -> None:
        answer = ImportAnswer("Finished", updated=[self.entry(number=7, email="new@example.org")])
        assert matched([an_import_row("old@example.org", contact_id=7)], answer)["old@example.org"].ok

    @pytest.mark.parametrize("code", ["invalidEmail", "InvalidEmail"])
    def test_a_refusal_without_words_gets_those_of_its_code(self, code: str) -> None:
        entry = JobContact(None, {"email": "ada@example.org"}, [JobProblem(code)])
        result = matched([an_import_row()], ImportAnswer("Finished", failures=[entry]))["ada@example.org"]
        assert result.message == "Dotdigital does not take this for an email address"

    def test_a_row_nobody_speaks_of_is_unknown(self) -> None:
        result = matched([an_import_row()], ImportAnswer("Finished"))["ada@example.org"]
        assert (result.ok, result.code, result.permanent) == (False, "noResult", False)

    @pytest.mark.parametrize(
        ("code", "permanent"),
        [
            ("globallySuppressed", True),
            ("GloballySuppressed", True),
            ("SuppressedByDomain", True),
            ("Blocker", True),
            ("duplicateIdentifier", False),
            ("SomethingNew", False),
        ],
    )
    def test_failures_keep_their_code_and_say_whether_they_stay(self, code: str, permanent: bool) -> None:
        answer = ImportAnswer("Finished", failures=[self.entry(email="ada@example.org", code=code)])
        result = matched([an_import_row()], answer)["ada@example.org"]
        assert (result.ok, result.code, result.permanent) == (False, code, permanent)
        assert "ada" not in result.message

    def test_a_failure_without_a_reason_is_still_a_failure(self) -> None:
        answer = ImportAnswer("Finished", failures=[self.entry(email="ada@example.org")])
        assert matched([an_import_row()], answer)["ada@example.org"].code == "unknown"
