"""What a plan rests on, and its set-up half."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sfdd_declare.model.declared import Desired
from sfdd_declare.model.errors import DeclareError
from sfdd_declare.model.mapping import MappingSet
from sfdd_declare.model.operation import Operation
from sfdd_declare.model.state import BookState, Resource, StateHeader
from sfdd_declare.plan.identify import Identities
from sfdd_declare.plan.world import World


@dataclass(frozen=True, slots=True)
class Past:
    """What the state says, as far as a plan needs it, and the vendors' clocks of this run's reads."""

    header: StateHeader
    books: Mapping[str, BookState]
    marks: Mapping[str, str]
    stamps: Mapping[str, str]  # new watermarks by name
    book_stamps: Mapping[str, str]  # address-book key -> stamp of its `unsubscribed-since` read
    relisted: frozenset[str] = frozenset()  # books whose list is another one than the state remembers


@dataclass(frozen=True, slots=True)
class Basis:
    """Everything a plan rests on: declared, live, which is which, the past, and the mappings as seen live."""

    desired: Desired
    world: World
    found: Identities
    past: Past
    sets: tuple[MappingSet, ...]


@dataclass(frozen=True, slots=True)
class SetupPlan:
    """The set-up half: operations and bases that only need refreshing."""

    operations: tuple[Operation, ...]
    refreshed: tuple[Resource, ...]
    warnings: tuple[str, ...] = ()
    stopped: tuple[DeclareError, ...] = ()  # each about one campaign or address book
