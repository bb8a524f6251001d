"""Newcomers: leads are made and become members in one batch; who a link added is remembered (NEW, MEM-13)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from sfdd_declare.model.errors import Transient
from sfdd_declare.model.mapping import RecordType
from sfdd_declare.model.operation import Task
from sfdd_declare.model.plan import After
from sfdd_declare.model.ports import Batch, MemberRow, PersonResult
from tests.unit.run.builders import Apply, Row, a_row, breaking, people, results

CREATE = people("create_leads:main", Task.CREATE_LEADS, of=2)
ADOPT = people("adopt:spring", Task.ADOPT, of=2)
IDS = After(ids=(("@campaign.spring", "701S"), ("@campaign.autumn", "701A")))


def a_newcomer(person: str, *campaigns: str) -> tuple[Row, ...]:
    row = {"sf_id": None, "record_type": "lead", "contact_id": 5, "email": "new@example.com"}
    members = ({"campaign": key, "new": "Sent", "address_book": "news"} for key in campaigns)
    joins = (a_row(CREATE.id, person, "member", **row, **one, expect_s="wanted", expect_d="on") for one in members)
    return (a_row(CREATE.id, person, "identity", **row, decision="create_lead", expect_s="s", expect_d="d"), *joins)


def creating(folder: Path) -> Apply:
    rows = (*a_newcomer("contact 5", "spring", "autumn"), *a_newcomer("contact 6", "spring"))
    return Apply(folder, CREATE, changes=rows, after=IDS)


def adding(apply: Apply, **answers: PersonResult) -> None:
    """The members of the second call are answered so."""

    def then(batch: Batch) -> None:
        if batch.operations[0].task is Task.ADD_MEMBERS:
            apply.vendors.answers = {answer.person: answer for answer in answers.values()}

    apply.vendors.meanwhile = then


def test_new_leads_join_all_their_campaigns_by_the_id_they_got(tmp_path: Path) -> None:
    apply = creating(tmp_path)
    outcome = apply.end()
    made, joined = apply.vendors.batches
    assert [batch.operations[0].task for batch in (made, joined)] == [Task.CREATE_LEADS, Task.ADD_MEMBERS]
    assert joined.rows == (
        MemberRow("contact 5", "spring", RecordType.LEAD, "00Q of contact 5", "Sent"),
        MemberRow("contact 5", "autumn", RecordType.LEAD, "00Q of contact 5", "Sent"),
        MemberRow("contact 6", "spring", RecordType.LEAD, "00Q of contact 6", "Sent"),
    )
    settled = apply.settlement(CREATE.id)
    assert settled.newcomers == (
        ("701S", "00Q of contact 5"),
        ("701A", "00Q of contact 5"),
        ("701S", "00Q of contact 6"),
    )
    assert settled.pairs is not None
    assert settled.pairs["sf_id"].to_pylist() == ["00Q of contact 5", "00Q of contact 6"]
    assert results(outcome)[CREATE.id].done == 2


def test_NEW_7_of_a_lead_that_is_no_member_yet_the_base_learns_nothing(tmp_path: Path) -> None:
    apply = creating(tmp_path)
    adding(apply, refused=PersonResult("contact 5", ok=False, code="NO", message="not a member"))
    outcome = apply.end()
    settled = apply.settlement(CREATE.id)
    assert settled.pairs is not None
    assert settled.pairs["sf_id"].to_pylist() == ["00Q of contact 6"]
    assert settled.newcomers == (("701S", "00Q of contact 6"),)
    assert [(one.record, one.code, one.message) for one in settled.problems] == [("contact 5", "NO", "not a member")]
    assert (results(outcome)[CREATE.id].done, results(outcome)[CREATE.id].failed) == (1, 1)


def test_a_lead_that_was_refused_joins_nothing(tmp_path: Path) -> None:
    apply = creating(tmp_path)
    apply.vendors.answers = {"contact 5": PersonResult("contact 5", ok=False, code="NO", sf_id="00Q of another")}
    adding(apply)
    apply.end()
    assert [row.person for row in apply.vendors.batches[1].rows] == ["contact 6"]
    assert apply.settlement(CREATE.id).newcomers == (("701S", "00Q of contact 6"),)


def test_where_no_lead_was_made_no_member_is_sent(tmp_path: Path) -> None:
    apply = creating(tmp_path)
    apply.vendors.answers = {p: PersonResult(p, ok=False, code="NO") for p in ("contact 5", "contact 6")}
    apply.end()
    assert len(apply.vendors.batches) == 1


def test_a_lost_answer_about_the_members_leaves_the_batch_open(tmp_path: Path) -> None:
    apply = creating(tmp_path)
    apply.vendors.meanwhile = breaking(Transient("SFDD-E2001", "No answer."), at=2)
    assert results(apply.end())[CREATE.id].done == 0
    assert apply.journal.settled == []


def test_MEM_13_whom_a_link_adopts_is_remembered_as_its_newcomer_and_who_is_refused_is_not(tmp_path: Path) -> None:
    rows = tuple(
        a_row(ADOPT.id, person, "member", campaign="spring", address_book="news", expect_s="wanted", expect_d="on")
        for person in ("003a", "003b")
    )
    apply = Apply(tmp_path, ADOPT, changes=rows, after=IDS)
    apply.vendors.answers = {"003b": PersonResult("003b", ok=False, code="NO")}
    apply.end()
    settled = apply.settlement(ADOPT.id)
    assert settled.newcomers == (("701S", "003a"),)
    assert settled.memberships is not None
    assert settled.memberships["address_book"].to_pylist() == ["news"]


@pytest.mark.parametrize("task", [Task.ADD_MEMBERS])
def test_members_that_a_selection_names_are_nobody_s_newcomers(tmp_path: Path, task: Task) -> None:
    op = replace(people("members:spring", task), payload=(("account", ""),))
    apply = Apply(tmp_path, op, changes=(a_row(op.id, "003a", "member", campaign="spring"),), after=IDS)
    apply.end()
    assert apply.settlement(op.id).newcomers == ()
