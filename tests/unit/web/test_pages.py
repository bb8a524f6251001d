"""What the page says, and what probes are told."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from sfdd_declare.model.service import Condition, Kind, Service
from sfdd_declare.web.page import render_service, state_of
from sfdd_declare.web.pages import unready
from tests.unit.web.builders import HTTP, a_busy_service, a_link, a_run, a_service, ago, shown

HOSTILE = "<script>window.ran=1</script>\"'><img src=x onerror=window.ran=1>{{7*7}}"


def text_of(service: Service, *, is_alive: bool = True) -> str:
    """The words of the page, in their order."""
    page = render_service(service, is_alive=is_alive).partition("</style>")[2]
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


@pytest.mark.parametrize(
    ("more", "is_alive", "word", "tone"),
    [
        ({}, True, "Working", "good"),
        ({"conditions": (Condition(Kind.HELD, "a", 1, "b"),)}, True, "Working", "warn"),
        ({"running_since": ago(minutes=2)}, True, "Synchronising", "calm"),
        ({"is_ready": False}, True, "Starting", "calm"),
        ({"trouble": "SFDD-E3009: held", "is_ready": False}, True, "In trouble", "bad"),
        ({"trouble": "SFDD-E3009: held", "running_since": ago(minutes=2)}, True, "In trouble", "bad"),
        ({}, False, "Stopped", "bad"),
    ],
)
def test_the_worst_is_said_first(more: dict[str, Any], is_alive: bool, word: str, tone: str) -> None:
    state = state_of(a_service(**more), is_alive=is_alive)
    assert (state.word, state.tone) == (word, tone)


def test_what_waits_is_shown_with_the_command_that_settles_it() -> None:
    held = Condition(Kind.HELD, "link.newsletter", 1234, "They wait for a decision.", "sfdd errors link.newsletter")
    assert "Held link.newsletter 1,234 They wait for a decision. sfdd errors link.newsletter" in text_of(
        a_service(conditions=(held,))
    )
    assert "Waits for a human Nothing." in text_of(a_service())


def test_a_link_is_a_row_of_all_its_figures() -> None:
    link = a_link(
        members=1000, in_step=900, pending=1, failed=2, parked=3, held=4, opted_out=5,
        oldest=ago(hours=5), others=(("without an address", 12),),
    )  # fmt: skip
    row = (
        "link.newsletter Newsletter 2026 – Newsletter every 15 minutes Left out: 12 without an address "
        "1,000 900 1 2 3 4 5 16:29 11 min ago 16:44 in 4 min 11:40 5 h ago"
    )
    assert row in text_of(a_service(links=(link,)))


def test_a_link_that_waits_for_its_first_synchronisation_says_so_and_claims_no_figures() -> None:
    link = a_link(members=0, in_step=0, pending=0, opted_out=0, last=None, last_ok=None, next=None, schedule="manual")
    assert "manual – – – – – – – waiting for the first synchronisation by hand none" in text_of(
        a_service(links=(link,))
    )


def test_a_run_is_a_row_of_what_it_did() -> None:
    run = a_run(failed=3, blocked=("removals",), error="SFDD-E2101: no session", attempts=2)
    row = "watch by svc-sync on sync-1 Error SFDD-E2101: no session (2 times in a row) held back by removals"
    assert f"16:29 11 min ago {row} 12 31 2 1 3 23 1 min" in text_of(a_service(runs=(run,)))


def test_a_run_that_goes_on_and_one_of_an_older_version_claim_no_figures() -> None:
    going = replace(a_run(), finished=None, result="", details=None)
    older = replace(a_run(), details=None)
    assert "– Going on – – – – – – –" in text_of(a_service(runs=(going,)))
    assert "– Done – – – – – – 1 min" in text_of(a_service(runs=(older,)))


def test_a_configuration_that_was_not_taken_is_told() -> None:
    assert "was not taken. The one before is in force. SFDD-E1204" in text_of(a_service(refused="SFDD-E1204 x"))
    assert "was not taken" not in text_of(a_service())


def test_without_links_and_runs_there_are_no_empty_tables() -> None:
    page = render_service(a_service(links=(), runs=(), next=None), is_alive=True)
    assert "<table" not in page
    assert "none is planned" in page


def test_times_are_there_for_programs_too() -> None:
    assert '<time datetime="2026-11-30T16:29:05Z">' in render_service(a_service(), is_alive=True)


def test_every_text_is_text() -> None:
    page = render_service(hostile(HOSTILE), is_alive=True)
    assert "<script" not in page
    assert "<img" not in page
    assert "49" not in page.partition("</style>")[2].replace(HOSTILE, "")
    assert page.count("&lt;script&gt;") >= 14


def test_what_turns_a_line_around_is_shown() -> None:
    page = render_service(a_service(configuration="a\u202eb\u200bc\x00d"), is_alive=True)
    assert "a\\u202eb\\u200bc\\x00d" in page
    assert "\u202e" not in page


def hostile(text: str) -> Service:
    """A service with this text wherever there is any."""
    run = a_run(command=text, user=text, host=text, error=text, blocked=(text, text))
    return a_service(
        configuration=text,
        tool=text,
        trouble=text,
        refused=text,
        links=(a_link(text, campaign=text, address_book=text, schedule=text, others=((text, 1),)),),
        conditions=tuple(Condition(kind, text, 2_000_000, text, text) for kind in Kind),
        runs=(run,),
    )


@pytest.mark.parametrize(
    ("trouble", "is_ready", "told"),
    [
        ("", True, ""),
        ("SFDD-E2101: no", True, ""),
        ("", False, "starting"),
        ("SFDD-E2101: refused for ada@example.com", False, "SFDD-E2101"),
        ("held by ada", False, "trouble"),
    ],
)
def test_readiness_is_told_by_class(trouble: str, is_ready: bool, told: str) -> None:
    service = a_service(trouble=trouble, is_ready=is_ready)
    assert unready(service) == told
    with shown(service) as running:
        answer = HTTP.get(f"{running.url}/readyz")
    assert (answer.status_code, answer.text) == ((503, f"{told}\n") if told else (200, "ok\n"))


@pytest.mark.parametrize(("alive", "status", "told"), [(True, 200, "ok\n"), (False, 503, "stopped\n")])
def test_health_is_that_of_the_loop(alive: bool, status: int, told: str) -> None:
    with shown(a_busy_service(), alive=lambda: alive) as running:
        answer = HTTP.get(f"{running.url}/healthz")
    assert (answer.status_code, answer.text) == (status, told)


def test_an_address_without_a_page_says_so() -> None:
    with shown(a_service()) as running:
        answer = HTTP.get(f"{running.url}/<script>")
    assert answer.status_code == 404
    assert "There is no such page" in answer.text
    assert "script" not in answer.text


def test_the_policy_allows_the_style_of_the_page() -> None:
    import base64
    import hashlib

    with shown(a_service()) as running:
        answer = HTTP.get(running.url)
    (style,) = re.findall(r"<style>(.*?)</style>", answer.text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in answer.headers["content-security-policy"]
