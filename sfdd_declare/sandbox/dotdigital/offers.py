"""The calls of the Dotdigital side: where each is, who handles it and what it costs."""

from __future__ import annotations

from dataclasses import dataclass

from sfdd_declare.sandbox.dotdigital import (
    deletions,
    events,
    identifiers,
    pages,
    resubscribe,
    single,
    subscriptions,
    suppression,
)
from sfdd_declare.sandbox.dotdigital import version2 as v2
from sfdd_declare.sandbox.dotdigital import version2_consent as consent
from sfdd_declare.sandbox.dotdigital import version2_contacts as people
from sfdd_declare.sandbox.dotdigital import version2_jobs as bulk
from sfdd_declare.sandbox.dotdigital import version2_preferences as tastes
from sfdd_declare.sandbox.dotdigital.call import Handler
from sfdd_declare.sandbox.dotdigital.limits import UNLIMITED


@dataclass(frozen=True, slots=True)
class Offer:
    """One call: where it is, who handles it, its rate tier, and whether it lets waiting jobs go on."""

    method: str
    path: str
    handler: Handler
    tier: str
    lets_jobs_run: bool = True


_BOOK = "/v2/address-books/{id}"
_MERGE = "/contacts/import/with-merge-option/{option}"
_TASTES = "/v2/preferences"
_CUSTOM = "/configuration/v3/customIdentifiers"
_SUBSCRIPTIONS = "/events/v3/export/subscriptions"
_CONTACT = "/contacts/v3/{identifier}/{value:path}"

# Submitting a job does not bring the others forward: only so can too many be active at once.
OFFERS = (
    Offer("GET", "/v2/server-time", v2.server_time, "high"),
    Offer("GET", "/v2/address-books", v2.list_books, "high"),
    Offer("POST", "/v2/address-books", v2.create_book, "medium"),
    Offer("GET", "/v2/address-books/public", v2.list_public_books, "high"),
    Offer("GET", "/v2/address-books/private", v2.list_private_books, "high"),
    Offer("GET", _BOOK, v2.show_book, "high"),
    Offer("PUT", _BOOK, v2.change_book, "medium"),
    Offer("DELETE", _BOOK, v2.delete_book, "medium"),
    Offer("GET", _BOOK + "/campaigns", v2.campaigns_of_book, "high"),
    Offer("GET", _BOOK + "/contacts", people.of_book, "low"),
    Offer("POST", _BOOK + "/contacts", people.add_to_book, "medium"),
    Offer("DELETE", _BOOK + "/contacts", people.empty_book, "low"),
    Offer("GET", _BOOK + "/contacts/modified-since/{date}", people.of_book_modified_since, "low"),
    Offer("POST", _BOOK + "/contacts/resubscribe", resubscribe.book, "medium"),
    Offer("POST", _BOOK + "/contacts/resubscribe-with-no-challenge", resubscribe.book_unasked, "medium"),
    Offer("POST", _BOOK + "/contacts/import", bulk.start_file, "low", lets_jobs_run=False),
    Offer("POST", _BOOK + _MERGE, bulk.start_file, "low", lets_jobs_run=False),
    Offer("POST", _BOOK + "/contacts/delete-all", v2.take_off_all, "low", lets_jobs_run=False),
    Offer("POST", _BOOK + "/contacts/delete", v2.take_off_many, "low", lets_jobs_run=False),
    Offer("POST", _BOOK + "/contacts/unsubscribe", suppression.list_unsubscribe, "medium"),
    Offer("GET", _BOOK + "/contacts/unsubscribed-since/{date}", suppression.list_unsubscribed_since, "low"),
    Offer("DELETE", _BOOK + "/contacts/{contact}", v2.take_off_one, "medium"),
    Offer("GET", "/v2/data-fields", v2.list_fields, "high"),
    Offer("POST", "/v2/data-fields", v2.create_field, "medium"),
    Offer("DELETE", "/v2/data-fields/{name}", v2.delete_field, "medium"),
    Offer("GET", "/v2/segments", v2.nothing_there, "high"),
    Offer("GET", "/v2/programs", v2.nothing_there, "high"),
    Offer("GET", "/v2/campaigns", v2.nothing_there, "high"),
    Offer("GET", "/v2/campaigns/{campaign}", v2.no_campaign, "high"),
    Offer("GET", "/v2/campaigns/{campaign}/address-books", v2.no_campaign, "high"),
    Offer("GET", "/v2/contacts", people.list_all, "low"),
    Offer("POST", "/v2/contacts", people.create, "medium"),
    Offer("GET", "/v2/contacts/count", people.count, "high"),
    Offer("GET", "/v2/contacts/created-since/{date}", people.created_since, "low"),
    Offer("GET", "/v2/contacts/modified-since/{date}", people.modified_since, "low"),
    Offer("POST", "/v2/contacts/import", bulk.start_file, "low", lets_jobs_run=False),
    Offer("POST", "/v2" + _MERGE, bulk.start_file, "low", lets_jobs_run=False),
    Offer("POST", "/v2/contacts/import-collection", bulk.start_collection, "low", lets_jobs_run=False),
    Offer("GET", "/v2/contacts/import/{id}", bulk.poll, UNLIMITED),
    Offer("GET", "/v2/contacts/import/{id}/report", bulk.report, "high"),
    Offer("GET", "/v2/contacts/import/{id}/report-faults", bulk.faults, "high"),
    Offer("POST", "/v2/contacts/resubscribe", resubscribe.account, "medium"),
    Offer("POST", "/v2/contacts/resubscribe-with-no-challenge", resubscribe.account_unasked, "medium"),
    Offer("GET", "/v2/contacts/deletion/{id}", v2.poll_removal, UNLIMITED),
    Offer("GET", "/v2/contacts/retrieve-collection", v2.retrieve_collection, "low"),
    Offer("GET", "/v2/contacts/suppressed-since/{date}", suppression.suppressed_since, "low"),
    Offer("GET", "/v2/contacts/unsubscribed-since/{date}", suppression.unsubscribed_since, "low"),
    Offer("POST", "/v2/contacts/unsubscribe", suppression.unsubscribe, "medium"),
    Offer("PUT", "/v2/contacts/suppress-contacts", suppression.suppress, "low"),
    Offer("GET", "/v2/contacts/{id}/address-books", people.books_of, "high"),
    Offer("POST", "/v2/contacts/with-consent", consent.create, "medium"),
    Offer("POST", "/v2/contacts/with-consent-and-preferences", consent.create_with_preferences, "medium"),
    Offer("PUT", "/v2/contacts/{id}/with-consent-and-preferences", consent.change, "medium"),
    Offer("GET", "/v2/contacts/{key}/with-consent", consent.show, "high"),
    Offer("GET", "/v2/contacts/with-preference/{preference}", tastes.who_chose, "low"),
    *(
        Offer(method, f"/v2/{place}/{{key}}/preferences", handler, tier)
        for place in ("contacts", "contact")
        for method, handler, tier in (("GET", tastes.of_contact, "high"), ("PUT", tastes.set_for_contact, "medium"))
    ),
    Offer("GET", "/v2/contacts/{key}", v2.show_contact, "high"),
    Offer("PUT", "/v2/contacts/{id}", people.change, "medium"),
    Offer("DELETE", "/v2/contacts/{id}", people.delete, "medium"),
    Offer("GET", _TASTES, tastes.show, "high"),
    Offer("POST", _TASTES, tastes.create, "medium"),
    Offer("GET", _TASTES + "/modified-since/{date}", tastes.modified_since, "high"),
    Offer("PUT", _TASTES + "/{preference}", tastes.change, "medium"),
    Offer("DELETE", _TASTES + "/{preference}", tastes.delete, "medium"),
    Offer("GET", _CUSTOM, identifiers.show, "high"),
    Offer("POST", _CUSTOM, identifiers.create, "medium"),
    Offer("DELETE", _CUSTOM + "/{name}", identifiers.delete, "medium"),
    Offer("GET", _SUBSCRIPTIONS, subscriptions.show_all, "high"),
    Offer("POST", _SUBSCRIPTIONS, subscriptions.create, "medium"),
    Offer("GET", _SUBSCRIPTIONS + "/{subscription}", subscriptions.show, "high"),
    Offer("PUT", _SUBSCRIPTIONS + "/{subscription}", subscriptions.change, "medium"),
    Offer("DELETE", _SUBSCRIPTIONS + "/{subscription}", subscriptions.delete, "medium"),
    Offer("GET", "/events/v3/export/{subscription}", events.export, "low"),
    Offer("GET", "/contacts/v3", pages.list_contacts, "low"),
    Offer("POST", "/contacts/v3", single.create, "medium"),
    Offer("PUT", "/contacts/v3/import", single.start_import, "low", lets_jobs_run=False),
    Offer("GET", "/contacts/v3/import/{id}", single.poll_import, UNLIMITED),
    Offer("POST", "/contacts/v3/delete", deletions.start, "low", lets_jobs_run=False),
    Offer("GET", "/contacts/v3/delete/{id}", deletions.poll, UNLIMITED),
    Offer("GET", _CONTACT, single.show, "high"),
    Offer("PUT", _CONTACT, single.put, "medium"),
    Offer("PATCH", _CONTACT, single.patch, "medium"),
    Offer("DELETE", _CONTACT, single.delete, "medium"),
)
