"""A bound on the tail or on memory: who holds it, and what is recommended then."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import binom

from analysis.recommendations import bounds
from analysis.recommendations.recommendation_row import RECOMMENDATIONS, RecommendationRow
from tests.made.analysed import make_tables
from tests.made.simulated import Noise, SimulatedCell, write_simulated_machine
from workloads.vocabulary.plan import Bounds
from workloads.vocabulary.record import Record, to_json

CELL = SimulatedCell("tune", "model", [{"intra_op": None}, {"intra_op": 1}, {"intra_op": 2}], [1.0, 1.3, 0.8], rounds=4)
MIB = 2**20


def _tailed(slow: dict[int | None, float], memory: dict[int | None, int] | None = None) -> object:
    """Records of single calls: of each setting, by its threads, a share of slow calls; peaks of memory."""

    def fault(record: Record) -> Record:
        measurement, threads = record.measurement, record.setting.resolved["intra_op"]
        assert measurement is not None
        share = slow.get(threads, 0.0)  # type: ignore[arg-type]
        every = round(1 / share) if share else 0
        place = 0
        slices = []
        for slice_ in measurement.slices:
            samples = []
            for sample in slice_.samples:
                place += 1
                samples.append(sample * 4 if every and place % every == 0 else sample)
            slices.append(replace(slice_, samples=samples, wall_s=sum(samples), cpu_s=sum(samples)))
        usage = replace(measurement.usage, peak_rss_bytes=(memory or {}).get(threads, 400 * MIB))  # type: ignore[arg-type]
        return replace(record, measurement=replace(measurement, metric="latency", slices=slices, usage=usage))

    return fault


def _recommended(root: Path, asked: Bounds, faults: object) -> RecommendationRow:
    plan = write_simulated_machine(root, [CELL], noise=Noise(samples=200), faults=faults)  # type: ignore[arg-type]
    cells = [replace(cell, bounds=asked) for cell in plan.cells]
    (root / "plan.json").write_text(to_json(replace(plan, cells=cells)))
    make_tables(root)
    (row,) = RECOMMENDATIONS.read(root)
    return row


def test_the_fastest_that_holds_is_recommended_and_not_the_fastest(tmp_path: Path) -> None:
    row = _recommended(tmp_path, Bounds(p99_s=0.05), _tailed({1: 0.02}))
    assert row.run_with == "the defaults"
    assert row.bounds == "p99 of at most 50.0 ms"
    free = _recommended(tmp_path / "free", Bounds(p99_s=0.5), _tailed({1: 0.02}))
    assert free.run_with == "intra_op=1"


def test_where_the_defaults_do_not_hold_they_are_not_recommended(tmp_path: Path) -> None:
    row = _recommended(tmp_path, Bounds(p99_s=0.05), _tailed({None: 0.02, 1: 0.02}))
    assert row.run_with == "intra_op=2"
    assert row.gain is not None
    assert 0.7 < row.gain < 1.0
    assert "the defaults do not (16 of 800 calls took longer than 50.0 ms)" in row.words


def test_where_nothing_holds_nothing_is_recommended(tmp_path: Path) -> None:
    row = _recommended(tmp_path, Bounds(p99_s=0.05), _tailed({None: 0.02, 1: 0.02, 2: 0.02}))
    assert (row.run_with, row.gain) == ("none", None)
    assert row.words.startswith("no setting is known to hold p99 of at most 50.0 ms")


def test_a_bound_on_memory_takes_the_largest_launch(tmp_path: Path) -> None:
    memory: dict[int | None, int] = {1: 900 * MIB}
    row = _recommended(tmp_path, Bounds(memory_bytes=500 * MIB), _tailed({}, memory))
    assert row.run_with == "the defaults"
    row = _recommended(tmp_path / "both", Bounds(p99_s=0.05, memory_bytes=2000 * MIB), _tailed({}, memory))
    assert row.run_with == "intra_op=1"


def test_few_calls_do_not_say_that_a_bound_holds() -> None:
    """299 calls below the bound are the fewest that do (0.99 to the power of 299 is 5 %)."""
    assert bounds._share(0, 298)[1] > 0.01 >= bounds._share(0, 299)[1]


@pytest.mark.parametrize("true_share", [0.01, 0.011, 0.02])
def test_a_setting_that_breaks_the_bound_is_said_to_hold_it_once_in_twenty_times_at_most(true_share: float) -> None:
    calls = 1000
    over = np.arange(calls + 1)
    says_yes = np.array([bounds._share(int(number), calls)[1] <= 0.01 for number in over])
    assert binom.pmf(over, calls, true_share)[says_yes].sum() <= 0.05
