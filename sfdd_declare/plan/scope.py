"""Which people to read, and what to ask the people engine about them."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import pyarrow as pa
from pydantic import SecretStr

from sfdd_declare.model.address import Kind
from sfdd_declare.model.declared import (
    Account,
    AddressBook,
    Campaign,
    Desired,
    DoubleOptIn,
    Matching,
    MemberMode,
    Moved,
)
from sfdd_declare.model.ids import ListId, SalesforceId
from sfdd_declare.model.live import DotdigitalLive, FieldInfo, ObjectInfo
from sfdd_declare.model.mapping import MappedField, MappingSet, RecordType
from sfdd_declare.model.operation import Action, Operation, Task
from sfdd_declare.model.ports import SelectionQuestion
from sfdd_declare.model.state import BookChanges, BookState
from sfdd_declare.people.forms import comparison
from sfdd_declare.people.question import (
    AccountRules,
    BookRules,
    CampaignRules,
    LinkRules,
    NewLeadRules,
    Question,
)
from sfdd_declare.plan.identify import Identities
from sfdd_declare.plan.successors import Successors

# What Salesforce gives a new campaign when the configuration names no default status.
DEFAULT_MEMBER_STATUS = "Sent"


@dataclass(frozen=True, slots=True)
class Reading:
    """The people reads of one plan. Lists carry the contact count seen in the listing, to choose the cheapest way."""

    campaigns: tuple[tuple[str, SalesforceId], ...]
    selections: tuple[SelectionQuestion, ...]
    lists: Mapping[str, tuple[tuple[str, ListId, int], ...]]  # by account
    sets: tuple[MappingSet, ...]
    record_types: tuple[RecordType, ...]  # whose opt-outs are read


def first_mark(account: str, record_type: RecordType) -> str:
    """Name of the mark that says values of this kind have a base (RUN-1)."""
    return f"first:{account}:{record_type.value}"


def seen_mark(account: str) -> str:
    """Name of the mark that says when the last apply that ended had read this account's people (BASE-5)."""
    return f"seen:{account}"


def enabled_accounts(desired: Desired) -> tuple[Account, ...]:
    return tuple(account for account in desired.accounts if account.enabled)


def reading(
    desired: Desired, found: Identities, sets: tuple[MappingSet, ...], describes: Mapping[str, ObjectInfo | None]
) -> Reading:
    """What to read for a full pass: members of linked campaigns, declared selections, contacts of linked books."""
    linked = _linked_campaigns(desired)
    accounts = enabled_accounts(desired)
    return Reading(
        campaigns=tuple((c.key, live.id) for c in linked if (live := found.campaigns[c.key].live) is not None),
        selections=tuple(question for c in desired.campaigns for question in _selections(c)),
        lists={account.key: _lists(account.key, desired, found) for account in accounts},
        sets=sets,
        record_types=opt_out_types(describes, sets),
    )


def opt_out_types(describes: Mapping[str, ObjectInfo | None], sets: tuple[MappingSet, ...]) -> tuple[RecordType, ...]:
    """Record types whose opt-outs count, mapped or not: an address is opted out if any record that has it is (CON)."""
    always = (RecordType.CONTACT, RecordType.LEAD)
    kinds = dict.fromkeys((*always, *(s.record_type for s in sets)))
    return tuple(kind for kind in kinds if describes.get(kind.sobject) is not None)


def with_renewals(sets: tuple[MappingSet, ...], operations: Iterable[Operation]) -> tuple[MappingSet, ...]:
    """The sets, with the fields marked whose data field does not exist yet or loses its values: all of them are blank,
    so that everybody's values are written in the same apply.
    """
    renewed = {
        (op.address.parts[0], op.address.parts[1].casefold())
        for op in operations
        if op.task is Task.DATA_FIELD and op.action in (Action.CREATE, Action.REPLACE)
    }
    return tuple(
        replace(s, fields=tuple(replace(f, renewed=_key(s, f) in renewed) for f in s.fields)) if renewed else s
        for s in sets
    )


def _key(mappings: MappingSet, field: MappedField) -> tuple[str, str]:
    return mappings.account, field.data_field_name.casefold()


@dataclass(frozen=True, slots=True)
class Memory:
    """What the state remembers of each address book, by the key it has now."""

    books: Mapping[str, BookState]
    changes: BookChanges


def memory(found: Identities, states: Iterable[BookState], moved: Iterable[Moved]) -> Memory:
    blocks = [block for block in moved if block.target.kind is Kind.ADDRESS_BOOK]
    keys = {block.source.parts[0]: block.target.parts[0] for block in blocks}
    renamed = (replace(state, address_book=keys.get(state.address_book, state.address_book)) for state in states)
    books = {state.address_book: state for state in renamed}
    relisted = (key for key, state in books.items() if key in found.books and _list_id(found, key) != state.list_id)
    return Memory(books, BookChanges(keys, frozenset(relisted)))


def _list_id(found: Identities, key: str) -> ListId | None:
    live = found.books[key].live
    return live.id if live else None


def _linked_campaigns(desired: Desired) -> tuple[Campaign, ...]:
    """Campaigns whose members matter: linked ones, and those with declared members."""
    keys = {link.campaign for link in desired.links}
    return tuple(c for c in desired.campaigns if c.key in keys or c.selections)


def _selections(campaign: Campaign) -> tuple[SelectionQuestion, ...]:
    return tuple(
        SelectionQuestion(
            campaign=campaign.key,
            record_type=selection.record_type,
            where=selection.where,
            ids=selection.ids,
            status=selection.status,
            label=f"{selection.position}" if selection.position else f"campaigns.{campaign.key}.members",
            emails=selection.emails,
            file=selection.file,
        )
        for selection in campaign.selections
    )


def _lists(account: str, desired: Desired, found: Identities) -> tuple[tuple[str, ListId, int], ...]:
    wanted: list[tuple[str, ListId, int]] = []
    for book in linked_books(desired):
        identity = found.books.get(book.key)
        if book.account == account and identity is not None and identity.live is not None:
            wanted.append((book.key, identity.live.id, identity.live.contacts))
    return tuple(wanted)


def linked_books(desired: Desired) -> tuple[AddressBook, ...]:
    """Books with a link, and books that lost their last one: their people leave by `removals`."""
    enabled = {account.key for account in enabled_accounts(desired)}
    return tuple(book for book in desired.address_books if book.account in enabled)


def question(
    desired: Desired,
    found: Identities,
    sets: tuple[MappingSet, ...],
    *,
    books: Mapping[str, BookState],
    marks: Mapping[str, str],
    hash_key: SecretStr,
    salesforce_users: tuple[str, ...],
    allow: Collection[str],
    samples: int,
    reveal: bool = False,
    is_approval: bool = False,
    is_approved: bool = False,
    asks_drift: bool = False,
    lead: ObjectInfo | None,
    links: tuple[str, ...] | None = None,
    by_hand: frozenset[str] = frozenset(),
    stopped: frozenset[str] = frozenset(),
    accept_first_sync: bool = False,
    taken_over: bool = False,
    succeeds: Successors = MappingProxyType({}),
) -> Question:
    """The whole question. `books` by address-book key; `lead` is the describe of Lead."""
    unknown = _books_of(vanished_campaigns(found), desired)
    unknown |= {link.address_book for link in desired.links if f"link.{link.campaign}.{link.address_book}" in stopped}
    return Question(
        accounts=tuple(
            _account(account, sets, marks, allow, desired.matching) for account in enabled_accounts(desired)
        ),
        campaigns=tuple(_campaign(c, found) for c in _linked_campaigns(desired)),
        books=tuple(
            replace(
                _book(book, found, books, complete=book.key not in unknown),
                taken_over=taken_over,
                predecessors=succeeds.get(book.key, ()),
            )
            for book in linked_books(desired)
        ),
        links=tuple(
            LinkRules(
                f"link.{link.campaign}.{link.address_book}",
                link.campaign,
                link.address_book,
                link.member_statuses,
                link.new_leads,
            )
            for link in desired.links
            if desired.book(link.address_book).account in {a.key for a in enabled_accounts(desired)}
        ),
        precedence=desired.matching.precedence,
        hash_key=hash_key,
        salesforce_users=salesforce_users,
        memory_limit=desired.memory_limit,
        samples=samples,
        reveal=reveal,
        is_approval=is_approval,
        is_approved=is_approved,
        asks_drift=asks_drift,
        accept_first_sync=accept_first_sync,
        allow=frozenset(allow),
        leads=NewLeadRules(required_of_leads(lead), desired.leads.defaults),
        focus=links,
        by_hand=by_hand,
        stopped=stopped,
    )


def vanished_campaigns(found: Identities) -> tuple[str, ...]:
    """Keys of campaigns that the state knows and Salesforce does not show: who is a member of them nobody can say."""
    return tuple(key for key, identity in found.campaigns.items() if identity.vanished)


def vanished_warnings(desired: Desired, found: Identities) -> tuple[str, ...]:
    """MEM-8: nobody leaves an address book because its campaign was deleted by hand."""
    gone = (key for key in vanished_campaigns(found) if _books_of((key,), desired))
    return tuple(
        f"campaign.{key} is not in Salesforce any more: nobody joins or leaves its address books in this run (MEM-8)"
        for key in gone
    )


def _books_of(campaigns: Collection[str], desired: Desired) -> frozenset[str]:
    return frozenset(link.address_book for link in desired.links if link.campaign in campaigns)


#: Without these no lead is created, whatever the org requires (NEW-3).
LEAD_NEEDS = ("FirstName", "LastName", "Company")
#: Filled whatever the configuration says: by the address of the contact, and by Salesforce with our user.
LEAD_FILLED = ("OwnerId", "Email")


def required_of_leads(lead: ObjectInfo | None) -> tuple[str, ...]:
    """Fields that a new lead must have a value for."""
    fields = lead.fields.values() if lead else ()
    required = (field.name for field in fields if is_required(field) and field.name not in LEAD_FILLED)
    return tuple(dict.fromkeys((*LEAD_NEEDS, *required)))


def is_required(field: FieldInfo) -> bool:
    """Whether Salesforce refuses a new record without it."""
    return field.createable and not field.nillable and not field.defaulted_on_create and field.type != "boolean"


def _account(
    account: Account,
    sets: tuple[MappingSet, ...],
    marks: Mapping[str, str],
    allow: Collection[str],
    matching: Matching,
) -> AccountRules:
    own = tuple(s for s in sets if s.account == account.key)
    return AccountRules(
        key=account.key,
        sets=own,
        consent=account.consent,
        first_run=tuple(s.record_type for s in own if first_mark(account.key, s.record_type) not in marks),
        on_delete=matching.on_delete,
        hold_creations=holds_creations(account, marks, allow),
        filled=tuple(_filled(marks.get(f"filled:{account.key}", "{}"))),
        seen=int(marks[seen_mark(account.key)]) if seen_mark(account.key) in marks else None,
    )


def _filled(mark: str) -> Iterator[tuple[tuple[RecordType, str, str], int]]:
    for name, count in json.loads(mark).items():
        record_type, _, field = name.partition(" ")
        key, _, side = field.rpartition(" ")
        yield (RecordType(record_type), key, side), count


def with_defaults(sets: tuple[MappingSet, ...], live: Mapping[str, DotdigitalLive]) -> tuple[MappingSet, ...]:
    """The sets, with the zone of the account's dates (VAL-25) and what each data field holds when nobody has given it a
    value (VAL-26).
    """

    def known(s: MappingSet, field: MappedField) -> MappedField:
        fields = live[s.account].data_fields if s.account in live else ()
        if s.account in live:
            field = replace(field, zone=live[s.account].time_zone)
        raw = next((f.default for f in fields if f.name.casefold() == field.data_field_name.casefold()), None)
        if raw is None or raw == "":
            return field
        text = str(raw).lower() if isinstance(raw, bool) else str(raw)
        return replace(field, data_field_default=comparison(pa.array([text]), field.form, field.zone)[0].as_py())

    return tuple(replace(s, fields=tuple(known(s, f) for f in s.fields)) for s in sets)


def holds_creations(account: Account, marks: Mapping[str, str], allow: Collection[str]) -> bool:
    """CON-15: creations wait until `double_opt_in` is declared, or for one `--allow double_opt_in` when it is
    enforced.
    """
    if account.double_opt_in is DoubleOptIn.NOT_ENFORCED or "double_opt_in" in allow:
        return False
    return account.double_opt_in is None or f"double_opt_in:{account.key}" not in marks


def _campaign(campaign: Campaign, found: Identities) -> CampaignRules:
    live = found.campaigns[campaign.key].live
    declared = next((status.label for status in campaign.statuses if status.default), None)
    present = next((status.label for status in live.statuses if status.is_default), None) if live else None
    status = declared or present or DEFAULT_MEMBER_STATUS
    return CampaignRules(
        campaign.key,
        live is not None,
        status,
        exact=campaign.mode is MemberMode.EXACT,
        selects=bool(campaign.selections),
    )


def _book(book: AddressBook, found: Identities, books: Mapping[str, BookState], *, complete: bool) -> BookRules:
    identity = found.books.get(book.key)
    live = identity.live if identity else None
    state = books.get(book.key)
    same_list = state is not None and live is not None and state.list_id == live.id
    return BookRules(
        key=book.key,
        account=book.account,
        exists=live is not None,
        removals=book.removals,
        restore_left=book.restore_left,
        first_run=not (same_list and state is not None and state.baseline),
        complete=complete,
    )
