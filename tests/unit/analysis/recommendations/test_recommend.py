"""What is recommended, on launches made from known truth."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from analysis.comparisons.compare import comparisons
from analysis.recommendations.names import asked, files
from analysis.recommendations.recommend import Recommendation, recommendations, usable
from tests.made.known_truth import Truth, launches_of, plan_of

DEFAULT = {"intra_op": "default", "inter_op": "default"}
SPEEDS = [(DEFAULT, 1.0), ({"intra_op": 1, "inter_op": 2}, 1.3), ({"intra_op": 2, "inter_op": 1}, 0.7)]


def recommended(*truths: Truth, noise: float = 0.01, rows: pd.DataFrame | None = None) -> list[Recommendation]:
    launches = launches_of(truths, noise=noise) if rows is None else rows
    return recommendations(plan_of(truths), comparisons(plan_of(truths), launches), [])


def test_a_better_setting_is_recommended_with_a_gain_that_holds_the_truth() -> None:
    (result,) = recommended(Truth("pools", "conv", SPEEDS, rounds=8))
    assert result.setting.written == {"intra_op": 1, "inter_op": 2}
    assert result.low is not None
    assert result.high is not None
    assert 1 < result.low < 1.3 < result.high
    assert result.regret == 1.0


@pytest.mark.parametrize(("speed", "stays"), [(1.01, True), (1.04, False)])
def test_a_gain_below_two_per_cent_is_no_reason_to_set_anything_however_sure_it_is(speed: float, stays: bool) -> None:
    speeds = [(DEFAULT, 1.0), ({"intra_op": 1, "inter_op": 2}, speed)]
    (result,) = recommended(Truth("pools", "conv", speeds, rounds=8), noise=0.001)
    low = result.rival_low if stays else result.low
    assert (result.stays, low is not None and low > 1) == (stays, True)


def test_the_defaults_stay_where_nothing_is_shown_to_be_better() -> None:
    worse = [(DEFAULT, 1.0), ({"intra_op": 1, "inter_op": 2}, 0.8)]
    same = [(DEFAULT, 1.0), ({"intra_op": 1, "inter_op": 2}, 1.0), ({"intra_op": 2, "inter_op": 1}, 1.0)]
    for speeds in (worse, same):
        (result,) = recommended(Truth("pools", "conv", speeds, rounds=8), noise=0.03)
        assert result.setting.id == result.cell.baseline
        assert result.gain == 1.0


def test_luck_is_not_recommended() -> None:
    """Of six settings that are all as fast, the luckiest is well above 1 on the rounds that chose it."""
    settings = [(DEFAULT, 1.0), *(({"intra_op": n, "inter_op": 1}, 1.0) for n in range(1, 7))]
    wrong = 0
    for seed in range(40):
        truth = Truth("pools", "conv", settings, rounds=6)
        (result,) = recommended(truth, rows=launches_of([truth], noise=0.05, seed=seed))
        wrong += result.setting.id != result.cell.baseline
    assert wrong <= 6


def test_too_few_rounds_and_failed_settings_are_said() -> None:
    (few,) = recommended(Truth("pools", "conv", SPEEDS, rounds=2))
    assert few.gain is None
    assert "too few" in few.words
    truth = Truth("pools", "conv", SPEEDS, rounds=8)
    rows = launches_of([truth], noise=0.01)
    failed = rows["setting"] == truth.cell().settings[1].id
    (result,) = recommended(truth, rows=rows.assign(status=rows["status"].mask(failed, "timeout")))
    assert result.setting.id == result.cell.baseline
    (none,) = recommended(truth, rows=rows.assign(status="timeout"))
    assert none.words.startswith("not known: ")


def test_only_cells_with_the_defaults_for_a_baseline_are_asked() -> None:
    plan = plan_of([Truth("pools", "conv", SPEEDS), Truth("onednn", "conv", [({"X": "1"}, 1.0), ({"X": "0"}, 0.5)])])
    assert [cell.sweep for cell in asked(plan)] == ["pools"]
    assert {Path(file).name.partition(".")[0] for file in files(plan)} == {"pools-conv"}


@pytest.mark.parametrize(
    ("settings", "variables", "words"),
    [
        ({"intra_op": 1, "inter_op": 2}, ["TF_NUM_INTRAOP_THREADS=1", "TF_NUM_INTEROP_THREADS=2"], ""),
        ({"OMP_NUM_THREADS": "1", "env:MINE": "x"}, ["OMP_NUM_THREADS=1", "MINE=x"], ""),
        ({"cpus": 1, "jit_compile": True}, [], "cpus=1"),
    ],
)
def test_a_setting_becomes_a_file_for_the_engine(settings: dict[str, object], variables: list[str], words: str) -> None:
    plain = dict.fromkeys(settings, "default")
    truth = Truth("pools", "conv", [(plain, 1.0), (settings, 1.5)], rounds=8)
    plan = plan_of([truth])
    (result,) = recommended(truth)
    files = usable(replace(result, cell=plan.cells[0]), plan, cpus=[0, 1]).files
    lines = files[".env"].splitlines()
    assert [line for line in lines if not line.startswith("#")] == variables
    assert words in files[".env"]
    assert all(re.fullmatch(r"[A-Za-z_]\w*=[^ ]*", line) for line in variables)
    assert "--env-file recommended/pools-conv.env" in files[".sh"]
    assert "threadmark/cpu:0 python3 -m workloads.harness.timed_run \\\n  '{" in files[".sh"]


def test_a_setting_of_which_launches_fail_is_not_recommended_however_fast_the_others_are() -> None:
    """It aborts in seven of ten launches, and is a third faster in the rest."""
    truth = Truth("pools", "conv", [SPEEDS[0], ({"intra_op": 2, "inter_op": 2}, 1.05), SPEEDS[1]], rounds=10)
    launches = launches_of([truth])
    fast = launches["setting"] == plan_of([truth]).cells[0].settings[2].id
    launches.loc[fast & (launches["round"] > 3), "status"] = "aborted"
    plan = plan_of([truth])
    (result,) = recommendations(plan, comparisons(plan, launches), [])
    assert result.setting.label == plan.cells[0].settings[1].label
    launches.loc[launches["setting"] == plan.cells[0].settings[1].id, "status"] = "aborted"
    (result,) = recommendations(plan, comparisons(plan, launches), [])
    assert result.stays
    assert "7 of its launches failed" in result.words


def test_what_differs_in_nothing_is_not_recommended_however_fast_it_looks() -> None:
    truth = Truth("pools", "conv", [(DEFAULT, 1.0), SPEEDS[1]], rounds=10)
    plan = plan_of([truth])
    cell = plan.cells[0]
    (result,) = recommendations(
        plan, comparisons(plan, launches_of([truth])), [], {(cell.definition, cell.settings[1].id)}
    )
    assert result.stays
    assert "nothing" in result.words or "anything" in result.words


def test_no_recommendation_names_what_nothing_reads() -> None:
    speeds = [({}, 1.0), ({"intra_op": 1, "KMP_AFFINITY": "compact"}, 1.3), ({"intra_op": 2}, 0.9)]
    truth = Truth("pools", "conv", speeds, rounds=8)
    plan, launches = plan_of([truth]), launches_of([truth], noise=0.01)
    inert = {("cpu", "KMP_AFFINITY", "compact")}
    (named,) = recommendations(plan, comparisons(plan, launches), [])
    (read,) = recommendations(plan, comparisons(plan, launches), [], inert=inert)
    assert named.setting.label == "intra_op=1 KMP_AFFINITY=compact"
    assert read.setting.label == "intra_op=1"
    assert (read.setting.id, read.gain) == (named.setting.id, named.gain)
    assert "KMP_AFFINITY" not in "".join(usable(read, plan, [0, 1]).files.values())


def test_a_gain_no_larger_than_a_false_one_of_its_sweep_is_no_reason_to_set_anything() -> None:
    speeds = [({}, 1.0), ({"intra_op": 1}, 1.06), ({"env:NOTHING": "a"}, 0.9)]
    truth = Truth("pools", "conv", speeds, rounds=8)
    plan = plan_of([truth])
    compared = comparisons(plan, launches_of([truth], noise=0.002))
    control = {(plan.cells[0].definition, plan.cells[0].settings[2].id)}
    (trusting,) = recommendations(plan, [row for row in compared if row.ratio and row.ratio > 1], [])
    (wary,) = recommendations(plan, compared, [], control)
    assert (trusting.stays, wary.stays) == (False, True)
    assert wary.rival is not None
