"""The rules that a plan names by their ids, each explained once, at the end."""

from __future__ import annotations

from collections.abc import Mapping

from rich.console import RenderableType
from rich.text import Text

from sfdd_declare.model.plan import Plan
from sfdd_declare.model.visible import safe
from sfdd_declare.render.layout import Section, hanging

MEANINGS: Mapping[str, str] = {
    "BASE-5": "a value that was altered as it was written is no edit",
    "BASE-7": "what the earlier direction of a field owed is carried before the new one counts",
    "ID-2": "somebody who is found nowhere in the account is new",
    "ID-3": "of several records with one address one writes; the consent of all counts",
    "ID-4": "a changed address renames the contact, unless another one has it",
    "ID-5": "a converted lead goes on as its contact",
    "ID-6": "who is deleted in Salesforce has left its campaigns",
    "ID-7": "who was deleted in Dotdigital is not created again",
    "VAL-1": "both sides hold the same",
    "VAL-3": "one way: the source is filled, so the target gets its value",
    "VAL-4": "one way: the source became blank, so the target does",
    "VAL-5": "a blank never destroys what it did not itself once hold",
    "VAL-6": "two ways: only one side moved, so the other follows",
    "VAL-7": "two ways: one side became blank; `on_blank` decides",
    "VAL-8": "two ways: both sides moved and one is blank, so it is filled",
    "VAL-9": "two ways: both sides moved; `conflict` decides",
    "VAL-11": "two ways, first sight: the blank side is filled",
    "VAL-12": "two ways, first sight: both sides are filled and differ; `conflict` decides",
    "VAL-20": "a contact that is created takes every value towards Dotdigital",
    "VAL-23": "a value that its target cannot hold is left out and named",
    "VAL-26": "a field that lost its values at once is held: that is no edit of everybody",
    "MEM-1": "a member who is wanted on the book and is not on it is added",
    "MEM-2": "who was taken off the book in Dotdigital is not added again",
    "MEM-4": "who left the campaigns leaves the book, as `removals` says",
    "MEM-6": "who is on the book and wanted by no campaign leaves it, as `removals` says",
    "MEM-7": "with `removals: mirror` nobody is on the book but who is wanted",
    "MEM-8": "nothing is decided about a book that was not read completely",
    "MEM-11": "who has another member status than the link takes has left it",
    "MEM-13": "members are who the selections name; `mode: exact` removes all others",
    "MEM-14": "members of a record type without a mapping are not imported",
    "NEW-2": "who joined in Dotdigital and has a record becomes a member",
    "NEW-3": "who joined in Dotdigital and has no record becomes a lead and a member",
    "NEW-4": "who joined in Dotdigital and lacks a required value waits",
    "NEW-5": "no lead is made of somebody who cannot be mailed",
    "CON-2": "who opted out in Salesforce is suppressed in Dotdigital, before anything else",
    "CON-3": "who opted out is created opted out, and on no book",
    "CON-5": "who unsubscribed from a book is never added to it again",
    "CON-7": "opted out in Salesforce: suppressed in Dotdigital",
    "CON-8": "unsubscribed in Dotdigital: Email Opt Out is ticked on every record with the address",
    "CON-9": "an opt-out that was taken back on one side only waits for a human",
    "CON-16": "what was not approved is not carried out, nor what rests on it",
    "RUN-1": "on a first run nobody is removed or new, and values that differ wait",
    "RUN-4": "a row that was refused too often waits until it differs or is retried",
    "RUN-8": "a state that was taken over may be older than what was done since",
    "WIRE-1": "an address that Dotdigital refuses for good is not sent again",
}


def section(plan: Plan) -> Section:
    """Of the ids in samples and held items, in the order of the rule book."""
    named = {sample.reason for sample in plan.people.samples} | {held.reason for held in plan.people.held}
    named |= {"RUN-1"} if plan.people.first_run else set()
    return Section("Rules named here", tuple(_line(rule, text) for rule, text in MEANINGS.items() if rule in named))


def _line(rule: str, text: str) -> RenderableType:
    return hanging(Text(safe(rule), style="dim"), Text(text, style="dim"))
