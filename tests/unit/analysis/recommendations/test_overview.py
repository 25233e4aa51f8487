"""The run in one row a workload and one sentence, on launches made from known truth."""

from __future__ import annotations

import math

import pytest

from analysis.comparisons.compare import comparisons
from analysis.comparisons.comparison import of_first_metric
from analysis.recommendations.names import asked
from analysis.recommendations.overview import WorkloadAnswer, average, overview, sentences
from analysis.recommendations.recommend import recommendations, recommended
from tests.made.known_truth import Truth, launches_of, plan_of

DEFAULT = {"intra_op": "default", "inter_op": "default"}


def truth(sweep: str, workload: str, *speeds: float) -> Truth:
    settings = [({"intra_op": number, "inter_op": 1}, speed) for number, speed in enumerate(speeds, start=1)]
    return Truth(sweep, workload, [(DEFAULT, 1.0), *settings], rounds=8)


def answers(*truths: Truth) -> list[WorkloadAnswer]:
    plan, launches = plan_of(truths), launches_of(truths, noise=0.005)
    compared = comparisons(plan, launches)
    rows = [recommended(recommendation) for recommendation in recommendations(plan, compared, [])]
    return overview(asked(plan), rows, of_first_metric(compared), launches)


def said(rows: list[WorkloadAnswer]) -> str:
    return " ".join(sentences(rows))


def test_a_workload_has_one_row_with_its_best_setting_of_all_sweeps_and_its_slowest() -> None:
    rows = answers(truth("pools", "conv", 1.2, 0.7), truth("kernels", "conv", 1.5, 0.4), truth("pools", "lstm", 0.9))
    assert [(row.workload, row.sweep, row.stays) for row in rows] == [
        ("conv", "kernels", False),
        ("lstm", "pools", True),
    ]
    conv, lstm = rows
    assert conv.gain == pytest.approx(1.5, rel=0.02)
    assert conv.worst_ratio == pytest.approx(0.4, rel=0.02)
    assert (conv.tried, conv.faster, conv.slower) == (4, 2, 2)
    assert conv.call_s is not None
    assert conv.default_call_s is not None
    assert conv.default_call_s / conv.call_s == pytest.approx(1.5, rel=0.02)
    assert lstm.best == ""
    assert lstm.worst_ratio == pytest.approx(0.9, rel=0.02)


def test_the_average_counts_the_defaults_as_one_where_they_stay() -> None:
    mean = average(answers(truth("pools", "conv", 1.5), truth("pools", "lstm", 0.9)))
    assert mean is not None
    assert mean.ratio == pytest.approx(math.sqrt(1.5), rel=0.02)
    assert mean.low < math.sqrt(1.5) < mean.high


def test_the_sentence_says_what_to_set_what_it_gains_and_what_the_wrong_choice_costs() -> None:
    words = said(answers(truth("pools", "conv", 1.5), truth("pools", "lstm", 0.9)))
    assert words.startswith("Set intra_op=1 inter_op=1 for conv; keep the defaults for lstm. That gains 1.2")
    assert "on average over 2 workloads" in words
    assert words.endswith(" % of the speed: lstm with intra_op=1 inter_op=1.")


def test_the_sentence_keeps_the_defaults_where_nothing_gains() -> None:
    assert said(answers(truth("pools", "lstm", 0.9))).startswith("Keep the defaults: ")
    assert said(answers(truth("pools", "lstm", 1.0))).endswith("No setting that was tried is slower for sure.")


def test_a_run_that_cannot_say_is_not_told_to_keep_the_defaults() -> None:
    few = Truth("pools", "conv", [(DEFAULT, 1.0), ({"intra_op": 1, "inter_op": 1}, 2.0)], rounds=2)
    (row,) = answers(few)
    assert not row.known
    assert average([row]) is None
    assert said([row]).startswith("This run cannot say which settings to use: not known: ")
    assert said([]) == ""
