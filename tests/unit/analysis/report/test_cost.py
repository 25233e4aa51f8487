"""How much of the wall time of measuring was timed, on launches with known times of day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pandas as pd

from analysis.report.cost import cost

PHASES = ("engine_s", "start_s", "import_s", "build_s", "first_call_s", "check_s", "warmup_s", "waiting_s")


SLICES = pd.DataFrame({"calls": [10, 30], "work_s": [0.05, 0.05]})


def launches(*starts: float) -> pd.DataFrame:
    """Launches of 4 s, of which 1 s is timed, that start so many seconds after ten o'clock."""
    ten = datetime(2026, 1, 1, 10, tzinfo=UTC)
    stamps = [(ten + timedelta(seconds=start)).isoformat(timespec="milliseconds") for start in starts]
    rows = pd.DataFrame({"started_at": stamps, "wall_s": 4.0, "timing_s": 1.0, "definition": "0", "round": 1})
    rows["block"] = range(1, len(rows) + 1)
    return rows.assign(**dict.fromkeys(PHASES, 0.0))


def test_pauses_between_launches_are_part_of_measuring() -> None:
    result = cost(launches(0, 5, 60), SLICES)
    assert (result.timed_s, result.wall_s, result.measuring_s, result.interruptions) == (2, 12, 64, 0)


def test_launches_are_taken_in_the_order_of_time_not_of_the_table() -> None:
    assert cost(launches(60, 0, 5), SLICES).measuring_s == 64


def test_a_run_that_was_taken_up_again_is_charged_without_the_interruption() -> None:
    result = cost(launches(0, 5, 7200, 7210), SLICES)
    assert (result.measuring_s, result.interruptions, result.interrupted_s) == (9 + 14, 1, 7191)


def test_a_clock_that_was_set_back_leaves_the_time_unknown() -> None:
    """Launches of two blocks never overlap; where their times do, one of them is wrong."""
    assert cost(launches(0, 5, 7), SLICES).measuring_s is None


def test_launches_of_one_block_are_up_at_the_same_time() -> None:
    rows = launches(0, 5, 7)
    rows["block"] = [1, 2, 2]
    assert (cost(rows, SLICES).measuring_s, cost(rows, SLICES).wall_s) == (11, 12)


def test_times_of_day_that_cannot_be_read_are_left_out() -> None:
    rows = launches(0, 5)
    rows.loc[1, "started_at"] = "noon"
    assert cost(rows, SLICES).measuring_s == 4
    assert cost(rows.iloc[:0], SLICES.iloc[:0]).measuring_s is None
