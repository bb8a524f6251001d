"""Guards: they block operations and what depends on them, never a plan and never consent."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from sfdd_declare.model.declared import Desired, Guards, Limit
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

#: A share of fewer than this says nothing: percentage guards look away below it. Removals are counted from fewer people
#: up, and taking everybody off is always asked about.
COUNTED_FROM, REMOVALS_FROM = 10, 3

#: RUN-6: a source of so many people that is empty, or of so many that has less than half of them, has lost them.
EMPTIED_FROM, HALVED_FROM = 2, 10

SELECTED = "selected:"


def verdicts(
    operations: tuple[Operation, ...],
    answer: Answer,
    guards: Guards,
    allow: Collection[str],
    losses: Collection[Loss] = (),
    *,
    foreign: Iterable[Blocked] = (),
) -> tuple[Blocked, ...]:
    """Every guard that blocks something, with both numbers. `allow` names the guards overridden for this run,
    `foreign` what other configurations have a say in; that an operation is blocked by them is what it says.
    """
    found = (
        *_overwrites(operations, answer, guards),
        *_field_overwrites(operations, answer, guards),
        *_removals(operations, answer, guards),
        *_member_removals(operations, answer, guards),
        *_sudden_loss(losses),
        *_protected(operations, guards),
        *_replacements(operations),
        *_held_creations(operations, answer),
        *_new_records(operations, answer, guards),
        *foreign,
    )
    return tuple(verdict for verdict in found if verdict.guard not in allow)


def with_verdicts(operations: Iterable[Operation], blocked: tuple[Blocked, ...]) -> tuple[Operation, ...]:
    """Mark blocked operations; stage 0 is never held back (CON-16)."""
    names = {operation: verdict.guard for verdict in blocked for operation in verdict.operations}
    return tuple(
        replace(op, blocked_by=names[op.id]) if op.id in names and op.stage is not Stage.CONSENT else op
        for op in operations
    )


def exceeds(count: int, of: int, limit: Limit, counted_from: int = COUNTED_FROM) -> bool:
    """A limit of nothing at all (`0%`) holds for the smallest numbers too."""
    if limit.count is not None and count > limit.count:
        return True
    if limit.percent is None:
        return False
    if not limit.percent:
        return count > 0
    return of >= counted_from and count * 100 > of * limit.percent


def _takes_off_too_many(count: int, of: int, limit: Limit) -> bool:
    return count > 0 and (count >= of or exceeds(count, of, limit, REMOVALS_FROM))


def _overwrites(operations: tuple[Operation, ...], answer: Answer, guards: Guards) -> Iterator[Blocked]:
    scope: Mapping[str, int] = dict(answer.people.scope)
    for account, count in answer.overwrites:
        if exceeds(count, scope.get(account, 0), guards.max_overwrites):
            present = _present(operations, (import_id(account), records_id(account)))
            limit = str(guards.max_overwrites)
            yield Blocked("max_overwrites", f"account.{account}", count, limit, scope.get(account, 0), present)


def _field_overwrites(operations: tuple[Operation, ...], answer: Answer, guards: Guards) -> Iterator[Blocked]:
    """Of one field's filled values: a whole column may go while few of all people are concerned."""
    limit = guards.max_overwrites
    for field in answer.people.fields:
        sides = (
            (import_id, field.replaced_there, field.filled_there),
            (records_id, field.replaced_here, field.filled_here),
        )
        for operation_of, count, of in sides:
            present = _present(operations, (operation_of(field.account),))
            if present and exceeds(count, of, limit):
                yield Blocked("max_overwrites", field.address, count, str(limit), of, present)


def _removals(operations: tuple[Operation, ...], answer: Answer, guards: Guards) -> Iterator[Blocked]:
    for book in answer.books:
        if _takes_off_too_many(book.remove, book.on_book, guards.max_removals):
            present = _present(operations, (_remove(book),))
            limit = str(guards.max_removals)
            yield Blocked(
                "max_removals", f"address_book.{book.address_book}", book.remove, limit, book.on_book, present
            )


def _member_removals(operations: tuple[Operation, ...], answer: Answer, guards: Guards) -> Iterator[Blocked]:
    for count in answer.campaigns:
        present = _present(operations, (remove_members_id(count.campaign),))
        if present and _takes_off_too_many(count.remove, count.members, guards.max_removals):
            address, limit = f"campaign.{count.campaign}", str(guards.max_removals)
            yield Blocked("max_removals", address, count.remove, limit, count.members, present)


@dataclass(frozen=True, slots=True)
class Loss:
    """RUN-6: a campaign's selection, or the wanted of a book, that lost its people since the last apply. `operations`
    are the removals that follow from it; without any it is only said.
    """

    address: str
    now: int
    before: int
    operations: tuple[OperationId, ...]

    @property
    def warning(self) -> str:
        """For a plan that removes nobody because of it."""
        return (
            f"{self.address}: {self.now} people are left of {self.before} at the last apply; nobody is removed (RUN-6)"
        )


def losses(operations: tuple[Operation, ...], answer: Answer, desired: Desired, marks: Mapping[str, str]) -> list[Loss]:
    """Of everything that was read in full."""
    found = []
    for book in answer.books:
        if _is_lost(book.wanted, book.wanted_before):
            present = _present(operations, (_remove(book),))
            found.append(Loss(f"address_book.{book.address_book}", book.wanted, book.wanted_before, present))
    for key, now in answer.selected:
        before = int(marks.get(selected_mark(key), "0"))
        if _is_lost(now, before):
            books = [desired.book(link.address_book) for link in desired.links if link.campaign == key]
            ids = (remove_members_id(key), *(remove_id(book.account, book.key) for book in books))
            found.append(Loss(f"campaign.{key}", now, before, _present(operations, ids)))
    return found


def selected_mark(campaign: str) -> str:
    """Name of the mark that says how many people a campaign's selections named at the last apply."""
    return f"{SELECTED}{campaign}"


def _is_lost(now: int, before: int) -> bool:
    return (now == 0 and before >= EMPTIED_FROM) or (before >= HALVED_FROM and now * 2 < before)


def _sudden_loss(found: Collection[Loss]) -> Iterator[Blocked]:
    for loss in found:
        if loss.operations:
            yield Blocked("sudden_loss", loss.address, loss.before - loss.now, "50%", loss.before, loss.operations)


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
