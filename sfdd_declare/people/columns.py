"""The schema of every people table: readers fill the datasets, `decide` reads them and writes `changes` and `moves`.

Comparison columns (`c…`) hold the comparison form of a value as text, null when blank (BASE-3); raw columns (`r…`)
hold the value as text as it would be written, null when blank. Keys of people are addresses as `email_key`
makes them (ID-1), null when there is no usable one. Booleans are never null. Times are whole seconds since
1970, UTC.
"""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from sfdd_declare.model.mapping import Form, MappedField, MappingSet, RecordType

text, flag, long, bits = pa.string(), pa.bool_(), pa.int64(), pa.int8()


def _schema(**columns: pa.DataType) -> pa.Schema:
    return pa.schema([pa.field(name, kind) for name, kind in columns.items()])


# --- Salesforce ---------------------------------------------------------------------------------------------------


def records(account: str, record_type: RecordType) -> str:
    """Salesforce records in scope, a dataset per (account, record type); the same record may stand in it twice."""
    return f"records.{account}.{record_type.value}"


def records_schema(mapping: MappingSet) -> pa.Schema:
    """`c{i}`/`r{i}` for the i-th mapped field of the set, whatever its direction."""
    schema = _schema(
        sf_id=text,
        email=text,
        email_key=text,
        opted_out=flag,
        modified=long,  # LastModifiedDate
        modified_by=text,  # LastModifiedById
        converted=flag,  # leads: IsConverted
        converted_to=text,  # leads: ConvertedContactId
    )
    for mapped in mapping.fields:
        schema = schema.append(pa.field(f"c{mapped.index}", text)).append(pa.field(f"r{mapped.index}", text))
    return schema


MEMBERS = _schema(campaign=text, member_id=text, record_type=text, sf_id=text, status=text, converted_to=text)
"""`members`: live CampaignMember rows; campaign is the YAML key. A converted lead's row names the lead and, in
`converted_to`, its contact. The row of an account that is a member itself names nobody.
"""

PROTECTED = _schema(campaign=text, sf_id=text)
"""`protected`: members whom `mode: exact` never removes, because a link added them as newcomers (MEM-13)."""

SELECTED = _schema(campaign=text, record_type=text, sf_id=text, status=text, address=text, modified=long)
"""`selected`: records that a declared selection matches, members already or not. status: what to add them with.

`address`: the email_key by which they were selected; of several records with one address, one becomes a member.
"""

OPTED_OUT = _schema(record_type=text, sf_id=text, email_key=text)
"""`opted_out`: every record of the org whose Email Opt Out is ticked (CON closure); it may have no address."""

NOT_TICKED = _schema(record_type=text, sf_id=text, email_key=text)
"""`not_ticked`: records of the org, members or not, with an address that was looked up because somebody with it has
opted out in Dotdigital, and whose Email Opt Out is not ticked (CON-4). Converted leads are not among them.
"""

FATES = _schema(record_type=text, sf_id=text, fate=text, survivor=text)
"""`fates`: what became of records that left the scope: `there`, `deleted`, `merged` (survivor set), `invisible`."""

FOUND = _schema(record_type=text, sf_id=text, email_key=text, modified=long, converted=flag, converted_to=text)
"""`found`: whoever in the whole org has one of the addresses that were looked up (NEW-2)."""


MEMBERS_DATASET = "members"
PROTECTED_DATASET = "protected"
SELECTED_DATASET = "selected"
OPTED_OUT_DATASET = "opted_out"
NOT_TICKED_DATASET = "not_ticked"
FATES_DATASET = "fates"
FOUND_DATASET = "found"


# --- Dotdigital ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Slot:
    """One data field in one comparison form; several mappings may share it."""

    index: int
    data_field: str
    form: Form


def slots(sets: tuple[MappingSet, ...]) -> tuple[Slot, ...]:
    """The distinct (data field, form) pairs of an account's mapping sets, in order of appearance."""
    seen: dict[tuple[str, Form], Slot] = {}
    for mapping in sets:
        for mapped in mapping.fields:
            key = (mapped.data_field_name, mapped.form)
            seen.setdefault(key, Slot(len(seen), *key))
    return tuple(seen.values())


def slot_of(mapped: MappedField, all_slots: tuple[Slot, ...]) -> Slot:
    """The slot a mapped field is compared with."""
    return next(s for s in all_slots if s.data_field == mapped.data_field_name and s.form == mapped.form)


#: Statuses of a contact that is not there any more (ID-7).
GONE = ("deleted", "binned")


def contacts(account: str) -> str:
    """Dataset of the Dotdigital contacts read, from books and from look-ups; the same contact may stand in it twice."""
    return f"contacts.{account}"


def contacts_schema(sets: tuple[MappingSet, ...]) -> pa.Schema:
    """`c{j}`/`r{j}` for the j-th slot."""
    schema = _schema(
        contact_id=long,
        email=text,
        email_key=text,
        status=text,  # contact status, case-folded
        channel=text,  # email channel status, case-folded
        looked_up=flag,  # found by a look-up, not on a book that was read
    )
    for slot in slots(sets):
        schema = schema.append(pa.field(f"c{slot.index}", text)).append(pa.field(f"r{slot.index}", text))
    return schema


def listed(account: str) -> str:
    return f"listed.{account}"


LISTED = _schema(address_book=text, contact_id=long, status=text)
"""`listed.<account>`: who is on which linked book; status is the list status, case-folded."""


def suppressed(account: str) -> str:
    return f"suppressed.{account}"


SUPPRESSED = _schema(email_key=text, contact_id=long, reason=text, removed=text)
"""`suppressed.<account>`: account-level suppressions read in this run; reason case-folded, removed ISO."""


def list_optouts(account: str) -> str:
    return f"list_optouts.{account}"


LIST_OPTOUTS = _schema(address_book=text, email_key=text, contact_id=long, reason=text, removed=text)
"""`list_optouts.<account>`: unsubscribes from one book (CON-5, MEM-12)."""


# --- state --------------------------------------------------------------------------------------------------------


#: The bits of a field's mark (BASE-5): our last write to that side covered the field; what it wrote, or the write
#: before it, came back altered.
WROTE_S, WROTE_D, ALTERED_S, ALTERED_D = 1, 2, 4, 8
ALTERED = ALTERED_S | ALTERED_D


#: In place of both hashes of a base: two filled values that differed on the first run (RUN-1). It is no base.
HELD = "f" * 16


def base(account: str, record_type: RecordType) -> str:
    return f"base.{account}.{record_type.value}"


def base_schema(mapping: MappingSet) -> pa.Schema:
    """Exported base of one (account, record type). `bs{i}`/`bd{i}`: hash of each side's form, null = no base; `m{i}`:
    the bits above, null = none.

    The hash of a blank value is the hash of the empty text, so *filled* needs no column of its own.
    """
    schema = _schema(
        sf_id=text,
        contact_id=long,
        email_s=text,
        email_d=text,
        out_s=flag,
        out_d=flag,
        wrote_s=long,
        wrote_d=long,
    )
    for mapped in mapping.fields:
        schema = schema.append(pa.field(f"bs{mapped.index}", text)).append(pa.field(f"bd{mapped.index}", text))
        schema = schema.append(pa.field(f"m{mapped.index}", bits))
    return schema


def memberships(account: str) -> str:
    return f"memberships.{account}"


MEMBERSHIPS = _schema(
    account=text,
    address_book=text,
    contact_id=long,
    wanted=flag,
    on_book=flag,
    added_by_us=flag,
    list_optout=flag,
    left=flag,
    member=text,  # who left: all CampaignMember Ids that wanted them then, by `;`: another Id releases (MEM-2)
    forget=flag,  # only in settlements: drop the row
)
"""`memberships.<account>`: BASE-2; also the settlement's form of it.

`member` is sorted; a member who was only about to be added has an empty Id. Rows of people who did not leave name the
member that they were added for.
"""


def intents(account: str) -> str:
    return f"intents.{account}"


INTENTS = _schema(address_book=text, email_hash=text)
"""`intents.<account>`: list adds that an interrupted run may have sent."""

REMEMBERED = _schema(email_hash=text, reason=text)
"""`remembered.<account>`: suppressions known from earlier runs, by keyed hash of the folded address.

With the reason `refused`: addresses that this account will never take (WIRE-1), by keyed hash of `\\x1f` and the folded
address. With the reason `list`: unsubscribes from one book (CON-5), by keyed hash of its key, `\\x1f` and that address.
By keyed hash of twice `\\x1f` and the folded address: what was last known of an opt-out that no pair speaks of (CON-8
to CON-10; reasons in `people.memories`).
"""


def remembered(account: str) -> str:
    return f"remembered.{account}"


def parked(account: str) -> str:
    return f"parked.{account}"


PARKED = _schema(operation=text, person=text, hash=text)
"""`parked.<account>`: what was refused and is parked (RUN-4), by the hash that `people.parked` makes of it."""


APPROVED_DATASET = "read_approved"
APPROVED = _schema(meaning=text)
"""`read_approved`: what the rows of a plan file mean, as `rules/meanings.sql` says it."""

MEANINGS_DATASET = "meanings"
MEANINGS = _schema(operation=text, meaning=text)
"""`meanings`: what the rows of each operation mean, for a plan file; of `moves`, who becomes a pair."""


PAIRS = _schema(
    account=text,
    record_type=text,
    sf_id=text,
    contact_id=long,
    item=text,  # `email`, `opted_out`, or a MappedField.key
    expect_s=text,  # email, values: keyed hash; opted_out: 0 or 1; null leaves that side alone
    expect_d=text,
    wrote_d=flag,  # this settles a write of ours to Dotdigital
    wrote_s=flag,
    altered=text,  # BASE-5: the side (`s`, `d`) that altered what we wrote; empty: both hold it as it is; null: unknown
)
"""Settlement rows of the base, one per person and item."""


# --- decisions ----------------------------------------------------------------------------------------------------

CHANGES = "changes"
MOVES = "moves"

CHANGE = _schema(
    operation=text,
    account=text,
    person=text,  # Salesforce id, else `contact <id>`
    record_type=text,
    sf_id=text,
    contact_id=long,  # null: does not exist yet
    email=text,  # as it is sent
    address_book=text,
    campaign=text,
    aspect=text,  # value | member | list | consent | identity | problem
    field=text,  # the target's field, of values in moves the Salesforce field; of list rows: the CampaignMember Id that
    # wants the person, in `left` all, by `;`
    old=text,  # list rows `add`: records that are yet to become members, by `;`, if no live member wants the person;
    # list rows `remove`: CampaignMember Ids that have to be removed before, by `;`, because they still want the person
    new=text,  # raw, as text; null = blank
    decision=text,
    reason=text,  # rule id
    expect_s=text,  # BASE-4: see PAIRS; list rows: `wanted` or null
    expect_d=text,  # list rows: flags joined by commas: on, ours, optout, left; null forgets the row
)
"""`changes` and `moves`: one row per person and thing; sorted by operation, then person.

Rows of one person within one operation travel together. `moves` are settled without a write (BASE-6): those of the
operation `moves` at the end of a run, and none of them speaks of what an operation settles; those of `moves:early`
before the first. Decisions of value rows: `fill`, `overwrite`, `blank`, in moves `known`, `held`; of list rows: `add`,
`remove`, and in moves `on`, `bystander`, `left`, `optout`, `forget`; of member rows `add`, `adopt` and, with the
CampaignMember Id in `field` and the status that is lost in `old`, `remove`; of consent rows `suppress`,
`create_opted_out`, `tick` (a record's Email Opt Out; `contact_id` only where the record is that contact's pair, else
the address is remembered), in moves `known`; of identity rows `create`, `create_lead`, `pair`; of problem rows
(operations `problems:<account>` and `pending:<account>`, which are not carried out) the code.

A member row that names an address book settles the membership there as well. Values of a new lead that come from
`leads.defaults` have the decision `default` and no expectations.
"""
