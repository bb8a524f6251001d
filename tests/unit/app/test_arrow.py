"""pandas stays out of arrays, and is there for whoever asks for it. One of our own, as nothing needs the real one."""

from __future__ import annotations

import subprocess
import sys

SCRIPT = """
import sys
sys.path.insert(0, sys.argv[1])
from sfdd_declare.app.arrow import without_pandas
without_pandas()
without_pandas()
assert not [finder for finder in sys.meta_path if type(finder).__module__.startswith("sfdd_declare")]
import pyarrow as pa
import pyarrow.dataset
assert pa.array([1, None]).null_count == 1
assert "pandas" not in sys.modules
import pandas
assert pandas.__version__ == "3"
"""


def test_arrays_are_made_without_pandas_which_can_still_be_imported(tmp_path):
    (tmp_path / "pandas.py").write_text('__version__ = "3"\n')
    line = [sys.executable, "-c", SCRIPT, str(tmp_path)]
    done = subprocess.run(line, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
