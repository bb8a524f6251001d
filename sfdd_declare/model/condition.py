"""A SOQL condition that a user wrote (`where:`), looked at without asking Salesforce.

No grammar. It is seen whether the condition, put in parentheses, stays one condition, and which fields it names;
whether it makes sense Salesforce itself decides. Literals can be people's values: they are never shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from sfdd_declare.model import limits

#: Leaves room in the statement for the columns.
LONGEST = limits.SOQL_LENGTH - 15_000

_SHOWN = 72  # characters of a condition that a message repeats
_TOLD = 160  # and of a message that repeats it
_TOKEN = re.compile(
    r"""(?P<space>\s+)
      | (?P<string>'(?:\\.|[^'\\])*')
      | (?P<open_string>')
      | (?P<comment>--|//|/\*|\*/|\#)
      | (?P<semicolon>;)
      | (?P<foreign>==|&&|\|\||")
      | (?P<paren>[()])
      | (?P<word>[A-Za-z_][A-Za-z0-9_.]*)
      | (?P<other>[^\s'();A-Za-z_])""",
    re.VERBOSE | re.DOTALL,
)

#: Clauses that may follow a WHERE: with one of these a condition is more than a condition.
_CLAUSES = frozenset({"LIMIT", "ORDER", "GROUP", "HAVING", "FOR", "OFFSET", "WITH", "USING", "UPDATE", "SELECT"})
#: What other languages write, and what SOQL writes.
_FOREIGN = {"==": "`=`", "&&": "`AND`", "||": "`OR`", '"': "`'`"}
_NOWHERE = {
    "open_string": "a quote is opened and not closed",
    "comment": "SOQL knows no comments, and `{text}` looks like one",
    "semicolon": "a semicolon cannot stand here",
    "foreign": "SOQL writes {instead} for `{text}`",
}
_BEFORE_A_FIELD = frozenset({"AND", "OR", "NOT", "("})


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, and at which character."""

    at: int
    what: str


def fault(where: str) -> Fault | None:
    """Why this is not one condition; None when it is."""
    if not where.strip():
        return Fault(0, "it is empty")
    if len(where) > LONGEST:
        return Fault(0, f"it is longer than {LONGEST:,} characters")
    return _first_fault(where)


def _first_fault(where: str) -> Fault | None:
    opened: list[int] = []
    previous = ""
    for token in _TOKEN.finditer(where):
        kind, text, at = token.lastgroup, token.group(), token.start()
        if kind in _NOWHERE:
            return Fault(at, _NOWHERE[kind].format(text=text, instead=_FOREIGN.get(text)))
        if text == "(":
            opened.append(at)
        elif text == ")" and not opened:
            return Fault(at, "a parenthesis is closed that was not opened")
        elif text == ")":
            opened.pop()
        elif kind == "word" and not opened:
            if text.upper() in _CLAUSES:
                return Fault(at, f"{text.upper()} cannot stand in a selection")
            if previous == "ALL" and text.upper() == "ROWS":
                return Fault(at, "ALL ROWS cannot stand in a selection")
        if kind != "space":
            previous = text.upper()
    return Fault(opened[-1], "a parenthesis is opened and not closed") if opened else None


def fields(where: str) -> Iterator[tuple[str, int]]:
    """The fields of the record itself that a sound condition compares, and where. Those inside functions and inner
    queries are left out.
    """
    tokens = [token for token in _TOKEN.finditer(where) if token.lastgroup != "space"]
    depth, hidden = 0, 0  # `hidden`: the depth at which a function or an inner query was opened
    previous = "("
    for index, token in enumerate(tokens):
        text = token.group()
        following = tokens[index + 1].group() if index + 1 < len(tokens) else ""
        if text == "(":
            depth += 1
            is_call = tokens[index - 1].lastgroup == "word" and previous not in _BEFORE_A_FIELD if index else False
            if not hidden and (is_call or following.upper() == "SELECT"):
                hidden = depth
        elif text == ")":
            hidden = 0 if hidden == depth else hidden
            depth -= 1
        is_name = token.lastgroup == "word" and text.upper() != "NOT" and following != "("
        if is_name and not hidden and previous in _BEFORE_A_FIELD:
            yield text, token.start()
        previous = text.upper()


def pointed(where: str, at: int) -> str:
    """The surroundings of one character, cut between words, literals masked, and a caret under it."""
    start = where.rfind("\n", 0, at) + 1
    end = where.find("\n", at)
    line, at = masked(where)[start : end if end >= 0 else len(where)], at - start
    first = max(0, at - _SHOWN // 2)
    last = min(len(line), first + _SHOWN)
    if first:
        first = line.rfind(" ", 0, first + 1) + 1
    if last < len(line):
        last = max(line.rfind(" ", at, last), at + 1)
    before, after = "… " if first else "", " …" if last < len(line) else ""
    return f"{before}{line[first:last]}{after}\n{' ' * (len(before) + at - first)}^"


def told(message: str, where: str) -> str:
    """A message about the condition that may repeat it: without its literals, and cut between words."""
    literals = {token.group() for token in _TOKEN.finditer(where) if token.lastgroup == "string"}
    for literal in sorted(literals, key=len, reverse=True):
        message = message.replace(literal, "'•••'")
    if len(message) <= 2 * _TOLD:
        return message
    head, tail = message[: _TOLD // 2], message[-_TOLD:]
    return f"{head.rsplit(' ', 1)[0]} … {tail.split(' ', 1)[-1]}"


def masked(where: str) -> str:
    """With a dot for every character of a literal; after a quote that is never closed nothing can be told apart."""
    parts = []
    for token in _TOKEN.finditer(where):
        text = token.group()
        if token.lastgroup == "open_string" or text == '"':
            return _hidden(where)
        parts.append(f"'{'•' * (len(text) - 2)}'" if token.lastgroup == "string" else text)
    return "".join(parts)


def _hidden(where: str) -> str:
    """With a dot for every character that is neither a quote nor before the first one."""
    first = next((index for index, character in enumerate(where) if character in "'\""), len(where))
    return where[:first] + "".join(c if c in "'\"\n" else "•" for c in where[first:])
