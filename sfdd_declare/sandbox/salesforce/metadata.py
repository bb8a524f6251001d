"""Metadata deployments, and their form in REST: accept the zip file, be in progress for a while, then report.

The work is done when the last poll but one asks for it, so that nothing exists before the deployment says so.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sfdd_declare.sandbox.salesforce import ids, store
from sfdd_declare.sandbox.salesforce.calls import Call, Reply, as_object
from sfdd_declare.sandbox.salesforce.errors import Refusal, malformed_json, not_found
from sfdd_declare.sandbox.salesforce.metadata_apply import Outcome, Success, deploy
from sfdd_declare.sandbox.salesforce.metadata_read import Failure, read_package
from sfdd_declare.sandbox.salesforce.multipart import parts_of
from sfdd_declare.sandbox.salesforce.soap_users import full_name
from sfdd_declare.sandbox.salesforce.values import to_json
from sfdd_declare.sandbox.world import World

POLLS = 1
"""How many polls find a deployment in progress, unless the setting `salesforce.deploy_polls` says otherwise."""

_JSON_PARTS = ("entity_content", "json")
_PREFIX = "0Af"


def start(call: Call) -> Reply:
    """POST metadata/deployRequest."""
    require_right(call)
    parts = parts_of(call)
    text = next((parts[name] for name in _JSON_PARTS if name in parts), None)
    if text is None or "file" not in parts:
        raise Refusal("INVALID_INPUT", "The request needs a JSON part and a part named file")
    try:
        body = as_object(json.loads(text))
    except ValueError:
        raise malformed_json("Unexpected character at [line:1, column:1]") from None
    options = as_object(body.get("deployOptions", {}))
    pending = begin(call, options, parts["file"])
    body = {"id": pending["id"], "validatedDeployRequestId": None, "deployOptions": options}
    return Reply({**body, "deployResult": pending}, 201)


def status(call: Call) -> Reply:
    """GET metadata/deployRequest/ID."""
    wants_details = call.query.get("includeDetails", "").lower() == "true"
    options, shown = progress(call.world, call.path["id"], details=wants_details)
    body = {"id": shown["id"], "validatedDeployRequestId": None, "deployOptions": options}
    return Reply({**body, "deployResult": shown})


def require_right(call: Call) -> None:
    """Raise INSUFFICIENT_ACCESS for a user who may not change metadata."""
    if not call.view.may_deploy:
        message = "use of the Metadata API requires a user with the ModifyAllData or ModifyMetadata permissions"
        raise Refusal("INSUFFICIENT_ACCESS", message)


def begin(call: Call, options: Mapping[str, Any], archive: bytes) -> dict[str, Any]:
    """Accept a deployment; its result so far. Raises INVALID_INPUT for what is no zip file."""
    read_package(archive)
    with call.world.transaction() as db:
        deploy_id = store.next_ids(call.world, _PREFIX, 1)[0]
        request = {"options": options, "created": store.stamp(call.world.now())}
        stored = (deploy_id, call.user, 0, json.dumps(request), archive, None)
        db.execute("INSERT INTO sfx_deploy VALUES (?, ?, ?, ?, ?, ?)", stored)
    row = {"id": deploy_id, "user": call.user}
    return _result(call.world, row, request, "Pending", Outcome(), details=False)


def progress(world: World, given_id: str, *, details: bool) -> tuple[dict[str, Any], dict[str, Any]]:
    """The options of a deployment and its result, after one more poll. Raises NOT_FOUND."""
    deploy_id = ids.normalise(given_id)
    with world.transaction() as db:
        row = db.execute("SELECT * FROM sfx_deploy WHERE id = ?", (deploy_id,)).fetchone()
        if row is None or deploy_id is None:
            raise not_found()
        request = json.loads(row["request"])
        result = row["result"]
        if result is None and row["polls"] >= int(world.setting("salesforce.deploy_polls", POLLS)):
            result = json.dumps(_finish(world, row, request))
            db.execute("UPDATE sfx_deploy SET result = ? WHERE id = ?", (result, deploy_id))
        db.execute("UPDATE sfx_deploy SET polls = polls + 1 WHERE id = ?", (deploy_id,))
    if result is None:
        shown = _result(world, row, request, "InProgress", Outcome(), details=details)
    else:
        shown = json.loads(result)
        if not details:
            shown.pop("details")
    return request["options"], shown


def _finish(world: World, row: Mapping[str, Any], request: Mapping[str, Any]) -> dict[str, Any]:
    options = request["options"]
    rollback = options.get("rollbackOnError") is not False
    outcome = deploy(
        world,
        row["user"],
        row["archive"],
        check_only=options.get("checkOnly") is True,
        rollback=rollback,
    )
    word = "Succeeded"
    if outcome.failures:
        word = "Failed" if rollback or not outcome.successes else "SucceededPartial"
    return _result(world, row, request, word, outcome, details=True)


def _result(
    world: World, row: Mapping[str, Any], request: Mapping[str, Any], word: str, outcome: Outcome, *, details: bool
) -> dict[str, Any]:
    options = request["options"]
    is_done = word not in ("Pending", "InProgress")
    created = to_json("datetime", request["created"])
    now = to_json("datetime", store.stamp(world.now()))
    user_id = store.user_id(world, row["user"])
    result: dict[str, Any] = {
        "id": row["id"],
        "status": word,
        "done": is_done,
        "success": word == "Succeeded",
        "checkOnly": options.get("checkOnly") is True,
        "rollbackOnError": options.get("rollbackOnError") is not False,
        "ignoreWarnings": options.get("ignoreWarnings") is True,
        "runTestsEnabled": False,
        "createdBy": user_id,
        "createdByName": full_name(world, user_id),
        "createdDate": created,
        "startDate": created,
        "lastModifiedDate": now,
        "completedDate": now if is_done else None,
        "numberComponentErrors": len(outcome.failures),
        "numberComponentsDeployed": len(outcome.successes),
        "numberComponentsTotal": len(outcome.failures) + len(outcome.successes),
        "numberTestErrors": 0,
        "numberTestsCompleted": 0,
        "numberTestsTotal": 0,
        "errorMessage": None,
        "errorStatusCode": None,
    }
    if details:
        result["details"] = {
            "componentFailures": [_failure(one, now) for one in outcome.failures],
            "componentSuccesses": [_success(one, now) for one in outcome.successes],
            "retrieveResult": None,
            "runTestResult": {"numFailures": 0, "numTestsRun": 0, "successes": [], "failures": []},
        }
    return result


def _failure(one: Failure, now: str) -> dict[str, Any]:
    message = _message(one.kind, one.name, one.file, now)
    return {**message, "success": False, "problem": one.problem, "problemType": "Error"}


def _success(one: Success, now: str) -> dict[str, Any]:
    message = _message(one.kind, one.name, one.file, now)
    state = {"success": True, "changed": True, "created": one.is_new}
    return {**message, **state, "problem": None, "problemType": None}


def _message(kind: str, name: str, file: str, now: str) -> dict[str, Any]:
    return {
        "componentType": kind,
        "fullName": name,
        "fileName": file,
        "createdDate": now,
        "changed": False,
        "created": False,
        "deleted": False,
        "warning": False,
        "lineNumber": 1,
        "columnNumber": 1,
    }
