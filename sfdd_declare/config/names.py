"""How both vendors compare names: without outer white space and without case. The one place that knows it."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from sfdd_declare.config.checks_base import Context, error
from sfdd_declare.config.positions import Path
from sfdd_declare.config.shape.things import NewLeads
from sfdd_declare.config.suggest import quoted
from sfdd_declare.model.errors import ConfigError, Position
from sfdd_declare.model.mapping import RecordType

_CONTROL = ("Cc", "Cs", "Zl", "Zp")


@dataclass(frozen=True, slots=True)
class _Name:
    text: str
    where: Position
    hint: str  # a key, with `{}` for the name as it should be


def folded(name: str) -> str:
    """Two names with the same one are the same name to the vendors."""
    return name.strip().casefold()


def check(context: Context) -> Iterator[ConfigError]:
    """Names that a vendor would store as another name, and labels of one campaign that it would take for one."""
    for name in (*_of_things(context), *_of_labels(context), *_of_links(context)):
        if any(unicodedata.category(character) in _CONTROL for character in name.text):
            kept = "".join(c if unicodedata.category(c) not in _CONTROL else " " for c in name.text)
            hint = name.hint.format(" ".join(kept.split()))
            yield error("SFDD-E1208", "This name holds a line end or another control character.", name.where, hint=hint)
        elif name.text != name.text.strip():
            summary = "This name begins or ends with white space."
            yield error("SFDD-E1208", summary, name.where, hint=name.hint.format(name.text.strip()))
    yield from _same_labels(context)


def _of_things(context: Context) -> Iterator[_Name]:
    root, places = context.checked.root, context.places
    for section, things in (("campaigns", root.campaigns), ("address_books", root.address_books)):
        for key, thing in things.items():
            for name in ("name", "type", "status"):
                text = getattr(thing, name, None)
                if text is not None:
                    yield _Name(text, places.value(section, key, name), name + ": {}")
            if thing.existing is not None and thing.existing.name is not None:
                where = places.value(section, key, "existing", "name")
                yield _Name(thing.existing.name, where, "existing: {{name: {}}}")


def _of_labels(context: Context) -> Iterator[_Name]:
    for key, campaign in context.checked.root.campaigns.items():
        for label in campaign.member_statuses or {}:
            where = context.places.key("campaigns", key, "member_statuses", label)
            yield _Name(label, where, "member_statuses: {{{}: …}}")
        for kind in RecordType:
            selection = getattr(campaign.members, kind.section, None)
            if selection is not None and selection.status is not None:
                where = context.places.value("campaigns", key, "members", kind.section, "status")
                yield _Name(selection.status, where, "status: {}")


def _of_links(context: Context) -> Iterator[_Name]:
    for position, link in enumerate(context.checked.root.links):
        path: Path = ("links", context.checked.index("links", position))
        for index, label in enumerate(link.member_statuses or ()):
            yield _Name(label, context.places.value(*path, "member_statuses", index), "member_statuses: [{}]")
        if isinstance(link.new_leads, NewLeads) and link.new_leads.member_status is not None:
            where = context.places.value(*path, "new_leads", "member_status")
            yield _Name(link.new_leads.member_status, where, "member_status: {}")


def _same_labels(context: Context) -> Iterator[ConfigError]:
    for key, campaign in context.checked.root.campaigns.items():
        seen: dict[str, Position] = {}
        for label in campaign.member_statuses or {}:
            where = context.places.key("campaigns", key, "member_statuses", label)
            first = seen.setdefault(folded(label), where)
            if first is not where:
                summary = f"{quoted(label)} is declared twice: Salesforce does not tell upper from lower case."
                yield error("SFDD-E1226", summary, where, hint=f"remove `{label}:`", detail=f"first at {first}")
