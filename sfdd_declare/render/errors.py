"""Errors for people: the id, the place, the offending line with a caret, the detail, and a hint one can type."""

from __future__ import annotations

from collections.abc import Iterator

from rich.cells import cell_len
from rich.console import Console, RenderableType
from rich.text import Text

from sfdd_declare.model.errors import BugError, DeclareError, ErrorList, Position, RemoteError
from sfdd_declare.model.visible import safe
from sfdd_declare.render.layout import ELLIPSIS, Tidy, hanging, indented
from sfdd_declare.render.words import noun, number

#: Errors that are shown: nobody reads more, and a hostile file has any number of them.
_MOST = 200


def error_text(error: DeclareError, console: Console) -> None:
    """Print one error, or several in the order of their places, with their count at the end."""
    errors = in_order(error)
    for each in errors[:_MOST]:
        for part in _error(each, console.width):
            console.print(Tidy(part))
        console.print()
    if len(errors) > 1:
        shown = f"; the first {number(_MOST)} are shown" if len(errors) > _MOST else ""
        console.print(Text(f"{number(len(errors))} {noun(len(errors), 'errors')}{shown}.", style="bold red"))


def in_order(error: DeclareError) -> list[DeclareError]:
    """Every single error: those in files by their places, then the rest."""
    return sorted(_flat(error), key=_place)


def _flat(error: DeclareError) -> Iterator[DeclareError]:
    if isinstance(error, ErrorList):
        for each in error.errors:
            yield from _flat(each)
    else:
        yield error


def _place(error: DeclareError) -> tuple[int, str, int, int]:
    """Errors in files come first, in the order of their places; the rest keep the order they came in."""
    if isinstance(error.where, Position):
        return (0, error.where.file, error.where.line, error.where.col)
    return (1, "", 0, 0)


def _error(error: DeclareError, width: int) -> Iterator[RenderableType]:
    yield Text.assemble((f"Error {safe(error.id)}: ", "bold red"), (safe(error.summary), "bold"))
    if isinstance(error.where, Position):
        yield indented(Text(safe(str(error.where)), style="cyan"))
        if error.where.text:
            yield from _caret(error.where, width)
    elif error.where:
        yield indented(Text(safe(error.where), style="cyan"))
    said = answer(error)
    if said:
        yield indented(Text(said, style="dim"))
    if isinstance(error, BugError):
        yield indented(Text("This is a mistake of sfdd itself. Please report it, with these lines and your command."))
    for line in error.detail.splitlines():
        yield indented(Text(safe(line)))
    if error.hint:
        yield hanging(Text("Hint:", style="bold"), Text(safe(error.hint)))


def answer(error: DeclareError) -> str:
    """The code and status of a system that refused; empty for errors of other kinds."""
    if not isinstance(error, RemoteError):
        return ""
    status = f"HTTP {error.status}" if error.status else ""
    return ", ".join(part for part in (safe(error.code), status) if part)


def _caret(where: Position, width: int) -> Iterator[RenderableType]:
    """The line as read and a caret below the column; a long line is cut around the column, so that it never wraps."""
    gutter = f"{where.line} | "
    room = max(8, width - 4 - len(gutter))
    before = safe(where.text[: where.col - 1].replace("\t", " "))
    after = safe(where.text[where.col - 1 :].replace("\t", " ").rstrip("\r\n"))
    while before and cell_len(before) > room * 2 // 3:
        before = ELLIPSIS + _less(before.removeprefix(ELLIPSIS)[::-1])[::-1]
    while cell_len(before) + cell_len(after) > room:
        after = _less(after.removesuffix(ELLIPSIS)) + ELLIPSIS if len(after) > 2 else ""
    blank = " " * (len(gutter) - 2)
    yield indented(Text.assemble((gutter, "dim"), before + after), 4)
    yield indented(Text.assemble((f"{blank}| ", "dim"), " " * cell_len(before), ("^", "bold red")), 4)


def _less(text: str) -> str:
    """The text without its last word; an eighth less where it is one long word."""
    words = text.rstrip()
    end = words.rfind(" ") + 1
    return words[:end] if end and words[:end].strip() else text[: -max(2, len(text) // 8)]
