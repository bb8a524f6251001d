"""Who is left out of an import by the last look: whoever opted out since the plan was read (WIRE-6, MEM-12, CON)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pytest

from sfdd_declare.app.recheck import KnownMeanwhile, OptedOut, opted_out_mark
from sfdd_declare.model.address import account
from sfdd_declare.model.errors import Transient
from sfdd_declare.model.ids import OperationId
from sfdd_declare.model.mapping import RecordType
from sfdd_declare.model.operation import Action, Operation, Stage, Task
from sfdd_declare.model.ports import ImportRow, LeadRow, ReadReport
from sfdd_declare.people import columns
from sfdd_declare.people.spool import RunDirectory
from sfdd_declare.run.batches import PeopleBatch
from tests.unit.people.worlds import World, a_world

STAMP = "2026-03-01T12:00:00Z"
ADDED = ImportRow("003", 1, "a@x.com", (), ("news",))
CREATED = ImportRow("003", None, "a@x.com", (), ("news",))
RENAMED = ImportRow("003", 1, "a@x.com", (), (), rename=True)
UPDATED = ImportRow("003", 1, "a@x.com", (), ())
NEWS = {"address_book": "news", "removed": STAMP, "reason": "unsubscribed"}


class Systems:
    """Answers the last look with the rows of a world, all but one dataset whole; `asked` are the questions and from
    when on.
    """

    def __init__(self, world: World, *, half: str = "") -> None:
        self.world, self.half = world, half
        self.asked: list[tuple[str, str]] = []
        there = SimpleNamespace(
            suppressed_since=lambda since, spool: self._answer(
                columns.suppressed("main"), columns.SUPPRESSED, spool, since
            ),
            unsubscribed_since=lambda book, list_id, since, spool: self._answer(
                columns.list_optouts("main"), columns.LIST_OPTOUTS, spool, f"{book} {since}"
            ),
            look_up=lambda emails, ids, sets, spool: self._answer(
                columns.contacts("main"), columns.contacts_schema(sets), spool
            ),
        )
        here = SimpleNamespace(
            opted_out=lambda kinds, spool, since: self._answer(
                columns.OPTED_OUT_DATASET, columns.OPTED_OUT, spool, since
            ),
            by_email=lambda emails, kinds, spool: self._answer(columns.FOUND_DATASET, columns.FOUND, spool),
        )
        sides = (SimpleNamespace(people=here), SimpleNamespace(people=there))
        self.readers: Any = SimpleNamespace(salesforce=sides[0], dotdigital={"main": sides[1]})

    def _answer(self, dataset: str, schema: pa.Schema, spool: Any, since: str = "") -> ReadReport:
        self.asked.append((dataset, since))
        rows = self.world.rows.get(dataset, [])
        with spool.sink(dataset, schema) as sink:
            for batch in pa.Table.from_pylist(rows, schema=schema).to_batches():
                sink.write(batch)
        return ReadReport(len(rows), dataset != self.half, STAMP)


def left_out(tmp_path: Path, systems: Systems, *rows: Any, task: Task = Task.IMPORT_CONTACTS) -> set[str]:
    marks = (("suppressed_since:main", STAMP), (opted_out_mark(RecordType.CONTACT), STAMP))
    plan = SimpleNamespace(
        header=SimpleNamespace(watermarks=marks),
        after=SimpleNamespace(ids=(("@address_book.news", "901"), ("@address_book.offers", "902"))),
        sets=systems.world.accounts[0].sets,
    )
    desired: Any = SimpleNamespace(accounts=systems.world.accounts)
    given: Any = (plan, systems.readers, lambda: RunDirectory(tmp_path))
    asked = KnownMeanwhile(*given) if task is Task.CREATE_LEADS else OptedOut(desired, *given)
    op = Operation(
        OperationId("import:main"), account("main"), Stage.CONTACTS, Action.PEOPLE, task, payload=(("account", "main"),)
    )
    batch = PeopleBatch(pa.Table.from_pylist([], schema=columns.CHANGE), tuple(rows))
    return set(asked(op, batch))


def suppressed(reason: str, *, contact: int | None = 1, email: str | None = "a@x.com") -> World:
    world = a_world()
    world.add(columns.suppressed("main"), email_key=email, contact_id=contact, reason=reason, removed=STAMP)
    return world


@pytest.mark.parametrize("row", [ADDED, CREATED], ids=["an addition", "a creation"])
def test_MEM_12_whoever_unsubscribed_from_the_book_meanwhile_is_not_put_on_it(tmp_path: Path, row: ImportRow) -> None:
    world = a_world()
    world.add(columns.list_optouts("main"), **NEWS, email_key="a@x.com", contact_id=None)
    assert left_out(tmp_path, Systems(world), row, replace(row, person="004", email="b@x.com")) == {"003"}


def test_MEM_12_who_unsubscribed_is_known_by_the_contact_as_well(tmp_path: Path) -> None:
    world = a_world()
    world.add(columns.list_optouts("main"), **NEWS, email_key="older@x.com", contact_id=1)
    assert left_out(tmp_path, Systems(world), ADDED) == {"003"}


@pytest.mark.parametrize("row", [ADDED, CREATED, RENAMED], ids=["an addition", "a creation", "a rename"])
def test_CON_2_whoever_unsubscribed_from_the_account_meanwhile_is_left_out(tmp_path: Path, row: ImportRow) -> None:
    task = Task.RENAME if row.rename else Task.IMPORT_CONTACTS
    systems = Systems(suppressed("unsubscribed", contact=None if row.contact_id is None else 7))
    assert left_out(tmp_path, systems, row, task=task) == {"003"}


@pytest.mark.parametrize("row", [ADDED, CREATED, RENAMED], ids=["an addition", "a creation", "a rename"])
def test_CON_2_whose_email_opt_out_was_ticked_meanwhile_is_left_out(tmp_path: Path, row: ImportRow) -> None:
    world = a_world()
    world.add(columns.OPTED_OUT_DATASET, record_type="contact", sf_id="009", email_key="a@x.com")
    task = Task.RENAME if row.rename else Task.IMPORT_CONTACTS
    assert left_out(tmp_path, Systems(world), row, task=task) == {"003"}


@pytest.mark.parametrize("reason", ["hardbounced", "softbounced", "nomxrecord"])
def test_CON_4_a_bounce_is_no_opt_out_in_the_last_look_either(tmp_path: Path, reason: str) -> None:
    assert left_out(tmp_path, Systems(suppressed(reason)), ADDED) == set()


def test_CON_4_the_last_look_takes_the_declared_reasons(tmp_path: Path) -> None:
    world = suppressed("hardbounced")
    world.rules(consent=replace(world.accounts[0].consent, reasons=("hardbounced",)))
    assert left_out(tmp_path, Systems(world), ADDED) == {"003"}


def test_ID_4_a_contact_that_is_opted_out_itself_is_renamed(tmp_path: Path) -> None:
    assert left_out(tmp_path, Systems(suppressed("unsubscribed")), RENAMED, task=Task.RENAME) == set()
    long_out = suppressed("unsubscribed", contact=None)
    long_out.contact(1, "old@x.com", channel="suppressed")
    assert left_out(tmp_path, Systems(long_out), RENAMED, task=Task.RENAME) == set()


def test_ID_4_a_contact_that_was_never_opted_out_does_not_get_an_address_that_is(tmp_path: Path) -> None:
    world = suppressed("unsubscribed", contact=None)
    world.contact(1, "old@x.com")
    assert left_out(tmp_path, Systems(world), RENAMED, task=Task.RENAME) == {"003"}


def test_RUN_2_the_last_look_asks_about_every_book_from_before_the_plan_s_own_read(tmp_path: Path) -> None:
    systems = Systems(a_world())
    left_out(tmp_path, systems, ADDED, replace(ADDED, person="004", books=("offers", "made in this run")))
    assert systems.asked == [
        (columns.suppressed("main"), "2026-03-01T11:55:00Z"),
        (columns.list_optouts("main"), "news 2026-03-01T11:55:00Z"),
        (columns.list_optouts("main"), "offers 2026-03-01T11:55:00Z"),
        (columns.OPTED_OUT_DATASET, "2026-03-01T11:50:00Z"),
    ]


@pytest.mark.parametrize("half", [columns.suppressed("main"), columns.list_optouts("main"), columns.OPTED_OUT_DATASET])
def test_half_a_look_adds_nobody(tmp_path: Path, half: str) -> None:
    with pytest.raises(Transient):
        left_out(tmp_path, Systems(a_world(), half=half), ADDED)


def test_half_a_look_renames_and_creates_nobody(tmp_path: Path) -> None:
    lead = LeadRow("contact 1", "a@x.com", (), ())
    there = Systems(suppressed("unsubscribed", contact=None), half=columns.contacts("main"))
    with pytest.raises(Transient):
        left_out(tmp_path, there, RENAMED, task=Task.RENAME)
    here = Systems(a_world(), half=columns.FOUND_DATASET)
    with pytest.raises(Transient):
        left_out(tmp_path, here, lead, task=Task.CREATE_LEADS)


def test_values_alone_need_no_look(tmp_path: Path) -> None:
    systems = Systems(suppressed("unsubscribed"))
    assert left_out(tmp_path, systems, UPDATED) == set()
    assert systems.asked == []


def test_CON_2_who_unsubscribed_is_known_by_the_contact_whatever_its_address_was(tmp_path: Path) -> None:
    other = replace(ADDED, person="004", contact_id=2, email="b@x.com")
    assert left_out(tmp_path, Systems(suppressed("unsubscribed", email="old@x.com")), ADDED, other) == {"003"}


def test_whoever_is_made_without_a_book_is_looked_at_as_well(tmp_path: Path) -> None:
    assert left_out(tmp_path, Systems(suppressed("unsubscribed")), replace(CREATED, books=())) == {"003"}


def test_NEW_7_a_newcomer_whom_salesforce_knows_meanwhile_is_not_created(tmp_path: Path) -> None:
    world = a_world()
    world.found("00Q1", "a@x.com")
    leads = (LeadRow("contact 1", "A@x.com ", (), ()), LeadRow("contact 2", "b@x.com", (), ()))
    assert left_out(tmp_path, Systems(world), *leads, task=Task.CREATE_LEADS) == {"contact 1"}
