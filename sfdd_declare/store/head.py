"""The head of a state in an object store: a small document that names its files."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from sfdd_declare.model.errors import StateError

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Saved:
    """A whole file in the store, and what the state says of itself in it."""

    generation: str
    digest: str
    lineage: str
    serial: int
    at: str


@dataclass(frozen=True, slots=True)
class Head:
    """The current file and those before the last runs, the newest first."""

    current: Saved
    earlier: tuple[Saved, ...] = ()

    def as_bytes(self) -> bytes:
        return json.dumps({"format": FORMAT, **asdict(self)}, indent=1).encode()


def parsed(data: bytes, place: str) -> Head:
    try:
        document = json.loads(data)
        if document["format"] > FORMAT:
            raise StateError(
                "SFDD-E3011",
                f"The state's head has format {document['format']}; this version of sfdd reads format {FORMAT}.",
                where=place,
                hint="pip install --upgrade sfdd-declare",
            )
        return Head(Saved(**document["current"]), tuple(Saved(**one) for one in document["earlier"]))
    except (ValueError, KeyError, TypeError) as error:
        raise StateError(
            "SFDD-E3002",
            "This object is not the head of a state of sfdd.",
            where=place,
            hint="Check the key `state`; a file becomes a state there with: sfdd state push FILE",
        ) from error
