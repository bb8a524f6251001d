"""Listings of a valid configuration and of the state."""

from __future__ import annotations

import io

from rich.console import Console

from sfdd_declare.model.declared import (
    Account,
    Consent,
    Desired,
    Lifecycle,
    Link,
    NotApplied,
    Salesforce,
)
from sfdd_declare.model.errors import Position
from sfdd_declare.model.state import Resource
from sfdd_declare.render.listing import resources_text, valid_text


def a_console():
    return Console(file=io.StringIO(), width=80, _environ={})


def desired(**parts):
    account = Account("main", "u", None, "auto", enabled=True, double_opt_in=None, consent=Consent())
    return Desired(
        digest="d",
        salesforce=Salesforce(None, "https://login.salesforce.com", "66.0", None, registry=True),
        accounts=(account,),
        **{
            **dict.fromkeys(("campaigns", "address_books", "data_fields", "mapped", "mappings", "links"), ()),
            **parts,
        },
    )


def test_a_valid_configuration_is_counted():
    console = a_console()
    links = tuple(Link("c", f"b{i}", (), None, None, Lifecycle()) for i in range(2))
    valid_text(desired(links=links), console)
    assert console.file.getvalue() == "The configuration is valid: 2 links.\n"


def test_what_is_not_applied_yet_and_warnings_are_listed_with_positions():
    console = a_console()
    left_out = NotApplied("schedule", "link.c.b", Position("sfdd.yaml", 9, 5))
    valid_text(desired(not_applied=(left_out,), warnings=("addresses in the repository",)), console)
    assert console.file.getvalue() == (
        "Not applied yet by this version\n"
        "  link.c.b  schedule  sfdd.yaml:9:5\n"
        "\n"
        "Warnings\n"
        "  ! addresses in the repository\n"
        "\n"
        "The configuration is valid; it is empty.\n"
    )


def test_resources_are_sorted_and_show_both_ids():
    console = a_console()
    resources = (
        Resource("link.c.b"),
        Resource("campaign.c", salesforce_id="7015g00000AAAAAQA2"),
        Resource("address_book.b", salesforce_id="a015g", dotdigital_id="901"),
    )
    resources_text(resources, console)
    assert console.file.getvalue() == (
        "address_book.b Salesforce a015g, Dotdigital 901\ncampaign.c     Salesforce 7015g00000AAAAAQA2\nlink.c.b\n"
    )


def test_an_empty_state_says_so():
    console = a_console()
    resources_text((), console)
    assert console.file.getvalue() == "The state holds nothing yet.\n"
