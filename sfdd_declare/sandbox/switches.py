"""The sandbox's switches: one per vendor behaviour that no source settles.

Every name also exists as an assumption of the engine. `cautious` is what the engine must survive by default,
`lucky` is the friendlier vendor. A switch changes what the sandbox does;
clients are never told about it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from zoneinfo import available_timezones


@dataclass(frozen=True, slots=True)
class Switch:
    """One unsettled behaviour with its two (or more) possible values."""

    name: str
    cautious: str
    lucky: str
    choices: tuple[str, ...]
    meaning: str
    is_zone: bool = False  # any time zone will do; `choices` are examples

    def takes(self, value: str) -> bool:
        """Whether it can be set to that value."""
        return value in self.choices or (self.is_zone and value in available_timezones())


def _switch(name: str, cautious: str, lucky: str, meaning: str) -> Switch:
    return Switch(name=name, cautious=cautious, lucky=lucky, choices=(cautious, lucky), meaning=meaning)


_ALL = (
    _switch("list_join_bumps_updated", "no", "yes", "list joins, leaves and status changes move `updated`"),
    _switch("listid_returns_suppressed", "no", "yes", "`~listId` returns suppressed and pending members too"),
    _switch("import_clears_list_optout", "yes", "no", "an import naming a list ends a list-level opt-out"),
    _switch("import_undeletes_binned", "yes", "no", "an import restores a contact from the recycle bin"),
    _switch("overlong", "fail", "cut", "a text value over the limit refuses its row, or is cut"),
    _switch("unknown_field", "fail", "ignore", "an unknown data field refuses its row, or is ignored"),
    _switch("new_contact_status_suppressed", "refused", "accepted", "a contact can be created suppressed"),
    _switch("blank_string", "blank", "null", "an empty string is stored as it is, or clears the field"),
    _switch("field_name_case", "changed", "kept", "data field names are read back in another case"),
    _switch("last_page_next", "present", "absent", "a full last page links to an empty one"),
    _switch("deleted_member_visible", "no", "yes", "deleted campaign members can be queried"),
    _switch("alters_on_write", "trims_and_cuts", "nothing", "stored text is trimmed and cut"),
    Switch(
        name="account_time_zone",
        cautious="Europe/London",
        lucky="America/New_York",
        choices=("Europe/London", "America/New_York"),
        meaning="the time zone that the account says it has; any other one will do, too",
        is_zone=True,
    ),
    _switch("date_holds_local_midnight", "yes", "no", "a date typed by hand is midnight of the account's zone"),
    _switch("date_written_as", "utc_midnight", "local_midnight", "how a date given as midnight UTC is kept"),
    _switch(
        "campaign_member_stamp_follows_person",
        "no",
        "yes",
        "a change of the person moves the stamp of their campaign memberships",
    ),
)

SWITCHES: Mapping[str, Switch] = MappingProxyType({switch.name: switch for switch in _ALL})
"""Every switch by name, in a stable order."""
