"""From a model to its settings, on the real engine: the answer, the line that is pasted, and what cannot run."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from workloads.vocabulary import documents
from workloads.vocabulary.plan import Plan

pytestmark = pytest.mark.long

ROOT = Path(__file__).parents[2]

# Small enough to search in two minutes; a call takes a millisecond.
MODEL = """
import tensorflow as tf

def build_model(batch):
    weights = [tf.random.normal((512, 512)) for _ in range(4)]
    def call(x):
        for weight in weights:
            x = tf.nn.relu(x @ weight) / 20
        return x
    return call, (tf.ones((batch, 512)),)
"""


def tune(model: Path, out: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "containers.tune", str(model), "--out", str(out), *words]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)


@pytest.fixture(scope="module")
def tuned(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The machine's folder, and what was printed."""
    place = tmp_path_factory.mktemp("tune")
    (place / "model.py").write_text(MODEL)
    done = tune(place / "model.py", place / "out", "--minutes", "2.5", "--batch", "64", "--goal", "throughput")
    assert done.returncode == 0, done.stderr
    (report,) = (place / "out").glob("*/*/report.html")
    return report.parent, done.stdout


def test_the_answer_has_five_lines_and_ends_with_where_it_all_is(tuned: tuple[Path, str]) -> None:
    folder, said = tuned
    lines = said.strip().splitlines()[-5:]
    assert [line.split()[0] for line in lines] == ["Run", "Gain", "It", "Tried", "Report"]
    assert str(folder / "report.html") in lines[-1]
    assert (folder.parent / "config.yaml").exists()


def test_the_pasted_line_times_the_user_s_model_in_that_setting(tuned: tuple[Path, str]) -> None:
    folder, _ = tuned
    plan = documents.read(Plan, folder / "plan.json")
    done = subprocess.run(["sh", "recommended/tune-model.sh"], capture_output=True, text=True, cwd=folder, check=False)
    assert done.returncode == 0, done.stderr
    assert "user_model: calling build_model(64) of model" in done.stderr
    milliseconds = float(re.search(r"([\d.]+) ms a call", done.stdout).group(1))  # type: ignore[union-attr]
    launches = pd.read_parquet(folder / "tables/launches.parquet")
    recommended = pd.read_parquet(folder / "tables/recommendations.parquet")["setting"][0]
    times = 1e3 * launches[launches["setting"] == recommended]["median_s"]
    assert plan.cells[0].model is not None
    # Minutes apart, on a shared machine: the example model would be ten times as fast.
    assert times.min() / 1.5 < milliseconds < times.max() * 1.5


def test_a_model_that_does_not_run_ends_in_one_sentence_before_anything_is_planned(tmp_path: Path) -> None:
    broken = tmp_path / "broken.py"
    broken.write_text("def build_model(batch):\n    raise ValueError('no such layer')\n")
    done = tune(broken, tmp_path / "out")
    assert done.returncode == 2
    (sentence,) = [line for line in done.stderr.splitlines() if "does not run" in line]
    assert "no such layer" in sentence
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()
    assert not done.stdout


def test_a_model_that_is_not_there_is_named(tmp_path: Path) -> None:
    done = tune(tmp_path / "absent.keras", tmp_path / "out")
    assert done.returncode == 2
    assert "absent.keras does not exist" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
