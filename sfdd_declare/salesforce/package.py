"""The registry as a metadata package: four custom objects and the permission set that opens them.

The same bytes on every machine. What the objects hold is said in `model.registry`; here is how Salesforce wants to be
told.
"""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from types import MappingProxyType
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from sfdd_declare.model import registry

API_VERSION = "66.0"
_NAMESPACE = "http://soap.sforce.com/2006/04/metadata"
_LONG_AGO = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class _Field:
    """One custom field; `text` are further elements of its description."""

    label: str
    type: str = "Text"
    text: tuple[tuple[str, str], ...] = ()
    help: str = ""


def _text(label: str, length: int = 255, *, help: str = "") -> _Field:
    return _Field(label, "Text", (("length", str(length)),), help)


def _choice(label: str, *, help: str) -> _Field:
    return _Field(label, "Picklist", (), help)


_CAMPAIGN = _Field(
    "Campaign",
    "Lookup",
    (
        ("deleteConstraint", "SetNull"),
        ("referenceTo", "Campaign"),
        ("relationshipLabel", "Dotdigital address books"),
        ("relationshipName", "SFDD_Links"),
    ),
)

_FIELDS: MappingProxyType[str, _Field] = MappingProxyType(
    {
        registry.EXTERNAL_ID: _Field(
            "External Id",
            "Text",
            (("caseSensitive", "true"), ("externalId", "true"), ("length", "255"), ("unique", "true")),
            "Written by sfdd: lineage of the state, colon, address of the declared thing; of a state its lineage.",
        ),
        "Account__c": _text("Dotdigital account", 80),
        "List_Id__c": _text("List Id", 20),
        "List_Name__c": _text("List name"),
        "Removals__c": _choice("Removals", help="What happens to people who leave the campaigns."),
        "Campaign__c": _CAMPAIGN,
        "Address_Book__c": _text("Address book"),
        "Member_Statuses__c": _Field(
            "Member statuses",
            "LongTextArea",
            (("length", "4096"), ("visibleLines", "3")),
            "Only members with one of these statuses; blank means all.",
        ),
        "New_Leads__c": _Field("New leads", "Checkbox", (("defaultValue", "false"),)),
        "New_Lead_Status__c": _text("Member status of new leads"),
        "Schedule__c": _text("Schedule"),
        "Record_Type__c": _text("Record type", 40),
        "Salesforce_Field__c": _text("Salesforce field"),
        "Data_Field__c": _text("Data field", 80),
        "Direction__c": _choice("Direction", help="Where the value of this field flows."),
        "Conflict__c": _choice("Conflict", help="Who wins when both sides changed."),
        "Org_Id__c": _text("Org Id", 18, help="The org that the state belongs to: another one means a copied org."),
        "Account_Ids__c": _Field(
            "Dotdigital accounts", "LongTextArea", (("length", "4096"), ("visibleLines", "3")), "Key = account id."
        ),
        "Last_Apply__c": _text("Last apply", 80, help="A state that does not know it is an old copy, or a fork."),
        "On_Blank__c": _choice("On blank", help="What a value that became blank does to the other side."),
    }
)

_LABELS: MappingProxyType[str, tuple[str, str]] = MappingProxyType(
    {
        registry.ADDRESS_BOOK: ("Dotdigital Address Book", "Dotdigital Address Books"),
        registry.LINK: ("Dotdigital Link", "Dotdigital Links"),
        registry.FIELD_MAPPING: ("Dotdigital Field Mapping", "Dotdigital Field Mappings"),
        registry.STATE: ("Dotdigital State", "Dotdigital States"),
    }
)


def package_zip(api_version: str = API_VERSION) -> bytes:
    """The zip file a deployment takes: package.xml, the objects, the permission set."""
    files = {"package.xml": _manifest(api_version)}
    files |= {f"objects/{name}.object": _object(name) for name in registry.OBJECTS}
    files[f"permissionsets/{registry.PERMISSION_SET}.permissionset"] = _permission_set()
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, element in files.items():
            opened.writestr(zipfile.ZipInfo(name, _LONG_AGO), _document(element))
    return archive.getvalue()


def fields_of(sobject: str) -> tuple[str, ...]:
    """The custom fields of one of our objects: all but the standard name."""
    return (registry.EXTERNAL_ID, *(name for name in registry.FIELDS[sobject] if name != registry.NAME))


def _manifest(api_version: str) -> Element:
    root = Element("Package")
    for kind, members in (("CustomObject", registry.OBJECTS), ("PermissionSet", (registry.PERMISSION_SET,))):
        types = SubElement(root, "types")
        for member in members:
            _add(types, "members", member)
        _add(types, "name", kind)
    _add(root, "version", api_version)
    return root


def _object(name: str) -> Element:
    label, plural = _LABELS[name]
    root = Element("CustomObject")
    _add(root, "deploymentStatus", "Deployed")
    _add(root, "description", "Kept by sfdd. A change made by hand is shown as drift by the next plan.")
    for field in fields_of(name):
        root.append(_field(field))
    _add(root, "label", label)
    named = SubElement(root, "nameField")
    _add(named, "label", "Name")
    _add(named, "type", "Text")
    _add(root, "pluralLabel", plural)
    _add(root, "sharingModel", "ReadWrite")
    return root


def _field(name: str) -> Element:
    field = _FIELDS[name]
    root = Element("fields")
    _add(root, "fullName", name)
    _add(root, "label", field.label)
    if field.help:
        _add(root, "inlineHelpText", field.help)
    for tag, text in field.text:
        _add(root, tag, text)
    if field.type != "Checkbox":
        _add(root, "required", "false")
    _add(root, "type", field.type)
    if field.type == "Picklist":
        root.append(_choices(registry.CHOICES[name]))
    return root


def _choices(values: tuple[str, ...]) -> Element:
    root = Element("valueSet")
    _add(root, "restricted", "true")
    definition = SubElement(root, "valueSetDefinition")
    _add(definition, "sorted", "false")
    for value in values:
        entry = SubElement(definition, "value")
        _add(entry, "fullName", value)
        _add(entry, "default", "false")
        _add(entry, "label", value)
    return root


def _permission_set() -> Element:
    root = Element("PermissionSet")
    _add(root, "description", "Opens the objects in which sfdd keeps links and field mappings, and names its states.")
    for sobject in registry.OBJECTS:
        for field in fields_of(sobject):
            permission = SubElement(root, "fieldPermissions")
            _add(permission, "editable", "true")
            _add(permission, "field", f"{sobject}.{field}")
            _add(permission, "readable", "true")
    _add(root, "hasActivationRequired", "false")
    _add(root, "label", registry.PERMISSION_SET_LABEL)
    for sobject in registry.OBJECTS:
        permission = SubElement(root, "objectPermissions")
        for right in ("allowCreate", "allowDelete", "allowEdit", "allowRead"):
            _add(permission, right, "true")
        for right in ("modifyAllRecords", "viewAllRecords"):
            _add(permission, right, "false")
        _add(permission, "object", sobject)
    return root


def _add(parent: Element, tag: str, text: str) -> None:
    SubElement(parent, tag).text = text


def _document(root: Element) -> bytes:
    root.set("xmlns", _NAMESPACE)
    ElementTree.indent(root)
    text: str = ElementTree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'.encode()
