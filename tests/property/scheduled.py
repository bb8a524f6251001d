"""A configuration whose links are synchronised by schedule, the people in it, and what is seen of them on both sides.

Everything is read from the sandbox's tables: neither counted as a call nor hit by a fault.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sfdd_declare.sandbox.salesforce import sql
from tests.e2e.stage import Stage
from tests.property.declared import BACK, BOTH, FORTH

QUICK, HOURLY, CRON, MANUAL = "quick", "hourly", "cron", "manual"
SCHEDULES = {QUICK: "every 15 minutes", HOURLY: "every 1 hour", CRON: '"20 */2 * * *"', MANUAL: "manual"}
INTERVALS = {QUICK: timedelta(minutes=15), HOURLY: timedelta(hours=1), CRON: timedelta(hours=2)}
#: As declared below; the guards are counts, so that a test knows what they hold back.
MOST_REMOVALS, MOST_NEW = 2, 3
#: Salesforce field -> (data field, direction)
MAPPED = {
    "FirstName": ("FIRSTNAME", BOTH),
    "LastName": ("LASTNAME", BOTH),
    "Title": ("JOB_TITLE", BOTH),
    "MailingCity": ("CITY", FORTH),
    "Customer_Tier__c": ("TIER", BACK),
}
WRITES = {
    "salesforce": frozenset({"FirstName", "LastName", "Title", "Company", "Customer_Tier__c"}),
    "dotdigital": frozenset({"FIRSTNAME", "LASTNAME", "JOB_TITLE", "COMPANY", "CITY"}),
}
_HEAD = """\
version: 1
salesforce: {auth: {method: access_token}}
dotdigital:
  accounts:
    main: {user: "${env:DD_USER}", password: "${env:DD_PASSWORD}", region: "${env:DD_URL}", double_opt_in: not_enforced}
data_fields:
  main: {JOB_TITLE: {type: string}, COMPANY: {type: string}, CITY: {type: string}, TIER: {type: string}}
guards: {max_overwrites: 100%, max_removals: MOST_REMOVALS, max_new_records: MOST_NEW}
field_mappings:
"""


def configuration(quick: str = SCHEDULES[QUICK]) -> str:
    """`quick`: the schedule of the quickest link."""
    contacts = "\n".join(f"    {n}: {{data_field: {d}, direction: {to}}}" for n, (d, to) in MAPPED.items())
    two = {"FirstName": "FIRSTNAME", "LastName": "LASTNAME", "Title": "JOB_TITLE", "Company": "COMPANY"}
    leads = "\n".join(f"    {name}: {{data_field: {there}, direction: {BOTH}}}" for name, there in two.items())
    parts = [_HEAD.replace("MOST_REMOVALS", str(MOST_REMOVALS)).replace("MOST_NEW", str(MOST_NEW))]
    parts += [f"  contacts:\n{contacts}\n  leads:\n{leads}\ncampaigns:\n"]
    for link in SCHEDULES:
        chosen = f"Department = '{link}'"
        parts.append(f'  {link}: {{name: Campaign {link}, members: {{contacts: {{where: "{chosen}"}}}}')
        parts.append(", member_statuses: {Sent: {default: true}, Signed: {}}}\n")
    parts += ["address_books:\n", *(f"  {link}: {{name: {book(link)}, removals: managed}}\n" for link in SCHEDULES)]
    parts.append("links:\n")
    for link, schedule in SCHEDULES.items():
        new = ", new_leads: {member_status: Signed}" if link == QUICK else ""
        chosen = quick if link == QUICK else schedule
        parts.append(f"  - {{campaign: {link}, address_book: {link}, schedule: {chosen}{new}}}\n")
    return "".join(parts)


def book(link: str) -> str:
    return f"Book {link}"


def address(link: str) -> str:
    return f"link.{link}.{link}"


def due_by(link: str, since: datetime, quick: timedelta) -> datetime:
    """When what happened then has to have arrived, by the schedule alone: the minute of spread comes on top."""
    if link != CRON:
        return since + (quick if link == QUICK else INTERVALS[link])
    hour = since.replace(minute=20, second=0, microsecond=0)
    while hour < since or hour.hour % 2:
        hour += timedelta(hours=1)
    return hour


@dataclass(slots=True)
class Person:
    """`busy`: Salesforce fields whose edit is under way. Who `rests` is left alone: a rule stands in the way."""

    email: str
    link: str
    sobject: str = "Contact"
    id: str = ""
    busy: set[str] = field(default_factory=set)
    rests: bool = False


@dataclass(frozen=True, slots=True)
class Seen:
    """Looks into the tables of both systems."""

    stage: Stage

    def there(self, email: str, name: str) -> Any:
        """A contact's value, or its `status`; None when there is no such contact."""
        row = self._row("SELECT status, data FROM dd_contact WHERE email_key = ? AND NOT binned", email.casefold())
        if row is None:
            return None
        return row["status"] if name == "status" else json.loads(row["data"]).get(name)

    def is_on(self, email: str, link: str) -> bool:
        query = (
            "SELECT 1 FROM dd_contact c JOIN dd_member m ON m.contact_id = c.id JOIN dd_list l ON l.id = m.list_id"
            " WHERE c.email_key = ? AND l.name LIKE ? AND NOT c.binned AND c.status = 'subscribed'"
        )
        return self._row(query, email.casefold(), f"%{link}%") is not None

    def here(self, person: Person, name: str) -> Any:
        found = self.all(person.sobject, "Id = ?", person.id)
        return found[0][name] if found else None

    def members(self, link: str, person: Person) -> list[dict[str, Any]]:
        (campaign,) = self.all("Campaign", "Name LIKE ?", f"%{link}%")
        return self.all("CampaignMember", f"CampaignId = ? AND {person.sobject}Id = ?", campaign["Id"], person.id)

    def all(self, sobject: str, where: str, *values: Any) -> list[dict[str, Any]]:
        with self.stage.world.lock:
            return sql.select(self.stage.world.db, f"sf_{sobject}", f"({where}) AND IsDeleted = 0", values)

    def _row(self, query: str, *values: Any) -> Any:
        with self.stage.world.lock:
            return self.stage.world.db.execute(query, values).fetchone()
