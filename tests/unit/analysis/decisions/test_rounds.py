"""What a cell's rounds say, and what they took."""

import numpy as np
import pandas as pd
import pytest

from analysis.decisions.rounds import Rounds, together_s


def launches(*spans: tuple[str, float]) -> pd.DataFrame:
    """Launches that start at a second of one hour and take so many seconds."""
    return pd.DataFrame(
        {
            "started_at": [f"2026-01-01T10:{start}.000+00:00" for start, _ in spans],
            "wall_s": [seconds for _, seconds in spans],
        }
    )


def test_launches_that_live_side_by_side_take_their_time_once() -> None:
    assert together_s(launches(("00:00", 10), ("00:02", 3), ("00:05", 10))) == pytest.approx(15)


def test_a_gap_between_launches_is_nobody_s_time() -> None:
    assert together_s(launches(("30:00", 4), ("00:00", 10))) == pytest.approx(14)
    assert together_s(launches()) == 0


def test_a_further_launch_may_take_what_one_took_at_most() -> None:
    asked = np.array([[True, True], [True, True], [True, False], [True, False]])
    ratios = np.zeros(asked.shape)
    rounds = Rounds(["0", "1", "2", "3"], 0, asked, ~asked, ratios, np.array([40.0, 30.0]))
    assert (rounds.number, rounds.spent_s, rounds.launch_s) == (2, 70, 15)
