"""Services as a loop would tell of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from sfdd_declare.model.figures import Figures
from sfdd_declare.model.service import Condition, Kind, LinkStatus, Service
from sfdd_declare.model.state import RunDetails, RunRecord
from sfdd_declare.web.listen import Listen
from sfdd_declare.web.server import Running, serve

NOW = datetime(2026, 11, 30, 16, 40, 5, tzinfo=UTC)
HERE = Listen("127.0.0.1", 0)
#: One for all: making one takes longer than what it is asked for.
HTTP = httpx.Client(verify=False, timeout=30)


def ago(**span: float) -> datetime:
    return NOW - timedelta(**span)


def a_link(link: str = "link.newsletter", **more: Any) -> LinkStatus:
    known = LinkStatus(
        link=link,
        campaign="Newsletter 2026",
        address_book="Newsletter",
        schedule="every 15 minutes",
        members=12_480,
        in_step=12_391,
        pending=7,
        opted_out=61,
        last=ago(minutes=11),
        last_ok=ago(minutes=11),
        next=ago(minutes=-4),
    )
    return replace(known, **more)


def a_run(run: str = "r1", **details: Any) -> RunRecord:
    told: dict[str, Any] = {"command": "watch", "user": "svc-sync", "host": "sync-1", "salesforce_calls": 14}
    told |= {"dotdigital_calls": 9, "done": Figures(12, 31, 2, 1)} | details
    return RunRecord(run, ago(minutes=11), ago(minutes=10), "0123456789ab", "done", RunDetails(**told))


def a_service(**more: Any) -> Service:
    known = Service(
        configuration="Acme marketing",
        tool="0.9.0",
        now=NOW,
        started=ago(days=3, hours=4),
        links=(a_link(),),
        runs=(a_run(),),
        next=ago(minutes=-4),
        is_ready=True,
    )
    return replace(known, **more)


def a_busy_service() -> Service:
    """One of everything that a page can show."""
    held = Condition(Kind.HELD, "link.newsletter", 9, "9 people wait for a decision.", "sfdd errors link.newsletter")
    guard = Condition(
        Kind.GUARD, "removals", 1, "412 removals are more than 5 %.", "sfdd sync newsletter --allow-removals"
    )
    failure = Condition(Kind.FAILURE, "SFDD-E2101", 3, "Salesforce refused the session, three times in a row.")
    failed = RunDetails(
        command="watch", user="svc-sync", host="sync-1", error="SFDD-E2101: session expired", attempts=3
    )
    return a_service(
        conditions=(failure, guard, held),
        refused="SFDD-E1204 sfdd.yaml:12:5: a field is mapped twice",
        links=(
            a_link(
                failed=3,
                parked=9,
                held=9,
                oldest=ago(hours=5),
                others=(("without an address", 12), ("excluded", 3)),
            ),
            a_link("link.customers", campaign="Customers", address_book="All customers", schedule="0 6 * * 1-5"),
            a_link(
                "link.events",
                members=0,
                in_step=0,
                pending=0,
                opted_out=0,
                last=None,
                last_ok=None,
                next=None,
                schedule="manual",
            ),
        ),
        runs=(
            RunRecord("r4", ago(seconds=30), None, "0123456789ab", ""),
            replace(a_run("r3"), details=failed, result="in part"),
            a_run("r2", failed=3, blocked=("removals",), command="sync", user="ada", host="laptop"),
            RunRecord("r1", ago(days=40), ago(days=40, seconds=-75), "0123456789ab", "interrupted"),
        ),
    )


@contextmanager
def shown(service: Service, **more: Any) -> Iterator[Running]:
    """A server on a free port of this machine, without a token unless one is named."""
    with serve(HERE, lambda: service, more.pop("token", None), **more) as running:
        yield running
