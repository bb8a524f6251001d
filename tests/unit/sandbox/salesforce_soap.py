"""Calls over SOAP, with the envelope taken off."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import httpx

from tests.unit.sandbox.salesforce_side import SalesforceSide

METADATA = "http://soap.sforce.com/2006/04/metadata"
PARTNER = "urn:partner.soap.sforce.com"
ENTERPRISE = "urn:enterprise.soap.sforce.com"
NAMESPACES = {"m": METADATA, "u": PARTNER, "c": ENTERPRISE}
ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"


class Soap:
    """One user's way to one of the SOAP APIs."""

    def __init__(self, side: SalesforceSide, letter: str = "m", *, token: str | None = None) -> None:
        self.side = side
        self.letter = letter
        self.namespace = NAMESPACES[letter]
        self.token = side.running.access.admin_token if token is None else token

    def envelope(self, call: str, header: str = "") -> str:
        session = f"<SessionHeader><sessionId>{self.token}</sessionId></SessionHeader>" if self.token else ""
        return (
            f'<e:Envelope xmlns:e="{ENVELOPE}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
            f'<e:Header xmlns="{self.namespace}">{session}{header}</e:Header>'
            f'<e:Body xmlns="{self.namespace}">{call}</e:Body></e:Envelope>'
        )

    def post(self, body: str | bytes, *, rest: str = "", version: str = "60.0", action: bool = True) -> httpx.Response:
        headers = {"content-type": "text/xml"} | ({"soapaction": '""'} if action else {})
        url = f"{self.side.url}/services/Soap/{self.letter}/{version}{rest}"
        content = body.encode() if isinstance(body, str) else body
        return httpx.post(url, content=content, headers=headers, timeout=30)

    def call(self, call: str, *, header: str = "", rest: str = "") -> ElementTree.Element:
        """What the response element holds."""
        answer = self.post(self.envelope(call, header), rest=rest)
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"] == "text/xml; charset=utf-8"
        body = ElementTree.fromstring(re.sub(f' xmlns="{self.namespace}"', "", answer.text)).find(f"{{{ENVELOPE}}}Body")
        assert body is not None
        (response,) = body
        assert response.tag == re.match(r"<(\w+)", call).group(1) + "Response"  # type: ignore[union-attr]
        return response

    def fault(self, body: str | bytes, *, version: str = "60.0", action: bool = True) -> tuple[str, str]:
        """Code and words of the fault that a whole request is answered with."""
        return fault_of(self.post(body, version=version, action=action))

    def refusal(self, call: str) -> tuple[str, str]:
        """Code and words of the fault that a call is answered with."""
        return self.fault(self.envelope(call))


def fault_of(answer: httpx.Response) -> tuple[str, str]:
    assert answer.status_code == 500, answer.text
    assert answer.headers["content-type"] == "text/xml; charset=utf-8"
    fault = ElementTree.fromstring(answer.text).find(f"{{{ENVELOPE}}}Body/{{{ENVELOPE}}}Fault")
    assert fault is not None
    return fault.findtext("faultcode") or "", fault.findtext("faultstring") or ""
