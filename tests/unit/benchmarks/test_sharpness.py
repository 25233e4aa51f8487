"""What the benchmarks of sharpness ask for, and how they judge what came of it; nothing is measured here."""

import math
from dataclasses import replace

import pytest

from analysis.comparisons.comparison import Comparison
from analysis.comparisons.verdict import Verdict
from benchmarks import aa_pairs, against_pyperf
from benchmarks.aa_pairs import Pair, misses
from benchmarks.against_pyperf import Taken, rms, rounds_within
from containers.plan.config import RoundsConfig, validate
from tests.unit.containers.plan.test_make import plan

COMPARISON = Comparison(
    sweep="aa-branches-1",
    workload="branches",
    definition="0",
    setting="b",
    label="b",
    baseline="a",
    baseline_label="a",
    rounds=5,
    pairs=5,
    missing=0,
    verdict=Verdict.UNRESOLVED,
    ratio=1.0,
    low=0.995,
    high=1.005,
)


def pair(sweep: str = "aa-branches-1", verdict: Verdict = Verdict.UNRESOLVED, seconds: float = 100.0) -> Pair:
    return Pair(replace(COMPARISON, sweep=sweep, verdict=verdict), seconds)


def test_each_pair_has_a_sweep_and_minutes_of_its_own() -> None:
    content = aa_pairs.config(aa_pairs.WORKLOADS, 5, 10)
    sweeps = validate(content).sweeps
    assert len(sweeps) == 20 + 20
    assert all(len(cell.settings) == 2 for cell in plan(aa_pairs.config(["branches"], 2, 1)).cells)
    rounds = sweeps["slower-3-10"].rounds
    assert isinstance(rounds, RoundsConfig)
    assert rounds.budget_minutes == 1.5


def test_more_rounds_of_a_pair_are_those_on_file_and_further_ones() -> None:
    few, many = (plan(against_pyperf.config("branches", 2, rounds)) for rounds in (3, 9))
    assert [cell.directory for cell in few.cells] == [cell.directory for cell in many.cells]


def test_a_pair_that_is_late_or_wide_is_a_miss() -> None:
    assert list(misses([pair()])) == []
    assert list(misses([pair(seconds=106)])) == ["aa-branches-1: ± 0.50 % in 106 s"]
    wide = Pair(replace(COMPARISON, high=1.02), 100.0)
    assert list(misses([wide])) == ["aa-branches-1: ± 1.25 % in 100 s"]


def test_one_false_alarm_in_ten_pairs_is_borne() -> None:
    ten = [pair(verdict=Verdict.FASTER), *[pair()] * 9]
    assert list(misses(ten)) == []
    assert list(misses(ten[:9])) == ["1 of 9 A/A pairs are called different"]


@pytest.mark.parametrize(("extra", "seconds", "seen", "missed"), [(1, 170, 9, 0), (1, 170, 8, 1), (3, 100, 10, 1)])
def test_slowdowns_have_to_be_seen_in_time(extra: int, seconds: float, seen: int, missed: int) -> None:
    ten = [
        pair(f"slower-{extra}-{number}", Verdict.SLOWER if number < seen else Verdict.UNRESOLVED, seconds)
        for number in range(10)
    ]
    assert len(list(misses(ten))) == missed


def test_both_have_the_same_time() -> None:
    by_suite = [Taken(0.001, 45.0), Taken(-0.002, 30.0)]
    assert rounds_within(160.0, by_suite, 3) == 10
    assert rounds_within(20.0, by_suite, 3) == 3
    assert rms(by_suite) == pytest.approx(math.sqrt(5e-6 / 2))
