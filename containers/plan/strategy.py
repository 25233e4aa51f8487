"""How many rounds each cell gets: a number, rounds until intervals are narrow, or a search under a budget. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from containers.plan.config import Config, RoundsConfig, SweepConfig
from workloads.vocabulary.errors import ConfigError
from workloads.vocabulary.plan import LOOK_EVERY, Adaptive, AdaptiveBy, Cell

# What a search takes: a race that drops settings, and rounds that confirm what is left.
FEWEST_SETTINGS, FEWEST_ROUNDS = 5, 4

_MINUTE_S = 60.0


def with_strategies(config: Config, cells: Sequence[Cell]) -> list[Cell]:
    """The cells, each with its number of rounds and the rule for those beyond the first ones.

    Raises ConfigError for keys of a sweep that contradict each other, and for a search that is too small.
    """
    for name, sweep in config.sweeps.items():
        _check(name, sweep)
    # The config's own budget is one for all sweeps that go by it.
    shares: Counter[str] = Counter()
    for cell in cells:
        shares[_pot(config, cell)] += len(cell.settings)
    return [_with_strategy(config, cell, len(cell.settings) / shares[_pot(config, cell)]) for cell in cells]


def _check(name: str, sweep: SweepConfig) -> None:
    place = f"config: sweeps.{name}"
    if sweep.strategy == "search" and sweep.minutes is None:
        raise ConfigError(f"{place}: a search needs a budget", "give it `minutes`")
    if sweep.strategy == "grid" and sweep.minutes is not None:
        raise ConfigError(f"{place}.minutes is the budget of a search", "add `strategy: search`, or leave it out")
    if sweep.strategy == "search" and isinstance(sweep.rounds, RoundsConfig):
        raise ConfigError(
            f"{place}: a search ends by its `minutes`", "give its `rounds` as a number, the most that it takes"
        )


def most_rounds(config: Config, sweep: SweepConfig) -> int:
    """How many rounds a sweep's cells have at most."""
    rounds = config.rounds if sweep.rounds is None else sweep.rounds
    return rounds.at_most if isinstance(rounds, RoundsConfig) else rounds


def _pot(config: Config, cell: Cell) -> str:
    """Whose budget a cell takes from: its sweep's, by name, or the config's own, which has none."""
    sweep = config.sweeps[cell.sweep]
    return "" if sweep.strategy == "grid" and sweep.rounds is None else cell.sweep


def _with_strategy(config: Config, cell: Cell, share: float) -> Cell:
    sweep = config.sweeps[cell.sweep]
    if sweep.strategy == "search":
        return _searched(sweep, cell, share)
    if isinstance(sweep.rounds, RoundsConfig):
        return _until_narrow(sweep.rounds, cell, share, f"sweeps.{cell.sweep}.rounds")
    if sweep.rounds is None and isinstance(config.rounds, RoundsConfig):
        return _until_narrow(config.rounds, cell, share, "rounds")
    return cell


def _until_narrow(rounds: RoundsConfig, cell: Cell, share: float, place: str) -> Cell:
    if rounds.at_least > rounds.at_most:
        raise ConfigError(f"config: {place}: at_least is {rounds.at_least}, more than at_most, {rounds.at_most}")
    budget_s = None if rounds.budget_minutes is None else share * rounds.budget_minutes * _MINUTE_S
    rule = Adaptive(AdaptiveBy.WIDTH, rounds.at_least, LOOK_EVERY, rounds.at_most, budget_s, rounds.until)
    return replace(cell, adaptive=rule)


def _searched(sweep: SweepConfig, cell: Cell, share: float) -> Cell:
    place = f"config: sweeps.{cell.sweep}"
    if len(cell.settings) < FEWEST_SETTINGS:
        raise ConfigError(
            f"{place}: {len(cell.settings)} settings are too few to search, which takes {FEWEST_SETTINGS}",
            "write `strategy: grid`",
        )
    if cell.rounds < FEWEST_ROUNDS:
        raise ConfigError(f"{place}: a search takes {FEWEST_ROUNDS} rounds or more", "raise the sweep's `rounds`")
    assert sweep.minutes is not None  # checked with the sweep
    rule = Adaptive(
        AdaptiveBy.SEARCH, first=1, step=cell.rounds, most=cell.rounds, budget_s=share * sweep.minutes * _MINUTE_S
    )
    return replace(cell, adaptive=rule)
