"""Where no source says what a vendor does, and it is not an assumption: either answer leads to the same end."""

from __future__ import annotations

from typing import Any

import pytest

from sfdd_declare.model import limits
from tests.e2e.stage import Stage, buyers, known_contact

OTHERWISE: dict[str, Any] = {
    "salesforce.bulk_zone": "+0000",
    "salesforce.bulk_empty_header": False,
    "salesforce.bulk_errors_name_fields": False,
    "salesforce.duplicate_key_code": "DUPLICATE_VALUE",
    "salesforce.record_counts": {"CampaignMember": 1, "Contact": 1, "Lead": 1},
    "dotdigital.calls": {
        "POST /v2/address-books": {"status": 200},
        "PUT /v2/address-books/{id}": {"status": 201},
        "PUT /contacts/v3/import": {"status": 200, "tier": "high"},
        "PUT /v2/contacts/suppress-contacts": {"tier": "low"},
    },
    "dotdigital.field_in_use_is_conflict": True,
    "dotdigital.import_refuses_bad_rows": True,
    "dotdigital.binned_lookup": "binned",
}


def opted_out(stage: Stage, contact: str) -> bool:
    with stage.world.lock:
        row = stage.world.db.execute("SELECT HasOptedOutOfEmail FROM sf_Contact WHERE Id = ?", (contact,)).fetchone()
    return bool(row[0])


@pytest.mark.parametrize(
    "names",
    [*((name,) for name in OTHERWISE), tuple(OTHERWISE)],
    ids=lambda names: "+".join(names) if len(names) < 2 else "all",
)
def test_people_converge_under_either_answer(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, names: tuple[str, ...]
) -> None:
    monkeypatch.setattr(limits, "BULK_READ_ROWS", 3)
    monkeypatch.setattr(limits, "BULK_WRITE_ROWS", 2)
    stage.control("PUT", "settings", {"salesforce.page_size": 2, **{name: OTHERWISE[name] for name in names}})
    assert stage.apply().code == 0  # nobody yet: results without rows
    made = buyers(stage.world, 6)
    known_contact(stage.world, "buyer0@example.com", FIRSTNAME="Old")
    stage.apply()
    assert stage.sfdd("plan", "--detailed-exitcode").code == 0
    stage.admin("update", "Contact", made[1], FirstName="Zoë")
    stage.admin("update", "Contact", made[2], HasOptedOutOfEmail=True)
    stage.control("PUT", "settings", {"salesforce.invalid_records": [made[3]]})
    for number in (3, 4, 5):
        stage.marketer("unsubscribe", email=f"buyer{number}@example.com")
    ended = stage.sfdd("apply", "--auto-approve")
    assert ended.code == 6, ended.text
    assert "FIELD_CUSTOM_VALIDATION_EXCEPTION 1 row" in ended.out
    by_template = stage.calls()["salesforce"]["by_template"]
    assert {f"POST /services/data/{{version}}/jobs/{kind}" for kind in ("ingest", "query")} <= set(by_template)
    assert [opted_out(stage, record) for record in made] == [False, False, True, False, True, True]
    stage.control("PUT", "settings", {"salesforce.invalid_records": None})
    stage.apply()
    assert stage.sfdd("plan", "--detailed-exitcode").code == 0
    assert opted_out(stage, made[3])
