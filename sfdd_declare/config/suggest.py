"""Words for messages: "did you mean", and values quoted so that nothing in them can disturb a terminal."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

_LONGEST = 60  # characters of a value that a message repeats
_MOST = 2000  # names compared; a hostile file cannot make the comparison slow


def closest(word: str, options: Iterable[str], *, likeness: float = 0.6) -> str | None:
    """The option that looks most like `word`, or None. Case does not count."""
    if len(word) > 2 * _LONGEST:
        return None
    by_folded = {option.casefold(): option for option in list(options)[:_MOST]}
    found = get_close_matches(word.casefold(), by_folded, n=1, cutoff=likeness)
    return by_folded[found[0]] if found else None


def did_you_mean(word: str, options: Iterable[str], *, prefix: str = "", otherwise: str = "") -> str:
    """A hint: the closest option, or `otherwise`."""
    option = closest(word, options)
    return f"did you mean `{prefix}{option}`?" if option else otherwise


def quoted(value: str) -> str:
    """The value in backticks, cut and with control characters escaped."""
    shown = value if len(value) <= _LONGEST else value[: _LONGEST - 1] + "…"
    return "`" + "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in shown) + "`"


def listed(options: Iterable[str]) -> str:
    """`a`, `b` or `c`."""
    names = [f"`{option}`" for option in options]
    return " or ".join(part for part in (", ".join(names[:-1]), names[-1]) if part) if names else ""
