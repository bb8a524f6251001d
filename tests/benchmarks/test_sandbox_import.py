"""How long the sandbox takes for a large import. The seconds are for a reader: nothing fails for them."""

from __future__ import annotations

import sys
import time

import pytest

from tests.unit.sandbox.dotdigital_side import DotdigitalSide, a_row

ROWS = 10_000


@pytest.mark.slow
def test_an_import_of_ten_thousand_rows(dotdigital: DotdigitalSide, capsys: pytest.CaptureFixture[str]) -> None:
    number = dotdigital.a_list()
    values = {"FIRSTNAME": "Ada", "LASTNAME": "Žižka", "POSTCODE": "AB1", "NOTES": "x" * 40}
    rows = [a_row(f"p{n}@example.com", dataFields=values, lists=[number]) for n in range(ROWS)]
    begun = time.process_time()
    assert dotdigital.imported(*rows)["summary"]["newContacts"] == ROWS
    with capsys.disabled():
        sys.stdout.write(f"\n{ROWS:,} rows: {time.process_time() - begun:.2f} s of processor time\n")
