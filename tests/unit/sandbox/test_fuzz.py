"""Whatever is sent to any path of the sandbox, it answers, never with a 5xx, and refuses in the vendor's form.

Schemathesis sends it, by descriptions that `fuzz_salesforce` and `fuzz_dotdigital` make of the tables of routes. The
cases are the same in every run: a failure prints the call that shows it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode

from sfdd_declare.sandbox.salesforce.app import OTHERS
from sfdd_declare.sandbox.salesforce.routes import ASYNC
from tests.unit.sandbox import fuzz_dotdigital, fuzz_salesforce
from tests.unit.sandbox.dotdigital_side import USER, DotdigitalSide
from tests.unit.sandbox.fuzz_shapes import Schema
from tests.unit.sandbox.fuzz_soql import SOQL
from tests.unit.sandbox.salesforce_side import SalesforceSide

schemathesis.openapi.format("soql", SOQL)


@schemathesis.serializer("text/csv", "text/xml")
def as_it_is(_context: Any, value: Any) -> bytes:
    return str(value).encode("utf-8", "replace")


#: Cases per call in every run, and those that are worth an hour.
CASES = (5, pytest.param(400, marks=pytest.mark.slow))
SALESFORCE = ("/sobjects", "/composite", "/jobs", "/query", "/tooling", "")
DOTDIGITAL = ("/v2/address-books", "/v2/contacts", "/v2", "/contacts/v3", "")


def said(text: str) -> Any:
    """What a refusal holds: JSON, or the elements of what Bulk API 1.0 says in XML."""
    return dict(re.findall(r"<(exception\w+)>([^<]*)<", text)) if text.startswith("<?xml") else json.loads(text)


def salesforce_refusal(template: str, status: int, body: Any) -> bool:
    """Whether a refused request was answered as Salesforce does."""
    if template.startswith(ASYNC):
        return set(body) == {"exceptionCode", "exceptionMessage"}
    if template.startswith("/services/oauth2") and status == 400:
        return set(body) == {"error", "error_description"}
    if status == 300:
        return isinstance(body, list)
    return bool(body) and all(
        {"message", "errorCode"} <= set(each) <= {"message", "errorCode", "fields"} for each in body
    )


def dotdigital_refusal(template: str, status: int, body: Any) -> bool:
    """Whether a refused request was answered as the framework behind its path does."""
    if template.startswith("/v2") or status == 401:
        return set(body) == {"message"}
    return {"errorCode", "description"} <= set(body) <= {"errorCode", "description", "details"}


@dataclass(frozen=True, slots=True)
class Target:
    """A system to send to: what it takes, what stands in its paths, how to get in, and how it refuses."""

    described: Schema
    names: Mapping[str, Sequence[str]]
    call: Mapping[str, Any]
    is_refusal: Callable[[str, int, Any], bool]


def in_path(known: Sequence[str]) -> st.SearchStrategy[str]:
    """Mostly the first values, which are there; a path without a proper one is refused before its body is read."""
    return st.one_of(
        st.sampled_from(known[:2]), st.sampled_from(known[:2]), st.sampled_from(known), st.text(min_size=1)
    )


def fuzzed(target: Target, group: Callable[[str], bool], cases: int) -> None:
    """Send so many cases to every call of the group, half of them against its description."""
    schema = schemathesis.openapi.from_dict(target.described)
    chosen = [found.ok() for found in schema.get_all_operations() if group(found.ok().path)]
    assert chosen
    for operation in sorted(chosen, key=lambda each: each.method == "delete"):  # the others find something there
        strategy = st.one_of(*(operation.as_strategy(mode) for mode in GenerationMode))
        names = {name: in_path(target.names[name]) for name in re.findall(r"{(\w+)}", operation.path)}

        @settings(
            max_examples=cases,
            derandomize=True,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=(Phase.generate, Phase.shrink),
        )
        @given(case=strategy, path=st.fixed_dictionaries(names))
        def once(case: schemathesis.Case, path: dict[str, str]) -> None:
            case.path_parameters = path
            answer = case.call(**target.call)
            seen = f"{case.as_curl_command()}\n{answer.status_code} {answer.text}"
            if answer.status_code == 500 and "<soapenv:Fault>" in answer.text:
                return  # so SOAP refuses
            assert answer.status_code < 500, seen
            if answer.status_code >= 400:
                assert target.is_refusal(case.path, answer.status_code, said(answer.text)), seen

        once()


def of(prefixes: tuple[str, ...], chosen: str, root: str = "") -> Callable[[str], bool]:
    """Whether a path falls to the chosen prefix: to the first that fits."""
    return lambda path: next(each for each in prefixes if path.startswith(root + each) or not each) == chosen


@pytest.mark.parametrize("cases", CASES)
@pytest.mark.parametrize("prefix", SALESFORCE)
def test_the_org_answers_whatever_it_is_sent(salesforce: SalesforceSide, prefix: str, cases: int) -> None:
    known = fuzz_salesforce.furnish(salesforce)
    salesforce.control("PUT", "settings", {"salesforce.daily_limit": 10**9})
    headers = {"Authorization": salesforce.http.headers["Authorization"], "SOAPAction": '""'}
    call = {"base_url": salesforce.url, "headers": headers}
    names = fuzz_salesforce.names(known)
    target = Target(fuzz_salesforce.openapi(known), names, call, salesforce_refusal)
    fuzzed(target, of(SALESFORCE, prefix, "/services/data/{version}"), cases)


@pytest.mark.parametrize("cases", CASES)
@pytest.mark.parametrize("prefix", DOTDIGITAL)
def test_the_account_answers_whatever_it_is_sent(dotdigital: DotdigitalSide, prefix: str, cases: int) -> None:
    known = fuzz_dotdigital.furnish(dotdigital)
    call = {"base_url": str(dotdigital.http.base_url), "auth": (USER, "sandbox")}
    target = Target(fuzz_dotdigital.openapi(known), fuzz_dotdigital.names(known), call, dotdigital_refusal)
    fuzzed(target, of(DOTDIGITAL, prefix), cases)


#: What is no JSON, or none that a body may hold.
BROKEN = (b"{", b"\xff", b"[" * 3000, b'{"a": NaN}', b'{"a": "\\ud800"}', b"[1,]")
#: Their bodies are files, or nothing.
NO_JSON = ("/batches", "/batch", "/deployRequest", "/parameterizedSearch", "/delete-all")


def filled(path: str, names: Mapping[str, Sequence[str]]) -> str:
    return re.sub(r"{(\w+)}", lambda found: quote(names[found.group(1)][0], safe=""), path)


def takes_json(method: str, path: str) -> bool:
    if path in OTHERS or path.startswith(fuzz_salesforce.SOAP) or "/tooling/" in path or path.endswith(NO_JSON):
        return False
    return method in ("post", "put", "patch") or path.endswith("/retrieve-collection")


@pytest.mark.parametrize("body", BROKEN)
def test_what_is_no_json_is_400_wherever_json_is_taken(
    salesforce: SalesforceSide, dotdigital: DotdigitalSide, body: bytes
) -> None:
    org, account = fuzz_salesforce.furnish(salesforce), fuzz_dotdigital.furnish(dotdigital)
    sides = (
        (salesforce.http, fuzz_salesforce.openapi(org), fuzz_salesforce.names(org), salesforce_refusal),
        (dotdigital.http, fuzz_dotdigital.openapi(account), fuzz_dotdigital.names(account), dotdigital_refusal),
    )
    for http, described, names, is_refusal in sides:
        for path, methods in described["paths"].items():
            for method in filter(lambda each: takes_json(each, path), methods):
                headers = {"Content-Type": "application/json"}
                answer = http.request(method.upper(), filled(path, names), content=body, headers=headers)
                assert answer.status_code == 400, (method, path, answer.text)
                assert is_refusal(path, 400, said(answer.text)), (method, path, answer.text)


METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


def test_a_known_path_with_another_method_is_405(salesforce: SalesforceSide, dotdigital: DotdigitalSide) -> None:
    org, account = fuzz_salesforce.furnish(salesforce), fuzz_dotdigital.furnish(dotdigital)
    sides = (
        (salesforce.http, fuzz_salesforce.openapi(org), fuzz_salesforce.names(org), salesforce_refusal),
        (dotdigital.http, fuzz_dotdigital.openapi(account), fuzz_dotdigital.names(account), dotdigital_refusal),
    )
    for http, described, names, is_refusal in sides:
        patterns = {path: re.compile(re.sub(r"{(\w+)}", ".+", path)) for path in described["paths"]}
        for path in patterns:
            place = filled(path, names)
            taken = {
                method.upper()
                for other, pattern in patterns.items()
                if pattern.fullmatch(place)
                for method in described["paths"][other]
            }
            # Only for a token Salesforce has a word of its own: 400, as for everything that OAuth refuses.
            for method in set(METHODS) - taken if path != fuzz_salesforce.TOKEN else ():
                answer = http.request(method, place)
                assert answer.status_code == 405, (method, path, answer.text)
                assert is_refusal(path, 405, said(answer.text)), (method, path, answer.text)


@pytest.mark.parametrize("method", METHODS)
def test_an_unknown_path_is_404(salesforce: SalesforceSide, dotdigital: DotdigitalSide, method: str) -> None:
    for path in (
        "/",
        "/nope",
        "/services/data/v66.0/nope",
        "/services/data/v66.0/limits/nope",
        "/x%0Ay",
    ):
        answer = salesforce.http.request(method, path)
        assert (answer.status_code, salesforce_refusal(path, 404, said(answer.text))) == (404, True), path
    for path in ("/", "/nope", "/v2", "/v2/nope", "/contacts/v3x", "/contacts/v3/email/%0Ax", "/%0A"):
        answer = dotdigital.http.request(method, path)
        assert (answer.status_code, dotdigital_refusal(path, 404, said(answer.text))) == (404, True), path
