"""Digests of streamed rows: they depend on the rows and their order, not on how they are cut."""

from __future__ import annotations

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from sfdd_declare.people.digests import Digests

rows = st.lists(
    st.fixed_dictionaries(
        {
            "operation": st.sampled_from(("a", "b", "c")),
            "text": st.none() | st.text(max_size=5),
            "number": st.none() | st.integers(0, 9),
        }
    ),
    max_size=8,
)
SCHEMA = pa.schema({"operation": pa.string(), "text": pa.string(), "number": pa.int64()})


def digests_of(found: list[dict[str, object]], cuts: tuple[int, ...] = ()) -> dict[str, str]:
    batch = pa.RecordBatch.from_pylist(found, schema=SCHEMA)
    digests = Digests()
    for start, end in zip((0, *cuts), (*cuts, len(found)), strict=True):
        digests.add(batch.slice(start, end - start))
    return digests.result()


@settings(deadline=None)
@given(rows, st.integers(0, 8))
def test_cutting_the_stream_changes_nothing(found: list[dict[str, object]], cut: int) -> None:
    found.sort(key=lambda row: str(row["operation"]))
    assert digests_of(found, (min(cut, len(found)),)) == digests_of(found)


@settings(deadline=None)
@given(rows, rows)
def test_different_rows_have_different_digests(first: list[dict[str, object]], second: list[dict[str, object]]) -> None:
    for found in (first, second):
        found.sort(key=lambda row: str(row["operation"]))
    assert (digests_of(first) == digests_of(second)) == (first == second)
