"""Puts adapters and ports together: which room reads and which writes each system. The only place that knows both
sides.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sfdd_declare.dotdigital import client as dotdigital_client
from sfdd_declare.dotdigital.contacts import People as DotdigitalContacts
from sfdd_declare.dotdigital.jobs import Jobs
from sfdd_declare.dotdigital.setup import Setup as DotdigitalSettings
from sfdd_declare.dotdigital.trial import Trial as DotdigitalTrial
from sfdd_declare.dotdigital.writers import writers as dotdigital_writers
from sfdd_declare.model.assumed import value_of
from sfdd_declare.model.declared import Account, Desired, LeadRules
from sfdd_declare.model.errors import BugError
from sfdd_declare.model.operation import Operation, Task
from sfdd_declare.model.ports import (
    DotdigitalPeople,
    DotdigitalSetup,
    JobWaiter,
    SalesforceDelta,
    SalesforcePeople,
    SalesforceSetup,
    StateReader,
    Writer,
)
from sfdd_declare.model.state import Bound
from sfdd_declare.salesforce import client as salesforce_client
from sfdd_declare.salesforce.delta import Delta as SalesforceChanges
from sfdd_declare.salesforce.jobs import Jobs as SalesforceJobs
from sfdd_declare.salesforce.jobs import is_bulk
from sfdd_declare.salesforce.people import People as SalesforceRecords
from sfdd_declare.salesforce.setup import Setup as SalesforceSettings
from sfdd_declare.salesforce.states import delete_rows, write_state
from sfdd_declare.salesforce.trial import Trial as SalesforceTrial
from sfdd_declare.salesforce.writers import writers as salesforce_writers
from sfdd_declare.wire.hosts import named_hosts


@dataclass(frozen=True, slots=True)
class SalesforceReaders:
    setup: SalesforceSetup
    people: SalesforcePeople
    delta: SalesforceDelta
    clock: Callable[[], str]  # at the last reply, ISO in UTC


@dataclass(frozen=True, slots=True)
class DotdigitalReaders:
    setup: DotdigitalSetup
    people: DotdigitalPeople


@dataclass(frozen=True, slots=True)
class Readers:
    """All that planning gets. `calls`: used so far by (Salesforce, Dotdigital)."""

    salesforce: SalesforceReaders
    dotdigital: Mapping[str, DotdigitalReaders]
    calls: Callable[[], tuple[int, int]]


class Systems:
    """Connections to both systems: readers for everybody, writers for `apply` alone."""

    def __init__(
        self,
        salesforce: salesforce_client.Client,
        accounts: Mapping[str, tuple[Account, dotdigital_client.Client]],
        lineage: str,
        leads: LeadRules,
        marks: Mapping[str, str],
    ) -> None:
        """`marks`: of the state; what was found out about the systems is among them."""
        self._salesforce = salesforce
        self._lineage = lineage
        self._accounts = accounts
        self._salesforce_writers = salesforce_writers(salesforce, lineage, leads)
        self._dotdigital_writers = {
            key: dotdigital_writers(client, may_create_suppressed=_takes_suppressed(key, client, marks))
            for key, (_, client) in accounts.items()
        }

    @property
    def readers(self) -> Readers:
        return Readers(
            SalesforceReaders(
                SalesforceSettings(self._salesforce),
                SalesforceRecords(self._salesforce),
                SalesforceChanges(self._salesforce),
                lambda: self._salesforce.last_date,
            ),
            {
                key: DotdigitalReaders(DotdigitalSettings(client), DotdigitalContacts(client))
                for key, (_, client) in self._accounts.items()
            },
            self._calls,
        )

    def writer(self, operation: Operation) -> Writer:
        """Who carries an operation out; people and lists by the account in its payload."""
        if operation.task in self._salesforce_writers:
            return self._salesforce_writers[operation.task]
        account = str(dict(operation.payload).get("account", ""))
        writers: Mapping[Task, Writer] = self._dotdigital_writers.get(account, {})
        if operation.task not in writers:
            raise BugError("SFDD-E9906", f"nobody carries out {operation.task.value} for account {account or '(none)'}")
        return writers[operation.task]

    def waiter(self, account: str) -> JobWaiter:
        """Who waits for a job of an account's operation: values may have been on their way to either system."""
        connected = self._accounts.get(account)
        return _Waiter(SalesforceJobs(self._salesforce), Jobs(connected[1]) if connected else None)

    def world(self) -> Bound:
        """Where the login leads. One call, unless the session is open already; accounts were asked when connecting."""
        ids = ((key, client.endpoint.account_id) for key, (_, client) in sorted(self._accounts.items()))
        return Bound(self._salesforce.session.org_id, tuple(ids))

    def name_state(self, name: str, bound: Bound, apply: str) -> None:
        """Tell the org of the state and of its last apply (RUN-8). May be repeated; raises RemoteError."""
        write_state(self._salesforce, self._lineage, name, bound, apply)

    def delete_rows(self, rows: Sequence[tuple[str, str]]) -> int:
        """Delete rows of the registry: (object, id). Raises RemoteError."""
        return delete_rows(self._salesforce, rows)

    @property
    def trials(self) -> tuple[SalesforceTrial, Mapping[str, DotdigitalTrial]]:
        """Whoever makes throw-away things to find out how a system behaves: of the org, and by account."""
        return SalesforceTrial(self._salesforce), {
            key: DotdigitalTrial(client) for key, (_, client) in self._accounts.items()
        }

    def close(self) -> None:
        self._salesforce.close()
        for _, client in self._accounts.values():
            client.close()

    def _calls(self) -> tuple[int, int]:
        return self._salesforce.calls, sum(client.calls for _, client in self._accounts.values())


@dataclass(frozen=True, slots=True)
class _Waiter:
    """The job's name says in which system it runs; an account that is no longer declared is not waited for."""

    salesforce: SalesforceJobs
    dotdigital: Jobs | None

    def wait(self, job: str) -> bool:
        if is_bulk(job):
            return self.salesforce.wait(job)
        return self.dotdigital is not None and self.dotdigital.wait(job)


def connect(
    desired: Desired, state: StateReader, *, environ: Mapping[str, str], pause: Callable[[float], None]
) -> Systems:
    """Connect to everything that is declared and enabled. Raises Denied, Terminal or Transient by meaning.

    `pause` is how everybody waits, and is asked before each call. Each account is asked every time who it is: a state
    that remembered it could not be compared with it (RUN-8).
    """
    lineage, hosts, marks = state.header().lineage, named_hosts(environ), state.marks()
    salesforce = salesforce_client.Client(desired.salesforce, environ, pause=pause)
    accounts: dict[str, tuple[Account, dotdigital_client.Client]] = {}
    try:
        for account in desired.accounts:
            if account.enabled:
                client = dotdigital_client.connect(account, pause=pause, hosts=hosts)
                accounts[account.key] = account, client
    except BaseException:
        Systems(salesforce, accounts, lineage, desired.leads, marks).close()
        raise
    return Systems(salesforce, accounts, lineage, desired.leads, marks)


def _takes_suppressed(key: str, client: dotdigital_client.Client, marks: Mapping[str, str]) -> bool:
    """Whether a contact may be created suppressed where it cannot be otherwise: tried until it is known (CON-3)."""
    name, of = "new_contact_status_suppressed", client.endpoint.account_id
    return value_of(name, marks, account=key, of=of, unknown="accepted") == "accepted"
