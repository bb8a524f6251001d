"""Reads Markdown as a host does, and builds plans that hold the same hostile text wherever a text may stand."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace

from hypothesis import strategies as st
from markdown_it import MarkdownIt

from sfdd_declare.model.address import Address, Kind
from sfdd_declare.model.errors import Position
from sfdd_declare.render.markdown import Place
from tests.golden import cases
from tests.golden.builders import HEADER

#: No word of ours: it has a digit inside.
CANARY = "Qz7x"
FIXED = (
    "@team",
    "</details>",
    "-->",
    "<!-- sfdd {} -->",
    '<!-- sfdd {"v":1,"kind":"plan","truncated":false} -->',
    "[x](http://evil.example)",
    "![x](http://evil.example/a.png)",
    "<http://evil.example>",
    "https://evil.example www.evil.example",
    "[x]: http://evil.example",
    "a|b\\|c",
    "`",
    "``` x",
    "`" * 70,
    "a\n\n# b\n> c\r\n- d",
    "\u202egnp\u2066.x\u200f",
    "\x1b[2J\x00",
    "**b** _i_ ~~s~~",
    "<img src=x onerror=alert(1)>",
    "#1 GH-1 a1b2c3d4e5f60718293a4b5c6d7e8f9012345678",
    "\\",
    " ",
    "",
    "$`x`$ :tada: &lt;b&gt;",
)
ANY_TEXT = st.one_of(
    st.sampled_from(FIXED),
    st.text(max_size=120),
    st.lists(st.sampled_from(FIXED), max_size=4).map(" ".join),
    st.text(alphabet="`|\\ <>-@[]()!\n", max_size=60),
)

_OURS = re.compile(
    r"<details(?: open)?><summary><b>[A-Za-z, -]+</b> · (?:first [\d,]+ of )?[\d,]+</summary>|</details>|</?sub>"
    r"|<!-- sfdd \{[^<>-]*\} -->"
)


@dataclass(frozen=True)
class Reading:
    """What a host makes of a body."""

    texts: str  # outside of code
    codes: tuple[str, ...]
    links: tuple[str, ...]
    images: int
    html: tuple[str, ...]

    @property
    def foreign_html(self):
        return [each for each in self.html if not _OURS.fullmatch(each.strip())]


def read(body):
    tokens = list(_flat(MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(body)))
    return Reading(
        texts="\n".join(t.content for t in tokens if t.type in {"text", "text_special", "code_block", "fence"}),
        codes=tuple(t.content for t in tokens if t.type == "code_inline"),
        links=tuple(t.attrs["href"] for t in tokens if t.type == "link_open"),
        images=sum(t.type == "image" for t in tokens),
        html=tuple(t.content for t in tokens if t.type in {"html_block", "html_inline"}),
    )


def _flat(tokens):
    for token in tokens:
        yield token
        yield from _flat(token.children or ())


def marker_of(body):
    found = re.fullmatch(r"<!-- sfdd (.*) -->", body.splitlines()[0])
    return json.loads(found[1])


def is_harmless(body, *, links=()):
    """Nothing in the body came from data but code."""
    seen = read(body)
    assert seen.links == links
    assert seen.images == 0
    assert seen.foreign_html == []
    for sign in (CANARY, "@", "http", "www.", "evil"):
        assert sign not in seen.texts
    return seen


def a_hostile_place(text):
    return Place(*(text for _ in range(8)))


def a_hostile_plan(text, copies=1):
    """A plan of everything, with the text in every place that data may reach."""
    text = CANARY + text
    change = cases.a_change(text, text, text + "2")
    mapping = cases.a_thing(
        "field_mapping.main.contacts.Title",
        task=cases.Task.REGISTRY_ROW,
        fields=(cases.a_change("Direction__c", text, text), cases.a_change("On_Blank__c", text, text)),
    )
    things = [
        cases.a_thing(fields=(change,) * 8, note=text, blocked_by=text, part=text),
        cases.a_thing(action=cases.Action.CREATE, fields=(change,), note=text, task=cases.Task.REGISTRY_ROW),
        cases.a_thing(fields=(change,), drift=True, drift_by=text),
        cases.a_thing(action=cases.Action.DELETE, fields=(change,), destroys=text, note=text),
        cases.a_thing(action=cases.Action.REPLACE, fields=(change,), destroys=text, note=text),
        cases.a_people_operation(cases.Task.REMOVE_FROM_LIST, people=9, note=text, blocked_by=text),
        cases.a_people_operation(cases.Task.SUPPRESS, people=4, note=text),
    ]
    operations = [replace(op, id=text, address=Address(Kind.CAMPAIGN, (text,))) for op in things]
    operations.append(replace(mapping, address=Address(Kind.FIELD_MAPPING, ("main", "contacts", text))))
    verdicts = [cases.Blocked(guard, text, 5, text, 9, (text,), text) for guard in (text, "other_lineage")]
    sample = cases.a_sample(text, field=text, decision=text, reason=text)
    samples = [replace(sample, email=text, old=text, new=text, link=text, aspect=a) for a in ("value", "list", text)]
    people = cases.people(
        totals=cases.PeopleTotals(add=3, update=2, remove=1),
        links=tuple(replace(cases.a_link(), link=text, skipped=((text, 3),)) for _ in range(copies)),
        fields=(cases.a_field(text, text, text, overwritten=2, account=text, is_new=True),) * copies,
        samples=tuple(samples) * copies,
        held=(
            cases.held(2, text, text, detail=text),
            cases.held(2, text, text, detail=text, headline=False),
            cases.held(2, text, "VAL-26", detail=text),
        )
        * copies,
        first_run=(text,),
        since=text,
        last_full=text,
    )
    plan = cases.a_plan(
        *operations * copies,
        people_plan=people,
        blocked=verdicts * copies,
        not_applied=(cases.NotApplied(text, text, Position(text, 1, 1)),) * copies,
        warnings=(text,) * copies,
        cost=cases.Usage(12, 4000, 1, 1, 3.0),
    )
    return replace(plan, header=replace(HEADER, tool=text, org_id=text))


def a_hostile_outcome(text, copies=1):
    """An apply of that plan, with the text in every message, hint and name."""
    plan = a_hostile_plan(text, copies)
    text = CANARY + text
    results = [
        replace(cases.a_result(op, status, done=1, failed=1, skipped=3, message=text, hint=text), left_out=((text, 1),))
        for op in plan.operations
        for status in cases.Status
    ]
    problems = [replace(cases.a_problem(plan.operations[0], text, text, text, text), permanent=True)]
    return cases.an_outcome(plan, results, problems * copies)
