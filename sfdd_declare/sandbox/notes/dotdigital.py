"""Notes on every call of the account."""

from __future__ import annotations

from sfdd_declare.sandbox.notes.note import Note, Notes

_VALUES = (
    *("unknown_field", "overlong", "blank_string", "alters_on_write"),
    *("date_written_as", "date_holds_local_midnight"),
)
_READ = ("field_name_case",)
_ROWS = (*_VALUES, "import_clears_list_optout", "import_undeletes_binned", "new_contact_status_suppressed")
_MODIFIED = ("list_join_bumps_updated",)
_COUNTS = ("listid_returns_suppressed",)
_ASKS = "whoever is asked never answers; a setting lets it through"
_JOB = "done after as many calls and polls as the settings say"
_CALLS = ("dotdigital.calls",)
_EMPTY = "always empty, nothing makes one"
_NONE = "404 for every id, nothing makes one"
_FILE = "CSV only; Excel, which the real service takes, is refused as a format"
_REASONS = "reasons in English, kept for ever"

_CHOSEN = "only what was opted in to is told"
_NO_SUCH = "how a preference that does not exist is refused"
_CONSENT = "what a consent record lacks makes it malformed; one that is there already is not repeated"
_ANSWER = "the answer's body"

_BOOK, _PEOPLE = "/v2/address-books", "/v2/contacts"
_ONE, _CUSTOM = "/contacts/v3/{identifier}/{value:path}", "/configuration/v3/customIdentifiers"

BOOKS: Notes = {
    ("GET", _BOOK): Note("the address books, with counts", switches=_COUNTS),
    ("POST", _BOOK): Note("makes one", settings=_CALLS),
    ("GET", f"{_BOOK}/public"): Note("the public ones", switches=_COUNTS),
    ("GET", f"{_BOOK}/private"): Note("the private ones", switches=_COUNTS),
    ("GET", f"{_BOOK}/{{id}}"): Note("one of them", switches=_COUNTS),
    ("PUT", f"{_BOOK}/{{id}}"): Note("renames it, changes who sees it", settings=_CALLS),
    ("DELETE", f"{_BOOK}/{{id}}"): Note("deletes it, its contacts stay"),
    ("GET", f"{_BOOK}/{{id}}/campaigns"): Note("what was sent to it", simpler=_EMPTY),
    ("GET", f"{_BOOK}/{{id}}/contacts"): Note("who is on it", switches=("listid_returns_suppressed", *_READ)),
    ("POST", f"{_BOOK}/{{id}}/contacts"): Note("creates or changes one, and puts them on", switches=_VALUES),
    ("DELETE", f"{_BOOK}/{{id}}/contacts"): Note("takes everybody off", switches=_MODIFIED),
    ("GET", f"{_BOOK}/{{id}}/contacts/modified-since/{{date}}"): Note("who on it changed", switches=_MODIFIED),
    ("POST", f"{_BOOK}/{{id}}/contacts/resubscribe"): Note("asks to opt in again", simpler=_ASKS),
    ("POST", f"{_BOOK}/{{id}}/contacts/resubscribe-with-no-challenge"): Note("opts in again"),
    ("POST", f"{_BOOK}/{{id}}/contacts/import"): Note("starts an import", simpler=_FILE, switches=_ROWS),
    ("POST", f"{_BOOK}/{{id}}/contacts/import/with-merge-option/{{option}}"): Note(
        "the same, and says what blanks do", simpler=_FILE, switches=_ROWS
    ),
    ("POST", f"{_BOOK}/{{id}}/contacts/delete-all"): Note("starts to take everybody off", switches=_MODIFIED),
    ("POST", f"{_BOOK}/{{id}}/contacts/delete"): Note("starts to take some off", switches=_MODIFIED, settings=_CALLS),
    ("POST", f"{_BOOK}/{{id}}/contacts/unsubscribe"): Note("one contact's opt-out of it", switches=_MODIFIED),
    ("GET", f"{_BOOK}/{{id}}/contacts/unsubscribed-since/{{date}}"): Note("the opt-outs of it"),
    ("DELETE", f"{_BOOK}/{{id}}/contacts/{{contact}}"): Note("takes one off", switches=_MODIFIED),
}

VERSION_2: Notes = {
    ("GET", "/v2/account-info"): Note(
        "the account",
        simpler="the properties clients read",
        switches=("account_time_zone",),
        settings=("dotdigital.rate_limit", *_CALLS),
    ),
    ("GET", "/v2/server-time"): Note("the sandbox's clock"),
    ("GET", "/v2/data-fields"): Note("the data fields", switches=_READ),
    ("POST", "/v2/data-fields"): Note("makes one", settings=("dotdigital.field_limit",)),
    ("DELETE", "/v2/data-fields/{name}"): Note(
        "deletes one, and its values",
        simpler="what uses it is a setting",
        settings=("dotdigital.field_in_use_is_conflict",),
    ),
    ("GET", "/v2/segments"): Note("the segments", simpler=_EMPTY),
    ("GET", "/v2/programs"): Note("the programs", simpler=_EMPTY),
    ("GET", "/v2/campaigns"): Note("the mailings", simpler=_EMPTY),
    ("GET", "/v2/campaigns/{campaign}"): Note("one of them", simpler=_NONE),
    ("GET", "/v2/campaigns/{campaign}/address-books"): Note("who it was sent to", simpler=_NONE),
    ("GET", _PEOPLE): Note("the contacts", switches=_READ),
    ("POST", _PEOPLE): Note("creates or changes one by address", switches=_VALUES),
    ("GET", f"{_PEOPLE}/count"): Note("how many there are"),
    ("GET", f"{_PEOPLE}/created-since/{{date}}"): Note("the new ones", switches=_READ),
    ("GET", f"{_PEOPLE}/modified-since/{{date}}"): Note("the changed ones", switches=_MODIFIED),
    ("POST", f"{_PEOPLE}/import"): Note("starts an import", simpler=_FILE, switches=_ROWS),
    ("POST", f"{_PEOPLE}/import/with-merge-option/{{option}}"): Note(
        "the same, and says what blanks do", simpler=_FILE, switches=_ROWS
    ),
    ("POST", f"{_PEOPLE}/import-collection"): Note(
        "starts an import, of JSON",
        switches=_ROWS,
        unknown="a preference no name of which fits is passed over; how malformed consent records are told: "
        "the contact is saved and counts among the failures",
    ),
    ("GET", f"{_PEOPLE}/import/{{id}}"): Note("how far an import is", simpler=_JOB),
    ("GET", f"{_PEOPLE}/import/{{id}}/report"): Note("how many rows fared how"),
    ("GET", f"{_PEOPLE}/import/{{id}}/report-faults"): Note("the rows that failed", simpler=_REASONS),
    ("POST", f"{_PEOPLE}/resubscribe"): Note("asks to opt in again", simpler=_ASKS),
    ("POST", f"{_PEOPLE}/resubscribe-with-no-challenge"): Note("opts in again"),
    ("GET", f"{_PEOPLE}/deletion/{{id}}"): Note("how far taking off is", simpler=_JOB),
    ("GET", f"{_PEOPLE}/retrieve-collection"): Note("many contacts, by a GET with a body", switches=_READ),
    ("GET", f"{_PEOPLE}/suppressed-since/{{date}}"): Note("everybody no mail may go to"),
    ("GET", f"{_PEOPLE}/unsubscribed-since/{{date}}"): Note("who unsubscribed"),
    ("POST", f"{_PEOPLE}/unsubscribe"): Note("one contact's opt-out", switches=_MODIFIED),
    ("PUT", f"{_PEOPLE}/suppress-contacts"): Note("many contacts' opt-out", switches=_MODIFIED, settings=_CALLS),
    ("GET", f"{_PEOPLE}/{{id}}/address-books"): Note("the address books one is on"),
    ("GET", f"{_PEOPLE}/{{key}}"): Note("one contact, by id or address", switches=_READ),
    ("PUT", f"{_PEOPLE}/{{id}}"): Note("changes one by id, the address too", switches=_VALUES),
    ("DELETE", f"{_PEOPLE}/{{id}}"): Note("to the recycle bin, for 30 days"),
}

CONSENT: Notes = {
    ("POST", f"{_PEOPLE}/with-consent"): Note(
        "creates or changes one, with consent", switches=_VALUES, unknown=_CONSENT
    ),
    ("POST", f"{_PEOPLE}/with-consent-and-preferences"): Note(
        "creates or changes one, with consent and preferences", switches=_VALUES, unknown=_CONSENT
    ),
    ("PUT", f"{_PEOPLE}/{{id}}/with-consent-and-preferences"): Note(
        "changes one, with consent and preferences", switches=_VALUES, unknown=_CONSENT
    ),
    ("GET", f"{_PEOPLE}/{{key}}/with-consent"): Note("one contact, with its consent records", switches=_READ),
}

PREFERENCES: Notes = {
    ("GET", "/v2/preferences"): Note("the preferences, in their categories"),
    ("POST", "/v2/preferences"): Note("makes one, or a category", unknown="the error codes, and what names may repeat"),
    ("GET", "/v2/preferences/modified-since/{date}"): Note("the changed ones, in their categories"),
    ("PUT", "/v2/preferences/{preference}"): Note(
        "renames or moves one", simpler="never makes a category of a preference", unknown="the error codes"
    ),
    ("DELETE", "/v2/preferences/{preference}"): Note("deletes one, and what is in it", unknown="the error codes"),
    ("GET", f"{_PEOPLE}/with-preference/{{preference}}"): Note("who opted in to one", simpler="a thousand at most"),
    **{
        ("GET", f"/v2/{place}/{{key}}/preferences"): Note("all preferences, and what one contact opted in to")
        for place in ("contacts", "contact")
    },
    **{
        ("PUT", f"/v2/{place}/{{key}}/preferences"): Note(
            "opts one contact in and out", switches=_MODIFIED, unknown=f"{_NO_SUCH}; {_ANSWER}, empty here"
        )
        for place in ("contacts", "contact")
    },
}

_SUBSCRIPTION = "/events/v3/export/subscriptions"
EVENTS: Notes = {
    ("GET", _SUBSCRIPTION): Note("the subscriptions to events, a private preview"),
    ("POST", _SUBSCRIPTION): Note(
        "makes one, of five at most",
        simpler="of the types the vendor's description mentions; only what befalls contacts happens",
        unknown="how a sixth is refused",
    ),
    ("GET", f"{_SUBSCRIPTION}/{{subscription}}"): Note("one of them"),
    ("PUT", f"{_SUBSCRIPTION}/{{subscription}}"): Note(
        "changes it", unknown="what is queued when it becomes active again: nothing here"
    ),
    ("DELETE", f"{_SUBSCRIPTION}/{{subscription}}"): Note("deletes it"),
    ("GET", "/events/v3/export/{subscription}"): Note(
        "what happened to contacts since it became active",
        simpler="without the lag; one event per changed field; filters look at the first level only; what happened to "
        "whom the recycle bin has lost is lost",
        unknown="the `data` of each type: here ids, and what was chosen; whether an old check point is read again",
    ),
}

VERSION_3: Notes = {
    ("GET", _CUSTOM): Note("the custom identifiers"),
    ("POST", _CUSTOM): Note("makes one", settings=("dotdigital.identifier_limit",)),
    ("DELETE", f"{_CUSTOM}/{{name}}"): Note("deletes one, and its values", simpler="what uses it is a setting"),
    ("GET", "/contacts/v3"): Note(
        "contacts, filtered, page by page",
        simpler="no segments",
        switches=("listid_returns_suppressed", "last_page_next", *_MODIFIED, *_READ),
        unknown=_CHOSEN,
    ),
    ("POST", "/contacts/v3"): Note(
        "creates one", switches=("new_contact_status_suppressed", *_VALUES), unknown=_CONSENT
    ),
    ("PUT", "/contacts/v3/import"): Note(
        "starts an import",
        switches=_ROWS,
        settings=("dotdigital.import_refuses_bad_rows", *_CALLS),
        unknown=f"{_NO_SUCH}; {_CONSENT}",
    ),
    ("GET", "/contacts/v3/import/{id}"): Note("how far it is, and how each row fared", simpler=_JOB),
    ("POST", "/contacts/v3/delete"): Note("starts to delete up to 5,000"),
    ("GET", "/contacts/v3/delete/{id}"): Note("how far that is", simpler=_JOB),
    ("GET", _ONE): Note("one contact", switches=_READ, settings=("dotdigital.binned_lookup",)),
    ("PUT", _ONE): Note(
        "the contact is what the body says, address books and preferences too; no consent records", switches=_VALUES
    ),
    ("PATCH", _ONE): Note(
        "creates or changes one at once, also from the recycle bin",
        switches=("new_contact_status_suppressed", *_VALUES),
        unknown=_CONSENT,
    ),
    ("DELETE", _ONE): Note("to the recycle bin, for 30 days"),
}
