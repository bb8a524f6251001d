"""Many records in one job: a result for every row, whatever becomes of the job."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from sfdd_declare.model import limits
from sfdd_declare.model.address import account, campaign
from sfdd_declare.model.errors import Denied, RemoteError, Terminal, Transient
from sfdd_declare.model.mapping import RecordType
from sfdd_declare.model.operation import Action, Task
from sfdd_declare.model.ports import Batch, MemberRow, PersonResult, RecordRow, RecordValue
from sfdd_declare.salesforce.client import Client
from sfdd_declare.salesforce.jobs import Jobs
from sfdd_declare.salesforce.members import MemberWriter
from sfdd_declare.salesforce.records import RecordWriter

from .builders import Org, an_operation

CONTACT, LEAD = RecordType.CONTACT, RecordType.LEAD
JOB = "PATCH jobs/ingest/{id}"


@pytest.fixture(autouse=True)
def bulk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "BULK_WRITE_ROWS", 2)


def a_row(sf_id: str, *, kind: RecordType = CONTACT, types: str = "string", **values: str | None) -> RecordRow:
    return RecordRow(sf_id, kind, sf_id, tuple(RecordValue(name, types, text) for name, text in values.items()))


def written(
    client: Client, rows: Iterable[RecordRow], *, jobs: list[str] | None = None, progress: list[int] | None = None
) -> dict[str, PersonResult]:
    batch = Batch((an_operation(Task.UPDATE_RECORDS, account("main")),), 0, tuple(rows), {})
    on_job = (lambda job: None) if jobs is None else jobs.append
    on_progress = (lambda done: None) if progress is None else progress.append
    results = RecordWriter(client).send(batch, on_job, on_progress).people
    assert [result.person for result in results] == [row.person for row in batch.rows]
    return {result.person: result for result in results}


def stored(org: Org, sobject: str, field: str) -> dict[str, Any]:
    with org.world.lock:
        found = org.world.db.execute(f"SELECT Id, {field} FROM sf_{sobject}").fetchall()
    return {row["Id"]: row[field] for row in found}


def test_many_rows_are_one_job_of_six_calls(org: Org, client: Client) -> None:
    people = org.contacts(250)
    jobs: list[str] = []
    progress: list[int] = []
    results = written(
        client, [a_row(person, Title=f"T{i}") for i, person in enumerate(people)], jobs=jobs, progress=progress
    )
    assert all(result.ok for result in results.values())
    assert stored(org, "Contact", "Title") == {person: f"T{i}" for i, person in enumerate(people)}
    assert org.templates()[1:] == [
        "POST jobs/ingest",
        "PUT jobs/ingest/{id}/batches",
        JOB,
        "GET jobs/ingest/{id}",
        "GET jobs/ingest/{id}",
        "GET jobs/ingest/{id}/successfulResults",
    ]
    assert len(jobs) == 1
    assert jobs[0].startswith("bulk:750")
    assert progress[-1] == 250


def test_few_rows_need_no_job(org: Org, client: Client) -> None:
    people = org.contacts(2)
    written(client, [a_row(person, Title="New") for person in people])
    assert org.templates()[1:] == ["PATCH composite/sobjects"]


def test_every_kind_of_value_arrives_as_it_was(org: Org, client: Client) -> None:
    first, second, third = org.contacts(3, Title="Old", Department="Old", DoNotCall=True)
    rows = [
        a_row(first, Title='a "quoted", one', Description="two\nlines"),
        a_row(second, Title=None),
        RecordRow(
            third,
            CONTACT,
            third,
            (RecordValue("DoNotCall", "boolean", "false"), RecordValue("Birthdate", "date", "1980-01-02")),
        ),
    ]
    assert all(result.ok for result in written(client, rows).values())
    titles = stored(org, "Contact", "Title")
    assert titles == {first: 'a "quoted", one', second: None, third: "Old"}
    assert stored(org, "Contact", "Description")[first] == "two\nlines"
    assert set(stored(org, "Contact", "Department").values()) == {"Old"}
    assert stored(org, "Contact", "DoNotCall") == {first: 1, second: 1, third: 0}
    assert stored(org, "Contact", "Birthdate")[third] == "1980-01-02"


def test_values_that_csv_cannot_tell_go_the_ordinary_way(org: Org, client: Client) -> None:
    people = org.contacts(6)
    odd = {people[0]: "#N/A", people[1]: "two\r\nlines", people[2]: "x" * (limits.BULK_FIELD - 1)}
    rows = [a_row(person, Description=odd.get(person, "plain")) for person in people]
    assert all(result.ok for result in written(client, rows).values())
    found = stored(org, "Contact", "Description")
    assert (found[people[0]], found[people[1]]) == ("#N/A", "two\r\nlines")
    assert "PATCH composite/sobjects" in org.templates()


def test_a_refused_row_says_why_and_the_others_are_done(org: Org, client: Client) -> None:
    people = org.contacts(5)
    rows = [a_row(person, LastName="New") for person in people[:4]] + [a_row(people[4], LastName=None)]
    results = written(client, rows)
    assert [results[person].ok for person in people] == [True] * 4 + [False]
    refused = results[people[4]]
    assert refused.code == "REQUIRED_FIELD_MISSING"
    assert refused.message.startswith("Required fields are missing: [LastName]")


def test_a_vendors_message_does_not_quote_the_value(org: Org, client: Client) -> None:
    people = org.contacts(3)
    results = written(client, [a_row(person, Email="not an address") for person in people])
    assert {result.code for result in results.values()} == {"INVALID_EMAIL_ADDRESS"}
    assert not any("not an address" in result.message for result in results.values())


def test_locked_rows_go_again_in_small_calls(org: Org, client: Client) -> None:
    people = org.contacts(5)
    org.fault("row_lock", method="PATCH", path="jobs/ingest", body={"rows": [1, 3]})
    results = written(client, [a_row(person, Title="New") for person in people])
    assert all(result.ok for result in results.values())
    assert set(stored(org, "Contact", "Title").values()) == {"New"}
    assert org.templates()[-1] == "PATCH composite/sobjects"


def test_each_type_of_record_has_a_job_of_its_own(org: Org, client: Client) -> None:
    people = org.contacts(3)
    leads = org.make("Lead", *({"LastName": f"L{i}", "Company": "X"} for i in range(3)))
    rows = [a_row(p, Title="New") for p in people] + [a_row(lead, kind=LEAD, Title="New") for lead in leads]
    assert all(result.ok for result in written(client, rows).values())
    assert org.templates().count("POST jobs/ingest") == 2
    assert set(stored(org, "Lead", "Title").values()) == {"New"}


def test_rows_a_failed_job_never_tried_are_not_done(org: Org, client: Client) -> None:
    people = org.contacts(5)
    org.fault("job_failed", method="PATCH", path="jobs/ingest", body={"rows": 3, "error": "InternalServerError : x"})
    results = written(client, [a_row(person, Title="New") for person in people])
    assert [results[person].ok for person in people] == [True, True, True, False, False]
    assert {results[person].code for person in people[3:]} == {"UNPROCESSED"}
    assert not any(result.permanent for result in results.values())
    assert list(stored(org, "Contact", "Title").values()).count("New") == 3


@pytest.mark.parametrize(
    ("message", "kind", "hint"),
    [
        ("InvalidBatch : Field name not found : Title", Denied, "sfdd validate"),
        ("InternalServerError : Retried more than 10 times", Transient, "sfdd plan"),
        ("ExceededQuota : ApiBatchItems Limit exceeded.", Terminal, "salesforce.daily_call_budget"),
        ("ClientInputError : Failed to parse CSV", Terminal, "sfdd plan"),
    ],
)
def test_a_job_that_came_to_nothing_fails_by_meaning(
    org: Org, client: Client, message: str, kind: type[RemoteError], hint: str
) -> None:
    people = org.contacts(3)
    org.fault("job_failed", method="PATCH", path="jobs/ingest", body={"error": message})
    with pytest.raises(RemoteError) as caught:
        written(client, [a_row(person, Title="New") for person in people])
    assert isinstance(caught.value, kind)
    assert caught.value.hint == hint


@pytest.mark.parametrize("setting", [{"salesforce.bulk_unsupported": ["Contact"]}, {"salesforce.bulk_ingest_quota": 0}])
def test_without_bulk_the_rows_go_the_ordinary_way(org: Org, client: Client, setting: dict[str, Any]) -> None:
    people = org.contacts(5)
    for key, value in setting.items():
        org.world.set_setting(key, value)
    assert all(result.ok for result in written(client, [a_row(p, Title="New") for p in people]).values())
    assert org.templates()[1:] == ["POST jobs/ingest", "PATCH composite/sobjects"]


@pytest.mark.parametrize("kind", ["reset_before", "reset_after"])
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
def test_a_lost_answer_writes_every_row_once(org: Org, client: Client, kind: str, method: str) -> None:
    people = org.contacts(4)
    org.fault(kind, method=method, path="jobs/ingest")
    assert all(result.ok for result in written(client, [a_row(p, Title="New") for p in people]).values())
    history = org.world.db.execute("SELECT COUNT(*) FROM history WHERE field = 'Title' AND new = '\"New\"'").fetchone()
    assert history[0] == 4


def test_an_upload_that_keeps_getting_lost_is_given_up_with_nothing_written(org: Org, client: Client) -> None:
    people = org.contacts(4)
    org.fault("reset_after", method="PUT", path="batches", times=0)
    with pytest.raises(Transient):
        written(client, [a_row(p, Title="New") for p in people])
    assert set(stored(org, "Contact", "Title").values()) == {None}


def test_more_bytes_than_an_upload_holds_are_several_jobs(
    org: Org, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "BULK_UPLOAD", 300)
    people = org.contacts(7)
    jobs: list[str] = []
    assert all(r.ok for r in written(client, [a_row(p, Title="New") for p in people], jobs=jobs).values())
    assert len(jobs) == len(set(jobs)) > 1


def test_a_row_without_any_verdict_is_unknown(org: Org, client: Client) -> None:
    people = org.contacts(3)
    body = f'"sf__Id","sf__Created","Id","Title"\n"{people[0]}","false","{people[0]}","New"\n'
    org.fault("status", path="successfulResults", status=200, body=body)
    results = written(client, [a_row(person, Title="New") for person in people])
    found = [(results[person].ok, results[person].code) for person in people]
    assert found == [(True, ""), (False, "noResult"), (False, "noResult")]


# --- campaign members -----------------------------------------------------------------------------------------------


def joined(org: Org, client: Client, made: str, rows: Iterable[MemberRow]) -> list[PersonResult]:
    operation = an_operation(Task.ADD_MEMBERS, campaign("a"), action=Action.PEOPLE, payload={"campaign": "a"})
    batch = Batch((operation,), 0, tuple(rows), {"@campaign.a": made})
    return list(MemberWriter(client).send(batch, lambda job: None, lambda done: None).people)


def a_member(record_id: str, kind: RecordType = CONTACT, *, status: str | None = None) -> MemberRow:
    return MemberRow(f"p:{record_id}", "a", kind, record_id, status)


def test_many_members_are_added_by_one_job(org: Org, client: Client) -> None:
    made, people = org.campaign(), org.contacts(4)
    leads = org.make("Lead", *({"LastName": f"L{i}", "Company": "X"} for i in range(3)))
    rows = [*(a_member(p, status="Responded") for p in people), *(a_member(lead, LEAD) for lead in leads)]
    results = joined(org, client, made, rows)
    assert [result.person for result in results] == [row.person for row in rows]
    assert all(result.ok for result in results)
    assert org.templates().count("POST jobs/ingest") == 1
    assert "POST composite/sobjects" not in org.templates()
    assert sorted(stored(org, "CampaignMember", "Status").values()) == ["Responded"] * 4 + ["Sent"] * 3


def test_members_who_are_there_already_are_done_and_strangers_are_not(org: Org, client: Client) -> None:
    made, people = org.campaign(), org.contacts(4)
    org.join(made, people[:2])
    results = joined(org, client, made, [a_member(p) for p in (*people, "0035g00000zzzzzAAA")])
    assert [result.ok for result in results] == [True] * 4 + [False]
    assert len(stored(org, "CampaignMember", "Status")) == 4


def test_members_whose_campaign_was_locked_go_again(org: Org, client: Client) -> None:
    made, people = org.campaign(), org.contacts(4)
    org.fault("row_lock", method="PATCH", path="jobs/ingest", body={"rows": [0, 2]})
    assert all(result.ok for result in joined(org, client, made, [a_member(p) for p in people]))
    assert len(stored(org, "CampaignMember", "Status")) == 4


def test_members_are_added_the_ordinary_way_where_there_is_no_bulk(org: Org, client: Client) -> None:
    org.world.set_setting("salesforce.bulk_unsupported", ["CampaignMember"])
    made, people = org.campaign(), org.contacts(4)
    assert all(result.ok for result in joined(org, client, made, [a_member(p) for p in people]))
    assert org.templates()[-1] == "POST composite/sobjects"


# --- what an interrupted run left -----------------------------------------------------------------------------------


def a_job(client: Client, data: str, *, hand_over: bool) -> str:
    made = client.send(
        "POST", "jobs/ingest", template="t", json=b'{"object":"Contact","operation":"update"}', idempotent=True
    )
    job = str(made.json()["id"])
    client.send("PUT", f"jobs/ingest/{job}/batches", template="t", csv=data.encode(), idempotent=True)
    if hand_over:
        body = b'{"state":"UploadComplete"}'
        client.send("PATCH", f"jobs/ingest/{job}", template="t", json=body, idempotent=True)
    return f"bulk:{job}"


def test_a_job_of_an_earlier_run_is_waited_for(org: Org, client: Client) -> None:
    (person,) = org.contacts(1)
    job = a_job(client, f"Id,Title\n{person},New\n", hand_over=True)
    assert Jobs(client).wait(job)
    assert stored(org, "Contact", "Title") == {person: "New"}


def test_a_job_that_was_never_handed_over_is_aborted(org: Org, client: Client) -> None:
    (person,) = org.contacts(1)
    job = a_job(client, f"Id,Title\n{person},New\n", hand_over=False)
    assert Jobs(client).wait(job)
    state = client.send("GET", f"jobs/ingest/{job.removeprefix('bulk:')}", template="t", idempotent=True).json()
    assert state["state"] == "Aborted"
    assert stored(org, "Contact", "Title") == {person: None}


def test_a_job_that_is_forgotten_has_ended(client: Client) -> None:
    assert not Jobs(client).wait("bulk:7505g0000000zzzAAA")
    assert not Jobs(client).wait("bulk:nonsense")
