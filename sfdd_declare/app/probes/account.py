"""What a Dotdigital account tells of itself: one function per assumption, named like it.

Each answers with one of the two values, or raises UnsettledError: whatever is neither proves nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from zoneinfo import ZoneInfo

from sfdd_declare.app.probes.made import UnsettledError
from sfdd_declare.app.probes.site import STAMP_SECONDS, Site
from sfdd_declare.dotdigital.trial import row
from sfdd_declare.dotdigital.values import instant
from sfdd_declare.model.errors import RemoteError
from sfdd_declare.model.rules import TEXT_LIMIT

_TEXT, _OTHER_TEXT = "FIRSTNAME", "LASTNAME"
"""Every account has these."""
_DAYS = (datetime(2026, 7, 15, tzinfo=UTC), datetime(2026, 1, 15, tzinfo=UTC))
_TURNS = 3


def list_join_bumps_updated(site: Site) -> str:
    """Joining, leaving, a list's opt-out and a suppression must all move it, and an import alone must not."""
    book = site.book  # made before anybody is looked at
    email, contact = site.person()
    if site.moves(contact, lambda: site.rewrite(contact)):
        raise UnsettledError("an import moves `updated` even where it changes nothing: a join cannot be told from it")
    ways = (
        lambda: site.rewrite(contact, lists=[book]),
        lambda: site.trial.leave(book, contact),
        lambda: site.rewrite(contact, lists=[book]),
        lambda: site.trial.unsubscribe_from(book, email),
        lambda: site.trial.suppress(contact),
    )
    return "yes" if all(site.moves(contact, way) for way in ways) else "no"


def listid_returns_suppressed(site: Site) -> str:
    """A member unsubscribes from the list and is looked for among its members."""
    email, contact = site.member()
    if site.trial.listed(site.book).place(contact, site.book) is None:
        raise UnsettledError("a new member is not shown at once")
    site.trial.unsubscribe_from(site.book, email)
    for _ in range(_TURNS):
        place = site.trial.listed(site.book).place(contact, site.book)
        if place != "subscribed":
            return "no" if place is None else "yes"
        site.trial.pause(STAMP_SECONDS)
    raise UnsettledError("a member who unsubscribed from the list is still shown as subscribed to it")


def import_clears_list_optout(site: Site) -> str:
    """A member unsubscribes from the list and is imported with it once more."""
    email, contact = site.member()
    site.trial.unsubscribe_from(site.book, email)
    if site.seen(contact).place(site.book) == "subscribed":
        raise UnsettledError("an opt-out from a list does not show in the contact")
    site.rewrite(contact, lists=[site.book])
    return "yes" if site.seen(contact).place(site.book) == "subscribed" else "no"


def import_undeletes_binned(site: Site) -> str:
    """A deleted contact is imported by its id, then by its address; anybody with the address is who came back."""
    email, contact = site.person()
    site.trial.remove_contact(email)
    if site.trial.named(email) is not None:
        raise UnsettledError("a contact that was deleted is still there")
    for again in (row("", contact_id=contact), row(email)):
        site.trial.write(again)
        if site.trial.named(email) is not None:
            return "yes"
    return "no"


def overlong(site: Site) -> str:
    """One character too many."""
    _, result = site.try_to_write(dataFields={_TEXT: "x" * (TEXT_LIMIT + 1)})
    if result.contact_id is None:
        return "fail"
    stored = site.seen(result.contact_id).value(_TEXT)
    if stored and len(str(stored)) > TEXT_LIMIT:
        raise UnsettledError(f"a text of {TEXT_LIMIT + 1:,} characters is kept as it is")
    return "cut" if stored and result.is_whole else "fail"


def unknown_field(site: Site) -> str:
    """A name that no data field has."""
    name = site.unknown_field()
    try:
        _, result = site.try_to_write(dataFields={name: "x"})
    except RemoteError as error:
        if error.status == 400:
            return "fail"
        raise
    if name.casefold() in {known.casefold() for known in site.trial.field_names()}:
        raise UnsettledError("the data field was made")
    return "ignore" if result.is_whole else "fail"


def new_contact_status_suppressed(site: Site) -> str:
    """A contact is created suppressed."""
    _, result = site.try_to_write(channelProperties={"email": {"status": "suppressed"}})
    if not result.is_whole or result.contact_id is None:
        return "refused"
    return "accepted" if site.seen(result.contact_id).channel == "suppressed" else "refused"


def blank_string(site: Site) -> str:
    """A text is overwritten with an empty one."""
    _, contact = site.person(dataFields={_TEXT: "x"})
    site.rewrite(contact, dataFields={_TEXT: ""})
    stored = site.seen(contact).value(_TEXT)
    if stored not in ("", None):
        raise UnsettledError("an empty text leaves the value as it was")
    return "null" if stored is None else "blank"


def field_name_case(site: Site) -> str:
    """A name in mixed case is read back by both versions of the API."""
    name = site.date_field
    _, contact = site.person(dataFields={name: "2026-01-15T00:00:00Z"})
    spelt = (*site.trial.field_names(), *(site.seen(contact).dataFields or {}))
    mine = [each for each in spelt if each.casefold() == name.casefold()]
    if len(mine) != len(("v2", "v3")):
        raise UnsettledError("the data field is not read back")
    return "kept" if all(each == name for each in mine) else "changed"


def last_page_next(site: Site) -> str:
    """The list is read with pages that are as long as the list."""
    site.member()
    everybody = len(site.trial.listed(site.book).members)
    if not everybody:
        raise UnsettledError("a new member is not shown at once")
    page = site.trial.listed(site.book, limit=everybody)
    if not page.marker:
        return "absent"
    if site.trial.listed(site.book, limit=everybody, marker=page.marker).members:
        raise UnsettledError("the list grew meanwhile")
    return "present"


def alters_on_write(site: Site) -> str:
    """White space around a text, and a text that is as long as it may be."""
    texts = {_TEXT: "  sfdd  probe  ", _OTHER_TEXT: "y" * TEXT_LIMIT}
    _, contact = site.person(dataFields=texts)
    there = site.seen(contact)
    return "nothing" if all(there.value(field) == text for field, text in texts.items()) else "trims_and_cuts"


def account_time_zone(site: Site) -> str:
    """What the account says of itself; UTC where it says nothing."""
    return site.trial.time_zone


def date_holds_local_midnight(site: Site) -> str:
    """Somebody types a date in Dotdigital: no call does what that does."""
    day, local = _telling_day(site)
    email, contact = site.person()
    asked = f"account {site.trial.account}: open the contact {email}, type the date {day:%d %B %Y} into the data field "
    if not site.by_hand(f"{asked}{site.date_field}, and save it"):
        raise UnsettledError("somebody has to type a date in Dotdigital, and nobody did", keeps=True)
    return _which(site, contact, {local: "yes", day: "no"})


def date_written_as(site: Site) -> str:
    """A day as midnight UTC, as we write all of them."""
    day, local = _telling_day(site)
    _, contact = site.person(dataFields={site.date_field: f"{day:%Y-%m-%d}T00:00:00Z"})
    return _which(site, contact, {day: "utc_midnight", local: "local_midnight"})


def _telling_day(site: Site) -> tuple[datetime, datetime]:
    """A day that begins at another moment in the account's zone than in UTC: its first moment in both."""
    zone = ZoneInfo(site.trial.time_zone)
    for day in _DAYS:
        local = day.replace(tzinfo=zone).astimezone(UTC)
        if local != day:
            return day, local
    raise UnsettledError(f"the account's time zone is {site.trial.time_zone}, where it makes no difference", keeps=True)


def _which(site: Site, contact: int, meanings: Mapping[datetime, str]) -> str:
    stored = site.seen(contact).value(site.date_field)
    try:
        found = datetime.fromisoformat(instant(str(stored)))
    except ValueError:
        raise UnsettledError("the date is not read back") from None
    if found not in meanings:
        raise UnsettledError(f"the date is read back {abs(found - next(iter(meanings))) // timedelta(hours=1)} h away")
    return meanings[found]


PROBES: Mapping[str, Callable[[Site], str]] = MappingProxyType(
    {
        each.__name__: each
        for each in (
            list_join_bumps_updated,
            listid_returns_suppressed,
            import_clears_list_optout,
            import_undeletes_binned,
            overlong,
            unknown_field,
            new_contact_status_suppressed,
            blank_string,
            field_name_case,
            last_page_next,
            alters_on_write,
            account_time_zone,
            date_written_as,
            date_holds_local_midnight,
        )
    }
)
