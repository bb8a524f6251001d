"""Reads the set-up of both systems: describes in one call, campaigns and registry in one, lists and data fields
beside them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from sfdd_declare.app.beside import Beside
from sfdd_declare.app.inputs import Inputs
from sfdd_declare.app.same_world import Past, SameWorld, same_world
from sfdd_declare.config.checks_leads import lead_references
from sfdd_declare.config.checks_live import check
from sfdd_declare.config.paths import related_objects
from sfdd_declare.model import registry
from sfdd_declare.model.declared import Desired, Moved
from sfdd_declare.model.errors import DeclareError
from sfdd_declare.model.live import FirstLook
from sfdd_declare.model.mapping import MappingSet
from sfdd_declare.model.ports import Event, SalesforceSetup, SetupQuestion
from sfdd_declare.plan.world import World, interrupted_addresses, resources_by_address


@dataclass(frozen=True, slots=True)
class SetupRead:
    """The live set-up beside the state, and the mappings as seen live."""

    world: World
    sets: tuple[MappingSet, ...]
    moved: tuple[Moved, ...]
    warnings: tuple[str, ...]
    same: SameWorld
    stopped: tuple[DeclareError, ...] = ()  # where people alone are synchronised: what some links stop at


def read_setup(inputs: Inputs, beside: Beside) -> SetupRead:
    """Raises StateError when they are not those of the state, else ErrorList with everything that they show to be
    wrong in the configuration.
    """
    desired, readers = inputs.desired, inputs.readers
    inputs.watch(Event("read", "set-up"))
    accounts = {key: beside.start(reader.setup.setup) for key, reader in readers.dotdigital.items()}
    look = _look(desired, readers.salesforce.setup)
    salesforce = readers.salesforce.setup.setup(_setup_question(inputs), look)
    dotdigital = {key: future.result() for key, future in accounts.items()}
    resources, moved = resources_by_address(inputs.state.resources(), desired.moved)
    world = World(salesforce, dotdigital, resources, interrupted_addresses(inputs.state.unfinished()))
    past = Past(inputs.state.header(), inputs.state.marks(), inputs.state.knows)
    same = same_world(desired, inputs.options, past, world)
    checked = check(desired, salesforce, dotdigital, resources, spares=inputs.options.only_data)
    return SetupRead(world, checked.sets, moved, (*same.warnings, *checked.warnings), same, checked.stopped)


def _look(desired: Desired, salesforce: SalesforceSetup) -> FirstLook:
    """The objects of people and set-up in one call; where mapped paths lead, a call for each step."""
    look = salesforce.first_look(_object_names(desired), registry=desired.salesforce.registry)
    found = dict(look.describes)
    while wanted := related_objects(desired, found):
        found |= salesforce.describes(wanted)
    return replace(look, describes=found)


def _object_names(desired: Desired) -> tuple[str, ...]:
    types = tuple(dict.fromkeys(record_type.sobject for _, record_type in desired.mapped))
    names = ("Campaign", "CampaignMember", "Contact", "Lead", *types)
    rows = registry.OBJECTS if desired.salesforce.registry else ()
    return tuple(dict.fromkeys((*names, *rows)))


def _setup_question(inputs: Inputs) -> SetupQuestion:
    desired = inputs.desired
    known = tuple(r.salesforce_id for r in inputs.state.resources() if r.address.startswith("campaign."))
    existing = tuple(c.existing for c in desired.campaigns if c.existing is not None)
    imported = tuple(block.id for block in desired.imports if str(block.to).startswith("campaign."))
    names = (*(c.name for c in desired.campaigns), *(e.name for e in existing))
    fields = (name for c in desired.campaigns for name, _ in c.fields if name != "Name")
    return SetupQuestion(
        campaign_ids=tuple(dict.fromkeys((*filter(None, known), *(e.id for e in existing if e.id), *imported))),
        campaign_names=tuple(dict.fromkeys(name for name in names if name)),
        campaign_fields=tuple(dict.fromkeys(fields)),
        registry=desired.salesforce.registry,
        lineage=inputs.state.header().lineage,
        references=lead_references(desired),
    )
