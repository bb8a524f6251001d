"""What is counted over the life of the process: runs, people, calls. The loop reports each finished run."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from enum import StrEnum
from threading import Lock

from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from sfdd_declare.model.state import RunDetails, RunRecord

#: Upper bounds in seconds: from a run that finds nothing to the first one over a large campaign.
BUCKETS = (1, 5, 15, 30, 60, 120, 300, 600, 1800, 3600, 14400)


class Result(StrEnum):
    """How a run ended. What is written beside a run is text; these are closed, as labels have to be."""

    DONE = "done"
    IN_PART = "in_part"
    INTERRUPTED = "interrupted"
    ERROR = "error"


def result_of(record: RunRecord) -> Result | None:
    """How it ended; None while it goes on."""
    if record.details and record.details.error:
        return Result.ERROR
    if record.result == "interrupted":
        return Result.INTERRUPTED
    if record.finished is None and not record.result:
        return None
    return Result.DONE if record.result == "done" else Result.IN_PART


class Meters(Collector):
    """Counts of all that was reported, from any thread."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._runs: Counter[str] = Counter()
        self._people: Counter[str] = Counter()
        self._calls: Counter[str] = Counter()
        self._durations = [0] * (len(BUCKETS) + 1)
        self._seconds = 0.0

    def finished(self, record: RunRecord) -> None:
        """Count a run that has come to its end, once."""
        details = record.details or RunDetails()
        seconds = max(0.0, (record.finished - record.started).total_seconds()) if record.finished else None
        with self._lock:
            self._runs[result_of(record) or Result.INTERRUPTED] += 1
            self._people.update(_people(details))
            self._calls.update(salesforce=details.salesforce_calls, dotdigital=details.dotdigital_calls)
            if seconds is not None:
                self._durations[bisect_left(BUCKETS, seconds)] += 1
                self._seconds += seconds

    def collect(self) -> Iterator[Metric]:
        """The counts, for a registry. All labels are there from the start: a rate needs the zero before the one."""
        with self._lock:
            runs, people, calls = self._runs.copy(), self._people.copy(), self._calls.copy()
            durations, seconds = tuple(self._durations), self._seconds
        yield _counter(
            "sfdd_runs", "Runs that have ended.", "result", {result.value: runs[result] for result in Result}
        )
        yield _histogram("sfdd_run_duration_seconds", "How long finished runs took.", durations, seconds)
        named = {name: people[name] for name in _people(RunDetails())}
        yield _counter("sfdd_people", "People by what was confirmed of them; failed: rows.", "change", named)
        systems = {name: calls[name] for name in ("salesforce", "dotdigital")}
        yield _counter("sfdd_calls", "Calls to the API of a system.", "system", systems)


def _people(details: RunDetails) -> dict[str, int]:
    return {
        "added": details.done.add,
        "updated": details.done.update,
        "removed": details.done.remove,
        "new_lead": details.done.leads,
        "opted_out": details.opted_out,
        "failed": details.failed,
    }


def _counter(name: str, text: str, label: str, values: dict[str, int]) -> Metric:
    family = CounterMetricFamily(name, text, labels=[label])
    for value, count in values.items():
        family.add_metric([value], count)
    return family


def _histogram(name: str, text: str, counts: tuple[int, ...], seconds: float) -> Metric:
    bounds = [*(str(float(bound)) for bound in BUCKETS), "+Inf"]
    family = HistogramMetricFamily(name, text)
    family.add_metric([], [(bound, sum(counts[: place + 1])) for place, bound in enumerate(bounds)], seconds)
    return family
