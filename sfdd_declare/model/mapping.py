"""Field mappings: directions, comparison forms and the mapping set of one account and record type."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from sfdd_declare.model.errors import Position


class RecordType(StrEnum):
    """Salesforce objects that are people."""

    CONTACT = "contact"
    PERSON_ACCOUNT = "person_account"
    LEAD = "lead"

    @property
    def section(self) -> str:
        """The YAML key under `field_mappings.<account>`."""
        return self.value + "s"

    @property
    def sobject(self) -> str:
        """The API name of the object that carries the fields."""
        return {"contact": "Contact", "person_account": "Account", "lead": "Lead"}[self.value]

    @property
    def opt_out_field(self) -> str:
        """The API name of Email Opt Out."""
        return "PersonHasOptedOutOfEmail" if self is RecordType.PERSON_ACCOUNT else "HasOptedOutOfEmail"


class Direction(StrEnum):
    """Where a field's value flows."""

    SALESFORCE_TO_DOTDIGITAL = "salesforce_to_dotdigital"
    DOTDIGITAL_TO_SALESFORCE = "dotdigital_to_salesforce"
    TWO_WAY = "two_way"

    @property
    def writes_dotdigital(self) -> bool:
        return self is not Direction.DOTDIGITAL_TO_SALESFORCE

    @property
    def writes_salesforce(self) -> bool:
        return self is not Direction.SALESFORCE_TO_DOTDIGITAL


class ConflictRule(StrEnum):
    """Who wins when both sides of a two-way field moved (VAL-9)."""

    SALESFORCE = "salesforce"
    DOTDIGITAL = "dotdigital"
    SKIP = "skip"


class OnBlank(StrEnum):
    """What a value that became blank does to the other side (VAL-4, VAL-5, VAL-7)."""

    PROPAGATE = "propagate"
    KEEP = "keep"


class DataFieldType(StrEnum):
    """Dotdigital's four contact data field types."""

    STRING = "String"
    NUMERIC = "Numeric"
    DATE = "Date"
    BOOLEAN = "Boolean"


class FormKind(StrEnum):
    """Comparison forms (BASE-3)."""

    TEXT = "text"
    DECIMAL = "decimal"
    DATE = "date"
    DATETIME = "datetime"
    SET = "set"
    BOOL = "bool"


@dataclass(frozen=True, slots=True)
class Form:
    """The coarser of the two types of a mapping, chosen once; `size` is a length for text, a scale for decimal."""

    kind: FormKind
    size: int = 0


@dataclass(frozen=True, slots=True)
class Flow:
    """By which rule a field's values flow."""

    direction: Direction
    conflict: ConflictRule
    on_blank: OnBlank


@dataclass(frozen=True, slots=True)
class FieldMapping:
    """One declared row: a Salesforce field, a data field, and the direction between them."""

    account: str
    record_type: RecordType
    salesforce_field: str
    data_field: str
    direction: Direction = Direction.SALESFORCE_TO_DOTDIGITAL
    conflict: ConflictRule = ConflictRule.SALESFORCE
    on_blank: OnBlank = OnBlank.PROPAGATE
    lossy: bool = False  # `lossy: salesforce_only`
    where: Position | None = None

    @property
    def key(self) -> str:
        """The name under which the state keeps hashes of this field; a re-pointed mapping is another key (BASE-7)."""
        return f"{self.salesforce_field}>{self.data_field.upper()}"

    @property
    def flow(self) -> Flow:
        return Flow(self.direction, self.conflict, self.on_blank)


@dataclass(frozen=True, slots=True)
class MappedField:
    """A mapping whose two ends were seen live: types known, comparison form chosen.

    `index` numbers the fields of one (account, record type) in declared order; columns of the people tables are
    named by it.
    """

    index: int
    mapping: FieldMapping
    form: Form
    salesforce_type: str  # describe `type`
    salesforce_length: int
    salesforce_scale: int
    nillable: bool
    choices: tuple[str, ...]  # active picklist values, empty when the field is not a picklist
    data_field_type: DataFieldType
    data_field_name: str  # as Dotdigital spells it (case can differ from the declaration)
    renewed: bool = False  # the plan makes or replaces the data field: nothing it holds now will be there
    salesforce_digits: int = 0  # a number's digits before the point, 0 = not limited
    restricted: bool = False  # a picklist that takes nothing but `choices`
    before: Flow | None = None  # the rule of the last apply, where the direction was another one (BASE-7)
    is_new: bool = False  # mapped since the last apply (RUN-5)
    retyped: str = ""  # sides (`s`, `d`) whose type is another one than at the last apply: no base compares (VAL-26)
    data_field_default: str | None = None  # in comparison form
    zone: str = "UTC"  # the account's time zone, of which its dates are days (VAL-25)

    @property
    def key(self) -> str:
        """The mapping's own key."""
        return self.mapping.key

    @property
    def writes_dotdigital(self) -> bool:
        """Whether values of this mapping may be written to its data field in this run."""
        flows = [self.mapping.flow] if self.before is None else [self.mapping.flow, self.before]
        return any(flow.direction.writes_dotdigital for flow in flows)


@dataclass(frozen=True, slots=True)
class MappingSet:
    """All fields of one (account, record type), in declared order. Empty means: members are added by email only
    (MEM-14).
    """

    account: str
    record_type: RecordType
    fields: tuple[MappedField, ...]
