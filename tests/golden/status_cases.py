"""How configurations stand, and runs, for the golden texts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sfdd_declare.model.figures import Figures
from sfdd_declare.model.notice import Condition, Kind
from sfdd_declare.model.service import LinkStatus
from sfdd_declare.model.standing import Running, Standing
from sfdd_declare.model.state import RunDetails, RunRecord

NOW = datetime(2026, 3, 2, 16, 41, tzinfo=UTC)
HOSTILE = "\x1b[31m\u202e[bold]x[/]\n::error::y"


def ago(**parts):
    return NOW - timedelta(**parts)


def details(**parts):
    return replace(
        RunDetails(
            "watch",
            user="ada",
            host="runner-7",
            commit="3f9c0a1",
            planned=Figures(add=13, update=5),
            done=Figures(add=12, update=5),
            written=17,
            salesforce_calls=8,
            dotdigital_calls=12,
            salesforce_calls_left=14_975,
        ),
        **parts,
    )


def a_run(result="done", *, known=True, **parts):
    start = ago(minutes=11)
    found = RunRecord(
        "20260302T163000Z-7-aabbccdd", start, start + timedelta(seconds=75), "3f9c0a1b2c3d", result, details()
    )
    return replace(found, **({} if known else {"details": None}), **parts)


def a_link(campaign="spring_launch", book="spring_launch", **parts):
    ok = ago(minutes=11)
    found = LinkStatus(
        f"link.{campaign}.{book}", campaign, book, "every 15 minutes", 1204, 1190, last=ok, last_ok=ok, counted=ok,
        opted_out=14, next=NOW + timedelta(minutes=4),
    )  # fmt: skip
    return replace(found, **parts)


def standing(**parts):
    return replace(Standing("acme", ".sfdd/state.db", NOW, False, True, (a_link(), by_hand()), last=a_run()), **parts)


def by_hand(**parts):
    return replace(LinkStatus("link.autumn.autumn", "autumn", "autumn", "manual"), **parts)


def nothing_applied():
    return standing(links=(a_link(last=None),), last=None, is_new=True, exists=False)


def in_step():
    return standing()


def waiting():
    behind = a_link(
        "webinars",
        members=2000,
        in_step=1900,
        pending=3,
        failed=4,
        parked=2,
        held=1,
        others=(("no address", 70), ("shadowed", 6)),
        schedule="0 6 * * 1-5",
        last=ago(hours=30),
        last_ok=ago(days=3),
        counted=ago(days=2),
        oldest=ago(days=2, hours=3),
        next=ago(hours=10),
    )
    first = LinkStatus("link.new.new", "new", "new", "every hour", next=NOW + timedelta(minutes=20))
    failed = details(error="SFDD-E4001: nobody answers", attempts=12)
    return standing(
        links=(a_link(), behind, first, by_hand()),
        last=a_run("failed", details=failed),
        running=Running("ada on runner-7 (process 12), running `sfdd watch`", ago(minutes=2)),
        setup_left=("field_mapping.main.contacts.Title", "address_book.spring_launch"),
        conditions=(
            Condition(Kind.FAILURE, "SFDD-E4001", 12, "SFDD-E4001: nobody answers", "sfdd history 20260302T163000Z-7"),
            Condition(Kind.GUARD, "max_removals", 1, "the guard max_removals holds something back", "sfdd plan"),
            Condition(Kind.HELD, "leads pending", 3, "3 leads pending", "sfdd plan"),
            Condition(Kind.PARKED, "ledger", 2, "2 rows parked", "sfdd errors, sfdd errors retry"),
        ),
    )


def hostile():
    run = a_run(HOSTILE, details=details(user=HOSTILE, host=HOSTILE, command=HOSTILE, error=HOSTILE))
    link = a_link(HOSTILE, HOSTILE, others=((HOSTILE, 2),), schedule=HOSTILE)
    hand = by_hand(link=f"link.{HOSTILE}.b")
    condition = Condition(Kind.HELD, HOSTILE, 1, HOSTILE, HOSTILE)
    return standing(
        configuration=HOSTILE,
        links=(link, hand),
        last=run,
        running=Running(HOSTILE, NOW),
        setup_left=(HOSTILE,),
        conditions=(condition,),
    )


UNKNOWN = details(done=Figures(), written=0)


def interrupted():
    return a_run("interrupted", finished=None, run="20260302T150000Z-6-00112233", details=UNKNOWN)


def runs():
    failed = a_run("failed", details=details(error="SFDD-E4001: nobody answers", attempts=12, done=Figures()))
    lead = a_run(details=details(done=Figures(1204, 17, 3, 2), failed=4, command="sync", opted_out=1, setup=14))
    return (
        a_run("", finished=None, details=UNKNOWN),
        lead,
        a_run("in part"),
        failed,
        interrupted(),
        a_run(known=False),
    )


def everything():
    """A run about which there is all to tell."""
    return a_run(
        "in part",
        details=details(
            links=("link.spring_launch.spring_launch",),
            planned=Figures(13, 5, 2, 1, 4),
            opted_out=2,
            setup=3,
            failed=4,
            left_out=5,
            dotdigital_calls_left=1978,
            held=(("conflicts held", 1), ("leads pending", 3)),
            blocked=("max_removals",),
            problems=(("DUPLICATES_DETECTED", 1), ("InvalidContact", 3)),
            setup_left=("address_book.spring_launch",),
        ),
    )


def ended_in_an_error():
    return a_run("failed", fingerprint="", details=RunDetails("sync", "ada", "h", error="SFDD-E4001: no", attempts=3))


def hostile_run():
    pairs = ((HOSTILE, 1),)
    names = (HOSTILE,)
    return a_run(
        HOSTILE,
        run=HOSTILE,
        fingerprint=HOSTILE,
        details=details(
            command=HOSTILE, user=HOSTILE, host=HOSTILE, commit=HOSTILE, links=names, held=pairs, blocked=names,
            problems=pairs, setup_left=names, error=HOSTILE,
        ),
    )  # fmt: skip


STANDINGS = (nothing_applied, in_step, waiting, hostile)
RUNS = (interrupted, everything, ended_in_an_error, hostile_run)
