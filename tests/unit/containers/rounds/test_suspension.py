"""Clocks that are set, and machines that sleep: durations and orders do not rest on the time of day."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from containers.launch.in_container import engines_share
from containers.rounds.suspension import suspended_s

ROOT = Path(__file__).parents[4]


@pytest.mark.parametrize(
    ("life_s", "share_s"),
    [(3.6, 0.4), (4.0, 0.0), (-3600.0, 4.0), (3600.0, 0.0)],
    ids=["as ever", "no overhead", "set back by an hour", "set forward by an hour"],
)
def test_a_clock_that_is_set_in_mid_launch_gives_no_impossible_times(life_s: float, share_s: float) -> None:
    assert engines_share(4.0, life_s) == share_s


def test_durations_are_taken_from_a_clock_that_nobody_can_set() -> None:
    """The time of day is written down and never subtracted."""
    for path in [*ROOT.glob("containers/**/*.py"), *ROOT.glob("workloads/**/*.py")]:
        assert not re.search(r"\btime\.time\(|\btime\.time_ns\(", path.read_text()), path


def test_a_machine_that_slept_since_its_start_or_did_not() -> None:
    assert suspended_s() >= -0.001
    assert suspended_s() == pytest.approx(suspended_s(), abs=0.01)
