"""From a valid shape to a `Desired`: defaults filled in, links spread out, short forms made long, words made values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import assert_never

from sfdd_declare.config import member_files, resolve_notify
from sfdd_declare.config import resolve_rules as rules
from sfdd_declare.config.member_files import Named
from sfdd_declare.config.positions import Places
from sfdd_declare.config.rows import Section, sections
from sfdd_declare.config.shape.base import Secret, secret
from sfdd_declare.config.shape.connect import AccessToken, ClientCredentials, Jwt, RefreshToken
from sfdd_declare.config.shape.connect import Account as AccountShape
from sfdd_declare.config.shape.connect import Salesforce as SalesforceShape
from sfdd_declare.config.shape.root import Root
from sfdd_declare.config.shape.things import CAMPAIGN_FIELDS, Members, NewLeads, Selection
from sfdd_declare.config.shape.things import Campaign as CampaignShape
from sfdd_declare.config.shape.things import Link as LinkShape
from sfdd_declare.model import declared
from sfdd_declare.model.canonical import digest
from sfdd_declare.model.mapping import ConflictRule, DataFieldType, Direction, FieldMapping, OnBlank, RecordType

TOKEN_VARIABLES = ("SF_ACCESS_TOKEN", "SFDX_ACCESS_TOKEN")
INSTANCE_VARIABLE = "SF_ORG_INSTANCE_URL"


def resolve(root: Root, places: Places, *, environ: Mapping[str, str], folder: Path) -> declared.Desired:
    """The Desired. The shape must have passed all checks: references are not looked at again."""
    accounts = tuple(root.dotdigital.accounts)
    found = sections(root, accounts)
    files = _member_files(root, folder)
    return declared.Desired(
        digest=_digest(root, files),
        salesforce=_salesforce(root.salesforce, places, environ),
        accounts=tuple(_account(key, account, root, places) for key, account in root.dotdigital.accounts.items()),
        campaigns=tuple(_campaign(key, campaign, places, files) for key, campaign in root.campaigns.items()),
        address_books=_books(root, places),
        data_fields=_data_fields(root, places),
        mapped=tuple((section.account, section.record_type) for section in found),
        mappings=tuple(mapping for section in found for mapping in _mappings(section, places)),
        links=tuple(link for index, shape in enumerate(root.links) for link in _links(index, shape, places)),
        matching=rules.matching(root.matching),
        leads=rules.leads(root.leads),
        guards=rules.guards(root.guards),
        imports=rules.imports(root.imports, places),
        moved=rules.moved(root.moved, places),
        notifications=resolve_notify.receivers(root.notifications, places),
        state=root.state,
        memory_limit=root.engine.memory_limit,
        full_every_hours=rules.hours(root.sync.full_every),
        schedule=root.sync.schedule,
        time_zone=root.sync.time_zone,
        root=str(folder),
    )


#: What is in the files of members, by campaign and record type.
Files = Mapping[tuple[str, RecordType], Named]


def _member_files(root: Root, folder: Path) -> Files:
    return {
        (key, kind): member_files.read(folder / selection.file, kind)
        for key, campaign in root.campaigns.items()
        for kind, selection in _chosen(campaign.members)
        if selection.file is not None
    }


def _digest(root: Root, files: Files) -> str:
    """Of the configuration and of the files it names. Without who is told: nobody is decided about by that, and another
    digest has everything read again.
    """
    written = root.model_dump(exclude={"vars", "notifications"}, by_alias=True, warnings=False)
    return digest([written, *(named.digest for named in files.values())] if files else written)


def _salesforce(shape: SalesforceShape, places: Places, environ: Mapping[str, str]) -> declared.Salesforce:
    return declared.Salesforce(
        auth=_auth(shape, environ),
        login_url=shape.login_url.rstrip("/"),
        api_version=shape.api_version,
        daily_call_budget=shape.daily_call_budget,
        registry=shape.registry == "custom_objects",
        where=places.key("salesforce"),
    )


def _auth(shape: SalesforceShape, environ: Mapping[str, str]) -> declared.SalesforceAuth | None:
    method, auth = declared.AuthMethod, shape.auth
    match auth:
        case None:
            token = _token(None, environ)
            url = environ.get(INSTANCE_VARIABLE, "")
            return declared.SalesforceAuth(method.ACCESS_TOKEN, access_token=token, instance_url=url) if token else None
        case AccessToken():
            url = auth.instance_url or environ.get(INSTANCE_VARIABLE, "")
            token = _token(auth.access_token, environ)
            return declared.SalesforceAuth(method.ACCESS_TOKEN, access_token=token, instance_url=url.rstrip("/"))
        case Jwt():
            return declared.SalesforceAuth(
                method.JWT, client_id=auth.client_id, username=auth.username, private_key=auth.private_key
            )
        case ClientCredentials():
            return declared.SalesforceAuth(
                method.CLIENT_CREDENTIALS, client_id=auth.client_id, client_secret=auth.client_secret
            )
        case RefreshToken():
            return declared.SalesforceAuth(
                method.REFRESH_TOKEN,
                client_id=auth.client_id,
                client_secret=auth.client_secret,
                refresh_token=auth.refresh_token,
            )
        case _:
            assert_never(auth)


def _token(written: Secret | None, environ: Mapping[str, str]) -> Secret | None:
    if written is not None:
        return written
    return next((secret(environ[name]) for name in TOKEN_VARIABLES if environ.get(name)), None)


def _account(key: str, shape: AccountShape, root: Root, places: Places) -> declared.Account:
    return declared.Account(
        key=key,
        user=shape.user,
        password=shape.password,
        region=shape.region.rstrip("/"),
        enabled=shape.enabled,
        double_opt_in=declared.DoubleOptIn(shape.double_opt_in) if shape.double_opt_in else None,
        consent=rules.consent(root.consent, shape.consent),
        where=places.key("dotdigital", "accounts", key),
    )


def _campaign(key: str, shape: CampaignShape, places: Places, files: Files) -> declared.Campaign:
    written = [(name, getattr(shape, key_)) for key_, name in CAMPAIGN_FIELDS.items()]
    fields = [(name, value) for name, value in written if value is not None]
    return declared.Campaign(
        key=key,
        existing=_existing(shape),
        fields=(*fields, *shape.fields.items()),
        statuses=tuple(
            declared.MemberStatus(label, *((status.default, status.responded) if status else (None, None)))
            for label, status in (shape.member_statuses or {}).items()
        ),
        selections=_selections(key, shape.members, places, files),
        mode=declared.MemberMode(shape.members.mode if shape.members else "add"),
        lifecycle=rules.lifecycle(shape, "campaigns"),
        where=places.key("campaigns", key),
    )


def _chosen(members: Members | None) -> Iterator[tuple[RecordType, Selection]]:
    for kind in RecordType:
        selection = getattr(members, kind.section, None)
        if selection is not None:
            yield kind, selection


def _selections(key: str, members: Members | None, places: Places, files: Files) -> tuple[declared.Selection, ...]:
    nobody = Named((), (), "")
    return tuple(
        declared.Selection(
            record_type=kind,
            where=selection.where,
            ids=tuple(selection.ids or files.get((key, kind), nobody).ids),
            emails=tuple(selection.emails or files.get((key, kind), nobody).emails),
            file=selection.file,
            status=selection.status,
            position=places.key("campaigns", key, "members", kind.section, _way(selection)),
        )
        for kind, selection in _chosen(members)
    )


def _way(selection: Selection) -> str:
    """The key that says who is selected."""
    return next(name for name in ("where", "ids", "emails", "file") if getattr(selection, name) is not None)


def _books(root: Root, places: Places) -> tuple[declared.AddressBook, ...]:
    only = next(iter(root.dotdigital.accounts), "")
    return tuple(
        declared.AddressBook(
            key=key,
            account=shape.account or only,
            existing=_existing(shape),
            name=shape.name,
            visibility=_visibility(shape.visibility),
            removals=declared.Removals(shape.removals),
            restore_left=shape.left == "restore",
            lifecycle=rules.lifecycle(shape, "address_books"),
            where=places.key("address_books", key),
        )
        for key, shape in root.address_books.items()
    )


def _data_fields(root: Root, places: Places) -> tuple[declared.DataField, ...]:
    found = []
    for account, fields in root.data_fields.items():
        for name, shape in fields.items():
            where = places.key("data_fields", account, name)
            if isinstance(shape, str):
                no_rules = declared.Lifecycle()
                found.append(declared.DataField(account, name, True, None, None, None, no_rules, where))
                continue
            kind = DataFieldType(shape.type.capitalize())
            default = rules.data_field_default(kind, shape.default)
            visibility = _visibility(shape.visibility)
            found.append(
                declared.DataField(
                    account, name, False, kind, visibility, default, rules.lifecycle(shape, "data_fields"), where
                )
            )
    return tuple(found)


def _mappings(section: Section, places: Places) -> list[FieldMapping]:
    return [
        FieldMapping(
            account=row.account,
            record_type=row.record_type,
            salesforce_field=row.field,
            data_field=row.row.data_field,
            direction=row.direction,
            conflict=ConflictRule(row.row.conflict),
            on_blank=_on_blank(row.direction, row.row.on_blank),
            lossy=row.row.lossy is not None,
            where=places.key(*row.path),
        )
        for row in section.rows
    ]


def _on_blank(direction: Direction, written: str | None) -> OnBlank:
    if written:
        return OnBlank(written)
    return OnBlank.KEEP if direction is Direction.TWO_WAY else OnBlank.PROPAGATE


def _links(index: int, shape: LinkShape, places: Places) -> list[declared.Link]:
    books = [shape.address_book] if isinstance(shape.address_book, str) else shape.address_book
    return [
        declared.Link(
            campaign=shape.campaign,
            address_book=book,
            member_statuses=tuple(shape.member_statuses or ()),
            new_leads=_new_leads(shape.new_leads),
            schedule=shape.schedule,
            lifecycle=rules.lifecycle(shape, "links"),
            where=places.key("links", index),
        )
        for book in books
    ]


def _new_leads(shape: bool | NewLeads | None) -> declared.NewLeads | None:
    if isinstance(shape, NewLeads):
        return declared.NewLeads(shape.member_status, existing=shape.existing, primary=shape.primary)
    return declared.NewLeads() if shape else None


def _existing(shape: CampaignShape | object) -> declared.Existing | None:
    existing = getattr(shape, "existing", None)
    return declared.Existing(existing.name, existing.id) if existing else None


def _visibility(word: str | None) -> declared.Visibility | None:
    return declared.Visibility(word.capitalize()) if word else None
