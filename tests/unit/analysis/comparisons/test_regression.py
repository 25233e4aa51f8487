"""What is slower is named, and by the exit status; what is not is told with what would have been seen."""

from __future__ import annotations

from pathlib import Path

import pytest

from analysis.comparisons.regression import main
from tests.made.analysed import make_tables
from tests.made.simulated import Noise, SimulatedCell, failed, write_simulated_machine
from workloads.vocabulary.record import Record


def _machine(root: Path, *speeds: float, fails: bool = False) -> None:
    """A workload for each speed of the newer setting against the older one."""
    cells = [
        SimulatedCell("regress", f"w{at}", [{"intra_op": 1}, {"intra_op": 2}], [1.0, speed], 8, "Is it slower?")
        for at, speed in enumerate(speeds)
    ]

    def faults(record: Record) -> Record:
        return failed(record) if fails and record.setting.resolved["intra_op"] == 2 else record

    write_simulated_machine(root, cells, noise=Noise(in_turns=True, launch_sd=0.001, round_sd=0.001), faults=faults)
    make_tables(root)


def _asked(root: Path, sweep: str = "regress") -> int:
    return main(["--results", str(root), "--sweep", sweep])


def test_three_percent_slower_is_a_regression_and_has_its_interval(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _machine(tmp_path, 0.97, 1.0)
    assert _asked(tmp_path) == 1
    first, second, last = capsys.readouterr().out.splitlines()
    assert first.startswith("Slower: w0, intra_op=2 against intra_op=1: 0.9")
    assert second.startswith("Not slower: w1, ")
    assert second.endswith(" would have been seen")
    assert last == f"Report: {tmp_path / 'report.html'}"


def test_faster_and_slower_within_the_margin_are_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _machine(tmp_path, 1.2, 0.99)
    assert _asked(tmp_path) == 0
    assert "Slower" not in capsys.readouterr().out


def test_what_no_longer_runs_is_a_regression(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _machine(tmp_path, 1.0, fails=True)
    assert _asked(tmp_path) == 1
    assert "Slower: w0" in capsys.readouterr().out


def test_a_sweep_that_is_not_there_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _machine(tmp_path, 1.0)
    assert _asked(tmp_path, "other") == 2
    assert "has no comparisons of a sweep other; name another --sweep" in capsys.readouterr().err
