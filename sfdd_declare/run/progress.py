"""What became of a run and of its links, as the state keeps it: numbers and codes, nobody's name.

A full pass counts everybody; a delta goes on from what the last full pass counted, so between two of them the numbers
of those who are left out may be a little old. `counted` says how old.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from sfdd_declare.model import address
from sfdd_declare.model.ids import OperationId
from sfdd_declare.model.operation import Operation, Task
from sfdd_declare.model.outcome import OperationResult, Outcome, Status
from sfdd_declare.model.plan import CarriedLink, LinkCount, Plan
from sfdd_declare.model.service import LinkStatus
from sfdd_declare.model.state import RunDetails
from sfdd_declare.people import held

_OPT_OUTS = (Task.SUPPRESS, Task.OPT_OUT_RECORDS)
_OUT = frozenset((held.OPTED_OUT, held.OPTED_OUT_THERE, held.CREATED_OUT))
_WAITS = frozenset(reason for reason, words in held.WORDS.items() if words.headline)


def details_before(plan: Plan, known: RunDetails) -> RunDetails:
    """What there is to say of a run before it is carried out; `known` says who runs what."""
    return replace(
        known,
        planned=plan.figures,
        held=tuple((h.what, h.people) for h in plan.people.held if h.headline),
        blocked=tuple(dict.fromkeys(op.blocked_by for op in plan.operations if op.blocked_by)),
        salesforce_calls=plan.read.salesforce,
        dotdigital_calls=plan.read.dotdigital,
        salesforce_calls_left=plan.cost.salesforce_left,
        dotdigital_calls_left=plan.cost.dotdigital_left,
        setup_left=plan.left_to_apply,
        stopped=tuple(one.link for one in plan.stopped),
    )


def details_after(outcome: Outcome, before: RunDetails) -> RunDetails:
    """What became of it."""
    operations = {op.id: op for op in outcome.plan.operations}
    results = outcome.results
    of_opt_outs = [r for r in results if r.operation in operations and operations[r.operation].task in _OPT_OUTS]
    of_setup = [r for r in results if r.operation in operations and operations[r.operation].rows is None]
    left = outcome.plan.cost.salesforce_left, outcome.plan.cost.dotdigital_left
    return replace(
        before,
        done=outcome.people,
        opted_out=sum(result.done for result in of_opt_outs),
        setup=sum(result.status is Status.DONE for result in of_setup),
        written=sum(result.done for result in results),
        failed=sum(result.failed for result in results),
        left_out=sum(result.skipped for result in results),
        salesforce_calls=before.salesforce_calls + outcome.used.salesforce,
        dotdigital_calls=before.dotdigital_calls + outcome.used.dotdigital,
        salesforce_calls_left=_less(left[0], outcome.used.salesforce),
        dotdigital_calls_left=_less(left[1], outcome.used.dotdigital),
        problems=tuple(sorted(Counter(problem.code for problem in outcome.problems).items())),
    )


def addresses_of(link: CarriedLink) -> Iterator[str]:
    """Of what operations are about that may be about the people of a link."""
    yield str(address.address_book(link.address_book))
    yield str(address.campaign(link.campaign))
    yield str(address.account(link.account))


def behind(plan: Plan, results: Mapping[OperationId, OperationResult]) -> frozenset[str]:
    """Addresses of what not everything was carried out about. Of an operation of an account that was not carried out in
    full, nobody can say whose people were in it.
    """
    people = {op.id: op for op in plan.operations if op.rows is not None}
    return frozenset(str(people[key].address) for key, result in results.items() if key in people and _is_open(result))


def links_after(
    outcome: Outcome, before: Mapping[str, LinkStatus], failed: Mapping[str, int], began: datetime
) -> tuple[LinkStatus, ...]:
    """How the links stand that the plan was about. `failed`: people with rows that failed, by address book."""
    plan = outcome.plan
    results = {result.operation: result for result in outcome.results}
    open_now = behind(plan, results)
    counts = {count.link: count for count in plan.people.links}
    firsts = _first_of_each_book(plan.after.carried)
    return tuple(
        _link_after(
            before.get(link.address, LinkStatus(link.address, link.campaign, link.address_book, "")),
            counts[link.address],
            is_full=not plan.people.since,
            undone=_undone(link, plan.operations, results, counts[link.address]),
            failed=failed.get(link.address_book, 0) if firsts[link.address_book] == link.address else 0,
            is_behind=bool(open_now & set(addresses_of(link))),
            began=began,
        )
        for link in plan.after.carried
        if link.address in counts
    )


def _link_after(
    before: LinkStatus, count: LinkCount, *, is_full: bool, undone: int, failed: int, is_behind: bool, began: datetime
) -> LinkStatus:
    skipped = dict(count.skipped)
    now = before
    if is_full:
        out = sum(people for reason, people in skipped.items() if reason in _OUT)
        waits = sum(people for reason, people in skipped.items() if reason in _WAITS and reason != held.PARKED)
        now = replace(
            before,
            members=count.members,
            pending=count.pending,
            parked=skipped.get(held.PARKED, 0),
            held=waits,
            opted_out=out,
            others=tuple((r, n) for r, n in count.skipped if r not in _WAITS | _OUT),
            counted=began,
        )
    else:
        now = replace(before, members=before.members + count.add)
    named = now.opted_out + now.held + now.parked + sum(people for _, people in now.others)
    is_open = is_behind or failed > 0
    return replace(
        now,
        failed=failed,
        in_step=max(0, now.members - named - failed - undone),
        last=began,
        last_ok=before.last_ok if is_open else began,
        oldest=(before.oldest or began) if is_open else None,
    )


def _undone(
    link: CarriedLink,
    operations: Iterable[Operation],
    results: Mapping[OperationId, OperationResult],
    count: LinkCount,
) -> int:
    """Of the people to add or to update, those whose operation as a whole was not carried out."""
    account = str(address.account(link.account))
    whole = (Status.FAILED, Status.SKIPPED, Status.BLOCKED)
    is_off = any(
        str(op.address) == account and op.task is Task.IMPORT_CONTACTS and results[op.id].status in whole
        for op in operations
        if op.id in results
    )
    return count.add + count.update if is_off else 0


def _first_of_each_book(links: Iterable[CarriedLink]) -> dict[str, str]:
    firsts: dict[str, str] = {}
    for link in links:
        firsts.setdefault(link.address_book, link.address)
    return firsts


def _is_open(result: OperationResult) -> bool:
    return result.status not in (Status.DONE, Status.PARTIAL) or bool(result.skipped)


def _less(left: int | None, used: int) -> int | None:
    return None if left is None else max(0, left - used)
