"""What a census notes from the inside: Python's own questions, and names that stand in libraries.

The preloaded library is tested in the image: tests/engine/test_census.py.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from workloads.harness.census import names_in, short

_ASKING = """
import json, os, sys
sys.path.insert(0, {folder!r})
from workloads.harness.census import _Python
noted = _Python()
import planted
print(json.dumps([[read.variable, read.by, read.phases] for read in noted.taken("import")]))
print(json.dumps([read.variable for read in noted.taken("later")]))
"""


def test_each_way_in_which_python_asks_is_noted_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "planted.py").write_text(
        "import os\n"
        'os.environ.get("PLANTED_GET")\n'
        'os.getenv("PLANTED_GETENV")\n'
        '"PLANTED_IN" in os.environ\n'
        "try:\n"
        '    os.environ["PLANTED_ITEM"]\n'
        "except KeyError:\n"
        "    pass\n"
        'os.environ.get("PLANTED_GET")\n'
    )
    done = subprocess.run(
        [sys.executable, "-c", _ASKING.format(folder=str(tmp_path))],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[4],
    )
    first, second = (json.loads(line) for line in done.stdout.splitlines())
    planted = sorted(read for read in first if read[0].startswith("PLANTED"))
    assert planted == [
        ["PLANTED_GET", "planted.py:2", {"import": 1}],
        ["PLANTED_GET", "planted.py:9", {"import": 1}],
        ["PLANTED_GETENV", "planted.py:3", {"import": 1}],
        ["PLANTED_IN", "planted.py:4", {"import": 1}],
        ["PLANTED_ITEM", "planted.py:6", {"import": 1}],
    ]
    assert second == []


def test_names_that_stand_in_a_library_are_whole_texts(tmp_path: Path) -> None:
    library = tmp_path / "lib.so"
    library.write_bytes(b"\x7fELF\x00TF_WHOLE_NAME\x00in a sentence TF_PART of it\x00KMP_BLOCKTIME\x00tf_lower\x00")
    usual = {"KMP_BLOCKTIME": [str(library)], "TF_WHOLE_NAME": [str(library)]}
    assert names_in([str(library), str(tmp_path / "absent.so")]) == usual
    assert names_in([str(library)], ["tf_lower", "TF_PART"]) == usual | {"tf_lower": [str(library)]}


def test_a_package_s_file_is_told_below_the_folder_of_packages() -> None:
    folder = next(place for place in sys.path if place.endswith("site-packages"))
    assert (
        short(f"{folder}/tensorflow/python/platform/../../libtensorflow_cc.so.2") == "tensorflow/libtensorflow_cc.so.2"
    )
    assert short("/lib/x86_64-linux-gnu/libc.so.6") == "/lib/x86_64-linux-gnu/libc.so.6"
