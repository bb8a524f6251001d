"""What is installed."""

from __future__ import annotations

from pathlib import Path
from zipfile import ZipFile

from hatchling.builders.wheel import WheelBuilder

ROOT = Path(__file__).parents[3]


def test_the_wheel_holds_the_page(tmp_path: Path) -> None:
    (wheel,) = WheelBuilder(str(ROOT)).build(directory=str(tmp_path))
    there = {Path(name).name for name in ZipFile(wheel).namelist() if name.startswith("sfdd_declare/web/templates/")}
    assert there == {"base.html", "page.css", "service.html", "trouble.html"}
