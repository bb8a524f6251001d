"""Several files into one tree, and an overlay over it.

Files are joined section by section: the same key in two files is an error that names both places; `links`, `import`
and `moved` are put one after the other. An overlay goes deep and wins: mappings are merged, `null` takes a key out,
links are merged by campaign and address book, other lists are replaced.
"""

from __future__ import annotations

from sfdd_declare.config.positions import Entry, Mapping, Node, Path, Scalar, Sequence
from sfdd_declare.config.short_forms import is_data_field
from sfdd_declare.config.suggest import quoted
from sfdd_declare.model.errors import ConfigError, DeclareError
from sfdd_declare.model.mapping import RecordType

LISTS = ("links", "import", "moved")
RECORD_SECTIONS = tuple(kind.section for kind in RecordType)

_DEEPER = {("dotdigital", "accounts")}


def join_files(files: tuple[Mapping, ...]) -> tuple[Mapping, list[DeclareError]]:
    """One tree from all files; where two say the same key, the first stays."""
    errors: list[DeclareError] = []
    joined = files[0]
    for file in files[1:]:
        joined = _join(joined, file, (), errors)
    return joined, errors


def apply_overlay(base: Mapping, overlay: Mapping) -> Mapping:
    """The base with the overlay's keys over it."""
    merged = _deep(base, overlay, ())
    assert isinstance(merged, Mapping)
    return merged


def _join(first: Mapping, second: Mapping, path: Path, errors: list[DeclareError]) -> Mapping:
    entries = dict(first.entries)
    for key, entry in second.entries.items():
        known = entries.get(key)
        if known is None or _is_empty(known.node):
            entries[key] = entry
        elif not _is_empty(entry.node):
            entries[key] = Entry(known.at, _joined(known, entry, (*path, key), errors))
    return Mapping(entries, first.at)


def _joined(first: Entry, second: Entry, path: Path, errors: list[DeclareError]) -> Node:
    one, other = first.node, second.node
    is_spread = _is_section(path) and not _is_one_field(path, one, other)
    if isinstance(one, Mapping) and isinstance(other, Mapping) and is_spread:
        return _join(one, other, path, errors)
    if isinstance(one, Sequence) and isinstance(other, Sequence) and path[0] in LISTS:
        return Sequence(one.items + other.items, one.at)
    if path == ("version",) and isinstance(one, Scalar) and isinstance(other, Scalar):
        if one.value != other.value:
            summary = f"The files disagree on `version`: {quoted(one.written)} and {quoted(other.written)}."
            errors.append(
                ConfigError("SFDD-E1017", summary, detail=f"first at {first.at}", where=second.at, hint="version: 1")
            )
        return one
    dotted = ".".join(str(part) for part in path)
    errors.append(
        ConfigError(
            "SFDD-E1016",
            f"{quoted(dotted)} is declared in two files.",
            detail=f"first at {first.at}",
            where=second.at,
            hint=f"remove one of the two `{path[-1]}:`",
        )
    )
    return one


def _is_section(path: Path) -> bool:
    """Whether the mapping at the path may be spread over files. What it holds below that is one thing in one file."""
    if len(path) == 1 or path in _DEEPER:
        return True
    if path[0] == "data_fields":
        return len(path) == 2
    if path[0] == "field_mappings":
        return len(path) == 2 or (len(path) == 3 and path[1] not in RECORD_SECTIONS)
    return False


def _is_one_field(path: Path, *nodes: Node) -> bool:
    return path[0] == "data_fields" and len(path) == 2 and any(is_data_field(node) for node in nodes)


def _is_empty(node: Node) -> bool:
    return isinstance(node, Scalar) and node.value is None


def _deep(base: Node, overlay: Node, path: Path) -> Node:
    if path == ("links",) and isinstance(base, Sequence) and isinstance(overlay, Sequence):
        return _merge_links(base, overlay)
    if not isinstance(base, Mapping) or not isinstance(overlay, Mapping):
        return overlay
    entries = dict(base.entries)
    for key, entry in overlay.entries.items():
        if _is_empty(entry.node):
            entries.pop(key, None)
        elif key in entries:
            known = entries[key]
            node = _deep(known.node, entry.node, (*path, key))
            entries[key] = Entry(known.at if isinstance(node, Mapping) else entry.at, node)
        else:
            entries[key] = entry
    return Mapping(entries, base.at)


def _merge_links(base: Sequence, overlay: Sequence) -> Sequence:
    links = [single for item in base.items for single in _single_links(item)]
    for change in (single for item in overlay.items for single in _single_links(item)):
        same = [index for index, link in enumerate(links) if _ends(link) == _ends(change) != ("", "")]
        if same:
            links[same[0]] = _deep(links[same[0]], change, ("links", same[0]))
        else:
            links.append(change)
    return Sequence(tuple(links), base.at)


def _single_links(link: Node) -> list[Node]:
    """One link per address book; the shape complains about what is no link at all."""
    books = link.entries.get("address_book") if isinstance(link, Mapping) else None
    if not isinstance(link, Mapping) or books is None or not isinstance(books.node, Sequence):
        return [link]
    return [Mapping({**link.entries, "address_book": Entry(books.at, book)}, link.at) for book in books.node.items]


def _ends(link: Node) -> tuple[str, str]:
    if not isinstance(link, Mapping):
        return ("", "")
    ends = [link.entries[key].node for key in ("campaign", "address_book") if key in link.entries]
    words = [end.written for end in ends if isinstance(end, Scalar)]
    return (words[0], words[1]) if len(words) == 2 else ("", "")
