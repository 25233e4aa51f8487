"""Who drops out of a race, on slices made by hand and on simulated ones."""

import numpy as np
import pytest

from containers.rounds.race import ALLOWANCE, FIRST_LOOK, Course, Speed, dropped, due
from tests.made.turn_taking import MODELS, take_turns


def course(*speeds: float, work: float = 1.0) -> Course:
    """A launch's slices; `work`: the share of its time that stalls leave."""
    return [Speed(speed, speed * work) for speed in speeds]


def simulated(effects: list[float], cycles: int, seed: int, model: str = "all") -> dict[str, Course]:
    slices = take_turns(np.random.default_rng(seed), 1, 1, cycles, MODELS[model], effects)
    typical, work = np.exp(slices.typical[0, 0]), np.exp(slices.work[0, 0])
    return {
        str(row): [Speed(float(entry), float(all_)) for entry, all_ in zip(typical[row], work[row], strict=True)]
        for row in range(len(effects))
    }


def test_what_is_clearly_slower_drops_out() -> None:
    courses = {"base": course(100, 101, 99), "fast": course(120, 121, 119), "slow": course(90, 91, 89)}
    assert dropped(courses, "base") == ["slow"]


def test_the_baseline_stays_and_so_does_the_best_of_the_others() -> None:
    slower = {"base": course(200, 201, 199), "fast": course(120, 121, 119), "slow": course(90, 91, 89)}
    assert dropped(slower, "base") == ["slow"]
    assert (
        dropped({"fast": course(120, 121, 119), "base": course(90, 91, 89), "b": course(119, 120, 121)}, "base") == []
    )
    assert dropped({"base": course(100, 101, 99), "only": course(50, 51, 49)}, "base") == []


def test_two_launches_of_one_setting_may_differ_by_the_allowance() -> None:
    near = 120 * (1 - ALLOWANCE * 0.9)
    courses = {"base": course(100, 100, 100), "fast": course(120, 120, 120), "near": course(near, near, near)}
    assert dropped(courses, "base") == []


def test_who_is_faster_by_typical_calls_alone_drops_nobody() -> None:
    """A CPU quota holds `stalling` up for half of the time, and its calls in between are the fastest."""
    courses = {
        "base": course(100, 101, 99),
        "stalling": course(150, 151, 149, work=0.5),
        "steady": course(120, 121, 119),
        "slow": course(90, 91, 89),
    }
    assert dropped(courses, "base") == ["slow"]


def test_few_cycles_and_those_set_aside_say_nothing() -> None:
    courses = {"base": course(100, 101), "fast": course(120, 121), "slow": course(90, 91)}
    assert dropped(courses, "base") == []
    aside = {name: [*several, None] for name, several in courses.items()}
    assert dropped(aside, "base") == []
    assert dropped({name: [*several, several[0]] for name, several in aside.items()}, "base") == ["slow"]


def test_looks_are_bounded_by_the_cycles_that_are_planned() -> None:
    assert [cycle for cycle in range(20) if due(cycle, 12)] == [3, 5, 7, 9, 11]
    assert not any(due(cycle, FIRST_LOOK) for cycle in range(20))


@pytest.mark.parametrize("model", sorted(set(MODELS) - {"layout"}))  # whose launches differ by more than is allowed for
def test_of_equal_settings_hardly_any_drops_out(model: str) -> None:
    """100 looks at ten settings that differ in nothing but noise."""
    equal = [dropped(simulated([0.0] * 10, 7, seed, model), "0") for seed in range(100)]
    assert sum(map(len, equal)) <= 0.01 * 100 * 9


@pytest.mark.parametrize("model", MODELS)
def test_a_fifth_of_the_speed_is_soon_seen(model: str) -> None:
    slow = [dropped(simulated([0.0, 0.2, *[0.0] * 8], 5, seed, model), "0") for seed in range(50)]
    assert sum(map(len, slow)) >= 0.8 * 50 * 8
    assert all("1" not in names for names in slow)
