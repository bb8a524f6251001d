"""Everything that both systems and the state hold, without ids, times and keys: two pictures can be compared."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import closing

from tests.e2e.stage import Stage

Rows = list[str]
Picture = dict[str, Rows]

_NOT_OURS = ("sf_User", "sf_Organization", "sf_Group")
_DOTDIGITAL = ("dd_contact", "dd_list", "dd_member", "dd_optout", "dd_field")
_TIMES_AND_IDS = frozenset(
    {"Id", "id", "CreatedDate", "LastModifiedDate", "SystemModstamp", "IsDeleted", "account"}
    | {"status_at", "created", "updated", "joined", "at", "CreatedById", "LastModifiedById"}
    | {"Account_Ids__c", "Org_Id__c", "Last_Apply__c"}  # of the world, and of the apply that ended last
)
_STATE = {
    # a registry that is there is not asked who deployed it
    "resources": "SELECT address, salesforce_id, dotdigital_id, applied, on_destroy, prevent_destroy"
    " FROM resources WHERE kind <> 'registry'",
    # a row of our lineage is ours, whoever finds it
    "made by us": "SELECT address FROM resources"
    " WHERE created_by_us AND kind NOT IN ('registry', 'field_mapping', 'link')",
    "base": "SELECT account, record_type, sf_id, contact_id, email_s = email_d AS same_email,"
    " hashes_s = hashes_d AS in_step, out_s, out_d FROM base",
    "memberships": "SELECT address_book, contact_id, wanted, on_book, added_by_us, list_optout, m.left"
    " FROM memberships m",
    # the membership that wanted somebody matters once they have left; before, a run may or may not have seen its id
    "left": "SELECT address_book, contact_id, member FROM memberships m WHERE m.left",
    "books": "SELECT account, address_book, list_id, baseline, wanted_seen FROM books",
    # what a campaign counted before the run wrote: only a later run finds one that this run has made
    "marks": "SELECT name FROM watermarks WHERE name NOT LIKE 'counted:%'",
    "journal": "SELECT operation FROM journal",
    "intents": "SELECT operation FROM intents",
    "ledger": "SELECT record, code, message FROM ledger",
    "leases": "SELECT name FROM leases",
}


def picture(stage: Stage) -> Picture:
    """Every row of both systems that is not deleted, and what the state knows.

    Left out: when we wrote, and what an apply happened to see before it wrote: the number of contacts on a book,
    suppressions of its own, which of its statuses a campaign had already.
    """
    names = _names(stage)
    with stage.world.lock:
        db = stage.world.db
        tables = [row["name"] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        salesforce = [name for name in tables if name.startswith("sf_") and name not in _NOT_OURS]
        live = (*salesforce, *_DOTDIGITAL)
        found = {name: _rows(db.execute(f"SELECT * FROM {name}"), names) for name in live}
    with closing(_state(stage)) as state:
        found |= {name: _rows(state.execute(query), names) for name, query in _STATE.items()}
    return found


def differences(found: Picture, expected: Picture) -> list[str]:
    """What is there and should not be (+), and what is missing (-)."""
    lines = []
    for name in sorted(found.keys() | expected.keys()):
        there, wanted = Counter(found.get(name, [])), Counter(expected.get(name, []))
        lines += [f"+ {name} {row}" for row in (there - wanted).elements()]
        lines += [f"- {name} {row}" for row in (wanted - there).elements()]
    return lines


def _rows(found: Iterable[sqlite3.Row], names: Mapping[str, str]) -> Rows:
    dicts = [dict(row) for row in found]
    return sorted(_text(row, names) for row in dicts if not row.get("IsDeleted"))


def _text(row: dict[str, object], names: Mapping[str, str]) -> str:
    kept = {key: value for key, value in row.items() if key not in _TIMES_AND_IDS and value not in (None, "")}
    if "applied" in kept:
        applied = json.loads(str(kept["applied"]))
        kept["applied"] = {key: value for key, value in applied.items() if not key.startswith("member_statuses.")}
    text = json.dumps({key: names.get(str(value), value) for key, value in kept.items()}, sort_keys=True)
    for id, name in names.items():
        if len(id) >= 15:  # ids inside of other texts
            text = text.replace(id, name)
    return text


def _names(stage: Stage) -> dict[str, str]:
    """What an id stands for, on both sides, and the lineage of the state."""
    with closing(_state(stage)) as state:
        names = {state.execute("SELECT value FROM meta WHERE name = 'lineage'").fetchone()[0]: "lineage"}
    queries = (
        "SELECT Id, Email FROM sf_Contact",
        "SELECT Id, Name FROM sf_Campaign",
        "SELECT m.Id, 'membership of ' || c.Email FROM sf_CampaignMember m JOIN sf_Contact c ON c.Id = m.ContactId",
        "SELECT Id, Username FROM sf_User",
        "SELECT Id, Name FROM sf_PermissionSet",
        "SELECT Id, 'a row' FROM sf_SFDD_Address_Book__c UNION SELECT Id, 'a row' FROM sf_SFDD_Link__c",
        "SELECT Id, 'a row' FROM sf_SFDD_Field_Mapping__c",
        "SELECT id, 'a deployment' FROM sfx_deploy",
        "SELECT id, email FROM dd_contact",
        "SELECT id, name FROM dd_list",
    )
    with stage.world.lock:
        for query in queries:
            names |= {str(id): str(name) for id, name in stage.world.db.execute(query)}
    return names


def _state(stage: Stage) -> sqlite3.Connection:
    """The state, or a copy of one that lives elsewhere."""
    path = stage.folder / ".sfdd" / "state.db"
    if "SFDD_STATE" in stage.overrides:
        path = stage.folder / ".pulled.db"
        path.unlink(missing_ok=True)
        pulled = stage.sfdd("state", "pull", path.name)
        assert pulled.code == 0, pulled.text
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    connection.row_factory = sqlite3.Row
    return connection
