"""What is so once a plan was carried out: bases, counts and watermarks that are to be remembered."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from sfdd_declare.model.address import link
from sfdd_declare.model.declared import Desired
from sfdd_declare.model.operation import Blocked
from sfdd_declare.model.plan import After, CarriedLink
from sfdd_declare.model.state import BookState
from sfdd_declare.people.question import Answer
from sfdd_declare.plan import guards, passes
from sfdd_declare.plan.basis import Basis, Past, SetupPlan
from sfdd_declare.plan.flows import flow_marks
from sfdd_declare.plan.identify import Identities
from sfdd_declare.plan.scope import enabled_accounts, first_mark, seen_mark
from sfdd_declare.plan.targets import Focus


def after(
    basis: Basis,
    setup_half: SetupPlan,
    answer: Answer,
    focus: Focus,
    *,
    created: datetime,
    pending: Mapping[str, str],
    blocked: Collection[Blocked],
    allow: Collection[str],
    only_data: bool,
) -> After:
    """First-run marks and baselines only for what this plan covers in full, and for nothing where people are left out
    that nobody approved (CON-16): they are seen again, also by a delta. The size of a selection only where nobody
    waits for a word about what it lost (RUN-6).
    """
    desired, found, past = basis.desired, basis.found, basis.past
    is_whole = focus.is_everything and not answer.left_out
    carries = is_whole or (only_data and not focus.excludes and not answer.left_out)
    moves_all = is_whole and focus.links is None and not focus.stopped  # whoever is left out is news later
    marks = {k: v for k, v in past.stamps.items() if moves_all or not k.startswith(passes.OF_A_PASS)}
    marks.update({seen_mark(a.key): str(int(created.timestamp())) for a in enabled_accounts(desired)})
    asked = {verdict.address for verdict in blocked if verdict.guard == "sudden_loss"}
    marks.update({guards.selected_mark(key): str(n) for key, n in answer.selected if f"campaign.{key}" not in asked})
    if is_whole:
        marks.update(pending)
        marks.update({first_mark(s.account, s.record_type): "done" for s in basis.sets})
        marks.update(flow_marks(basis.sets, desired.mappings, past.marks, allow_renewed="blanked" in allow))
    marks.update(
        {f"double_opt_in:{a.key}": "confirmed" for a in enabled_accounts(desired) if _confirmed(a.key, answer)}
    )
    linked = {link.address_book for link in desired.links}

    def is_covered(book: str) -> bool:
        if focus.is_of_all_links:
            return True
        by = [str(link(one.campaign, one.address_book)) for one in desired.links if one.address_book == book]
        return any(map(focus.asks, by)) or (not by and focus.links is None)

    seen = tuple(
        BookState(
            account=count.account,
            address_book=count.address_book,
            list_id=int(found.ids().get(f"@address_book.{count.address_book}", "0")),
            baseline=True,
            count_seen=_listed(found, count.address_book),
            wanted_seen=count.wanted,
            unsubscribed_since=past.book_stamps.get(count.address_book, _known_stamp(past, count.address_book)),
        )
        for count in (() if answer.left_out else answer.books)
        if (count.address_book in linked or count.address_book in past.books) and is_covered(count.address_book)
    )
    unread = () if seen or not carries else tuple(b for b in _as_before(past, found) if is_covered(b.address_book))
    return After(
        resources=setup_half.refreshed,
        books=(*seen, *unread),
        relisted=tuple(sorted(filter(is_covered, past.relisted))),
        marks=tuple(sorted(marks.items())),
        looked_at=answer.whole if carries else (),
        carried=tuple(_carried(desired, focus)) if carries else (),
        pass_marks=tuple(
            (k, v) for k, v in sorted({**past.marks, **past.stamps}.items()) if k.startswith(passes.OF_A_PASS)
        ),
        ids=tuple(found.ids().items()),
    )


def _carried(desired: Desired, focus: Focus) -> Iterator[CarriedLink]:
    for one in desired.links:
        address = str(link(one.campaign, one.address_book))
        if focus.asks(address):
            yield CarriedLink(address, one.campaign, one.address_book, desired.book(one.address_book).account)


def _listed(found: Identities, book: str) -> int:
    """How many contacts the list itself says it holds; a list that is yet to be made holds none."""
    identity = found.books.get(book)
    return identity.live.contacts if identity and identity.live else 0


def _as_before(past: Past, found: Identities) -> Iterator[BookState]:
    """Books of which only people who changed were read: their counts are news all the same."""
    for key, state in past.books.items():
        stamp = past.book_stamps.get(key, state.unsubscribed_since)
        yield replace(state, count_seen=_listed(found, key), unsubscribed_since=stamp)


def _known_stamp(past: Past, book: str) -> str:
    state = past.books.get(book)
    return state.unsubscribed_since if state else ""


def _confirmed(key: str, answer: Answer) -> bool:
    """Creations went out without being held: `--allow double_opt_in` is asked once per account (CON-15)."""
    ids = {operation for operation, _ in answer.operations}
    return f"import:{key}" in ids and f"create:{key}" not in ids and bool(dict(answer.creations).get(key))
