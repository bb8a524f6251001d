"""Who is selected as a member: conditions, ids, addresses and files that can be known to be wrong offline."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sfdd_declare.config import member_files, within
from sfdd_declare.config.checks_base import Context, error
from sfdd_declare.config.interpolate import NOT_SET
from sfdd_declare.config.member_files import PREFIXES, is_address, is_salesforce_id
from sfdd_declare.config.shape.things import Members, Selection
from sfdd_declare.config.suggest import quoted
from sfdd_declare.model import condition
from sfdd_declare.model.errors import ConfigError
from sfdd_declare.model.mapping import RecordType


def check(context: Context) -> Iterator[ConfigError]:
    """The members of every campaign."""
    for key, campaign in context.checked.root.campaigns.items():
        if campaign.members:
            yield from _members(context, ("campaigns", key, "members"), campaign.members)


def _members(context: Context, path: tuple[str, ...], members: Members) -> Iterator[ConfigError]:
    if members.mode == "exact" and not any(getattr(members, kind.section) for kind in RecordType):
        summary = "`mode: exact` without a selection would remove every member."
        yield error("SFDD-E1242", summary, context.places.value(*path, "mode"), hint="contacts: {where: …}")
    for kind in RecordType:
        selection = getattr(members, kind.section)
        if selection is not None:
            yield from _selection(context, (*path, kind.section), kind, selection)


def _selection(
    context: Context, path: tuple[str, ...], kind: RecordType, selection: Selection
) -> Iterator[ConfigError]:
    is_known = selection.where is not None and NOT_SET not in selection.where
    fault = condition.fault(selection.where) if selection.where is not None and is_known else None
    if fault is not None and selection.where is not None:
        summary = f"`where` is not one condition: {fault.what}."
        detail = condition.pointed(selection.where, fault.at)
        hint = '''where: "Country = 'Iceland' AND Title != null"'''
        yield error("SFDD-E2130", summary, context.places.key(*path, "where"), hint=hint, detail=detail)
    for index, id in enumerate(selection.ids or ()):
        if not is_salesforce_id(id, PREFIXES[kind]):
            noun = kind.value.replace("_", " ")
            summary = (
                f"{quoted(id)} is not the id of a {noun}: 15 or 18 characters that begin with {PREFIXES[kind][0]}."
            )
            yield error(
                "SFDD-E1220", summary, context.places.value(*path, "ids", index), hint=f"ids: [{PREFIXES[kind][0]}…]"
            )
    for index, email in enumerate(selection.emails or ()):
        if not is_address(email):
            where = context.places.value(*path, "emails", index)
            yield error("SFDD-E1220", "This is not an email address.", where, hint="emails: [name@example.com]")
    if selection.file is not None:
        yield from _file(context, path, kind, context.folder / selection.file)


def _file(context: Context, path: tuple[str, ...], kind: RecordType, file: Path) -> Iterator[ConfigError]:
    where = context.places.value(*path, "file")
    if not within.is_inside(file, within.folders(context.folder, context.environ)):
        summary = f"The file {quoted(str(file))} is outside the configuration's folder."
        yield error("SFDD-E1117", summary, where, hint=f"export {within.SECRETS_VARIABLE}=…")
        return
    if not file.is_file():
        summary = f"There is no file {quoted(str(file))}."
        yield error("SFDD-E1225", summary, where, hint="file: a path from the folder of the configuration")
        return
    try:
        member_files.read(file, kind)
    except ConfigError as problem:
        yield problem
