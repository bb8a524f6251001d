"""Why there is no plan, as Markdown: each error with its id, its place and what to do.

It stands where the plan would, so its marker is a plan's, without a fingerprint and with `"state":"failed"`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sfdd_declare.model.errors import BugError, DeclareError
from sfdd_declare.render.errors import answer, in_order
from sfdd_declare.render.markdown.budget import COMMENT, Budget, first_that_fits
from sfdd_declare.render.markdown.escape import code, sentence
from sfdd_declare.render.markdown.place import Place, heading, marker, place_line
from sfdd_declare.render.words import counted, number

#: So many errors are shown, and so many lines of each one's detail, until the body fits.
_SHAPES = ((1000, 20), (100, 20), (100, 3), (30, 3), (10, 3), (3, 3), (1, 3), (1, 0))


def error_markdown(error: DeclareError, place: Place, budget: Budget = COMMENT, *, command: str = "plan") -> str:
    """The body of a comment for a plan that could not be made, or for another command that ended in an error. Raises
    BugError for a budget below MINIMUM.
    """
    return first_that_fits(_bodies(in_order(error), place, command), budget)


def _bodies(errors: Sequence[DeclareError], place: Place, command: str) -> Iterator[str]:
    for shown, details in _SHAPES:
        yield _body(errors, place, command, shown, details)
    yield _body(errors, place, command, 1, 0, has_place=False)


def _body(
    errors: Sequence[DeclareError], place: Place, command: str, shown: int, details: int, *, has_place: bool = True
) -> str:
    missing = []
    if len(errors) > shown:
        missing.append(f"{number(shown)} of {counted(len(errors), 'errors')} shown.")
    if any(len(error.detail.splitlines()) > details for error in errors[:shown]):
        missing.append("Details are cut.")
    if not has_place:
        missing.append("Commits and times are left out.")
    lines = [marker("plan", place, "", truncated=bool(missing), extra={"state": "failed"})]
    lines += [f"**Shortened:** {' '.join(missing)} `sfdd {command}` shows all of it."] if missing else []
    lines += ["", heading(f"{command} failed", place), ""]
    lines += [f"**{_summary(command, counted(len(errors), 'errors'))}**", ""]
    where = place_line(place) if has_place else ""
    lines += [where, ""] if where else []
    lines += ["> [!CAUTION]"]
    for count, error in enumerate(errors[:shown], 1):
        lines += [f"> {count}. {' '.join(_error(error, details))}"]
    return "\n".join(lines) + "\n"


def _summary(command: str, count: str) -> str:
    """Only of a plan it is known that nothing was changed."""
    if command == "plan":
        return f"No plan could be made: {count}. Nothing was changed."
    return f"It ended in {count}."


def _error(error: DeclareError, details: int) -> Iterator[str]:
    yield f"**{code(error.id)}** {sentence(error.summary)}"
    if error.where:
        yield f"at {code(str(error.where))}."
    said = answer(error)
    if said:
        yield f"The answer was {code(said)}."
    if isinstance(error, BugError):
        yield "This is a mistake of sfdd itself: please report it."
    yield from (sentence(line.strip()) for line in error.detail.splitlines()[:details] if line.strip())
    if error.hint:
        yield f"Hint: {sentence(error.hint)}"
