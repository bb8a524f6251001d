"""The shape of the configuration: strict pydantic models, which are also the source of the JSON Schema."""

from __future__ import annotations

from dataclasses import dataclass, field

from pydantic import ValidationError

from sfdd_declare.config.positions import Number, Path, Places, Plain
from sfdd_declare.config.shape.problems import translate
from sfdd_declare.config.shape.root import Root
from sfdd_declare.model.errors import ConfigError

_LISTS = ("links", "import", "moved")
_PASSES = 50  # each takes something out; more than this would be a shape that contradicts itself


@dataclass(frozen=True, slots=True)
class Checked:
    """What holds together, and what does not. With errors, `root` is what is left without the wrong parts."""

    root: Root
    errors: tuple[ConfigError, ...] = ()
    kept: dict[str, tuple[int, ...]] = field(
        default_factory=dict
    )  # list section -> index in the file of each item left

    def index(self, section: str, position: int) -> int:
        """Where the item stood in the file."""
        return self.kept[section][position]


def validate(plain: Plain, places: Places) -> Checked:
    """Check the whole tree. Wrong parts are cut out and the rest is kept, so that later checks still see it."""
    document = dict(plain) if isinstance(plain, dict) else {}
    for section in [key for key, value in document.items() if value is None]:
        del document[section]  # a section whose entries are all commented out
    kept = {section: list(range(_length(document.get(section)))) for section in _LISTS}
    errors: list[ConfigError] = []
    for attempt in range(_PASSES):
        try:
            root = Root.model_validate(document)
        except ValidationError as problem:
            if attempt == 0:
                errors = translate(problem, places)
            _cut(document, [error["loc"] for error in problem.errors(include_input=False)], kept)
        else:
            return Checked(root, tuple(errors), {section: tuple(indexes) for section, indexes in kept.items()})
    return Checked(Root(version=1), tuple(errors), dict.fromkeys(_LISTS, ()))


def _length(value: Plain) -> int:
    return len(value) if isinstance(value, list) else 0


def _cut(document: dict[str, Plain], locations: list[Path], kept: dict[str, list[int]]) -> None:
    """Take out the smallest parts that the complaints are about. Of a list inside a thing, all goes."""
    paths = {_real_path(document, location) for location in locations}
    if paths & {(), ("version",)}:
        document["version"] = Number("1")
    smallest = {path for path in paths if not any(path[:end] in paths for end in range(1, len(path)))}
    for path in sorted(smallest - {(), ("version",)}, key=_last_first):
        parent: Plain = document
        for part in path[:-1]:
            parent = parent[part]  # type: ignore[index]  # the path was found in this very document
        if isinstance(parent, dict):
            del parent[str(path[-1])]
        elif isinstance(parent, list) and isinstance(path[-1], int):
            del parent[path[-1]]
            del kept[str(path[0])][path[-1]]


def _last_first(path: Path) -> list[int]:
    """Later items of a list go first, so that the indexes of the others stay right."""
    return [-part if isinstance(part, int) else 0 for part in path]


def _real_path(document: Plain, location: Path) -> Path:
    """The part of a location that exists in the document, up to the first list that is not a section."""
    path: Path = ()
    node = document
    for part in location:
        if isinstance(node, dict) and part in node:
            node = node[str(part)]
        elif isinstance(node, list) and isinstance(part, int) and path and path[-1] in _LISTS and len(path) == 1:
            node = node[part]
        elif isinstance(node, list):
            break
        else:
            continue
        path = (*path, part)
    return path


__all__ = ["Checked", "validate"]
