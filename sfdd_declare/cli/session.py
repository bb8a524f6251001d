"""What one run of the program hands to its commands: the use-cases, the environment, the input, the signals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TextIO, cast

import typer

from sfdd_declare.cli.signals import Signals
from sfdd_declare.cli.use_cases import UseCases


@dataclass(frozen=True, slots=True)
class Session:
    """The surroundings of one command."""

    cases: UseCases
    environ: Mapping[str, str]
    stdin: TextIO
    signals: Signals = field(default_factory=Signals)


def session_of(context: typer.Context) -> Session:
    """The session that `main` put into the context."""
    return cast(Session, context.obj)
