"""New leads become members of their campaigns in the batch that made them.

Until they are, the base learns nothing of them: the next run then finds the lead by its address and adopts it (NEW-7).
"""

from __future__ import annotations

from dataclasses import replace

import pyarrow as pa

from sfdd_declare.model.mapping import RecordType
from sfdd_declare.model.operation import Task
from sfdd_declare.model.ports import Batch, LeadRow, MemberRow, PersonResult
from sfdd_declare.run.tools import Run


def add_members(sent: Batch, results: tuple[PersonResult, ...], run: Run) -> tuple[PersonResult, ...]:
    """The results of the leads, each confirmed only when it is in all its campaigns."""
    made = {result.person: result.sf_id for result in results if result.ok and result.sf_id}
    rows = tuple(
        MemberRow(row.person, campaign, RecordType.LEAD, made[row.person], status or None)
        for row in sent.rows
        if isinstance(row, LeadRow) and row.person in made
        for campaign, status in row.campaigns
    )
    if not rows:
        return results
    adding = replace(sent.operations[0], task=Task.ADD_MEMBERS)
    batch = Batch((adding,), sent.number, rows, sent.ids)
    answers = run.tools.writer(adding).send(batch, lambda _: None, lambda _: None).people
    refused = {answer.person: answer for answer in answers if not answer.ok}
    return tuple(_as_member(result, refused.get(result.person)) for result in results)


def newcomers(sent: Batch, table: pa.Table, results: tuple[PersonResult, ...]) -> tuple[tuple[str, str], ...]:
    """(campaign's id, record) of the members that links added here: `mode: exact` never removes them (MEM-13)."""
    if sent.operations[0].task not in (Task.CREATE_LEADS, Task.ADOPT):
        return ()
    made = {result.person: result.sf_id for result in results if result.ok}
    return tuple(
        (str(sent.ids[f"@campaign.{row['campaign']}"]), made[row["person"]] or row["sf_id"])
        for row in table.to_pylist()
        if row["aspect"] == "member" and row["person"] in made
    )


def _as_member(result: PersonResult, refused: PersonResult | None) -> PersonResult:
    if not result.ok or refused is None:
        return result
    return replace(result, ok=False, code=refused.code, message=refused.message)
