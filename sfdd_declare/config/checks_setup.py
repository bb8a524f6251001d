"""Live checks of what is set up: campaign fields and picklist values, status labels."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from sfdd_declare.config import checks_leads
from sfdd_declare.config.shape.things import CAMPAIGN_FIELDS
from sfdd_declare.config.suggest import did_you_mean, listed, quoted
from sfdd_declare.model import address
from sfdd_declare.model.declared import Campaign, Desired, Link
from sfdd_declare.model.errors import ConfigError, Position
from sfdd_declare.model.live import FieldInfo, LiveCampaign, ObjectInfo, SalesforceLive

#: What a campaign has before anybody declares labels.
NEW_CAMPAIGN_STATUSES = ("Sent", "Responded")

#: Describe types of numbers, which Salesforce rounds to their scale.
_NUMBERS = ("currency", "double", "percent", "int")
_KEYS = {field: key for key, field in CAMPAIGN_FIELDS.items()}


def check(desired: Desired, salesforce: SalesforceLive) -> Iterator[ConfigError]:
    """Campaigns, labels, new leads."""
    for campaign in desired.campaigns:
        yield from _fields(campaign, salesforce.describes.get("Campaign"))
        yield from _member_statuses(campaign, salesforce)
    for link in desired.links:
        yield from _link_statuses(link, desired, salesforce)
    yield from checks_leads.check(desired, salesforce)


def warnings(desired: Desired, salesforce: SalesforceLive) -> Iterator[str]:
    """Values that no picklist offers and that Salesforce takes all the same."""
    described = salesforce.describes.get("Campaign")
    for campaign in desired.campaigns if described else ():
        for name, value in () if campaign.existing else campaign.fields:
            field = described.fields.get(name) if described else None
            if field is None or field.type != "picklist" or field.restricted_picklist or not field.choices:
                continue
            if str(value) not in field.choices:
                hint = did_you_mean(str(value), field.choices, otherwise=f"its values are {listed(field.choices)}")
                yield f"{campaign.where}: {quoted(str(value))} is not a value of the picklist `Campaign.{name}`; {hint}"


def _fields(campaign: Campaign, described: ObjectInfo | None) -> Iterator[ConfigError]:
    if described is None or campaign.existing:
        return
    for name, value in campaign.fields:
        field = described.fields.get(name)
        if field is None:
            grant = f"grant Read and Edit on Campaign.{name} (field-level security)"
            summary = f"Campaign shows this user no field {quoted(name)}: it is hidden, or does not exist."
            hint = did_you_mean(name, described.fields, otherwise=grant)
            yield ConfigError("SFDD-E1315", summary, where=campaign.where, hint=hint)
        elif not field.updateable:
            summary = f"`Campaign.{name}` cannot be written by this Salesforce user."
            hint = f"grant Edit on Campaign.{name} (field-level security)"
            yield ConfigError("SFDD-E1315", summary, where=campaign.where, hint=hint)
        elif field.restricted_picklist and str(value) not in field.choices:
            summary = f"{quoted(str(value))} is not a value of the picklist `Campaign.{name}`."
            hint = did_you_mean(str(value), field.choices, otherwise=f"one of {listed(field.choices)}")
            yield ConfigError("SFDD-E1316", summary, where=campaign.where, hint=hint)
        else:
            yield from _size(campaign, field, value)


def _size(campaign: Campaign, field: FieldInfo, value: str | bool | int | float) -> Iterator[ConfigError]:
    """A value that Salesforce would round would be drift for ever; one that is too long would be refused."""
    key = _KEYS.get(field.name, field.name)
    if isinstance(value, float) and field.type in _NUMBERS and _decimals(value) > field.scale:
        kept = f"{field.scale} decimals" if field.scale else "no decimals"
        summary = f"`Campaign.{field.name}` keeps {kept}: {value} would be rounded."
        yield ConfigError("SFDD-E1317", summary, where=campaign.where, hint=f"{key}: {value:.{field.scale}f}")
    elif isinstance(value, str) and 0 < field.length < len(value):
        summary = f"`Campaign.{field.name}` holds {field.length:,} characters, and this text has {len(value):,}."
        yield ConfigError("SFDD-E1317", summary, where=campaign.where, hint=f"shorten `{key}`")


def _decimals(value: float) -> int:
    exponent = Decimal(str(value)).normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _member_statuses(campaign: Campaign, salesforce: SalesforceLive) -> Iterator[ConfigError]:
    labels = _labels(campaign, salesforce)
    for selection in campaign.selections:
        if selection.status is not None and selection.status not in labels:
            about = str(address.campaign(campaign.key))
            yield _no_label(selection.status, campaign, labels, selection.position, about)


def _link_statuses(link: Link, desired: Desired, salesforce: SalesforceLive) -> Iterator[ConfigError]:
    campaign = desired.campaign(link.campaign)
    labels = _labels(campaign, salesforce)
    wanted = [*link.member_statuses]
    if link.new_leads and link.new_leads.member_status:
        wanted.append(link.new_leads.member_status)
    for label in dict.fromkeys(wanted):
        if label not in labels:
            yield _no_label(label, campaign, labels, link.where, str(address.link(link.campaign, link.address_book)))
    yield from checks_leads.status(link, _default_label(campaign, salesforce))


def _no_label(
    label: str, campaign: Campaign, labels: tuple[str, ...], where: Position | None, about: str
) -> ConfigError:
    summary = f"The campaign {quoted(campaign.key)} has no member status {quoted(label)}."
    otherwise = (
        "member_statuses of the campaign in Salesforce" if campaign.existing else f"member_statuses: {{{label}: {{}}}}"
    )
    hint = did_you_mean(label, labels, otherwise=otherwise)
    return ConfigError("SFDD-E1314", summary, where=where, hint=hint, about=about)


def _labels(campaign: Campaign, salesforce: SalesforceLive) -> tuple[str, ...]:
    """Labels the campaign has or will have. A campaign renamed by hand cannot be told apart here: all labels count."""
    declared = [status.label for status in campaign.statuses]
    own = [live for live in salesforce.campaigns if _is(campaign, live)]
    live = [status.label for found in own or salesforce.campaigns for status in found.statuses]
    return tuple(dict.fromkeys([*declared, *live, *(() if own else NEW_CAMPAIGN_STATUSES)]))


def _default_label(campaign: Campaign, salesforce: SalesforceLive) -> str:
    """The status a member gets when nobody says one."""
    declared = [status.label for status in campaign.statuses if status.default]
    own = [live for live in salesforce.campaigns if _is(campaign, live)]
    live = [status.label for found in own for status in found.statuses if status.is_default]
    return next(iter((*declared, *live)), NEW_CAMPAIGN_STATUSES[0])


def _is(campaign: Campaign, live: LiveCampaign) -> bool:
    if campaign.existing:
        same_id = campaign.existing.id is not None and campaign.existing.id[:15] == live.id[:15]
        return same_id or campaign.existing.name == live.name
    return campaign.name == live.name
