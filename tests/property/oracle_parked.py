"""The oracle's parked rows (RUN-4): what was refused, and what rests on it, is left out until it differs."""

from __future__ import annotations

from collections import defaultdict

from sfdd_declare.people.parked import is_same, refused_hash
from tests.property.oracle_org import Row

CONSENT = ("suppress", "opt_out_records", "import_opted_out")


def without_parked(changes: list[Row], rows: dict[str, list[Row]], accounts: list[str], key: str) -> list[Row]:
    known = {(r["operation"], r["person"]): r["hash"] for a in accounts for r in rows.get(f"parked.{a}", [])}
    meant: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in changes:
        meant[row["operation"], row["person"]].append(row)
    held = {
        one
        for one, hash_ in known.items()
        if one in meant and one[0].split(":")[0] not in CONSENT and is_same(hash_, refused_hash(key, meant[one]))
    }
    unmade = {person for operation, person in held if operation.startswith("members:")}
    kept = {person for operation, person in held if operation.startswith("remove_members:")}
    staying = {
        row["field"] for row in changes if row["person"] in kept and row["operation"].startswith("remove_members:")
    }
    unrenamed = {person for operation, person in held if operation.startswith("rename:")}

    def rests_on_it(row: Row) -> bool:
        if row["operation"].split(":")[0] in ("import", "create") and row["person"] in unrenamed:
            return True
        if row["aspect"] != "list" or not row["old"]:
            return False
        ids = set(row["old"].split(";"))
        return ids <= unmade if row["decision"] == "add" else bool(ids & staying)

    rest = [row for row in changes if (row["operation"], row["person"]) not in held]
    going = [row for row in rest if not rests_on_it(row)]
    lost = {(row["operation"], row["person"]) for row in rest if rests_on_it(row)}
    listed = {(row["operation"], row["person"]) for row in going if row["aspect"] == "list"}
    created = {(row["operation"], row["person"]) for row in going if row["decision"] == "create"}
    bare = (created & lost) - listed
    return [row for row in going if (row["operation"], row["person"]) not in bare]
