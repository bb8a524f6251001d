"""What a Salesforce org tells of itself, by a campaign, a contact and a member that are thrown away."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from sfdd_declare.app.probes.made import Made, Thing, UnsettledError
from sfdd_declare.model.begun import Begun
from sfdd_declare.salesforce.trial import Trial

STAMP_SECONDS = 1.1
"""Stamps are compared to the second."""
_WAY = "delete it in Salesforce"
_NAMED_BY = MappingProxyType({"Campaign": "Name", "Contact": "LastName"})
"""Each kind of record that is made, and the field that holds its name."""


class Org:
    """The org under trial. The campaign and the contact are made when they are first needed."""

    def __init__(self, trial: Trial, begun: Begun) -> None:
        self.trial = trial
        self.made = Made()
        self.begun = begun
        self._campaign = self._contact = ""

    @property
    def id(self) -> str:
        return self.trial.org_id

    @property
    def contact(self) -> str:
        """Without an address: nothing in the org can mail it."""
        self._contact = self._contact or self._make("Contact", {})
        return self._contact

    def member(self) -> str:
        """The contact as a member of the campaign, new each time."""
        self._campaign = self._campaign or self._make("Campaign", {"IsActive": False})
        return self.trial.make("CampaignMember", {"CampaignId": self._campaign, "ContactId": self.contact})

    def expect(self) -> None:
        """Take for made whatever a probe of this name may have made: it was killed."""
        for sobject in _NAMED_BY:
            self._note(sobject)

    def clean(self) -> None:
        """Remove everything; members go with the campaign and the contact."""
        self.made.remove()

    def _note(self, sobject: str) -> Thing:
        field, name = _NAMED_BY[sobject], f"sfdd probe {self.begun.token}"
        return self.made.note(Thing(sobject, name, _WAY, lambda: self.trial.remove(sobject, field, name)))

    def _make(self, sobject: str, values: Mapping[str, bool]) -> str:
        thing = self._note(sobject)
        thing.id = self.trial.make(sobject, {_NAMED_BY[sobject]: thing.name, **values})
        return thing.id


def deleted_member_visible(org: Org) -> str:
    """A member is deleted, and looked for among the deleted."""
    member = org.member()
    org.trial.delete("CampaignMember", member)
    return "yes" if org.trial.shows_deleted("CampaignMember", member) else "no"


def campaign_member_stamp_follows_person(org: Org) -> str:
    """The contact behind a member is edited."""
    member = org.member()
    try:
        before = org.trial.stamp("CampaignMember", member)
        org.trial.pause(STAMP_SECONDS)
        org.trial.edit("Contact", org.contact, {"FirstName": "probe"})
        after = org.trial.stamp("CampaignMember", member)
    finally:
        org.trial.delete("CampaignMember", member)
    if not (before and after):
        raise UnsettledError("the member cannot be read")
    return "yes" if after > before else "no"


PROBES: Mapping[str, Callable[[Org], str]] = MappingProxyType(
    {each.__name__: each for each in (deleted_member_visible, campaign_member_stamp_follows_person)}
)
