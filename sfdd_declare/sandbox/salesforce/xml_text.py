"""XML in and out: the one parser for what clients send, and elements from plain values."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from xml.etree.ElementTree import Element, ParseError, TreeBuilder, XMLParser
from xml.sax.saxutils import escape

DECLARED = '<?xml version="1.0" encoding="UTF-8"?>'
XSI = "http://www.w3.org/2001/XMLSchema-instance"

_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class _Builder(TreeBuilder):
    """Takes no document type, so no entities."""

    def doctype(self, name: str, pubid: str, system: str) -> None:
        """Refuse it."""
        del name, pubid, system
        raise ParseError("a document type is not allowed")


def parse(data: bytes) -> Element:
    """The root of a document. Raises ValueError for what is no XML, or has a document type."""
    parser = XMLParser(target=_Builder())  # noqa: S314 - no document type, no entities
    try:
        parser.feed(data.lstrip())
        found: Element = parser.close()
    except (ParseError, ValueError, LookupError) as error:
        raise ValueError(str(error)) from None
    return found


def local(one: Element) -> str:
    """The name of an element without its namespace."""
    return one.tag.rpartition("}")[2]


def element(name: str, value: Any) -> str:
    """An element with what is in it; a list as one element each, nothing for None."""
    if value is None:
        return ""
    if isinstance(value, list):
        return "".join(element(name, one) for one in value)
    inner = elements(value) if isinstance(value, Mapping) else text(value)
    return f"<{name}>{inner}</{name}>"


def elements(values: Mapping[str, Any]) -> str:
    """An element for each entry."""
    return "".join(element(*one) for one in values.items())


def text(value: Any) -> str:
    """A plain value as the text of an element."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return escape(_FORBIDDEN.sub("", str(value)))
