"""Deploying the registry: the package, its permission set for our own user, and waiting until everything is visible.

Every step may be taken again: a deployment that was carried out already changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from sfdd_declare.model import registry
from sfdd_declare.model.errors import Denied, NotFound, RemoteError, Terminal
from sfdd_declare.model.ids import OperationId
from sfdd_declare.model.ports import Batch, ItemResult, Results
from sfdd_declare.salesforce import errors
from sfdd_declare.salesforce.client import Client, decoded
from sfdd_declare.salesforce.describe import describes
from sfdd_declare.salesforce.package import package_zip
from sfdd_declare.salesforce.query import rows
from sfdd_declare.salesforce.setup import is_deployed
from sfdd_declare.salesforce.soql import quoted, select
from sfdd_declare.wire.http import encoded

_PATH = "metadata/deployRequest"
_OPTIONS = {"singlePackage": True, "rollbackOnError": True, "checkOnly": False, "testLevel": "NoTestRun"}
_PACKAGE = "sfdd registry package --zip registry.zip"
_DEPLOY_SECONDS = 900.0
_VISIBLE_SECONDS = 60.0
_FIRST_WAIT, _LONGEST_WAIT = 0.25, 5.0


class _Failure(msgspec.Struct):
    fullName: str = ""
    componentType: str | None = None
    problem: str | None = None


class _Details(msgspec.Struct):
    componentFailures: list[_Failure] | _Failure | None = None


class _Result(msgspec.Struct):
    done: bool = False
    success: bool = False
    status: str = ""
    errorMessage: str | None = None
    details: _Details | None = None


class _Request(msgspec.Struct):
    id: str
    deployResult: _Result | None = None


class RegistryDeployer:
    """Carries out DEPLOY_REGISTRY; also waits for a deployment of an earlier run."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def send(self, batch: Batch, on_job: Callable[[str], None], on_progress: Callable[[int], None]) -> Results:
        """Deploy, assign the permission set to our user, and wait until every object and field can be seen."""
        try:
            job = self._start()
            on_job(job)
            self._finished(job)
            self._assign()
            self._await_visibility()
        except Terminal as error:
            if isinstance(error, Denied) and error.code == errors.EXPIRED:
                raise
            return Results(items=tuple(_failed(operation.id, error) for operation in batch.operations))
        on_progress(len(batch.operations))
        return Results(items=tuple(ItemResult(operation.id, ok=True, live_id=job) for operation in batch.operations))

    def wait(self, job: str) -> bool:
        """Wait for the end of a deployment, whatever it is; False when it is unknown by now."""
        try:
            self._ended(job)
        except NotFound:
            return False
        return True

    def _start(self) -> str:
        files = {
            "entity_content": (None, encoded({"deployOptions": _OPTIONS}), "application/json"),
            "file": ("package.zip", package_zip(self._client.api_version), "application/zip"),
        }
        try:
            reply = self._client.send("POST", _PATH, template=_PATH, files=files, idempotent=True)
        except Denied as error:
            if error.code == errors.EXPIRED:
                raise
            raise Denied(
                "SFDD-E2124",
                f"{self._client.session.username or 'The user'} may not deploy to this org. {error.summary}",
                code=error.code,
                status=error.status,
                hint=_PACKAGE,
            ) from error
        return decoded(reply, _Request).id

    def _finished(self, job: str) -> None:
        result = self._ended(job)
        if result.success:
            return
        failures = _failures(result)
        reason = failures[0] if failures else errors.quoted(result.errorMessage or result.status)
        raise Terminal(
            "SFDD-E2140",
            f"Salesforce did not deploy the registry: {reason}",
            detail="\n".join(failures),
            hint=_PACKAGE,
        )

    def _ended(self, job: str) -> _Result:
        waited, wait = 0.0, _FIRST_WAIT
        while True:
            reply = self._client.send(
                "GET", f"{_PATH}/{job}", template=f"{_PATH}/{{id}}", params={"includeDetails": "true"}, idempotent=True
            )
            result = decoded(reply, _Request).deployResult or _Result()
            if result.done:
                return result
            if waited > _DEPLOY_SECONDS:
                summary = f"The deployment {job} has not ended after {_DEPLOY_SECONDS / 60:.0f} minutes."
                raise Terminal("SFDD-E2141", summary, where=job, hint="sfdd plan")
            self._client.pause(wait)
            waited, wait = waited + wait, min(_LONGEST_WAIT, wait * 1.5)

    def _assign(self) -> None:
        where = f"Name = {quoted(registry.PERMISSION_SET)}"
        found = rows(self._client, select(("Id",), "PermissionSet", where), {"Id": "id"})
        if not found:
            summary = f"The permission set {registry.PERMISSION_SET_LABEL} was deployed but cannot be seen."
            raise Terminal("SFDD-E2143", summary, hint=_PACKAGE)
        body = {"PermissionSetId": found[0]["Id"], "AssigneeId": self._client.session.user_id}
        path = "sobjects/PermissionSetAssignment"
        try:  # repeating it is harmless: an assignment that is there is refused as a duplicate
            self._client.send("POST", path, template=path, json=encoded(body), idempotent=True)
        except RemoteError as error:
            if error.code == errors.DUPLICATE:
                return
            if not isinstance(error, Terminal) or error.code == errors.EXPIRED:
                raise
            raise Terminal(
                "SFDD-E2143",
                f"The permission set {registry.PERMISSION_SET_LABEL} cannot be assigned to our own user. "
                f"{error.summary}",
                code=error.code,
                status=error.status,
                hint=f"sf org assign permset --name {registry.PERMISSION_SET}",
            ) from error

    def _await_visibility(self) -> None:
        waited, wait = 0.0, _FIRST_WAIT
        while not is_deployed(describes(self._client, registry.OBJECTS)):
            if waited >= _VISIBLE_SECONDS:
                summary = "The registry is deployed, but its objects or fields cannot be seen by our user."
                raise Terminal("SFDD-E2142", summary, hint=f"sf org assign permset --name {registry.PERMISSION_SET}")
            self._client.pause(wait)
            waited, wait = waited + wait, min(_LONGEST_WAIT, wait * 1.5)


def _failures(result: _Result) -> list[str]:
    """The components that failed, one line each; the vendor sends one as an object, several as a list."""
    found = result.details.componentFailures if result.details else None
    several = found if isinstance(found, list) else [found] if found else []
    return [f"{one.componentType or 'Component'} {one.fullName}: {errors.quoted(one.problem or '')}" for one in several]


def _failed(operation: OperationId, error: Terminal) -> ItemResult:
    return ItemResult(operation, ok=False, code=error.code or error.id, message=error.summary, hint=error.hint)
