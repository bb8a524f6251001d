"""What people do in the life of a watch, at random moments, and what has to come of it.

One writer per field at a time: a field whose edit is on its way is not edited again.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from tests.property.declared import BACK, FORTH
from tests.property.scheduled import (
    MANUAL,
    MAPPED,
    MOST_NEW,
    MOST_REMOVALS,
    QUICK,
    SCHEDULES,
    Person,
    book,
)
from tests.property.scheduled_life import PEOPLE, ScheduledLife

TIERS = ("Gold", "Silver", "Bronze")


class Inhabited(ScheduledLife):
    """People of all links who do things. `guarded`: links that a guard holds something back of."""

    numbers = 0

    def begin(self) -> None:
        """Everybody is in step, also those who are synchronised by hand."""
        for link in SCHEDULES:
            for _ in range(PEOPLE):
                self._insert(link)
        self.stage.apply()
        self.synchronises(MANUAL)
        self._replay()

    def plan(self, hours: int, *, a_hour: int, busy: Callable[[int], bool]) -> None:
        """Acts of people in all hours that are `busy`."""
        acts: list[Callable[[], None]] = [
            *(self.edit_here,) * 5,
            *(self.edit_there,) * 5,
            *(self.joins,) * 3,
            self.leaves,
            self.signs_up,
            self.opts_out_here,
            self.opts_out_there,
            self.is_taken_off,
        ]
        for hour in range(hours):
            for _ in range(a_hour if busy(hour) else 0):
                self.at(
                    self.now() + timedelta(hours=hour, seconds=self.random.randrange(3600)), self.random.choice(acts)
                )

    def before_an_end(self) -> None:
        for _ in range(3):
            self.edit_here(QUICK)
            self.edit_there(QUICK)

    # --- people -----------------------------------------------------------------------------------------------------

    def edit_here(self, link: str = "") -> None:
        person, name = self._free(link, BACK)
        if person is None:
            return
        value = self._value(name)
        self.stage.admin("update", person.sobject, person.id, **{name: value})
        there = MAPPED[name][0]
        self._edited("edits in Salesforce", person, name, lambda: self.seen.there(person.email, there) == value)

    def edit_there(self, link: str = "") -> None:
        person, name = self._free(link, FORTH)
        if person is None:
            return
        value = self._value(name)
        if value in (self.seen.here(person, name), self.seen.there(person.email, MAPPED[name][0])):
            return
        self.stage.marketer("set_field", email=person.email, field=MAPPED[name][0], value=value)
        self._edited("edits in Dotdigital", person, name, lambda: self.seen.here(person, name) == value)

    def joins(self, link: str = "") -> None:
        link = link or self.random.choice(tuple(SCHEDULES))
        person = self._insert(link)
        person.busy = set(MAPPED)

        def is_in() -> bool:
            return self.seen.is_on(person.email, link) and len(self.seen.members(link, person)) == 1

        self.awaits("joins", link, is_in, person.busy.clear, person)

    def leaves(self) -> None:
        """Out of a campaign, as many as the guard lets through."""
        link = self.random.choice(tuple(SCHEDULES))
        going = sum(one.what.startswith("leaves") and one.link == link for one in self.awaited)
        people = [p for p in self._on_book(link) if not p.busy]
        if len(people) < PEOPLE // 2 or going >= MOST_REMOVALS or link in self.guarded:
            return
        person = self.random.choice(people)
        self._out(person)
        self.awaits("leaves", link, lambda: not self.seen.is_on(person.email, link), nothing, person)

    def _out(self, person: Person) -> None:
        (member,) = self.seen.members(person.link, person)
        self.excuse(person)
        self.stage.admin("update", "Contact", person.id, Department="Others")
        self.stage.admin("delete", "CampaignMember", member["Id"])

    def signs_up(self, *, is_held: bool = False) -> None:
        if not is_held and (
            "new" in self.guarded or sum(one.what.startswith("sign-ups") for one in self.awaited) >= MOST_NEW
        ):
            return
        self.numbers += 1
        email = f"new{self.numbers}@life.example"
        names = {"FIRSTNAME": "Flo", "LASTNAME": f"Nr {self.numbers}", "COMPANY": "Nurses"}
        self.stage.marketer("add_contact", email=email, lists=[book(QUICK)], dataFields=names)
        person = Person(email, QUICK, "Lead", busy=set(MAPPED))
        self.people.append(person)

        def is_lead() -> bool:
            found = self.seen.all("Lead", "Email = ?", email)
            person.id = found[0]["Id"] if found else ""
            is_member = bool(person.id) and [m["Status"] for m in self.seen.members(QUICK, person)] == ["Signed"]
            assert len(found) <= 1, found
            return is_member

        if is_held:
            self.held_back.append(person)
        else:
            self.awaits("sign-ups", QUICK, is_lead, person.busy.clear, person)

    def opts_out_here(self) -> None:
        """Carried with the next run, whosesoever it is."""
        person = self._settled()
        if person is not None:
            self.excuse(person)
            self.stage.admin("update", person.sobject, person.id, HasOptedOutOfEmail=True)
            is_so = lambda: self.seen.there(person.email, "status") == "suppressed"  # noqa: E731
            self.awaits("opt-outs in Salesforce", QUICK, is_so, nothing, person)

    def opts_out_there(self) -> None:
        person = self._settled()
        if person is not None:
            self.excuse(person)
            self.stage.marketer("unsubscribe", email=person.email)
            is_so = lambda: bool(self.seen.here(person, "HasOptedOutOfEmail"))  # noqa: E731
            self.awaits("opt-outs in Dotdigital", QUICK, is_so, nothing, person)

    def is_taken_off(self) -> None:
        """By hand, off a book: nobody is ever put back (`Past`)."""
        person = self._settled()
        if person is not None and person.link != MANUAL:
            self.excuse(person)
            action = self.random.choice(("remove_from_list", "list_unsubscribe"))
            self.stage.marketer(action, email=person.email, list=book(person.link))
            self.figures["taken off by hand"] += 1
            self.quiet_runs.clear()

    # --- who --------------------------------------------------------------------------------------------------------

    def _insert(self, link: str) -> Person:
        self.numbers += 1
        email = f"{link}{self.numbers}@life.example"
        names = {"FirstName": f"F{self.numbers}", "LastName": f"L{self.numbers}", "Title": f"T{self.numbers}"}
        made = self.stage.admin("insert", "Contact", Email=email, Department=link, **names)
        self.people.append(Person(email, link, id=str(made["id"])))
        return self.people[-1]

    def _on_book(self, link: str) -> list[Person]:
        people = [p for p in self.people if p.link == link and not p.rests and p.sobject == "Contact"]
        return [p for p in people if self.seen.is_on(p.email, link) and self.seen.members(link, p)]

    def _settled(self) -> Person | None:
        """Somebody who is known on both sides, with nothing on its way; books are never emptied."""
        people = [p for p in self.people if not p.rests and not p.busy and p.link not in self.guarded]
        people = [p for p in people if sum(q.link == p.link and not q.rests for q in self.people) > PEOPLE // 2]
        return self.random.choice(people) if people else None

    def _free(self, link: str, not_to: str) -> tuple[Person | None, str]:
        names = [name for name, (_, direction) in MAPPED.items() if direction != not_to]
        pairs = [
            (person, name)
            for person in self.people
            for name in names
            if not person.rests
            and name not in person.busy
            and link in ("", person.link)
            and (person.sobject == "Contact" or name in ("FirstName", "LastName", "Title"))
        ]
        return self.random.choice(pairs) if pairs else (None, "")

    def _edited(self, what: str, person: Person, name: str, is_so: Callable[[], bool]) -> None:
        person.busy.add(name)
        self.awaits(what, person.link, is_so, lambda: person.busy.discard(name), person)

    def _value(self, name: str) -> str:
        self.numbers += 1
        return self.random.choice(TIERS) if name == "Customer_Tier__c" else f"{name} {self.numbers}"

    def __post_init__(self) -> None:
        super().__post_init__()
        self.guarded: set[str] = set()  # what a guard holds back: nobody else may add to it
        self.held_back: list[Person] = []


def nothing() -> None:
    """Nothing follows."""
