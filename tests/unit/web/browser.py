"""A browser without a window, driven by lines of JSON to one process of Node."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any, Self

from tests.servers import NODE_PACKAGES


class Browser:
    """Started once; every look has cookies, a cache and a window of its own."""

    def __enter__(self) -> Self:
        script = Path(__file__).with_name("browse.mjs")
        self._process = subprocess.Popen(
            ["node", script, NODE_PACKAGES],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        return self

    def look(self, url: str, *, scheme: str = "light", width: int = 1280, **more: Any) -> dict[str, Any]:
        """What is seen at an address; all other wishes are as the script names them."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"url": url, "scheme": scheme, "width": width, **more}) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, "the browser did not start"
        seen: dict[str, Any] = json.loads(line)
        assert "error" not in seen, seen["error"]
        return seen

    def __exit__(self, *_: object) -> None:
        self._process.communicate(timeout=30)
