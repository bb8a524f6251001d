"""Sources that belong to a related record: `Account.Name`, `Owner.Email`, `Account.Parent.Name`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sfdd_declare.config.suggest import did_you_mean, quoted
from sfdd_declare.model.declared import Desired
from sfdd_declare.model.errors import ConfigError
from sfdd_declare.model.live import FieldInfo, ObjectInfo
from sfdd_declare.model.mapping import FieldMapping, RecordType

Describes = Mapping[str, ObjectInfo | None]


def related_objects(desired: Desired, describes: Describes) -> tuple[str, ...]:
    """Objects on the way of declared paths that are yet to be described. Ask again with them: paths may be longer."""
    found = (name for mapping in desired.mappings for name in _on_the_way(mapping, describes))
    return tuple(dict.fromkeys(name for name in found if name not in describes))


def at_path(mapping: FieldMapping, describes: Describes) -> tuple[FieldInfo | None, list[ConfigError]]:
    """The field at the end of a path, or what is wrong with it."""
    *relations, name = mapping.salesforce_field.split(".")
    sobject = mapping.record_type.sobject
    for relation in relations:
        described = describes.get(sobject)
        if described is None:
            return None, [_unreadable(mapping, sobject)]
        target = _referred(described, relation)
        if target is None:
            return None, [_no_relation(mapping, described, relation)]
        sobject = target
    described = describes.get(sobject)
    if described is None:
        return None, [_unreadable(mapping, sobject)]
    field = described.fields.get(name)
    if field is not None:
        return field, []
    summary = f"{sobject} shows this user no field {quoted(name)}: it is hidden, or does not exist."
    hint = did_you_mean(name, described.fields, otherwise=f"grant Read on {sobject}.{name} (field-level security)")
    return None, [ConfigError("SFDD-E1303", summary, where=mapping.where, hint=hint)]


def _on_the_way(mapping: FieldMapping, describes: Describes) -> Iterator[str]:
    sobject: str | None = mapping.record_type.sobject
    for relation in mapping.salesforce_field.split(".")[:-1]:
        described = describes.get(sobject) if sobject else None
        sobject = _referred(described, relation) if described is not None else None
        if sobject is not None and mapping.record_type is not RecordType.PERSON_ACCOUNT:
            yield sobject


def _referred(described: ObjectInfo, relation: str) -> str | None:
    """The object behind a relationship; of an owner, who may be a queue as well, the user."""
    fields = described.fields.values()
    found = next((f.reference_to for f in fields if f.relationship_name == relation and f.reference_to), ())
    return "User" if "User" in found else next(iter(found), None)


def _no_relation(mapping: FieldMapping, described: ObjectInfo, relation: str) -> ConfigError:
    known = [field.relationship_name for field in described.fields.values() if field.relationship_name]
    summary = f"{described.name} has no relationship {quoted(relation)} that this user can see."
    hint = did_you_mean(relation, known, otherwise=f"grant Read on the lookup field of {described.name}")
    return ConfigError("SFDD-E1302", summary, where=mapping.where, hint=hint)


def _unreadable(mapping: FieldMapping, sobject: str) -> ConfigError:
    summary = f"The object {quoted(sobject)} cannot be read by this Salesforce user."
    hint = f"grant Read on {sobject} (object permissions)"
    return ConfigError("SFDD-E1301", summary, where=mapping.where, hint=hint)
