"""Rule ids of the people rules and the named assumptions about the vendors (RUN-7).

Code, tests, `explain` and a plan's reasons name rules by these ids.
"""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import available_timezones


@dataclass(frozen=True, slots=True)
class Assumption:
    """One fact that no source confirms, with the value that can do least harm, and the other one that it may have."""

    name: str
    cautious: str
    other: str
    meaning: str
    of_salesforce: bool = False  # else of each Dotdigital account
    is_zone: bool = False  # any time zone; the two are examples

    @property
    def choices(self) -> tuple[str, str]:
        return self.cautious, self.other

    def takes(self, value: str) -> bool:
        """Whether it is a value that the fact can have."""
        return value in self.choices or (self.is_zone and value in available_timezones())


ASSUMPTIONS: tuple[Assumption, ...] = (
    Assumption("list_join_bumps_updated", "no", "yes", "joining a list moves the contact's `updated`"),
    Assumption("listid_returns_suppressed", "no", "yes", "`~listId` returns members whose list status is suppressed"),
    Assumption("import_clears_list_optout", "yes", "no", "an import with `lists` clears a list-level opt-out"),
    Assumption("import_undeletes_binned", "yes", "no", "an import brings a contact back from the recycle bin"),
    Assumption("overlong", "fail", "cut", "what an import does with a text longer than the limit"),
    Assumption("unknown_field", "fail", "ignore", "what an import does with a data field that does not exist"),
    Assumption("new_contact_status_suppressed", "refused", "accepted", "whether a contact can be created suppressed"),
    Assumption("blank_string", "blank", "null", "what an empty string is stored as (null is sent)"),
    Assumption("field_name_case", "changed", "kept", "whether the case of a data field's name survives reading"),
    Assumption("last_page_next", "present", "absent", "`next` is present on an exactly full last page"),
    Assumption(
        "deleted_member_visible", "no", "yes", "deleted campaign members appear in queryAll", of_salesforce=True
    ),
    Assumption("alters_on_write", "trims_and_cuts", "nothing", "how Dotdigital alters a text it is given"),
    Assumption(
        "account_time_zone",
        "Europe/London",
        "America/New_York",
        "the account's time zone: each run asks for it, and takes UTC where none is told (VAL-25)",
        is_zone=True,
    ),
    Assumption(
        "date_holds_local_midnight", "yes", "no", "a date typed in Dotdigital is midnight of the account's zone"
    ),
    Assumption(
        "date_written_as",
        "utc_midnight",
        "local_midnight",
        "how Dotdigital keeps a date that it is given as midnight UTC",
    ),
    Assumption(
        "campaign_member_stamp_follows_person",
        "no",
        "yes",
        "editing a person moves the member's SystemModstamp",
        of_salesforce=True,
    ),
)

#: Dotdigital email channel statuses that are an opt-out of the person (CON-4).
OPT_OUT_REASONS: tuple[str, ...] = (
    "unsubscribed",
    "directcomplaint",
    "ispcomplained",
    "knowncomplainer",
    "suppressed",
)

#: Statuses that may be replaced by `suppressed` (CON-2); a stronger reason never is.
SUPPRESSIBLE: tuple[str, ...] = ("subscribed", "pendingoptin", "softbounced", "nosubscription")

#: Codes of rows whose address an account will never take, case-folded (WIRE-1).
REFUSED_FOR_GOOD = frozenset({"globallysuppressed", "suppressedbydomain", "blocker"})

#: Status sent with a contact that must be created opted out (CON-3). `suppressed` says best what is meant, but while
#: `new_contact_status_suppressed` is assumed refused, a refusal would leave the contact subscribed for a moment. So the
#: status that every source confirms is sent, and the other only where that one is refused, by an account that was not
#: found to refuse the other.
CREATED_OPTED_OUT = "unsubscribed"
CREATED_OPTED_OUT_FALLBACK = "suppressed"

#: Dotdigital's longest text value, in characters (VAL-22).
TEXT_LIMIT = 1000
