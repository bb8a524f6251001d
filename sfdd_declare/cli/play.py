"""`sfdd demo` and `sfdd sandbox`: both systems on this machine, to try things out and to test configurations."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from sfdd_declare.cli.consoles import say
from sfdd_declare.cli.flags import pair
from sfdd_declare.cli.session import session_of
from sfdd_declare.cli.use_cases import ClockChange

_WORLD = ".sfdd/sandbox.db"

WorldFile = Annotated[
    Path, typer.Option("--world", metavar="FILE", help="The file that holds both sandbox systems.", show_default=True)
]
World = Annotated[
    str,
    typer.Option(
        "--world", metavar="FILE|URL", help="The sandbox's file, or the URL of a running one.", show_default=True
    ),
]
Port = Annotated[int, typer.Option(metavar="PORT", min=0, max=65535, help="0 takes a free port.", show_default=True)]
People = Annotated[
    int, typer.Option("--people", metavar="N", min=0, help="How many people to make.", show_default=True)
]
Seed = Annotated[
    int, typer.Option("--seed", metavar="N", help="The same number makes the same people.", show_default=True)
]
Keep = Annotated[bool, typer.Option("--keep", help="Leave the servers and files for playing; Ctrl-C ends them.")]
Values = Annotated[list[str], typer.Argument(metavar="FIELD=VALUE...", help="Fields to set; an empty value clears.")]
Filled = Annotated[
    list[str] | None, typer.Argument(metavar="[FIELD=VALUE...]", help="Data fields the contact comes with.")
]
Address = Annotated[str, typer.Argument(metavar="EMAIL", help="The contact's address.")]
Switches = Annotated[
    list[str] | None, typer.Argument(metavar="[NAME=VALUE...]", help="Switches to set; without any, all are listed.")
]


class System(StrEnum):
    """The two systems."""

    SALESFORCE = "salesforce"
    DOTDIGITAL = "dotdigital"


class Mode(StrEnum):
    """All switches at once."""

    CAUTIOUS = "cautious"
    LUCKY = "lucky"


OnlySystem = Annotated[
    System | None, typer.Option("--system", metavar="salesforce|dotdigital", help="Of one system only.")
]
Last = Annotated[int, typer.Option("--last", metavar="N", min=1, help="How many lines.", show_default=True)]
About = Annotated[str | None, typer.Argument(metavar="[RECORD]", help="A record's id, or an email address.")]


def demo(context: typer.Context, *, keep: Keep = False) -> int:
    """See it work, on a sandbox.

    Walks through the whole story in less than a minute: validate, plan, apply, drift, apply.

    \b
    Examples:
      sfdd demo
      sfdd demo --keep
    """
    return session_of(context).cases.demo(keep, say)


def serve(
    context: typer.Context,
    *,
    world: WorldFile = Path(_WORLD),
    salesforce_port: Port = 0,
    dotdigital_port: Port = 0,
) -> int:
    """Serve both systems over HTTP.

    Until Ctrl-C; without ports, free ones are taken and printed.

    \b
    Example:
      sfdd sandbox serve --salesforce-port 8001 --dotdigital-port 8002
    """
    session_of(context).cases.sandbox_serve(world, salesforce_port, dotdigital_port, say)
    return 0


def seed(context: typer.Context, *, world: WorldFile = Path(_WORLD), people: People = 10_000, number: Seed = 1) -> int:
    """Fill the sandbox with invented people.

    \b
    Example:
      sfdd sandbox seed --people 500
    """
    session_of(context).cases.sandbox_seed(world, people, number)
    say(f"Made {people:,} people in {world}.")
    return 0


def reset(context: typer.Context, *, world: WorldFile = Path(_WORLD)) -> int:
    """Empty the sandbox.

    \b
    Example:
      sfdd sandbox reset
    """
    session_of(context).cases.sandbox_reset(world)
    say(f"{world} is empty now.")
    return 0


def edit(
    context: typer.Context,
    *,
    system: Annotated[System, typer.Argument(help="Which system to edit in.", metavar="SYSTEM")],
    kind: Annotated[str, typer.Argument(help="Object of Salesforce, or contact, list, data_field.", metavar="KIND")],
    record: Annotated[str, typer.Argument(help="Id, email address or name of the record.", metavar="RECORD")],
    values: Values,
    world: World = _WORLD,
) -> int:
    """Edit a record by hand, as an admin does.

    \b
    Examples:
      sfdd sandbox edit salesforce Contact ada@example.com Title="Head of Sales"
      sfdd sandbox edit dotdigital contact ada@example.com FIRSTNAME=Ada
    """
    given = dict(pair(text, "sfdd sandbox edit … RECORD") for text in values)
    say(session_of(context).cases.sandbox_edit(world, system.value, kind, record, given))
    return 0


def sign_up(
    context: typer.Context,
    *,
    email: Address,
    book: Annotated[str, typer.Argument(help="Name of the address book.", metavar="BOOK")],
    values: Filled = None,
    world: World = _WORLD,
) -> int:
    """Sign somebody new up to an address book of Dotdigital.

    \b
    Example:
      sfdd sandbox sign-up ada@example.com "Spring launch" FIRSTNAME=Ada
    """
    given = dict(pair(text, "sfdd sandbox sign-up … BOOK") for text in values or ())
    say(session_of(context).cases.sandbox_sign_up(world, email, book, given))
    return 0


def unsubscribe(context: typer.Context, *, email: Address, world: World = _WORLD) -> int:
    """Unsubscribe a contact of Dotdigital.

    As a click on the link in a mail does.

    \b
    Example:
      sfdd sandbox unsubscribe ada@example.com
    """
    say(session_of(context).cases.sandbox_unsubscribe(world, email))
    return 0


def switch(
    context: typer.Context,
    *,
    values: Switches = None,
    mode: Annotated[
        Mode | None, typer.Option("--mode", metavar="cautious|lucky", help="Set all switches at once, first.")
    ] = None,
    world: World = _WORLD,
) -> int:
    """Show or set how the sandbox behaves.

    Each switch stands for something that the vendors' documentation leaves open.

    \b
    Examples:
      sfdd sandbox switch
      sfdd sandbox switch --mode lucky overlong=cut
    """
    given = dict(pair(text, "sfdd sandbox switch") for text in values or ())
    now = session_of(context).cases.sandbox_switch(world, mode.value if mode else None, given)
    for name, value in now.items():
        say(f"{name}={value}")
    return 0


def clock(
    context: typer.Context,
    *,
    advance: Annotated[
        float | None, typer.Option("--advance", metavar="SECONDS", help="Move the clock; negative is back.")
    ] = None,
    at: Annotated[str | None, typer.Option("--at", metavar="ISO", help="Set the clock to this moment, UTC.")] = None,
    frozen: Annotated[bool | None, typer.Option("--freeze/--run", help="Stop the clock, or let it run.")] = None,
    world: World = _WORLD,
) -> int:
    """Show or set the sandbox's clock.

    \b
    Examples:
      sfdd sandbox clock
      sfdd sandbox clock --advance 900
    """
    say(session_of(context).cases.sandbox_clock(world, ClockChange(advance, at, frozen)))
    return 0


def history(
    context: typer.Context,
    *,
    about: About = None,
    system: OnlySystem = None,
    last: Last = 50,
    world: World = _WORLD,
) -> int:
    """Show what was changed in the sandbox.

    Field by field, with the old and the new value, by whom and when: the last changes of everything, or of one record.

    \b
    Examples:
      sfdd sandbox history ada@example.com
      sfdd sandbox history --system dotdigital --last 10
    """
    only = system.value if system else None
    for line in session_of(context).cases.sandbox_history(world, about, only, last):
        say(line)
    return 0


def log(context: typer.Context, *, system: OnlySystem = None, last: Last = 50, world: World = _WORLD) -> int:
    """Show the requests that the sandbox was sent.

    When, with which answer, and how long it took; --- is a connection that was dropped.

    \b
    Example:
      sfdd sandbox log --system salesforce
    """
    for line in session_of(context).cases.sandbox_log(world, system.value if system else None, last):
        say(line)
    return 0
