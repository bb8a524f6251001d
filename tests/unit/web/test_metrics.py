"""What a scraper reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as open_metrics
from prometheus_client.parser import text_string_to_metric_families as classic

from sfdd_declare.model.figures import Figures
from sfdd_declare.model.service import Condition, Kind, Service
from sfdd_declare.web.meters import Meters, Result, result_of
from tests.unit.web.builders import HTTP, NOW, a_busy_service, a_link, a_run, a_service, ago, shown

OPEN = "application/openmetrics-text; version=1.0.0"


def read(
    service: Service, *, accept: str = "", parse: Callable[[str], Any] = classic, **more: Any
) -> Mapping[tuple[str, ...], float]:
    """What is read, by name and values of the labels."""
    with shown(service, **more) as running:
        answer = HTTP.get(f"{running.url}/metrics", headers={"Accept": accept})
    assert answer.status_code == 200
    samples = [sample for family in parse(answer.text) for sample in family.samples]
    return {(sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value for sample in samples}


def test_people_of_a_link_are_told_by_how_they_stand() -> None:
    link = a_link(members=100, in_step=80, pending=7, failed=1, parked=2, held=3, opted_out=4)
    seen = read(a_service(links=(link,)))
    told = {key[2]: value for key, value in seen.items() if key[0] == "sfdd_link_people"}
    assert told == {"members": 100, "in_step": 80, "pending": 7, "failed": 1, "parked": 2, "held": 3, "opted_out": 4}


def test_times_of_a_link_are_in_seconds() -> None:
    seen = read(a_service(links=(a_link("link.a", oldest=ago(hours=2)),)))
    assert seen["sfdd_link_oldest_change_age_seconds", "link.a"] == 7200
    assert seen["sfdd_link_last_success_timestamp_seconds", "link.a"] == ago(minutes=11).timestamp()
    assert seen["sfdd_link_next_run_timestamp_seconds", "link.a"] == ago(minutes=-4).timestamp()


def test_a_link_that_was_never_synchronised_succeeded_in_1970_and_one_by_hand_has_no_next_run() -> None:
    seen = read(a_service(links=(a_link("link.a", last_ok=None, next=None),)))
    assert seen["sfdd_link_last_success_timestamp_seconds", "link.a"] == 0
    assert seen["sfdd_link_oldest_change_age_seconds", "link.a"] == 0
    assert ("sfdd_link_next_run_timestamp_seconds", "link.a") not in seen


def test_conditions_are_counted_by_kind_and_a_kind_without_any_is_zero() -> None:
    some = tuple(Condition(Kind.HELD, subject, 5, "") for subject in "ab")
    seen = read(a_service(conditions=some))
    assert {key[1]: value for key, value in seen.items() if key[0] == "sfdd_conditions"} == {
        "failure": 0, "drift": 0, "guard": 0, "held": 2, "parked": 0,
    }  # fmt: skip


@pytest.mark.parametrize(("alive", "trouble", "up"), [(True, "", 1), (False, "", 0), (True, "SFDD-E3009: held", 0)])
def test_it_is_up_while_the_loop_runs_and_gets_through(alive: bool, trouble: str, up: int) -> None:
    assert read(a_service(trouble=trouble), alive=lambda: alive)[("sfdd_up",)] == up


def test_the_version_is_told() -> None:
    assert read(a_service(tool="1.2.3"))["sfdd_build_info", "1.2.3"] == 1


def test_calls_left_are_the_newest_that_were_told() -> None:
    runs = (a_run(), a_run(salesforce_calls_left=0), a_run(salesforce_calls_left=9, dotdigital_calls_left=2000))
    seen = read(a_service(runs=runs))
    assert seen["sfdd_calls_left", "salesforce"] == 0
    assert seen["sfdd_calls_left", "dotdigital"] == 2000
    assert ("sfdd_calls_left", "dotdigital") not in read(a_service())


def test_finished_runs_are_counted() -> None:
    meters = Meters()
    meters.finished(a_run(done=Figures(1, 2, 3, 4), opted_out=5, failed=6))
    meters.finished(replace(a_run(error="SFDD-E2101: no", done=Figures()), result="in part"))
    seen = read(a_service(), meters=meters)
    assert {key[1]: value for key, value in seen.items() if key[0] == "sfdd_people_total"} == {
        "added": 1, "updated": 2, "removed": 3, "new_lead": 4, "opted_out": 5, "failed": 6,
    }  # fmt: skip
    assert {key[1]: value for key, value in seen.items() if key[0] == "sfdd_runs_total"} == {
        "done": 1, "in_part": 0, "interrupted": 0, "error": 1,
    }  # fmt: skip
    assert seen["sfdd_calls_total", "salesforce"] == 28
    assert seen["sfdd_calls_total", "dotdigital"] == 18


def test_every_label_is_there_before_the_first_run() -> None:
    seen = read(a_service())
    assert [value for key, value in seen.items() if key[0].endswith("_total")] == [0] * (4 + 6 + 2)


@pytest.mark.parametrize(("seconds", "bucket", "below"), [(60, "60.0", "30.0"), (60.5, "120.0", "60.0")])
def test_a_duration_falls_in_the_bucket_it_is_not_above(seconds: float, bucket: str, below: str) -> None:
    meters = Meters()
    meters.finished(replace(a_run(), started=ago(seconds=seconds), finished=NOW))
    seen = read(a_service(), meters=meters)
    assert seen["sfdd_run_duration_seconds_bucket", bucket] == 1
    assert seen["sfdd_run_duration_seconds_bucket", below] == 0
    assert seen["sfdd_run_duration_seconds_bucket", "+Inf"] == 1
    assert seen[("sfdd_run_duration_seconds_sum",)] == seconds


def test_a_run_without_an_end_has_no_duration() -> None:
    meters = Meters()
    meters.finished(replace(a_run(), finished=None, result=""))
    seen = read(a_service(), meters=meters)
    assert seen["sfdd_runs_total", "interrupted"] == 1
    assert seen[("sfdd_run_duration_seconds_count",)] == 0


@pytest.mark.parametrize(
    ("more", "error", "result"),
    [
        ({"result": "done"}, "", Result.DONE),
        ({"result": "in part"}, "", Result.IN_PART),
        ({"result": "a word of a later version"}, "", Result.IN_PART),
        ({"result": "interrupted", "finished": None}, "", Result.INTERRUPTED),
        ({"result": "", "finished": None}, "", None),
        ({"result": "in part"}, "SFDD-E2101: no", Result.ERROR),
    ],
)
def test_results_are_few(more: dict[str, Any], error: str, result: Result | None) -> None:
    assert result_of(replace(a_run(error=error), **more)) == result


def test_whoever_accepts_openmetrics_gets_it() -> None:
    with shown(a_service()) as running:
        answer = HTTP.get(f"{running.url}/metrics", headers={"Accept": f"{OPEN},text/plain;version=0.0.4;q=0.5"})
        assert answer.headers["content-type"].startswith("application/openmetrics-text; version=1.0.0")
        assert answer.text.endswith("# EOF\n")
        plain = HTTP.get(f"{running.url}/metrics")
    assert plain.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert plain.headers["vary"] == "Accept"


def test_both_forms_say_the_same() -> None:
    meters = Meters()
    meters.finished(a_run())
    service = a_busy_service()
    assert read(service, meters=meters) == read(service, meters=meters, accept=OPEN, parse=open_metrics)


def test_no_name_of_a_person_and_no_text_is_a_metric() -> None:
    personal = "ada.lovelace"
    meters = Meters()
    run = a_run(user=personal, host=personal, error=f"SFDD-E3009: held by {personal}", links=(personal,))
    meters.finished(run)
    service = a_service(
        configuration=personal,
        runs=(run,),
        trouble=f"held by {personal}",
        refused=personal,
        conditions=(Condition(Kind.HELD, personal, 1, personal, personal),),
        links=(a_link(campaign=personal, address_book=personal, schedule=personal, others=((personal, 1),)),),
    )
    with shown(service, meters=meters) as running:
        for path in ("/metrics", "/healthz", "/readyz"):
            assert personal not in HTTP.get(running.url + path).text


def test_names_with_quotes_and_breaks_are_read_back_as_they_are() -> None:
    name = 'link."a\\b\n#{x="y"}'
    assert ("sfdd_link_people", name, "held") in read(a_service(links=(a_link(name),)))
