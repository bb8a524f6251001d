"""Ids behind names, and an answer that tells none."""

from __future__ import annotations

import pytest

from sfdd_declare.model.errors import RemoteError
from sfdd_declare.salesforce.client import Client
from sfdd_declare.salesforce.named import named_ids

from .builders import Org

QUEUE = ("OwnerId", "queue:Nobody's leads")


def test_a_name_that_nobody_has_stands_for_no_id(org: Org, client: Client) -> None:
    del org
    assert named_ids(client, [QUEUE]) == {QUEUE: ()}


def test_an_answer_that_is_no_page_of_records_is_an_error(org: Org, client: Client) -> None:
    part = {"referenceId": "n0", "httpStatusCode": 200, "httpHeaders": {}, "body": {"message": "hello"}}
    org.fault("status", path="composite", status=200, body={"compositeResponse": [part]})
    with pytest.raises(RemoteError) as caught:
        named_ids(client, [QUEUE])
    assert (caught.value.id, caught.value.hint) == ("SFDD-E2129", "salesforce.api_version")
