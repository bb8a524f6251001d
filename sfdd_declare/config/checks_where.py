"""Live check of conditions: the fields they name are there. Whether the rest makes sense Salesforce says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sfdd_declare.config.suggest import closest, quoted
from sfdd_declare.model import condition
from sfdd_declare.model.declared import Desired, Selection
from sfdd_declare.model.errors import ConfigError
from sfdd_declare.model.live import ObjectInfo


def check(desired: Desired, describes: Mapping[str, ObjectInfo | None]) -> Iterator[ConfigError]:
    """Fields of the record itself; where paths lead is left to Salesforce."""
    for campaign in desired.campaigns:
        for selection in campaign.selections:
            described = describes.get(selection.record_type.sobject)
            if selection.where is not None and described is not None:
                yield from _names(selection, selection.where, described)


def _names(selection: Selection, where: str, described: ObjectInfo) -> Iterator[ConfigError]:
    known = {name.casefold() for name in described.fields}
    for name, at in condition.fields(where):
        if "." in name or name.casefold() in known:
            continue
        similar = closest(name, described.fields)
        grant = f"grant Read on {described.name}.{name} (field-level security)"
        yield ConfigError(
            "SFDD-E1302" if similar else "SFDD-E1303",
            f"`where` names {quoted(name)}, a field that {described.name} does not show to this user.",
            where=selection.position,
            hint=f"did you mean `{similar}`?" if similar else grant,
            detail=condition.pointed(where, at),
        )
