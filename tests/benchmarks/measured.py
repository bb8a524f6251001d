"""What a step costs, told by a process of its own: nothing that an earlier step left behind counts.

Light on purpose: a process begins with the memory of the one that started it, as far as its peak is concerned.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

MEGABYTE = 1024 if sys.platform != "darwin" else 1024 * 1024  # ru_maxrss counts kilobytes, on macOS bytes


@dataclass(frozen=True, slots=True)
class Cost:
    """Processor seconds (all threads, user and system), the process's peak memory before the step and after it, and
    what the step counted.
    """

    cpu: float
    start_mb: float
    peak_mb: float
    counts: Mapping[str, int] = field(default_factory=dict)


def peak_mb() -> float:
    """The most memory this process ever held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MEGABYTE


def tell(cost: Cost) -> None:
    """The end of a step: its cost as the last line of its output."""
    sys.stdout.write(json.dumps(asdict(cost)) + "\n")


def cost_of_step(*arguments: str) -> Cost:
    """Run a module that ends with `tell`. Raises CalledProcessError when it fails."""
    done = _run([sys.executable, "-m", *arguments])
    return Cost(**json.loads(done.splitlines()[-1]))


def cpu_of(line: Sequence[str], *, folder: Path | None = None, environ: Mapping[str, str] | None = None) -> float:
    """Processor seconds of a whole process, its start included. Raises CalledProcessError when it fails."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    _run(line, folder, environ)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def _run(line: Sequence[str], folder: Path | None = None, environ: Mapping[str, str] | None = None) -> str:
    """What the program prints; its diagnostics are shown when it fails."""
    done = subprocess.run(line, capture_output=True, check=False, text=True, cwd=folder, env=environ)
    if done.returncode:
        sys.stderr.write(done.stderr)
    done.check_returncode()
    return done.stdout
