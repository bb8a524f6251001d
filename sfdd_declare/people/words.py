"""The closed sets of the rules: types of their tables, so that another word cannot be written into one."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from sfdd_declare.model.declared import OnDelete, Removals
from sfdd_declare.model.drift import DriftKind
from sfdd_declare.model.mapping import ConflictRule, DataFieldType, Direction, FormKind, OnBlank, RecordType
from sfdd_declare.model.typetable import Misfit


class BookDecision(StrEnum):
    """What becomes of one contact on one address book."""

    ON = "on"
    BYSTANDER = "bystander"
    LEFT = "left"
    OPT_OUT = "optout"
    FORGET = "forget"
    ADD = "add"
    REMOVE = "remove"
    NEWCOMER = "newcomer"  # of whom `newcomers.sql` says more
    UNPROVEN = "unproven"  # came or went in a delta: it takes a full pass
    NOTHING = "nothing"


class Side(StrEnum):
    """Of a mapped field."""

    SALESFORCE = "s"
    DOTDIGITAL = "d"


class Echo(StrEnum):
    """Which side altered what we wrote to it (BASE-5), or that it did so twice in a row."""

    SALESFORCE = "s"
    DOTDIGITAL = "d"
    HELD = "held"


class ValueKind(StrEnum):
    """Whose field a value is: of somebody known, of a contact to be created, of a lead to be created."""

    PAIR = "pair"
    CREATED = "created"
    LEAD = "lead"


class Aspect(StrEnum):
    """What a row of `changes` is about."""

    VALUE = "value"
    MEMBER = "member"
    LIST = "list"
    CONSENT = "consent"
    IDENTITY = "identity"
    PROBLEM = "problem"


TYPES: Mapping[str, type[StrEnum]] = {
    "record_type": RecordType,
    "removals": Removals,
    "on_delete": OnDelete,
    "direction": Direction,
    "conflict_rule": ConflictRule,
    "on_blank": OnBlank,
    "form_kind": FormKind,
    "data_field_type": DataFieldType,
    "misfit": Misfit,
    "book_decision": BookDecision,
    "side": Side,
    "echo": Echo,
    "value_kind": ValueKind,
    "aspect": Aspect,
    "drift_kind": DriftKind,
}
