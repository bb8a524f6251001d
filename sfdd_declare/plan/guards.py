"""Guards: they block operations and what depends on them, never a plan and never consent."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace

from sfdd_declare.model.declared import Guards, Limit
from sfdd_declare.model.ids import OperationId
from sfdd_declare.model.operation import Action, Blocked, Operation, Stage, Task
from sfdd_declare.people.question import (
    Answer,
    BookCount,
    create_id,
    import_id,
    records_id,
    remove_id,
    remove_members_id,
)

#: A share of fewer people than this says nothing: percentage guards look away below it.
COUNTED_FROM = 10


def verdicts(
    operations: tuple[Operation, ...], answer: Answer, guards: Guards, allow: Collection[str]
) -> tuple[Blocked, ...]:
    """Every guard that blocks something, with both numbers. `allow` names the guards overridden for this run."""
    found = (
        *_overwrites(operations, answer, guards),
        *_removals(operations, answer, guards),
        *_member_removals(operations, answer, guards),
        *_sudden_loss(operations, answer),
        *_protected(operations, guards),
        *_replacements(operations),
        *_held_creations(operations, answer),
        *_new_records(operations, answer, guards),
    )
    return tuple(verdict for verdict in found if verdict.guard not in allow)


def with_verdicts(operations: Iterable[Operation], blocked: tuple[Blocked, ...]) -> tuple[Operation, ...]:
    """Mark blocked operations; stage 0 is never held back (CON-16)."""
    names = {operation: verdict.guard for verdict in blocked for operation in verdict.operations}
    return tuple(
        replace(op, blocked_by=names[op.id]) if op.id in names and op.stage is not Stage.CONSENT else op
        for op in operations
    )


def exceeds(count: int, of: int, limit: Limit) -> bool:
    if limit.count is not None:
        return count > limit.count
    return of >= COUNTED_FROM and count * 100 > of * (limit.percent or 0.0)


def _overwrites(operations: tuple[Operation, ...], answer: Answer, guards: Guards) -> Iterator[Blocked]:
    scope: Mapping[str, int] = dict(answer.people.scope)
    for account, count in answer.overwrites:
        if exceeds(count, scope.get(account, 0), guards.max_overwrites):
            present = _present(operations, (import_id(account), records_id(account)))
            limit = str(guards.max_overwrites)
            yield Blocked("max_overwrites", f"account.{account}", count, limit, scope.get(account, 0), present)


def _removals(operations: tuple[Operation, ...], answer: Answer, guards: Guards) -> Iterator[Blocked]:
    for book in answer.books:
        if book.remove and exceeds(book.remove, book.on_book, guards.max_removals):
            present = _present(operations, (_remove(book),))
            limit = str(guards.max_removals)
            yield Blocked(
                "max_removals", f"address_book.{book.address_book}", book.remove, limit, book.on_book, present
            )


def _member_removals(operations: tuple[Operation, ...], answer: Answer, guards: Guards) -> Iterator[Blocked]:
    for count in answer.campaigns:
        present = _present(operations, (remove_members_id(count.campaign),))
        if present and exceeds(count.remove, count.members, guards.max_removals):
            address, limit = f"campaign.{count.campaign}", str(guards.max_removals)
            yield Blocked("max_removals", address, count.remove, limit, count.members, present)


def _sudden_loss(operations: tuple[Operation, ...], answer: Answer) -> Iterator[Blocked]:
    """RUN-6: a source with less than half of its people since the last run."""
    for book in answer.books:
        present = _present(operations, (_remove(book),))
        if present and book.wanted_before >= COUNTED_FROM and book.wanted * 2 < book.wanted_before:
            lost = book.wanted_before - book.wanted
            yield Blocked("sudden_loss", f"address_book.{book.address_book}", lost, "50%", book.wanted_before, present)


def _protected(operations: tuple[Operation, ...], guards: Guards) -> Iterator[Blocked]:
    for address in guards.protect:
        hit = tuple(
            op.id
            for op in operations
            if (op.address == address and op.action in (Action.DELETE, Action.REPLACE))
            or (op.address == address and op.task in (Task.REMOVE_FROM_LIST, Task.REMOVE_MEMBERS))
        )
        if hit:
            people = sum(op.rows.people for op in operations if op.id in hit and op.rows)
            yield Blocked("protect", str(address), people or len(hit), "0", people or len(hit), hit)


def _replacements(operations: tuple[Operation, ...]) -> Iterator[Blocked]:
    for op in operations:
        if op.action is Action.REPLACE:
            yield Blocked("replace", str(op.address), 1, "0", 1, (op.id,))


def _held_creations(operations: tuple[Operation, ...], answer: Answer) -> Iterator[Blocked]:
    """CON-15: how many confirmation mails could go out."""
    for account, count in answer.creations:
        present = _present(operations, (create_id(account),))
        if present:
            yield Blocked("double_opt_in", f"account.{account}", count, "0", count, present)


def _new_records(operations: tuple[Operation, ...], answer: Answer, guards: Guards) -> Iterator[Blocked]:
    """Leads created and members adopted, over the whole org."""
    count, limit = answer.new_records, guards.max_new_records
    if count > limit:
        hit = tuple(op.id for op in operations if op.task in (Task.CREATE_LEADS, Task.ADOPT))
        yield Blocked("max_new_records", "leads", count, str(limit), count, hit)


def _remove(book: BookCount) -> str:
    return remove_id(book.account, book.address_book)


def _present(operations: tuple[Operation, ...], wanted: tuple[str, ...]) -> tuple[OperationId, ...]:
    return tuple(op.id for op in operations if op.id in wanted)
