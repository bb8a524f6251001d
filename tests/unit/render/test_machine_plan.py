"""A plan and an apply as documents: complete, valid, the same each time, and nobody in clear."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest

from sfdd_declare.model.declared import Limit
from sfdd_declare.model.errors import BugError
from sfdd_declare.model.operation import Action
from sfdd_declare.model.plan import CallBudget, PeopleTotals
from sfdd_declare.model.privacy import DOTS
from sfdd_declare.model.state import Resource
from sfdd_declare.render.machine.apply import apply_document
from sfdd_declare.render.machine.document import to_json
from sfdd_declare.render.machine.plan import plan_document
from sfdd_declare.render.text import summary_line
from tests.golden import cases
from tests.golden.builders import Task, a_change, a_people_operation, a_plan, a_sample, a_thing, people

SCHEMAS = Path(__file__).parents[3] / "schemas"
#: Names by which values of a plan travel that only a writer, or nobody, may have.
FOR_WRITERS = {"payload", "after", "sets", "prior_id", "applied", "needs", "precondition", "digest", "watermarks"}
CANARY = "zq-canary"


def written(document):
    """A document as a program reads it, once it fits the schema of its kind."""
    text = to_json(document)
    assert text.endswith("}\n")
    assert not text.endswith("\n\n")
    found = json.loads(text)
    schema = json.loads((SCHEMAS / f"{found['kind']}.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator(schema).validate(found)
    return found


def the_operation(plan):
    (operation,) = written(plan_document(plan))["operations"]
    return operation


def names_in(value):
    if isinstance(value, dict):
        for name, part in value.items():
            yield name
            yield from names_in(part)
    elif isinstance(value, list):
        for part in value:
            yield from names_in(part)


@pytest.mark.parametrize("make", cases.PLANS, ids=lambda make: make.__name__)
def test_every_plan_fits_the_schema_and_gives_the_same_text_each_time(make):
    found = written(plan_document(make()))
    assert (found["kind"], found["format_version"]) == ("plan", "1.0")
    assert to_json(plan_document(make())) == to_json(plan_document(make()))


@pytest.mark.parametrize("make", cases.OUTCOMES, ids=lambda make: make.__name__)
def test_every_outcome_fits_the_schema_and_holds_its_plan(make):
    found = written(apply_document(make()))
    assert found["kind"] == "apply"
    assert found["plan"] == written(plan_document(make().plan))


@pytest.mark.parametrize("make", cases.PLANS, ids=lambda make: make.__name__)
def test_nothing_that_only_a_writer_needs_is_named(make):
    found = written(plan_document(make()))
    assert found.pop("header")["config_digest"] == "c" * 64
    assert FOR_WRITERS & set(names_in(found)) == set()


def test_what_only_a_writer_needs_is_not_there():
    secret = (("key", CANARY),)
    operation = a_thing(payload=secret, applied=secret, prior_id=CANARY, precondition=CANARY, fields=(a_change(),))
    plan = a_plan(operation)
    after = replace(plan.after, resources=(Resource(CANARY),), marks=(("mark", CANARY),), ids=(("@a.b", CANARY),))
    assert CANARY not in to_json(plan_document(replace(plan, after=after)))


def test_a_plan_without_changes_says_so_and_is_not_applyable():
    found = written(plan_document(cases.empty()))
    assert (found["applyable"], found["operations"], found["blocked"]) == (False, [], [])
    assert set(found["summary"]["things"].values()) == set(found["summary"]["people"].values()) == {0}
    assert found["complete"] is True


def test_the_header_names_where_the_plan_belongs():
    header = written(plan_document(cases.empty()))["header"]
    assert header == {
        "tool": "sfdd 0.1.0",
        "created": "2026-03-02T10:12:00+00:00",
        "config_digest": "c" * 64,
        "org_id": "00D5g0000012345EAA",
        "accounts": {"main": "4711"},
        "lineage": "a1b2c3",
        "serial": 7,
    }


@pytest.mark.parametrize("make", cases.PLANS, ids=lambda make: make.__name__)
def test_the_summary_has_the_numbers_of_the_summary_line(make):
    plan = make()
    things = written(plan_document(plan))["summary"]["things"]
    if not plan.is_empty:
        line = summary_line(plan).replace(", blocked by protect", "")
        assert f"{things['add']} to add, {things['change']} to change, {things['destroy']} to destroy" in line


def test_people_totals_come_from_the_plan():
    totals = PeopleTotals(412, 57, 9, 3, 2, 4, 1, 500, 6, 41)
    people_summary = written(plan_document(a_plan(people_plan=people(totals=totals))))["summary"]["people"]
    assert list(people_summary.values()) == [412, 57, 9, 3, 2, 4, 1, 500, 6, 41]
    assert list(people_summary) == [
        *("add", "update", "remove", "new_leads", "conflicts", "suppress", "opt_out", "members", "adopt", "overwrites")
    ]


def test_a_replacement_adds_and_destroys():
    things = written(plan_document(cases.every_action()))["summary"]["things"]
    assert things == {"add": 1, "change": 1, "destroy": 2, "imported": 1, "adopt": 1, "move": 1, "forget": 1}


def test_the_token_and_the_most_it_lets_through_are_those_of_the_plan():
    plan = replace(cases.first_plan(), tolerance=Limit(count=100))
    found = written(plan_document(plan))
    assert found["token"] == plan.token
    assert (found["lets_through"]["add"], found["lets_through"]["overwrites"]) == (512, 3)


def test_a_plan_of_which_all_is_held_back_is_not_applyable():
    removal = a_people_operation(Task.REMOVE_FROM_LIST, id="gone", blocked_by="max_removals")
    after = a_thing("address_book.newsletter", Action.DELETE, needs=("gone",))
    found = written(plan_document(a_plan(removal, after)))
    assert found["applyable"] is False
    assert [operation["blocked_by"] for operation in found["operations"]] == ["max_removals", "max_removals"]
    assert written(plan_document(cases.blocked_removals()))["applyable"] is True


def test_a_plan_of_people_who_changed_is_not_complete():
    found = written(plan_document(a_plan(people_plan=people(since="2026-03-01T00:00:00Z"))))
    assert (found["complete"], found["people"]["since"]) == (False, "2026-03-01T00:00:00Z")


def test_a_change_has_both_values_and_its_cause():
    drifted = written(plan_document(cases.drift()))["operations"][1]
    assert drifted["drift"] is True
    assert drifted["fields"][0] == {
        "name": "Status",
        "old": "Aborted",
        "new": "In Progress",
        "cause": "both",
        "known": True,
        "id_of": None,
        "sensitive": False,
        "forces_replacement": False,
    }


def test_a_value_known_after_apply_is_no_value_but_says_whose_id_it_is():
    change = a_change("Campaign__c", None, "@campaign.spring", known=False)
    (found,) = the_operation(a_plan(a_thing(fields=(change,))))["fields"]
    assert (found["new"], found["known"], found["id_of"]) == (None, False, "campaign.spring")
    (plain,) = the_operation(a_plan(a_thing(fields=(a_change("Name", None, "@acme.spring"),))))["fields"]
    assert (plain["new"], plain["id_of"]) == ("@acme.spring", None)


@pytest.mark.parametrize("known", [True, False])
def test_values_of_credentials_are_left_out(known):
    change = a_change("api_token", CANARY, f"@{CANARY}.x", known=known)
    (found,) = the_operation(a_plan(a_thing(fields=(change,))))["fields"]
    assert CANARY not in json.dumps(found)
    assert (found["old"], found["new"], found["sensitive"]) == (None, None, True)


def test_an_operation_on_people_tells_its_rows():
    operation = a_people_operation(people=412, rows=900, counts=(("list:add", 412), ("FIRSTNAME:fill", 488)))
    found = the_operation(a_plan(operation))
    assert found["rows"] == {"people": 412, "rows": 900, "counts": {"list:add": 412, "FIRSTNAME:fill": 488}}
    assert (found["action"], found["task"]) == ("people", "import_contacts")


def test_pairs_are_objects_and_samples_are_masked():
    found = written(plan_document(cases.first_plan()))["people"]
    assert found["links"][0]["skipped"] == {"no usable address": 12, "opted out": 19}
    assert found["samples"][1]["email"] == f"a{DOTS}@example.com"
    assert found["samples"][1]["new"] == f"A{DOTS}"
    assert found["fields"][1]["address"] == "field_mapping.main.contacts.Title"


def test_people_in_clear_are_never_written():
    clear = a_plan(people_plan=people(samples=(a_sample(),), revealed=True))
    for document in (lambda: plan_document(clear), lambda: apply_document(cases.an_outcome(clear))):
        with pytest.raises(BugError) as caught:
            document()
        assert caught.value.id == "SFDD-E9907"


def test_a_budget_is_there_where_one_is_declared():
    assert written(plan_document(cases.empty()))["budget"] is None
    found = written(plan_document(replace(cases.empty(), budget=CallBudget(100, 40))))
    assert found["budget"] == {"ceiling": 100, "used": 40, "left": 60}


def test_hostile_text_comes_back_unchanged_and_moves_no_cursor():
    text = to_json(plan_document(cases.hostile()))
    plan = cases.hostile()
    assert [char for char in text if char != "\n" and not char.isprintable()] == []
    found = json.loads(text)
    change = found["operations"][0]["fields"][0]
    assert (change["old"], change["new"]) == (plan.operations[0].fields[0].old, plan.operations[0].fields[0].new)
    assert found["warnings"] == list(plan.warnings)


def test_text_that_is_no_unicode_is_written_all_the_same():
    text = to_json(plan_document(a_plan(warnings=("\ud800",))))
    assert json.loads(text.encode("utf-8"))["warnings"] == ["\ud800"]


def test_an_outcome_tells_results_people_and_its_exit_code():
    found = written(apply_document(cases.partial()))["outcome"]
    assert (found["exit_code"], found["interrupted"]) == (6, 0)
    assert [result["status"] for result in found["results"]] == ["done", "failed", "skipped", "partial"]
    assert found["people"] == {"add": 410, "update": 55, "remove": 0, "leads": 0, "overwrites": 0}
    assert found["things"]["add"] == 1
    assert found["problems"][3]["code"] == "FIELD_TOO_LONG"
    assert "refused" not in found["problems"][0]
    assert written(apply_document(cases.interrupted()))["outcome"]["exit_code"] == 130
