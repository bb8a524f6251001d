"""What people do by hand in both systems in a small world, where the same few addresses and values meet again.

Whom an act is about is said by a number; an act that cannot be done, or that a system refuses, is not done.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sfdd_declare.sandbox.dotdigital.act import act as act_there
from sfdd_declare.sandbox.dotdigital.schema import home_account
from sfdd_declare.sandbox.salesforce import sql
from sfdd_declare.sandbox.salesforce.acts import act as act_here
from sfdd_declare.sandbox.world import World
from tests.property.declared import EVENTS, FIELDS, MAIN, MANAGED_FIELDS

ADDRESSES = tuple(f"p{number}@life.example" for number in range(9))
ODD_ADDRESSES = (None, " P1@Life.example ", "P2@LIFE.EXAMPLE", "nobody", "josé@life.example")
VALUES: dict[str, tuple[Any, ...]] = {
    "FirstName": ("Ada", "ada", "Bob", "Zoë ", None),
    "LastName": ("Byron", "byron", "Curie"),
    "Title": ("Dr", "dr", "Countess", None, "x" * 120),
    "Score__c": (0, 1.5, 2, None, -7.25),
}
_BOOKS = {MAIN: "News", EVENTS: "Gala"}


@dataclass(slots=True)
class Hands:
    """`edits`: what was typed since they were last looked at, as it is held there, by (system, id, field).

    Filled values of records and of the main account alone.
    """

    world: World
    edits: dict[tuple[str, str, str], Any] = field(default_factory=dict)

    def rest(self, seconds: int) -> None:
        self.world.set_clock(advance=timedelta(seconds=seconds))

    # --- Salesforce -------------------------------------------------------------------------------------------------

    def person(self, sobject: str, address: int, mood: int) -> None:
        values = {"FirstName": "Ada", "LastName": f"Nr {mood}", "Email": any_address(address)}
        chosen = {"Rating": "Hot" if mood % 2 else "Cold", "Company": "Acme"}
        values |= chosen if sobject == "Lead" else {"Department": "Buyers" if mood % 3 else "Sellers"}
        values |= {"HasOptedOutOfEmail": mood == 4}
        self._here("insert", sobject, values=values)

    def type_here(self, who: int, name: str, what: int) -> None:
        for sobject, sf_id in self._records(who):
            value = _of(VALUES[name], what)
            if self._here("update", sobject, id=sf_id, values={name: value}) and value is not None:
                self.edits["salesforce", sf_id, name] = self.value("salesforce", sf_id, name)

    def address_here(self, who: int, address: int) -> None:
        for sobject, sf_id in self._records(who):
            self._here("update", sobject, id=sf_id, values={"Email": any_address(address)})

    def swap(self, one: int, other: int) -> None:
        for (kind, a), (other_kind, b) in zip(self._records(one), self._records(other), strict=False):
            mine, theirs = (self._all(k, "Id = ?", i)[0]["Email"] for k, i in ((kind, a), (other_kind, b)))
            self._here("update", kind, id=a, values={"Email": theirs})
            self._here("update", other_kind, id=b, values={"Email": mine})

    def empty_here(self, name: str) -> None:
        """Everybody's value is gone at once."""
        for sobject in ("Contact", "Lead"):
            for row in self._all(sobject, "IsConverted = 0" if sobject == "Lead" else "1 = 1"):
                self._here("update", sobject, id=row["Id"], values={name: None})

    def choose_nobody(self) -> None:
        """The selection of members matches nobody any more."""
        for sobject, name, word in (("Contact", "Department", "Sellers"), ("Lead", "Rating", "Cold")):
            for row in self._all(sobject, "IsConverted = 0" if sobject == "Lead" else "1 = 1"):
                self._here("update", sobject, id=row["Id"], values={name: word})

    def tick(self, who: int, *, is_out: bool) -> None:
        for sobject, sf_id in self._records(who):
            self._here("update", sobject, id=sf_id, values={"HasOptedOutOfEmail": is_out})

    def choose(self, who: int, *, is_chosen: bool) -> None:
        """Into the selection of members, or out of it."""
        for sobject, sf_id in self._records(who):
            words = {"Contact": ("Department", "Buyers", "Sellers"), "Lead": ("Rating", "Hot", "Cold")}[sobject]
            self._here("update", sobject, id=sf_id, values={words[0]: words[1] if is_chosen else words[2]})

    def join(self, who: int, campaign: str, status: str) -> None:
        for sobject, sf_id in self._records(who):
            for found in self._all("Campaign", "Name = ?", campaign):
                values = {"CampaignId": found["Id"], f"{sobject}Id": sf_id, "Status": status}
                self._here("insert", "CampaignMember", values=values)

    def leave_campaign(self, which: int) -> None:
        members = self._all("CampaignMember")
        for member in _one(members, which):
            self._here("delete", "CampaignMember", id=member["Id"])

    def restate(self, which: int, status: str) -> None:
        for member in _one(self._all("CampaignMember"), which):
            self._here("update", "CampaignMember", id=member["Id"], values={"Status": status})

    def delete_here(self, who: int) -> None:
        for sobject, sf_id in self._records(who):
            self._here("delete", sobject, id=sf_id)

    def convert(self, which: int, into: int | None) -> None:
        for lead in _one(self._all("Lead", "IsConverted = 0"), which):
            contacts = _one(self._all("Contact"), into) if into is not None else []
            self._here("convert_lead", id=lead["Id"], contact=contacts[0]["Id"] if contacts else None)

    def merge(self, sobject: str, which: int, into: int) -> None:
        there = self._all(sobject, "IsConverted = 0" if sobject == "Lead" else "1 = 1")
        for loser, survivor in zip(_one(there, which), _one(there, into), strict=True):
            self._here("merge", sobject, id=survivor["Id"], losers=[loser["Id"]])

    # --- Dotdigital -------------------------------------------------------------------------------------------------

    def sign_up(self, account: int, address: int, *, is_on_book: bool, is_whole: bool) -> None:
        lists = [_BOOK] if (_BOOK := _BOOKS[account]) and is_on_book else []
        fields = {"FIRSTNAME": "Flo", "LASTNAME": "Rence", "COMPANY": "Nurses"} if is_whole else {}
        self._there("add_contact", account, email=ADDRESSES[address % 9], lists=lists, dataFields=fields)

    def type_there(self, account: int, who: int, name: str, what: int) -> None:
        for contact in self._contacts(account, who):
            value = _of(VALUES[name], what)
            done = self._there("set_field", account, contactId=contact, field=FIELDS[name], value=value)
            if done and value is not None and account == MAIN:
                self.edits["dotdigital", str(contact), name] = self.value("dotdigital", str(contact), name)

    def empty_there(self, name: str) -> None:
        """A data field of the main account is emptied, as somebody does who deletes it and makes it again."""
        with self.world.lock:
            rows = self.world.db.execute("SELECT id FROM dd_contact WHERE account = ?", (self._id(MAIN),)).fetchall()
        for row in rows:
            self._there("set_field", MAIN, contactId=row["id"], field=FIELDS[name], value=None)

    def address_there(self, account: int, who: int, address: int) -> None:
        for contact in self._contacts(account, who):
            self._there("change_email", account, contactId=contact, new_email=ADDRESSES[address % 9])

    def on_contact(self, account: int, who: int, action: str, **more: Any) -> None:
        """unsubscribe, resubscribe, set_status, delete_contact."""
        for contact in self._contacts(account, who):
            self._there(action, account, contactId=contact, **more)

    def on_book(self, account: int, who: int, action: str) -> None:
        """list_unsubscribe, remove_from_list, add_to_list."""
        for contact in self._contacts(account, who):
            self._there(action, account, contactId=contact, list=_BOOKS[account])

    def restore(self, account: int, who: int) -> None:
        for contact in self._contacts(account, who, is_binned=True):
            self._there("restore_contact", account, contactId=contact)

    # --- who is there -----------------------------------------------------------------------------------------------

    def value(self, system: str, who: str, name: str) -> Any:
        """What a record or a contact holds now; None also for one that is gone."""
        with self.world.lock:
            if system == "salesforce":
                found = [row for kind in ("Contact", "Lead") for row in self._all(kind, "Id = ?", who)]
                return found[0][name] if found else None
            query = "SELECT json_extract(data, '$.' || ?) FROM dd_contact WHERE id = ? AND NOT binned"
            row = self.world.db.execute(query, (FIELDS[name], int(who))).fetchone()
            return row[0] if row else None

    def managed(self, only: str = "") -> dict[str, str]:
        """Address -> id of everything that a configuration has made."""
        found = {f"campaign.{row['Name'].lower()}": row["Id"] for row in self._all("Campaign")}
        with self.world.lock:
            lists = self.world.db.execute("SELECT id, name FROM dd_list").fetchall()
            fields = self.world.db.execute("SELECT name FROM dd_field").fetchall()
        found |= {
            f"address_book.{row['name'].lower()}": str(row["id"]) for row in lists if row["name"] in ("News", "Gala")
        }
        found |= {f"data_field.main.{row['name']}": row["name"] for row in fields if row["name"] in MANAGED_FIELDS}
        return {address: there for address, there in found.items() if address.startswith(only)}

    def _records(self, who: int) -> list[tuple[str, str]]:
        """(object, id) of one, or nobody."""
        there = [("Contact", row["Id"]) for row in self._all("Contact")]
        there += [("Lead", row["Id"]) for row in self._all("Lead", "IsConverted = 0")]
        return _one(there, who)

    def _id(self, account: int) -> int:
        """Each sandbox world has an account id of its own."""
        return home_account(self.world) if account == MAIN else account

    def _contacts(self, account: int, who: int, *, is_binned: bool = False) -> list[int]:
        with self.world.lock:
            query = "SELECT id FROM dd_contact WHERE account = ? AND binned = ? ORDER BY id"
            return _one([row["id"] for row in self.world.db.execute(query, (self._id(account), is_binned))], who)

    def _all(self, sobject: str, where: str = "1 = 1", *values: Any) -> list[dict[str, Any]]:
        with self.world.lock:
            found = sql.select(self.world.db, f"sf_{sobject}", f"({where}) AND IsDeleted = 0", values)
        return sorted(found, key=lambda row: str(row["Id"]))

    def _here(self, action: str, sobject: str = "", **body: Any) -> bool:
        return _done(lambda: act_here(self.world, {"action": action, "object": sobject, **body}))

    def _there(self, action: str, account: int, **body: Any) -> bool:
        return _done(lambda: act_there(self.world, {"action": action, "account": self._id(account), **body}))


def any_address(number: int) -> str | None:
    """Usual ones most of the time."""
    return _of((*ADDRESSES, *ADDRESSES, *ODD_ADDRESSES), number)


def _of(values: tuple[Any, ...], number: int) -> Any:
    return values[number % len(values)]


def _one(things: list[Any], number: int) -> list[Any]:
    return [things[number % len(things)]] if things else []


def _done(act: Callable[[], object]) -> bool:
    try:
        act()
    except ValueError:
        return False
    return True
