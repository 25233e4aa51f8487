"""A search finds a good setting within its minutes, and does not promise more than it knows."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from analysis.decisions.rounds import Rounds
from analysis.decisions.search import CONFIRMING, REGRET, decide
from analysis.decisions.search_result import SearchResult, near_best, result
from containers.plan.strategy import FEWEST_ROUNDS
from tests.made.racing import RacingMachine, search
from tests.made.turn_taking import MODELS
from workloads.vocabulary.plan import Adaptive, AdaptiveBy, Cell
from workloads.vocabulary.record import Limits, Setting, Timing

SETTINGS, MINUTES = 36, 5.0
SURFACES = ("peak", "flat", "lone", "ladder", "pools")
NAN = math.nan


def surface(kind: str, settings: int, seed: int) -> NDArray[np.float64]:
    """Log-speeds over the baseline's, by what grids of thread settings look like, and worse."""
    random = np.random.default_rng(seed)
    place = np.linspace(0, 1, settings)
    if kind == "peak":
        centre, width = random.uniform(), random.uniform(0.1, 0.5)
        value = 0.6 * np.exp(-(((place - centre) / width) ** 2)) + random.normal(0, 0.02, settings)
    elif kind == "flat":
        value = random.normal(0, 0.015, settings)
    elif kind == "lone":
        value = np.zeros(settings)
        value[random.integers(1, settings)] = 0.05
    elif kind == "ladder":
        value = random.permutation(np.linspace(-0.4, 0.3, settings))
    else:
        side = np.arange(settings) // 6 / 5, np.arange(settings) % 6 / 5
        centre, width = random.uniform(size=2), random.uniform(0.2, 1, 2)
        bowl = 0.5 * ((side[0] - centre[0]) / width[0]) ** 2 + 0.3 * ((side[1] - centre[1]) / width[1]) ** 2
        value = random.normal(0, 0.01, settings) - bowl
    return np.asarray(value - value[0])


def rule(minutes: float = MINUTES, most: int = 20) -> Adaptive:
    return Adaptive(AdaptiveBy.SEARCH, first=1, step=most, most=most, budget_s=60 * minutes)


def machine(effects: NDArray[np.float64], seed: int = 1, model: str = "all") -> RacingMachine:
    return RacingMachine(effects, MODELS[model], np.random.default_rng(seed))


def outcome(here: RacingMachine, by: Adaptive) -> SearchResult:
    several = [Setting(str(number), {"n": number}, {"n": number}) for number in range(len(here.effects))]
    timing, limits = Timing(0.1, 0.1, 3, 0.01), Limits(2**30, 64, 60.0)
    cell = Cell(
        *("search", "Which?", "matmul", "matmul", {}, several, "0", by.most, "abcdef01", timing, limits, 1), adaptive=by
    )
    return result(cell, here.rounds)


@pytest.mark.parametrize("model", ["stalls", "spells", "all"])
def test_of_36_settings_the_best_or_one_as_good_is_found_in_five_minutes(model: str) -> None:
    """100 searches on five kinds of surfaces; a launch takes 3 s to start, two at a time, and memory holds eighteen."""
    regrets, spent, covered, sure = [], [], [], []
    for seed in range(100):
        effects = surface(SURFACES[seed % len(SURFACES)], SETTINGS, seed)
        here = machine(effects, seed, model)
        search(here, rule())
        ending = outcome(here, rule())
        regrets.append(1 - math.exp(effects[int(ending.setting)] - effects.max()))
        spent.append(here.rounds.spent_s)
        assert ending.low is not None
        assert ending.high is not None
        covered.append(math.log(ending.low) <= effects[int(ending.left)] <= math.log(ending.high))
        assert ending.near_best is not None
        sure.append(ending.near_best)
    assert np.mean(np.array(regrets) <= REGRET) >= 0.95
    assert max(spent) <= 60 * MINUTES
    # What it says of itself: intervals cover, and it is at least as often near the best as it says.
    assert np.mean(covered) >= 0.9
    assert np.mean(sure) <= np.mean(np.array(regrets) <= 0.02)


def test_a_setting_that_is_fast_between_stalls_is_not_taken_for_the_best() -> None:
    """A CPU quota holds it up for 40 % of its time; its typical calls are the fastest."""
    for seed in range(10):
        here = machine(surface("ladder", 12, seed), seed, "stalls")
        here.effects[3] = here.effects.max() + 0.1
        here.own_stalls = {3: 0.4}
        best = int(np.argmax(np.delete(here.effects, 3)))
        search(here, rule())
        assert outcome(here, rule()).setting == str(best + (best >= 3))


def test_the_same_rounds_give_the_same_decisions() -> None:
    first, again = (search(machine(surface("peak", 24, 3)), rule()) for _ in range(2))
    assert first == again


def rounds(*asked: list[float], spent_s: float = 30.0, dropped: tuple[int, ...] = ()) -> Rounds:
    """Rounds given as the log-ratios of all settings, NaN: not asked; `dropped` are rows that left the last race."""
    ratios = np.array(asked).T
    out = np.zeros(ratios.shape, dtype=bool)
    out[list(dropped), -1] = True
    ids = [str(row) for row in range(len(ratios))]
    return Rounds(ids, 0, ~np.isnan(ratios), out, ratios, np.full(ratios.shape[1], spent_s / ratios.shape[1]))


def test_who_left_the_race_or_lies_behind_does_not_come_again() -> None:
    decision = decide(rounds([0.0, 0.30, 0.29, 0.31, 0.1, 0.0], dropped=(4,)), rule())
    assert (decision.rounds, decision.settings) == (1, ["1", "2", "3", "0"])
    assert decision.reason == "3 of 4 candidates are left"


def test_it_ends_where_nothing_can_be_more_than_a_per_cent_faster_and_the_best_is_confirmed() -> None:
    known = [[0.0, 0.300, 0.301], [0.0, 0.302, 0.301], [0.0, 0.300, 0.302]]
    decision = decide(rounds(*known), rule())
    assert (decision.rounds, decision.settings) == (CONFIRMING, ["2", "0"])
    assert "none of which can be more than 1 % faster" in decision.reason
    alone = [0.0, NAN, 0.3]
    last = decide(rounds(*known, alone), rule())
    assert (last.rounds, last.reason) == (0, "the setting that was left had rounds of its own")


def test_the_one_that_is_left_is_confirmed() -> None:
    decision = decide(rounds([0.0, 0.1, 0.3]), rule())
    assert (decision.rounds, decision.settings) == (CONFIRMING, ["2", "0"])
    # Nothing that chose it is in the gain.
    here = machine(surface("ladder", 24, 1))
    search(here, rule())
    assert outcome(here, rule()).confirming == CONFIRMING


def test_what_the_budget_holds_goes_to_confirming_the_best() -> None:
    near = [0.0, 0.30, 0.29, 0.31, 0.1, 0.0]
    short = decide(rounds(near, spent_s=60.0), rule(minutes=1.7))
    assert (short.rounds, short.settings) == (2, ["3", "0"])
    assert "the budget holds no more rounds of them" in short.reason
    spent = decide(rounds(near, spent_s=60.0), rule(minutes=1.2))
    assert spent.rounds == 0
    assert spent.reason.endswith("and the budget is spent")
    here = machine(surface("peak", 24, 1))
    search(here, rule(minutes=0.5))
    ending = outcome(here, rule(minutes=0.5))
    assert (ending.gain, ending.low, ending.confirming) == (None, None, 0)


def test_where_nothing_is_faster_the_baseline_is_best() -> None:
    here = machine(np.array([0.0, *[-0.3] * 23]))
    search(here, rule())
    ending = outcome(here, rule())
    assert ending.setting == "0"
    assert ending.gain is not None
    assert ending.gain < 1


def test_settings_that_fail_fall_out_and_a_round_without_any_time_is_made_again() -> None:
    ratios = rounds([0.0, 0.1, NAN, 0.12, 0.11, 0.1])
    ratios.asked[:] = True
    assert sorted(decide(ratios, rule()).settings) == ["0", "1", "3", "4", "5"]
    ratios.log_ratios[:] = NAN  # the baseline's launch failed: no ratio is known
    again = decide(ratios, rule())
    assert (again.rounds, sorted(again.settings)) == (1, [str(number) for number in range(6)])
    assert decide(ratios, rule(minutes=0.1)).reason == "no candidate gave a time, and the budget is spent"


def test_a_search_with_the_fewest_rounds_still_confirms_what_it_found() -> None:
    here, by = machine(surface("peak", 60, 2)), rule(minutes=60, most=FEWEST_ROUNDS)
    search(here, by)
    assert outcome(here, by).confirming >= 2


def test_how_sure_it_is_follows_from_leads_and_spread() -> None:
    ratios = [[0.0] * 4, [0.30, 0.31, 0.29, 0.30], [0.299, 0.301, 0.30, 0.302]]
    several = rounds(*np.array(ratios).T.tolist())
    certain = near_best(several, 1)
    assert certain is not None
    assert certain > 0.99
    assert near_best(several, 0) == pytest.approx(0, abs=1e-3)
    assert near_best(rounds([0.0, 0.3, 0.29]), 1) is None
