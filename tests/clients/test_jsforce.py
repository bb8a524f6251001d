"""jsforce takes the sandbox org for a real one; Salesforce's own command line tools are built on it."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
from pathlib import Path

from sfdd_declare.sandbox.server import Running
from tests.clients.metadata_package import COMPONENTS, a_package
from tests.servers import NODE_PACKAGES


def test_jsforce_from_login_to_bulk(sandbox: Running) -> None:
    node = shutil.which("node")
    assert node is not None, "jsforce needs Node.js: install it, then `make test` fetches the client"
    sandbox.world.set_setting("salesforce.page_size", 20)
    ended = subprocess.run(
        [
            node,
            Path(__file__).with_name("jsforce.mjs"),
            NODE_PACKAGES,
            sandbox.salesforce_url,
            sandbox.access.token,
            sandbox.access.admin_token,
            base64.b64encode(a_package()).decode(),
        ],
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    seen = json.loads(ended.stdout)
    assert seen.pop("upserted")["success"] is True
    stranger, gone, malformed = (seen.pop(name) for name in ("stranger", "gone", "malformed"))
    assert stranger["code"] == "INVALID_SESSION_ID"
    assert gone["code"] in ("NOT_FOUND", "ENTITY_IS_DELETED")
    assert seen.pop("bulkRefused")["code"] == "InvalidEntity"
    assert seen.pop("bulkFailed")["message"].startswith("InvalidBatch : Failed to process query: INVALID_FIELD")
    assert seen.pop("bulkStranger")["code"] == "InvalidSessionId"
    assert malformed["code"] == "MALFORMED_QUERY"
    assert seen.pop("metadataRefused")["code"] == "sf:FUNCTIONALITY_NOT_ENABLED"
    assert seen.pop("soapRefused")["code"] == "sf:FUNCTIONALITY_NOT_ENABLED"
    assert seen.pop("metadataStranger")["code"] == "sf:INVALID_SESSION_ID"
    assert seen.pop("loggedOut")["code"] == "INVALID_SESSION_ID"
    assert seen == {
        "login": {"instance": True, "token": True},
        "identity": "integration@acme.example",
        "password": True,
        "limits": 15_000,
        "usage": 15_000,
        "global": True,
        "describe": {"email": True, "children": True, "recordTypes": True},
        "created": 30,
        "row": "REQUIRED_FIELD_MISSING",
        "updated": True,
        "retrieved": "Captain",
        "deleted": [True, True],
        "pages": [28, 20, 8, "Acme"],
        "all": 29,
        "groups": [[None, 1], ["Captain", 1], ["T0", 13], ["T1", 14]],
        "found": [2],
        "composite": "Captain",
        "batch": 200,
        "tree": "r1",
        "ingest": [1, ["REQUIRED_FIELD_MISSING"], 0],
        "bulkQuery": [["One", "Iris Integration"]],
        "load": [[True, True, []], [False, False, ["REQUIRED_FIELD_MISSING"]]],
        "bulkUpsert": [True, True],
        "bulkUpdate": True,
        "olderQuery": [["Three", "Acme & Söhne", ""], ["Three", "Acme", "Captain"]],
        "bulkDelete": True,
        "job": ["Open", "Aborted"],
        "metadataTypes": [["CustomObject", ["CustomField"]], ["PermissionSet", []]],
        "metadataCreated": True,
        "metadataFields": [[True, None, []], [True, None, []], [False, None, ["FIELD_INTEGRITY_EXCEPTION"]]],
        "metadataUpserted": [[True, False, []]],
        "metadataUpdated": True,
        "metadataRead": [
            "Text",
            [["Code__c", "Code & <more>", 50, True], ["Tier__c", "Tier", None, None]],
            [["A", True]],
            None,
        ],
        "metadataListed": [
            ["CustomField", "Shop__c.Code__c", "objects/Shop__c.object"],
            ["CustomField", "Shop__c.Tier__c", "objects/Shop__c.object"],
            ["CustomObject", "Shop__c", "objects/Shop__c.object"],
        ],
        "metadataRow": True,
        "metadataDeleted": [[True, None, []], [False, None, ["INVALID_CROSS_REFERENCE_KEY"]]],
        "deployed": ["Succeeded", True, 2, COMPONENTS],
        "deployStatus": True,
        "userInfo": "admin@acme.example",
        "timestamp": True,
    }
