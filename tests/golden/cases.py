"""The plans and outcomes whose texts are compared: one function per case, named as its folder."""

from __future__ import annotations

from sfdd_declare.model.errors import Position
from sfdd_declare.model.figures import Figures
from tests.golden.builders import (
    Action,
    Blocked,
    Cause,
    NotApplied,
    PeopleTotals,
    Sort,
    Stage,
    Status,
    Task,
    Usage,
    a_change,
    a_field,
    a_link,
    a_people_operation,
    a_plan,
    a_problem,
    a_result,
    a_sample,
    a_thing,
    an_outcome,
    held,
    people,
)


def empty():
    return a_plan()


def held_only():
    return a_plan(
        people_plan=people(
            held=(
                held(2, "conflicts held", "VAL-9", detail="set conflict: to salesforce or dotdigital to settle them"),
                held(3, "leads pending", "NEW-4"),
                held(81, "blanks kept", "VAL-5", headline=False),
                held(1, "people with a changed email", "ID-4", headline=False, detail="not yet applied"),
            ),
        ),
    )


def first_plan():
    """Nothing exists yet: set-up is created and the people are already shown."""
    return a_plan(
        a_thing("registry.salesforce", Action.CREATE, task=Task.DEPLOY_REGISTRY, note="3 objects, 1 permission set"),
        a_thing(
            "campaign.spring_launch",
            Action.CREATE,
            fields=(
                a_change("Name", None, "Spring launch 2026"),
                a_change("Type", None, "Email"),
                a_change("IsActive", None, True),
                a_change("StartDate", None, "2026-03-01"),
                a_change("Id", None, None, known=False),
            ),
        ),
        a_thing(
            "address_book.newsletter",
            Action.CREATE,
            task=Task.ADDRESS_BOOK,
            fields=(a_change("name", None, "Newsletter"), a_change("visibility", None, "Private")),
        ),
        a_thing(
            "link.spring_launch.newsletter",
            Action.CREATE,
            task=Task.REGISTRY_ROW,
            fields=(
                a_change("Campaign__c", None, "@campaign.spring_launch"),
                a_change("Address_Book__c", None, "@address_book.newsletter"),
            ),
        ),
        a_people_operation(Task.SUPPRESS, people=4, stage=Stage.CONSENT),
        a_people_operation(Task.ADD_MEMBERS, "campaign.spring_launch", people=500, stage=Stage.MEMBERS),
        a_people_operation(Task.IMPORT_OPTED_OUT, people=1),
        a_people_operation(Task.IMPORT_CONTACTS, people=469, counts=(("FIRSTNAME fill", 412),)),
        people_plan=people(
            totals=PeopleTotals(add=412, update=57, suppress=4, members=500, overwrites=3),
            links=(
                a_link(members=500, remove=0, on_book=0, skipped=(("no usable address", 12), ("opted out", 19))),
                a_link("link.webinars.partners", members=40, add=0, update=0, remove=0, on_book=40),
            ),
            fields=(
                a_field(to_dotdigital=412, overwritten=3),
                a_field("Title", "JOB_TITLE", "two_way", to_dotdigital=60, to_salesforce=2),
                a_field("LastName", "LASTNAME", to_dotdigital=0),
                a_field("Company", "COMPANY", to_dotdigital=12, record_type="lead"),
            ),
            samples=(
                a_sample(aspect="list", decision="add", field="", reason="MEM-1"),
                a_sample(),
                a_sample(field="LAST_VISIT", new="2026-02-01", old="2025-02-01", sort=Sort.DATE, decision="overwrite"),
                a_sample("0035g00000BBBBBQA2", "zoë@example.org", field="VIP", new="true", old=None, sort=Sort.FLAG),
            ),
            first_run=("address_book.newsletter", "main contacts"),
        ),
    )


def drift():
    """Somebody changed two things by hand, the configuration one."""
    return a_plan(
        a_thing(
            "field_mapping.main.contacts.Title",
            task=Task.REGISTRY_ROW,
            drift=True,
            drift_by="0055g000004AdminAAA at 2026-03-02T09:58:00Z",
            unchanged=4,
            fields=(a_change("Direction__c", "two_way", "salesforce_to_dotdigital", cause=Cause.DRIFT),),
        ),
        a_thing(
            "campaign.spring_launch",
            drift=True,
            unchanged=1,
            fields=(
                a_change("Status", "Aborted", "In Progress", cause=Cause.BOTH),
                a_change("Description", "my notes", None, cause=Cause.DRIFT),
                a_change("EndDate", None, "2026-06-01"),
            ),
        ),
        a_thing("address_book.newsletter", fields=(a_change("name", "News", "Newsletter"),), unchanged=1),
        people_plan=people(fields=(a_field("Title", "JOB_TITLE", to_dotdigital=0, carriers=8412),)),
    )


def every_action():
    """One operation of each kind, with notes, typed names, a secret and a replacement."""
    return a_plan(
        a_thing(
            "data_field.main.JOB_TITLE",
            Action.REPLACE,
            task=Task.DATA_FIELD,
            fields=(a_change("type", "String", "Numeric", forces=True), a_change("default", "", 0.5)),
            unchanged=1,
            note="412 contacts lose the value they hold.",
            destroys="JOB_TITLE",
        ),
        a_thing(
            "address_book.old_news",
            Action.DELETE,
            task=Task.ADDRESS_BOOK,
            fields=(a_change("name", "Old news", None),),
            note="903 contacts leave the list; the contacts stay.",
            destroys="Old news",
            blocked_by="protect",
        ),
        a_thing("campaign.webinars", Action.FORGET, task=Task.STATE_ONLY),
        a_thing("campaign.autumn", Action.ADOPT, task=Task.STATE_ONLY),
        a_thing("address_book.partners", Action.IMPORT, task=Task.STATE_ONLY, note="Dotdigital list 901"),
        a_thing("address_book.new_name", Action.MOVE, task=Task.STATE_ONLY, note="from address_book.old_name"),
        a_thing("account.main", fields=(a_change("api_token", "abc", "def"), a_change("retries", 3, 5))),
        blocked=(
            Blocked("protect", "address_book.old_news", 903, "0", 903, ("address_book.old_news",)),
            Blocked("replace", "data_field.main.JOB_TITLE", 1, "0", 1, ("data_field.main.JOB_TITLE",)),
        ),
    )


def blocked_removals():
    """A guard blocks removals; other people go on; calls run short."""
    removal = a_people_operation(
        Task.REMOVE_FROM_LIST, "address_book.newsletter", people=312, stage=Stage.REMOVALS, blocked_by="max_removals"
    )
    return a_plan(
        removal,
        a_people_operation(Task.SUPPRESS, people=1, stage=Stage.CONSENT),
        people_plan=people(
            totals=PeopleTotals(remove=312, new_leads=1, conflicts=1, suppress=1),
            links=(a_link(members=591, add=0, update=0, remove=312),),
            held=(held(1, "conflicts held"),),
        ),
        blocked=(Blocked("max_removals", "address_book.newsletter", 312, "10%", 903, (removal.id,)),),
        not_applied=(
            NotApplied(
                "new_leads", "link.spring_launch.newsletter", Position("sfdd.yaml", 41, 5, "    new_leads: true")
            ),
            NotApplied("schedule", "link.webinars.partners"),
        ),
        warnings=("leads.csv holds email addresses: personal data in the repository.",),
        cost=Usage(12, 4000, salesforce_left=14_988, dotdigital_left=1_990, minutes=90),
    )


def hostile():
    """Names and values that try to move the cursor, turn the line round, or speak rich markup."""
    return a_plan(
        a_thing(
            "campaign.x",
            fields=(
                a_change("Name", "[bold red]old[/]", "\x1b[2J\u202egnihsihp\nnew"),
                a_change("Description", 'a "quoted" \\ text', "| `x` <script>alert(1)</script> 😀👩‍👩‍👧 株式会社"),
            ),
            note="[link=http://evil]x[/link]\r\nnext",
            destroys='"; rm -rf /',
        ),
        people_plan=people(
            totals=PeopleTotals(update=1),
            samples=(a_sample("003\u200bX", "\u202ea@example.com", field="[red]F[/]", old="\x07", new="[b]x[/b]"),),
            held=(held(1, "conflicts held", detail="[blink]now[/]\x00"),),
        ),
        warnings=("[bold]w[/bold]\u2028next",),
    )


def many_links():
    """Long names and large numbers."""
    names = [f"link.campaign_with_a_rather_long_name_{i}.address_book_with_a_long_name_{i}" for i in range(3)]
    return a_plan(
        a_people_operation(people=1_234_567),
        people_plan=people(
            totals=PeopleTotals(add=1_200_000, update=34_567),
            links=tuple(
                a_link(name, members=2_000_000, add=400_000, update=11_522, remove=0, on_book=1_234_567)
                for name in names
            ),
            fields=(
                a_field("A_Custom_Field_With_A_Long_Name__c", "A_DATA_FIELD_OF_20CH", to_dotdigital=34_567),
                a_field("Owner.Manager.Another__r.Email", "MANAGER_EMAIL", "dotdigital_to_salesforce", to_salesforce=9),
            ),
        ),
    )


PLANS = (empty, held_only, first_plan, drift, every_action, blocked_removals, hostile, many_links)


def complete():
    plan = first_plan()
    results = [a_result(op, done=op.rows.people if op.rows else 1) for op in plan.operations]
    return an_outcome(plan, results, people=Figures(412, 57, overwrites=3))


def partial():
    plan = first_plan()
    campaign, book, link, contacts = (plan.operations[i] for i in (1, 2, 3, 7))
    return an_outcome(
        plan,
        results=(
            a_result(campaign),
            a_result(
                book,
                Status.FAILED,
                done=0,
                failed=1,
                message="A list of this name exists already.",
                hint="import: [{to: address_book.newsletter, id: 901}]",
            ),
            a_result(link, Status.SKIPPED, done=0, skipped=1, message="address_book.newsletter failed"),
            a_result(contacts, Status.PARTIAL, done=465, failed=4),
        ),
        people=Figures(add=410, update=55),
        problems=(
            *(a_problem(contacts, f"0035g00000A{i}AAAQA2") for i in range(3)),
            a_problem(contacts, code="FIELD_TOO_LONG", message="longer than 1000 characters", field="NOTES"),
        ),
    )


def interrupted():
    plan = first_plan()
    return an_outcome(plan, results=(a_result(plan.operations[1]),), interrupted=2)


def blocked_outcome():
    plan = blocked_removals()
    removal, consent = plan.operations
    return an_outcome(
        plan,
        results=(
            a_result(consent),
            a_result(removal, Status.BLOCKED, done=0, skipped=312, message="blocked by max_removals"),
        ),
    )


def nothing_to_do():
    return an_outcome(empty(), used=Usage(9, 4))


OUTCOMES = (complete, partial, interrupted, blocked_outcome, nothing_to_do)
