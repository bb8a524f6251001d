"""Names of headers, and compressed bodies, as clients of the real services meet them."""

from __future__ import annotations

import gzip
import json
import zlib

import pytest

from tests.unit.sandbox.dotdigital_side import DotdigitalSide
from tests.unit.sandbox.salesforce_side import VERSION, SalesforceSide


def raw_names(response_headers: list[tuple[bytes, bytes]]) -> set[str]:
    return {name.decode() for name, _ in response_headers}


def test_headers_are_spelt_as_the_real_services_spell_them(
    salesforce: SalesforceSide, dotdigital: DotdigitalSide
) -> None:
    names = raw_names(salesforce.get("/limits").headers.raw)
    assert names >= {"Content-Type", "Sforce-Limit-Info", "Date", "Content-Length"}
    assert raw_names(dotdigital.http.get("/v2/address-books").headers.raw) >= {"Content-Type", "X-RateLimit-Remaining"}


def test_answers_are_compressed_for_whoever_takes_it(salesforce: SalesforceSide) -> None:
    packed = salesforce.get("/sobjects/Contact/describe")
    plain = salesforce.get("/sobjects/Contact/describe", headers={"accept-encoding": "identity"})
    assert (packed.headers["content-encoding"], plain.headers.get("content-encoding")) == ("gzip", None)
    assert packed.json() == plain.json()


@pytest.mark.parametrize(("encoding", "pack"), [("gzip", gzip.compress), ("deflate", zlib.compress)])
def test_compressed_bodies_are_taken(salesforce: SalesforceSide, encoding: str, pack) -> None:  # type: ignore[no-untyped-def]
    headers = {"content-encoding": encoding, "content-type": "application/json"}
    body = pack(json.dumps({"LastName": "Okafor"}).encode())
    answer = salesforce.http.post(f"{VERSION}/sobjects/Contact", content=body, headers=headers)
    assert answer.status_code == 201, answer.text
    assert salesforce.values("SELECT LastName FROM Contact", "LastName") == ["Okafor"]


@pytest.mark.parametrize(
    ("encoding", "body", "status"),
    [("gzip", b"plain", 400), ("gzip", gzip.compress(b"x" * 99)[:-9], 400), ("br", b"plain", 415)],
    ids=["no gzip", "cut gzip", "another encoding"],
)
def test_a_body_that_cannot_be_unpacked_is_refused(
    salesforce: SalesforceSide, encoding: str, body: bytes, status: int
) -> None:
    headers = {"content-encoding": encoding, "content-type": "application/json"}
    answer = salesforce.http.post(f"{VERSION}/sobjects/Contact", content=body, headers=headers)
    assert (answer.status_code, list(answer.json()[0])) == (status, ["message", "errorCode"])
