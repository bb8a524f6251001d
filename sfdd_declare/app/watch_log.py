"""What a watch says on stderr: a line an event, for people or as JSON. Numbers, addresses of links and codes only."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from sfdd_declare.model.state import RunRecord

Put = Callable[[str], None]
Field = str | int | float | bool | None | list[str]


@dataclass(frozen=True, slots=True)
class Log:
    """`put` writes a line."""

    put: Put
    as_json: bool
    now: Callable[[], datetime]

    def __call__(self, event: str, message: str, /, *, level: str = "info", **fields: Field) -> None:
        """`event` is a word for programs, the message for people; both never hold a datum of a person."""
        at = self.now().astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        if self.as_json:
            self.put(json.dumps({"time": at, "level": level, "event": event, "message": message, **fields}))
            return
        mark = "" if level == "info" else f"{level}: "
        self.put(f"{at}  {mark}{_visible(message)}")

    def ended(self, record: RunRecord) -> None:
        """A run that came to its end."""
        details = record.details
        if details is None:
            return
        seconds = (record.finished - record.started).total_seconds() if record.finished else 0.0
        done = details.done
        counts: dict[str, int] = {
            "added": done.add,
            "updated": done.update,
            "removed": done.remove,
            "leads": done.leads,
            "opted_out": details.opted_out,
            "failed": details.failed,
            "left_out": details.left_out,
        }
        said = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in counts.items() if count)
        level = "warning" if details.failed or details.left_out or details.blocked else "info"
        self(
            "run_ended",
            f"Run {record.run} ended: {said or 'nothing to do'}.",
            level=level,
            run=record.run,
            result=record.result,
            seconds=round(seconds, 3),
            salesforce_calls=details.salesforce_calls,
            dotdigital_calls=details.dotdigital_calls,
            guards=list(details.blocked),
            setup_left=list(details.setup_left),
            **counts,
        )


def _visible(text: str) -> str:
    return "".join(char if char.isprintable() else f"\\x{ord(char):02x}" for char in text)
