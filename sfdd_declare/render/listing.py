"""Short listings: what a valid configuration declares, and what the state holds."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from sfdd_declare.model.declared import Desired
from sfdd_declare.model.state import Resource
from sfdd_declare.model.visible import safe
from sfdd_declare.render.layout import Entry, Tidy, aligned, print_line, print_sections
from sfdd_declare.render.notes import not_applied_section, warnings_section
from sfdd_declare.render.words import counted, listed


def valid_text(desired: Desired, console: Console) -> None:
    """Print that a configuration is valid, what it declares, and what this version leaves out."""
    kinds = (
        (len(desired.campaigns), "campaigns"),
        (len(desired.address_books), "address books"),
        (len(desired.data_fields), "data fields"),
        (len(desired.mappings), "field mappings"),
        (len(desired.links), "links"),
    )
    declared = tuple(counted(count, kind) for count, kind in kinds if count)
    sections = (not_applied_section(desired.not_applied), warnings_section(desired.warnings))
    print_sections(sections, console)
    said = (
        f"The configuration is valid: {listed(declared)}." if declared else "The configuration is valid; it is empty."
    )
    print_line(Text(said, style="bold green"), console)


def resources_text(resources: tuple[Resource, ...], console: Console) -> None:
    """Print the addresses in the state with the ids on both sides, sorted by address."""
    if not resources:
        print_line(Text("The state holds nothing yet."), console)
        return
    entries = [_resource(resource) for resource in sorted(resources, key=lambda r: r.address)]
    console.print(Tidy(aligned(entries, console.width, 0)))


def _resource(resource: Resource) -> Entry:
    ids = (("Salesforce", resource.salesforce_id), ("Dotdigital", resource.dotdigital_id))
    said = ", ".join(f"{system} {safe(id)}" for system, id in ids if id)
    return Entry(Text(), Text(safe(resource.address), style="bold"), Text(said))
