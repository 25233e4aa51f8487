"""What the whole analysis makes of records that no good run writes: an outcome that the report states, no traceback."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from analysis.comparisons.comparison import COMPARISONS, Comparison
from analysis.report import render as report
from tests.made.analysed import make_tables, tidied, written_pages
from tests.made.simulated import Faults, Noise, SimulatedCell, failed, resampled, write_simulated_machine
from workloads.vocabulary.record import Record, to_json

CLAIMS = Path(__file__).parents[3] / "config/claims.yaml"
CELL = SimulatedCell("pools", "matmul", [{"intra_op": None}, {"intra_op": 1}], [1.0, 2.0], rounds=4)


def analyse(root: Path) -> tuple[Comparison, str]:
    """Run all stages but the figures; the one comparison and the report."""
    make_tables(root)
    assert report.main(["--results", str(root)]) == 0
    text = written_pages(root)
    assert not re.search(r"\bnan\b", text, re.IGNORECASE)
    (inputs,) = COMPARISONS.read(root)
    return inputs, text


def outcome(root: Path, faults: Faults = lambda record: record, **changes: object) -> tuple[Comparison, str]:
    write_simulated_machine(root, [replace(CELL, **changes)], faults=faults)  # type: ignore[arg-type]
    return analyse(root)


def is_base(record: Record) -> bool:
    return record.setting.resolved == {"intra_op": None}


def test_rounds_with_a_missing_baseline_give_no_pair(tmp_path: Path) -> None:
    ending, text = outcome(tmp_path, lambda record: None if is_base(record) and record.round == 2 else record)
    assert (ending.pairs, ending.missing, ending.verdict) == (3, 1, "faster")
    assert "| 3 of 4" in text.replace("[", "")
    assert "**This run is not complete:**" in text


def test_a_baseline_that_always_fails_leaves_nothing_to_compare_with(tmp_path: Path) -> None:
    ending, text = outcome(tmp_path, lambda record: failed(record) if is_base(record) else record)
    assert (ending.verdict, ending.ratio) == ("no baseline", None)
    assert "no baseline" in text
    assert "simulated abort" in text


def test_a_run_of_failures_alone_has_a_report_of_holes(tmp_path: Path) -> None:
    ending, text = outcome(tmp_path, failed)
    assert ending.verdict == "not compared: every launch failed"
    assert text[text.index("## Holes") :].count("simulated abort") == 8
    assert text.index("**8 launches failed**") < text.index("**Claims:**")


def test_one_round_gives_no_interval_and_no_verdict(tmp_path: Path) -> None:
    ending, text = outcome(tmp_path, rounds=1)
    assert (ending.verdict, ending.low) == ("not resolved: one round only", None)
    assert "not resolved: one round only" in text


def test_times_without_variance_are_not_tested(tmp_path: Path) -> None:
    write_simulated_machine(tmp_path, [CELL], noise=Noise(0.0, 0.0, 0.0, 20))
    comparison, text = analyse(tmp_path)
    assert (comparison.verdict, comparison.p) == ("not resolved: no variance", None)
    assert "not resolved: no variance" in text


def rewrite(root: Path, change: Callable[[str], str]) -> None:
    """Change the first line of round 1."""
    (file,) = root.glob("rounds/pools/matmul@*/1.jsonl")
    first, *others = file.read_text().splitlines()
    file.write_text("\n".join([change(first), *others]) + "\n")


@pytest.mark.parametrize("time", ["NaN", "-0.02", "0.0", "Infinity"])
def test_times_that_are_no_positive_numbers_make_a_hole(tmp_path: Path, time: str) -> None:
    write_simulated_machine(tmp_path, [CELL])
    rewrite(tmp_path, lambda line: line.replace('"samples":[', f'"samples":[{time},'))
    comparison, text = analyse(tmp_path)
    assert (comparison.pairs, comparison.missing) == (3, 1)
    assert "its times are not all positive numbers" in text


def test_a_clock_that_jumps_is_said_and_the_run_s_length_is_not_known(tmp_path: Path) -> None:
    """The times of calls come from another clock, which does not: the comparison stands."""
    write_simulated_machine(tmp_path, [CELL])
    rewrite(
        tmp_path, lambda line: re.sub(r'"started_at":"[^"]*"', '"started_at":"2026-01-01T10:00:09.000+00:00"', line)
    )
    comparison, text = analyse(tmp_path)
    assert (comparison.pairs, comparison.verdict) == (4, "faster")
    assert "the clock was set during it" in text


def test_two_contents_of_one_image_in_a_sweep_are_not_compared(tmp_path: Path) -> None:
    """So are two versions of the suite, whose code is in the image."""

    def rebuilt(record: Record) -> Record:
        return replace(record, image=replace(record.image, content="sha256:other")) if record.round > 2 else record

    ending, text = outcome(tmp_path, rebuilt)
    assert (ending.verdict, ending.ratio) == ("not compared: two images", None)
    assert "not compared: two images" in text


def test_records_of_another_version_s_format_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plan = write_simulated_machine(tmp_path, [CELL], faults=lambda record: replace(record, format=9))
    assert tidied(tmp_path) == 2
    assert "format 9, and this version reads up to 3" in capsys.readouterr().err
    (tmp_path / "plan.json").write_text(to_json(replace(plan, format=9)))
    assert tidied(tmp_path) == 2
    assert "plan.json: format 9" in capsys.readouterr().err


def test_unsteady_launches_are_counted_and_mark_their_comparison(tmp_path: Path) -> None:
    """A spell of half speed within each launch of one setting."""

    def spells(record: Record) -> Record:
        if is_base(record) or record.measurement is None:
            return record
        samples = [time * (2 if 8 <= index < 16 else 1) for index, time in enumerate(record.measurement.samples)]
        return resampled(record, samples)

    ending, text = outcome(tmp_path, spells)
    assert (ending.unsteady, ending.is_unsteady) == (4, True)
    assert "4 of 8 unsteady, which marks 1 comparison" in text
    assert f"| {ending.verdict} (unsteady) |" in text
