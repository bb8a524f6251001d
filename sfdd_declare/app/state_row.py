"""The org's row of a state (RUN-8): by it an old copy, a fork and a lost state are noticed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from sfdd_declare.app.home import configuration_name
from sfdd_declare.app.options import Options
from sfdd_declare.model import registry as rows
from sfdd_declare.model.address import REGISTRY, address_book, field_mapping, link
from sfdd_declare.model.declared import Desired
from sfdd_declare.model.errors import RemoteError, StateError, UsageError
from sfdd_declare.model.ids import OperationId
from sfdd_declare.model.live import SalesforceLive, StateRow
from sfdd_declare.model.outcome import OperationResult, Outcome, Status
from sfdd_declare.model.state import StateHeader
from sfdd_declare.plan.world import World

_ORG_ID = 15  # characters; the other three of the long form only repeat which of them are capitals


def is_same_org(one: str, other: str) -> bool:
    """Whether two ids, in the long or the short form, are of one org."""
    return one[:_ORG_ID] == other[:_ORG_ID]


@dataclass(frozen=True, slots=True)
class Row:
    """What the org says of this state. `copied`: lineages of another org, whose rows came along with a copy of it."""

    is_missing: bool = False
    is_adopted: bool = False
    copied: tuple[str, ...] = ()


def look(
    desired: Desired, options: Options, header: StateHeader, knows: Callable[[str], bool], world: World, *, takes: bool
) -> Row:
    """Raises StateError for a state that the org knows more of than it does itself, unless it `takes` the row over."""
    asked, salesforce = options.adopt_lineage, world.salesforce
    if asked and asked != header.lineage:
        raise UsageError(
            "SFDD-E9034",
            f"This state has the lineage {header.lineage}; only a new one can go on under {asked}.",
            hint=f"--adopt-lineage {header.lineage}",
        )
    if not desired.salesforce.registry or salesforce.states is None:
        return Row(is_missing=desired.salesforce.registry)
    ours = tuple(row for row in salesforce.states if is_same_org(row.org_id, salesforce.org_id))
    copied = tuple(sorted({row.lineage for row in salesforce.states} - {row.lineage for row in ours}))
    own = next((row for row in ours if row.lineage == header.lineage), None)
    if own is None and header.lineage in copied and not header.fresh and not header.bound.org_id:
        raise _copy_of(next(row for row in salesforce.states if row.lineage == header.lineage), salesforce)
    if own is None and asked and header.fresh and not salesforce.registry:
        raise UsageError("SFDD-E9035", f"The org holds nothing of the lineage {asked}.", hint="sfdd plan")
    if own is not None and not knows(own.last_apply) and not (asked or takes):
        raise _behind(own)
    if header.fresh and not asked and not header.begun_anew:
        _refuse_to_begin_beside(tuple(_of_this_configuration(desired, options, ours, salesforce)))
    return Row(own is None, bool(asked) or takes, tuple(name for name in copied if name != header.lineage))


def is_to_be_named(outcome: Outcome) -> bool:
    """Whether the org is to be told of an apply: one that wrote something, unless the row's object is not there."""
    states = {result.operation: result.status for result in outcome.results}
    deploys = states.get(OperationId(str(REGISTRY)))
    deployed = outcome.plan.after.has_state_object if deploys is None else deploys is Status.DONE
    wrote = any(status in (Status.DONE, Status.PARTIAL) for status in states.values())
    return deployed and (wrote or outcome.plan.after.names_state)


def named(outcome: Outcome, name: Callable[[], None]) -> Outcome:
    """Tell the org. All else has been done by then, so what goes wrong is one more result."""
    try:
        name()
    except RemoteError as error:
        result = OperationResult(
            OperationId(rows.STATE),
            rows.STATE,
            Status.FAILED,
            failed=1,
            message=f"the org was not told of this apply: {error.summary}",
            hint=error.hint,
        )
        return replace(outcome, results=(*outcome.results, result))
    return outcome


def _behind(row: StateRow) -> StateError:
    return StateError(
        "SFDD-E3016",
        f"The org names {row.last_apply}{_by(row)} as the last apply with this state, which does not know it: "
        "it is an old copy, or a fork. Nobody's record was read.",
        where=f"lineage {row.lineage}",
        hint=f"find the state of that apply; or `sfdd state restore`; or go on with this one: "
        f"`sfdd apply --adopt-lineage {row.lineage}`",
    )


def _copy_of(row: StateRow, salesforce: SalesforceLive) -> StateError:
    return StateError(
        "SFDD-E3013",
        f"This state belongs to the Salesforce org {row.org_id}, of which this one ({salesforce.org_id}) is a copy. "
        "Nobody's record was read.",
        where="salesforce",
        hint="the --env of that org; or `sfdd state rebind`, which forgets everybody and begins with this org",
    )


def _refuse_to_begin_beside(found: tuple[StateRow, ...]) -> None:
    if not found:
        return
    named = "; ".join(f"lineage {row.lineage}, last apply {row.last_apply}{_by(row)}" for row in found)
    raise StateError(
        "SFDD-E3017",
        f"This state is new, but the org holds rows of `{found[0].name}` that were written with another: {named}. "
        "Nobody's record was read.",
        where="salesforce.registry",
        hint=f"`sfdd state restore BACKUP`; or go on from what the org holds: `sfdd apply --adopt-lineage "
        f"{found[0].lineage}`; or, if that is another repository: `sfdd state init --forget`",
    )


def _of_this_configuration(
    desired: Desired, options: Options, named_here: Iterable[StateRow], salesforce: SalesforceLive
) -> Iterable[StateRow]:
    """Of the same name, and about something that is declared here: two repositories may well be named alike."""
    declared = {str(address_book(book.key)) for book in desired.address_books}
    declared |= {str(link(one.campaign, one.address_book)) for one in desired.links}
    declared |= {str(field_mapping(m.account, m.record_type.section, m.salesforce_field)) for m in desired.mappings}
    alike = {row.lineage for row in salesforce.other_lineages if row.key in declared}
    name = configuration_name(desired, options)
    return (row for row in named_here if row.name == name and row.lineage in alike)


def _by(row: StateRow) -> str:
    parts = (("by", row.modified_by), ("at", row.modified_at))
    return "".join(f" {word} {value}" for word, value in parts if value)
