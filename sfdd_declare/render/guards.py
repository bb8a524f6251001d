"""A guard's verdict in words: both numbers, what is skipped, the remedy that lasts, and the one for this run."""

from __future__ import annotations

from rich.console import RenderableType
from rich.text import Text

from sfdd_declare.model.address import Kind
from sfdd_declare.model.operation import Blocked
from sfdd_declare.model.visible import safe
from sfdd_declare.render.layout import hanging
from sfdd_declare.render.words import counted, noun, number

#: What each guard counts.
_GUARDED = {
    "max_overwrites": "people with a filled value replaced or blanked",
    "max_removals": "people taken off",
    "max_new_records": "records made or adopted",
    "sudden_loss": "people gone since the last run",
    "protect": "people or things that are protected",
    "replace": "replacement, which loses the data in it",
    "double_opt_in": "contacts to create, each of which may be sent a confirmation mail",
    "other_lineage": "people taken off",
    "daily_call_budget": "Salesforce calls to make",
}
_NO_LIMITS = ("", "0")

#: The YAML key that settles a guard once and for all, where there is one that is no lower guard.
_REMEDIES = {"double_opt_in": ("{address}.double_opt_in: not_enforced", "if the account does not enforce it")}


def blocked_line(blocked: Blocked) -> RenderableType:
    body = Text.assemble((safe(blocked.guard), "bold"), f"  {safe(blocked.address)}: {both_numbers(blocked)}")
    body.append(f"; {safe(blocked.detail)}. " if blocked.detail else ". ")
    skipped = len(blocked.operations)
    if skipped:
        them = "it" if skipped == 1 else "them"
        body.append(f"{counted(skipped, 'operations')} will be skipped, with all that needs {them}. ")
    remedy = lasting_remedy(blocked)
    if remedy:
        setting, condition = remedy
        body.append(f"For good: `{setting}`, {condition}. ")
    body.append(f"{'For this run' if remedy else 'Allow it this once'}: --allow {safe(blocked.guard)}")
    return hanging(Text("!", style="red"), body)


def lasting_remedy(blocked: Blocked) -> tuple[str, str] | None:
    """The YAML key and value that settle a guard once and for all, and when they may be written."""
    if blocked.guard not in _REMEDIES:
        return None
    setting, condition = _REMEDIES[blocked.guard]
    return setting.format(address=_key_of(blocked)), condition


def _key_of(blocked: Blocked) -> str:
    """The path in YAML of what an address names."""
    kind, _, key = blocked.address.partition(".")
    return safe(f"dotdigital.accounts.{key}" if kind == Kind.ACCOUNT else blocked.address)


def both_numbers(blocked: Blocked) -> str:
    """How many there are, of how many, what happens to them, and how many may be."""
    share = f" ({100 * blocked.count / blocked.of:.3g}%)" if blocked.of and blocked.limit.endswith("%") else ""
    of = f" of {number(blocked.of)}" if blocked.of > blocked.count else ""
    what = _GUARDED.get(blocked.guard, "")
    said = f"{number(blocked.count)}{of} {noun(max(blocked.count, blocked.of), what)}".rstrip()
    return f"{said}{share}, the limit is {safe(blocked.limit)}" if blocked.limit not in _NO_LIMITS else said
