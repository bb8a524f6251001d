"""What is in an artifact is looked at before it is believed."""

from __future__ import annotations

import io
import zipfile

import pytest

from sfdd_declare.host.archive import unpack
from sfdd_declare.model.errors import Stale

MEMBER = "plan.sfddplan"


def packed(*members: tuple[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return out.getvalue()


def unpacked(folder, content, **limits):
    archive, target = folder / "a.zip", folder / MEMBER
    archive.write_bytes(content)
    unpack(archive, MEMBER, target, **limits)
    return target.read_bytes()


def test_the_one_member_of_the_name_is_taken(tmp_path):
    assert unpacked(tmp_path, packed((MEMBER, b"approved"))) == b"approved"


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(packed(("../" + MEMBER, b"x")), id="another-folder"),
        pytest.param(packed(("other.sfddplan", b"x")), id="another-name"),
        pytest.param(packed((MEMBER, b"x"), ("b", b"x")), id="two-members"),
        pytest.param(packed(), id="empty"),
        pytest.param(b"no zip", id="no-zip"),
        pytest.param(packed((MEMBER, b"x" * 1000))[:-30], id="cut-off"),
        pytest.param(packed((MEMBER, bytes(60_000_000))), id="bomb"),
    ],
)
def test_anything_else_is_refused(content, tmp_path):
    with pytest.raises(Stale) as refused:
        unpacked(tmp_path, content)
    assert refused.value.id == "SFDD-E7025"
    assert not (tmp_path / MEMBER).exists() or (tmp_path / MEMBER).stat().st_size < 5_000_000


def test_a_member_that_lies_about_its_size_is_refused(tmp_path):
    honest = packed((MEMBER, bytes(3_000_000)))
    lying = honest.replace((3_000_000).to_bytes(4, "little"), (10).to_bytes(4, "little"))
    with pytest.raises(Stale):
        unpacked(tmp_path, lying, most=1_000_000)


def test_no_more_than_the_limit_is_unpacked(tmp_path):
    with pytest.raises(Stale):
        unpacked(tmp_path, packed((MEMBER, b"x" * 1001)), most=1000)
