"""Deployments over SOAP."""

from __future__ import annotations

import base64
from xml.etree.ElementTree import Element

import pytest

from tests.unit.sandbox.salesforce_side import SalesforceSide
from tests.unit.sandbox.salesforce_soap import Soap
from tests.unit.sandbox.test_salesforce_metadata import CAMPAIGN, KEY, LINK, a_package, an_object, poll


@pytest.fixture
def soap(salesforce: SalesforceSide) -> Soap:
    return Soap(salesforce)


def deploy(soap: Soap, archive: bytes, **options: bool) -> str:
    inner = "".join(f"<{name}>{str(value).lower()}</{name}>" for name, value in options.items())
    packed = base64.encodebytes(archive).decode()
    (result,) = soap.call(f"<deploy><ZipFile>{packed}</ZipFile><DeployOptions>{inner}</DeployOptions></deploy>")
    assert (result.findtext("done"), result.findtext("state")) == ("false", "Queued")
    return result.findtext("id") or ""


def check(soap: Soap, deploy_id: str, *, details: bool = True) -> Element:
    asked = f"<asyncProcessId>{deploy_id}</asyncProcessId><includeDetails>{str(details).lower()}</includeDetails>"
    (result,) = soap.call(f"<checkDeployStatus>{asked}</checkDeployStatus>")
    return result


def test_a_zip_is_deployed_and_tells_how_far_it_is(soap: Soap) -> None:
    deploy_id = deploy(soap, a_package())
    waiting = check(soap, deploy_id)
    assert (waiting.findtext("status"), waiting.findtext("done")) == ("InProgress", "false")
    result = check(soap, deploy_id)
    assert (result.findtext("status"), result.findtext("success")) == ("Succeeded", "true")
    assert len(result.findall("details/componentSuccesses")) == 8
    assert [part.tag for part in result] == sorted(part.tag for part in result)
    for name in ("createdDate", "completedDate", "details/componentSuccesses/createdDate"):
        assert (result.findtext(name) or "").endswith(".000Z")
    assert result.findtext("createdByName") == "Ada Admin"
    assert check(soap, deploy_id, details=False).find("details/componentSuccesses") is None
    assert poll(soap.side, deploy_id)["status"] == "Succeeded"  # one deployment, whoever asks
    assert soap.side.as_admin().get(f"/sobjects/{LINK}/describe").status_code == 200


@pytest.mark.parametrize(("rollback", "status"), [(True, "Failed"), (False, "SucceededPartial")])
def test_a_failure_is_told_and_by_default_takes_nothing_else_back(soap: Soap, rollback: bool, status: str) -> None:
    broken = a_package(an_object(KEY + CAMPAIGN.replace(">Campaign</ref", ">Nope</ref")))
    deploy_id = deploy(soap, broken, **({"rollbackOnError": True} if rollback else {}))
    check(soap, deploy_id)
    result = check(soap, deploy_id)
    assert result.findtext("status") == status
    (failure,) = result.findall("details/componentFailures")
    assert (failure.findtext("problem") or "").startswith("referenceTo value of 'Nope' does not resolve")
    assert (failure.findtext("problemType"), failure.findtext("success")) == ("Error", "false")
    assert soap.side.as_admin().get(f"/sobjects/{LINK}/describe").status_code == (404 if rollback else 200)


def test_a_check_only_deployment_changes_nothing(soap: Soap) -> None:
    deploy_id = deploy(soap, a_package(), checkOnly=True)
    check(soap, deploy_id)
    assert check(soap, deploy_id).findtext("status") == "Succeeded"
    assert soap.side.as_admin().get(f"/sobjects/{LINK}/describe").status_code == 404


@pytest.mark.parametrize(
    ("packed", "code"), [("é", "soapenv:Client"), ("x", "soapenv:Client"), ("UEs=", "sf:INVALID_INPUT")]
)
def test_what_is_no_zip_is_a_fault(soap: Soap, packed: str, code: str) -> None:
    assert soap.refusal(f"<deploy><ZipFile>{packed}</ZipFile></deploy>")[0] == code


@pytest.mark.parametrize("deploy_id", ["", "x", "0Af000000000001AAA"])
def test_a_deployment_that_there_is_not_is_a_fault(soap: Soap, deploy_id: str) -> None:
    call = f"<checkDeployStatus><asyncProcessId>{deploy_id}</asyncProcessId></checkDeployStatus>"
    assert soap.refusal(call)[0] == "sf:INVALID_CROSS_REFERENCE_KEY"
