"""A package that every client deploys: a custom object with one field."""

from __future__ import annotations

import io
import zipfile

NAME = "Book_Link__c"
COMPONENTS = [f"{NAME}.Key__c", NAME]
"""What a deployment names, in its order."""
_NAMESPACE = 'xmlns="http://soap.sforce.com/2006/04/metadata"'


def a_package(field_type: str = "Text") -> bytes:
    """The zip file; with a type of field that there is not, one that cannot be deployed."""
    types = f"<types><members>{NAME}</members><name>CustomObject</name></types>"
    field = f"<fullName>Key__c</fullName><label>Key</label><type>{field_type}</type><length>120</length>"
    fields = (
        "<label>Book Link</label><pluralLabel>Book Links</pluralLabel>"
        "<nameField><label>Name</label><type>Text</type></nameField>"
        f"<deploymentStatus>Deployed</deploymentStatus><sharingModel>ReadWrite</sharingModel><fields>{field}</fields>"
    )
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as opened:
        opened.writestr("package.xml", f"<Package {_NAMESPACE}>{types}<version>60.0</version></Package>")
        opened.writestr(f"objects/{NAME}.object", f"<CustomObject {_NAMESPACE}>{fields}</CustomObject>")
    return buffer.getvalue()
