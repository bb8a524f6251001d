"""The settings by name, and what each may hold.

A wrong one would show later, as a call that fails, or not at all: a limit that was misspelt limits nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any, Literal

import msgspec

Count = Annotated[int, msgspec.Meta(ge=0)]
Seconds = Annotated[float, msgspec.Meta(ge=0)]
Fields = list[str] | dict[str, list[str]]
"""For everybody, or by user."""
Text = Annotated[str, msgspec.Meta(min_length=1)]


class Account(msgspec.Struct, forbid_unknown_fields=True):
    """One more account and its API user."""

    account_id: int
    user: str
    password: str
    region: str = "r1"


class Unsettled(msgspec.Struct, forbid_unknown_fields=True):
    """What is said of one call otherwise."""

    tier: Text | None = None
    most: Count | None = None
    status: Annotated[int, msgspec.Meta(ge=200, lt=300)] | None = None


KINDS: Mapping[str, Any] = MappingProxyType(
    {
        "dotdigital.accounts": list[Account],
        "dotdigital.base_urls": dict[str, str],
        "dotdigital.binned_lookup": Literal["binned", "not_found"],
        "dotdigital.calls": dict[str, Unsettled],
        **dict.fromkeys(
            (
                "dotdigital.contact_allowance",
                "dotdigital.cut_at",
                "dotdigital.deletion_jobs",
                "dotdigital.field_limit",
                "dotdigital.flat_limit",
                "dotdigital.identifier_limit",
                "dotdigital.import_max_bytes",
                "dotdigital.job_polls",
                "dotdigital.job_ticks",
                "dotdigital.list_limit",
                "dotdigital.page_size",
                "dotdigital.text_limit",
                "dotdigital.v2_import_max_bytes",
                "dotdigital.v2_page_size",
                "salesforce.bulk_batch_max_bytes",
                "salesforce.bulk_ingest_quota",
                "salesforce.bulk_max_bytes",
                "salesforce.bulk_page",
                "salesforce.bulk_polls",
                "salesforce.bulk_query_quota",
                "salesforce.bulk_ticks",
                "salesforce.daily_limit",
                "salesforce.deploy_polls",
                "salesforce.page_size",
            ),
            Count,
        ),
        **dict.fromkeys(
            (
                "dotdigital.enforce_double_opt_in",
                "dotdigital.field_in_use_is_conflict",
                "dotdigital.import_refuses_bad_rows",
                "dotdigital.resubscribe_challenges",
                "dotdigital.watchdog",
                "salesforce.bulk_empty_header",
                "salesforce.bulk_errors_name_fields",
                "salesforce.fls_needs_permission_set",
                "salesforce.is_login_host",
                "salesforce.may_deploy",
                "salesforce.may_hard_delete",
                "salesforce.rotate_refresh_tokens",
            ),
            bool,
        ),
        **dict.fromkeys(
            (
                "dotdigital.rate_window_seconds",
                "salesforce.jwt_ahead_seconds",
                "salesforce.jwt_past_seconds",
                "salesforce.locator_seconds",
                "salesforce.session_seconds",
            ),
            Seconds,
        ),
        **dict.fromkeys(
            (
                "dotdigital.globally_suppressed",
                "dotdigital.suppressed_domains",
                "salesforce.bulk_unsupported",
                "salesforce.duplicate_rule_fields",
                "salesforce.invalid_records",
            ),
            list[str],
        ),
        **dict.fromkeys(
            (
                "salesforce.assignment_rule_owner",
                "salesforce.client_secret",
                "salesforce.duplicate_key_code",
                "salesforce.jwt_public_key",
                "salesforce.password",
            ),
            Text,
        ),
        "dotdigital.field_dependencies": dict[str, list[Any]],
        "dotdigital.identifier_dependencies": dict[str, list[Any]],
        "dotdigital.rate_limit": Count | dict[str, Count],
        "dotdigital.rate_scheme": Literal["tiered", "flat"],
        "salesforce.bulk_zone": Literal["Z", "+0000"],
        "salesforce.duplicate_rule": Literal["alert", "block"],
        "salesforce.hidden_fields": Fields,
        "salesforce.readonly_fields": Fields,
        "salesforce.record_counts": dict[str, Count],
        "salesforce.refresh_tokens": dict[str, str],
    }
)
"""The type of each value; null takes a setting back."""


def require(name: str, value: Any) -> None:
    """Raise ValueError for a setting that does not exist, or cannot hold that value."""
    if name not in KINDS:
        raise ValueError(f"there is no setting {name}")
    if value is None:
        return
    try:
        msgspec.convert(value, KINDS[name])
    except msgspec.ValidationError as error:
        raise ValueError(f"{name}: {error}") from None
