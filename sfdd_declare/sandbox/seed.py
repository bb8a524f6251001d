"""A believable world to begin with: people in both systems, dated back, the same for the same seed.

It holds what makes synchronising hard: duplicates by address (contact and lead, contact and contact, other
letter case), missing addresses, opt-outs on either side, converted leads, contacts that Dotdigital already has
with other values, and bystanders on a list.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sfdd_declare.sandbox import names
from sfdd_declare.sandbox.dotdigital import books, contacts
from sfdd_declare.sandbox.dotdigital import schema as dotdigital
from sfdd_declare.sandbox.salesforce import founding, rows
from sfdd_declare.sandbox.world import World

BACK_DATED = timedelta(days=30)
CONTACT_SHARE = 0.6
WHO = "seed"
Record = dict[str, Any]


@dataclass(slots=True)
class _Draft:
    """What is being made, and the dice it is made with."""

    dice: random.Random
    day: date
    serial: int = 0
    emails: dict[str, Record] = field(default_factory=dict)

    def chance(self, share: float) -> bool:
        """True in that share of cases."""
        return self.dice.random() < share


def seed(world: World, people: int = 10_000, seed: int = 1) -> dict[str, int]:
    """Fill a world with that many Salesforce people and what belongs to them; returns counts.

    Raises ValueError when the world has been seeded before.
    """
    if world.setting("sandbox.seeded") is not None:
        raise ValueError("this sandbox is seeded already; reset it first")
    world.install("salesforce", founding.found)
    dotdigital.install(world)
    moment = world.now() - BACK_DATED
    draft = _Draft(dice=random.Random(seed), day=moment.date())  # noqa: S311 - repeatable on purpose
    with world.transaction():
        counts = _salesforce(world, draft, people, moment)
        counts |= _dotdigital(world, draft, people, moment)
        world.set_setting("sandbox.seeded", {"people": people, "seed": seed})
    return counts


def _salesforce(world: World, draft: _Draft, people: int, moment: datetime) -> dict[str, int]:
    accounts = [_account(draft) for _ in range(max(3, people // 12))]
    account_ids = rows.insert_many(world, "Account", accounts, who=WHO, created=moment)
    owned = list(zip(account_ids, accounts, strict=True))
    contact_rows = [_contact(draft, owned) for _ in range(round(people * CONTACT_SHARE))]
    contact_ids = rows.insert_many(world, "Contact", contact_rows, who=WHO, created=moment)
    known = list(zip(contact_ids, contact_rows, strict=True))
    lead_rows = [_lead(draft, known) for _ in range(people - len(contact_rows))]
    lead_ids = rows.insert_many(world, "Lead", lead_rows, who=WHO, created=moment)
    campaign_ids = rows.insert_many(world, "Campaign", _campaigns(draft), who=WHO, created=moment)
    _statuses(world, campaign_ids[0], moment)
    members = list(_members(draft, campaign_ids, contact_ids, lead_ids))
    rows.insert_many(world, "CampaignMember", members, who=WHO, created=moment)
    return {
        "accounts": len(accounts),
        "contacts": len(contact_rows),
        "leads": len(lead_rows),
        "campaigns": len(campaign_ids),
        "members": len(members),
    }


def _dotdigital(world: World, draft: _Draft, people: int, moment: datetime) -> dict[str, int]:
    home = dotdigital.home_account(world)
    newsletter = books.create(world, home, WHO, name="Newsletter").id
    books.create(world, home, WHO, name="Trade show visitors", visibility="Public")
    known = [_known_contact(draft, email, person, newsletter) for email, person in draft.emails.items()]
    present = [contact for contact in known if contact is not None]
    bystanders = [_bystander(draft, newsletter) for _ in range(max(3, people // 20))]
    contacts.insert_many(world, [*present, *bystanders], created=moment, account=home)
    return {"dotdigital_contacts": len(present) + len(bystanders), "lists": 2}


def _account(draft: _Draft) -> Record:
    country, city = _place(draft)
    name = f"{draft.dice.choice(names.COMPANY_STEMS)} {draft.dice.choice(names.COMPANY_KINDS)}"
    industry = draft.dice.choice(names.INDUSTRIES)
    return {"Name": name, "Industry": industry, "BillingCountry": country, "BillingCity": city}


def _contact(draft: _Draft, accounts: Sequence[tuple[str, Record]]) -> Record:
    person = _person(draft)
    account_id, account = draft.dice.choice(accounts)
    record = {
        **person,
        "AccountId": account_id if not draft.chance(0.03) else None,
        "MailingCountry": account["BillingCountry"],
        "MailingCity": account["BillingCity"],
        "Phone": f"+44 20 7946 0{draft.dice.randrange(1000):03d}",  # numbers kept free for fiction
        "LeadSource": draft.dice.choice(names.LEAD_SOURCES),
        "Department": "Marketing" if draft.chance(0.3) else None,
    }
    if draft.emails and draft.chance(0.01):
        record["Email"] = _another_case(draft, draft.dice.choice(list(draft.emails)))
    _remember(draft, record)
    return record


def _lead(draft: _Draft, known: Sequence[tuple[str, Record]]) -> Record:
    country, city = _place(draft)
    company = f"{draft.dice.choice(names.COMPANY_STEMS)} {draft.dice.choice(names.COMPANY_KINDS)}"
    record = {
        **_person(draft),
        "Company": company,
        "Country": country,
        "City": city,
        "Status": "Working - Contacted" if draft.chance(0.4) else "Open - Not Contacted",
        "LeadSource": draft.dice.choice(names.LEAD_SOURCES),
        "IsConverted": False,
    }
    contact_id, contact = draft.dice.choice(known) if known else ("", {})
    if contact.get("Email") and contact.get("AccountId") and draft.chance(0.02):
        record |= {key: contact[key] for key in ("FirstName", "LastName", "Email")}
        record |= {
            "Status": "Closed - Converted",
            "IsConverted": True,
            "ConvertedDate": draft.day.isoformat(),
            "ConvertedContactId": contact_id,
            "ConvertedAccountId": contact["AccountId"],
        }
    elif contact.get("Email") and draft.chance(0.03):
        record |= {key: contact[key] for key in ("FirstName", "LastName")}
        record["Email"] = _another_case(draft, contact["Email"])
    _remember(draft, record)
    return record


def _person(draft: _Draft) -> Record:
    first, first_latin = draft.dice.choice(names.FIRST_NAMES)
    last, last_latin = draft.dice.choice(names.LAST_NAMES)
    draft.serial += 1
    email = f"{first_latin}.{last_latin}{draft.serial}@{draft.dice.choice(names.DOMAINS)}"
    topics = draft.dice.sample(names.TOPICS, k=draft.dice.randrange(3))
    visit = draft.day - timedelta(days=draft.dice.randrange(1, 400))
    return {
        "FirstName": first if not draft.chance(0.02) else None,
        "LastName": last,
        "Email": None if draft.chance(0.03) else email,
        "Title": draft.dice.choice(names.TITLES) or None,
        "HasOptedOutOfEmail": draft.chance(0.04),
        "Customer_Tier__c": draft.dice.choice(names.TIERS) if draft.chance(0.7) else None,
        "Score__c": draft.dice.randrange(1000) / 10 if draft.chance(0.6) else None,
        "Last_Visit__c": visit.isoformat() if draft.chance(0.5) else None,
        "Newsletter_Topics__c": ";".join(sorted(topics)) or None,
        "Vip__c": draft.chance(0.05),
    }


def _remember(draft: _Draft, record: Record) -> None:
    if record["Email"] is not None:
        draft.emails.setdefault(record["Email"].casefold(), record)


def _another_case(draft: _Draft, email: str) -> str:
    return email.title() if draft.chance(0.3) else email.lower()


def _place(draft: _Draft) -> tuple[str, str]:
    weights = [weight for _, _, weight in names.PLACES]
    country, cities, _ = draft.dice.choices(names.PLACES, weights=weights)[0]
    return country, draft.dice.choice(cities)


def _campaigns(draft: _Draft) -> list[Record]:
    start = draft.day.isoformat()
    shared = {"StartDate": start, "IsActive": True, "Status": "In Progress"}
    return [
        {"Name": "Webinar series", "Type": "Webinar", "Description": "Monthly, with guests", **shared},
        {"Name": "Trade show 2025", "Type": "Trade Show", **shared},
        {"Name": "Product news", "Type": "Email", **shared},
        {"Name": "Frühjahrsaktion", "Type": "Direct Mail", **shared, "IsActive": False, "Status": "Completed"},
    ]


def _statuses(world: World, campaign_id: str, moment: datetime) -> None:
    labels = (("Registered", False), ("Attended", True))
    statuses = [
        {"CampaignId": campaign_id, "Label": label, "SortOrder": 5 + at, "HasResponded": responded}
        for at, (label, responded) in enumerate(labels)
    ]
    rows.insert_many(world, "CampaignMemberStatus", statuses, who=WHO, created=moment)


def _members(
    draft: _Draft, campaigns: Sequence[str], contact_ids: Iterable[str], lead_ids: Iterable[str]
) -> Iterator[Record]:
    people = [("ContactId", number) for number in contact_ids] + [("LeadId", number) for number in lead_ids]
    shares = ((campaigns[0], 0.2, ("Sent", "Registered", "Attended")), (campaigns[1], 0.05, ("Sent",)))
    for campaign, share, statuses in (*shares, (campaigns[2], 0.1, ("Sent", "Responded"))):
        for key, number in people:
            if draft.chance(share):
                yield {"CampaignId": campaign, key: number, "Status": draft.dice.choice(statuses)}


def _known_contact(draft: _Draft, email: str, person: Record, newsletter: int) -> Record | None:
    if not draft.chance(0.25):
        return None
    first = person["FirstName"] if not draft.chance(0.05) else "Sam"
    values = {"FIRSTNAME": first, "LASTNAME": person["LastName"] if not draft.chance(0.1) else None}
    statuses = ("subscribed", "unsubscribed", "suppressed", "hardBounced", "softBounced", "pendingOptIn")
    status = draft.dice.choices(statuses, weights=(90, 4, 2, 2, 1, 1))[0]
    is_reader = draft.chance(0.4)
    left_list = is_reader and draft.chance(0.03)
    return {
        "email": person["Email"] if draft.chance(0.9) else email,
        "status": status,
        "dataFields": values,
        "lists": [newsletter] if is_reader else [],
        "optouts": [newsletter] if left_list else [],
    }


def _bystander(draft: _Draft, newsletter: int) -> Record:
    first, first_latin = draft.dice.choice(names.FIRST_NAMES)
    last, last_latin = draft.dice.choice(names.LAST_NAMES)
    draft.serial += 1
    return {
        "email": f"{first_latin}.{last_latin}{draft.serial}@{draft.dice.choice(names.DOMAINS)}",
        "status": "unsubscribed" if draft.chance(0.03) else "subscribed",
        "dataFields": {"FIRSTNAME": first, "LASTNAME": last},
        "lists": [newsletter],
    }
