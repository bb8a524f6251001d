"""The service as it stands, as gauges. Made anew at every scrape: nothing here can be older than what it shows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from sfdd_declare.model.service import Kind, LinkStatus, Service
from sfdd_declare.web.meters import Meters

STATES = ("members", "in_step", "pending", "failed", "parked", "held", "opted_out")


class Gauges(Collector):
    """What a service says of itself when it is asked."""

    def __init__(self, service: Callable[[], Service], alive: Callable[[], bool]) -> None:
        self._service = service
        self._alive = alive

    def collect(self) -> Iterator[Metric]:
        """All gauges, of one moment."""
        service = self._service()
        is_up = self._alive() and not service.trouble
        yield _gauge("sfdd_up", "1 while the loop runs and its last attempt got through.", {(): int(is_up)})
        yield _gauge("sfdd_build_info", "The version that runs.", {(service.tool,): 1}, "version")
        yield from _of_links(service)
        kinds = Counter(condition.kind for condition in service.conditions)
        yield _gauge(
            "sfdd_conditions", "What waits for a human, by kind.", {(kind,): kinds[kind] for kind in Kind}, "kind"
        )
        yield _gauge(
            "sfdd_calls_left", "Calls left of the daily allowance, as last told.", _calls_left(service), "system"
        )


def exposition(
    service: Callable[[], Service], alive: Callable[[], bool], meters: Meters, accept: str
) -> tuple[bytes, str]:
    """All metrics and their content type: OpenMetrics for whoever accepts it, Prometheus' text for anybody else."""
    registry = CollectorRegistry()
    registry.register(meters)
    registry.register(Gauges(service, alive))
    encode, content_type = choose_encoder(accept)
    return encode(registry), content_type


def _of_links(service: Service) -> Iterator[Metric]:
    links = service.links
    people: dict[tuple[str, ...], float] = {
        (link.link, state): getattr(link, state) for link in links for state in STATES
    }
    yield _gauge("sfdd_link_people", "People of a link, by how they stand.", people, "link", "state")
    yield _gauge(
        "sfdd_link_oldest_change_age_seconds",
        "Age of the oldest change that is not carried yet; 0: none waits.",
        {(link.link,): _age(service, link) for link in links},
        "link",
    )
    yield _gauge(
        "sfdd_link_last_success_timestamp_seconds",
        "When the last run began that carried everything; 0: none yet.",
        {(link.link,): link.last_ok.timestamp() if link.last_ok else 0.0 for link in links},
        "link",
    )
    yield _gauge(
        "sfdd_link_next_run_timestamp_seconds",
        "When the next run is due; not there for a link that is synchronised by hand.",
        {(link.link,): link.next.timestamp() for link in links if link.next},
        "link",
    )


def _age(service: Service, link: LinkStatus) -> float:
    return max(0.0, (service.now - link.oldest).total_seconds()) if link.oldest else 0.0


def _calls_left(service: Service) -> dict[tuple[str, ...], float]:
    """As the newest run that was told; not there while none was."""
    told = [run.details for run in service.runs if run.details]
    salesforce = (details.salesforce_calls_left for details in told)
    dotdigital = (details.dotdigital_calls_left for details in told)
    newest = {
        ("salesforce",): next((left for left in salesforce if left is not None), None),
        ("dotdigital",): next((left for left in dotdigital if left is not None), None),
    }
    return {system: left for system, left in newest.items() if left is not None}


def _gauge(name: str, text: str, values: dict[tuple[str, ...], float], *labels: str) -> Metric:
    family = GaugeMetricFamily(name, text, labels=labels)
    for key, value in values.items():
        family.add_metric(key, value)
    return family
