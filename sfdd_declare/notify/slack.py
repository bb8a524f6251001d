"""A notification as a message for Slack, and for what takes messages of the same form.

Whatever is not ours stands in text of which the three signs of Slack's markup are escaped, so that it holds no link and
mentions nobody; `verbatim` keeps Slack from making them of bare words. Backticks go: they would end a span of code.
Slack documents 50 blocks a message and 3,000 characters a section; all blocks together it refuses from some 13,000 on.
"""

from __future__ import annotations

from itertools import accumulate

from sfdd_declare.notify.outbox import Delivery
from sfdd_declare.notify.text import Paragraph, lost_line, paragraph, summary
from sfdd_declare.render.words import number

BLOCKS, SECTION, WHOLE = 50, 3000, 12_000
_ROOM = SECTION // 3 - 10  # of each line of a section
_KEPT = 3  # blocks: the summary, what was lost, what has no room


def message(delivery: Delivery, configuration: str) -> dict[str, object]:
    """The body, as far as there is room; `text` is what a phone shows."""
    line = escaped(summary(configuration, delivery.notices))
    said = [_section(each) for each in map(paragraph, delivery.notices)]
    shown, left = [], WHOLE - len(line)
    for each in said[: BLOCKS - _KEPT]:
        if len(each) > left:
            break
        shown.append(each)
        left -= len(each)
    rest = len(said) - len(shown)
    ends = (f"… and {number(rest)} more." if rest else "", escaped(lost_line(delivery.lost).replace("`", "")))
    sections = [f"*{line}*", *shown, *filter(None, ends)]
    return {
        "text": line,
        "blocks": [_block(text) for text in sections],
        "mrkdwn": False,  # of `text`; the blocks have their own
        "parse": "none",
        "link_names": False,
        "unfurl_links": False,
        "unfurl_media": False,
    }


def escaped(text: str) -> str:
    """Text in which nothing is markup."""
    plain = text.replace("`", "'")
    return plain.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _section(said: Paragraph) -> str:
    lines = [_span(said.head), _span(said.text) if said.text else "", f"→ {_span(said.hint)}" if said.hint else ""]
    return "\n".join(filter(None, lines))


def _span(text: str) -> str:
    """A span of code. What grows by escaping is cut before it, between two signs."""
    signs = [escaped(sign) for sign in text]
    if sum(map(len, signs)) > _ROOM:
        ends = accumulate(map(len, signs))
        signs = [*(sign for sign, end in zip(signs, ends, strict=True) if end < _ROOM), "…"]
    return f"`{''.join(signs)}`"


def _block(text: str) -> dict[str, object]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}
