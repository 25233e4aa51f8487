"""A launch beyond the time limit was slow, by how much nobody knows: it is no missing one."""

from __future__ import annotations

from pathlib import Path

import pytest

from analysis.comparisons.compare import comparisons
from analysis.comparisons.comparison import Comparison
from analysis.comparisons.pairs import Evidence, UndecidedError, pairs_of
from analysis.comparisons.verdict import Verdict, bounded
from analysis.records.folder import read_records
from analysis.tables.tidy import tidy
from tests.made.simulated import Faults, Noise, SimulatedCell, failed, write_simulated_machine
from workloads.vocabulary.plan import Plan
from workloads.vocabulary.record import Record, Status

ALIKE = SimulatedCell("pools", "matmul", [{"intra_op": None}, {"intra_op": 1}], [1.0, 1.0], rounds=10)


def _slow_ones_time_out(which: int | None) -> Faults:
    """Launches of a setting that are slower than most end at the time limit."""

    def fault(record: Record) -> Record:
        assert record.measurement is not None
        if record.setting.resolved["intra_op"] != which or record.measurement.samples[0] < 0.0203:
            return record
        return failed(record, Status.TIMEOUT, "took longer than 60 s")

    return fault


def _compared(root: Path, seed: int, which: int | None) -> tuple[Plan, Evidence, Comparison]:
    noise = Noise(round_sd=0.001, launch_sd=0.04, sample_sd=0.001)
    plan = write_simulated_machine(root, [ALIKE], seed=seed, noise=noise, faults=_slow_ones_time_out(which))
    launches = tidy(read_records(root, plan), plan).launches
    (comparison,) = comparisons(plan, launches)
    return plan, Evidence(plan, launches, {}), comparison


def _called(root: Path, which: int | None, verdict: Verdict) -> int:
    results = [_compared(root / str(seed), seed, which)[2] for seed in range(60)]
    assert sum(result.failed + result.baseline_timed_out for result in results) > 100
    return sum(result.verdict is verdict for result in results)


def test_a_setting_that_ends_when_it_is_slow_is_not_called_faster(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert _called(tmp_path / "bounded", 1, Verdict.FASTER) <= 0.06 * 60
    monkeypatch.setattr("analysis.comparisons.compare.bounded", lambda verdict, **_: verdict)
    assert _called(tmp_path / "missing", 1, Verdict.FASTER) >= 0.11 * 60


def test_a_baseline_that_ends_when_it_is_slow_makes_no_setting_slower(tmp_path: Path) -> None:
    assert _called(tmp_path, None, Verdict.SLOWER) <= 0.06 * 60


def test_a_claim_on_such_launches_stays_undecided(tmp_path: Path) -> None:
    plan, evidence, comparison = _compared(tmp_path, 1, 1)
    assert comparison.timed_out
    baseline, setting = plan.cells[0].settings
    with pytest.raises(UndecidedError, match="took longer than the time limit"):
        pairs_of(evidence, plan.cells[0], setting, baseline)


@pytest.mark.parametrize(
    ("verdict", "own", "baseline", "expected"),
    [
        (Verdict.SLOWER, True, False, Verdict.SLOWER),
        (Verdict.SLOWER, False, True, Verdict.TIMED_OUT),
        (Verdict.FASTER, False, True, Verdict.FASTER),
        (Verdict.EQUIVALENT, True, False, Verdict.TIMED_OUT),
        (Verdict.UNRESOLVED, True, True, Verdict.UNRESOLVED),
    ],
)
def test_what_the_bound_leaves_open(verdict: Verdict, own: bool, baseline: bool, expected: Verdict) -> None:
    assert bounded(verdict, timed_out=own, baseline_timed_out=baseline) is expected
