"""Marketing preferences of an account: a tree of categories and of what contacts opt in to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sfdd_declare.sandbox.dotdigital.answers import Refusal, v2_error
from sfdd_declare.sandbox.world import World, stamp

_PLACES = {"top": 0, "bottom": 2**31}


@dataclass(frozen=True, slots=True)
class Preference:
    """A preference, or a category of them, which nobody opts in to. `category` is 0 outside of any."""

    id: int
    public_name: str
    private_name: str
    is_preference: bool
    is_public: bool
    category: int
    position: int
    created: str
    modified: str


def preferences(world: World, account: int) -> dict[int, Preference]:
    """The account's preferences and categories by id, in the order of the tree's levels."""
    with world.lock:
        rows = world.db.execute(
            "SELECT id, public_name, private_name, is_preference, is_public, category, position, created, modified"
            " FROM dd_preference WHERE account = ? ORDER BY category, position, id",
            (account,),
        ).fetchall()
    return {
        row["id"]: Preference(
            **{**dict(row), "is_preference": bool(row["is_preference"]), "is_public": bool(row["is_public"])}
        )
        for row in rows
    }


def by_name(known: Mapping[int, Preference]) -> dict[str, int]:
    """The ids by folded `Category>Name` as imports write it, under public names and, going first, private ones."""
    found: dict[str, int] = {}
    for attribute in ("public_name", "private_name"):
        for each in known.values():
            if each.is_preference:
                place = f"{getattr(known[each.category], attribute)}>" if each.category in known else ""
                found[f"{place}{getattr(each, attribute)}".casefold()] = each.id
    return found


def tree(
    known: Mapping[int, Preference], *, chosen: Mapping[int, bool] | None = None, since: str = ""
) -> list[dict[str, Any]]:
    """The v2 form: categories with what is in them, what changed `since`, and what was `chosen` by a contact."""
    return list(_branches(known, 0, chosen, since))


def _branches(
    known: Mapping[int, Preference], category: int, chosen: Mapping[int, bool] | None, since: str
) -> Iterator[dict[str, Any]]:
    for each in known.values():
        if each.category != category:
            continue
        form = shown(each, known)
        if each.is_preference and chosen is not None:
            form["isOptedIn"] = chosen.get(each.id, False)
        if not each.is_preference:
            form["preferences"] = list(_branches(known, each.id, chosen, since))
        if each.modified >= since or form.get("preferences"):
            yield form


def shown(each: Preference, known: Mapping[int, Preference]) -> dict[str, Any]:
    """The v2 form of one of them, without what is in it."""
    return {
        "id": each.id,
        "publicName": each.public_name,
        "privateName": each.private_name,
        "isPreference": each.is_preference,
        "order": str(each.position),
        "isPublic": each.is_public,
        "categoryId": each.category,
        "preferenceCount": sum(1 for other in known.values() if other.category == each.id),
        "created": each.created,
        "lastModified": each.modified,
    }


def create(world: World, account: int, who: str, body: Mapping[str, Any]) -> Preference:
    """A new preference or category; keys of the body are folded. Raises Refusal."""
    public, private = _name(body, "publicname"), _name(body, "privatename")
    is_preference, is_public = _flag(body, "ispreference", default=False), _flag(body, "ispublic", default=True)
    now = stamp(world.now())
    with world.transaction() as db:
        category = _category(world, account, body, is_preference=is_preference, default=0)
        number = db.execute(
            "INSERT INTO dd_preference (account, category, public_name, private_name, is_preference, is_public,"
            " position, created, modified) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (account, category, public, private, is_preference, is_public, _PLACES["bottom"], now, now),
        ).lastrowid
        assert number is not None
        _place(world, account, number, body.get("order"))
        made = preferences(world, account)[number]
        _log(world, number, who, "created", old=None, new={"publicName": public, "privateName": private})
    return made


def change(world: World, account: int, who: str, number: int, body: Mapping[str, Any]) -> Preference:
    """Change what the body gives; a preference never becomes a category. Raises Refusal."""
    with world.transaction() as db:
        old = one(world, account, number)
        public, private = _name(body, "publicname"), _name(body, "privatename")
        is_public = _flag(body, "ispublic", default=old.is_public)
        category = _category(world, account, body, is_preference=old.is_preference, default=old.category)
        db.execute(
            "UPDATE dd_preference SET public_name = ?, private_name = ?, is_public = ?, category = ?, modified = ?"
            " WHERE id = ?",
            (public, private, is_public, category, stamp(world.now()), number),
        )
        _place(world, account, number, body.get("order"))
        changed = preferences(world, account)[number]
        _log(world, number, who, "changed", old=old.private_name, new=private)
    return changed


def delete(world: World, account: int, who: str, number: int) -> None:
    """Delete a preference, or a category and what is in it, and who opted in to them. Raises Refusal."""
    with world.transaction() as db:
        one(world, account, number)
        gone = [each.id for each in preferences(world, account).values() if number in (each.id, each.category)]
        for each in gone:
            db.execute("DELETE FROM dd_choice WHERE preference_id = ?", (each,))
            db.execute("DELETE FROM dd_preference WHERE id = ?", (each,))
            _log(world, each, who, "deleted", old=None, new=True)


def one(world: World, account: int, number: int) -> Preference:
    """One of them. Raises Refusal when there is none."""
    found = preferences(world, account).get(number)
    if found is None:
        raise v2_error(404, "The preference could not be found", "ERROR_PARAMETER_INVALID")
    return found


def invalid(text: str = "The preference is not valid") -> Refusal:
    """What a body is answered with that says something wrong about preferences."""
    return v2_error(400, text, "ERROR_PARAMETER_INVALID")


def _name(body: Mapping[str, Any], key: str) -> str:
    name = body.get(key)
    if not isinstance(name, str) or not name.strip():
        raise invalid()
    return name.strip()


def _flag(body: Mapping[str, Any], key: str, *, default: bool) -> bool:
    flag = default if body.get(key) is None else body[key]
    if not isinstance(flag, bool):
        raise invalid()
    return flag


def _category(world: World, account: int, body: Mapping[str, Any], *, is_preference: bool, default: int) -> int:
    number = body.get("categoryid")
    if number is None:
        return default
    if type(number) is not int:
        raise invalid()
    if number != 0 and (not is_preference or not _is_category(preferences(world, account).get(number))):
        raise invalid("The category is not valid")
    return number


def _is_category(found: Preference | None) -> bool:
    return found is not None and not found.is_preference


def _place(world: World, account: int, number: int, order: Any) -> None:
    """Give everything on the level of one its position; without an order it stays, or is the last."""
    known = preferences(world, account)
    ids = [each.id for each in known.values() if each.category == known[number].category]
    at = ids.index(number) if order is None else _position(order)
    ids.remove(number)
    ids.insert(at, number)
    world.db.executemany("UPDATE dd_preference SET position = ? WHERE id = ?", list(enumerate(ids)))


def _position(order: Any) -> int:
    text = str(order).lower()
    if text in _PLACES:
        return _PLACES[text]
    if isinstance(order, bool) or not (text.isascii() and text.isdigit() and len(text) < 10):
        raise invalid("The order is neither a number nor top or bottom")
    return int(text)


def _log(world: World, number: int, who: str, what: str, *, old: Any, new: Any) -> None:
    world.history(
        system="dotdigital", kind="preference_definition", record=str(number), field=what, old=old, new=new, who=who
    )
