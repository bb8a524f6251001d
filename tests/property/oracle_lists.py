"""The oracle's address books: MEM-1 to MEM-12 for one person on one book, as a chain of questions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sfdd_declare.model.declared import Removals
from sfdd_declare.people.question import BookRules

SHOWN = {"subscribed", "softbounced", "nosubscription"}
NOTHING = ("nothing", "", None)
REFUSED = ("nothing", "WIRE-1", None)

#: (decision, rule, flags of the base to come)
Verdict = tuple[str, str, str | None]


@dataclass(frozen=True)
class OnBook:
    """What is known about one contact and one book."""

    book: BookRules
    is_wanted: bool
    is_on: bool
    is_told: bool  # unsubscribed from this book
    was: dict[str, Any]  # the base's row, or one in which nothing was so
    has_base: bool
    is_ours: bool
    is_out: bool
    is_refused: bool
    channel: str | None
    is_frozen: bool  # something holds a record of the person up
    is_gone: bool  # a record of the person left otherwise than by leaving its campaigns
    is_released: bool
    is_turned_down: bool  # a member, but of a status that the links do not take
    is_new_lead: bool  # nobody we know, on a book whose newcomers become leads

    @property
    def here(self) -> str:
        return "on,ours" if self.is_ours else "on"

    def judge(self) -> Verdict:
        if self.is_wanted and self.is_on:
            return "on", "MEM-3", self.here
        if not self.is_on and (self.is_told or self.was["list_optout"]):
            return "optout", "CON-5", "optout"
        if not self.book.complete:
            return NOTHING
        return self._wanted() if self.is_wanted else self._unwanted()

    def _wanted(self) -> Verdict:
        """Not on the book, but wanted there."""
        if self.is_out:
            return NOTHING
        if self.was["on_book"] and self.channel not in SHOWN:
            return NOTHING  # the list may just not show them
        back = self.book.restore_left or (self.was["left"] and not self.was["on_book"] and self.is_released)
        has_left = self.was["on_book"] or self.was["left"]
        if has_left and not back:
            return "left", "MEM-2", "left"
        if self.is_refused:
            return REFUSED
        if self.book.taken_over and not self.has_base:
            return NOTHING
        return "add", "MEM-2" if has_left else "MEM-1", None

    def _unwanted(self) -> Verdict:
        if self.is_frozen or (self.was["wanted"] and self.is_gone):
            return NOTHING
        if self.is_on:
            return self._unwanted_there()
        if self.was["left"]:
            return "left", "MEM-2", "left"
        if self.was["wanted"]:
            return "forget", "MEM-5", None
        return ("bystander", "MEM-5", "") if self.was["on_book"] else NOTHING

    def _unwanted_there(self) -> Verdict:
        managed = self.book.removals is Removals.MANAGED and self.is_ours
        if managed or self.book.removals is Removals.MIRROR:
            if self.book.first_run:
                return "bystander", "RUN-1", self.here
            if self.was["wanted"]:
                return "remove", "MEM-11" if self.is_turned_down else "MEM-4", None
            return "remove", "MEM-6" if self.was["on_book"] or self.is_ours else "MEM-7", None
        if self.was["wanted"]:
            return "bystander", "MEM-4", self.here
        if self.was["on_book"]:
            return "bystander", "MEM-6", self.here
        return ("newcomer", "NEW-1", None) if self.is_new_lead else ("bystander", "MEM-7", self.here)
