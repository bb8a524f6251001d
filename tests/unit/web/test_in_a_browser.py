"""The page in a real browser: readable by all, harmless whatever it shows."""

from __future__ import annotations

import platform
import sys
from collections.abc import Iterator

import pytest
from pydantic import SecretStr

from tests.unit.web.browser import Browser
from tests.unit.web.builders import a_busy_service, a_service, shown
from tests.unit.web.test_pages import HOSTILE, hostile

pytestmark = pytest.mark.skipif(
    (sys.platform, platform.machine()) != ("linux", "x86_64"), reason="the browser is for Linux on x86-64"
)
NAMES = {
    "markup": HOSTILE,
    "attributes": '" onmouseover="window.ran=1" x=\'',
    "long": "n" * 200,
    "turned": "abc\u202edef\u2066" * 10,
    "right to left": "שלום עולם " * 20,
}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with Browser() as browser:
        yield browser


@pytest.fixture(scope="module")
def busy_url() -> Iterator[str]:
    with shown(a_busy_service()) as running:
        yield running.url


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 320)])
def test_nothing_bars_anybody_from_reading_it(browser: Browser, busy_url: str, scheme: str, width: int) -> None:
    seen = browser.look(busy_url, scheme=scheme, width=width, barriers=True)
    assert seen["barriers"] == []
    assert seen["said"] == []
    assert seen["paper"] == {"light": "rgb(251, 251, 250)", "dark": "rgb(20, 23, 26)"}[scheme]


@pytest.mark.parametrize(("width", "large"), [(320, False), (1000, False), (1060, False), (1280, True)])
def test_it_fits_small_windows_and_large_text(browser: Browser, busy_url: str, width: int, large: bool) -> None:
    seen = browser.look(busy_url, width=width, large=large)
    assert seen["overflow"] == 0


@pytest.mark.parametrize(("name", "width"), [*((name, 320) for name in NAMES), ("long", 1060), ("turned", 1060)])
def test_names_do_nothing_but_being_shown(browser: Browser, name: str, width: int) -> None:
    with shown(hostile(NAMES[name])) as running:
        # The policy of the answer is left out: what is seen here is owed to the page alone.
        seen = browser.look(running.url, width=width, ungoverned=True)
    assert not seen["ran"]
    assert (seen["scripts"], seen["handlers"], seen["said"]) == (0, [], [])
    assert seen["overflow"] == 0


def test_a_browser_opens_it_with_the_token_as_password(browser: Browser) -> None:
    with shown(a_service(), token=SecretStr("s3cret")) as running:
        seen = browser.look(running.url, password="s3cret")
    assert seen["status"] == 200
    assert seen["title"].startswith("Acme marketing: working")


def test_a_page_that_is_not_there_can_be_read_too(browser: Browser, busy_url: str) -> None:
    seen = browser.look(f"{busy_url}/nowhere", barriers=True)
    assert seen["status"] == 404
    assert seen["barriers"] == []
