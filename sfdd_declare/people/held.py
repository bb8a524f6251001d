"""What waits or is left out (RUN-4): every reason with its words, its rule, and whether it waits for a human.

Reasons are also what a link says about whom it skips.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sfdd_declare.model.mapping import RecordType
from sfdd_declare.model.plan import Held

OPTED_OUT = "opted out"
OPTED_OUT_THERE = "opted out in Dotdigital"
UNSUBSCRIBED = "unsubscribed from the book"
LEFT = "left in Dotdigital"
NOT_READ = "book not read completely"
NOT_SHOWN = "list not shown"
DUE = "due after the first run"
UNKNOWN = "not in the state that was taken over"
REFUSED = "address refused for good"
CONVERTED = "converted lead"
DELETED_THERE = "deleted in Dotdigital"
NO_ADDRESS = "no address"
SWAPPED = "addresses in a circle"
BARRED = "new address opted out"
DELETED = "deleted"
NOT_VISIBLE = "not visible any more"
SHADOWED = "shadowed"
ANOTHER_WRITER = "another writer"
BLANK_KEPT = "blank kept"
ALTERED = "altered"
KEEPS_CHANGING = "keeps being changed"
CONFLICT = "conflict"
FIRST_SYNC = "first-sync held"
RECONSENTED = "re-consented in Salesforce"
RESUBSCRIBED = "resubscribed in Dotdigital"
RENEWED = "renewed"
PARKED = "parked"
UNAPPROVED, WAITING = "not in the plan file", "waits for what is not in the plan file"
UNASKED, BY_HAND = "not asked for", "synchronised by hand"
LEFT_BEHIND = "left behind"
CREATED_OUT = "created opted out"
#: Of a campaign member, in the line of a link only.
SAME_CONTACT, ELSEWHERE = "same contact as another member", "counted at another link"
PROBLEM = "problem"
CHANGED_THERE = "changed email in Dotdigital"
NOT_YET = "not yet applied"
PENDING = "pending"
NEWCOMER_OUT = "newcomer who cannot be mailed"
NEWCOMER_NO_ADDRESS = "newcomer without an address"


@dataclass(frozen=True, slots=True)
class Words:
    what: str
    rule: str
    detail: str = ""
    headline: bool = False


WORDS: Mapping[str, Words] = {
    CONFLICT: Words(
        "conflicts held", "VAL-9", "both sides changed and `conflict: skip` decides nothing", headline=True
    ),
    FIRST_SYNC: Words(
        "conflicts held since the first sync",
        "RUN-1",
        "make both sides agree, or `sfdd apply --accept-first-sync` settles them by `conflict:`",
        headline=True,
    ),
    LEFT: Words("people left in Dotdigital", "MEM-2", headline=True),
    UNKNOWN: Words(
        "people not in the state that was taken over, and not added",
        "RUN-8",
        "they may have left since; `sfdd apply --accept-first-sync` adds them",
        headline=True,
    ),
    RESUBSCRIBED: Words(
        "people resubscribed in Dotdigital", "CON-7", "untick Email Opt Out in Salesforce first", headline=True
    ),
    RECONSENTED: Words("people re-consented in Salesforce", "CON-9", "resubscribe in Dotdigital", headline=True),
    REFUSED: Words("addresses refused for good", "WIRE-1", "not sent again until they change", headline=True),
    RENEWED: Words(
        "values held, because their field lost its values at once",
        "VAL-26",
        "what flows out of it waits; `sfdd apply --allow blanked` carries the blanks",
        headline=True,
    ),
    PROBLEM: Words("people with a value its target cannot hold", "VAL-23", headline=True),
    KEEPS_CHANGING: Words(
        "people with a value that keeps being changed",
        "BASE-5",
        "altered after two of our writes in a row; written again once the other side changes",
        headline=True,
    ),
    PARKED: Words(
        "people with parked rows",
        "RUN-4",
        "refused before, and not sent again until something about them changes: `sfdd errors`, `sfdd errors retry`",
        headline=True,
    ),
    UNAPPROVED: Words(
        "people with changes that the plan file does not hold", "CON-16", "the next plan shows them", headline=True
    ),
    WAITING: Words(
        "people whose approved changes wait for one that the plan file does not hold",
        "CON-16",
        "an address, a pair, a creation or a campaign member; the next plan shows them",
        headline=True,
    ),
    PENDING: Words("leads pending", "NEW-4", headline=True),
    BY_HAND: Words("additions wait for somebody to synchronise their link", "RUN-4", "`sfdd sync NAME`", headline=True),
    LEFT_BEHIND: Words(
        "contacts left behind on an address book",
        "ID-4",
        "their member goes over to another contact; take them off by hand, or declare `removals: managed` on the book",
        headline=True,
    ),
    SWAPPED: Words(
        "people whose new addresses wait for each other", "ID-4", "change one of them by hand", headline=True
    ),
    BARRED: Words("people whose new address is opted out", "ID-4", "their contact keeps its address"),
    NO_ADDRESS: Words("people with no address", "MEM-1", "no usable email address"),
    CHANGED_THERE: Words(
        "people whose email changed in Dotdigital", "ID-4", f"Salesforce keeps its own; writing back: {NOT_YET}"
    ),
    CONVERTED: Words("leads converted", "ID-5", "their contact cannot be read"),
    DELETED_THERE: Words("people deleted in Dotdigital", "ID-7", "not created again"),
    DELETED: Words("people deleted in Salesforce", "ID-6", "`matching.on_delete: leave`"),
    NOT_VISIBLE: Words("people not visible any more in Salesforce", "ID-6"),
    OPTED_OUT: Words("people opted out", "CON-2"),
    OPTED_OUT_THERE: Words("people opted out in Dotdigital", "CON-3", "no contact is created"),
    CREATED_OUT: Words("people created opted out", "CON-3", "on no address book"),
    UNSUBSCRIBED: Words("people unsubscribed from the book", "CON-5"),
    NOT_SHOWN: Words("people whose list Dotdigital does not show while they cannot be mailed", "MEM-8"),
    NOT_READ: Words("people on a book that was not read completely", "MEM-8"),
    DUE: Words("removals due after the first run", "RUN-1"),
    NEWCOMER_OUT: Words("people joined in Dotdigital who cannot be mailed", "NEW-5", "no leads are made of them"),
    NEWCOMER_NO_ADDRESS: Words("people joined in Dotdigital without an email address", "NEW-5"),
    ANOTHER_WRITER: Words(
        "people whose values come from another record now",
        "ID-3",
        "what differs in a two-way field is held; `sfdd explain` says who writes",
        headline=True,
    ),
    SHADOWED: Words("records shadowed", "ID-3"),
    ALTERED: Words("people with a value altered as it was written", "BASE-5", "what it became is the new base"),
    BLANK_KEPT: Words("people with blanks kept", "VAL-5"),
    **{
        f"no mapping for {t.section}": Words(
            f"members with no mapping for {t.section}", "MEM-14", f"`field_mappings.<account>.{t.section}: {{}}`"
        )
        for t in RecordType
    },
}


def held(counts: Mapping[str, int], details: Mapping[str, str]) -> tuple[Held, ...]:
    """In the order of the table: what waits for a human first. `details` by reason, where there is more to say."""
    return tuple(
        Held(words.what, counts[reason], words.rule, words.headline, details.get(reason, words.detail))
        for reason, words in WORDS.items()
        if counts.get(reason)
    )
