"""What Dotdigital publishes about requests and answers of its contacts service (v3) and of v2, as JSON Schema.

Written down from the descriptions on developer.dotdigital.com: names, types, what is required, words that are allowed.
"""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
NUMBER: Schema = {"type": "integer"}
MOMENT: Schema = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z?"}


def words(*allowed: str) -> Schema:
    """Words in any case: the vendor's own examples and enumerations differ in it."""
    return {"type": "string", "pattern": f"(?i)^({'|'.join(allowed)})$"}


def a_list(items: Schema, **more: Any) -> Schema:
    return {"type": "array", "items": items, **more}


def an_object(required: str = "", *, closed: bool = False, **properties: Schema) -> Schema:
    found: Schema = {"type": "object", "properties": properties, "required": required.split()}
    return found | ({"additionalProperties": False} if closed else {})


EMAIL_STATUS = words(
    *("noSubscription", "subscribed", "unsubscribed", "softBounced", "hardBounced", "ispComplained", "pendingOptIn"),
    *("directComplaint", "spamTrap", "deleted", "blockedlocalpart", "sharedsuppression", "sharedDomainSuppression"),
    *("suppressed", "purchased", "knownComplainer", "knownLitigator", "binned", "domainSuppressed"),
)
STATUS = words("subscribed", "unsubscribed", "pendingOptIn", "deleted", "suppressed", "binned", "noSubscription")
OPT_IN = words("Unknown", "Single", "Double", "VerifiedDouble")
EMAIL_TYPE = words("PlainText", "Html")
SMS_STATUS = words("noSubscription", "subscribed", "unsubscribed", "bounced", "deleted", "suppressed", "binned")
LIST = an_object("id name status", id=NUMBER, name=TEXT, status=words("subscribed", "suppressed", "pending"))
CHANNELS = an_object(
    closed=True,
    email=an_object(
        "emailType optInType status", closed=True, emailType=EMAIL_TYPE, optInType=OPT_IN, status=EMAIL_STATUS
    ),
    sms=an_object("countryCode status", closed=True, countryCode=TEXT, status=SMS_STATUS),
    whatsApp=an_object("status", closed=True, status=TEXT),
)
IDENTIFIERS: Schema = {"type": "object", "additionalProperties": {"type": ["string", "null"]}}
PREFERENCE_OF = an_object("id isOptedIn", id=NUMBER, isOptedIn={"type": "boolean"}, publicName=TEXT, privateName=TEXT)
_CONSENT_KEYS = "text dateTimeConsented url ipAddress userAgent"
_FILLED = TEXT | {"minLength": 1}
_CONSENT = dict.fromkeys(_CONSENT_KEYS.split(), _FILLED) | {"dateTimeConsented": MOMENT}
CONSENT_OF = an_object(f"{_CONSENT_KEYS} dateTimeCreated", closed=True, **_CONSENT, dateTimeCreated=MOMENT)
CONTACT = an_object(
    "contactId created identifiers status updated",
    contactId=NUMBER,
    status=STATUS,
    created=MOMENT,
    updated=MOMENT,
    identifiers=IDENTIFIERS,
    dataFields={"type": "object"},
    channelProperties=CHANNELS,
    lists=a_list(LIST),
    preferences=a_list(PREFERENCE_OF),
    consentRecords=a_list(CONSENT_OF),
)
PLACE = an_object("link marker", link=TEXT, marker=TEXT)
PAGE = an_object(
    "_items _links", _items=a_list(CONTACT), _links=an_object("first self", self=PLACE, first=PLACE, next=PLACE)
)
ERROR = an_object(
    "description errorCode",
    errorCode={"type": "string", "pattern": "^[a-zA-Z]+:[A-Za-z0-9]+$"},
    description=TEXT,
    details=a_list(an_object("description item", item=TEXT, description=TEXT)),
)
REASON = an_object("description failureCode", failureCode=TEXT, description=TEXT)
REFERENCE = an_object("contactId identifiers", contactId=NUMBER, identifiers=IDENTIFIERS)
IMPORT_FAILURE = an_object(
    "failures identifiers matchIdentifier",
    contactId=NUMBER,
    matchIdentifier=TEXT,
    identifiers=IDENTIFIERS | {"additionalProperties": {"type": ["string", "integer", "null"]}},
    failures=a_list(REASON, minItems=1),
)
IMPORT_ACCEPTED = an_object("importId", importId=TEXT)
IMPORT = an_object(
    "importId status",
    importId=TEXT,
    status=words("Finished", "NotFinished", "RejectedByWatchdog", "Failed", "ExceedsAllowedContactLimit"),
    summary=an_object(
        newContacts=NUMBER,
        updatedContacts=NUMBER,
        globallySuppressed=NUMBER,
        invalidEntries=NUMBER,
        duplicateIdentifiers=NUMBER,
    ),
    created=a_list(REFERENCE),
    updated=a_list(REFERENCE),
    failures=a_list(IMPORT_FAILURE),
)
ONE_IDENTIFIER: Schema = {"type": "object", "minProperties": 1, "maxProperties": 1}
DELETION_ACCEPTED = an_object("deleteId", deleteId=TEXT)
DELETION = an_object(
    "deleteId status",
    deleteId=TEXT,
    status=words("NotStarted", "NotFinished", "Finished", "Failed"),
    summary=an_object(
        "deletedContacts invalidEntries requestedContacts unknownContacts",
        requestedContacts=NUMBER,
        deletedContacts=NUMBER,
        unknownContacts=NUMBER,
        invalidEntries=NUMBER,
    ),
    deleted=a_list(ONE_IDENTIFIER),
    failures=a_list(an_object("failures identifier", identifier=ONE_IDENTIFIER, failures=a_list(REASON, minItems=1))),
)
DELETED = an_object("contactId", contactId=NUMBER)

# What is asked.
_CHANNEL = an_object(closed=True, status=words("noSubscription", "subscribed", "unsubscribed", "suppressed"))
_ASKED_CHANNELS = an_object(
    closed=True,
    email=an_object(
        closed=True,
        emailType=EMAIL_TYPE,
        optInType=OPT_IN,
        status=words("subscribed", "unsubscribed", "suppressed"),
        resubscribeOptions={"type": "object"},
    ),
    sms=_CHANNEL,
    whatsApp=_CHANNEL,
)
_ASKED: Schema = {
    "dataFields": {"type": "object"},
    "channelProperties": _ASKED_CHANNELS,
    "lists": a_list(NUMBER, minItems=1, maxItems=100),
    "preferences": a_list(an_object("id isOptedIn", id=NUMBER, isOptedIn={"type": "boolean"}), minItems=1),
    "consentRecords": a_list(an_object(_CONSENT_KEYS, closed=True, **_CONSENT), minItems=1, maxItems=5),
}
_GIVEN: Schema = {"type": "object", "minProperties": 1, "additionalProperties": {"type": ["string", "integer"]}}
CREATE = an_object("identifiers", identifiers=_GIVEN, **_ASKED)
UPDATE = an_object(identifiers=_GIVEN, **_ASKED)
_ROW = an_object("identifiers matchIdentifier", identifiers=_GIVEN, matchIdentifier=TEXT, **_ASKED)
ASK_IMPORT = an_object(
    "contacts",
    closed=True,
    mergeOption=words("overwrite", "overwriteIfNotEmpty", "overwriteIfEmpty"),
    contacts=a_list(_ROW, minItems=1),
)
ASK_DELETION = a_list(ONE_IDENTIFIER, minItems=1, maxItems=5000)
MAKE_BOOK = an_object("name", closed=True, name=TEXT | {"maxLength": 128}, visibility=words("Private", "Public"))
MAKE_FIELD = an_object(
    "name type",
    closed=True,
    name=TEXT | {"maxLength": 20},
    type=words("String", "Numeric", "Date", "Boolean"),
    visibility=words("Public", "Private"),
    defaultValue={},
)
SUPPRESS = a_list(an_object(closed=True, id=NUMBER, email=TEXT) | {"minProperties": 1}, minItems=1)
_FLAG: Schema = {"type": "boolean"}
_PREFERENCE_NAMES = {"publicName": TEXT, "privateName": TEXT}
MAKE_PREFERENCE = an_object(
    "publicName privateName",
    **_PREFERENCE_NAMES,
    isPreference=_FLAG,
    order={"anyOf": [NUMBER, TEXT]},
    isPublic=_FLAG,
    categoryId={"type": ["integer", "null"]},
)
_CHOICE = an_object("id isPreference", id=NUMBER, isPreference=_FLAG, isOptedIn=_FLAG, preferences={"type": "array"})
CHOOSE = a_list(_CHOICE)
TAKE_OFF = a_list(NUMBER, minItems=1)

SUBSCRIBE = an_object(
    "alertsConfiguration name status subscribedEventTypes",
    closed=True,
    name=TEXT | {"minLength": 1, "maxLength": 50},
    status=words("active", "inactive"),
    subscribedEventTypes=a_list(
        an_object("eventType", closed=True, eventType=TEXT, filters={"type": "array"}), minItems=1, maxItems=100
    ),
    alertsConfiguration=an_object(
        "alertChannels", alertChannels=words("none", "inApp", "email", "emailAndInApp"), email=TEXT
    ),
)
SUBSCRIPTION = an_object(
    "created id updated",
    id=NUMBER,
    created=MOMENT,
    updated=MOMENT,
    **SUBSCRIBE["properties"],
)
SUBSCRIPTIONS = an_object(
    "_items _links", _items=a_list(SUBSCRIPTION), _links=an_object("first self", self=PLACE, first=PLACE, next=PLACE)
)
EVENT = an_object(
    "accountId data eventDate id processedDate type",
    closed=True,
    id=TEXT,
    accountId=NUMBER,
    processedDate=MOMENT,
    type=TEXT,
    eventDate=MOMENT,
    data={"type": "object"},
)
EVENTS = an_object("checkPoint events", checkPoint=TEXT, events=a_list(EVENT))

#: What a body has to be, by method and by the end of the path.
REQUESTS: dict[tuple[str, str], Schema] = {
    ("POST", "/contacts/v3"): CREATE,
    ("PUT", "/contacts/v3/import"): ASK_IMPORT,
    ("POST", "/contacts/v3/delete"): ASK_DELETION,
    ("POST", "/v2/address-books"): MAKE_BOOK,
    ("POST", "/v2/data-fields"): MAKE_FIELD,
    ("PUT", "/v2/contacts/suppress-contacts"): SUPPRESS,
    ("POST", "/contacts/delete"): TAKE_OFF,
    ("POST", "/v2/preferences"): MAKE_PREFERENCE,
    ("POST", "/events/v3/export/subscriptions"): SUBSCRIBE,
}

# v2
OLD_STATUS = words(
    *("Subscribed", "Unsubscribed", "SoftBounced", "HardBounced", "IspComplained", "MailBlocked", "PendingOptIn"),
    *("DirectComplaint", "Deleted", "SharedSuppression", "Suppressed", "NotAllowed", "DomainSuppression"),
    *("NoMxRecord", "NotAvailableInThisVersion"),
)
OLD_VALUE = an_object("key value", key=TEXT, value={})
OLD_CONTACT = an_object(
    "id email optInType emailType status dataFields",
    id=NUMBER,
    email=TEXT,
    optInType=OPT_IN,
    emailType=EMAIL_TYPE,
    dataFields={"anyOf": [{"type": "null"}, a_list(OLD_VALUE)]},
    status=OLD_STATUS,
)
OLD_ERROR = an_object("message", message={"type": "string", "minLength": 1})
BOOK = an_object(
    "id name visibility contacts", id=NUMBER, name=TEXT, visibility=words("Private", "Public"), contacts=NUMBER
)
FIELD = an_object(
    "name type visibility defaultValue",
    name=TEXT,
    type=words("String", "Numeric", "Date", "Boolean"),
    visibility=words("Public", "Private"),
    defaultValue={"type": ["string", "number", "boolean", "null"]},
)
REMOVAL = an_object(
    "suppressedContact dateRemoved reason", suppressedContact=OLD_CONTACT, dateRemoved=MOMENT, reason=OLD_STATUS
)
_PREFERENCE = {
    "id": NUMBER,
    **_PREFERENCE_NAMES,
    "isPreference": _FLAG,
    "order": TEXT,
    "isPublic": _FLAG,
    "categoryId": NUMBER,
    "preferenceCount": NUMBER,
    "created": MOMENT,
    "lastModified": MOMENT,
    "isOptedIn": _FLAG,
}
PREFERENCE = an_object("id publicName privateName isPreference", closed=True, **_PREFERENCE)
PREFERENCES = a_list(
    an_object("id publicName privateName isPreference", closed=True, **_PREFERENCE, preferences=a_list(PREFERENCE))
)
OLD_CONSENT = an_object(
    "contact consentFields",
    contact=OLD_CONTACT,
    consentFields=a_list(
        an_object("id fields", closed=True, id={"type": ["string", "null"]}, fields=a_list(OLD_VALUE))
    ),
    preferences=PREFERENCES,
)
OLD_REFERENCE = an_object("id email", closed=True, id=NUMBER, email={"type": ["string", "null"]})
SUPPRESSED = an_object("suppressed notFound", suppressed=a_list(OLD_REFERENCE), notFound=a_list(OLD_REFERENCE))
RESUBSCRIBED = an_object(
    "contact status",
    contact={"anyOf": [{"type": "null"}, OLD_CONTACT]},
    status=words("ContactAdded", "ContactChallenged", "ContactCannotBeUnsuppressed", "NotAvailableInThisVersion"),
)
OLD_IMPORT = an_object(
    "id status",
    id=TEXT,
    status=words(
        *("Finished", "NotFinished", "RejectedByWatchdog", "InvalidFileFormat", "Unknown", "Failed"),
        *("ExceedsAllowedContactLimit", "NotAvailableInThisVersion"),
    ),
)
_COUNTS = (
    "newContacts updatedContacts globallySuppressed invalidEntries duplicateEmails blocked unsubscribed hardBounced "
    "softBounced ispComplaints mailBlocked domainSuppressed pendingDoubleOptin failures"
)
OLD_REPORT = an_object(_COUNTS, **dict.fromkeys(_COUNTS.split(), NUMBER))
ACCOUNT = an_object(
    "id properties",
    id=NUMBER,
    properties=a_list(
        an_object("name type value", name=TEXT, type=words("Int", "Decimal", "String", "Boolean"), value=TEXT),
        minItems=1,
    ),
)
