"""The state's hash must come out the same in the engine and in Python."""

from __future__ import annotations

import ibis
import pyarrow as pa

from sfdd_declare.model.canonical import keyed_hash
from sfdd_declare.people.hashing import keyed


def test_the_expression_gives_the_hash_of_the_state() -> None:
    texts = ["", "a", "Zoë", "İstanbul", "李小龍", "x'y\"z", "line\nbreak", "\x1f", "1.5", "a" * 1000, None]
    key = "k'ey%"
    table = ibis.memtable(pa.table({"n": list(range(len(texts))), "text": pa.array(texts, pa.string())}))

    hashed = table.mutate(hash=keyed(key, table.text)).order_by("n").to_pyarrow()["hash"].to_pylist()

    assert hashed == [keyed_hash(key, text or "") for text in texts]
