"""Launches that took turns are paired cycle by cycle; others by what each came to alone."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis.comparisons.compare import comparisons
from analysis.comparisons.comparison import Comparison
from analysis.comparisons.metrics import METRICS
from analysis.comparisons.pairing import paired
from analysis.comparisons.valid_launches import Counted
from tests.made.known_truth import ONE, TWO, Truth, launch, plan_of
from tests.made.turn_taking import MODELS, take_turns
from workloads.vocabulary.errors import AnalysisError
from workloads.vocabulary.metrics import MetricName

FOUR, EIGHT = {"intra_op": 4}, {"intra_op": 8}
TRUTH = Truth("s", "w", [(ONE, 1.0), (TWO, 2.0), (FOUR, 1.0)])
CELL = TRUTH.cell()


def row(setting: int, number: int, times: Sequence[float], *, block: int = 1, **more: Any) -> dict[str, Any]:
    """A launch whose slices took so long a call; NaN: the cycle was set aside."""
    record = launch(CELL, number, 10 * block + setting, CELL.settings[setting], 1.0)
    known = np.asarray(times)[~np.isnan(times)]
    slices = {"slice_work_s": list(times), "slice_median_s": list(times)}
    return record | slices | {"block": block, "call_s": float(np.median(known)), "cycles": len(times)} | more


def of(*rows: dict[str, Any]) -> Counted:
    """The launches of one setting."""
    return Counted.of(pd.DataFrame(list(rows)))


MACHINE = np.array([1.0, 5.0, 0.2, 3.0, 1.0, 0.5, 9.0, 2.0, 1.0, 1.0])


def test_what_the_machine_does_from_cycle_to_cycle_cancels() -> None:
    pairs = paired(of(row(1, 1, 2 * MACHINE)), of(row(0, 1, 3 * MACHINE)))
    assert np.exp(pairs.log_ratios).tolist() == pytest.approx([1.5])


def test_a_cycle_that_was_set_aside_or_that_one_side_has_not_gives_no_pair() -> None:
    times, base = [2.0, np.nan, 2.0, 2.0, 2.0], [3.0, 100.0, 3.0]
    pairs = paired(of(row(1, 1, times)), of(row(0, 1, base)))
    assert np.exp(pairs.log_ratios).tolist() == pytest.approx([1.5])
    nothing = paired(of(row(1, 1, [2.0, np.nan])), of(row(0, 1, [np.nan, 3.0])))
    assert len(nothing.rounds) == 0


def test_launches_that_were_not_up_together_are_compared_by_what_each_came_to() -> None:
    result, base = of(row(1, 1, [2.0, 2.0, 50.0], block=1)), of(row(0, 1, [3.0, 3.0, 0.1], block=2))
    assert np.exp(paired(result, base).log_ratios).tolist() == pytest.approx([1.5])


def test_a_setting_is_held_against_the_baseline_of_its_own_block() -> None:
    base = of(row(0, 1, [1.0] * 5, block=1), row(0, 1, [10.0] * 5, block=2), row(0, 2, [1.0] * 5, block=1))
    result = of(row(1, 1, [5.0] * 5, block=2), row(1, 2, [0.5] * 5, block=1))
    pairs = paired(result, base)
    assert (pairs.rounds.tolist(), pairs.blocks.tolist()) == ([1, 2], [2, 1])
    assert np.exp(pairs.log_ratios).tolist() == pytest.approx([2.0, 2.0])
    # The other way round there is still one pair a round, though the baseline has two launches in it.
    assert np.exp(paired(base, result).log_ratios).tolist() == pytest.approx([0.5, 0.5])


def test_two_launches_of_a_setting_in_one_block_are_refused() -> None:
    with pytest.raises(AnalysisError, match="second launch of its setting"):
        of(row(1, 1, [1.0]), row(1, 1, [1.0]))


def test_stalls_of_one_setting_alone_are_in_its_ratio_and_the_machine_s_are_not() -> None:
    """A quarter of the time is lost: to a quota, on one side alone, or to the machine, on both."""
    random = np.random.default_rng(1)
    rounds = []
    for number in range(1, 4):
        typical = random.lognormal(0, 0.01, (2, 12))
        stalls = 1 + random.exponential(0.02, (2, 12))
        stalls[1] *= 4 / 3
        rounds += [
            row(setting, number, typical[setting], slice_work_s=list(typical[setting] * stalls[setting]))
            for setting in (0, 1)
        ]
    rows = comparisons(plan_of([TRUTH]), pd.DataFrame(rounds))[0]
    assert rows.by_work
    assert rows.ratio == pytest.approx(0.75, rel=0.02)
    assert rows.stalls == pytest.approx(0.75, rel=0.02)
    alike = [entry | {"slice_work_s": [4 / 3 * time for time in entry["slice_median_s"]]} for entry in rounds]
    (same, _) = comparisons(plan_of([TRUTH]), pd.DataFrame(alike))
    assert not same.by_work
    assert same.ratio == pytest.approx(1, abs=0.01)


def test_a_number_of_the_launch_itself_is_compared_whatever_its_slices_did() -> None:
    result = of(row(1, 1, [1.0] * 3, peak_rss_bytes=2e9))
    base = of(row(0, 1, [9.0] * 3, block=1, peak_rss_bytes=1e9))
    pairs = paired(result, base, METRICS[MetricName.PEAK_MEMORY])
    assert np.exp(pairs.log_ratios).tolist() == pytest.approx([0.5])


def simulated(model: str, rounds: int, experiments: int, effects: Sequence[float]) -> list[list[Comparison]]:
    """The comparisons of many cells whose launches took turns, each a workload of one sweep of its own."""
    slices = take_turns(np.random.default_rng(5), experiments, rounds, 12, MODELS[model], effects)
    written = [ONE, TWO, FOUR, EIGHT][: len(effects)]
    truths = [Truth(f"s{at}", "w", [(entry, 1.0) for entry in written], rounds=rounds) for at in range(experiments)]
    table = []
    for at, truth in enumerate(truths):
        cell = truth.cell()
        for number in range(rounds):
            for index, setting in enumerate(cell.settings):
                typical, work = (np.exp(-entry[at, number, index]) for entry in (slices.typical, slices.work))
                rows = launch(cell, number + 1, index + 1, setting, 1.0)
                times = {"slice_median_s": typical.tolist(), "slice_work_s": work.tolist()}
                table.append(rows | times | {"block": 1, "cycles": 12, "call_s": float(np.median(work))})
    rows = comparisons(plan_of(truths), pd.DataFrame(table))
    return [rows[start : start + len(effects) - 1] for start in range(0, len(rows), len(effects) - 1)]


@pytest.mark.parametrize("model", ["drift", "spells", "tails"])
@pytest.mark.parametrize("rounds", [3, 5])
def test_intervals_cover_the_truth_and_equals_are_rarely_called_different(model: str, rounds: int) -> None:
    """250 cells of four settings, by way of the table of launches, errors shared where they spread alike."""
    effects = (0.0, 0.0, 0.03, -0.02)
    shares = simulated(model, rounds, 250, effects)
    covered = [
        comparison.low <= math.exp(effect) <= comparison.high
        for cell in shares
        for comparison, effect in zip(cell, effects[1:], strict=True)
        if comparison.low is not None and comparison.high is not None
    ]
    assert np.mean(covered) >= 0.93
    assert np.mean([cell[0].verdict.is_difference for cell in shares]) <= 0.06
