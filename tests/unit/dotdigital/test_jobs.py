"""Waiting for jobs of an earlier run, and the writers as a whole."""

from __future__ import annotations

from sfdd_declare.dotdigital.client import Client
from sfdd_declare.dotdigital.jobs import Jobs
from sfdd_declare.dotdigital.writers import writers
from sfdd_declare.model.operation import Task
from sfdd_declare.model.ports import JobWaiter
from sfdd_declare.sandbox.world import World

from .builders import Hands


def test_an_import_of_an_earlier_run_is_waited_for(client: Client, hands: Hands, world: World) -> None:
    world.set_setting("dotdigital.job_polls", 3)
    row = {"matchIdentifier": "email", "identifiers": {"email": "ada@example.org"}}
    started = hands.http.put("/contacts/v3/import", json={"contacts": [row]}).json()["importId"]
    waiter: JobWaiter = Jobs(client)
    assert waiter.wait(f"import:{started}")
    assert hands.status() == "subscribed"


def test_a_removal_of_an_earlier_run_is_waited_for(client: Client, hands: Hands) -> None:
    list_id = hands.a_list()
    ada = hands.a_contact(lists=[list_id])
    started = hands.http.post(f"/v2/address-books/{list_id}/contacts/delete", json=[ada]).json()["id"]
    assert Jobs(client).wait(f"deletion:{started}")
    assert hands.lists_of() == {}


def test_a_job_that_was_refused_has_ended_too(client: Client, hands: Hands, world: World) -> None:
    world.set_setting("dotdigital.watchdog", True)
    row = {"matchIdentifier": "email", "identifiers": {"email": "ada@example.org"}}
    started = hands.http.put("/contacts/v3/import", json={"contacts": [row]}).json()["importId"]
    assert Jobs(client).wait(f"import:{started}")


def test_an_unknown_job_is_said_to_be_unknown(client: Client) -> None:
    unknown = "00000000-0000-4000-8000-000000000000"
    waiter = Jobs(client)
    assert not waiter.wait(f"import:{unknown}")
    assert not waiter.wait(f"deletion:{unknown}")
    assert not waiter.wait("750xx0000000001")


def test_every_task_of_dotdigital_has_a_writer(client: Client) -> None:
    assert set(writers(client)) == {
        Task.ADDRESS_BOOK,
        Task.DATA_FIELD,
        Task.SUPPRESS,
        Task.IMPORT_OPTED_OUT,
        Task.IMPORT_CONTACTS,
        Task.RENAME,
        Task.REMOVE_FROM_LIST,
    }
