"""One step of the benchmark of the people engine, in a process of its own: `engine_step STEP FOLDER PEOPLE`.

`data` makes what the others need. `floor` reads the raw bytes into columns and does nothing else; `edge` reads them
through the project's own readers into Parquet; `rules` decides over such files; `whole` is `edge` and `rules` in one
process. What is imported, and where files lie, does not count.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from sfdd_declare.app.arrow import without_pandas
from sfdd_declare.dotdigital.contacts import People as DotdigitalPeople
from sfdd_declare.model.ids import ListId, SalesforceId
from sfdd_declare.model.ports import ReadReport
from sfdd_declare.people.columns import CHANGES, MOVES
from sfdd_declare.people.decide import decide
from sfdd_declare.people.spool import RunDirectory
from sfdd_declare.salesforce.lanes import Lane, behind_member
from sfdd_declare.salesforce.people import MEMBER_COLUMNS
from sfdd_declare.salesforce.people import People as SalesforcePeople
from tests.benchmarks import answers
from tests.benchmarks.invented import BOOK, CAMPAIGN, FIELDS, KINDS, mapping_sets, people, question
from tests.benchmarks.measured import Cost, peak_mb, tell
from tests.benchmarks.written import (
    CAMPAIGN_ID,
    DOTDIGITAL_PAGE,
    LIST_ID,
    write_dotdigital,
    write_known,
    write_salesforce,
)

KNOWN, READ = "known", "read"  # folders with Parquet files by dataset
SALESFORCE, DOTDIGITAL = "salesforce", "dotdigital"  # folders with raw bytes
Counts = Mapping[str, int]
Step = Callable[[Path, int], tuple[float, Counts]]


def data(folder: Path, count: int) -> tuple[float, Counts]:
    everybody = list(people(count))
    begun = time.process_time()
    members = write_salesforce(everybody, _paths(), folder / SALESFORCE)
    contacts = write_dotdigital(everybody, folder / DOTDIGITAL)
    with closing(RunDirectory(folder)) as spool:
        write_known(everybody, spool)
        _keep(spool, folder / KNOWN)
    return time.process_time() - begun, {"members": members, "contacts": contacts}


class _Identifiers(msgspec.Struct, gc=False):
    email: str | None = None


class _Contact(msgspec.Struct, gc=False):
    contactId: int
    identifiers: _Identifiers
    dataFields: dict[str, str | float | None]


class _Page(msgspec.Struct, gc=False):
    items: list[_Contact] = msgspec.field(name="_items")


def floor(folder: Path, _: int) -> tuple[float, Counts]:
    begun, members, contacts = time.process_time(), 0, 0
    options = pa_csv.ConvertOptions(column_types=dict.fromkeys(_paths(), pa.string()))
    for file in _files(folder / SALESFORCE):
        members += pa_csv.read_csv(file, convert_options=options).num_rows
    decoder = msgspec.json.Decoder(_Page)
    for file in _files(folder / DOTDIGITAL):
        found = decoder.decode(file.read_bytes()).items
        columns = [pa.array([c.contactId for c in found]), pa.array([c.identifiers.email for c in found])]
        columns += [pa.array([c.dataFields.get(name) for c in found]) for _, name, *_ in FIELDS]
        contacts += len(columns[0])
    return time.process_time() - begun, {"members": members, "contacts": contacts}


def edge(folder: Path, count: int) -> tuple[float, Counts]:
    with closing(RunDirectory(folder)) as spool:
        begun = time.process_time()
        counts = _read(folder, count, spool)
        spent = time.process_time() - begun
        _keep(spool, folder / READ)
    return spent, counts


def rules(folder: Path, _: int) -> tuple[float, Counts]:
    with closing(RunDirectory(folder)) as spool:
        _lend(spool, folder / KNOWN, folder / READ)
        begun = time.process_time()
        decide(question(), spool)
        return time.process_time() - begun, _decided(spool)


def whole(folder: Path, count: int) -> tuple[float, Counts]:
    with closing(RunDirectory(folder)) as spool:
        _lend(spool, folder / KNOWN)
        begun = time.process_time()
        counts = _read(folder, count, spool)
        decide(question(), spool)
        return time.process_time() - begun, {**counts, **_decided(spool)}


STEPS: Mapping[str, Step] = {"data": data, "floor": floor, "edge": edge, "rules": rules, "whole": whole}


def _read(folder: Path, count: int, spool: RunDirectory) -> Counts:
    sets = mapping_sets()
    org = SalesforcePeople(answers.salesforce(_files(folder / SALESFORCE)))
    members = org.members(((CAMPAIGN, SalesforceId(CAMPAIGN_ID)),), sets, spool)
    account = DotdigitalPeople(answers.dotdigital(_files(folder / DOTDIGITAL)))
    # a list so long that the account is read instead: the one way by which those who left the book are seen, too
    book = (BOOK, ListId(LIST_ID), 10 * (count + DOTDIGITAL_PAGE))
    contacts = account.books((book,), count, sets, spool)
    return {"members": _whole(members), "contacts": _whole(contacts)}


def _whole(report: ReadReport) -> int:
    assert report.complete
    return report.rows


def _decided(spool: RunDirectory) -> Counts:
    return {
        dataset: sum(pq.read_metadata(part).num_rows for part in spool.parts(dataset)) for dataset in (CHANGES, MOVES)
    }


def _paths() -> list[str]:
    """The columns of the query for members."""
    lanes = [behind_member(kind) for kind in KINDS]
    return list(dict(MEMBER_COLUMNS) | {path: "" for lane in lanes for path in _columns(lane)})


def _columns(lane: Lane) -> Mapping[str, str]:
    return lane.standard() | lane.mapped(mapping_sets())


def _files(folder: Path) -> list[Path]:
    return sorted(folder.iterdir())


def _keep(spool: RunDirectory, folder: Path) -> None:
    """Put a run's datasets where the next process finds them."""
    _link(spool.root, folder)


def _lend(spool: RunDirectory, *folders: Path) -> None:
    """Give a run the datasets that earlier processes made."""
    for folder in folders:
        _link(folder, spool.root)


def _link(source: Path, target: Path) -> None:
    for part in source.glob("*/*.parquet"):
        (target / part.parent.name).mkdir(parents=True, exist_ok=True)
        os.link(part, target / part.parent.name / part.name)


if __name__ == "__main__":
    without_pandas()
    step, place, number = sys.argv[1:]
    at_start = peak_mb()
    cpu, counts = STEPS[step](Path(place), int(number))
    tell(Cost(cpu, at_start, peak_mb(), counts))
