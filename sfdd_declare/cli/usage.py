"""Mistakes on the command line as errors of ours: an id, one sentence, and what was probably meant."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

import typer
from typer.core import TyperGroup

from sfdd_declare.model.errors import UsageError

#: Every complaint of the command-line library derives from this class, whichever copy of the library it carries.
COMPLAINT: type[Exception] = typer.BadParameter.__mro__[1]

_MISSING = "MissingParameter"
_BAD_VALUE = "BadParameter"


#: What a user of Terraform types, and what does it here.
_ELSEWHERE = {
    "destroy": "on_destroy: delete (apply that, then take the thing out of the YAML and apply again)",
    "fmt": "sfdd validate",
    "import": "import: [{to: address_book.newsletter, id: 901}]",
    "init": "sfdd state init",
    "output": "sfdd state list",
    "refresh": "sfdd plan",
}


class Commands(TyperGroup):
    """A group of commands that says what was meant by a mistyped one."""

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[Any, Any, list[str]]:
        name = args[0]
        if not name.startswith("-") and self.get_command(ctx, name) is None:
            path = ctx.command_path
            meant = _ELSEWHERE.get(name, "") if path == "sfdd" else ""
            hint = meant or suggestion(name, self.list_commands(ctx), prefix=f"{path} ") or f"{path} --help"
            raise UsageError("SFDD-E9003", f"There is no command `{path} {name}`.", hint=hint)
        return super().resolve_command(ctx, args)


def usage_error(complaint: Exception) -> UsageError:
    """A complaint of the command-line library in our words."""
    facts = vars(complaint)
    context = facts.get("ctx")
    path = context.command_path if context else "sfdd"
    if "possibilities" in facts:
        flag = str(facts["option_name"])
        hint = suggestion(flag, _flags(context), prefix="") or f"{path} --help"
        return UsageError("SFDD-E9002", f"`{path}` has no flag `{flag}`.", hint=hint)
    names = [cls.__name__ for cls in type(complaint).__mro__]
    id = "SFDD-E9004" if _MISSING in names else "SFDD-E9005" if _BAD_VALUE in names else "SFDD-E9001"
    return UsageError(id, _sentence(complaint), hint=f"{path} --help")


def suggestion(word: str, choices: Iterable[str], prefix: str = "") -> str:
    """`did you mean …?`, or nothing when nothing is near."""
    near = get_close_matches(word, list(choices), n=1, cutoff=0.6)
    return f"did you mean `{prefix}{near[0]}`?" if near else ""


def _flags(context: Any) -> list[str]:
    if context is None:
        return []
    return [flag for param in context.command.get_params(context) for flag in param.opts if flag.startswith("--")]


def _sentence(complaint: Exception) -> str:
    text = getattr(complaint, "format_message", complaint.__str__)()
    return f"{str(text).rstrip('.')}."
