"""Our own OpenAPI description of the sandbox org, made from its table of routes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from sfdd_declare.sandbox.salesforce.app import OTHERS
from sfdd_declare.sandbox.salesforce.routes import ASYNC, ASYNC_ROUTES, ROOT, ROUTES
from tests.unit.sandbox.fuzz_shapes import (
    DATES,
    SCALAR,
    TEXT,
    Schema,
    document,
    nullable,
    operation,
    plain,
    several,
    some,
    thing,
    word,
)
from tests.unit.sandbox.salesforce_side import VERSION, SalesforceSide
from tests.unit.sandbox.salesforce_soap import ENVELOPE, NAMESPACES

SOAP = "/services/Soap"
TOKEN, REVOKE = "/services/oauth2/token", "/services/oauth2/revoke"
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Known:
    """What is there: ids of records, jobs, batches and results, and a locator."""

    records: tuple[str, ...]
    query_job: str
    ingest_job: str
    locator: str
    classic_job: str
    batch: str
    result: str


def furnish(side: SalesforceSide) -> Known:
    """An org with a little of everything, and pages small enough to need a second one."""
    side.control("PUT", "settings", {"salesforce.page_size": 1})
    people = side.a_contact(Email="ada@example.org"), side.a_contact(), side.a_lead(Email="bo@example.org")
    campaign = side.a_campaign()
    records = (*people, campaign, side.a_member(campaign, ContactId=people[0]))
    locator = side.query("SELECT Id FROM Contact")["nextRecordsUrl"].rpartition("/")[2]
    asked = side.post("/jobs/query", {"operation": "query", "query": "SELECT Id FROM Contact"}).json()["id"]
    brought = side.post("/jobs/ingest", {"object": "Contact", "operation": "insert"}).json()["id"]
    classic, batch, result = _classic(side)
    return Known(records, asked, brought, locator, classic, batch, result)


def _classic(side: SalesforceSide) -> tuple[str, str, str]:
    """A query job of Bulk API 1.0, its batch, which is over, and the file of it."""
    wanted = {"operation": "query", "object": "Contact", "contentType": "JSON"}
    path = f"{ASYNC}/66.0/job"
    job = side.http.post(path, json=wanted).json()["id"]
    path = f"{path}/{job}/batch"
    headers = {"Content-Type": "application/json"}
    batch = side.http.post(path, content="SELECT Id, CreatedDate FROM Contact", headers=headers).json()["id"]
    while side.http.get(f"{path}/{batch}").json()["state"] != "Completed":
        pass
    return job, batch, side.http.get(f"{path}/{batch}/result").json()[0]


def names(known: Known) -> dict[str, tuple[str, ...]]:
    """What stands in paths, by the name of the parameter; the first two of each are there."""
    return {
        "version": ("v66.0", "v60.0", "v52.0", "v20.0", "v99.0", "66.0"),
        "object": ("Contact", "Lead", "Campaign", "CampaignMember", "CampaignMemberStatus", "User", "Nope__c"),
        "field": ("External_Ref__c", "Id", "Email", "LastName", "Nope"),
        "id": (*known.records, "003000000000001"),
        "query": (known.query_job, known.query_job, known.ingest_job),
        "ingest": (known.ingest_job, known.ingest_job, known.query_job),
        "value": ("ada@example.org", "a/b", "%", known.records[0]),
        "locator": (known.locator, known.locator, "01g", f"{known.locator[:18]}-99999999999999999999"),
        "rest": ("sobjects/CustomField", "executeAnonymous"),
        "organization": ("00D",),
        "user": ("005",),
        "number": ("66.0", "66.0", "60.0", "20.0", "v66.0"),
        "job": (known.classic_job, known.classic_job, known.ingest_job),
        "batch": (known.batch, known.batch, known.classic_job),
        "result": (known.result, known.result, known.batch),
    }


def openapi(known: Known) -> Schema:
    """The description of every path and method."""
    bodies, queries = _bodies(known), _queries(known)
    paths: dict[str, dict[str, Schema]] = {}
    others = ((path, methods) for path, (_, methods) in OTHERS.items())
    for template, methods in (*ROUTES.items(), *ASYNC_ROUTES.items(), *others):
        short = template.removeprefix(f"{ROOT}/")
        path = re.sub(r"/jobs/(\w+)/{id}", r"/jobs/\1/{\1}", plain(template))
        path = re.sub(rf"({ASYNC}|{SOAP}/\w)/{{version}}", r"\1/{number}", path)  # it has no letter
        for method in methods:
            body, kind = bodies.get((method, short)), _KINDS.get((method, short), "application/json")
            made = operation(path, queries.get(short, {}), body, kind)
            paths.setdefault(path, {})[method.lower()] = made
    return document(paths)


_SOAP = {
    "u": (
        "<login><username>admin@acme.example</username><password>sandbox</password></login>",
        "<login/>",
        "<getUserInfo/>",
        "<describeGlobal/>",
        "<query/>",
    ),
    "c": ("<getServerTimestamp/>", "<upsert/>", "<nope/>"),
    "m": (
        "<describeMetadata/>",
        "<listMetadata><queries><type>CustomField</type></queries><queries/></listMetadata>",
        "<readMetadata><type>CustomObject</type><fullNames>Contact</fullNames><fullNames/></readMetadata>",
        "<createMetadata><metadata/></createMetadata>",
        '<createMetadata><metadata xsi:type="CustomObject"><fullName>A__c</fullName></metadata></createMetadata>',
        '<upsertMetadata><metadata xsi:type="CustomField"><fullName>Contact.A__c</fullName><label>A</label>'
        "<type>Date</type></metadata></upsertMetadata>",
        '<updateMetadata><metadata xsi:type="PermissionSet"/></updateMetadata>',
        "<deleteMetadata><type>CustomField</type><fullNames>Contact.A__c</fullNames></deleteMetadata>",
        "<deploy><ZipFile>UEs=</ZipFile><DeployOptions><checkOnly>x</checkOnly></DeployOptions></deploy>",
        "<deploy><ZipFile>\u00e9</ZipFile></deploy>",
        "<checkDeployStatus><asyncProcessId>0Af</asyncProcessId></checkDeployStatus>",
        "<checkDeployStatus/>",
    ),
}
"""Calls of each SOAP API."""
_NO_SOAP = ("<", "<a/>", "<a>&x;</a>", "<!DOCTYPE a><a/>")


def _envelope(letter: str, call: str) -> str:
    xsi = "http://www.w3.org/2001/XMLSchema-instance"
    body = f'<e:Body xmlns="{NAMESPACES[letter]}" xmlns:xsi="{xsi}">{call}</e:Body>'
    return f'<e:Envelope xmlns:e="{ENVELOPE}">{body}</e:Envelope>'


_KINDS = {
    **{("POST", path): "text/xml" for path in OTHERS if path.startswith(SOAP)},
    **{("POST", path): FORM for path in (TOKEN, REVOKE)},
    ("PUT", "jobs/ingest/{id}/batches"): "text/csv",
    ("POST", f"{ASYNC}/{{version}}/job/{{job}}"): "text/xml",
    ("POST", f"{ASYNC}/{{version}}/job/{{job}}/batch"): "application/json",
}


def _queries(known: Known) -> dict[str, dict[str, Schema]]:
    soql: Schema = {"type": "string", "format": "soql"}
    fields, ids = word("Id,LastName", "Id,Nope", ",", "Id FROM Contact"), word(",".join(known.records), ",", "x")
    span = {"start": word(*DATES), "end": word(*DATES)}
    return {
        **{
            key: {"q": soql, "columns": word("true"), "explain": soql} for key in ("query", "queryAll", "tooling/query")
        },
        "limits/recordCount": {"sObjects": word("Contact,Lead", ",", "Nope")},
        "composite/sobjects": {"ids": ids, "fields": fields, "allOrNone": word("true", "false")},
        "sobjects/{object}/updated": span,
        "sobjects/{object}/deleted": span,
        "sobjects/{object}/{id}": {"fields": fields},
        "sobjects/{object}/{field}/{value:path}": {"fields": fields, "updateOnly": word("true")},
        "jobs/query": {"queryLocator": word("0", "x"), "jobType": word("V2Query"), "isPkChunkingEnabled": word("true")},
        "jobs/ingest": {"queryLocator": word("0", "x"), "jobType": word("V2Ingest")},
        "jobs/query/{id}/results": {"maxRecords": word("0", "-1", "1", "9" * 25), "locator": word("MQ", "null")},
        "jobs/query/{id}/resultPages": {"locator": word("MQ", "null")},
        "metadata/deployRequest/{id}": {"includeDetails": word("true")},
    }


def _bodies(known: Known) -> dict[tuple[str, str], Schema]:
    record, new = _record(known), several(_row(known, is_new=True))
    collection = thing(("records",), allOrNone={"type": "boolean"}, records=new)
    changes = thing(("records",), allOrNone={"type": "boolean"}, records=several(_row(known, is_new=False)))
    inner = _sub_requests(known, {"anyOf": [record, collection, SCALAR]})
    composite = thing(allOrNone={"type": "boolean"}, collateSubrequests={"type": "boolean"}, compositeRequest=inner)
    part = thing(method=word("GET", "PATCH", "DELETE"), url=_urls(known), richInput=record, binaryPartName=TEXT)
    job = {"contentType": word("CSV"), "columnDelimiter": word("COMMA", "TAB"), "lineEnding": word("LF", "CRLF")}
    state = thing(state=word("UploadComplete", "Aborted", "Open"))
    tree = thing(("records",), records=several(_row(known, is_new=True)))
    csv = word(
        "LastName,Email\na,b@example.org\n", 'LastName\n"a', "\n", "Id\nx\n", "LastName\u0000\n,,,\n", "Nope\na\n"
    )
    return {
        ("POST", "sobjects/{object}"): record,
        ("PATCH", "sobjects/{object}/{id}"): record,
        ("PATCH", "sobjects/{object}/{field}/{value:path}"): record,
        ("POST", "composite/sobjects"): collection,
        ("PATCH", "composite/sobjects"): changes,
        ("PATCH", "composite/sobjects/{object}/{field}"): collection,
        ("POST", "composite/sobjects/{object}"): thing(ids=several(_ids(known)), fields=several(word("Id", "Nope"))),
        ("POST", "composite"): composite,
        ("POST", "composite/batch"): thing(haltOnError={"type": "boolean"}, batchRequests=several(part)),
        ("POST", "composite/graph"): thing(graphs=several(thing(graphId=TEXT, compositeRequest=inner), 2)),
        ("POST", "composite/tree/{object}"): tree,
        ("POST", "jobs/query"): thing(
            operation=word("query", "queryAll"), query={"type": "string", "format": "soql"}, **job
        ),
        ("PATCH", "jobs/query/{id}"): state,
        ("POST", "jobs/ingest"): thing(
            object=word("Contact", "Lead", "CampaignMember", "Nope"),
            operation=word("insert", "update", "upsert", "delete", "hardDelete"),
            externalIdFieldName=nullable(word("External_Ref__c", "Id", "Email")),
            assignmentRuleId=TEXT,
            **job,
        ),
        ("PATCH", "jobs/ingest/{id}"): state,
        ("PUT", "jobs/ingest/{id}/batches"): csv,
        ("POST", f"{ASYNC}/{{version}}/job"): thing(
            object=word("Contact", "Lead", "Nope"),
            operation=word("insert", "update", "upsert", "delete", "hardDelete", "query", "queryAll"),
            externalIdFieldName=nullable(word("External_Ref__c", "Id", "Email")),
            contentType=word("CSV", "JSON", "XML"),
            concurrencyMode=some("Parallel", 1),
        ),
        ("POST", f"{ASYNC}/{{version}}/job/{{job}}"): word("<", "<a>&x;</a>", "<!DOCTYPE a><a/>", "<a><state/></a>"),
        ("POST", f"{ASYNC}/{{version}}/job/{{job}}/batch"): {"anyOf": [several(record), SCALAR]},
        ("POST", "metadata/deployRequest"): thing(deployOptions=thing(checkOnly={"type": "boolean"})),
        ("POST", TOKEN): thing(
            grant_type=word("urn:ietf:params:oauth:grant-type:jwt-bearer", "client_credentials", "refresh_token"),
            assertion=word("e30.e30.", "eyJhbGciOiJSUzI1NiJ9.eyJleHAiOjFlNDAwfQ.eA", "eyJhbGciOiJSUzI1NiJ9.W10.eA"),
            client_id=word("sandbox-client"),
            client_secret=word("sandbox-secret"),
            refresh_token=word("5Aep861sandbox.integration"),
        ),
        ("POST", REVOKE): thing(token=TEXT),
        **{
            ("POST", f"{SOAP}/{letter}/{{version}}{rest}"): word(
                *(_envelope(letter, call) for call in calls), *_NO_SOAP
            )
            for letter, calls in _SOAP.items()
            for rest in ("", "/{rest:path}")
        },
    }


def _ids(known: Known) -> Schema:
    return some(*known.records)


def _record(known: Known, **more: Schema) -> Schema:
    person, campaign = known.records[0], known.records[3]
    texts = {"LastName": some("Okafor"), "Email": some("ada@example.org"), "Status": some("Sent")}
    references = {"AccountId": some(None), "CampaignId": some(campaign), "ContactId": some(person)}
    typed = {"Score__c": some(1.5, None), "Vip__c": some(True), "External_Ref__c": some("a", "b")}
    dated = {"Birthdate": some(DATES[1]), "Last_Seen__c": some(DATES[0])}
    parent = {"anyOf": [thing(Name=SCALAR, External_Ref__c=SCALAR), SCALAR]}
    return thing(("LastName",), **texts, **references, **typed, **dated, Account=parent, **more)


def _row(known: Known, *, is_new: bool) -> Schema:
    attributes = thing(("type",), type=word("Contact", "Lead", "CampaignMember"), referenceId=word("r1", "r2"))
    if is_new:
        return {**_record(known, attributes=attributes), "required": ["LastName", "attributes"]}
    made = _record(known, attributes=attributes, id=_ids(known))
    return {**made, "required": ["id", "attributes"]}


def _urls(known: Known) -> Schema:
    first = known.records[0]
    inner = ("sobjects/Contact", f"sobjects/Contact/{first}", "sobjects/Contact/@{r1.id}", "composite", "limits", "%")
    queries = (
        f"query?q={quote('SELECT Id FROM Contact')}",
        "query?q=%27",
        "composite/sobjects?ids=@{r1.records[0].Id}",
    )
    return word(*(f"{VERSION}/{path}" for path in (*inner, *queries)), "v66.0/limits", "http://[", "@{r1}", "")


def _sub_requests(known: Known, body: Schema) -> Schema:
    references = word("r1", "r2", "r1.x")
    made: dict[str, Any] = {"method": word("GET", "POST", "PATCH", "DELETE"), "url": _urls(known), "body": body}
    return several(thing(("method", "url"), referenceId=references, httpHeaders=thing(Accept=TEXT), **made))
