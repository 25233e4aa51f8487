"""How many rounds a config gives to each cell, and by which rule."""

import copy
from typing import Any

import pytest

from tests.unit.containers.plan.test_config import minimal
from tests.unit.containers.plan.test_make import host, plan
from workloads.vocabulary.errors import ConfigError
from workloads.vocabulary.plan import Adaptive, AdaptiveBy

NARROW = {"until": 0.03, "at_least": 6, "at_most": 20, "budget_minutes": 30}


def config(*sweeps: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """The minimal config with these sweeps in place of its own, named a, b, c."""
    content = copy.deepcopy(minimal()) | changes
    own = content["sweeps"].pop("threads")
    content["sweeps"] = {name: own | sweep for name, sweep in zip("abc", sweeps, strict=False)}
    return content


def test_without_a_word_about_it_rounds_are_fixed() -> None:
    cell = plan(minimal()).cells[0]
    assert (cell.rounds, cell.certain, cell.due, cell.adaptive) == (2, 2, None, None)


def test_rounds_are_the_config_s_unless_a_sweep_says_otherwise() -> None:
    cells = plan(config({}, {"rounds": 9}, {"rounds": {"until": 0.01}}, rounds=NARROW)).cells
    assert [cell.rounds for cell in cells] == [20, 9, 30]
    assert cells[0].adaptive == Adaptive(AdaptiveBy.WIDTH, 6, 2, 20, 1800.0, 0.03)
    assert cells[1].adaptive is None
    assert cells[2].adaptive == Adaptive(AdaptiveBy.WIDTH, 3, 2, 30, None, 0.01)


def test_a_budget_is_shared_by_the_number_of_settings() -> None:
    several = {"workloads": ["matmul", "large"], "grid": {"intra_op": [1, 2]}}
    alone = {"grid": {"intra_op": [1, 2, 3, 4]}}
    content = config(several, alone, alone | {"rounds": NARROW}, rounds=NARROW)
    content["workloads"]["large"] = {"module": "matmul", "params": {"n": 128}}
    budgets = [cell.adaptive.budget_s for cell in plan(content).cells if cell.adaptive]
    assert budgets == [450.0, 450.0, 900.0, 1800.0]


def test_a_search_starts_with_one_round_of_all_and_keeps_to_its_minutes() -> None:
    content = config({"strategy": "search", "minutes": 20, "rounds": 10, "grid": {"intra_op": [1, 2, 3, 4, 5]}})
    cell = plan(content, host(8)).cells[0]
    assert (cell.certain, cell.rounds) == (1, 10)
    assert cell.adaptive == Adaptive(AdaptiveBy.SEARCH, first=1, step=10, most=10, budget_s=1200.0)


def test_a_search_without_rounds_of_its_own_takes_the_most_of_the_config() -> None:
    content = config({"strategy": "search", "minutes": 20, "grid": {"intra_op": [1, 2, 3, 4, 5]}}, rounds=NARROW)
    cell = plan(content, host(8)).cells[0]
    assert cell.adaptive == Adaptive(AdaptiveBy.SEARCH, first=1, step=20, most=20, budget_s=1200.0)


@pytest.mark.parametrize(
    ("sweep", "changes", "says"),
    [
        ({"strategy": "search"}, {}, "sweeps.a: a search needs a budget; give it `minutes`"),
        ({"minutes": 3}, {}, "sweeps.a.minutes is the budget of a search"),
        ({"strategy": "search", "minutes": 3, "rounds": NARROW}, {}, "give its `rounds` as a number"),
        ({"strategy": "search", "minutes": 3}, {"rounds": 10}, "2 settings are too few to search"),
        (
            {"strategy": "search", "minutes": 3, "grid": {"intra_op": [1, 2, 3, 4, 5]}},
            {},
            "a search takes 4 rounds or more",
        ),
        ({"rounds": NARROW | {"at_most": 5}}, {}, "config: sweeps.a.rounds: at_least is 6, more than at_most, 5"),
        ({}, {"rounds": {"until": 0.1, "at_least": 31}}, "config: rounds: at_least is 31, more than at_most, 30"),
    ],
)
def test_what_contradicts_itself_is_refused(sweep: dict[str, Any], changes: dict[str, Any], says: str) -> None:
    with pytest.raises(ConfigError) as caught:
        plan(config(sweep, **changes), host(8))
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_rule_is_no_part_of_what_was_measured() -> None:
    fixed, narrow = plan(config({})).cells[0], plan(config({}, rounds=NARROW)).cells[0]
    assert fixed.definition == narrow.definition
    other = plan(config({}, rounds=NARROW | {"until": 0.01})).cells[0]
    assert narrow.directory == other.directory
    assert narrow.decision(6) != other.decision(6)


def test_outside_the_container_is_a_hole_with_its_reason_where_it_cannot_be() -> None:
    from dataclasses import replace

    bare = {"grid": {"container": [True, False]}, "baseline": {"container": True}}
    here = plan(config(bare)).cells[0]
    assert [setting.resolved for setting in here.settings] == [{"container": True}, {"container": False}]
    elsewhere = plan(config(bare), replace(host(), bare_reason="only root can"))
    assert elsewhere.cells == []
    assert elsewhere.holes[-1].reason == "it runs outside the container, and only root can"


@pytest.mark.parametrize(
    ("sweep", "says"),
    [
        ({"grid": {"container": ["no"]}, "baseline": {"container": "no"}}, "'no' is neither true nor false"),
        (
            {"grid": {"container": [True, False]}, "baseline": {"container": True}, "fixed": {"cpu_quota": 50}},
            "quota and GPU come from the container engine",
        ),
    ],
)
def test_what_only_a_container_can_have_is_refused_outside(sweep: dict[str, Any], says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        plan(config(sweep))
