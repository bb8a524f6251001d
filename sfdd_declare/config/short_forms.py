"""`data_fields:` without the key of an account, where there is one: put under it before anything else looks."""

from __future__ import annotations

from sfdd_declare.config.positions import Entry, Mapping, Node, Scalar
from sfdd_declare.config.suggest import quoted
from sfdd_declare.model.errors import ConfigError, DeclareError

_SECTION = "data_fields"
_FIELD_KEYS = frozenset({"type", "visibility", "default", "lifecycle", "on_destroy"})


def is_data_field(node: Node) -> bool:
    """Whether this is what one field is declared to be, and not the fields of an account."""
    if isinstance(node, Mapping):
        return any(key in _FIELD_KEYS and not isinstance(e.node, Mapping) for key, e in node.entries.items())
    return isinstance(node, Scalar) and node.value is not None


def expand(tree: Mapping) -> tuple[Mapping, list[DeclareError]]:
    """The tree with every data field under an account; fields of nobody knows which account are errors and left out."""
    section, accounts = _entries(tree, _SECTION), tuple(_entries(tree, "dotdigital", "accounts"))
    short = {k: entry for k, entry in section.items() if k not in accounts and is_data_field(entry.node)}
    if not short:
        return tree, []
    rest = {key: entry for key, entry in section.items() if key not in short}
    errors: list[DeclareError] = []
    if len(accounts) == 1:
        (account,) = accounts
        own = _entries(tree, _SECTION, account)
        errors += [_twice(name, short[name], own[name]) for name in short if name in own]
        where = rest[account].at if account in rest else tree.entries[_SECTION].at
        rest[account] = Entry(where, Mapping({**short, **own}, where))
    else:
        errors += [_whose(name, entry, accounts) for name, entry in short.items()]
    known = tree.entries[_SECTION]
    entries = {**tree.entries, _SECTION: Entry(known.at, Mapping(rest, known.node.at))}
    return Mapping(entries, tree.at), errors


def _entries(tree: Mapping, *path: str) -> dict[str, Entry]:
    node: Node = tree
    for part in path:
        if not isinstance(node, Mapping) or part not in node.entries:
            return {}
        node = node.entries[part].node
    return node.entries if isinstance(node, Mapping) else {}


def _twice(name: str, short: Entry, long: Entry) -> ConfigError:
    summary = f"{quoted(name)} is declared twice: with its account and without."
    return ConfigError(
        "SFDD-E1212", summary, where=short.at, hint=f"remove one of the two `{name}:`", detail=f"first at {long.at}"
    )


def _whose(name: str, entry: Entry, accounts: tuple[str, ...]) -> ConfigError:
    if not accounts:
        summary, hint = "No Dotdigital account is declared.", "dotdigital: {accounts: {main: …}}"
    else:
        summary, hint = f"There are {len(accounts)} accounts: say which one.", f"data_fields: {{{accounts[0]}: …}}"
    return ConfigError("SFDD-E1227", summary, where=entry.at, hint=hint, detail=f"for the data field {quoted(name)}")
