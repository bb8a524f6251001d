"""Notifications of a watch: what is news is kept in the state before it is sent, so that nothing is lost with us."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sfdd_declare.app.watch_log import Log
from sfdd_declare.model.errors import RemoteError, Transient
from sfdd_declare.model.notice import Condition
from sfdd_declare.model.receiver import Receiver
from sfdd_declare.notify import kept, outbox
from sfdd_declare.notify.outbox import Outbox
from sfdd_declare.notify.send import send


@dataclass(slots=True)
class Told:
    """The outboxes of all receivers, by key, as the state has them."""

    log: Log
    boxes: dict[str, Outbox] = field(default_factory=dict)

    def learn(self, receivers: Iterable[Receiver], marks: Mapping[str, str]) -> None:
        """What the state knows of them."""
        self.boxes = {r.key: kept.from_text(r.key, marks.get(outbox.mark(r.key))) for r in receivers}

    def news(self, receivers: Iterable[Receiver], conditions: tuple[Condition, ...], at: datetime) -> dict[str, str]:
        """Take note of how things stand; returns the marks that have to be kept before anything is sent."""
        before = dict(self.boxes)
        for receiver in receivers:
            box = self.boxes.get(receiver.key, Outbox(receiver.key))
            self.boxes[receiver.key] = outbox.with_conditions(box, conditions, receiver, at)
        return self._changed(before)

    def send(self, receivers: Iterable[Receiver], configuration: str, at: datetime) -> dict[str, str]:
        """Send what is due; returns the marks to keep afterwards."""
        before = dict(self.boxes)
        for receiver in receivers:
            box = self.boxes.get(receiver.key, Outbox(receiver.key))
            delivery = outbox.due(box, at)
            if delivery is None:
                continue
            try:
                send(receiver, delivery, configuration=configuration, now=at)
                box = outbox.delivered(box)
            except Transient as error:
                box = outbox.failed(box, at, retry_after=getattr(error, "retry_after", 0.0))
                self.log(
                    "notice_failed", f"{receiver.key} was not told: {error}", level="warning", receiver=receiver.key
                )
            except RemoteError as error:
                box = outbox.given_up(box)
                self.log(
                    "notice_refused", f"{receiver.key} was not told: {error}", level="error", receiver=receiver.key
                )
            self.boxes[receiver.key] = box
        return self._changed(before)

    def next_try(self, at: datetime) -> datetime | None:
        """When something that waits may be sent; None when nothing waits."""
        waiting = (box for box in self.boxes.values() if box.waiting or box.lost)
        return min((box.next_try or at for box in waiting), default=None)

    def _changed(self, before: Mapping[str, Outbox]) -> dict[str, str]:
        changed = {key: box for key, box in self.boxes.items() if before.get(key) != box}
        return {outbox.mark(key): kept.to_text(box) for key, box in changed.items()}
