"""Operations without rows: what they prove is settled together, and what comes after works with what they made."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sfdd_declare.model.declared import OnDestroy
from sfdd_declare.model.ids import OperationId
from sfdd_declare.model.operation import Action, Task
from sfdd_declare.model.ports import ItemResult
from sfdd_declare.model.state import Resource
from tests.unit.run.builders import Apply, results, statuses, thing

KNOWN = Resource(
    "campaign.spring",
    salesforce_id="701OLD",
    applied={"Name": "Old", "member_statuses.Sent.label": "Sent"},
    on_destroy=OnDestroy.DELETE,
    prevent_destroy=True,
    created_by_us=True,
)


def made(operation: str, live_id: str = "", **more: Any) -> dict[str, ItemResult]:
    return {operation: ItemResult(OperationId(operation), ok=True, live_id=live_id, **more)}


def test_a_thing_is_journalled_sent_and_settled_with_what_it_is_now(tmp_path: Path) -> None:
    op = thing("campaign.spring", applied=(("Name", "Spring"),), prevent_destroy=True, on_destroy=OnDestroy.DELETE)
    apply = Apply(tmp_path, op)
    apply.vendors.answers, apply.vendors.job = made(op.id, "701NEW"), "job"
    outcome = apply.end()
    said = [entry for entry in apply.log if entry[0] != "record"]
    assert said == [
        ("begin", op.id, 0, ""),
        ("send", op.id, "campaign"),
        ("sent", op.id, 0, "job"),
        ("settle", op.id, 0),
    ]
    assert apply.settlement(op.id).resources == (
        Resource(
            "campaign.spring",
            salesforce_id="701NEW",
            applied={"Name": "Spring"},
            on_destroy=OnDestroy.DELETE,
            prevent_destroy=True,
            created_by_us=True,
        ),
    )
    assert results(outcome)[op.id].done == 1


def test_an_update_keeps_the_id_and_who_made_it(tmp_path: Path) -> None:
    op = thing("campaign.spring", action=Action.UPDATE, applied=(("Name", "New"),), prior_id="701OLD")
    apply = Apply(tmp_path, op, resources=(KNOWN,))
    apply.end()
    [now] = apply.settlement(op.id).resources
    assert (now.salesforce_id, now.created_by_us, now.on_destroy) == ("701OLD", True, OnDestroy.FORGET)
    assert now.applied == {"Name": "New", "member_statuses.Sent.label": "Sent"}


def test_what_was_there_before_the_state_knew_it_is_remembered_by_the_id_it_had(tmp_path: Path) -> None:
    op = thing("campaign.spring", action=Action.UPDATE, prior_id="701OLD")
    apply = Apply(tmp_path, op)
    apply.end()
    [now] = apply.settlement(op.id).resources
    assert now.salesforce_id == "701OLD"


@pytest.mark.parametrize(("action", "ours"), [(Action.ADOPT, True), (Action.IMPORT, False), (Action.UPDATE, False)])
def test_only_what_we_made_is_ours(tmp_path: Path, action: Action, *, ours: bool) -> None:
    op = thing("address_book.news", Task.STATE_ONLY, action, prior_id="901")
    apply = Apply(tmp_path, op)
    assert statuses(apply.end()) == {"address_book.news": "done"}
    assert apply.sent == []  # nothing but the state
    [now] = apply.settlement(op.id).resources
    assert (now.dotdigital_id, now.salesforce_id, now.created_by_us) == ("901", "", ours)


def test_what_was_made_has_its_id_for_whatever_comes_after(tmp_path: Path) -> None:
    first, book = thing("campaign.spring"), thing("address_book.news", Task.ADDRESS_BOOK)
    after = thing("link.spring.news", Task.REGISTRY_ROW, applied=(("campaign", "@campaign.spring"), ("n", "news")))
    apply = Apply(tmp_path, first, book, after)
    apply.vendors.answers = made("campaign.spring", "701NEW") | made("address_book.news", "901")
    apply.end()
    assert [dict(batch.ids) for batch in apply.vendors.batches] == [
        {},
        {"@campaign.spring": "701NEW"},
        {"@campaign.spring": "701NEW", "@address_book.news": "901"},
    ]
    [row] = apply.settlement("link.spring.news").resources
    assert row.applied == {"campaign": "701NEW", "n": "news"}


def test_the_id_of_something_beside_a_thing_is_not_its_id(tmp_path: Path) -> None:
    status = thing("campaign.spring", Task.CAMPAIGN_STATUS)
    apply = Apply(tmp_path, status, thing("campaign.other"), resources=(KNOWN,))
    apply.vendors.answers = made("campaign.spring", "01Y1")
    apply.end()
    assert dict(apply.vendors.batches[1].ids) == {}
    [now] = apply.settlement("campaign.spring").resources
    assert (now.salesforce_id, now.on_destroy, now.prevent_destroy) == ("701OLD", OnDestroy.DELETE, True)


def test_what_a_side_row_applied_is_kept_beside_what_the_thing_applied(tmp_path: Path) -> None:
    status = thing(
        "campaign.spring", Task.CAMPAIGN_STATUS, Action.UPDATE, applied=(("member_statuses.New.label", "New"),)
    )
    apply = Apply(tmp_path, status, resources=(KNOWN,))
    apply.end()
    [now] = apply.settlement("campaign.spring").resources
    assert now.applied == {"Name": "Old", "member_statuses.Sent.label": "Sent", "member_statuses.New.label": "New"}


@pytest.mark.parametrize("action", [Action.DELETE, Action.FORGET])
def test_what_is_gone_is_forgotten(tmp_path: Path, action: Action) -> None:
    op = thing("campaign.spring", action=action)
    apply = Apply(tmp_path, op, resources=(KNOWN,))
    apply.end()
    settled = apply.settlement(op.id)
    assert (settled.forgotten, settled.resources) == (("campaign.spring",), ())


def test_a_row_beside_a_book_is_gone_and_the_book_is_not(tmp_path: Path) -> None:
    op = thing("address_book.news", Task.REGISTRY_ROW, Action.DELETE)
    apply = Apply(tmp_path, op)
    apply.end()
    assert apply.settlement(op.id).forgotten == ()


def test_a_move_takes_everything_along_and_leaves_nothing_behind(tmp_path: Path) -> None:
    op = thing("campaign.summer", Task.STATE_ONLY, Action.MOVE, payload=(("from", "campaign.spring"),))
    then = thing("moved again", Task.CAMPAIGN, Action.UPDATE, address="campaign.summer")
    apply = Apply(tmp_path, op, then, resources=(KNOWN,))
    apply.end()
    settled = apply.settlement(op.id)
    [now] = settled.resources
    assert settled.forgotten == ("campaign.spring",)
    assert (now.address, now.salesforce_id, now.applied) == ("campaign.summer", "701OLD", KNOWN.applied)
    assert (now.on_destroy, now.prevent_destroy, now.created_by_us) == (OnDestroy.DELETE, True, True)
    [later] = apply.settlement("moved again").resources
    assert later.salesforce_id == "701OLD"


def test_what_was_forgotten_is_not_known_to_what_comes_after(tmp_path: Path) -> None:
    gone = thing("delete", address="campaign.spring", action=Action.DELETE)
    anew = thing("create", address="campaign.spring", action=Action.CREATE, applied=(("Name", "New"),))
    apply = Apply(tmp_path, gone, anew, resources=(KNOWN,))
    apply.vendors.answers = made("create", "701NEW")
    apply.end()
    [now] = apply.settlement("create").resources
    assert (now.salesforce_id, now.applied) == ("701NEW", {"Name": "New"})


# --- answers that say no, or nothing ------------------------------------------------------------------------------


def rows(*ids: str) -> list[Any]:
    return [thing(one, Task.REGISTRY_ROW, applied=(("k", "v"),)) for one in ids]


def test_one_row_that_is_refused_or_not_answered_is_a_problem_and_its_neighbours_are_remembered(
    tmp_path: Path,
) -> None:
    apply = Apply(tmp_path, *rows("link.a.a", "link.b.b", "link.c.c"))
    no = ItemResult(OperationId("link.a.a"), ok=False, code="DUPLICATE", message="is there", hint="import it")
    apply.vendors.answers = {"link.a.a": no, "link.b.b": None}
    outcome = apply.end()
    [(_, _, settled)] = apply.journal.settled
    assert [resource.address for resource in settled.resources] == ["link.c.c"]
    assert [(one.record, one.code, one.message) for one in settled.problems] == [
        ("link.a.a", "DUPLICATE", "is there"),
        ("link.b.b", "", "no answer for this row"),
    ]
    assert outcome.problems == settled.problems
    found = results(outcome)
    assert statuses(outcome) == {"link.a.a": "failed", "link.b.b": "failed", "link.c.c": "done"}
    assert (found["link.a.a"].message, found["link.a.a"].hint) == ("DUPLICATE is there", "import it")
    assert (found["link.a.a"].failed, found["link.a.a"].done, found["link.a.a"].skipped) == (1, 0, 0)


def test_what_failed_to_be_made_has_no_id(tmp_path: Path) -> None:
    apply = Apply(tmp_path, thing("campaign.a"), thing("campaign.b"))
    apply.vendors.answers = {"campaign.a": ItemResult(OperationId("campaign.a"), ok=False, live_id="701")}
    apply.end()
    assert dict(apply.vendors.batches[1].ids) == {}
