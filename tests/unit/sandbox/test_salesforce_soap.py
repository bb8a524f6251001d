from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from sfdd_declare.sandbox.salesforce import soap
from tests.unit.sandbox.salesforce_side import SalesforceSide
from tests.unit.sandbox.salesforce_soap import ENTERPRISE, ENVELOPE, METADATA, PARTNER, Soap

ILLEGAL = ("sf:INVALID_SESSION_ID", "INVALID_SESSION_ID: Invalid Session ID found in SessionHeader: Illegal Session")
#: A call of each API that needs nothing but a session.
PLAIN = {"u": "<getUserInfo/>", "c": "<getUserInfo/>", "m": "<describeMetadata/>"}
LETTERS = tuple(PLAIN)
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))


@pytest.mark.parametrize("letter", LETTERS)
@pytest.mark.parametrize("token", ["", "00D!nothing"])
def test_without_a_session_there_is_a_fault(salesforce: SalesforceSide, letter: str, token: str) -> None:
    assert Soap(salesforce, letter, token=token).refusal(PLAIN[letter]) == ILLEGAL


@pytest.mark.parametrize("letter", LETTERS)
def test_an_expired_session_is_a_fault(salesforce: SalesforceSide, letter: str) -> None:
    salesforce.control("POST", "faults", {"kind": "expired_session", "path": "Soap"})
    one = Soap(salesforce, letter)
    assert one.refusal(PLAIN[letter]) == ILLEGAL
    one.call(PLAIN[letter])


def test_the_session_may_stand_in_the_http_header(salesforce: SalesforceSide) -> None:
    one = Soap(salesforce, "u", token="")
    headers = {"soapaction": "x", "authorization": f"Bearer {salesforce.running.access.token}"}
    answer = salesforce.http.post(
        "/services/Soap/u/60.0", content=one.envelope("<getUserInfo/>"), headers={**headers, "content-type": "text/xml"}
    )
    assert "<userName>integration@acme.example</userName>" in answer.text


@pytest.mark.parametrize(("letter", "kind"), [("u", "partner"), ("c", "enterprise")])
def test_a_fault_has_a_detail_of_its_api(salesforce: SalesforceSide, letter: str, kind: str) -> None:
    one = Soap(salesforce, letter, token="")
    text = one.post(one.envelope("<logout/>")).text
    assert f'xmlns:sf="urn:fault.{kind}.soap.sforce.com"' in text
    assert '<sf:UnexpectedErrorFault xsi:type="sf:UnexpectedErrorFault"><sf:exceptionCode>INVALID_SESSION_ID<' in text
    of_metadata = Soap(salesforce, "m", token="")
    text = of_metadata.post(of_metadata.envelope("<describeMetadata/>")).text
    assert f'xmlns:sf="{METADATA}"' in text
    assert "<detail>" not in text


@pytest.mark.parametrize("letter", LETTERS)
@pytest.mark.parametrize(
    "body",
    [
        "",
        "<a>",
        "<a/>",
        "no xml",
        "\x00",
        "\ufeff",
        "<a>&b;</a>",
        '<?xml version="1.0" encoding="nope"?><a/>',
        f'<e:Envelope xmlns:e="{ENVELOPE}"/>',
        f'<e:Envelope xmlns:e="{ENVELOPE}"><e:Body/></e:Envelope>',
        '<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"><e:Body><a/></e:Body></e:Envelope>',
        "<a>" * 20_000,
    ],
)
def test_what_is_no_envelope_is_a_fault(salesforce: SalesforceSide, letter: str, body: str) -> None:
    assert Soap(salesforce, letter).fault(body)[0] == "soapenv:Client"


@pytest.mark.parametrize("letter", LETTERS)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("entities", [LAUGHS, '<!ENTITY l9 SYSTEM "file:///etc/hostname">', ""])
def test_a_document_type_is_never_taken(salesforce: SalesforceSide, letter: str, encoding: str, entities: str) -> None:
    one = Soap(salesforce, letter)
    call = PLAIN[letter].replace("/>", ">&l9;</") + PLAIN[letter][1:-2] + ">" if entities else PLAIN[letter]
    body = f"<!DOCTYPE e:Envelope [{entities}]>{one.envelope(call)}".encode(encoding)
    assert one.fault(body) == (
        "soapenv:Client",
        "The request is no XML that is taken here: a document type is not allowed",
    )


@pytest.mark.parametrize("letter", LETTERS)
def test_a_request_without_the_header_of_soap_is_a_fault(salesforce: SalesforceSide, letter: str) -> None:
    one = Soap(salesforce, letter)
    assert one.fault(one.envelope(PLAIN[letter]), action=False) == ("soapenv:Client", "SOAPAction HTTP header missing")


def test_a_request_may_be_too_large(salesforce: SalesforceSide, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(soap, "MAX_BYTES", 100)
    code, words = Soap(salesforce).refusal("<describeMetadata/>")
    assert (code, words.partition(":")[0]) == ("sf:EXCEEDED_MAX_SIZE_REQUEST", "EXCEEDED_MAX_SIZE_REQUEST")


@pytest.mark.parametrize("letter", LETTERS)
@pytest.mark.parametrize("version", ["30.0", "69.0", "x", "60", "v60.0", "060.0"])
def test_a_version_that_is_not_served_is_a_fault(salesforce: SalesforceSide, letter: str, version: str) -> None:
    one = Soap(salesforce, letter)
    assert one.fault(one.envelope(PLAIN[letter]), version=version) == (
        "sf:UNSUPPORTED_API_VERSION",
        "UNSUPPORTED_API_VERSION: Invalid Api version specified on URL",
    )


@pytest.mark.parametrize(
    ("letter", "call", "named"),
    [
        ("m", "<nope/>", f"{{{METADATA}}}nope"),
        ("m", f'<getUserInfo xmlns="{PARTNER}"/>', f"{{{PARTNER}}}getUserInfo"),
        ("m", "<login/>", f"{{{METADATA}}}login"),
        ("u", "<describeMetadata/>", f"{{{PARTNER}}}describeMetadata"),
        ("c", f'<login xmlns="{PARTNER}"/>', f"{{{PARTNER}}}login"),
        ("u", f'<login xmlns="{ENTERPRISE}"/>', f"{{{ENTERPRISE}}}login"),
        ("u", '<getUserInfo xmlns=""/>', "getUserInfo"),
    ],
)
def test_a_call_that_there_is_not_is_named(salesforce: SalesforceSide, letter: str, call: str, named: str) -> None:
    words = f"No operation available for request {named}, please check the WSDL for the service."
    assert Soap(salesforce, letter, token="").refusal(call) == ("soapenv:Client", words)


@pytest.mark.parametrize(
    ("letter", "name"),
    [("u", "query"), ("c", "upsert"), ("u", "convertLead"), ("m", "retrieve"), ("m", "cancelDeploy")],
)
def test_a_call_that_is_not_served_is_refused_in_words(salesforce: SalesforceSide, letter: str, name: str) -> None:
    assert Soap(salesforce, letter).refusal(f"<{name}/>") == (
        "sf:FUNCTIONALITY_NOT_ENABLED",
        f"FUNCTIONALITY_NOT_ENABLED: The SOAP call {name} is not supported by the sandbox",
    )
    assert Soap(salesforce, letter, token="").refusal(f"<{name}/>") == ILLEGAL


def test_every_call_counts_against_the_budget(salesforce: SalesforceSide) -> None:
    salesforce.world.set_setting("salesforce.daily_limit", 3)
    partner = Soap(salesforce, "u")
    answer = partner.post(partner.envelope("<getServerTimestamp/>")).text
    assert "<current>1</current><limit>3</limit><type>API REQUESTS</type>" in answer
    Soap(salesforce).call("<describeMetadata/>")
    partner.refusal("<query/>")
    for letter in LETTERS:
        assert Soap(salesforce, letter).refusal(PLAIN[letter])[0] == "sf:REQUEST_LIMIT_EXCEEDED"


@pytest.mark.parametrize("letter", ["u", "c"])
def test_the_addresses_of_a_login_are_served(salesforce: SalesforceSide, letter: str) -> None:
    one = Soap(salesforce, letter, token="")
    result = one.call("<login><username>admin@acme.example</username><password>sandbox</password></login>")
    found = {field.tag: field.text or "" for field in result[0]}
    for name, call in (("serverUrl", "<getUserInfo/>"), ("metadataServerUrl", "<describeMetadata/>")):
        path = re.fullmatch(rf"{salesforce.url}/services/Soap/(\w)/60.0(/00D\w{{12}})", found[name])
        assert path is not None
        inside = Soap(salesforce, path.group(1), token=found["sessionId"])
        inside.call(call, rest=path.group(2))
        assert inside.letter == {"serverUrl": letter, "metadataServerUrl": "m"}[name]


def test_login_and_get_user_info_say_the_same_of_a_user(salesforce: SalesforceSide) -> None:
    one = Soap(salesforce, "u", token="")
    login = one.call("<login><username>admin@acme.example</username><password>sandbox</password></login>")
    (own,) = Soap(salesforce, "u").call("<getUserInfo/>")
    told = login[0].find("userInfo")
    assert told is not None
    assert ElementTree.tostring(told)[len("<userInfo") :] == (
        ElementTree.tostring(own)[len("<result") :].replace(b"</result>", b"</userInfo>")
    )
    assert own.findtext("userFullName") == "Ada Admin"
    assert own.findtext("organizationName") == "Acme"


def test_logout_ends_the_session(salesforce: SalesforceSide) -> None:
    one = Soap(salesforce, "u")
    assert len(one.call("<logout/>")) == 0
    assert one.refusal("<getUserInfo/>") == ILLEGAL
    assert salesforce.as_admin().get("/limits").status_code == 401


def test_the_server_tells_the_sandbox_time(salesforce: SalesforceSide) -> None:
    salesforce.control("PUT", "clock", {"at": "2026-03-01T12:00:00Z", "frozen": True})
    (result,) = Soap(salesforce, "u").call("<getServerTimestamp/>")
    assert result.findtext("timestamp") == "2026-03-01T12:00:00.000Z"


def test_describe_global_lists_what_the_user_sees(salesforce: SalesforceSide) -> None:
    (result,) = Soap(salesforce, "u").call("<describeGlobal/>")
    listed = {one.findtext("name"): one for one in result.findall("sobjects")}
    assert {"Contact", "Lead", "Campaign"} <= set(listed)
    assert listed["Contact"].findtext("createable") == "true"
    assert listed["Contact"].find("urls") is None
    assert len(listed) == len(salesforce.as_admin().get("/sobjects").json()["sobjects"])
