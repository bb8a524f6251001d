"""What a person does in the vendor's own screens, for tests and demos: dated now, with a name in the history.

A body is `{"action": …, "email" or "contactId": …, "who": …, "account": …}` plus what the action needs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sfdd_declare.sandbox.dotdigital import books, contacts, fields, lookup, preferences, schema, values
from sfdd_declare.sandbox.dotdigital.answers import Refusal
from sfdd_declare.sandbox.dotdigital.changes import Changes
from sfdd_declare.sandbox.dotdigital.lookup import STATUSES, Contact
from sfdd_declare.sandbox.dotdigital.values import UnfitError
from sfdd_declare.sandbox.world import World

SOMEONE = "someone@acme.example"
_Body = Mapping[str, Any]


def act(world: World, body: _Body) -> dict[str, Any]:
    """Carry one action out and return the contact or list it was about. Raises ValueError."""
    schema.install(world)
    action = str(body.get("action"))
    account, who = int(body.get("account", schema.home_account(world))), str(body.get("who", SOMEONE))
    with world.transaction():
        schema.equip(world, account)
        contacts.purge(world, account)
        try:
            if action in ON_ACCOUNT:
                return ON_ACCOUNT[action](world, account, who, body)
            if action not in ON_CONTACT:
                known = ", ".join(sorted({*ON_CONTACT, *ON_ACCOUNT}))
                raise ValueError(f"action is one of {known}")
            contact = _contact(world, account, body)
            changes = Changes(world, account, who)
            ON_CONTACT[action](world, account, changes, contact, body)
        except (Refusal, UnfitError) as error:
            raise ValueError(str(error.body if isinstance(error, Refusal) else error)) from error
        changes.store()
    return {"contactId": contact.id, "email": contact.email, "status": contact.status}


def _unsubscribe(_w: World, _a: int, changes: Changes, contact: Contact, _body: _Body) -> None:
    changes.set_status(contact, "unsubscribed")


def _resubscribe(_w: World, _a: int, changes: Changes, contact: Contact, _body: _Body) -> None:
    changes.set_status(contact, "subscribed")


def _set_status(_w: World, _a: int, changes: Changes, contact: Contact, body: _Body) -> None:
    if body.get("status") not in STATUSES:
        raise ValueError(f"status is one of {', '.join(sorted(STATUSES))}")
    changes.set_status(contact, body["status"])


def _list_unsubscribe(world: World, account: int, changes: Changes, contact: Contact, body: _Body) -> None:
    changes.opt_out(contact, _list(world, account, body["list"]))


def _remove_from_list(world: World, account: int, changes: Changes, contact: Contact, body: _Body) -> None:
    changes.leave(contact, _list(world, account, body["list"]))


def _add_to_list(world: World, account: int, changes: Changes, contact: Contact, body: _Body) -> None:
    changes.join(contact, _list(world, account, body["list"]), clears_optout=True)


def _set_field(world: World, account: int, changes: Changes, contact: Contact, body: _Body) -> None:
    stored = values.writing(world, account, by_hand=True).values({body["field"]: body.get("value")})
    changes.set_values(contact, stored)


def _change_email(world: World, account: int, changes: Changes, contact: Contact, body: _Body) -> None:
    taken = lookup.find(world, account, "email", body["new_email"])
    if taken is not None and taken.id != contact.id:
        raise ValueError("the address belongs to another contact")
    changes.set_email(contact, body["new_email"])


def _choose(world: World, account: int, changes: Changes, contact: Contact, body: _Body) -> None:
    changes.choose(contact, _preference(world, account, body["preference"]), is_in=bool(body.get("opted_in", True)))


def _delete(_w: World, _a: int, changes: Changes, contact: Contact, _body: _Body) -> None:
    changes.bin(contact)


def _restore(_w: World, _a: int, changes: Changes, contact: Contact, _body: _Body) -> None:
    changes.restore(contact)


def _add_contact(world: World, account: int, who: str, body: _Body) -> dict[str, Any]:
    contact, status = lookup.find(world, account, "email", body["email"]), body.get("status", "subscribed")
    changes = Changes(world, account, who)
    if contact is None:
        contact = changes.create(email=body["email"], status=status)
    elif contact.is_binned:  # a deleted contact is who it was, and has left all lists; signing up is a new consent
        changes.restore(contact)
        changes.set_status(contact, status)
    else:
        raise ValueError("the address belongs to another contact")
    changes.set_values(contact, values.writing(world, account, by_hand=True).values(body.get("dataFields", {})))
    for wanted in body.get("lists", ()):
        changes.join(contact, _list(world, account, wanted), clears_optout=True)
    changes.store()
    return {"contactId": contact.id, "email": contact.email, "status": contact.status}


def _create_list(world: World, account: int, who: str, body: _Body) -> dict[str, Any]:
    made = books.create(world, account, who, name=body["name"], visibility=body.get("visibility"))
    return made.shown()


def _rename_list(world: World, account: int, who: str, body: _Body) -> dict[str, Any]:
    return books.change(world, account, who, _list(world, account, body["list"]), name=body["name"]).shown()


def _delete_list(world: World, account: int, who: str, body: _Body) -> dict[str, Any]:
    number = _list(world, account, body["list"])
    books.delete(world, account, who, number)
    return {"id": number}


def _create_field(world: World, account: int, who: str, body: _Body) -> dict[str, Any]:
    fields.create(world, account, who, name=body["field"], kind=body["type"], default=body.get("default"))
    return {"field": body["field"]}


def _delete_field(world: World, account: int, who: str, body: _Body) -> dict[str, Any]:
    return fields.delete(world, account, who, body["field"])


def _create_preference(world: World, account: int, who: str, body: _Body) -> dict[str, Any]:
    names = {"publicname": body["name"], "privatename": body.get("private_name", body["name"])}
    kind = {"ispreference": not body.get("is_category", False), "categoryid": body.get("category")}
    made = preferences.create(world, account, who, names | kind)
    return preferences.shown(made, preferences.preferences(world, account))


def _delete_preference(world: World, account: int, who: str, body: _Body) -> dict[str, Any]:
    number = _preference(world, account, body["preference"])
    preferences.delete(world, account, who, number)
    return {"id": number}


def _contact(world: World, account: int, body: _Body) -> Contact:
    identifier = "contactId" if "contactId" in body else "email"
    contact = lookup.find(world, account, identifier, str(body[identifier]))
    if contact is None:
        raise ValueError("there is no such contact")
    return contact


def _list(world: World, account: int, wanted: int | str) -> int:
    """By id or name."""
    there = books.books(world, account)
    for book in there:
        if book.id == wanted or book.name.casefold() == str(wanted).casefold():
            return book.id
    raise ValueError(f"there is no list {wanted}; there are: {', '.join(book.name for book in there)}")


def _preference(world: World, account: int, wanted: int | str) -> int:
    """By id, or by name as imports write it: `Category>Name`."""
    known = preferences.preferences(world, account)
    number = wanted if wanted in known else preferences.by_name(known).get(str(wanted).casefold())
    if not isinstance(number, int):
        raise ValueError(f"there is no preference {wanted}; there are: {', '.join(preferences.by_name(known))}")
    return number


ON_CONTACT: Mapping[str, Callable[[World, int, Changes, Contact, _Body], None]] = {
    "unsubscribe": _unsubscribe,
    "resubscribe": _resubscribe,
    "set_status": _set_status,
    "list_unsubscribe": _list_unsubscribe,
    "remove_from_list": _remove_from_list,
    "add_to_list": _add_to_list,
    "set_field": _set_field,
    "change_email": _change_email,
    "choose_preference": _choose,
    "delete_contact": _delete,
    "restore_contact": _restore,
}
ON_ACCOUNT: Mapping[str, Callable[[World, int, str, _Body], dict[str, Any]]] = {
    "add_contact": _add_contact,
    "create_list": _create_list,
    "rename_list": _rename_list,
    "delete_list": _delete_list,
    "create_field": _create_field,
    "delete_field": _delete_field,
    "create_preference": _create_preference,
    "delete_preference": _delete_preference,
}
