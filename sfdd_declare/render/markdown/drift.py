"""What was changed by hand, as the Markdown of an issue: drift first, then what is merged but not applied."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from sfdd_declare.model.canonical import digest
from sfdd_declare.model.drift import Drift, Ignored, MoreDrift, PeopleDrift, ThingDrift
from sfdd_declare.model.operation import Action
from sfdd_declare.render.drift import UNKNOWN, change_said, group_said, more_said, pending_said, summary_line
from sfdd_declare.render.markdown.budget import COMMENT, Budget, first_that_fits
from sfdd_declare.render.markdown.danger import Kind, loosened_said, warning_block
from sfdd_declare.render.markdown.escape import code, head, prose, row, sentence
from sfdd_declare.render.markdown.place import Place, heading, marker, place_line
from sfdd_declare.render.markdown.section import Cuts, Section, left_out, rendered, shown_rows
from sfdd_declare.render.words import counted, number

_THINGS, _PEOPLE, _PENDING, _IGNORED = "set-up", "people", "what is merged but not applied", "what is ignored"
_DROPS: tuple[tuple[str, int], ...] = (
    (_IGNORED, 0),
    (_PENDING, 50),
    ("warnings", 20),
    (_PENDING, 0),
    (_PEOPLE, 50),
    (_THINGS, 50),
    ("warnings", 0),
    (_PEOPLE, 10),
    (_THINGS, 10),
    (_PEOPLE, 0),
    (_THINGS, 0),
)
_SUMMARY = 900
_NAMED = 10
_NEXT = (
    "What apply puts back: `sfdd plan`. What is to stay: write it into the YAML, or ignore it for a while with "
    "`sfdd drift --ignore FILE`."
)


def drift_markdown(drift: Drift, place: Place, budget: Budget = COMMENT) -> str:
    """The body of an issue. Its counts are never dropped. Raises BugError for a budget below MINIMUM."""
    return first_that_fits(_bodies(drift, place), budget)


def drift_fingerprint(drift: Drift) -> str:
    """Twelve hex digits, the same as long as the same is changed by hand, whoever looks and whenever."""
    things = [thing for thing in drift.things if not thing.ignored]
    groups = [group for group in _groups(drift) if not group.ignored]
    return digest([things, groups])[:12] if things or groups else ""


def _bodies(drift: Drift, place: Place) -> Iterator[str]:
    """The fullest body first."""
    sections = tuple(_sections(drift))
    cuts: dict[str, int] = {}
    yield _body(drift, place, sections, cuts)
    for key, most in _DROPS:
        if any(section.key == key and len(section.rows) > most for section in sections):
            cuts = {**cuts, key: most}
            yield _body(drift, place, sections, cuts)


def _body(drift: Drift, place: Place, sections: tuple[Section, ...], cuts: Cuts) -> str:
    total = sum(len(section.rows) for section in sections)
    shown = sum(len(shown_rows(section, cuts)) for section in sections)
    missing = f"{number(shown)} of {number(total)} rows shown; left out: {left_out(sections, cuts)}."
    is_cut = shown < total
    lines = [marker("drift", place, drift_fingerprint(drift), truncated=is_cut)]
    lines += [f"**Shortened:** {missing} `sfdd drift` shows all of it."] if is_cut else []
    lines += ["", heading("drift", place, drift.header.org_id), "", f"**{prose(summary_line(drift), _SUMMARY)}**", ""]
    where = place_line(replace(place, expires=None, plan_file=""))
    lines += [where, ""] if where else []
    lines += _loosened(drift)
    lines += _unread(drift)
    lines += [line for section in sections for line in rendered(section, cuts)]
    lines += [_NEXT, ""] if drift.counted else []
    lines += [f"<sub>{code(drift.header.tool)}</sub>"]
    return "\n".join(lines) + "\n"


def _loosened(drift: Drift) -> list[str]:
    """First and never cut; beyond so many they are counted."""
    kind = Kind("Limits that this change loosens", tuple((loosened_said(one), 1) for one in drift.loosened))
    return warning_block([kind] if kind.items else [], _NAMED)


def _unread(drift: Drift) -> list[str]:
    if drift.is_complete:
        return []
    names = ", ".join(code(key) for key in drift.unread[:10])
    return ["> [!CAUTION]", f"> Not everybody was read: {counted(len(drift.unread), 'accounts')} ({names}).", ""]


def _sections(drift: Drift) -> Iterator[Section]:
    columns = ("Address", "Changed", "Last changed by")
    things = tuple(_thing(thing) for thing in drift.things if not thing.ignored)
    yield Section(_THINGS, "Set-up changed by hand", things, head(columns), is_open=True)
    people = [_group(group) for group in drift.people if not group.ignored]
    people += [row((code(more.address), prose(more_said(more)), "")) for more in drift.more if not more.ignored]
    yield Section(_PEOPLE, "People changed by hand", tuple(people), head(columns), is_open=True)
    pending = tuple(row((code(str(op.address)), prose(pending_said(op)))) for op in drift.pending)
    yield Section(_PENDING, "Merged but not applied", pending, head(("Address", "What apply does")))
    yield Section(_IGNORED, "Ignored", tuple(_ignored(drift)))
    expired = tuple(f"- {code(line.address)}: was ignored until {line.until}" for line in drift.expired)
    yield Section(_IGNORED, "No longer ignored", expired, is_open=True)
    yield Section("warnings", "Warnings", tuple(f"- {sentence(text)}" for text in drift.warnings), is_open=True)


def _thing(thing: ThingDrift) -> str:
    gone = ["was deleted"] if thing.action is Action.CREATE else []
    carried = [f"{counted(thing.people, 'people')} carry this field"] if thing.people else []
    said = [*gone, *(sentence(change_said(change)) for change in thing.fields), *carried]
    part = f" {code(thing.part)}" if thing.part else ""
    return row((f"{code(thing.address)}{part}", "; ".join(said), _who(thing)))


def _group(group: PeopleDrift) -> str:
    return row((code(group.address), sentence(group_said(group)), _who(group)))


def _who(drifted: ThingDrift | PeopleDrift) -> str:
    if not drifted.by:
        return f"{UNKNOWN}, in {drifted.system}"
    return f"{code(drifted.by)}" + (f" at {code(drifted.at)}" if drifted.at else "")


def _ignored(drift: Drift) -> Iterator[str]:
    for thing in drift.things:
        if thing.ignored:
            yield f"- {code(thing.address)}: {_reason(thing.ignored)}"
    for group in _groups(drift):
        if group.ignored:
            yield f"- {code(group.address)}: {counted(group.people, 'people')}, {_reason(group.ignored)}"


def _groups(drift: Drift) -> tuple[PeopleDrift | MoreDrift, ...]:
    return (*drift.people, *drift.more)


def _reason(line: Ignored) -> str:
    return f"{sentence(line.reason)} until {line.until}"
