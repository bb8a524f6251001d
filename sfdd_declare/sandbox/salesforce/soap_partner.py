"""The few calls of the partner API, and of the enterprise API, that are served beside the login."""

from __future__ import annotations

from sfdd_declare.sandbox.salesforce import describe, oauth, store
from sfdd_declare.sandbox.salesforce.calls import Call
from sfdd_declare.sandbox.salesforce.soap_envelope import Message
from sfdd_declare.sandbox.salesforce.soap_users import user_info
from sfdd_declare.sandbox.salesforce.xml_text import element

_NAMES = """
    changeOwnPassword convertLead create delete deleteByExample describeAllTabs describeAppMenu
    describeApprovalLayout describeAvailableQuickActions describeCompactLayouts describeDataCategoryGroups
    describeDataCategoryGroupStructures describeDataCategoryMappings describeGlobalTheme describeKnowledge
    describeLayout describeNouns describePathAssistants describePrimaryCompactLayouts describeQuickActions
    describeQuickActionsForRecordType describeSearchableEntities describeSearchLayouts describeSObject
    describeSObjectListViews describeSObjects describeSoftphoneLayout describeSoqlListViews describeTabs
    describeTheme describeVisualForce emptyRecycleBin executeListView findDuplicates findDuplicatesByIds
    getDeleted getUpdated invalidateSessions merge performQuickActions process query queryAll queryMore
    renderEmailTemplate renderStoredEmailTemplate resetPassword retrieve retrieveMassMergeTemplate
    retrieveQuickActionTemplate retrieveQuickActionTemplates search sendEmail sendEmailMessage setPassword
    undelete update upsert
"""
REFUSED = frozenset(_NAMES.split())
"""Calls that the real service has and the sandbox has not."""


def logout(call: Call, message: Message) -> str:
    """End the session."""
    oauth.revoke(call.world, message.session)
    return ""


def get_user_info(call: Call, message: Message) -> str:
    """Who the session belongs to."""
    del message
    return element("result", user_info(call.world, call.user))


def get_server_timestamp(call: Call, message: Message) -> str:
    """What time it is."""
    del message
    return element("result", {"timestamp": moment(store.stamp(call.world.now()))})


def describe_global(call: Call, message: Message) -> str:
    """The objects that the user may see."""
    del message
    whole = describe.all_objects(call).body
    listed = [{key: value for key, value in one.items() if key != "urls"} for one in whole["sobjects"]]
    return element("result", {**whole, "sobjects": listed})


def moment(stamp: str) -> str:
    """A stored moment as SOAP writes it."""
    return f"{stamp.removesuffix('Z')}.000Z"
