"""Bodies that name contacts by id or address, and the contacts they mean (v2)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sfdd_declare.sandbox.dotdigital import lookup
from sfdd_declare.sandbox.dotdigital.answers import folded, v2_error
from sfdd_declare.sandbox.dotdigital.call import Call
from sfdd_declare.sandbox.dotdigital.lookup import Contact, email_key


@dataclass(frozen=True, slots=True)
class Reference:
    """A contact as a caller names it: by id when there is one, else by address."""

    id: int | None
    email: str | None


def references(body: Any) -> list[Reference]:
    """The references of a bare array. Raises Refusal when it is none, or empty."""
    if not isinstance(body, list) or not body:
        raise v2_error(400, "No contacts were specified", "ERROR_CONTACTS_ARE_NOT_SPECIFIED")
    return [_reference(each) for each in body]


def resolve(call: Call, wanted: Sequence[Reference]) -> Iterator[tuple[Reference, Contact | None]]:
    """Each reference once, with its contact unless that is unknown or in the recycle bin."""
    account = call.account.id
    by_id = lookup.by_ids(call.world, account, [each.id for each in wanted if each.id is not None])
    emails = [each.email for each in wanted if each.id is None and each.email is not None]
    by_email = lookup.by_emails(call.world, account, emails)
    seen: set[int] = set()
    for each in dict.fromkeys(wanted):
        found = by_id.get(each.id) if each.id is not None else by_email.get(email_key(each.email or ""))
        if found is None or found.is_binned:
            yield each, None
        elif found.id not in seen:
            seen.add(found.id)
            yield each, by_id.get(found.id, found)


def echo(reference: Reference) -> dict[str, Any]:
    """A reference as answers repeat it: what it does not name is 0 or null."""
    return {"id": reference.id or 0, "email": reference.email}


def _reference(raw: Any) -> Reference:
    named = folded(raw)
    number, email = named.get("id"), named.get("email")
    if isinstance(number, int) and not isinstance(number, bool) and 0 < number < 2**63:
        return Reference(id=number, email=email if isinstance(email, str) else None)
    if isinstance(email, str) and email.strip():
        return Reference(id=None, email=email.strip())
    raise v2_error(400, "A contact has neither id nor email", "ERROR_CONTACT_INVALID")
