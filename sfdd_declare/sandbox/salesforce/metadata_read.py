"""A deployment's zip file as values: custom objects with their fields, permission sets, and what is wrong with them.

Reads the Metadata API's file format (`package.xml`, `objects/*.object`, `permissionsets/*.permissionset`). Nothing
is stored here; a component that cannot be read becomes a `Failure`, as in a real deployment.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from xml.etree.ElementTree import Element

from sfdd_declare.sandbox.salesforce.errors import Refusal
from sfdd_declare.sandbox.salesforce.xml_text import parse

MAX_BYTES = 400_000_000
_NAMESPACE = "{http://soap.sforce.com/2006/04/metadata}"
_FOLDERS = {"objects": ("object", "CustomObject"), "permissionsets": ("permissionset", "PermissionSet")}


@dataclass(frozen=True, slots=True)
class Node:
    """One XML element with its children's texts by name."""

    element: Element

    def text(self, name: str, default: str = "") -> str:
        """The text of the first child of that name."""
        found = self.element.find(_NAMESPACE + name)
        return default if found is None else (found.text or "").strip()

    def has(self, name: str) -> bool:
        """Whether there is a child of that name with text."""
        return bool(self.text(name))

    def is_true(self, name: str) -> bool:
        """Whether the child says `true`."""
        return self.text(name).lower() == "true"

    def number(self, name: str) -> int:
        """The child as a whole number; 0 if it is none."""
        text = self.text(name)
        return int(text) if text.isdecimal() and len(text) < 10 else 0

    def all(self, name: str) -> list[Node]:
        """Every child of that name."""
        return [Node(element) for element in self.element.findall(_NAMESPACE + name)]

    def one(self, name: str) -> Node | None:
        """The first child of that name."""
        found = self.element.find(_NAMESPACE + name)
        return None if found is None else Node(found)


@dataclass(frozen=True, slots=True)
class Component:
    """One file of the package."""

    kind: str
    name: str
    file: str
    node: Node


@dataclass(frozen=True, slots=True)
class Failure:
    """Why one component cannot be deployed."""

    kind: str
    name: str
    file: str
    problem: str


def read_package(archive: bytes) -> tuple[list[Component], list[Failure]]:
    """The components that package.xml names. Raises INVALID_INPUT when the zip itself is unreadable."""
    try:
        files = dict(_files(archive))
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError):
        raise Refusal("INVALID_INPUT", "The file part is not a valid zip file") from None
    manifest = _xml(files.get("package.xml", b""))
    if manifest is None:
        return [], [Failure("", "package.xml", "package.xml", "No package.xml found")]
    listed = [(one.text("name"), member) for one in manifest.all("types") for member in _members(one)]
    components: list[Component] = []
    failures: list[Failure] = []
    for name, content in files.items():
        found = _component(name, content)
        if isinstance(found, Failure):
            failures.append(found)
        elif found is not None:
            if any(kind == found.kind and fnmatchcase(found.name, member) for kind, member in listed):
                components.append(found)
            else:
                problem = f"The {found.kind} named {found.name} was in the zip file but not in package.xml"
                failures.append(Failure(found.kind, found.name, found.file, problem))
    have = {(one.kind, one.name) for one in components} | {(one.kind, one.name) for one in failures}
    failures += [
        Failure(
            kind,
            member,
            "package.xml",
            f"An object '{member}' of type {kind} was named in package.xml, but was not found in zipped directory",
        )
        for kind, member in listed
        if kind in ("CustomObject", "PermissionSet") and member != "*" and (kind, member) not in have
    ]
    return components, failures


def _files(archive: bytes) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        infos = [info for info in opened.infolist() if not info.is_dir()]
        if sum(info.file_size for info in infos) > MAX_BYTES:
            raise Refusal("LIMIT_EXCEEDED", "Maximum size of the uncompressed zip file exceeded")
        # A package may sit in a folder of its own; its files are named from that folder.
        at = next((info.filename for info in infos if info.filename.endswith("package.xml")), "package.xml")
        root = at.removesuffix("package.xml")
        for info in infos:
            yield info.filename.removeprefix(root), opened.read(info)


def _component(file: str, content: bytes) -> Component | Failure | None:
    folder, _, rest = file.partition("/")
    stem, _, extension = rest.rpartition(".")
    wanted, kind = _FOLDERS.get(folder, ("", ""))
    if not kind or extension != wanted:
        return None
    node = _xml(content)
    if node is None or node.element.tag != _NAMESPACE + kind:
        return Failure(kind, stem, file, f"Error parsing file: {file} is not a {kind} in the metadata namespace")
    return Component(kind, stem, file, node)


def _members(types: Node) -> list[str]:
    return [(one.element.text or "").strip() for one in types.all("members")]


def _xml(content: bytes) -> Node | None:
    try:
        return Node(parse(content))
    except ValueError:
        return None
