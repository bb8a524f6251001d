"""What people look up and change by hand in both systems, and how an apply has to end, for the tests of set-up."""

from __future__ import annotations

from typing import Any

from sfdd_declare.sandbox.salesforce import sql
from tests.e2e.stage import Ended, Stage

#: The people's half of the summary when nothing is to be done with anybody.
NOBODY = "People: 0 to add, 0 to update, 0 to remove"


def settled(stage: Stage, *flags: str) -> None:
    """What an apply has to leave behind: a plan without changes."""
    plan = stage.sfdd("plan", "--detailed-exitcode", *flags)
    assert plan.code == 0, plan.text


def applied(stage: Stage, *flags: str) -> Ended:
    """Apply, and prove that the next plan is empty."""
    ended = stage.apply(*flags)
    settled(stage)
    return ended


def planned(stage: Stage, *flags: str) -> str:
    """What a plan with changes says, without line ends."""
    plan = stage.sfdd("plan", "--detailed-exitcode", *flags)
    assert plan.code == 2, plan.text
    return flat(plan.out)


def refused(stage: Stage, *command: str, code: int = 1) -> str:
    """Why a command ends with an error, without line ends."""
    ended = stage.sfdd(*command)
    assert ended.code == code, ended.text
    return flat(ended.err)


def flat(text: str) -> str:
    """Text whose width does not matter any more."""
    return " ".join(text.split())


def records(stage: Stage, sobject: str, where: str = "1 = 1") -> list[dict[str, Any]]:
    """Living records of the org, whole."""
    with stage.world.lock:
        found = sql.select(stage.world.db, f"sf_{sobject}", where)
    return [record for record in found if not record.get("IsDeleted")]


def campaign(stage: Stage, name: str) -> dict[str, Any]:
    (found,) = records(stage, "Campaign", f"Name = '{name}'")
    return found


def registry_row(stage: Stage, key: str) -> dict[str, Any]:
    """The row of one declared thing, by its address."""
    sobject = {"address_book": "Address_Book", "link": "Link", "field_mapping": "Field_Mapping"}[key.partition(".")[0]]
    (found,) = records(stage, f"SFDD_{sobject}__c", f"External_Id__c LIKE '%:{key}'")
    return found


def lists(stage: Stage) -> dict[str, int]:
    """Lists of the account: name -> id."""
    with stage.world.lock:
        rows = stage.world.db.execute("SELECT name, id FROM dd_list").fetchall()
    return {row["name"]: row["id"] for row in rows}


def value(stage: Stage, email: str, data_field: str) -> Any:
    """What a contact holds in a data field."""
    contact = stage.contact_in_dotdigital(email)
    assert contact is not None, email
    return {name.upper(): held for name, held in contact["dataFields"].items()}.get(data_field)


def writes(stage: Stage) -> int:
    """How much was ever written, in both systems."""
    with stage.world.lock:
        found = stage.world.db.execute("SELECT COUNT(*) FROM history").fetchone()
    return int(found[0])
