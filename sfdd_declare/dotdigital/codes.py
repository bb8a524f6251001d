"""Every error code that Dotdigital publishes: what it means and what to do about it. Data alone; `errors` reads it.

Codes of v2 begin with `ERROR_`, those of v3 with the name of a service; what an import says of one row has neither.
Hints name a key of the configuration or a command: `{account}` stands for the account's YAML path, `{key}` for its key.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from sfdd_declare.model.errors import Conflict, Denied, NotFound, RateLimited, RemoteError, Terminal, Transient


class TooManyJobs(Terminal):
    """All of the account's job slots are taken. Waiting for a window does not help: a job has to end first."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a code says: the family of the error, one sentence, and a hint."""

    id: str
    kind: type[RemoteError]
    text: str
    hint: str


_ACCOUNT = "{account}"
_KEYS = "{account}.user / {account}.password"
_REGION_KEY = "{account}.region: auto"
_BOOK = "address_books.<key>.existing"
_FIELD = "data_fields.{key}"
_MAPPINGS = "field_mappings.{key}"
_AGAIN = "sfdd plan"
_ROWS = "sfdd errors"
_OURS = "sfdd version"  # what to name in a report: the mistake is in what this program sent


def _all(id: str, kind: type[RemoteError], hint: str, texts: Mapping[str, str]) -> dict[str, Meaning]:
    return {code: Meaning(id, kind, text, hint) for code, text in texts.items()}


CREDENTIALS = Meaning("SFDD-E2201", Denied, "Dotdigital does not accept the API user or its password", _KEYS)
REGION = Meaning(
    "SFDD-E2202", Denied, "Dotdigital refuses access: most likely the account lives in another region", _REGION_KEY
)
RATE = Meaning("SFDD-E2203", RateLimited, "Dotdigital's limit of calls is used up", _AGAIN)
MISSING = Meaning("SFDD-E2205", NotFound, "Dotdigital does not know what was asked for", _AGAIN)
TAKEN = Meaning("SFDD-E2206", Conflict, "The name or identifier is in use already in Dotdigital", _BOOK)
BUSY = Meaning("SFDD-E2207", Transient, "Dotdigital is not available just now", _AGAIN)
REFUSED = Meaning("SFDD-E2208", Terminal, "Dotdigital refused the request", _AGAIN)

_ACCESS = {
    **_all(
        "SFDD-E2201",
        Denied,
        _KEYS,
        {
            "ERROR_APIUSER_INVALID": CREDENTIALS.text,
            "ERROR_INVALID_LOGIN": CREDENTIALS.text,
            "ERROR_MANAGED_USER_INVALID": "Dotdigital does not accept the managed user",
            "ERROR_OAUTH_TOKEN_INVALID": "Dotdigital does not accept the token; it takes an API user with a password",
            "ERROR_USERACCOUNT_UNKNOWN": "Dotdigital does not know this API user",
            "ERROR_WEAK_PASSWORD": "The API user's password is too weak for Dotdigital",
        },
    ),
    **_all(
        "SFDD-E2218",
        Denied,
        _ACCOUNT,
        {
            "ERROR_ACCOUNT_INVALID": "The Dotdigital account does not exist or is restricted",
            "ERROR_CANNOT_PERFORM_OPERATION_ON_ACCOUNT": "This cannot be done on a Dotdigital account of this kind",
            "ERROR_FEATURENOTACTIVE": "This feature is not active on the Dotdigital account",
            "ERROR_UNKNOWN_ACCOUNT": "Dotdigital does not know the account",
        },
    ),
}

_LIMITS = {
    "ERROR_APIUSAGE_EXCEEDED": RATE,
    **_all(
        "SFDD-E2204",
        TooManyJobs,
        _AGAIN,
        {
            "ERROR_IMPORT_TOOMANYACTIVEIMPORTS": "Dotdigital runs as many imports of this account as it allows",
            "contacts:tooManyActiveImports": "Dotdigital runs as many imports of this account as it allows",
            "contacts:tooManyBulkDeleteJobs": "Dotdigital runs as many deletions of this account as it allows",
        },
    ),
    **_all(
        "SFDD-E2209",
        Terminal,
        _ACCOUNT,
        {
            "ERROR_CONTACT_TOOMANY": "The Dotdigital account holds as many contacts as it may",
            "ERROR_ENROLMENT_ALLOWANCE_EXCEEDED": "The hour's program enrolments of the account are used up",
            "ERROR_SEND_LIMITEXCEEDED": "The month's sends of the Dotdigital account are used up",
            "ERROR_TRANSACTIONAL_DATA_STORAGE_ALLOWANCE_EXCEEDED": "The account's storage for insight data is used up",
            "accounts:maxAccountLimit": "There are as many Dotdigital accounts as allowed",
        },
    ),
    **_all(
        "SFDD-E2209",
        Terminal,
        "address_books",
        {
            "ERROR_ADDRESSBOOK_LIMITEXCEEDED": "The Dotdigital account has as many address books as it may",
            "ERROR_ADDRESSBOOK_TOOMANY": "The request names more address books than Dotdigital takes",
        },
    ),
    **_all(
        "SFDD-E2209",
        Terminal,
        _FIELD,
        {"ERROR_DATAFIELD_LIMITEXCEEDED": "The Dotdigital account has as many data fields as it may"},
    ),
}

_THINGS = {
    **_all(
        "SFDD-E2205",
        NotFound,
        _AGAIN,
        {
            "ERROR_ADDRESSBOOK_NOT_FOUND": "The address book is not in the Dotdigital account",
            "ERROR_CONTACT_NOT_FOUND": "The contact is not in the Dotdigital account",
            "ERROR_IMPORT_NOT_FOUND": "Dotdigital does not know the import",
            "ERROR_IMPORT_REPORT_NOT_FOUND": "Dotdigital has no report of the import, or none yet",
            "ERROR_PREFERENCE_NOT_FOUND": "Dotdigital does not know the marketing preference",
            "ERROR_SEGMENT_NOT_FOUND": "The segment is not in the Dotdigital account",
            "contacts:contactNotFound": "The contact is not in the Dotdigital account",
            "contacts:importNotFound": "Dotdigital does not know the import",
            "contacts:invalidDeleteId": "Dotdigital does not know the deletion",
            "customIdentifiers:notExist": "Dotdigital does not know the custom identifier",
        },
    ),
    **_all(
        "SFDD-E2205",
        NotFound,
        _FIELD,
        {"ERROR_DATAFIELD_NOTFOUND": "A data field that is written is not in the Dotdigital account"},
    ),
    **_all(
        "SFDD-E2206",
        Conflict,
        _BOOK,
        {"ERROR_ADDRESSBOOK_DUPLICATE": "An address book or a segment in Dotdigital has this name already"},
    ),
    **_all(
        "SFDD-E2206",
        Conflict,
        "data_fields.{key}.<name>: existing",
        {"ERROR_NON_UNIQUE_DATAFIELD": "A data field in Dotdigital has this name already"},
    ),
    **_all(
        "SFDD-E2206",
        Conflict,
        _ROWS,
        {
            "ERROR_NON_UNIQUE_EMAIL": "Another contact in Dotdigital has this address already",
            "contacts:idAlreadyExists": "Another contact in Dotdigital has this identifier already",
        },
    ),
    **_all(
        "SFDD-E2206",
        Conflict,
        _ACCOUNT,
        {
            "ERROR_INVALID_APIUSEREXISTS": "The API user exists already",
            "customIdentifiers:inUse": "The custom identifier is in use",
            "customIdentifiers:nameAlreadyExists": "A custom identifier has this name already",
        },
    ),
    **_all(
        "SFDD-E2207",
        Transient,
        _AGAIN,
        {
            "ERROR_ADDRESSBOOK_IN_USE": "Dotdigital is busy with this address book",
            "ERROR_ENROLMENT_IS_PROCESSING": "Dotdigital is still busy with the program enrolment",
            "ERROR_SYSTEM_SERVICETEMPORARILYUNAVAILABLE": BUSY.text,
        },
    ),
    "ERROR_ADDRESSBOOK_NOTWRITABLE": Meaning(
        "SFDD-E2217", Terminal, "This address book belongs to Dotdigital and cannot be written", _BOOK
    ),
    **_all(
        "SFDD-E2208",
        Terminal,
        "address_books.<key>",
        {"ERROR_ADDRESSBOOK_INVALID": "Dotdigital does not take the address book as it is declared"},
    ),
    **_all(
        "SFDD-E2208",
        Terminal,
        _FIELD,
        {"ERROR_DATAFIELD_INVALID": "Dotdigital does not take the data field as it is declared"},
    ),
}

_PEOPLE = {
    **_all(
        "SFDD-E2208",
        Terminal,
        _ROWS,
        {
            "ERROR_CONTACTS_ARE_NOT_SPECIFIED": "The request names no contact",
            "ERROR_CONTACT_INVALID": "Dotdigital does not take the contact as it was sent",
            "ERROR_CONTACT_RESUBSCRIPTION_INVALID": "Dotdigital does not take the resubscription; sfdd never sends one",
            "ERROR_CONTACT_SUPPRESSED": "The contact is suppressed in Dotdigital",
            "ERROR_CONTACT_SUPPRESSEDFORADDRESSBOOK": "The contact is suppressed for this address book",
            "ERROR_EMAIL_BANNED": "Dotdigital takes no contact with this address",
            "ERROR_INVALID_EMAIL": "Dotdigital does not take this for an email address",
            "ERROR_PREFERENCE_INVALID": "Dotdigital does not take the marketing preference as it was sent",
            "ERROR_SMS_INVALIDPHONENUMBER": "Dotdigital does not take this for a phone number",
            "contacts:invalidContacts": "Dotdigital does not take the contacts as they were sent",
            "contacts:invalidId": "Dotdigital does not take this for an identifier of a contact",
            "contacts:noContactsSpecified": "The request names no contact",
        },
    ),
    **_all(
        "SFDD-E2208",
        Terminal,
        _MAPPINGS,
        {"ERROR_DATAFIELD_VALUE_OVERFLOW": "A value is too long for its data field"},
    ),
}

#: What an import says of one row, or of a part of it.
_ROW_CODES = _all(
    "SFDD-E2208",
    Terminal,
    _ROWS,
    {
        "ApiSchemaViolation": "Dotdigital does not take the row in the form it was sent in",
        "Blocker": "Dotdigital blocks this contact",
        "Duplicate": "Another row of the import, or another contact, has this identifier",
        "GloballySuppressed": "The contact is suppressed in Dotdigital",
        "InvalidAddressBookIds": "Dotdigital does not know an address book of the row",
        "InvalidContact": "Dotdigital does not take the contact as it was sent",
        "InvalidContactId": "Dotdigital does not know the id of the contact",
        "InvalidContactStatus": "Dotdigital does not take the status of the row",
        "InvalidDomain": "The domain of the address does not exist",
        "InvalidEmail": "Dotdigital does not take this for an email address",
        "InvalidMatchIdentifier": "Dotdigital does not know the identifier to match by",
        "InvalidPhoneNumber": "Dotdigital does not take this for a phone number",
        "NoValidIdentifiers": "The row names no contact",
        "SuppressedByDomain": "Dotdigital may not write to the domain of the address",
        "consentRecordsNotApplied": "The contact was saved, its consent records were not",
        "duplicateIdentifier": "Another row of the import, or another contact, has this identifier",
    },
)

_OUR_MISTAKES = _all(
    "SFDD-E2208",
    Terminal,
    _OURS,
    {
        "ERROR_BODY_DOES_NOT_MATCH_CONTENT_TYPE": "The body of the request is not what its content type says",
        "ERROR_CONTENT_TYPE_IS_NOT_SUPPORTED": "Dotdigital does not take the content type of the request",
        "ERROR_IMPORT_UNSUPPORTED_FORMAT": "Dotdigital does not take the form of the import",
        "ERROR_INVALID_PERSONALISATION_VALUES": "Dotdigital does not take the personalisation values",
        "ERROR_MALFORMED_REQUEST": "Dotdigital does not understand the request",
        "ERROR_MISSING_SETUPKEYVALUES": "The request does not name all set-up keys",
        "ERROR_MULTI_FILE_UPLOAD_NOT_ALLOWED": "Dotdigital takes one file per call",
        "ERROR_NO_EMAIL_COLUMN": "The import has no column of addresses",
        "ERROR_PARAMETER_INVALID": "Dotdigital does not take a parameter of the request",
        "contacts:badJson": "Dotdigital does not understand the request",
        "contacts:badRequest": "Dotdigital does not take the request",
        "contacts:invalidFilter": "Dotdigital does not take the filter of the request",
        "customIdentifiers:nameTooLong": "The name of the custom identifier is too long",
    },
)

_ELSEWHERE = _all(
    "SFDD-E2208",
    Terminal,
    _OURS,
    {
        f"ERROR_{code}": f"Dotdigital speaks of {thing}, which sfdd never asks for"
        for thing, codes in (
            (
                "an email campaign",
                "CAMPAIGN_CONTAINS_UNSUPPORTED_BLOCKS CAMPAIGN_INVALID CAMPAIGN_NOT_FOUND CAMPAIGN_READONLY "
                "CAMPAIGN_SENDNOTPERMITTED CAMPAIGN_SEND_INVALID",
            ),
            (
                "a document",
                "DOCUMENT_ALREADYATTACHED DOCUMENT_ATTACHMENTSTOOLARGE DOCUMENT_DATAEMPTY DOCUMENT_FOLDER_INVALID "
                "DOCUMENT_FOLDER_NOT_FOUND DOCUMENT_INVALID DOCUMENT_NAMEINVALID DOCUMENT_NOT_FOUND DOCUMENT_TOOLARGE "
                "DOCUMENT_TOOMANYATTACHMENTS DOCUMENT_UNSUPPORTEDFORMAT",
            ),
            (
                "an image",
                "IMAGE_DATAEMPTY IMAGE_FOLDER_DELETED IMAGE_FOLDER_INVALID IMAGE_FOLDER_NOT_FOUND IMAGE_INVALID "
                "IMAGE_NAMEINVALID IMAGE_PARENTFOLDERISFULL IMAGE_UNSUPPORTEDFORMAT",
            ),
            ("a program", "ENROLMENT_INVALID ENROLMENT_NOT_FOUND PROGRAM_NOT_ACTIVE PROGRAM_NOT_FOUND"),
            ("a text message", "SMS_INVALID SMS_SENDNOTPERMITTED"),
            ("a survey", "SURVEY_NOT_FOUND"),
            ("a template", "TEMPLATE_INVALID TEMPLATE_NOT_FOUND THEME_INVALID"),
            (
                "insight data",
                "TRANSACTIONAL_DATA_COLLECTION_DOES_NOT_EXIST TRANSACTIONAL_DATA_DOES_NOT_EXIST "
                "TRANSACTIONAL_DATA_INVALID_COLLECTION_NAME TRANSACTIONAL_DATA_VALIDATION_FAILED",
            ),
        )
        for code in codes.split()
    },
)

CODES: Mapping[str, Meaning] = MappingProxyType(
    {
        **_ACCESS,
        **_LIMITS,
        **_THINGS,
        **_PEOPLE,
        **_ROW_CODES,
        **_OUR_MISTAKES,
        **_ELSEWHERE,
        "ERROR_UNKNOWN": Meaning("SFDD-E2208", Terminal, "Dotdigital does not say what went wrong", _AGAIN),
    }
)

#: What an answer means whose code is unknown, or that has none.
BY_STATUS: Mapping[int, Meaning] = MappingProxyType(
    {401: CREDENTIALS, 403: REGION, 404: MISSING, 408: BUSY, 409: TAKEN, 429: RATE}
)

_FOLDED = {code.casefold(): meaning for code, meaning in CODES.items()}


def meaning_of(code: str) -> Meaning | None:
    """What a code means; None when it is not among the published ones. The vendor spells some in two ways."""
    return _FOLDED.get(code.casefold())
