"""Consent in the sandbox's own history: at no instant did we add or subscribe somebody who had opted out (INV-3).

Every switch of what the vendors leave open is tried: all cautious, all lucky, and each one flipped alone.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import pytest

from sfdd_declare.sandbox.dotdigital import contacts as dotdigital_contacts
from sfdd_declare.sandbox.salesforce import rows
from sfdd_declare.sandbox.switches import SWITCHES
from tests.e2e.sampling import sampled
from tests.e2e.stage import Stage, buyers

API_USER = "apiuser-sandbox@apiconnector.com"
MODES: tuple[dict[str, str], ...] = (
    {"mode": "cautious"},
    {"mode": "lucky"},
    *({"mode": "cautious", name: switch.lucky} for name, switch in SWITCHES.items() if switch.lucky != switch.cautious),
)
OUT_OF_THE_BOOK = (
    "ticked-unknown@example.com",  # opted out in Salesforce, no contact
    "ticked-known@example.com",  # opted out in Salesforce, a subscribed contact elsewhere in the account
    "shadowed@example.com",  # a lead that is no member and shares the address is opted out
    "suppressed@example.com",  # suppressed in Dotdigital
    "unsubscribed@example.com",  # unsubscribed in Dotdigital
)


@dataclass(frozen=True)
class Cast:
    """Who plays: ids of Salesforce records by address."""

    ids: dict[str, str]


def a_cast(stage: Stage) -> Cast:
    world = stage.world
    buyers(world, 20)
    ids = {}
    for email in (*OUT_OF_THE_BOOK, "list-optout@example.com", "removed@example.com", "late@example.com"):
        (ids[email],) = rows.insert_many(
            world,
            "Contact",
            [
                {
                    "FirstName": "A",
                    "LastName": "B",
                    "Email": email,
                    "Department": "Buyers",
                    "HasOptedOutOfEmail": email.startswith("ticked"),
                }
            ],
        )
    rows.insert_many(
        world,
        "Lead",
        [{"LastName": "Shadow", "Company": "C", "Email": "SHADOWED@example.com ", "HasOptedOutOfEmail": True}],
    )
    rows.insert_many(
        world, "Contact", [{"LastName": "Nomember", "Email": "bystander@example.com", "HasOptedOutOfEmail": True}]
    )
    dotdigital_contacts.insert_many(
        world,
        [
            {"email": "ticked-known@example.com"},
            {"email": "shadowed@example.com"},
            {"email": "bystander@example.com"},
            {"email": "suppressed@example.com", "status": "suppressed"},
            {"email": "unsubscribed@example.com", "status": "unsubscribed"},
        ],
    )
    return Cast(ids)


@pytest.mark.parametrize("mode", sampled(MODES, 2, always=2, name=lambda m: "-".join(f"{k}={v}" for k, v in m.items())))
def test_INV_3_CON_1_CON_2_CON_3_nobody_who_opted_out_is_ever_added_or_subscribed_by_us(
    stage: Stage, mode: dict[str, str]
) -> None:
    stage.control("PUT", "switches", mode)
    cast = a_cast(stage)
    stage.apply()
    assert status_of(stage, "bystander@example.com") == "suppressed"
    stage.marketer("list_unsubscribe", email="list-optout@example.com", list="Spring book")
    stage.marketer("remove_from_list", email="removed@example.com", list="Spring book")
    stage.admin("update", "Contact", cast.ids["late@example.com"], HasOptedOutOfEmail=True)
    for _ in range(2):
        stage.apply()
    for email in OUT_OF_THE_BOOK:
        assert stage.lists_of(email) == [], email
        assert status_of(stage, email) in ("suppressed", "unsubscribed"), email
    assert stage.lists_of("list-optout@example.com") == []
    assert stage.lists_of("removed@example.com") == []
    assert status_of(stage, "late@example.com") == "suppressed"
    assert wrongs(stage) == []


def test_a_suppressed_contact_stays_suppressed_after_ten_applies(stage: Stage) -> None:
    cast = a_cast(stage)
    stage.apply()
    for number in range(10):
        stage.admin("update", "Contact", cast.ids["suppressed@example.com"], FirstName=f"Name{number}")
        stage.apply()
        assert status_of(stage, "suppressed@example.com") == "suppressed"
    assert wrongs(stage) == []


def test_with_opt_outs_kept_from_dotdigital_nobody_opted_out_is_created(stage: Stage) -> None:
    a_cast(stage)
    text = (stage.folder / "sfdd.yaml").read_text()
    stage.write(text + "\nconsent: {opt_out_to_dotdigital: false}\n")
    stage.apply()
    assert stage.contact_in_dotdigital("ticked-unknown@example.com") is None
    assert status_of(stage, "ticked-known@example.com") == "subscribed"
    assert stage.lists_of("ticked-known@example.com") == []


def status_of(stage: Stage, email: str) -> str | None:
    contact = stage.contact_in_dotdigital(email)
    return None if contact is None else contact["channelProperties"]["email"]["status"]


def wrongs(stage: Stage) -> list[dict[str, Any]]:
    """Every act of ours, replayed in order, that touched somebody who was opted out at that instant."""
    opted_out: set[str] = set()  # contact ids
    emails: dict[str, str] = {}
    ticked: dict[str, bool] = {}  # Salesforce ids
    address: dict[str, str] = {}
    found: list[dict[str, Any]] = []
    for entry in stage.control("GET", "history"):
        kind, field, record, new = entry["kind"], entry["field"], entry["record"], entry["new"]
        if entry["system"] == "salesforce" and kind in ("Contact", "Lead"):
            if field == "created":
                address[record] = str(new.get("Email") or "").strip().casefold()
                ticked[record] = bool(new.get("HasOptedOutOfEmail"))
            elif field == "HasOptedOutOfEmail":
                ticked[record] = bool(new)
            continue
        if kind == "contact" and field == "created":
            emails[record] = str(new.get("email") if isinstance(new, dict) else new).casefold()
        if kind == "contact" and field == "status":
            opted_out.discard(record)
            if new in ("suppressed", "unsubscribed"):
                opted_out.add(record)
        ours = entry["who"] == API_USER
        is_out = record in opted_out or emails.get(record) in {address[i] for i, out in ticked.items() if out}
        subscribes = kind == "contact" and field == "status" and new == "subscribed"
        joins = kind == "list_member" and new is not None and new != "suppressed"
        if ours and is_out and (subscribes or joins):
            found.append(entry)
    return found


def test_whoever_opts_out_while_an_apply_is_under_way_is_not_added(stage: Stage) -> None:
    buyers(stage.world, 12)
    stage.apply()
    newcomers = buyers(stage.world, 3, start=20)
    slow = {"system": "salesforce", "method": "POST", "path": "composite/sobjects$", "kind": "latency", "seconds": 4}
    stage.control("POST", "faults", slow)
    process = stage.process("apply", "--auto-approve")
    _wait_until_members_are_written(stage)
    stage.admin("update", "Contact", newcomers[0], HasOptedOutOfEmail=True)
    out, err = process.communicate(timeout=90)
    assert process.returncode in (0, 6), out + err
    assert stage.lists_of("buyer20@example.com") == []
    assert stage.lists_of("buyer21@example.com") == ["Spring book"]
    assert wrongs(stage) == []


def _wait_until_members_are_written(stage: Stage) -> None:
    """The plan has been made by then, and nobody was added to the book yet."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if any(rule["seen"] for rule in stage.control("GET", "faults")):
            return
        time.sleep(0.1)
    raise AssertionError("no member was written")
