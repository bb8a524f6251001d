"""Who carries out which task in Salesforce."""

from __future__ import annotations

from collections.abc import Mapping

from sfdd_declare.model.declared import LeadRules
from sfdd_declare.model.operation import Task
from sfdd_declare.model.ports import Writer
from sfdd_declare.salesforce.campaigns import CampaignWriter, StatusWriter
from sfdd_declare.salesforce.client import Client
from sfdd_declare.salesforce.deploy import RegistryDeployer
from sfdd_declare.salesforce.leads import LeadWriter
from sfdd_declare.salesforce.members import MemberRemover, MemberWriter
from sfdd_declare.salesforce.records import RecordWriter
from sfdd_declare.salesforce.registry import RegistryWriter

_USUAL = LeadRules()


def writers(client: Client, lineage: str, leads: LeadRules = _USUAL) -> Mapping[Task, Writer]:
    """One writer per task. `lineage` is the state's: rows of the registry are written under it."""
    return {
        Task.DEPLOY_REGISTRY: RegistryDeployer(client),
        Task.REGISTRY_ROW: RegistryWriter(client, lineage),
        Task.CAMPAIGN: CampaignWriter(client),
        Task.CAMPAIGN_STATUS: StatusWriter(client),
        Task.ADD_MEMBERS: MemberWriter(client),
        Task.REMOVE_MEMBERS: MemberRemover(client),
        Task.ADOPT: MemberWriter(client),
        Task.CREATE_LEADS: LeadWriter(client, leads),
        Task.OPT_OUT_RECORDS: RecordWriter(client),
        Task.UPDATE_RECORDS: RecordWriter(client),
    }
