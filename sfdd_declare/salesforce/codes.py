"""Every error code that Salesforce publishes: what it means and what to do about it. Data alone; `errors` reads it.

The codes are those of REST, Collections and Bulk API 2.0, which share most of them with SOAP (`StatusCode`,
`ExceptionCode`). Those of features that no call of this program uses are in `foreign_codes`: they come from automation
in the org that a write set off. Hints name a key of the configuration or a command.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from sfdd_declare.model.errors import Conflict, Denied, NotFound, RemoteError, Terminal, Transient
from sfdd_declare.salesforce.foreign_codes import FOREIGN


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a code says: the family of the error, one sentence, and a hint."""

    id: str
    kind: type[RemoteError]
    text: str
    hint: str


_AGAIN = "sfdd plan"
_CHECK = "sfdd validate"
_ROWS = "sfdd errors"
_OURS = "sfdd version"  # what to name in a report: the mistake is in what this program sent
_AUTH = "salesforce.auth"
_USER = "salesforce.auth.username"
_BUDGET = "salesforce.daily_call_budget"
_API = "salesforce.api_version"
_DEFAULTS = "leads.defaults"
_MAPPINGS = "field_mappings"
_SELECTION = "campaigns.<key>.members"
_EXISTING = "campaigns.<key>.existing"
_REGISTRY = "salesforce.registry"


def _all(id: str, kind: type[RemoteError], hint: str, texts: Mapping[str, str]) -> dict[str, Meaning]:
    """Meanings by code; a text may stand for several codes with blanks between them."""
    return {code: Meaning(id, kind, text, hint) for codes, text in texts.items() for code in codes.split()}


_SESSION = _all(
    "SFDD-E2108",
    Denied,
    _AUTH,
    {
        "INVALID_SESSION_ID INVALIDSESSIONID": "The session is over or was revoked.",
        "INVALID_AUTH_HEADER INVALID_ACCESS_TOKEN NO_ACCESS_TOKEN UNKNOWN_TOKEN_ERROR": "Salesforce does not accept "
        "the access token.",
        "INVALID_REFRESH_TOKEN NO_REFRESH_TOKEN NO_ACCESS_TOKEN_FROM_REFRESH": "Salesforce does not accept the "
        "refresh token.",
        "INVALID_CLIENT INVALID_CLIENT_ID": "Salesforce does not know the connected app.",
        "INVALID_LOGIN INVALIDUSER INVALID_USERID NO_SUCH_USER_EXISTS": "Salesforce does not know this user.",
        "INVALID_OPERATION_WITH_EXPIRED_PASSWORD PASSWORD_LOCKOUT INVALID_NEW_PASSWORD INVALID_OLD_PASSWORD": "The "
        "user's password has run out or is locked.",
        "LOGIN_CHALLENGE_ISSUED LOGIN_CHALLENGE_PENDING TXN_SECURITY_TWO_FA_REQUIRED": "Salesforce wants the user to "
        "prove who it is.",
        "LOGIN_DURING_RESTRICTED_DOMAIN LOGIN_DURING_RESTRICTED_TIME": "The user may not log in from here, or at this "
        "hour.",
        "LOGIN_MUST_USE_SECURITY_TOKEN MUTUAL_AUTHENTICATION_FAILED INVALID_SSO_GATEWAY_URL": "The user may not log in "
        "this way.",
        "TERMS_OF_SERVICE_UNREAD": "The user has to accept Salesforce's terms first.",
        "TXN_SECURITY_END_A_SESSION": "A security policy of the org ended the session.",
    },
)

_ACCESS = {
    **_all(
        "SFDD-E2124",
        Denied,
        _USER,
        {
            "INSUFFICIENT_ACCESS INSUFFICIENT_ACCESS_OR_READONLY": "The user may not do this to this record.",
            "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY": "The user may not see or use the record with this id, "
            "or it is gone.",
            "INSUFFICIENT_ACCESS_APEX_METADATA_DEPLOY": "The user may not deploy.",
            "TRANSFER_REQUIRES_READ": "The new owner may not read records of this kind.",
            "API_DISABLED_FOR_ORG APEX_REST_SERVICES_DISABLED CLIENT_NOT_ACCESSIBLE_FOR_USER "
            "CLIENT_REQUIRE_UPDATE_FOR_USER FORBIDDEN": "The user, or the whole org, may not use the API.",
            "REQUIRE_CONNECTED_APP_SCS REQUIRE_CONNECTED_APP_SESSION_SCS REQUIRE_RUNAS_USER": "The user has to come "
            "through a connected app.",
            "INVALID_READ_ONLY_USER_DML OP_WITH_INVALID_USER_TYPE_EXCEPTION": "A user of this kind may not write.",
            "CANNOT_DELETE_ENTITY DELETE_NOT_ALLOWED": "Records of this kind may not be deleted.",
            "PORTAL_NO_ACCESS COMMUNITY_NOT_ACCESSIBLE NO_PARTNER_PERMISSION": "The user lacks access to a site or a "
            "portal.",
        },
    ),
    **_all(
        "SFDD-E2124",
        Denied,
        _API,
        {
            "FEATURENOTENABLED FUNCTIONALITY_NOT_ENABLED REQUIRED_FEATURE_MISSING": "The org does not have this "
            "feature.",
            "LICENSE_LIMIT_EXCEEDED PACKAGE_LICENSE_REQUIRED PACKAGE_DISABLED INVALID_PACKAGE_LICENSE": "The user or "
            "the org lacks a licence for this.",
        },
    ),
    **_all(
        "SFDD-E2127",
        Denied,
        _USER,
        {
            "TXN_SECURITY_APEX_ERROR TXN_SECURITY_FAIL_CLOSE TXN_SECURITY_METERING_ERROR TXN_SECURITY_NO_ACCESS "
            "TXN_SECURITY_RUNTIME_ERROR": "A security policy of the org forbids the call."
        },
    ),
}

_LIMITS = {
    **_all(
        "SFDD-E2120",
        Terminal,
        _BUDGET,
        {
            "REQUEST_LIMIT_EXCEEDED": "The org's calls are used up; they come free again as the last 24 hours pass.",
            "EXCEEDEDQUOTA EXCEEDED_QUOTA": "The org's quota is used up; it comes free again as the last 24 hours "
            "pass.",
            "TOO_MANY_JOBS": "The org runs as many jobs as it may.",
        },
    ),
    **_all(
        "SFDD-E2134",
        Terminal,
        _ROWS,
        {
            "LIMIT_EXCEEDED MAX_LIMIT_EXCEEDED IP_RANGE_LIMIT_EXCEEDED": "A limit of the org is reached.",
            "STORAGE_LIMIT_EXCEEDED": "The org's storage is full.",
            "APEX_TRIGGER_COUPLING_LIMIT MAX_DEPTH_IN_FLOW_EXECUTION MAX_TRIGGERS_EXCEEDED": "Automation in the org "
            "ran into a limit.",
            "MAXIMUM_HIERARCHY_CHILDREN_REACHED MAXIMUM_HIERARCHY_LEVELS_REACHED "
            "MAXIMUM_HIERARCHY_TREE_SIZE_REACHED": "The hierarchy of the record is as large as it may be.",
        },
    ),
    **_all(
        "SFDD-E2134",
        Terminal,
        _REGISTRY,
        {
            "CUSTOM_CLOB_FIELD_LIMIT_EXCEEDED CUSTOM_ENTITY_OR_FIELD_LIMIT CUSTOM_FIELD_INDEX_LIMIT_EXCEEDED "
            "CUSTOM_LINK_LIMIT_EXCEEDED CUSTOM_METADATA_LIMIT_EXCEEDED CUSTOM_SETTINGS_LIMIT_EXCEEDED "
            "CUSTOM_TAB_LIMIT_EXCEEDED TABSET_LIMIT_EXCEEDED": "The org holds as many custom objects and fields as it "
            "may.",
        },
    ),
}

_LATER = _all(
    "SFDD-E2126",
    Transient,
    _AGAIN,
    {
        "UNABLE_TO_LOCK_ROW": "Somebody else is writing the record or one above it.",
        "QUERY_TIMEOUT REQUEST_RUNNING_TOO_LONG REALTIME_PROCESSING_TIME_EXCEEDED_LIMIT": "Salesforce took too long.",
        "SERVER_UNAVAILABLE API_CURRENTLY_DISABLED FUNCTIONALITY_TEMPORARILY_UNAVAILABLE SSO_SERVICE_DOWN": "Salesforce"
        " is not available just now.",
        "UNKNOWN_EXCEPTION INTERNAL_ERROR INTERNALSERVERERROR": "Something went wrong inside Salesforce.",
        "TOO_MANY_APEX_REQUESTS": "The org is busy with long requests.",
        "INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE ORG_IN_MAINTENANCE ORG_LOCKED": "The org is in "
        "maintenance: it can be read and not written.",
        "ALREADY_IN_PROCESS RECORD_IN_USE_BY_WORKFLOW TERRITORY_REALIGN_IN_PROGRESS": "The org is still busy with the "
        "record.",
        "OPERATION_ENQUEUED": "The org has put the change off.",
    },
)

_QUERIES = {
    **_all(
        "SFDD-E2122",
        Terminal,
        _SELECTION,
        {
            "MALFORMED_QUERY MALFORMED_SEARCH": "Salesforce does not understand the query.",
            "INVALID_QUERY_FILTER_OPERATOR INVALID_FILTER_VALUE INVALID_QUERY_VALUE INVALID_OPERATOR": "Salesforce "
            "does not take a comparison of the query.",
            "QUERY_TOO_COMPLICATED EXCEEDED_MAX_FILTER_ENTITIES": "The query is too complicated for Salesforce.",
            "EXCEEDED_MAX_SEMIJOIN_SUBSELECTS EXCEEDED_MAX_SEMIJOIN_SUBSELECTS_WRITE": "The query has more inner "
            "queries than Salesforce takes.",
            "ENTITY_NOT_QUERYABLE": "Records of this kind cannot be queried.",
            "OPERATION_TOO_LARGE TOO_MANY_RECORDS": "The query finds more than Salesforce gives at once.",
        },
    ),
    "INVALID_QUERY_LOCATOR": Meaning(
        "SFDD-E2126", Terminal, "The rest of the result is not kept any more: it has to be read anew.", _AGAIN
    ),
    "INVALID_LOCATOR": Meaning(
        "SFDD-E2126", Terminal, "The rest of the result is not kept any more: it has to be read anew.", _AGAIN
    ),
}

_FIELDS = {
    **_all(
        "SFDD-E2121",
        Terminal,
        _CHECK,
        {
            "INVALID_FIELD": "A field does not exist, or the user may not see it.",
            "INVALID_ID_FIELD": "An id is not in a field of ids.",
        },
    ),
    **_all(
        "SFDD-E2121",
        Denied,
        _CHECK,
        {
            "INVALID_FIELD_FOR_INSERT_UPDATE FIELD_NOT_UPDATABLE": "The user may not write a field, or nobody may.",
            "REL_FIELD_BAD_ACCESSIBILITY": "The user may not see a field that another depends on.",
        },
    ),
    "INVALID_TYPE": Meaning("SFDD-E2123", NotFound, "The object does not exist, or the user may not see it.", _CHECK),
}

_RECORDS = {
    **_all(
        "SFDD-E2125",
        NotFound,
        _AGAIN,
        {
            "NOT_FOUND RECORD_NOT_FOUND MISSING_RECORD ITEM_NOT_FOUND": "What was asked for is not there, or the user "
            "may not see it.",
            "ENTITY_IS_DELETED": "The record was deleted.",
            "INVALID_CROSS_REFERENCE_KEY": "A record with this id is not there.",
            "ENTITY_IS_ARCHIVED": "The record was archived.",
        },
    ),
    **_all(
        "SFDD-E2125",
        NotFound,
        _EXISTING,
        {"MALFORMED_ID": "This is no id of Salesforce, or one of another kind of record."},
    ),
    **_all(
        "SFDD-E2128",
        Conflict,
        _AGAIN,
        {
            "DUPLICATE_VALUE DUPLICATE_EXTERNAL_ID": "Another record has this value already.",
            "COLLISION_DETECTED ENTITY_FAILED_IFLASTMODIFIED_ON_UPDATE MODIFIED": "Somebody changed the record "
            "meanwhile.",
            "MULTIPLE_RECORDS_FOUND": "Several records have this key.",
            "CANNOT_UPDATE_CONVERTED_LEAD": "The lead was converted: its contact carries on.",
            "ENTITY_IS_LOCKED": "An approval holds the record.",
            "CIRCULAR_DEPENDENCY CIRCULAR_OBJECT_GRAPH CANNOT_REPARENT_RECORD DEPENDENCY_EXISTS DELETE_FAILED "
            "DELETE_REQUIRED_ON_CASCADE MERGE_FAILED UNDELETE_FAILED": "Other records depend on this one.",
            "DUPLICATE_DEVELOPER_NAME DUPLICATE_CUSTOM_ENTITY_DEFINITION DUPLICATE_MASTER_LABEL "
            "CUSTOM_INDEX_EXISTS": "The org has something of this name already.",
        },
    ),
    **_all(
        "SFDD-E2128",
        Conflict,
        "leads.duplicate_rules",
        {"DUPLICATES_DETECTED": "A duplicate rule of the org takes this for somebody it knows."},
    ),
}

_VALUES = {
    **_all(
        "SFDD-E2135",
        Terminal,
        _MAPPINGS,
        {
            "STRING_TOO_LONG": "A value is too long for its field.",
            "NUMBER_OUTSIDE_VALID_RANGE": "A number is too large for its field.",
            "INVALID_EMAIL_ADDRESS": "Salesforce does not take this for an email address.",
            "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST": "The field takes only the values on its list.",
            "JSON_PARSER_ERROR INVALID_TYPE_ON_FIELD_IN_RECORD INVALID_DATE_FORMAT": "A value is of another type than "
            "its field.",
            "TEXT_DATA_OUTSIDE_SUPPORTED_CHARSET INVALID_MARKUP UNSAFE_HTML_CONTENT": "A value has characters that the "
            "field does not take.",
            "FIELD_INTEGRITY_EXCEPTION": "A value does not go with the other fields of the record.",
            "INVALID_CURRENCY_ISO": "The org does not know the currency.",
            "INVALID_PERSON_ACCOUNT_OPERATION": "This cannot be written to a person account.",
        },
    ),
    **_all(
        "SFDD-E2135",
        Terminal,
        _DEFAULTS,
        {
            "REQUIRED_FIELD_MISSING": "A field that must not be blank is blank.",
            "INACTIVE_OWNER_OR_USER": "The owner is not active.",
            "INVALID_OWNER INVALID_ASSIGNEE_TYPE ASSIGNEE_TYPE_REQUIRED": "This cannot own the record.",
            "INVALID_STATUS": "The status is not one of the record's.",
            "UNAVAILABLE_RECORDTYPE_EXCEPTION INVALID_CROSS_REFERENCE_TYPE_FOR_FIELD": "The user may not use this "
            "record type, or a reference is of another kind.",
        },
    ),
    **_all(
        "SFDD-E2135",
        Terminal,
        "leads.assignment_rules",
        {"INVALID_ASSIGNMENT_RULE": "The org has no such assignment rule."},
    ),
}

_AUTOMATION = _all(
    "SFDD-E2136",
    Terminal,
    _ROWS,
    {
        "FIELD_CUSTOM_VALIDATION_EXCEPTION": "A validation rule of the org refuses the record.",
        "FIELD_FILTER_VALIDATION_EXCEPTION RELATED_ENTITY_FILTER_VALIDATION_EXCEPTION": "A lookup filter of the org "
        "refuses the record.",
        "CUSTOM_APEX_ERROR UNSUPPORTED_APEX_TRIGGER_OPERATON SELF_REFERENCE_FROM_TRIGGER "
        "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY": "A trigger in the org refuses the record.",
        "CANNOT_EXECUTE_FLOW_TRIGGER FLOW_EXCEPTION SELF_REFERENCE_FROM_FLOW ORCHESTRATION_INVALID "
        "NO_APPLICABLE_PROCESS": "A flow or a process in the org refuses the record.",
        "ENTITY_SAVE_ERROR ENTITY_SAVE_VALIDATION_ERROR FIELD_MODERATION_RULE_BLOCK "
        "FIELD_KEYWORD_LIST_MATCH_LIMIT": "A rule of the org refuses the record.",
        "ALL_OR_NONE_OPERATION_ROLLED_BACK PROCESSING_HALTED BATCH_PROCESSING_HALTED": "Another row of the same call "
        "failed, and this one was taken back with it.",
        "MIXED_DML_OPERATION": "The org writes set-up and data in one go.",
    },
)

_OUR_MISTAKES = {
    **_all(
        "SFDD-E2139",
        Terminal,
        _OURS,
        {
            "ARGUMENT_OBJECT_PARSE_ERROR DUPLICATE_ARGUMENT_VALUE ID_REQUIRED ILLEGAL_QUERY_PARAMETER_VALUE "
            "INVALID_API_INPUT INVALID_ARGUMENT_TYPE INVALID_INPUT INVALID_INPUT_COMBINATION INVALID_KEY_FIELD_INPUT "
            "MISSING_ARGUMENT POST_BODY_PARSE_ERROR XML_PARSER_ERROR": "Salesforce does not understand the request.",
            "INVALID_BATCH_OPERATION INVALID_BATCH_REQUEST INVALID_BATCH_SIZE INVALID_MULTIPART_REQUEST "
            "EXCEEDED_ID_LIMIT EXCEEDED_MAX_SIZE_REQUEST EXCEEDED_MAX_SOBJECTS EXCEEDED_MAX_TYPES_LIMIT "
            "DELETE_OPERATION_TOO_LARGE PAYLOAD_SIZE_EXCEEDED": "The request holds more than Salesforce takes at once.",
            "INVALID_CONTENT_TYPE NOT_ACCEPTABLE UNSUPPORTED_MEDIA_TYPE METHOD_NOT_ALLOWED": "Salesforce does not take "
            "a request of this form.",
            "INVALID_ENTITY_FOR_UPSERT INVALID_OPERATION INVALID_TYPE_FOR_OPERATION": "This cannot be done to records "
            "of this kind.",
            "INVALID_FILTER_LANGUAGE INVALID_PAGING_OPTION INVALID_QUERY_KEY INVALID_QUERY_SCOPE INVALID_SEARCH "
            "INVALID_SEARCH_SCOPE INVALID_SORT_OPTION INVALID_REPLICATION_DATE": "Salesforce does not take a parameter "
            "of the query.",
            "INVALID_SOAP_HEADER INVALID_LOCALE_LANGUAGE": "Salesforce does not take a header of the request.",
        },
    ),
    **_all(
        "SFDD-E2139",
        Terminal,
        _API,
        {
            "UNSUPPORTED_API_VERSION INVALID_PACKAGE_VERSION INVALIDVERSION MISMATCHING_VERSIONS": "Salesforce does "
            "not offer this API version.",
            "UNSUPPORTED_CLIENT": "Salesforce does not serve this program.",
        },
    ),
    **_all(
        "SFDD-E2133",
        Terminal,
        _AGAIN,
        {
            "INVALIDENTITY ASYNC_QUERY_UNSUPPORTED_QUERY BIG_OBJECT_UNSUPPORTED_OPERATION": "Records of this kind "
            "cannot be handled in bulk.",
            "API_ERROR CLIENTINPUTERROR INVALIDBATCH INVALIDJOB INVALIDJOBSTATE INVALIDOPERATION INVALIDURL "
            "JOB_NOT_COMPLETE ASYNC_OPERATION_LOCATOR": "Salesforce does not take the bulk job.",
        },
    ),
    **_all(
        "SFDD-E2139",
        Terminal,
        _AUTH,
        {
            "ORG_IS_DOT_ORG ORG_IS_SIGNING_UP ORG_NOT_OWNED_BY_INSTANCE TRIAL_EXPIRED UNKNOWN_ORG_SETTING "
            "KEY_HAS_BEEN_DESTROYED LICENSING_DATA_ERROR LICENSING_UNKNOWN_ERROR": "The org is not to be had."
        },
    ),
}

_ELSEWHERE = _all(
    "SFDD-E2136",
    Terminal,
    _ROWS,
    {codes: f"Automation in the org that deals with {what} refuses the record." for what, codes in FOREIGN.items()},
)

CODES: Mapping[str, Meaning] = MappingProxyType(
    {
        **_SESSION,
        **_ACCESS,
        **_LIMITS,
        **_LATER,
        **_QUERIES,
        **_FIELDS,
        **_RECORDS,
        **_VALUES,
        **_AUTOMATION,
        **_OUR_MISTAKES,
        **_ELSEWHERE,
    }
)

#: Ids of errors by which a limit is reached, whatever the status says: waiting a little does not help.
LIMITS = frozenset(meaning.id for meaning in _LIMITS.values())

_FOLDED = {code.casefold(): meaning for code, meaning in CODES.items()}


def meaning_of(code: str) -> Meaning | None:
    """What a code means; None when it is not among the published ones. Bulk spells its own in several ways."""
    return _FOLDED.get(code.casefold())
