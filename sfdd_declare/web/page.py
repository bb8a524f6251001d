"""The page as text: what the template is given, and the style that it carries."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from importlib import resources

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from sfdd_declare.model.service import Kind, Service
from sfdd_declare.model.state import RunRecord
from sfdd_declare.model.visible import safe
from sfdd_declare.web import words
from sfdd_declare.web.meters import Result, result_of

_STYLE = resources.files("sfdd_declare.web").joinpath("templates", "page.css").read_text(encoding="utf-8")
#: What the policy of the answer allows: this style and nothing else.
STYLE_HASH = f"sha256-{base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()}"

_KINDS = {
    Kind.FAILURE: "Failure",
    Kind.DRIFT: "Drift",
    Kind.GUARD: "Guard",
    Kind.HELD: "Held",
    Kind.PARKED: "Parked",
}
_RESULTS = {
    Result.DONE: ("Done", "good"),
    Result.IN_PART: ("In part", "warn"),
    Result.INTERRUPTED: ("Interrupted", "warn"),
    Result.ERROR: ("Error", "bad"),
}


@dataclass(frozen=True, slots=True)
class Badge:
    """A word and how it is meant: `good`, `warn`, `bad`, `calm`. The colour only repeats the word."""

    word: str
    tone: str
    text: str = ""


def state_of(service: Service, *, is_alive: bool) -> Badge:
    """The one thing to know about a service: the worst of what is so."""
    if not is_alive:
        return Badge("Stopped", "bad", "The loop does not run any more. Start sfdd watch again.")
    if service.trouble:
        return Badge("In trouble", "bad", f"Nothing was synchronised last: {service.trouble}")
    if service.running_since:
        took = words.duration((service.now - service.running_since).total_seconds())
        return Badge("Synchronising", "calm", f"A run has been going on for {took}.")
    if not service.is_ready:
        return Badge("Starting", "calm", "No run has got through since the start.")
    if service.conditions:
        waits = "1 thing waits" if len(service.conditions) == 1 else f"{len(service.conditions)} things wait"
        return Badge("Working", "warn", f"{waits} for a human.")
    return Badge("Working", "good", "Nothing waits for a human.")


def result_badge(record: RunRecord) -> Badge:
    """How a run ended, or that it goes on."""
    result = result_of(record)
    return Badge(*_RESULTS[result]) if result else Badge("Going on", "calm")


def render_service(service: Service, *, is_alive: bool) -> str:
    """The page of a service."""
    return _TEMPLATES.get_template("service.html").render(service=service, state=state_of(service, is_alive=is_alive))


def render_trouble(title: str, text: str) -> str:
    """The page that stands for one that is not there."""
    return _TEMPLATES.get_template("trouble.html").render(title=title, text=text)


def _templates() -> Environment:
    made = Environment(
        loader=PackageLoader("sfdd_declare.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["visible"] = safe  # Jinja's own `safe` is something else
    for shown in (words.number, words.duration, words.apart):
        made.filters[shown.__name__] = shown
    for timed in (words.machine_time, words.clock_time, words.full_time):
        made.filters[timed.__name__] = timed
    # Ours, and quotes in it are no entities: the policy names the hash of exactly these characters.
    made.globals.update(style=Markup(_STYLE), kinds=_KINDS, result_badge=result_badge)  # noqa: S704
    return made


_TEMPLATES = _templates()
