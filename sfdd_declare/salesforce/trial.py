"""Throw-away records of one org, to find out how it behaves: made, looked at, and removed again.

What is made is removed by its name, so that it is found whether or not the answer that would have told its id arrived.
"""

from __future__ import annotations

from collections.abc import Mapping

from sfdd_declare.model.errors import Terminal
from sfdd_declare.model.state import Scalar
from sfdd_declare.salesforce import collections
from sfdd_declare.salesforce.client import Client
from sfdd_declare.salesforce.codes import meaning_of
from sfdd_declare.salesforce.collections import RowResult
from sfdd_declare.salesforce.query import rows
from sfdd_declare.salesforce.soql import quoted, select


class Trial:
    """Makes, looks at and removes. Raises RemoteError by meaning, Terminal for what Salesforce refuses."""

    def __init__(self, client: Client) -> None:
        self._client = client

    @property
    def org_id(self) -> str:
        return self._client.session.org_id

    def pause(self, seconds: float) -> None:
        """Wait."""
        self._client.pause(seconds)

    def make(self, sobject: str, values: Mapping[str, Scalar]) -> str:
        """Create one record; its id."""
        (result,) = collections.create(self._client, sobject, [values], idempotent=False)
        return _required(result, sobject).id

    def edit(self, sobject: str, record_id: str, values: Mapping[str, Scalar]) -> None:
        """Change one record."""
        (result,) = collections.update(self._client, sobject, [{"Id": record_id, **values}])
        _required(result, sobject)

    def stamp(self, sobject: str, record_id: str) -> str:
        """The SystemModstamp of a record; empty when it is not to be seen."""
        columns = {"SystemModstamp": "datetime"}
        found = rows(self._client, select(tuple(columns), sobject, f"Id = {quoted(record_id)}"), columns)
        return str(found[0]["SystemModstamp"]) if found else ""

    def shows_deleted(self, sobject: str, record_id: str) -> bool:
        """Whether a record that was deleted can be queried as such."""
        where = f"Id = {quoted(record_id)} AND IsDeleted = true"
        return bool(rows(self._client, select(("Id",), sobject, where), {"Id": "id"}, include_deleted=True))

    def delete(self, sobject: str, record_id: str) -> None:
        """Delete one record; one that is gone already is no error."""
        (result,) = collections.delete(self._client, sobject, [record_id])
        _required(result, sobject)

    def remove(self, sobject: str, field: str, name: str) -> tuple[str, ...]:
        """Delete the records that have a name in a field; their ids."""
        soql = select(("Id",), sobject, f"{field} = {quoted(name)}")
        ids = tuple(str(row["Id"]) for row in rows(self._client, soql, {"Id": "id"}))
        for record_id in ids:
            self.delete(sobject, record_id)
        return ids


def _required(result: RowResult, sobject: str) -> RowResult:
    if not result.ok:
        known = meaning_of(result.code)
        summary = f"Salesforce refused a throw-away {sobject}: {result.message or result.code}"
        raise Terminal("SFDD-E2145", summary, code=result.code, hint=known.hint if known else "sfdd probe")
    return result
