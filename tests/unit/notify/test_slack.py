"""Messages for Slack: within its limits, and nothing that others chose is a link, a mention or markup."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from sfdd_declare.model.notice import Change
from sfdd_declare.model.receiver import Format
from sfdd_declare.notify.outbox import Delivery
from sfdd_declare.notify.slack import BLOCKS, SECTION, WHOLE
from sfdd_declare.notify.webhook import body

from .builders import a_delivery, a_notice

#: What is no markup: text without its three signs, other than as the entities that stand for them.
PLAIN = re.compile(r"(?:[^&<>]|&(?:amp|lt|gt);)*")
HOSTILE = [
    "<!channel>",
    "<!here|x>",
    "<@U012AB3CD>",
    "<#C012AB3CD>",
    "<https://evil.example|click>",
    "&lt;!channel&gt;",
    "`*bold* <!everyone>`",
    "```\n<!channel>\n```",
    "a\n> quote",
    "@channel @here",
    "https://evil.example/x",
    "\u202e<!channel>",
]


def sent(delivery: Delivery) -> dict[str, Any]:
    found = json.loads(body(Format.SLACK, delivery, "production"))
    assert isinstance(found, dict)
    return found


def texts(message: dict[str, Any]) -> list[str]:
    return [message["text"], *(block["text"]["text"] for block in message["blocks"])]


def test_a_notice_is_said_in_a_section_of_its_own() -> None:
    message = sent(a_delivery(a_notice(), a_notice(Change.ENDED, subject="link.a.b"), lost=2))
    assert message["text"] == "sfdd production: 1 new, 1 over"
    assert texts(message)[1:] == [
        "*sfdd production: 1 new, 1 over*",
        "`[new] held link.spring.newsletter (3)`\n`3 people wait.`\n→ `sfdd plan`",
        "`[over] held link.a.b (3)`\n`3 people wait.`",
        "Not told before: 2. sfdd status shows how things stand.",
    ]


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("number", [1, 2])
def test_no_name_becomes_markup(name: str, number: int) -> None:
    message = sent(a_delivery(*[a_notice(subject=f"{name}{each}", text=name) for each in range(number)]))
    assert all(PLAIN.fullmatch(text) for text in texts(message))
    for text in texts(message)[2:]:  # each line is one span of code, whatever is in it
        assert all(re.fullmatch(r"(→ )?`[^`]*`", line) for line in text.split("\n")), text
    assert all(block["text"]["verbatim"] is True for block in message["blocks"])
    assert (message["parse"], message["link_names"], message["mrkdwn"]) == ("none", False, False)
    assert (message["unfurl_links"], message["unfurl_media"]) == (False, False)


@pytest.mark.parametrize("sign", ["x", "&", "<"])
@pytest.mark.parametrize("number", [1, 10, 100])
def test_a_message_is_within_the_limits(sign: str, number: int) -> None:
    notices = [a_notice(subject=f"{each}{sign * 500}", text=sign * 9000) for each in range(number)]
    message = sent(a_delivery(*notices, lost=5))
    found = texts(message)
    assert len(message["blocks"]) <= BLOCKS
    assert max(map(len, found)) <= SECTION
    assert sum(map(len, found)) <= WHOLE + 1000
    assert all(PLAIN.fullmatch(text) for text in found)
    shown = sum("[new]" in text for text in found)
    assert shown >= 1
    assert shown == number or f"… and {number - shown} more." in found


def test_short_notices_are_as_many_as_there_are_blocks() -> None:
    message = sent(a_delivery(*[a_notice(subject=f"link.a.b{each}") for each in range(100)], lost=1))
    assert len(message["blocks"]) == BLOCKS
    assert texts(message)[-2] == "… and 53 more."
