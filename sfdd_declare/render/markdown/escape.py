"""Foreign text in Markdown: nothing in it is markup, a mention, a link, an image or HTML, on any host.

A backslash is not enough: hosts look for mentions and addresses in the text after Markdown has been read. They leave
code alone, so whatever comes from data stands in a code span.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from sfdd_declare.model.visible import safe
from sfdd_declare.render.words import BLANK

ELLIPSIS = "…"
#: The room of a name or a value, and of a sentence: a remedy that is cut off is none.
VALUE, SENTENCE = 80, 240

_BACKTICKS = re.compile(r"`+")
_PLAIN = re.compile(r"\(?(?:[A-Za-z]{1,30}|\d{1,12}|\d{1,3}(?:,\d{3})+|\d{1,6}\.\d{1,6})%?\)?[.,:;!]?")
#: A span of backticks between words, or a word.
_WORDS = re.compile(r"`([^`]+)`([.,:;!]?)(?= |$)|[^ ]+")
_TAIL = re.compile(r"[.,:;!]?$")
_ADDRESS = re.compile(r"https?://[A-Za-z0-9.-]+(?::\d+)?(?:/[A-Za-z0-9._~%/?#=&+,;:-]*)?")
_LONGEST_ADDRESS = 300


def cut(text: str, room: int) -> str:
    """The text, its end left out where it is longer than the room."""
    return text if len(text) <= room else text[: room - 1] + ELLIPSIS


def code(text: str, room: int = VALUE) -> str:
    """A code span that shows the text as it is, on one line, and cannot be left by anything in it."""
    shown = cut(safe(text[: room + 1]), room) or BLANK
    fence = "`" * (1 + max((len(run) for run in _BACKTICKS.findall(shown)), default=0))
    is_padded = shown.startswith(" ") and shown.endswith(" ") and shown.strip(" ")
    pad = " " if is_padded or shown.startswith("`") or shown.endswith("`") else ""
    return f"{fence}{pad}{shown}{pad}{fence}"


def sentence(text: str) -> str:
    """A remark, a message or a hint, which may hold data: a code span with more room."""
    return code(text, SENTENCE)


def prose(text: str, room: int = SENTENCE) -> str:
    """A text of ours into which words of others may have been put: bare words and numbers stay, the rest is code."""
    words: list[str] = []
    left = room
    for found in _WORDS.finditer(text):
        word, span, end = found[0], found[1], found[2]
        shown = code(span, SENTENCE) + end if span else word if _PLAIN.fullmatch(word) else _spanned(word)
        left -= len(shown.encode()) + 1
        if left < 0:
            return " ".join([*words, ELLIPSIS])
        words.append(shown)
    return " ".join(words)


def _spanned(word: str) -> str:
    tail = _TAIL.search(word)
    end = tail[0] if tail and len(word) > 1 else ""
    return code(word.removesuffix(end)) + end


def link(address: str, label: str) -> str:
    """A link to a run; an address that is not plainly one is shown as text."""
    text = code(label or address)
    is_address = len(address) <= _LONGEST_ADDRESS and _ADDRESS.fullmatch(address)
    return f"[{text}]({address})" if is_address else text


def row(cells: Iterable[str]) -> str:
    """A row of a table. A pipe is escaped in code spans too, where a table ends a cell at it all the same."""
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def head(titles: Sequence[str], *, numbers: int = 0) -> tuple[str, str]:
    """The head of a table whose last columns, so many, are numbers."""
    texts = len(titles) - numbers
    return row(titles), "|" + "---|" * texts + "--:|" * numbers
