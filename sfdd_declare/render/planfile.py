"""What a plan file says about itself, before its plan: when and where it was made, with what, until when it is good."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console
from rich.text import Text

from sfdd_declare.model.planfile import Asked, PlanFile
from sfdd_declare.model.visible import safe
from sfdd_declare.render.layout import print_line
from sfdd_declare.render.words import counted

_SEALS = {
    True: "sealed by this state",
    False: "NOT as it was written, or sealed by another state: it cannot be applied",
    None: "seal not verified: the state is not here",
}


def plan_file_text(file: PlanFile, console: Console, *, name: str, sealed: bool | None) -> None:
    """A few lines, and an empty one."""
    for line in _lines(file, name, sealed):
        print_line(Text(line), console)
    console.print()


def _lines(file: PlanFile, name: str, sealed: bool | None) -> Iterator[str]:
    header = file.plan.header
    yield f"{safe(name)}: {counted(file.rows, 'changes')} of people approved; {_SEALS[sealed]}"
    yield f"Made {header.created:%Y-%m-%d %H:%M} UTC, good until {file.expires:%Y-%m-%d %H:%M} UTC"
    accounts = "".join(f", account {safe(key)} {safe(number)}" for key, number in header.accounts)
    yield f"Org {safe(header.org_id)}{accounts}, state {safe(header.lineage)}, user {safe(header.user_id)}"
    options = " ".join(_options(file.asked))
    if options:
        yield f"Asked with {options}"


def _options(asked: Asked) -> Iterator[str]:
    if asked.env:
        yield f"--env {safe(asked.env)}"
    yield from (f"--var {safe(name)}={safe(value)}" for name, value in asked.variables)
    yield from (f"--target {safe(address)}" for address in asked.targets)
    yield from (f"--exclude {safe(address)}" for address in asked.excludes)
    yield from (f"--allow {safe(guard)}" for guard in asked.allow)
    if asked.accept_first_sync:
        yield "--accept-first-sync"
    if asked.adopt_lineage:
        yield f"--adopt-lineage {safe(asked.adopt_lineage)}"
    yield from (f'--confirm "{safe(name)}"' for name in asked.confirmed)
