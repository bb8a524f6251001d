"""What the offline checks share: the shape, its places, and the names that are declared, wrong things included."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sfdd_declare.config.positions import Places
from sfdd_declare.config.rows import Section
from sfdd_declare.config.shape import Checked
from sfdd_declare.config.suggest import did_you_mean, quoted
from sfdd_declare.model.errors import ConfigError, Position

#: Data fields that every Dotdigital account has.
BUILT_IN = ("FIRSTNAME", "LASTNAME", "FULLNAME", "GENDER", "POSTCODE", "NOTES")


@dataclass(frozen=True, slots=True)
class Context:
    """One configuration under check. Names come from the tree, so that a thing with an error in it is still known."""

    checked: Checked
    places: Places
    folder: Path
    environ: Mapping[str, str]
    credentials: bool  # whether they must be at hand
    accounts: tuple[str, ...]
    campaigns: tuple[str, ...]
    books: tuple[str, ...]
    sections: tuple[Section, ...]

    @property
    def imports(self) -> dict[str, tuple[str, Position]]:
        """Of every address the live id that is imported to it, and where that is written."""
        found: dict[str, tuple[str, Position]] = {}
        for position, item in enumerate(self.checked.root.imports):
            where = self.places.value("import", self.checked.index("import", position), "id")
            found.setdefault(item.to, (item.id, where))
        return found

    def data_fields(self, account: str) -> tuple[str, ...]:
        return self.places.names("data_fields", account)


def error(id: str, summary: str, where: Position, *, hint: str, detail: str = "") -> ConfigError:
    return ConfigError(id, summary, where=where, hint=hint, detail=detail)


def unknown(id: str, noun: str, name: str, known: tuple[str, ...], where: Position, *, section: str) -> ConfigError:
    """A reference that leads nowhere."""
    hint = did_you_mean(name, known, otherwise=f"{section}: {{{name}: …}}")
    return ConfigError(id, f"There is no {noun} {quoted(name)}.", where=where, hint=hint)
