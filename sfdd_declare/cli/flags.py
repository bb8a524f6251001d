"""The flags that commands share, and the one way from flags to `Options`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from sfdd_declare.app.options import Options
from sfdd_declare.cli.session import Session
from sfdd_declare.cli.usage import suggestion
from sfdd_declare.model.address import Address, Kind
from sfdd_declare.model.errors import UsageError

#: Guards that `--allow` can lift for one run.
GUARDS = (
    "max_overwrites",
    "max_removals",
    "max_new_records",
    "protect",
    "sudden_loss",
    "replace",
    "double_opt_in",
    "blanked",
    "other_lineage",
    "daily_call_budget",
)

Folder = Annotated[
    Path, typer.Option("-C", metavar="DIR", help="Folder or file to read the configuration from.", show_default=False)
]
Env = Annotated[
    str | None, typer.Option("--env", metavar="NAME", help="Merge the overlay env/NAME.yaml over the configuration.")
]
Base = Annotated[
    Path | None,
    typer.Option(
        "--base", metavar="DIR", help="The same configuration before this change: the stricter of both limits judges."
    ),
]
Variables = Annotated[
    list[str] | None,
    typer.Option("--var", metavar="NAME=VALUE", help="Set the variable that ${var:NAME} stands for; repeatable."),
]
Targets = Annotated[
    list[str] | None,
    typer.Option("--target", metavar="ADDRESS", help="Only this address and what it needs; repeatable."),
]
Excludes = Annotated[
    list[str] | None,
    typer.Option("--exclude", metavar="ADDRESS", help="Leave out this address and what needs it; repeatable."),
]
Allowed = Annotated[
    list[str] | None,
    typer.Option("--allow", metavar="NAME[,NAME]", help=f"Lift guards for this run: {', '.join(GUARDS)}."),
]
AcceptFirstSync = Annotated[
    bool,
    typer.Option(
        "--accept-first-sync",
        help="Settle values that differed on the first run, and were held, by each mapping's conflict rule.",
    ),
]
Samples = Annotated[
    int, typer.Option("--samples", metavar="N", min=0, help="How many people to show as samples.", show_default=True)
]
ShowPersonalData = Annotated[
    bool, typer.Option("--show-personal-data", help="Show people's values unmasked; only at a terminal.")
]
Verbose = Annotated[
    bool, typer.Option("--verbose", help="Also show what does not change, and what is left alone as a rule.")
]
NoColor = Annotated[
    bool, typer.Option("--no-color", help="No colours. They are off anyway in files, pipes and with NO_COLOR set.")
]
Json = Annotated[
    bool, typer.Option("--json", help="Print one JSON document, always masked; see sfdd schema --help for its form.")
]
Events = Annotated[bool, typer.Option("--events", help="Show progress on stderr as JSON, one event a line.")]
LockTimeout = Annotated[
    float,
    typer.Option(
        "--lock-timeout",
        metavar="SECONDS",
        min=0,
        help="How long to wait when somebody else holds the lock.",
        show_default=True,
    ),
]
AdoptLineage = Annotated[
    str,
    typer.Option(
        "--adopt-lineage",
        metavar="LINEAGE",
        help="Go on under this lineage, although the org knows of a later apply or of a lost state.",
    ),
]
Delta = Annotated[
    bool, typer.Option("--delta", help="Read only who changed since the last run, where that is enough to decide.")
]
Parallelism = Annotated[
    int,
    typer.Option("--parallelism", metavar="N", min=1, max=16, help="Reads under way at once.", show_default=True),
]


def options(
    session: Session,
    folder: Path,
    env: str | None = None,
    *,
    var: list[str] | None = None,
    target: list[str] | None = None,
    exclude: list[str] | None = None,
    allow: list[str] | None = None,
    accept_first_sync: bool = False,
    adopt_lineage: str = "",
    samples: int = 0,
    reveal: bool = False,
    lock_timeout: float = 0.0,
    parallelism: int = 4,
    expect: str | None = None,
    delta: bool = False,
    out: Path | None = None,
    file: Path | None = None,
    confirm: list[str] | None = None,
    only_data: bool = False,
    names: list[str] | None = None,
    base: Path | None = None,
    command: str = "apply",
) -> Options:
    """The flags as Options; raises UsageError for what can be seen to be wrong without reading anything."""
    if base is not None and not base.exists():
        raise UsageError("SFDD-E9044", f"There is no `{base}` to take the limits from.", hint="--base DIR")
    return Options(
        folder=folder,
        base=base,
        env=env,
        variables=dict(pair(text, "--var") for text in var or ()),
        environ=session.environ,
        targets=tuple(address(text, "--target") for text in target or ()),
        excludes=tuple(address(text, "--exclude") for text in exclude or ()),
        allow=allowed(allow or []),
        accept_first_sync=accept_first_sync,
        adopt_lineage=adopt_lineage,
        samples=samples,
        reveal=reveal,
        lock_timeout=lock_timeout,
        parallelism=parallelism,
        expect=expect,
        delta=delta,
        out=out,
        file=file,
        confirmed=tuple(confirm or ()),
        only_data=only_data,
        names=tuple(names or ()),
        stop=session.signals.stop,
        command=command,
    )


def refuse_beside_a_plan_file(given: Mapping[str, object]) -> None:
    """Raise for options that a plan file has settled already."""
    named = [flag for flag, value in given.items() if value]
    if named:
        summary = f"A plan file holds what the plan was asked with: {', '.join(named)} cannot be given beside it."
        raise UsageError("SFDD-E9039", summary, hint=f"sfdd plan --out FILE {named[0]} …")


def pair(text: str, flag: str) -> tuple[str, str]:
    """`name=value` in two; the value may hold further equals signs and may be empty."""
    name, equals, value = text.partition("=")
    if not (name and equals):
        raise UsageError("SFDD-E9021", f"`{text}` is not of the form NAME=VALUE.", hint=f"{flag} NAME=VALUE")
    return name, value


def allowed(values: list[str]) -> frozenset[str]:
    """The names given to `--allow`, once or several times, separated by commas."""
    names = [name.strip() for value in values for name in value.split(",") if name.strip()]
    for name in names:
        if name not in GUARDS:
            hint = suggestion(name, GUARDS, prefix="--allow ") or f"--allow {','.join(GUARDS)}"
            raise UsageError("SFDD-E9020", f"There is no guard `{name}`.", hint=hint)
    return frozenset(names)


def address(text: str, flag: str) -> str:
    """An address as typed, once it has the form of one; whether it is declared is seen later."""
    try:
        Address.parse(text)
    except ValueError as error:
        kind, _, rest = text.partition(".")
        near = suggestion(kind, [k.value for k in Kind], prefix=f"{flag} ")
        hint = near.replace("`?", f".{rest}`?") if near and rest else f"{flag} campaign.spring_launch"
        raise UsageError("SFDD-E9022", f"`{text}` is not an address.", hint=hint) from error
    return text
