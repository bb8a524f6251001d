"""What the formats of code hosts share: the text of a finding, and the digest that finds it again in the next run."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable

from sfdd_declare.model.finding import Finding
from sfdd_declare.model.privacy import Personal, Sort
from sfdd_declare.model.visible import safe

_LONGEST = 1_000  # characters of a text
_EXAMPLE = "name@example.com"  # stands in hints
_LIVE = {"](": "] (", "##[": "## ["}  # a link in SARIF; a command of GitHub's runner, wherever on a line it stands
_ADDRESS = re.compile(r"(?<![\w.+-])[\w.+-]++@[\w-]++(?:\.[\w-]++)+")  # one try at each word, however long


def sentence(finding: Finding) -> str:
    """What is wrong, on one line.

    A host keeps it and mails it: without addresses of people, and without a link or command that a name could make.
    """
    return _plain(finding.summary)


def advice(finding: Finding) -> str:
    """The hint as a sentence, on one line; empty where there is none."""
    return f"Hint: {_plain(finding.hint)}" if finding.hint else ""


def fingerprints(found: Iterable[Finding]) -> tuple[str, ...]:
    """A digest for each of what it is and what it is about, but not of its line; equal ones are numbered."""
    seen: Counter[str] = Counter()
    digests = []
    for finding in found:
        about = json.dumps([finding.rule, *finding.subject])
        seen[about] += 1
        text = about if seen[about] == 1 else f"{about} {seen[about]}"
        digests.append(hashlib.sha256(text.encode()).hexdigest()[:32])
    return tuple(digests)


def _plain(text: str) -> str:
    masked = _ADDRESS.sub(_masked, safe(text[: 2 * _LONGEST]))
    for live, dead in _LIVE.items():
        masked = masked.replace(live, dead)
    return masked if len(masked) <= _LONGEST else f"{masked[: _LONGEST - 1]}…"


def _masked(found: re.Match[str]) -> str:
    return _EXAMPLE if found[0] == _EXAMPLE else str(Personal(found[0], Sort.EMAIL))
