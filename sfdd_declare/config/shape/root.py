"""The shape of the whole configuration."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, ConfigDict, Field

from sfdd_declare.config.shape.base import Key, Shape, Text, as_number
from sfdd_declare.config.shape.connect import Dotdigital, Salesforce
from sfdd_declare.config.shape.notify import Receiver
from sfdd_declare.config.shape.rules import Consent, Engine, Guards, Import, Leads, Matching, Moved, Sync
from sfdd_declare.config.shape.things import AddressBook, AnyDataField, Campaign, FieldMappings, Link


class Root(Shape):
    """One `sfdd.yaml`, or all files of a folder together."""

    model_config = ConfigDict(title="sfdd-declare configuration", validate_by_alias=True)

    version: Annotated[Literal[1], BeforeValidator(as_number)] = Field(description="Version of this format.")
    salesforce: Salesforce = Field(default_factory=Salesforce)
    dotdigital: Dotdigital = Field(default_factory=Dotdigital)
    campaigns: dict[Key, Campaign] = Field(default_factory=dict, description="Campaigns by a key of your choice.")
    address_books: dict[Key, AddressBook] = Field(default_factory=dict, description="Lists by a key of your choice.")
    data_fields: dict[Key, dict[str, AnyDataField]] = Field(
        default_factory=dict,
        description="Data fields by account and name; with one account its key may be left out.",
        examples=[{"main": {"JOB_TITLE": {"type": "string"}, "LASTSUBSCRIBED": "existing"}}],
    )
    field_mappings: FieldMappings = Field(default_factory=FieldMappings)
    links: list[Link] = Field(
        default_factory=list,
        description="Which campaign feeds which address book.",
        examples=[[{"campaign": "spring_launch", "address_book": "newsletter"}]],
    )
    consent: Consent = Field(default_factory=Consent, description="Default of every account.")
    leads: Leads = Field(default_factory=Leads)
    matching: Matching = Field(default_factory=Matching)
    sync: Sync = Field(default_factory=Sync)
    guards: Guards = Field(default_factory=Guards)
    engine: Engine = Field(default_factory=Engine)
    notifications: dict[Key, Receiver] = Field(
        default_factory=dict, description="Who is told about scheduled synchronisation, by a key of your choice."
    )
    state: Text | None = Field(
        default=None,
        description=(
            "Where the state lives: a file, a PostgreSQL database or an object of an object store. Absent:"
            " .sfdd/state.db beside this file. The environment variable SFDD_STATE wins over it."
        ),
        examples=[".sfdd/state.db", "postgresql://…", "s3://BUCKET/sfdd/state.db"],
    )
    imports: list[Import] = Field(default_factory=list, alias="import", description="Live things to take over.")
    moved: list[Moved] = Field(default_factory=list, description="Things whose key changed.")
    vars: dict[Key, str | bool | None] = Field(
        default_factory=dict, description="Variables and their defaults, used as `${var:name}`; null must be given."
    )
