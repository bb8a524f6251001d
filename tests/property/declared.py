"""A configuration that changes while people live by it, and the YAML of each of its states."""

from __future__ import annotations

from dataclasses import dataclass, field

FORTH, BACK, BOTH = "salesforce_to_dotdigital", "dotdigital_to_salesforce", "two_way"
DIRECTIONS = (FORTH, BACK, BOTH)

#: Salesforce field -> data field, of contacts and leads alike.
FIELDS = {"FirstName": "FIRSTNAME", "LastName": "LASTNAME", "Title": "JOB_TITLE", "Score__c": "SCORE"}
MANAGED_FIELDS = ("JOB_TITLE", "SCORE", "COMPANY")
#: What a new lead must have a value for: mapped both ways on leads while there are new leads.
NAMES = frozenset({"FirstName", "LastName"})
MAIN, EVENTS = 77, 88

_YAML = """\
version: 1
salesforce: {{auth: {{method: access_token}}}}
dotdigital:
  accounts:
{accounts}
campaigns:
  spring:
    name: Spring
    member_statuses: {{Sent: {{default: true}}, Went: {{}}}}
    members:
      mode: {mode}
      contacts: {{where: "Department = 'Buyers'"}}
      leads: {{where: "Rating = 'Hot'"}}
  autumn: {{name: Autumn}}
address_books:
{books}
data_fields:
  main: {{JOB_TITLE: {{type: string}}, SCORE: {{type: numeric}}, COMPANY: {{type: string}}}}
field_mappings:
{mappings}
links:
{links}
consent: {{opt_out_to_dotdigital: {suppresses}}}
guards: {{max_overwrites: 100%, max_removals: 100%, max_new_records: 500}}
import: [{imports}]
"""
_ACCOUNT = """\
    {}: {{user: "${{env:{word}_USER}}", password: "${{env:{word}_PASSWORD}}", region: "${{env:DD_URL}}",
      double_opt_in: not_enforced}}"""


@dataclass(slots=True)
class Declared:
    """What the YAML says. `directions`: by Salesforce field; one that is missing is not mapped."""

    directions: dict[str, str] = field(default_factory=lambda: dict.fromkeys(FIELDS, FORTH))
    conflict: str = "salesforce"
    on_blank: str | None = None
    removals: str = "managed"
    left: str = "keep"
    mode: str = "add"
    statuses: bool = False
    has_new_leads: bool = False
    has_events: bool = False
    suppresses: bool = True
    imports: dict[str, str] = field(default_factory=dict)  # address -> id, of what lost its state

    @property
    def takes_newcomers(self) -> bool:
        """`mirror` would remove them."""
        return self.has_new_leads and self.removals != "mirror"

    def yaml(self) -> str:
        accounts = [_ACCOUNT.format("main", word="DD")]
        books = [f"  news: {{account: main, name: News, removals: {self.removals}, left: {self.left}}}"]
        links = [f"  - {{campaign: spring, address_book: news{self._filter()}{self._new_leads()}}}"]
        links += ["  - {campaign: autumn, address_book: news}"]
        mappings = ["  main:", *self._mappings(self.directions)]
        if self.has_events:
            accounts.append(_ACCOUNT.format("events", word="EV"))
            books.append("  gala: {account: events, name: Gala, removals: managed}")
            links.append("  - {campaign: spring, address_book: gala}")
            mappings += ["  events:", *self._mappings({"FirstName": FORTH}, is_main=False)]
        return _YAML.format(
            accounts="\n".join(accounts),
            mode=self.mode,
            books="\n".join(books),
            mappings="\n".join(mappings),
            links="\n".join(links),
            suppresses=str(self.suppresses).lower(),
            imports=self._imports(),
        )

    def writes(self, side: str) -> frozenset[str]:
        """Fields that may be written on one side."""
        barred = FORTH if side == "salesforce" else BACK
        found = {name for name, direction in self.directions.items() if direction != barred}
        found |= {*NAMES, "Company"} if self.takes_newcomers else set()
        if side == "salesforce":
            return frozenset(found)
        there = {FIELDS.get(name, "COMPANY") for name in found} | ({"FIRSTNAME"} if self.has_events else set())
        return frozenset(there)

    def wins(self, side: str) -> frozenset[str]:
        """Salesforce fields whose edits on this side nothing may ever replace."""
        mine = FORTH if side == "salesforce" else BACK
        return frozenset(
            name
            for name, direction in self.directions.items()
            if direction == mine or (direction == BOTH and self.conflict == side)
        ) - (NAMES if self.takes_newcomers else frozenset())

    def _mappings(self, directions: dict[str, str], *, is_main: bool = True) -> list[str]:
        leads = dict(directions)
        if self.takes_newcomers and is_main:
            leads |= dict.fromkeys(NAMES, BOTH) | {"Company": BOTH}
        rows = []
        for word, mapped in (("contacts", directions), ("leads", leads)):
            rows.append(f"    {word}:" + ("" if mapped else " {}"))
            rows += [f"      {name}: {self._mapping(name, to)}" for name, to in sorted(mapped.items())]
        return rows

    def _mapping(self, name: str, direction: str) -> str:
        rest = f", conflict: {self.conflict}" if direction == BOTH else ""
        rest += f", on_blank: {self.on_blank}" if self.on_blank else ""
        return f"{{data_field: {FIELDS.get(name, 'COMPANY')}, direction: {direction}{rest}}}"

    def _imports(self) -> str:
        return ", ".join(f"{{to: {to}, id: {there}}}" for to, there in self.imports.items() if self._has(to))

    def _has(self, address: str) -> bool:
        return self.has_events or address != "address_book.gala"

    def _filter(self) -> str:
        return ", member_statuses: [Sent]" if self.statuses else ""

    def _new_leads(self) -> str:
        return ", new_leads: {member_status: Sent}" if self.takes_newcomers else ""
