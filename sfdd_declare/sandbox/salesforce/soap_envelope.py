"""SOAP's envelope: what a request holds, and answers and faults in the form of one API."""

from __future__ import annotations

from dataclasses import dataclass
from xml.etree.ElementTree import Element

from sfdd_declare.sandbox.salesforce.errors import Refusal
from sfdd_declare.sandbox.salesforce.xml_text import DECLARED, XSI, element, local, parse, text

PARTNER = "urn:partner.soap.sforce.com"
ENTERPRISE = "urn:enterprise.soap.sforce.com"
METADATA = "http://soap.sforce.com/2006/04/metadata"

_ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
_FAULTS = {PARTNER: "urn:fault.partner.soap.sforce.com", ENTERPRISE: "urn:fault.enterprise.soap.sforce.com"}
_KINDS = {"INVALID_LOGIN": "LoginFault"}
_ILLEGAL_SESSION = "Invalid Session ID found in SessionHeader: Illegal Session"


class ClientFault(Exception):
    """A request that is none: no exception code, only words."""


@dataclass(frozen=True, slots=True)
class Message:
    """What one request asks for."""

    call: Element
    session: str = ""
    is_all_or_none: bool = False

    @property
    def operation(self) -> str:
        """The name of the call with its namespace in braces."""
        return self.call.tag

    @property
    def name(self) -> str:
        """The name of the call."""
        return local(self.call)


def read(data: bytes, namespace: str) -> Message:
    """The call in an envelope, with the headers that are of this namespace. Raises ClientFault."""
    try:
        root = parse(data)
    except ValueError as error:
        raise ClientFault(f"The request is no XML that is taken here: {error}") from None
    body = root.find(f"{{{_ENVELOPE}}}Body")
    if root.tag != f"{{{_ENVELOPE}}}Envelope" or body is None or not len(body):
        raise ClientFault("The request is no SOAP envelope with a call in its body")
    header = f"{{{_ENVELOPE}}}Header/{{{namespace}}}"
    session = root.findtext(f"{header}SessionHeader/{{{namespace}}}sessionId") or ""
    all_or_none = root.findtext(f"{header}AllOrNoneHeader/{{{namespace}}}allOrNone") or ""
    return Message(body[0], session.strip(), all_or_none.strip().lower() == "true")


def answer(namespace: str, message: Message, inner: str, header: str = "") -> bytes:
    """The answer to a call."""
    body = f"<{message.name}Response>{inner}</{message.name}Response>"
    head = f"<soapenv:Header>{header}</soapenv:Header>" if header else ""
    return _enveloped(f' xmlns="{namespace}"', f"{head}<soapenv:Body>{body}</soapenv:Body>")


def client_fault(namespace: str, fault: ClientFault) -> bytes:
    """What a request that is none is answered with."""
    return _fault(namespace, "soapenv:Client", str(fault), "")


def refused(namespace: str, refusal: Refusal) -> bytes:
    """A refusal as a fault. That of the Metadata API has no detail."""
    code = refusal.code
    message = _ILLEGAL_SESSION if code == "INVALID_SESSION_ID" else refusal.message
    detail = ""
    if namespace in _FAULTS:
        kind = _KINDS.get(code, "UnexpectedErrorFault")
        said = element("sf:exceptionCode", code) + element("sf:exceptionMessage", message)
        detail = f'<detail><sf:{kind} xsi:type="sf:{kind}">{said}</sf:{kind}></detail>'
    return _fault(namespace, f"sf:{code}", f"{code}: {message}", detail)


def _fault(namespace: str, code: str, words: str, detail: str) -> bytes:
    said = f"<faultcode>{code}</faultcode><faultstring>{text(words)}</faultstring>{detail}"
    body = f"<soapenv:Body><soapenv:Fault>{said}</soapenv:Fault></soapenv:Body>"
    return _enveloped(f' xmlns:sf="{_FAULTS.get(namespace, namespace)}"', body)


def _enveloped(more: str, inner: str) -> bytes:
    names = f'xmlns:soapenv="{_ENVELOPE}"{more} xmlns:xsi="{XSI}"'
    return f"{DECLARED}<soapenv:Envelope {names}>{inner}</soapenv:Envelope>".encode()
